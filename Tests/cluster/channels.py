"""Pages by real protocols (requirement N2): a cluster whose channels go to ntfy, Twilio, a mail server and Slack as the fixtures
speak for them, and to aiosmtpd, which is somebody else's reading of SMTP."""
import asyncio
import email
import email.policy
import json
import logging
import re
import ssl
import subprocess
import sys
import time
import urllib.request
from datetime import datetime, timezone

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from cluster import ROOT, Cluster, Receiver, eventually, free_port, json_lines

sys.path.insert(0, str(ROOT / "Tests/fixtures/providers"))
import ntfy  # noqa: E402
import pushover  # noqa: E402
import slack  # noqa: E402
import twilio  # noqa: E402

PASSWORD = "a password of the cluster tests"
logging.getLogger("mail.log").setLevel(logging.ERROR)
OFFICE_HOURS = datetime(2026, 12, 1, 10, tzinfo=timezone.utc)  # a Tuesday


class Mailbox:
    """A mail server that wants TLS and a login, and the letters that it took."""

    def __init__(self, folder):
        self.ca = folder / "mail.pem"
        key = folder / "mail-key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
             "subjectAltName=DNS:localhost", "-keyout", key, "-out", self.ca], check=True, stderr=subprocess.DEVNULL)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.ca, key)
        self.letters = []
        self.dawdles = False
        self.controller = Controller(
            self, hostname="127.0.0.1", port=free_port(), tls_context=context, require_starttls=True, auth_required=True,
            authenticator=lambda *login: AuthResult(success=(login[4].login, login[4].password) == (b"tocsin", PASSWORD.encode())))
        self.controller.start()
        self.port = self.controller.port

    async def handle_DATA(self, server, session, envelope):
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.letters.append((envelope.rcpt_tos, letter))
        if self.dawdles:
            await asyncio.sleep(3)
        return "250 OK: queued as 4F5A1"

    def to(self, address):
        return [letter for whom, letter in self.letters if whom == [address]]


