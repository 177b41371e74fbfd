"""The doors of the tiers: who has no valid key is refused at each of them, by whatever they try, and a door whose lock hangs lets nobody
in. By a client that shares no code with them: a mistake that client and server share would pass."""
import os
import subprocess
import threading
import time

import zmq
from zmq.utils.monitor import recv_monitor_message

import keyring
import rawzmtp
from cluster import TIERS, Cluster, eventually, free_port
from keys import created, keys
from wire import CHECK, PUBLISH, Client, event, header, health, key, rpc


def doors(cluster):
    """Each socket that a tier binds, with the tier whose it is."""
    return [(cluster.sources(), "alert-intake"), *((cluster.endpoint(tier), tier) for tier in TIERS)]


def refused(endpoint, keys=(), server=None, mechanism=None):
    """Somebody connects so, once, and waits until the server has refused them. None when it has; else what a call was answered."""
    client = Client(endpoint, keys=keys, server=server, connects=False)
    client.socket.setsockopt(zmq.RECONNECT_IVL, -1)
    if mechanism == "PLAIN":
        client.socket.plain_username, client.socket.plain_password = b"admin", b"admin"
    monitor = client.socket.get_monitor_socket(zmq.EVENT_ALL)
    client.socket.connect(endpoint)
    begun = {zmq.EVENT_CONNECTED, zmq.EVENT_CONNECT_DELAYED, zmq.EVENT_CONNECT_RETRIED}
    while True:
        assert monitor.poll(10_000), "neither let in nor refused"
        happened = recv_monitor_message(monitor)["event"]
        if happened not in begun:
            break
    answered = client.call(CHECK, b"") if happened == zmq.EVENT_HANDSHAKE_SUCCEEDED else None
    client.socket.disable_monitor()
    client.close()
    return answered


class Door:
    """One socket of a tier, and whom it says to have turned away."""

    def __init__(self, cluster, endpoint, tier):
        self.endpoint, self.tier, self.port = endpoint, tier, int(endpoint.rsplit(":", 1)[1])
        self.name = "sources" if endpoint == cluster.sources() else "tiers"
        self.inside = Client(cluster.endpoint(tier))

    def counts(self):
        told = health.HealthReply.FromString(self.inside.call(CHECK, b"")[1])
        return next(one for one in told.sockets if one.socket == self.name)

    def turns_away(self, name, attempt):
        """Nothing is answered, and the tier has counted one more who did not come in."""
        # Of ZMTP 1.0 and 2.0 libzmq 4.3.4 tells only that the connection has ended.
        field = "disconnected" if name in ("ZMTP 1.0", "ZMTP 2.0") else "handshakes_failed"
        before = getattr(self.counts(), field)
        answered = attempt()
        assert answered is None, f"{name} was answered at {self.endpoint}: {answered}"
        eventually(f"{name} in {field} of {self.tier}'s {self.name}", 5, lambda: getattr(self.counts(), field) > before, pause=0.01)


def without_keys(door, version):
    """A health check by somebody who shows none, as bytes; None when the server has shut the connection."""
    try:
        return rawzmtp.asked(door.port, version, header(CHECK, b"", 1, b""), b"")
    except rawzmtp.Unheard:
        return None


