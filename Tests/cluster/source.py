"""A source under load, a process of its own: publishes alerts at a rate and keeps the account of what was answered OK.

    source.py ENDPOINT ACCOUNT COUNT PER_SECOND FIRST

Each line of the account is JSON: number, id, severity, accepted_ms, took. A line is there only for an OK.
"""
import json
import os
import sys
import time

import keyring
from wire import Client, event, key

endpoint, account, count, per_second, first = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
keyring.learn(os.path.dirname(os.environ["TOCSIN_KEY_FILE"]), {endpoint: "alert-intake"})
client = Client(endpoint)
began = time.monotonic()
with open(account, "a", buffering=1) as out:
    for index in range(count):
        due = began + index / per_second
        if (wait := due - time.monotonic()) > 0:
            time.sleep(wait)
        number = first + index
        severity = 1 + number % 3
        # An intake may be away, or hang, for minutes.
        reply, took = client.publish_until_ok(event(number, severity), key(), deadline=600)
        out.write(json.dumps(
            {"number": number, "id": reply.alert_id, "severity": severity, "accepted_ms": time.time_ns() // 1_000_000,
             "took": took}) + "\n")
