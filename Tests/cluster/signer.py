"""Signs callbacks as the providers' own packages do: one JSON line in, one signature out. A process of its own, because the fixtures
are called by the packages' names.

    {"twilio": token, "url": …, "fields": {…}}
    {"slack": secret, "timestamp": …, "body": …}
"""
import json
import sys

from slack_sdk.signature import SignatureVerifier
from twilio.request_validator import RequestValidator

for line in sys.stdin:
    asked = json.loads(line)
    if "twilio" in asked:
        print(RequestValidator(asked["twilio"]).compute_signature(asked["url"], asked["fields"]), flush=True)
    else:
        made = SignatureVerifier(asked["slack"]).generate_signature(timestamp=asked["timestamp"], body=asked["body"])
        print(made, flush=True)
