"""Who comes in: each way to try it without a key that is valid, against the real executables and by a client that shares no code
with them: a mistake that client and server share would pass."""
import json
import os
import socket
import stat
import subprocess
import threading
import time

import zmq

import keyring
from cluster import TIERS, Cluster, eventually
from rawcurve import RawCurve
from wire import ACKNOWLEDGE, CHECK, PUBLISH, Client, escalation, event, header, health, intake, key, rpc

DENIED, UNAUTHENTICATED = 7, 16


def keys(cluster, *arguments, check=True):
    """tocsinctl keys, on this cluster's folder."""
    command = [cluster.binaries / "tocsinctl", "keys", *arguments, "--keys", cluster.keys]
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    assert result.returncode == 0 or not check, result
    return result.stdout if check else result


def created(cluster, name, role, *arguments):
    """Somebody's new key."""
    keys(cluster, "create", name, "--role", role, *arguments)
    return keyring.pair(cluster.keys / f"{name}.secret")


def doors(cluster):
    """Each socket that a tier binds, with the tier whose it is."""
    return [(cluster.sources(), "alert-intake"), *((cluster.endpoint(tier), tier) for tier in TIERS)]


def answer(endpoint, keys=(), server=None, wait=0.4, mechanism=None, is_welcome=False):
    """What a health check (and, of whoever is not welcome, a publish) is answered to somebody who connects so; None: silence."""
    client = Client(endpoint, keys=None) if keys is None else Client(endpoint, keys=keys, server=server)
    if mechanism == "PLAIN":
        client.close()
        client.socket = zmq.Context.instance().socket(zmq.DEALER)
        client.socket.setsockopt(zmq.LINGER, 0)
        client.socket.plain_username, client.socket.plain_password = b"admin", b"admin"
        client.socket.connect(endpoint)
    if client.socket.poll(int(wait * 1000), zmq.POLLOUT):
        client.socket.send_multipart([header(CHECK, b"", 1, b""), b""])
        if not is_welcome:
            client.socket.send_multipart([header(PUBLISH, event(1, 1), 2, key()), event(1, 1)])
    found = client.socket.poll(int(wait * 1000)) and client.socket.recv_multipart()
    client.close()
    return rpc.Header.FromString(found[0]).status if found else None


