"""The servers that stand for providers are themselves held against the providers' own clients: what they get wrong, every other test would
believe."""
import contextlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import couriers
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


@contextlib.contextmanager
def fixture(name, *arguments):
    """A fixture that runs, and its port."""
    server = subprocess.Popen(
        [sys.executable, "-B", ROOT / "Tests/fixtures" / name, *arguments, "--stop-with-stdin"], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, text=True)
    try:
        yield int(server.stdout.readline())
    finally:
        server.kill()
        server.wait()


def the_mail_server_and_the_receiver_are_what_strangers_expect(_):
    """STARTTLS and TLS, logins, refusals, letters that are cut off, signatures, silence: by smtplib, curl and openssl."""
    with tempfile.TemporaryDirectory(prefix="tocsin-fixtures-") as folder, contextlib.ExitStack() as running:
        folder = Path(folder)
        certificate, key, letters, hooks, secret = (folder / name for name in ("mail.pem", "mail.key", "letters", "hooks", "secret"))
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
             "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate], check=True, stderr=subprocess.DEVNULL)
        secret.write_text(couriers.SECRET)
        mail = ["--out", letters, "--certificate", certificate, "--key", key, "--user", couriers.USER, "--password", couriers.PASSWORD]
        ports = [running.enter_context(fixture(*arguments)) for arguments in [
            ("smtp_server.py", *mail), ("smtp_server.py", *mail, "--implicit-tls"),
            ("webhook_receiver.py", "--out", hooks, "--secret-file", secret), ("webhook_receiver.py", "--out", hooks, "--by-address")]]
        letters_checked = couriers.Mail(folder, ports[0], ports[1], certificate, letters).all()
        hooks_checked = couriers.Hooks(folder, ports[2], ports[3], hooks).all()
        return f"mail: {letters_checked}; webhooks: {hooks_checked}"


ALL = [the_fixtures_are_what_the_providers_own_clients_expect, the_mail_server_and_the_receiver_are_what_strangers_expect]