class World:
    """Everything that a notifier can reach, and a cluster whose contacts are routed there."""

    def __init__(self, binaries, rate=1, second=""):
        self.cluster = Cluster(binaries, rate=rate)
        self.second = second
        self.out = self.cluster.folder / "providers.jsonl"
        if rate != 1:
            boot = time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
            (self.cluster.folder / "clock-origin").write_text(f"{int(OFFICE_HOURS.timestamp() * 1000)} {boot}\n")

    def secret(self, name, text):
        file = self.cluster.folder / f"{name}.secret"
        file.write_text(text + "\n")
        file.chmod(0o400)
        return file

    def __enter__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-B", ROOT / "Tests/fixtures/providers/server.py", "--out", self.out], stdout=subprocess.PIPE, text=True)
        self.mailbox = None
        try:
            self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}"
            self.cluster.configure = self.configure
            self.cluster.__enter__()
        except BaseException as failure:
            self.__exit__(type(failure))
            raise
        return self

    def __exit__(self, kind, *more):
        if self.mailbox:
            self.mailbox.controller.stop()
        self.process.kill()
        self.process.wait()
        self.cluster.__exit__(kind, *more)

    def configure(self):
        """The shipped configuration, with a route of its own for each channel; the tiers have their ports already."""
        self.mailbox = Mailbox(self.cluster.folder)
        config = self.cluster.shipped()
        contacts = config / "contacts.yaml"
        text = self.addresses(contacts.read_text())
        for channel, route in self.routes().items():
            text = re.sub(rf"(?m)^  {re.escape(channel)}: console.*$", lambda _: f"  {channel}: {route}", text)
        contacts.write_text(text)
        self.cluster.ctl("apply", "-f", config)

    def addresses(self, text):
        """The shipped contacts, with addresses that these providers understand."""
        return re.sub(r'slack: "@([a-z]+)"', lambda found: f"slack: {member(found[1])}", text)

    def routes(self):
        url = f'url: "{self.url}"'
        phone = f'provider: twilio, {url}, account: {twilio.ACCOUNT}, from: "{twilio.FROM}", secret-file: {self.secret("twilio", twilio.TOKEN)}'
        bot = f'provider: slack, {url}, secret-file: {self.secret("slack", slack.TOKEN)}'
        hook = f'provider: slack-webhook, secret-file: {self.secret("hook", self.url + slack.HOOK)}'
        webhook = f'provider: webhook, url: "http://127.0.0.1:{self.cluster.receiver.port}/", secret-file: {self.cluster.receiver.secret}'
        second = f", second: {{ {webhook} }}"
        return {
            "push": f'{{ provider: ntfy, {url}, secret-file: {self.secret("ntfy", ntfy.TOKEN)} }}',
            "sms": f"{{ {phone}{second if self.second == 'sms' else ''} }}", "voice": f"{{ {phone} }}",
            "email": f'{{ provider: smtp, url: "smtp://localhost:{self.mailbox.port}", from: tocsin@aion.example, account: tocsin, '
                     f'secret-file: {self.secret("mail", PASSWORD)}, ca-file: {self.mailbox.ca} }}',
            "slack": f"{{ {bot} }}", '"#incidents"': f"{{ {bot} }}", '"#platform"': f"{{ {bot}, to: C024BE7LS }}",
            '"#platform-alerts"': f"{{ {hook} }}", '"#on-call-swaps"': f"{{ {hook} }}",
            "status-page": f"{{ {webhook} }}", "ticket": f"{{ {webhook} }}", '"*"': f"{{ {webhook} }}",
        }

    def trouble(self, provider, kind, **more):
        body = json.dumps({"provider": provider, "kind": kind, **more}).encode()
        request = urllib.request.Request(f"{self.url}/trouble", body, {"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=5).close()

    def asked(self, provider, incident="", **fields):
        """The requests to a provider about an incident, whose fields are these; refused ones too."""
        lines = json_lines(self.out)
        return [line for line in lines if line["provider"] == provider and incident in json.dumps(line["fields"])
                and all(line["fields"].get(name) == value for name, value in fields.items())]

    def taken(self, *arguments, **fields):
        return [line for line in self.asked(*arguments, **fields) if line["status"] in (200, 201) and line["trouble"] == "none"]

    def alert(self, severity, words, service="redis"):
        self.cluster.ctl("alert", "send", "--severity", severity, "--service", service, "--key", words, words)
        found = eventually("the incident", 10, lambda: [
            one for one in self.cluster.json("incident", "list").get("incidents", []) if words in one["summary"]])
        return found[0]["id"]


def member(person):
    """The Slack member ID of one of the shipped people."""
    people = ["ana", "ben", "cai", "dee", "eli", "fay", "gus", "hal", "tara", "theo", "mia", "vera", "cora"]
    return f"U024BE7Z{chr(ord('A') + people.index(person))}"


def number(cluster, person):
    text = (cluster.folder / "config/contacts.yaml").read_text()
    return re.search(rf'(?m)^  {person}:\n.*\n    sms: "([^"]+)"', text)[1].replace(" ", "")


def pages_arrive_by_every_channel(binaries):
    """A SEV-1 by push, SMS and call, #incidents by Slack, a SEV-4 by e-mail and Slack; and nothing of it in any log."""
    with World(binaries, rate=60) as world:
        cluster = world.cluster
        primary = cluster.primary()
        phone = number(cluster, primary)
        incident = world.alert("SEV-1", "redis & co: <no> \"ready\" pods…")
        push = eventually("the push", 10, lambda: world.taken("ntfy", incident, topic=f"{primary}-phone"))[0]
        assert push["fields"]["priority"] == 5 and push["headers"]["authorization"] == f"Bearer {ntfy.TOKEN}", push
        assert push["fields"]["title"].startswith('[SEV-1] redis & co: <no> "ready" pods…'), push
        sms = eventually("the SMS", 15, lambda: world.taken("twilio", incident, To=phone))[0]
        assert sms["path"].endswith("/Messages.json") and sms["fields"]["Body"].endswith(f"({incident}); ack {incident}"), sms
        assert twilio.segments(sms["fields"]["Body"]) == 1, sms
        call = eventually("the call", 15, lambda: [
            line for line in world.taken("twilio", incident, To=phone) if line["path"].endswith("/Calls.json")])[0]
        assert "redis &amp; co: &lt;no&gt; &quot;ready&quot; pods" in call["fields"]["Twiml"], call
        cluster.ctl("incident", "ack", incident, "--by", primary)
        cluster.ctl("incident", "update", incident, "--by", primary, "--status", "investigating", "--impact", "<!channel> all")
        update = eventually("the update in #incidents", 10, lambda: [
            line for line in world.taken("slack", channel="#incidents") if "INCIDENT UPDATE" in line["fields"]["text"]])[0]
        assert "<!channel> all" in update["fields"]["shown"] and update["fields"]["rung"] == [], update
        # One thread an incident: what follows answers to its head, which says how it stands now.
        cluster.ctl("incident", "update", incident, "--by", primary, "--status", "identified", "--impact", "a full disk")
        reply = eventually("the second update in the thread", 10, lambda: [
            line for line in world.taken("slack", channel="#incidents") if "a full disk" in line["fields"]["text"]])[0]
        assert reply["path"] == "/api/chat.postMessage" and re.fullmatch(r"\d+\.\d{6}", reply["fields"].get("thread_ts", "")), reply
        assert reply["fields"]["thread_ts"] == update["fields"].get("thread_ts", reply["fields"]["thread_ts"]), (update, reply)
        head = eventually("the head that says the newest", 10, lambda: [
            line for line in world.taken("slack", ts=reply["fields"]["thread_ts"])
            if line["path"] == "/api/chat.update" and line["at_ms"] >= reply["at_ms"]])[-1]
        assert head["fields"]["channel"] == "C024BE7LR" and "\nNow: " in head["fields"]["text"], head
        posted = [line for line in world.taken("slack", channel="#incidents") if "a full disk" in line["fields"]["text"]]
        assert len(posted) == 1, posted

        small = world.alert("SEV-4", "warming up is slow, café")
        letter = eventually("the e-mail", 20, lambda: [
            one for one in world.mailbox.to(f"{primary}@aion.example") if small in one["subject"]])[0]
        assert letter["subject"].startswith("[SEV-4] redis: warming up is slow, café") and letter["auto-submitted"] == "auto-generated"
        assert re.fullmatch(rf"<{small}/{primary}/\d+#\d+@aion\.example>", letter["message-id"]), letter["message-id"]
        assert f"Acknowledge: tocsinctl incident ack {small}" in letter.get_content(), letter.get_content()
        direct = eventually("the Slack message", 20, lambda: world.taken("slack", small, channel=member(primary)))[0]
        assert "[SEV-4] redis: warming up is slow, café" in direct["fields"]["shown"], direct

        listed = cluster.ctl("page", "list") + cluster.ctl("incident", "timeline", incident)
        logs = "".join(file.read_text() for file in cluster.folder.glob("*.log"))
        secrets = [twilio.TOKEN, slack.TOKEN, ntfy.TOKEN, PASSWORD, slack.HOOK]
        for private in [phone, phone[1:], f"{primary}@aion.example", f"{primary}-phone", member(primary), *secrets]:
            assert private not in listed + logs, f"{private} is where it must not be"
        return f"{len(world.asked('ntfy'))} pushes, {len(world.asked('twilio'))} texts and calls, {len(world.mailbox.letters)} letters, {len(world.asked('slack'))} Slack messages"


def a_provider_in_trouble_delays_nobody(binaries):
    """500: the second provider, or the next channel, at once. 429: not before it wants to be asked. No answer: looked for.
    A provider that hangs holds up no other."""
    with World(binaries, second="sms") as world:
        cluster = world.cluster
        primary = cluster.primary()
        world.trouble("twilio", "500")
        world.trouble("ntfy", "500")
        began = time.time()
        incident = world.alert("SEV-1", "push and SMS are out of order")
        by_second = eventually("the SMS by the second provider", 5, lambda: [
            body for body in cluster.receiver.received() if body["incident"] == incident and body["channel"] == "sms"])[0]
        assert by_second["person"] == primary and by_second["attempt"] == 2 and not by_second["repeat"], by_second
        took = by_second["arrived_ms"] / 1000 - began
        cluster.ctl("incident", "ack", incident, "--by", primary)
        world.trouble("twilio", "none")

        world.trouble("ntfy", "429", retry_after=4, times=1)
        incident = world.alert("SEV-3", "a limit")
        first, second = eventually("the push after its limit", 15, lambda: (
            asked := world.asked("ntfy", incident)) and len(asked) >= 2 and asked[:2])
        waited = (second["at_ms"] - first["at_ms"]) / 1000
        assert first["status"] == 429 and second["status"] == 200 and 4 <= waited < 8, (first, second)

        world.trouble("ntfy", "cut", times=1)
        incident = world.alert("SEV-3", "no answer")
        eventually("the push that was taken without an answer being found", 15, lambda: any(
            one["channel"] == "push" and one["state"].split("_")[-1] in ("OVER", "ACCEPTED", "DELIVERED")
            for one in cluster.json("page", "list", "--incident", incident)["deliveries"]))
        assert len(world.asked("ntfy", incident)) == 1, world.asked("ntfy", incident)

        world.trouble("slack", "hang")
        incident = world.alert("SEV-3", "slack hangs", "postgres")
        eventually("Slack being asked", 10, lambda: world.asked("slack", incident))
        began = time.time()
        other = world.alert("SEV-1", "while slack hangs", "postgres")
        push = eventually("the push meanwhile", 5, lambda: world.taken("ntfy", other))[0]
        meanwhile = push["at_ms"] / 1000 - began
        assert meanwhile < 3 and not world.taken("slack", incident), meanwhile
        return f"second provider after {took * 1000:.0f} ms, limit of 4 s kept ({waited:.1f} s), push beside a hanging Slack after {meanwhile * 1000:.0f} ms"


class OtherWorld(World):
    """Push by Pushover, and tickets at a server of their own, which is not there yet."""

    def __init__(self, binaries, **more):
        super().__init__(binaries, **more)
        self.tickets = free_port()

    def addresses(self, text):
        return re.sub(r"push: ([a-z]+)-phone", lambda found: f"push: {user_key(found[1])}", super().addresses(text))

    def routes(self):
        secret = self.cluster.receiver.secret
        return {
            **super().routes(),
            "push": f'{{ provider: pushover, url: "{self.url}", secret-file: {self.secret("pushover", pushover.TOKEN)} }}',
            "ticket": f'{{ provider: webhook, url: "http://127.0.0.1:{self.tickets}/", secret-file: {secret} }}'}


def user_key(person):
    return f"u{person.capitalize():Q<29}"


def words_for_tickets_and_the_status_page_are_owed_until_they_are_there(binaries):
    """A SEV-1 rings by Pushover and its update is on the status page; a SEV-3's update is a ticket, whose server is down: it is owed
    through two kills of the notifier, and arrives once, signed."""
    with OtherWorld(binaries, rate=60) as world:
        cluster = world.cluster
        primary = cluster.primary()
        posts = lambda channel: [body for body in cluster.receiver.received() if body["channel"] == channel]
        incident = world.alert("SEV-1", "by pushover")
        push = eventually("the push", 10, lambda: world.taken("pushover", incident, user=user_key(primary)))[0]["fields"]
        assert push["priority"] == "1" and push["title"].startswith("[SEV-1] redis: by pushover"), push
        cluster.ctl("incident", "ack", incident, "--by", primary)
        cluster.ctl("incident", "update", incident, "--by", primary, "--status", "identified", "--impact", "logins fail")
        shown = eventually("the update on the status page", 10, lambda: posts("status-page"))
        assert len(shown) == 1 and "logins fail" in shown[0]["text"] and shown[0]["signature"] == "good", shown
        assert shown[0]["incident"] == incident and shown[0]["person"] == "", shown
        cluster.ctl("incident", "resolve", incident, "--by", primary)

        small = world.alert("SEV-3", "for a ticket", "postgres")
        cluster.ctl("incident", "ack", small, "--by", primary)
        cluster.ctl("incident", "update", small, "--by", primary, "--status", "monitoring", "--impact", "reports are slow")
        owed = lambda: [one for one in cluster.json("page", "list", "--incident", small)["deliveries"] if one["channel"] == "ticket"]
        for _ in range(2):
            eventually("the ticket being tried", 20, lambda: any("RETRYING" in one["state"] for one in owed()))
            cluster.restart("notifier")
            cluster.ctl("health", "--wait", "20")
        assert len(owed()) == 1 and "HANDED_OVER" not in owed()[0]["state"], owed()
        tickets = Receiver(cluster.folder, "tickets", world.tickets)
        try:
            eventually("the ticket", 60, tickets.received)
            eventually("the ledger's word of it", 10, lambda: "HANDED_OVER" in owed()[0]["state"])
            time.sleep(2)
            came = tickets.received()
        finally:
            tickets.stop()
        assert len(came) == 1 and "reports are slow" in came[0]["text"] and came[0]["signature"] == "good", came
        return f"the ticket came once, at the {came[0]['attempt']}th try, through two kills"


ALL = [
    pages_arrive_by_every_channel, a_provider_in_trouble_delays_nobody,
    words_for_tickets_and_the_status_page_are_owed_until_they_are_there,
]
