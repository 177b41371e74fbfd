"""A raw client of the protocol for tests, made from proto/ alone."""
import random
import sys
import time

import zmq

import keyring

sys.path.insert(0, str(__import__("pathlib").Path(__file__).resolve().parents[2] / ".build-cluster/pb"))
from tocsin.common.v1 import common_pb2 as common  # noqa: E402
from tocsin.escalation.v1 import escalation_pb2 as escalation  # noqa: E402
from tocsin.health.v1 import health_pb2 as health  # noqa: E402
from tocsin.intake.v1 import intake_pb2 as intake  # noqa: E402
from tocsin.notification.v1 import notification_pb2 as notification  # noqa: E402
from tocsin.schedule.v1 import schedule_pb2 as schedule  # noqa: E402
from tocsin.rpc.v1 import rpc_pb2 as rpc  # noqa: E402

PUBLISH = "/tocsin.intake.v1.Intake/Publish"
ACKNOWLEDGE = "/tocsin.escalation.v1.Escalation/Acknowledge"
RESOLVE = "/tocsin.escalation.v1.Escalation/Resolve"
ADD_OVERRIDE = "/tocsin.schedule.v1.Schedule/AddOverride"
CHECK = "/tocsin.health.v1.Health/Check"
WATCH_HEALTH = "/tocsin.health.v1.Health/Watch"
DESCRIBE = "/tocsin.rpc.v1.Reflection/Describe"
TABLE = []
for byte in range(256):
    crc = byte
    for _ in range(8):
        crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    TABLE.append(crc)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def key():
    """A UUIDv7."""
    return ((time.time_ns() // 1_000_000) << 80 | 7 << 76 | random.getrandbits(76) & ~(3 << 62) | 2 << 62).to_bytes(16, "big")


def header(method, payload, call_id, token, timeout_ms=5000, attempt=0, **other):
    fields = dict(
        version=1, kind=rpc.KIND_REQUEST, call_id=call_id, method=method, timeout_ms=timeout_ms, attempt=attempt,
        idempotency_key=token, payload_crc32c=crc32c(payload))
    fields.update(other)
    return rpc.Header(**fields).SerializeToString()


def event(number, severity, summary=None):
    """Each of a service of its own: several of one would become one incident, as in a storm."""
    return intake.Event(
        action=intake.ACTION_TRIGGER, source="cluster", dedup_key=f"alert-{number}", severity=severity,
        summary=summary or f"alert number {number}", service=f"service-{number}", alert_class="service_down").SerializeToString()


def override(person, reason):
    """Puts the primary's own person on the primary's place for an hour: a change that changes nobody's pages."""
    now = time.time_ns() // 1_000_000
    return schedule.OverrideRequest(
        team="platform", tier=1, person=person, from_at_ms=now, until_at_ms=now + 3_600_000, reason=reason,
        by="tara").SerializeToString()


class Client:
    """Shows the administrator's key, another pair of keys, or with `keys=None` none at all."""

    def __init__(self, endpoint, keys=(), server=None, connects=True):
        self.socket = zmq.Context.instance().socket(zmq.DEALER)
        self.socket.setsockopt(zmq.LINGER, 0)
        self.socket.setsockopt(zmq.IMMEDIATE, 1)
        self.socket.setsockopt(zmq.RECONNECT_IVL, 20)
        self.socket.setsockopt(zmq.SNDTIMEO, 30_000)
        if keys == () and endpoint in keyring.SERVERS:
            keys = keyring.own()
        if keys:
            self.socket.curve_publickey, self.socket.curve_secretkey = keys
            self.socket.curve_serverkey = server or keyring.SERVERS[endpoint]
        if connects:
            self.socket.connect(endpoint)
        self.calls = random.getrandbits(40)

    def close(self):
        self.socket.close()

    def sent(self, frames, wait_ms):
        """Whether there was a connection to send on. The one that a poll has seen may have ended since: a send that waits for another
        would wait as long as there is no server."""
        if not self.socket.poll(wait_ms, zmq.POLLOUT):
            return False
        try:
            self.socket.send_multipart(frames, zmq.DONTWAIT)
            return True
        except zmq.Again:
            return False

    def frames(self, frames, wait=5):
        """Sends frames as they are (or none) and returns the next answer's header and payload; None for silence."""
        if frames:
            self.sent(frames, wait * 1000)
        if not self.socket.poll(wait * 1000):
            return None
        first, payload = self.socket.recv_multipart()
        return rpc.Header.FromString(first), payload

    def call(self, method, payload, token=b"", wait=5, **other):
        self.calls += 1
        return self.frames([header(method, payload, self.calls, token, **other), payload], wait)

    def publish_until_ok(self, payload, token, deadline=120):
        """Returns the reply and how long it took."""
        answer, took = self.until_ok(PUBLISH, payload, token, deadline)
        return intake.PublishReply.FromString(answer), took

    def until_ok(self, method, payload, token, deadline=120, again=(4, 8, 10, 14)):
        """The same key again and again until the answer is OK. Returns its payload and how long it took."""
        began, attempt = time.monotonic(), 0
        while time.monotonic() - began < deadline:
            self.calls += 1
            mine = self.calls
            self.sent([header(method, payload, mine, token, attempt=attempt), payload], 500)
            give_up = time.monotonic() + 0.5
            while (left := give_up - time.monotonic()) > 0 and self.socket.poll(left * 1000):
                first, answer = self.socket.recv_multipart()
                answered = rpc.Header.FromString(first)
                if answered.call_id != mine:
                    continue
                if answered.status == 0:
                    return answer, time.monotonic() - began
                if answered.status not in again:
                    raise AssertionError(f"refused: {answered.status} {answered.status_message}")
                time.sleep(0.02)
                break
            attempt += 1
        raise AssertionError("no OK within the deadline")
