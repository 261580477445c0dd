"""How senders sign: the catalogue of schemes, the verdict on a message, the headers that earn a good one.

This is what other rooms use. Pure: no I/O, and no clock but the default of ``verify`` and ``sign``.
"""

from inspector.signing.detection import message_id, signature_headers, takes_long
from inspector.signing.engine import check, sign_message
from inspector.signing.lookup import CATALOGUE, Schemes, find_scheme, scheme_names
from inspector.signing.python_api import sign, verify
from inspector.signing.registration import generate_secret, usable_secret
from inspector.signing.scheme import Scheme
from inspector.signing.secret_forms import fingerprint
from inspector.signing.working import Expected, Working, describe, explain

__all__ = [
    "CATALOGUE",
    "Expected",
    "Scheme",
    "Schemes",
    "Working",
    "check",
    "describe",
    "explain",
    "find_scheme",
    "fingerprint",
    "generate_secret",
    "message_id",
    "scheme_names",
    "sign",
    "sign_message",
    "signature_headers",
    "takes_long",
    "usable_secret",
    "verify",
]
