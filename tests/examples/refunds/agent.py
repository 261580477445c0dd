"""The code under test: an agent that answers at once, works in the background, and reports by a callback.

It signs as Blaxel does, and tries again when the receiver is not well. *faults* say what it does wrong.
"""

import hashlib
import hmac
import json
import threading
import time
from http.client import HTTPConnection
from urllib.parse import urlsplit

ATTEMPTS = 3


def refund(order, callback_url, secret, *faults):
    """Refund *order* and report to *callback_url*; returns the thread that does."""
    thread = threading.Thread(target=_work, args=(order, callback_url, secret, faults))
    thread.start()
    return thread


def _work(order, callback_url, secret, faults):
    if "never" in faults:
        return
    if "late" in faults:
        time.sleep(1)
    status = 500 if "fails" in faults else 200
    body = json.dumps(
        {
            "status_code": status,
            "response_body": json.dumps({"refunded": order} if status == 200 else {"error": "no such order"}),
            "response_length": 20,
            "timestamp": 1735891200,
        }
    ).encode()
    for _ in range(2 if "twice" in faults else 1):
        _deliver(body, callback_url, secret + "\n" if "bad secret" in faults else secret)


def _deliver(body, callback_url, secret):
    url = urlsplit(callback_url)
    headers = {
        "Content-Type": "application/json",
        "X-Blaxel-Signature": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
        "X-Blaxel-Timestamp": str(int(time.time())),
    }
    for _ in range(ATTEMPTS):
        connection = HTTPConnection(url.hostname, url.port)
        connection.request("POST", url.path, body, headers)
        status = connection.getresponse().status
        connection.close()
        if status < 500:
            return
