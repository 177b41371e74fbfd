#!/usr/bin/env python3
"""Publishes an alert to a Tocsin intake: a client written from proto/ alone.

    pip install -r proto/examples/requirements.txt
    tocsinctl keys create publish.py --role source
    proto/examples/publish.py tcp://127.0.0.1:7101 "disk full on db-1" SEV2 --service payments-api \
        --key-file data/keys/publish.py.secret

By which key the server is known stands in the file `tiers` beside the key file.

Of several intakes behind one address list give every address, with commas between them: the one that answers takes the alert, within
two seconds where another is gone.

Prints the reply as JSON. The exit status is the call's status: 0 is OK (the alert is on disk), 3 INVALID_ARGUMENT,
4 DEADLINE_EXCEEDED (nobody knows: call again with the same --key), and so on; proto/README.md has them all.
"""
import argparse, random, subprocess, sys, tempfile, time, uuid
from pathlib import Path

import zmq
from google.protobuf.json_format import MessageToJson

PROTO = Path(__file__).resolve().parent.parent
FILES = ["rpc/v1/rpc", "common/v1/common", "intake/v1/heartbeats", "intake/v1/intake"]
with tempfile.TemporaryDirectory() as generated:
    subprocess.run(["protoc", f"-I{PROTO}", f"--python_out={generated}", *(f"tocsin/{f}.proto" for f in FILES)], check=True)
    sys.path.insert(0, generated)
    from tocsin.common.v1 import common_pb2 as common
    from tocsin.intake.v1 import intake_pb2 as intake
    from tocsin.rpc.v1 import rpc_pb2 as rpc

OK, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, UNAVAILABLE, DATA_LOSS = 0, 4, 8, 10, 14, 15


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def uuid7(milliseconds=None):
    """An idempotency key: when it was made in front, chance behind."""
    made = milliseconds or time.time_ns() // 1_000_000
    chance = random.SystemRandom().getrandbits(80)
    return uuid.UUID(int=(made << 80 | chance) & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62).bytes


def request(method, payload, call_id, timeout_ms, key, attempt=0):
    """The two frames of a call."""
    header = rpc.Header(
        version=1, kind=rpc.KIND_REQUEST, call_id=call_id, method=method, timeout_ms=timeout_ms, attempt=attempt,
        idempotency_key=key, payload_crc32c=crc32c(payload))
    return [header.SerializeToString(), payload]


def show_key(socket, path):
    """Sets a key of one's own, and the key that intake must have; before connecting."""
    if Path(path).stat().st_mode & 0o077:
        sys.exit(f"{path} can be read by others: chmod 400 it")
    words = [line.split() for line in Path(path).read_text().splitlines() if not line.startswith("# ")]
    own = {name: value.encode() for name, value in words}
    tiers = dict(line.split() for line in (Path(path).parent / "tiers").read_text().splitlines() if not line.startswith("# "))
    socket.curve_publickey, socket.curve_secretkey = own["public"], own["secret"]
    socket.curve_serverkey = tiers["alert-intake"].encode()


