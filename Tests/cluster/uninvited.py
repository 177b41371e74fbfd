"""What strangers without a key can take of a tier before anybody knows who they are: connections, descriptors, memory, the
processor (test 18 of the reliability notes). Those who are inside must not notice, and new ones get in again at once."""
import json
import re
import resource
import select
import socket
import sys
import time

import zmq

import keyring
from bystanders import Attack, Bystanders, Goal, is_told_to_stop, stand_back
from cluster import Cluster, eventually
from keys import created
from wire import CHECK, Client, event, key

# A peer's first bytes: ZMTP 3.0, CURVE.
GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"CURVE".ljust(20, b"\0") + bytes(32)


class Inside:
    """Those who are in already and go on while strangers knock: an operator, and a source at the very door."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.client = Client(cluster.endpoint("alert-intake"))
        self.bystanders = Bystanders(cluster)
        self.most = 0

    def _memory(self):
        """What the tier holds, in MiB."""
        for line in open(f"/proc/{self.cluster.processes['alert-intake'].pid}/status"):
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024

    def _look(self):
        self.most = max(self.most, self._memory())

    def beside(self, kind, *what, seconds=2, **more):
        """Goes on while strangers do what they do, and they for as long as that is measured; then says how much longer those inside
        waited, what memory it cost, and what the strangers say of it. A new source must get in within 10 s of the end."""
        memory = self.most = self._memory()
        said, heard = self.bystanders.compared(lambda: Attack(__file__, kind, *what), seconds, self._look, **more)
        began = time.monotonic()
        source = Client(self.cluster.sources())
        assert source.publish_until_ok(event(int(began), 3), key(), deadline=10)[0].alert_id
        source.close()
        took, more = time.monotonic() - began, self.most - memory
        assert more < 64, f"{kind}: {more:.0f} MiB more"
        assert took < 10, f"{kind}: {took:.1f} s until a source got in"
        return f"{said}, {more:.0f} MiB more, a source in after {took:.1f} s; {heard}"

    def sockets(self):
        health = json.loads(self.cluster.ctl("health", "-o", "json", check=False).stdout)  # also of a tier that has just come to itself
        return {one["socket"]: one for one in health["tiers"]["alert-intake"]["sockets"]}


def a_flood_of_handshakes_does_not_delay_those_inside(binaries):
    """Handshakes by keys that nobody knows, as fast as they go, at the door for sources, while those inside go on."""
    with Cluster(binaries) as cluster:
        inside = Inside(cluster)
        said = inside.beside("handshakes", cluster.sources(), keyring.SERVERS[cluster.sources()].decode(), 500)
        tried = int(re.search(r"(\d+) handshakes", said)[1])
        refused = int(inside.sockets()["sources"]["handshakes_failed"])
        assert refused >= tried, f"{refused} refused of {tried}"
        return f"{said}; {refused} refused"


def strangers_who_hold_connections_are_shown_out(binaries):
    """10,000 at once that say nothing, 1,000 a second that stop in the middle of the handshake, and some that announce 512 MiB before
    anybody knows who they are: none of them is held for long, and none costs what it announced. Who is shut comes again."""
    with Cluster(binaries) as cluster:
        inside, said = Inside(cluster), []
        for what, count, per_second, most in [("idle", 10_000, 8_000, 10_000), ("half", 3_000, 1_000, 10_000), ("huge", 500, 200, 1_000)]:
            said.append(f"{what}: {inside.beside(what, cluster.sources(), '-', count, per_second, most)}")
        return "; ".join(said)


def a_tier_without_descriptors_to_spare_goes_on(binaries):
    """More strangers than the tier may have descriptors: who is inside stays, and when they have gone everybody gets in again."""
    with Cluster(binaries) as cluster:
        resource.prlimit(cluster.processes["alert-intake"].pid, resource.RLIMIT_NOFILE, (256, 256))
        inside = Inside(cluster)
        # libzmq tries to accept again and again, and that takes one of two processors.
        said = inside.beside("idle", cluster.sources(), "-", 400, 2_000, 400, floor=50)
        assert cluster.processes["alert-intake"].poll() is None
        without = int(inside.sockets()["sources"]["accepts_failed"])
        assert 1 <= without <= 60, f"{without} seconds without a descriptor"
        return f"{said}; {without} s without a descriptor to spare"


class Granted(Cluster):
    """Its tiers have so many descriptors, and may have so many if they ask."""

    def __init__(self, soft, hard, binaries):
        self.limits = f"{soft}:{hard}"
        super().__init__(binaries)

    def prefix(self, tier):
        return ["prlimit", f"--nofile={self.limits}"]


def a_tier_takes_the_descriptors_that_it_may_have(binaries):
    """A shell or a service manager gives 1,024 of more: a door that counts by that would be full far too soon."""
    with Granted(1_024, 4_096, binaries) as cluster:
        for tier, process in cluster.processes.items():
            lines = open(f"/proc/{process.pid}/limits").read().splitlines()
            soft = next(line for line in lines if line.startswith("Max open files")).split()[3]
            assert soft == "4096", (tier, soft)
        findings = json.loads(cluster.ctl("doctor", "-o", "json"))["findings"]
        found = next(one for one in findings if (one["where"], one["name"]) == ("alert-intake", "connections"))
        assert "of 1024 (tiers)" in found["value"] and "of 2048 (sources)" in found["value"], found
        return found["value"]


def a_flood_from_one_address_keeps_nobody_out_of_either_door(binaries):
    """A tier with 1,024 descriptors: strangers of one address, which is everybody's, then whoever stole a source's key, come to each
    door in greater number than it holds. Others come in meanwhile, the tier is served, and its descriptors stay its own."""
    cluster = Granted(1_024, 1_024, binaries)
    cluster.__enter__()
    try:
        inside, said = Inside(cluster), []

        def others_come_in(words):
            began = time.monotonic()
            source = Client(cluster.sources())
            assert source.publish_until_ok(event(len(said), 3), key(), deadline=10)[0].alert_id
            source.close()
            operator = Client(cluster.endpoint("alert-intake"))
            assert operator.call(CHECK, b"", wait=10)[0].status == 0
            operator.close()
            took = time.monotonic() - began
            inside.client.call(CHECK, b"", wait=5)
            assert took < 3, f"{words}: others came in after {took:.1f} s"
            said.append(f"{words}, and others in after {1000 * took:.0f} ms")

        for door, most in (cluster.sources(), 512), (cluster.endpoint("alert-intake"), 256):
            held = []
            for _ in range(most + 150):
                one = socket.create_connection(("127.0.0.1", int(door.rsplit(":", 1)[1])))
                one.setblocking(False)
                held.append(one)
            others_come_in(f"{len(held)} strangers at a door for {most}")
            time.sleep(0.3)  # less than the handshake's three seconds: who is shut by now is one too many
            shut = sum(map(ended, held))
            assert 100 <= shut < most, shut
            # The tier knocks at both doors every five seconds.
            health = cluster.json("health")["tiers"]["alert-intake"]
            assert health["status"] in ("SERVING", "SERVING_STATUS_SERVING"), (health["status"], health.get("reason"))
            for one in held:
                one.close()

        pair, context, keyed = created(cluster, "stolen", "source"), zmq.Context(), []
        for _ in range(400):
            one = context.socket(zmq.DEALER)
            one.setsockopt(zmq.LINGER, 0)
            one.setsockopt(zmq.RECONNECT_IVL, 500)
            one.curve_publickey, one.curve_secretkey = pair
            one.curve_serverkey = keyring.SERVERS[cluster.endpoint("alert-intake")]
            one.connect(cluster.endpoint("alert-intake"))
            keyed.append(one)

        def open_of_the_tiers_door():
            words = cluster.ctl("doctor", check=False).stdout
            return int(re.search(r"(\d+) of 256 \(tiers\)", words)[1])

        eventually("a full door", 10, lambda: open_of_the_tiers_door() > 200)
        others_come_in("400 of a stolen key")
        for one in keyed:
            one.close()
        eventually("room again", 10, lambda: open_of_the_tiers_door() < 50)
        beyond = {door: int(inside.sockets()[door]["beyond_limits"]) for door in ("sources", "tiers")}
        assert min(beyond.values()) >= 100, beyond
        return "; ".join([*said, f"{beyond} shut"])
    finally:
        cluster.__exit__(*sys.exc_info())


def ended(one):
    """Whether the other side has ended a connection that does not block."""
    try:
        while one.recv(65_536):
            pass
        return True
    except BlockingIOError:
        return False
    except OSError:
        return True


def handshakes(endpoint, server, goal):
    """By unknown keys, as fast as they go, 20 at a time."""
    context, count = zmq.Context.instance(), 0
    while not is_told_to_stop():
        sockets = []
        for _ in range(20):
            one = context.socket(zmq.DEALER)
            one.setsockopt(zmq.LINGER, 0)
            one.setsockopt(zmq.RECONNECT_IVL, -1)
            one.curve_publickey, one.curve_secretkey = zmq.curve_keypair()
            one.curve_serverkey = server.encode()
            monitor = one.get_monitor_socket(zmq.EVENT_HANDSHAKE_FAILED_AUTH)
            one.connect(endpoint)
            sockets.append((one, monitor))
        for one, monitor in sockets:
            count += monitor.poll(5_000) != 0
            one.disable_monitor()
            one.close()
        goal.reached(count)
    print(f"{count} handshakes")


def connections(endpoint, first_words, goal, per_second, most):
    """So many a second, each with its first words and nothing after them, and at most so many at once: whoever is shut comes again. When
    told to stop, until the tier has shut all of them; at most ten seconds after the last came."""
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    assert allowed >= most + 100, f"this test needs {most + 100} descriptors; ulimit -Hn is {allowed}"
    resource.setrlimit(resource.RLIMIT_NOFILE, (most + 100, allowed))
    where = ("127.0.0.1", int(endpoint.rsplit(":", 1)[1]))
    events, held, came, peak, due = select.epoll(), {}, 0, 0, 0.0
    began = last = time.monotonic()
    stopped = None
    while stopped is None or held:
        now = time.monotonic()
        due = min(due + (now - last) * per_second, per_second / 10)
        last = now
        if stopped is None and is_told_to_stop():
            stopped = now
        while stopped is None and due >= 1 and len(held) < most:
            due -= 1
            came += 1
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(where)
            held[one.fileno()] = one
            events.register(one, select.EPOLLOUT)
        goal.reached(came)
        peak = max(peak, len(held))
        for number, what in events.poll(0.005):
            one = held[number]
            try:
                if what & select.EPOLLOUT and not what & (select.EPOLLERR | select.EPOLLHUP):
                    events.modify(one, select.EPOLLIN)
                    if first_words:
                        one.send(first_words)
                    continue
                if one.recv(65_536):
                    continue  # the tier's greeting
            except OSError:
                pass  # reset
            events.unregister(number)
            held.pop(number).close()
        if stopped is not None and held and now > stopped + 10:
            sys.exit(f"{len(held)} of {came} are still held {now - stopped:.0f} s after the last came")
    print(f"{came} came, {came / (stopped - began):.0f} a second, {peak} at once, all shut {time.monotonic() - stopped:.1f} s after the last")


WORDS = {
    "idle": b"",
    # A greeting, and the beginning of a HELLO whose end never comes.
    "half": GREETING + b"\x04\xc8\x05HELLO\x01\x00" + bytes(60),
    # A greeting, and a message of 512 MiB of which the first 64 KiB come.
    "huge": GREETING + b"\x02" + (512 << 20).to_bytes(8, "big") + bytes(65_536),
}
ALL = [
    a_flood_of_handshakes_does_not_delay_those_inside, strangers_who_hold_connections_are_shown_out,
    a_tier_without_descriptors_to_spare_goes_on, a_tier_takes_the_descriptors_that_it_may_have,
    a_flood_from_one_address_keeps_nobody_out_of_either_door,
]

if __name__ == "__main__":
    kind, endpoint, server, enough, *rate = sys.argv[1:]
    stand_back()
    if kind == "handshakes":
        handshakes(endpoint, server, Goal(int(enough)))
    else:
        connections(endpoint, WORDS[kind], Goal(int(enough)), *map(int, rate))
