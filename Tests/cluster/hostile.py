"""Nonsense, against all four tiers: each answer names its status and the field at fault, memory stays bounded, and the
process goes on."""
import os
import random
import re
import socket
import struct
from pathlib import Path

from cluster import TIERS, Cluster, eventually
from wire import CHECK, PUBLISH, Client, common, crc32c, escalation, event, header, health, intake, key, notification, rpc, schedule

INVALID, UNIMPLEMENTED, DATA_LOSS = 3, 12, 15
WATCH = "/tocsin.escalation.v1.Escalation/Watch"


def nested(depth):
    """A message in a message in a message, built from the outside in: 4 bytes a level and linear time."""
    heads, size = [], 0
    for _ in range(depth):
        heads.append(b"\x0a" + varint(size))
        size += len(heads[-1])
    return b"".join(reversed(heads))


def varint(number):
    out = b""
    while number >= 0x80:
        out, number = out + bytes([number & 0x7F | 0x80]), number >> 7
    return out + bytes([number])


class Target:
    """One tier, and how it bears what it is sent."""

    def __init__(self, cluster, tier):
        self.cluster, self.tier, self.kinds = cluster, tier, 0
        self.process = cluster.processes[tier]
        self.client = Client(cluster.endpoint(tier))
        self.check()
        self.began = self.memory()

    def memory(self):
        return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{self.process.pid}/status").read_text())[1]) / 1024

    def check(self):
        assert self.process.poll() is None, f"{self.tier} died"
        probe = Client(self.cluster.endpoint(self.tier))
        answer = probe.call(CHECK, b"", wait=10)
        probe.close()
        assert answer, f"{self.tier} says nothing of its health"
        told = health.HealthReply.FromString(answer[1])
        assert told.status == health.SERVING_STATUS_SERVING, f"{self.tier} does not serve: {told.reason}"

    def expect(self, status, field, answer, rule=""):
        """The answer has this status, names this field (or, where no field is at fault, this in its words), and says this rule."""
        assert field or rule, "what would any words show?"
        self.kinds += 1
        assert answer is not None, f"{self.tier}: silence instead of {field} {rule}"
        said, named = answer[0].status_message, rpc.ErrorDetail.FromString(answer[0].status_details).field
        assert answer[0].status == status and said and (field == named or not named and field in said) and rule in said, (
            f"{self.tier}: {answer[0].status} \"{said}\" field \"{named}\" instead of {status} {field} {rule}")
        self.check()

    def call(self, method, payload, token=None, **other):
        return self.client.call(method, payload if isinstance(payload, bytes) else payload.SerializeToString(), token or key(), **other)

    def grown(self):
        grown = self.memory() - self.began
        assert grown < 64, f"{self.tier} grew by {grown:.0f} MiB"
        return grown


