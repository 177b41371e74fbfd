"""The servers that stand for providers are themselves held against the providers' own clients: what they get wrong, every other test would
believe."""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from cluster import ROOT

sys.path.insert(0, str(ROOT / "Tests/fixtures/providers"))
import ntfy  # noqa: E402
import pushover  # noqa: E402
import slack  # noqa: E402
import twilio  # noqa: E402


def the_fixtures_are_what_the_providers_own_clients_expect(_):
    """Messages, lists, receipts, signed callbacks, what is refused, limits, errors, silence: each by a client that isn't ours."""
    with tempfile.TemporaryDirectory(prefix="tocsin-fixtures-") as folder:
        server = subprocess.Popen(
            [sys.executable, "-B", ROOT / "Tests/fixtures/providers/server.py", "--out", Path(folder) / "requests.jsonl"],
            stdout=subprocess.PIPE, text=True)
        try:
            given = {
                "url": f"http://127.0.0.1:{int(server.stdout.readline())}",
                "twilio": {
                    "account": twilio.ACCOUNT, "token": twilio.TOKEN, "from": twilio.FROM, "service": twilio.SERVICE, "lost": twilio.LOST,
                    "refused": {twilio.STOPPED: 21610, twilio.LANDLINE: 21614, twilio.IMPOSSIBLE: 21211, twilio.QUEUE_FULL: 21611}},
                "slack": {
                    "token": slack.TOKEN, "channel": next(iter(slack.CHANNELS)), "archived": slack.ARCHIVED, "person": "U024BE7ZA",
                    "hook": slack.HOOK},
                "pushover": {"token": pushover.TOKEN, "user": "u" + "Q" * 29, "unknown": pushover.UNKNOWN},
                "ntfy": {"token": ntfy.TOKEN},
            }
            ended = subprocess.run(
                [sys.executable, "-B", ROOT / "Tests/cluster/strangers.py"], input=json.dumps(given), capture_output=True, text=True,
                timeout=120)
        finally:
            server.kill()
            server.wait()
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout.strip()


ALL = [the_fixtures_are_what_the_providers_own_clients_expect]