class OpenTier:
    """What the same bytes are answered where no keys are demanded."""

    def __init__(self, cluster):
        self.port = free_port()
        self.endpoint = f"tcp://127.0.0.1:{self.port}"
        with open(cluster.folder / "open.log", "ab") as log:
            self.process = subprocess.Popen(
                [cluster.binaries / "scheduler", "--listen", self.endpoint, "--data", cluster.folder / "open", "--insecure-loopback"],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def __enter__(self):
        client = Client(self.endpoint, keys=None)
        eventually("a tier without keys", 10, lambda: client.call(CHECK, b"", wait=1))
        client.close()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def rewritten(cluster, principal, **dates):
    """Somebody's line in the list of keys, with other dates: the tiers look at it four times a second."""
    path = cluster.keys / "authorized"
    lines = path.read_text().splitlines(keepends=True)
    for index, line in enumerate(lines):
        if line.startswith(f"{principal} "):
            kept = [word for word in line.split() if word.split("=")[0] not in dates]
            lines[index] = " ".join(kept + [f"{name}={instant}" for name, instant in dates.items()]) + "\n"
    draft = path.with_suffix(".draft")
    draft.write_text("".join(lines))
    draft.chmod(0o600)
    draft.rename(path)


def nobody_without_a_valid_key_reaches_a_handler(binaries):
    """No key, no CURVE, the wrong server key, an unknown, a revoked, an expired and an early key, old versions: at all doors."""
    with Cluster(binaries) as cluster, OpenTier(cluster) as control:
        pairs = {name: created(cluster, name, "admin", *more) for name, more in {
            "was-revoked": [], "has-expired": [], "comes-early": [], "from-elsewhere": ["--from", "10.0.0.0/8"]}.items()}
        keys(cluster, "revoke", "was-revoked")
        rewritten(cluster, "has-expired", **{"from": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z"})
        rewritten(cluster, "comes-early", **{"from": "2999-01-01T00:00:00Z", "until": "2999-01-02T00:00:00Z"})
        time.sleep(1)
        assert not any(tier["reason"] for tier in cluster.json("health")["tiers"].values()), "the list of keys is not in force"
        for version in rawzmtp.VERSIONS:
            heard = without_keys(control, version)
            assert heard and rpc.Header.FromString(heard[0]).status == 0, f"{version} is not answered where it may be: {heard}"
            assert health.HealthReply.FromString(heard[1]).tier == "scheduler", heard
        tried = 0
        for endpoint, tier in doors(cluster):
            door = Door(cluster, endpoint, tier)
            welcome = refused(endpoint)
            assert welcome and welcome[0].status == 0, f"{tier} does not answer the administrator"
            attempts = {name: lambda attempt=attempt: refused(endpoint, **attempt) for name, attempt in {
                "no key": dict(keys=None), "PLAIN": dict(keys=None, mechanism="PLAIN"), "an unknown key": dict(keys=zmq.curve_keypair()),
                "another server's key": dict(keys=keyring.own(), server=zmq.curve_keypair()[0]),
                "a revoked key": dict(keys=pairs["was-revoked"]), "an expired key": dict(keys=pairs["has-expired"]),
                "an early key": dict(keys=pairs["comes-early"]), "a key for other addresses": dict(keys=pairs["from-elsewhere"]),
            }.items()}
            attempts |= {version: lambda version=version: without_keys(door, version) for version in rawzmtp.VERSIONS}
            for name, attempt in attempts.items():
                door.turns_away(name, attempt)
                tried += 1
        log = cluster.folder / "notifier.log"
        for words in ["this key is not known here", "was revoked at", "was valid until", "is valid from", "may not be used from 127.0.0.1"]:
            eventually(words, 15, lambda: words in log.read_text())
        return f"{tried} attempts at {len(doors(cluster))} doors, each refused and counted; without keys the same bytes are answered"


def a_hung_handler_of_keys_is_noticed(binaries):
    """The thread that answers for keys hangs, in two tiers: nobody new comes in from that moment on, who is in goes on, and health says so."""
    with Cluster(binaries) as cluster:
        tiers = ["alert-intake", "notifier"]
        inside = {tier: Client(cluster.endpoint(tier)) for tier in tiers}
        source = Client(cluster.sources())
        source.publish_until_ok(event(1, 3), key())
        assert all(client.call(CHECK, b"")[0].status == 0 for client in inside.values())

        def trouble(tier):
            reply = health.HealthReply.FromString(inside[tier].call(CHECK, b"")[1])
            return reply.status != health.SERVING_STATUS_SERVING and reply.reason

        assert not any(map(trouble, tiers))
        threads = [thread_of(cluster.processes[tier], "keys") for tier in tiers]
        with held(threads[0]), held(threads[1]):
            began = time.monotonic()
            strangers = {endpoint: Client(endpoint) for endpoint, tier in doors(cluster) if tier in tiers}
            late = {}
            for endpoint, client in strangers.items():
                for number in range(3):
                    late[endpoint, number] = Client(endpoint)
                    came = late[endpoint, number].socket.poll(400, zmq.POLLOUT)
                    assert not came, f"somebody came in at {endpoint} although nobody answers for keys"
            assert not any(client.socket.poll(0, zmq.POLLOUT) for client in [*strangers.values(), *late.values()])
            answered = source.call(PUBLISH, event(2, 3), key(), wait=1)
            assert answered and answered[0].status == 0, "who was in does not go on"
            reasons = [eventually(f"NOT_SERVING of {tier}", 10, lambda: trouble(tier)) for tier in tiers]
            took = time.monotonic() - began
            assert all("no key is let in" in reason for reason in reasons), reasons
        for endpoint, client in strangers.items():
            client.close()
            eventually(f"somebody new at {endpoint}", 10, lambda: refused(endpoint))
        for tier in tiers:
            eventually(f"{tier} serves again", 20, lambda: not trouble(tier))
        return f"{len(late) + len(strangers)} kept out from the first moment at {len(strangers)} doors; \"{reasons[0]}\" after {took:.0f} s"


def thread_of(process, name):
    """The number of a process's thread of that name."""
    return next(
        int(task) for task in os.listdir(f"/proc/{process.pid}/task") if open(f"/proc/{process.pid}/task/{task}/comm").read().strip() == name)


class held:
    """One thread of another process stands still."""

    def __init__(self, thread):
        self.thread, self.go, self.is_held = thread, threading.Event(), threading.Event()
        self.worker = threading.Thread(target=self.hold)

    def hold(self):
        import ctypes
        libc = ctypes.CDLL(None, use_errno=True)
        libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
        seize, interrupt, detach = 0x4206, 0x4207, 17
        assert libc.ptrace(seize, self.thread, None, None) == 0, os.strerror(ctypes.get_errno())
        assert libc.ptrace(interrupt, self.thread, None, None) == 0
        os.waitpid(self.thread, 0x40000000)  # __WALL
        self.is_held.set()
        self.go.wait()
        assert libc.ptrace(detach, self.thread, None, None) == 0

    def __enter__(self):
        self.worker.start()
        assert self.is_held.wait(5), "the thread could not be held"

    def __exit__(self, *_):
        self.go.set()
        self.worker.join()


ALL = [nobody_without_a_valid_key_reaches_a_handler, a_hung_handler_of_keys_is_noticed]