def call(endpoint, method, payload, key, timeout, key_file=None):
    """One call, tried until it is answered or the time is over. Returns status, message and payload."""
    context = zmq.Context()
    socket = context.socket(zmq.DEALER)
    for option, value in [(zmq.LINGER, 0), (zmq.IMMEDIATE, 1), (zmq.MAXMSGSIZE, 1 << 20)]:
        socket.setsockopt(option, value)
    if key_file:
        show_key(socket, key_file)
    socket.connect(endpoint)
    deadline, first_id, attempt = time.monotonic() + timeout, random.getrandbits(62), 0
    while (left := deadline - time.monotonic()) > 0:
        give_up = time.monotonic() + min(left, 2)  # then again, with what is left of the time
        if socket.poll(min(left, 2) * 1000, zmq.POLLOUT):
            # A new call_id for each attempt, but the same key: whichever attempt arrived, the effect is one.
            try:
                socket.send_multipart(request(method, payload, first_id + attempt, int(left * 1000) or 1, key, attempt), zmq.DONTWAIT)
            except zmq.Again:
                pass  # the connection has ended since; a send that waits would wait for the next one, however long that takes
        while (wait := give_up - time.monotonic()) > 0 and socket.poll(wait * 1000):
            frames = socket.recv_multipart()
            header = rpc.Header.FromString(frames[0])
            if header.kind != rpc.KIND_END or not first_id <= header.call_id <= first_id + attempt:
                continue
            if header.status == OK and crc32c(frames[1]) != header.payload_crc32c:
                return DATA_LOSS, "the answer was damaged on its way", b""
            if header.status not in (UNAVAILABLE, RESOURCE_EXHAUSTED, ABORTED) or header.retry_pushback_ms < 0:
                return header.status, header.status_message, frames[1]
            pause = header.retry_pushback_ms / 1000 or min(2, 0.05 * 2**attempt) * random.uniform(0.8, 1.2)
            time.sleep(max(0, min(pause, deadline - time.monotonic())))
            break
        attempt += 1
    return DEADLINE_EXCEEDED, f"no answer from {endpoint} within {timeout} s; whether the alert is kept is unknown", b""


def report(endpoints, event, key, timeout, key_file=None):
    """Publishes to whichever of several intakes answers. Returns status, message and payload.

    The idempotency key makes a repeat at one intake the same call; the dedup key makes what two of them took in one alert.
    """
    if len(endpoints) > 1 and event.action == intake.ACTION_TRIGGER and not event.dedup_key:
        event.dedup_key = f"once-{key.hex()}"
    patience = 1.9 / len(endpoints) if len(endpoints) > 1 else timeout
    deadline, turn = time.monotonic() + timeout, 0
    while True:
        left = deadline - time.monotonic()
        answer = call(
            endpoints[turn % len(endpoints)], "/tocsin.intake.v1.Intake/Publish", event.SerializeToString(), key,
            max(0.001, min(left, patience)), key_file)
        if answer[0] not in (DEADLINE_EXCEEDED, UNAVAILABLE, RESOURCE_EXHAUSTED, ABORTED) or left <= patience:
            return answer
        turn += 1


def main():
    parser = argparse.ArgumentParser(description="publish an alert to a Tocsin intake")
    parser.add_argument("endpoint", help="tcp://127.0.0.1:7101, or several with commas between them", type=lambda s: s.split(","))
    parser.add_argument("summary")
    parser.add_argument("severity", type=lambda s: s.upper().replace("-", ""), choices=["SEV1", "SEV2", "SEV3", "SEV4"])
    parser.add_argument("--service", default="")
    parser.add_argument("--dedup-key", default="", help="the same key while open is one alert")
    parser.add_argument("--source", default="publish.py", help="as the key names it")
    parser.add_argument("--key-file", help="your key, with the file tiers beside it; none where Tocsin runs without keys")
    parser.add_argument("--key", help="the idempotency key of an earlier try, in hex")
    parser.add_argument("--timeout", type=float, default=10, help="seconds")
    options = parser.parse_args()
    event = intake.Event(
        action=intake.ACTION_TRIGGER, source=options.source, dedup_key=options.dedup_key, summary=options.summary,
        severity=common.Severity.Value(f"SEVERITY_{options.severity}"), service=options.service)
    key = bytes.fromhex(options.key) if options.key else uuid7()
    status, message, answer = report(options.endpoint, event, key, options.timeout, options.key_file)
    if status != OK:
        print(f"status {status}: {message} (key {key.hex()})", file=sys.stderr)
        sys.exit(status)
    print(MessageToJson(
        intake.PublishReply.FromString(answer), preserving_proto_field_name=True, including_default_value_fields=True))


if __name__ == "__main__":
    main()