def old_zmtp(port, greeting):
    """What a peer of ZMTP 1.0 or 2.0 hears after its greeting and a message; nothing of use to it."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as raw:
        raw.sendall(greeting)
        raw.settimeout(1.5)
        heard = b""
        try:
            while more := raw.recv(4096):
                heard += more
        except (TimeoutError, ConnectionError):
            pass
    return heard


def nobody_without_a_valid_key_reaches_a_handler(binaries):
    """No key, no CURVE, the wrong server key, an unknown, a revoked, an expired and an early key, old versions: at all doors."""
    with Cluster(binaries) as cluster:
        revoked = created(cluster, "was-revoked", "admin")
        keys(cluster, "revoke", "was-revoked")
        expired = created(cluster, "has-expired", "admin", "--valid-for", "1s")
        elsewhere = created(cluster, "from-elsewhere", "admin", "--from", "10.0.0.0/8")
        time.sleep(2.2)
        tried = 0
        for endpoint, tier in doors(cluster):
            assert answer(endpoint, wait=5, is_welcome=True) == 0, f"{tier} does not answer the administrator"
            own = zmq.curve_keypair()
            for name, attempt in {
                "no key": dict(keys=None), "PLAIN": dict(keys=None, mechanism="PLAIN"),
                "an unknown key": dict(keys=own), "the server's own public key only": dict(keys=own, server=keyring.SERVERS[endpoint]),
                "another server's key": dict(keys=keyring.own(), server=zmq.curve_keypair()[0]),
                "a revoked key": dict(keys=revoked), "an expired key": dict(keys=expired),
                "a key for other addresses": dict(keys=elsewhere),
            }.items():
                assert answer(endpoint, **attempt) is None, f"{name} was answered at {endpoint}"
                tried += 1
            port = int(endpoint.rsplit(":", 1)[1])
            for greeting in [b"\x01\x00\x00\x05hello", b"\xff" + bytes(8) + b"\x7f\x01\x05\x00\x00\x00\x05hello"]:
                assert b"hello" not in old_zmtp(port, greeting)
                tried += 1
        assert int(cluster.json("alert", "list")["open"]) == 0
        log = cluster.folder / "notifier.log"
        for words in ["this key is not known here", "was revoked at", "was valid until", "may not be used from 127.0.0.1"]:
            eventually(words, 15, lambda: words in log.read_text())
        return f"{tried} attempts at {len(doors(cluster))} doors, none heard"


def each_key_may_do_what_its_roles_say_and_in_its_own_name(binaries):
    with Cluster(binaries) as cluster:
        primary = cluster.primary()
        pairs = {name: created(cluster, name, role) for name, role in [
            ("cluster", "source"), (primary, "responder"), ("tara", "lead"), ("wall", "observer")]}
        pairs["scheduler"] = keyring.pair(cluster.keys / "scheduler.secret")
        cluster.ctl("alert", "send", "--severity", "SEV-1", "--key", "one", "--source", "cluster", "first")
        incident = eventually("the incident", 10, lambda: cluster.json("incident", "list").get("incidents"))[0]["id"]
        said = []

        def call(who, tier, method, payload=b""):
            client = Client(cluster.endpoint(tier), keys=pairs[who])
            answered = client.call(method, payload, key(), credit=1)[0]
            client.close()
            return answered

        def denied(who, tier, method, payload=b"", field="method", *words):
            answered = call(who, tier, method, payload)
            assert answered.status == DENIED, (who, method, answered)
            assert rpc.ErrorDetail.FromString(answered.status_details).field == field, answered
            for word in words or [method, who]:
                assert word in answered.status_message, (word, answered)
            said.append(answered.status_message)

        def acknowledge(by):
            return escalation.AcknowledgeRequest(incident_id=incident, by=by).SerializeToString()

        # A source publishes under its own name, and nothing else: at the operators' socket neither.
        assert call("cluster", "alert-intake", PUBLISH, event(1, 3)).status == 0
        other = intake.Event(action=intake.ACTION_RESOLVE, source="grafana", dedup_key="x", summary="s").SerializeToString()
        denied("cluster", "alert-intake", PUBLISH, other, "source", "acts as cluster only", "grafana")
        for tier, method in [("alert-intake", "intake.v1.Intake/ListAlerts"), ("alert-intake", "intake.v1.Intake/Configure"),
                             ("escalator", "escalation.v1.Escalation/Acknowledge"), ("notifier", "notification.v1.Notification/ListPages"),
                             ("scheduler", "schedule.v1.Schedule/OnCall"), ("escalator", "escalation.v1.Escalation/PutAlert"),
                             ("escalator", "escalation.v1.Escalation/Watch"), ("scheduler", "rpc.v1.Reflection/Describe"),
                             ("notifier", "health.v1.Recovery/HandOverAgain"), ("notifier", "keeping.v1.Keeping/CopyContactKeys"),
                             ("alert-intake", "keeping.v1.Keeping/CopyRows"), ("escalator", "keeping.v1.Histories/ListLines")]:
            denied("cluster", tier, f"/tocsin.{method}")
        denied("cluster", "escalator", ACKNOWLEDGE, acknowledge(primary), "method", "needs the role responder or lead or admin", "has source")
        # An observer looks.
        assert call("wall", "escalator", "/tocsin.escalation.v1.Escalation/ListIncidents").status == 0
        denied("wall", "escalator", ACKNOWLEDGE, acknowledge("wall"))
        # A tier hands over, and is nobody who acknowledges.
        denied("scheduler", "escalator", ACKNOWLEDGE, acknowledge(primary))
        denied("scheduler", "escalator", "/tocsin.escalation.v1.Escalation/Configure")
        # Somebody on call acts as themselves; whoever leads, for others too.
        denied(primary, "escalator", ACKNOWLEDGE, acknowledge("tara"), "by", f"acts as {primary} only", "tara")
        denied(primary, "escalator", "/tocsin.escalation.v1.Escalation/Configure")
        denied(primary, "notifier", "/tocsin.notification.v1.Notification/PutPage")
        assert call(primary, "escalator", ACKNOWLEDGE, acknowledge(primary)).status == 0
        assert call("tara", "escalator", "/tocsin.escalation.v1.Escalation/PostUpdate", escalation.UpdateRequest(
            incident_id=incident, by=primary, impact="x", actions="x", next="x").SerializeToString()).status in (0, 3)
        denied("tara", "escalator", "/tocsin.escalation.v1.Escalation/Configure")
        # Copies of journals and keys are an administrator's.
        denied("tara", "notifier", "/tocsin.keeping.v1.Keeping/CopyContactKeys")
        denied("scheduler", "notifier", "/tocsin.keeping.v1.Keeping/CopyRows")
        wrong = cluster.ctl("incident", "resolve", incident, "--by", "tara", "--key-file", cluster.keys / f"{primary}.secret", check=False)
        assert wrong.returncode == 1 and f"acts as {primary} only" in wrong.stderr, wrong
        mine = ["alert", "send", "--severity", "SEV-3", "--key", "mine", "--key-file", cluster.keys / f"{primary}.secret"]
        wrong = cluster.ctl(*mine, "mine", check=False)
        assert wrong.returncode == 1 and f"acts as {primary} only" in wrong.stderr and "--source NAME" in wrong.stderr, wrong
        cluster.ctl(*mine, "--source", primary, "mine")
        return f"{len(said)} denied; such as: {said[9]}"


def what_a_client_says_of_itself_is_not_believed(binaries):
    """A source that names the administrator's key in its handshake's metadata, as libzmq would name it, stays that source."""
    with Cluster(binaries) as cluster:
        pair = created(cluster, "cluster", "source")
        endpoint = cluster.endpoint("alert-intake")
        admin = keyring.own()[0]
        names = [(b"User-Id", admin), (b"user-id", admin), (b"Roles", b"admin"), (b"Peer-Address", b"127.0.0.1")]
        raw = RawCurve(
            cluster.ports["alert-intake"], pair, keyring.SERVERS[endpoint], [(b"Socket-Type", b"DEALER"), (b"Identity", b""), *names])
        assert raw.is_in
        said = []
        for number, method in enumerate(["intake.v1.Intake/ListAlerts", "intake.v1.Intake/Configure", "intake.v1.Silences/Add"]):
            raw.send(header(f"/tocsin.{method}", b"", number + 1, key()), b"")
            answered = rpc.Header.FromString(raw.receive()[0])
            assert answered.status == DENIED and "the key of cluster has source" in answered.status_message, answered
            said.append(answered.status_message)
        raw.send(header(PUBLISH, event(1, 3), 9, key()), event(1, 3))
        assert rpc.Header.FromString(raw.receive()[0]).status == 0
        raw.close()
        stranger = RawCurve(
            cluster.ports["alert-intake"], zmq.curve_keypair(), keyring.SERVERS[endpoint], [(b"Socket-Type", b"DEALER"), *names])
        assert not stranger.is_in
        stranger.close()
        return said[0]


def a_revoked_key_is_refused_within_a_second_under_load(binaries):
    with Cluster(binaries) as cluster:
        pair = created(cluster, "cluster", "source")
        client = Client(cluster.sources(), keys=pair)
        accepted, refused, revoked_at, number = [], None, None, 0
        client.publish_until_ok(event(0, 3), key())
        threading.Timer(1.0, lambda: keys(cluster, "revoke", "cluster")).start()
        stamp = cluster.keys / "authorized"
        before = stamp.stat().st_mtime_ns
        end = time.monotonic() + 15
        while time.monotonic() < end and (refused is None or time.monotonic() < refused + 1):
            number += 1
            status = client.call(PUBLISH, event(number, 3), key())[0].status
            now = time.monotonic()
            if revoked_at is None and stamp.stat().st_mtime_ns != before:
                revoked_at = now
            if status == 0:
                accepted.append(now)
            else:
                assert status == UNAUTHENTICATED, status
                refused = refused or now
        assert refused and revoked_at and refused - revoked_at <= 1.0, (refused, revoked_at)
        assert accepted[-1] < refused, "accepted after the first refusal"
        return f"{len(accepted)} accepted, refused after {(refused - revoked_at) * 1000:.0f} ms, on the same connection"


def a_key_that_expires_is_refused_at_its_next_call(binaries):
    with Cluster(binaries) as cluster:
        pair = created(cluster, "cluster", "source", "--valid-for", "3s")
        until = json.loads(keys(cluster, "show", "cluster", "-o", "json"))[0]["until"]
        client = Client(cluster.sources(), keys=pair)
        client.publish_until_ok(event(1, 3), key())
        eventually("the refusal", 8, lambda: client.call(PUBLISH, event(2, 3), key())[0].status == UNAUTHENTICATED)
        late = time.time() - __import__("calendar").timegm(time.strptime(until, "%Y-%m-%dT%H:%M:%SZ"))
        assert 0 <= late < 1.5, late
        refused = client.call(PUBLISH, event(3, 3), key())[0]
        assert f"was valid until {until}" in refused.status_message, refused
        return f"{late * 1000:.0f} ms after its end"


def keys_are_rotated_under_load_and_nothing_is_lost(binaries):
    with Cluster(binaries) as cluster:
        old = created(cluster, "cluster", "source")
        stop, told = threading.Event(), []

        def publish(pair, first, until):
            client, number = Client(cluster.sources(), keys=pair), first
            while not until.is_set():
                answered = client.call(PUBLISH, event(number, 3), token := key())
                if answered and answered[0].status == 0:
                    told.append((number, intake.PublishReply.FromString(answered[1]).alert_id))
                elif answered and answered[0].status == UNAUTHENTICATED:
                    break
                else:
                    told.append((number, client.publish_until_ok(event(number, 3), token)[0].alert_id))
                number += 1
                time.sleep(0.005)
            client.close()
            return number

        last = {}
        threads = [threading.Thread(target=lambda: last.update(old=publish(old, 0, stop)))]
        threads[0].start()
        time.sleep(0.5)
        keys(cluster, "rotate", "cluster", "--overlap", "3s")
        new = keyring.pair(cluster.keys / "cluster.secret")
        assert new != old
        ready = threading.Event()
        threading.Timer(6, ready.set).start()
        count = publish(new, 100_000, ready)
        threads[0].join(timeout=10)
        assert not threads[0].is_alive() and last["old"] > 100, "the old key was not refused after the overlap"
        listed = int(cluster.json("alert", "list")["open"])
        assert listed == len(told) == len({alert for _, alert in told}), (listed, len(told))
        return f"{last['old']} by the old key, {count - 100_000} by the new one, none lost"


def a_tiers_key_is_rotated_and_the_others_follow(binaries):
    with Cluster(binaries) as cluster:
        before = keyring.tiers(cluster.keys)["escalator"]
        keys(cluster, "rotate", "escalator", "--overlap", "1h")
        assert keyring.tiers(cluster.keys)["escalator"] != before
        cluster.restart("escalator")
        cluster.ctl("health", "--wait", "20")
        cluster.ctl("alert", "send", "--severity", "SEV-1", "--key", "rotated", "after the rotation")
        eventually("a page", 15, lambda: any("after the rotation" in str(page) for page in cluster.receiver.received()))


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


def nobody_passes_for_a_tier(binaries):
    """Whoever listens where a tier should hears nothing: what is owed to it stays owed until it is there."""
    with Cluster(binaries) as cluster:
        cluster.kill("escalator")
        for secured in [False, True]:
            fake = zmq.Context.instance().socket(zmq.ROUTER)
            fake.setsockopt(zmq.LINGER, 0)
            if secured:
                fake.curve_server = True
                fake.curve_publickey, fake.curve_secretkey = zmq.curve_keypair()
            fake.bind(cluster.endpoint("escalator"))
            cluster.ctl("alert", "send", "--severity", "SEV-1", "--key", f"fake-{secured}", "for the real one")
            assert not fake.poll(4_000), f"a tier spoke to whoever listened (CURVE: {secured})"
            fake.close()
            # libzmq closes in its own time.
            eventually("a free port", 10, lambda: is_free(cluster.ports["escalator"]))
        cluster.start("escalator")
        eventually("both incidents", 20, lambda: len(cluster.json("incident", "list")["incidents"]) == 2)


def a_broken_list_of_keys_changes_nothing_and_is_told(binaries):
    with Cluster(binaries) as cluster:
        path = cluster.keys / "authorized"
        good = path.read_text()
        path.write_text(good + "somebody roles=lead key=short\n")
        line = good.count("\n") + 1
        told = eventually("the remark", 5, lambda: (said := cluster.json("health")["tiers"]["notifier"]["reason"]) and said)
        assert f"authorized: line {line}: key= needs a public key" in told and "the list before it stays in force" in told, told
        client = Client(cluster.sources())
        assert client.publish_until_ok(event(1, 3), key())[0].alert_id
        eventually("the log's word", 5, lambda: f"line {line}" in (cluster.folder / "notifier.log").read_text())
        path.write_text(good)
        eventually("all well", 5, lambda: not cluster.json("health")["tiers"]["notifier"]["reason"])
        return told.split(";")[0].rsplit("/", 1)[1]


def a_tier_does_not_start_open(binaries):
    """Each way to start a tier so that anybody could come in, and what it says instead."""
    with Cluster(binaries) as cluster:
        cluster.kill("notifier")
        base = [cluster.binaries / "notifier", "--data", cluster.folder / "notifier"]
        local, everywhere = ["--listen", "tcp://127.0.0.1:*"], ["--listen", "tcp://0.0.0.0:*"]

        def refused(words, *arguments):
            ended = subprocess.run([str(part) for part in [*base, *arguments]], capture_output=True, text=True, timeout=20)
            assert ended.returncode != 0 and words in ended.stderr + ended.stdout, (words, ended)

        refused("give --keys DIR", *local)
        refused("this machine only", *everywhere, "--insecure-loopback")
        refused("not both", *local, "--insecure-loopback", "--keys", cluster.keys)
        refused("is no folder", *local, "--keys", cluster.folder / "nowhere")
        secret = cluster.keys / "notifier.secret"
        secret.chmod(0o440)
        refused("can be read by others (mode 440); chmod 400 it", *local, "--keys", cluster.keys)
        secret.chmod(0o400)
        cluster.keys.chmod(0o750)
        refused("is open to others", *local, "--keys", cluster.keys)
        cluster.keys.chmod(0o700)
        (cluster.keys / "authorized").chmod(0o666)
        refused("can be written by others", *local, "--keys", cluster.keys)
        (cluster.keys / "authorized").chmod(0o600)
        keys(cluster, "revoke", "notifier")
        keys(cluster, "revoke", "escalator", "--key", "nothing", check=False)
        for name, mode in [("admin.secret", 0o400), ("authorized", 0o600), ("tiers", 0o600)]:
            assert stat.S_IMODE((cluster.keys / name).stat().st_mode) == mode, name


def a_hung_handler_of_keys_is_noticed(binaries):
    """The thread that answers for keys hangs: nobody new comes in, who is in goes on, and health says so."""
    with Cluster(binaries) as cluster:
        process = cluster.processes["notifier"]
        inside = Client(cluster.endpoint("notifier"))
        assert inside.call(CHECK, b"")[0].status == 0
        thread = next(
            int(task) for task in os.listdir(f"/proc/{process.pid}/task")
            if open(f"/proc/{process.pid}/task/{task}/comm").read().strip() == "keys")
        with held(thread):
            stranger = Client(cluster.endpoint("notifier"))
            assert stranger.call(CHECK, b"", wait=2) is None, "somebody came in although nobody answers for keys"

            def trouble():
                reply = health.HealthReply.FromString(inside.call(CHECK, b"")[1])
                return reply.status != health.SERVING_STATUS_SERVING and reply.reason

            began = time.monotonic()
            reason = eventually("NOT_SERVING", 20, trouble)
            took = time.monotonic() - began
            assert "no key is let in" in reason, reason
        eventually("serving again", 20, lambda: not trouble())
        return f"\"{reason}\" after {took:.0f} s"


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


ALL = [
    nobody_without_a_valid_key_reaches_a_handler, each_key_may_do_what_its_roles_say_and_in_its_own_name,
    what_a_client_says_of_itself_is_not_believed, a_revoked_key_is_refused_within_a_second_under_load,
    a_key_that_expires_is_refused_at_its_next_call, keys_are_rotated_under_load_and_nothing_is_lost,
    a_tiers_key_is_rotated_and_the_others_follow, nobody_passes_for_a_tier, a_broken_list_of_keys_changes_nothing_and_is_told,
    a_tier_does_not_start_open, a_hung_handler_of_keys_is_noticed,
]
