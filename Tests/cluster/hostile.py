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
        assert answer and health.HealthReply.FromString(answer[1]).status == health.SERVING_STATUS_SERVING, f"{self.tier} does not serve"

    def expect(self, status, words, answer):
        """The answer has this status, and names this in its field or words."""
        self.kinds += 1
        assert answer is not None, f"{self.tier}: silence instead of {words}"
        said, field = answer[0].status_message, rpc.ErrorDetail.FromString(answer[0].status_details).field
        assert answer[0].status == status and said and (words in said or words in field), (
            f"{self.tier}: {answer[0].status} \"{said}\" field \"{field}\" instead of {status} {words}")
        self.check()

    def call(self, method, payload, token=None, **other):
        return self.client.call(method, payload if isinstance(payload, bytes) else payload.SerializeToString(), token or key(), **other)

    def grown(self):
        grown = self.memory() - self.began
        assert grown < 64, f"{self.tier} grew by {grown:.0f} MiB"
        return grown


def nonsense(target, method, good):
    """What no tier may take, whatever the method."""
    expect, call, client = target.expect, target.call, target.client
    expect(INVALID, "frames", client.frames([b"alone"]))
    expect(INVALID, "frames", client.frames([b"one", b"two", b"three"]))
    expect(INVALID, "header", client.frames([b"\xff" * 40, b""]))
    expect(UNIMPLEMENTED, "method", call(method + "Nothing", good))
    expect(INVALID, "timeout_ms", call(method, good, timeout_ms=0))
    expect(DATA_LOSS, "payload", call(method, good, payload_crc32c=crc32c(good) ^ 1))
    expect(UNIMPLEMENTED, "version", call(method, good, version=9))
    expect(INVALID, "", call(method, b"\xff" * 200))
    expect(INVALID, "", call(method, nested(100_000)))
    expect(INVALID, "", call(method, b"\x0a\x00" * 300_000))
    too_much(target, method)
    announced(target)
    for _ in range(1_000):
        client.socket.send_multipart([os.urandom(random.randrange(80)), os.urandom(random.randrange(300))])
        if client.socket.poll(0):
            client.socket.recv_multipart()
    client.close()
    target.client = Client(target.cluster.endpoint(target.tier))
    target.check()


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
    nonsense(target, PUBLISH, good)
    expect, call = target.expect, target.call
    expect(INVALID, "idempotency_key", target.client.call(PUBLISH, good, b""))
    expect(INVALID, "idempotency_key", target.client.call(PUBLISH, good, b"short"))
    expect(INVALID, "summary", call(PUBLISH, good.replace(b"alert number 1", b"alert\0number 1")))
    expect(INVALID, "summary", call(PUBLISH, good.replace(b"alert number 1", b"alert\xffnumber 1")))
    expect(INVALID, "severity", call(PUBLISH, good.replace(b"\x20\x01", b"\x20\x63")))
    expect(INVALID, "labels[1].name", call(PUBLISH, intake.Event(
        action=intake.ACTION_TRIGGER, source="x", severity=1, summary="x",
        labels=[common.Label(name="a", value="1"), common.Label(name="a", value="2")])))


def schedules(target):
    configure = "/tocsin.schedule.v1.Schedule/Configure"
    good = schedule.ScheduleConfiguration(dry_run=True)
    nonsense(target, configure, good.SerializeToString())
    target.expect(INVALID, "idempotency_key", target.client.call(configure, b"", b""))
    target.expect(INVALID, "", target.call(configure, schedule.ScheduleConfiguration(
        people=[common.Person(id="a", team="nowhere")], dry_run=True)))


def incidents(target):
    put = "/tocsin.escalation.v1.Escalation/PutAlert"
    good = intake.Alert(id="zz-1", generation=1, severity=3, summary="x", team="platform", policy="platform", state=1)
    nonsense(target, put, good.SerializeToString())
    target.expect(INVALID, "summary", target.call(put, intake.Alert(id="zz-1", generation=1, severity=3).SerializeToString() + b"\x3a\x01\xff"))
    target.expect(5, "incident", target.call(
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
    nonsense(target, put, good.SerializeToString())
    expect, call = target.expect, target.call
    expect(INVALID, "id", call(put, notification.Page(generation=1, person="ana")))
    expect(INVALID, "person", call(put, notification.Page(id="zz-2/ana/1", generation=1)))
    expect(INVALID, "channel", call("/tocsin.notification.v1.Notification/PutPost", notification.Post(id="p", text="x")))
    listing = "/tocsin.notification.v1.Notification/ListPages"
    expect(INVALID, "limit", call(listing, notification.ListPagesRequest(limit=10_001)))
    expect(INVALID, "after", call(listing, notification.ListPagesRequest(after="nothing")))
    configure = "/tocsin.notification.v1.Notification/Configure"
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
