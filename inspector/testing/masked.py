"""Bodies in reports: what their fields' names say to be a credential is left out."""

from __future__ import annotations

import re

from inspector.content.masking import MASK, is_credential_parameter

_JSON_MEMBER = re.compile(r'("((?:[^"\\]|\\.){1,100})"\s*:\s*)"(?:[^"\\]|\\.)*"')
_FORM_FIELD = re.compile(r"((?:^|&)([^=&\s]{1,100})=)[^&\s]+")


def without_credentials(text: str) -> str:
    """*text* of a JSON or form body with the values of fields masked whose names say what they are."""

    def masked(found: re.Match[str]) -> str:
        if not is_credential_parameter(found[2].lower()):
            return found[0]
        return f'{found[1]}"{MASK}"' if found[1].rstrip().endswith(":") else f"{found[1]}{MASK}"

    return _FORM_FIELD.sub(masked, _JSON_MEMBER.sub(masked, text))
