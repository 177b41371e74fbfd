"""What strangers without a key can take of a tier before anybody knows who they are: connections, descriptors, memory, the
processor (test 18 of the reliability notes). Those who are inside must not notice, and new ones get in again at once."""
import resource
import select
import socket
import subprocess
import sys
import time

import zmq

import keyring
from cluster import Cluster
from wire import CHECK, Client, event, key

# A peer's first bytes: ZMTP 3.0, CURVE.
GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"CURVE".ljust(20, b"\0") + bytes(32)


class Inside:
    """An operator at a tier's own door who goes on while strangers knock at the sources'."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.client = Client(cluster.endpoint("alert-intake"))
        self._took(50)
        self.before = self._took(200)
        self.memory = self._memory()

    def _took(self, count):
        took = []
        for _ in range(count):
            began = time.monotonic()
            assert self.client.call(CHECK, b"", wait=10)[0].status == 0
            took.append(time.monotonic() - began)
            time.sleep(0.005)
        return took

    def _memory(self):
        """What the tier holds, in MiB."""
        for line in open(f"/proc/{self.cluster.processes['alert-intake'].pid}/status"):
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024

    def beside(self, *what):
        """Goes on while strangers do what they do; then says how much later answers came (p99, milliseconds), how many there
        were, what memory it cost, and what the strangers say of it. A new source must get in within 10 s of the end."""
        strangers = subprocess.Popen([sys.executable, __file__, *map(str, what)], stdout=subprocess.PIPE, text=True)
        try:
            assert strangers.stdout.readline() == "begun\n"
            during, most = [], 0
            while strangers.poll() is None and len(during) < 4_000:
                during += self._took(20)
                most = max(most, self._memory() - self.memory)
            ended, heard = strangers.wait(timeout=60), strangers.stdout.read().strip()
            assert ended == 0, heard
        finally:
            strangers.kill()
            strangers.wait()
        began = time.monotonic()
        source = Client(self.cluster.sources())
        assert source.publish_until_ok(event(int(began), 3), key(), deadline=10)[0].alert_id
        source.close()
        took = time.monotonic() - began
        p99 = [int(1000 * sorted(took)[int(len(took) * 0.99) - 1]) for took in (self.before, during)]
        assert p99[1] <= max(2 * p99[0], 100), f"{what[0]}: p99 {p99}"
        assert most < 64, f"{what[0]}: {most:.0f} MiB more"
        assert took < 10, f"{what[0]}: {took:.1f} s until a source got in"
        return f"p99 {p99[0]} ms before, {p99[1]} ms beside ({len(during)} calls), {most:.0f} MiB more, a source in after {took:.1f} s{heard}"

    def sockets(self):
        return {one["socket"]: one for one in self.cluster.json("health")["tiers"]["alert-intake"]["sockets"]}


def a_flood_of_handshakes_does_not_delay_those_inside(binaries):
    """1,000 handshakes by keys that nobody knows, at the door for sources, while an operator goes on at the other."""
    with Cluster(binaries) as cluster:
        inside = Inside(cluster)
        said = inside.beside("handshakes", cluster.sources(), keyring.SERVERS[cluster.sources()].decode(), 1_000)
        refused = int(inside.sockets()["sources"]["handshakes_failed"])
        assert refused >= 1_000, refused
        return f"{said}; {refused} refused"


def strangers_who_hold_connections_are_shown_out(binaries):
    """10,000 that say nothing, 2,000 that stop in the middle of the handshake, and some that announce 512 MiB before anybody
    knows who they are: none of them is held for long, and none costs what it announced."""
    with Cluster(binaries) as cluster:
        inside, said = Inside(cluster), []
        for what, count in [("idle", 10_000), ("half", 2_000), ("huge", 200)]:
            said.append(f"{count} {what}: {inside.beside(what, cluster.sources(), '-', count)}")
        return "; ".join(said)


def a_tier_without_descriptors_to_spare_goes_on(binaries):
    """More strangers than the tier may have descriptors: who is inside stays, and when they have gone everybody gets in again."""
    with Cluster(binaries) as cluster:
        resource.prlimit(cluster.processes["alert-intake"].pid, resource.RLIMIT_NOFILE, (256, 256))
        inside = Inside(cluster)
        said = inside.beside("idle", cluster.sources(), "-", 400)
        assert cluster.processes["alert-intake"].poll() is None
        return said


def handshakes(endpoint, server, count):
    """By unknown keys, as fast as they go, 20 at a time."""
    context = zmq.Context.instance()
    for _ in range(count // 20):
        sockets = []
        for _ in range(20):
            one = context.socket(zmq.DEALER)
            one.setsockopt(zmq.LINGER, 0)
            one.curve_publickey, one.curve_secretkey = zmq.curve_keypair()
            one.curve_serverkey = server.encode()
            monitor = one.get_monitor_socket(zmq.EVENT_HANDSHAKE_FAILED_AUTH)
            one.connect(endpoint)
            sockets.append((one, monitor))
        for one, monitor in sockets:
            monitor.poll(5_000)
            one.disable_monitor()
            one.close()


def connections(endpoint, first_words, count):
    """As many at once, each with its first words and nothing after them, until the tier has shut all of them; at most ten
    seconds after the last."""
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    assert allowed >= count + 100, f"this test needs {count + 100} descriptors; ulimit -Hn is {allowed}"
    resource.setrlimit(resource.RLIMIT_NOFILE, (count + 100, allowed))
    port = int(endpoint.rsplit(":", 1)[1])
    held = []
    for _ in range(count):
        one = socket.socket()
        one.setblocking(False)
        one.connect_ex(("127.0.0.1", port))
        held.append(one)
        if len(held) % 100 == 0:
            time.sleep(0.01)
    time.sleep(0.5)
    for one in held:
        try:
            one.send(first_words)
        except OSError:
            pass  # shown out already
    began, left = time.monotonic(), select.poll()
    for one in held:
        left.register(one, select.POLLIN | select.POLLHUP)
    by_number, remaining = {one.fileno(): one for one in held}, count
    while remaining and time.monotonic() < began + 10:
        for number, _ in left.poll(1_000):
            try:
                if by_number[number].recv(65_536):
                    continue  # the tier's greeting
            except OSError:
                pass  # reset
            left.unregister(number)
            remaining -= 1
    if remaining:
        sys.exit(f"{remaining} of {count} are still held {time.monotonic() - began:.0f} s after their last words")
    print(f", all shut {time.monotonic() - began:.1f} s after their last words")


WORDS = {
    "idle": b"",
    # A greeting, and the beginning of a HELLO whose end never comes.
    "half": GREETING + b"\x04\xc8\x05HELLO\x01\x00" + bytes(60),
    # A greeting, and a message of 512 MiB of which the first 64 KiB come.
    "huge": GREETING + b"\x02" + (512 << 20).to_bytes(8, "big") + bytes(65_536),
}
ALL = [
    a_flood_of_handshakes_does_not_delay_those_inside, strangers_who_hold_connections_are_shown_out,
    a_tier_without_descriptors_to_spare_goes_on,
]

if __name__ == "__main__":
    kind, endpoint, server, count = sys.argv[1:]
    print("begun", flush=True)
    if kind == "handshakes":
        handshakes(endpoint, server, int(count))
    else:
        connections(endpoint, WORDS[kind], int(count))