def inside(number, content):
    """A message or text as a field of another."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def nonsense(target, method, good, whole, many):
    """What no tier may take, whatever the method. `whole`: what is at fault in 100,000 messages in each other, each the first field of
    the one around it, and `many`: in 300,000 empty first fields."""
    expect, call, client = target.expect, target.call, target.client
    expect(INVALID, "header", client.frames([b"alone"]), "two frames")
    expect(INVALID, "header", client.frames([b"one", b"two", b"three"]), "two frames")
    expect(INVALID, "header", client.frames([b"\xff" * 40, b""]), "malformed tag")
    expect(UNIMPLEMENTED, "method", call(method + "Nothing", good))
    expect(INVALID, "timeout_ms", call(method, good, timeout_ms=0))
    expect(DATA_LOSS, "payload_crc32c", call(method, good, payload_crc32c=crc32c(good) ^ 1))
    expect(UNIMPLEMENTED, "version", call(method, good, version=9))
    expect(INVALID, "", call(method, b"\xff" * 200), "holds a malformed tag")
    expect(INVALID, whole[0], call(method, nested(100_000)), whole[1])
    expect(INVALID, many[0], call(method, b"\x0a\x00" * 300_000), many[1])
    too_much(target, method)
    announced(target)
    for _ in range(1_000):
        client.socket.send_multipart([os.urandom(random.randrange(80)), os.urandom(random.randrange(300))])
        if client.socket.poll(0):
            client.socket.recv_multipart()
    client.close()
    target.client = Client(target.cluster.endpoint(target.tier))
    target.check()


def no_text(target, method, message, field):
    """The text "marker" with a NUL in it, with bytes that are no UTF-8 (alone, cut off, a surrogate, too long), and with an escape."""
    good = message.SerializeToString()
    assert good.count(b"marker") == 1
    for bytes, rule in [(b"mar\0er", "holds a NUL"), (b"mar\xffer", "is not valid UTF-8"), (b"marke\xc3", "is not valid UTF-8"),
                        (b"m\xed\xa0\x80er", "is not valid UTF-8"), (b"mark\xc0\x80", "is not valid UTF-8"),
                        (b"mar\x1ber", "holds the control character 27")]:
        target.expect(INVALID, field, target.call(method, good.replace(b"marker", bytes)), rule)


def too_much(target, method):
    """2 MB in one frame, which no frame may be."""
    big = Client(target.cluster.endpoint(target.tier))
    payload = b"x" * 2_200_000
    big.frames([header(method, b"", 1, key()), payload], wait=0.5)
    big.close()
    target.kinds += 1
    target.check()


def announced(target):
    """A handshake that says that it will be 600 MB long, and the first of them: no key is needed to say that."""
    with socket.create_connection(("127.0.0.1", target.cluster.ports[target.tier]), timeout=5) as raw:
        raw.sendall(b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"CURVE".ljust(20, b"\0") + b"\0" + bytes(31))
        before = target.memory()
        try:
            raw.sendall(b"\x06" + struct.pack(">Q", 600_000_000))
            for _ in range(40):
                raw.sendall(bytes(65_536))
        except (ConnectionError, TimeoutError):
            pass
        assert target.memory() - before < 32, f"{target.tier} made room for what was only announced"
    target.kinds += 1
    target.check()


def alerts(target):
    good = event(1, 1)
    nonsense(target, PUBLISH, good, whole=("action", "has wire type 2; 0 is expected"), many=("action", "has wire type 2; 0 is expected"))
    expect, call = target.expect, target.call
    # Behind each other in a list of messages, and in the first of them: each is looked into as far as it is known.
    expect(INVALID, "labels[0].name", call(PUBLISH, good + inside(8, nested(100_000))), "a text has at most 32768")
    expect(INVALID, "", call(PUBLISH, good + inside(8, b"") * 10_000), "the message has more than 4096 fields")
    expect(INVALID, "labels[1].name", call(PUBLISH, good + inside(8, b"\x0a\x01a") + inside(8, b"\x0a\xff")), "within its message")
    expect(INVALID, "idempotency_key", target.client.call(PUBLISH, good, b""))
    expect(INVALID, "idempotency_key", target.client.call(PUBLISH, good, b"short"))
    no_text(target, PUBLISH, intake.Event(action=intake.ACTION_TRIGGER, source="x", severity=1, summary="marker"), "summary")
    no_text(target, PUBLISH, intake.Event(
        action=intake.ACTION_TRIGGER, source="x", severity=1, summary="x",
        labels=[common.Label(name="a", value="1"), common.Label(name="b", value="marker")]), "labels[1].value")
    expect(INVALID, "severity", call(PUBLISH, good.replace(b"\x20\x01", b"\x20\x63")), "99 is no value of Severity")
    expect(INVALID, "labels[1].name", call(PUBLISH, intake.Event(
        action=intake.ACTION_TRIGGER, source="x", severity=1, summary="x",
        labels=[common.Label(name="a", value="1"), common.Label(name="a", value="2")])))


def schedules(target):
    configure = "/tocsin.schedule.v1.Schedule/Configure"
    good = schedule.ScheduleConfiguration(dry_run=True)
    nonsense(target, configure, good.SerializeToString(), whole=("people[0].id", "a text has at most 32768"),
             many=("", "the message has more than 65536 fields"))
    target.expect(INVALID, "idempotency_key", target.client.call(configure, b"", b""))
    target.expect(INVALID, "people[0].team", target.call(configure, schedule.ScheduleConfiguration(
        people=[common.Person(id="a", team="nowhere")], dry_run=True)))
    no_text(target, configure, schedule.ScheduleConfiguration(
        people=[common.Person(id="a", name="marker")], dry_run=True), "people[0].name")


def incidents(target):
    put = "/tocsin.escalation.v1.Escalation/PutAlert"
    good = intake.Alert(id="zz-1", generation=1, severity=3, summary="x", team="platform", policy="platform", state=1)
    nonsense(target, put, good.SerializeToString(), whole=("id", "a text has at most 32768"), many=("id", "occurs twice"))
    target.expect(INVALID, "labels[0].name", target.call(put, good.SerializeToString() + inside(12, nested(100_000))), "a text has at most 32768")
    no_text(target, put, intake.Alert(id="zz-1", generation=1, severity=3, summary="marker"), "summary")
    no_text(target, put, intake.Alert(id="zz-1", generation=1, severity=3, steps=["look", "marker"]), "steps[1]")
    target.expect(5, "incident_id", target.call(
        "/tocsin.escalation.v1.Escalation/Acknowledge", escalation.AcknowledgeRequest(incident_id="00-zz", by="dee")))
    for sequence in (1, 2**63 - 1, 2**63, 2**64 - 1):
        watcher = Client(target.cluster.endpoint(target.tier))
        answer = watcher.call(WATCH, escalation.WatchRequest(from_sequence=sequence).SerializeToString(), credit=10, wait=0.5)
        assert sequence == 1 or answer is None or answer[0].status in (INVALID, 11), (sequence, answer)
        watcher.close()
        target.kinds += 1
        target.check()


def pages(target):
    put = "/tocsin.notification.v1.Notification/PutPage"
    good = notification.Page(id="zz-1/ana/1", generation=1, wanted=False, person="ana")
    nonsense(target, put, good.SerializeToString(), whole=("id", "a text has at most 32768"), many=("id", "occurs twice"))
    expect, call = target.expect, target.call
    no_text(target, put, notification.Page(id="zz-1/ana/1", generation=1, person="marker"), "person")
    expect(INVALID, "id", call(put, notification.Page(generation=1, person="ana")))
    expect(INVALID, "person", call(put, notification.Page(id="zz-2/ana/1", generation=1)))
    expect(INVALID, "channel", call("/tocsin.notification.v1.Notification/PutPost", notification.Post(id="p", text="x")))
    listing = "/tocsin.notification.v1.Notification/ListPages"
    expect(INVALID, "limit", call(listing, notification.ListPagesRequest(limit=10_001)))
    expect(INVALID, "after", call(listing, notification.ListPagesRequest(after="nothing")))
    configure = "/tocsin.notification.v1.Notification/Configure"
    no_text(target, configure, notification.NotificationConfiguration(
        channels=[notification.ChannelRoute(
            channel="sms", provider="console", second=notification.SecondProvider(provider="marker"))]), "channels[0].second.provider")
    expect(INVALID, "idempotency_key", target.client.call(configure, b"", b""))
    expect(INVALID, "channels[0].provider", call(configure, notification.NotificationConfiguration(
        channels=[notification.ChannelRoute(channel="sms", provider="pigeon")])))
    expect(INVALID, "channels[0].second.provider", call(configure, notification.NotificationConfiguration(
        channels=[notification.ChannelRoute(
            channel="sms", provider="console", second=notification.SecondProvider(provider="pigeon"))])))


def bad_input_is_named_and_the_process_goes_on(binaries):
    with Cluster(binaries) as cluster:
        said = []
        for tier, trial in zip(TIERS, [alerts, schedules, incidents, pages]):
            target = Target(cluster, tier)
            trial(target)
            said.append(f"{tier} {target.kinds} kinds, {target.grown():+.1f} MiB")
        cluster.ctl("alert", "send", "--severity", "SEV-1", "--key", "after", "after all that")
        eventually("a page after all that", 10, lambda: [
            body for body in cluster.receiver.received() if "after all that" in body["title"]])
        return "; ".join(said)
