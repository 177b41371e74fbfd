"""What each key may do, against the real executables and by a client that shares no code with them: a mistake that client and server
share would pass."""
import calendar
import json
import os
import socket
import stat
import subprocess
import threading
import time

import zmq

import keyring
import powerloss
from cluster import TIERS, Cluster, eventually
from rawcurve import RawCurve
from senders import Gateway, asked
from wire import ACKNOWLEDGE, CHECK, PUBLISH, Client, escalation, event, header, intake, key, rpc
from tocsin.notification.v1 import answers_pb2 as answers

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


def each_key_may_do_what_its_roles_say_and_in_its_own_name(binaries):
    with Cluster(binaries) as cluster:
        primary = cluster.primary()
        pairs = {name: created(cluster, name, role) for name, role in [
            ("cluster", "source"), (primary, "responder"), ("tara", "lead"), ("wall", "observer")]}
        pairs.update({tier: keyring.pair(cluster.keys / f"{tier}.secret") for tier in TIERS})
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
        # And each is believed in what is its own to tell: an answer that never came silences nobody.
        answer_page = "/tocsin.escalation.v1.Escalation/AnswerPage"
        made_up = answers.PageAnswer(
            id="made-up", page_id=f"{incident}/{primary}/1", incident_id=incident, person=primary,
            deed=answers.ANSWER_DEED_ACKNOWLEDGE, channel="sms").SerializeToString()
        for tier in ["scheduler", "alert-intake", "escalator"]:
            denied(tier, "escalator", answer_page, made_up, "method", answer_page, "that of notifier", f"the key of {tier}")
        for tier, there, method in [
            ("alert-intake", "escalator", "escalation.v1.Escalation/PutTimeline"), ("alert-intake", "notifier", "notification.v1.Notification/PutPage"),
            ("scheduler", "escalator", "escalation.v1.Escalation/PutAlert"), ("notifier", "escalator", "escalation.v1.Escalation/PutAlert"),
            ("notifier", "alert-intake", "intake.v1.Intake/CloseAlert"), ("scheduler", "alert-intake", "intake.v1.Sharing/Put"),
            ("notifier", "notifier", "notification.v1.Notification/PutPage"), ("scheduler", "escalator", "escalation.v1.Escalation/PutReceipt"),
        ]:
            denied(tier, there, f"/tocsin.{method}")
        assert cluster.json("incident", "show", incident)["incident"]["state"] == "INCIDENT_STATE_TRIGGERED"
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
            asked = time.monotonic()
            answered = client.call(PUBLISH, event(number, 3), key(), wait=1)
            now = time.monotonic()
            if revoked_at is None and stamp.stat().st_mtime_ns != before:
                revoked_at = now
            if answered is None and revoked_at:
                # The connection was shut, so soon after the refusal that it may not have been read.
                refused = refused or asked
                break
            status = answered[0].status
            if status == 0:
                accepted.append(now)
            else:
                assert status == UNAUTHENTICATED, status
                refused = refused or now
        assert refused and revoked_at and refused - revoked_at <= 1.0, (refused, revoked_at)
        assert accepted[-1] < refused, "accepted after the first refusal"
        assert Client(cluster.sources(), keys=pair).call(PUBLISH, event(0, 3), key(), wait=1) is None, "let in by a revoked key"
        return f"{len(accepted)} accepted, refused after {(refused - revoked_at) * 1000:.0f} ms, on the same connection"


def a_revoked_keys_connections_are_shut(binaries):
    """Also those that say nothing, of which no call could be refused; and whoever else is inside stays."""
    with Cluster(binaries) as cluster:
        metadata = [(b"Socket-Type", b"DEALER"), (b"Identity", b"")]
        pairs = {name: created(cluster, name, "source") for name in ["cluster", "other"]}
        inside = Client(cluster.sources(), keys=pairs["other"])
        assert inside.call(CHECK, b"")[0].status == 0
        raw = RawCurve(cluster.sources_ports["alert-intake"], pairs["cluster"], keyring.SERVERS[cluster.sources()], metadata)
        raw.send(header(PUBLISH, event(1, 3), 1, key()), event(1, 3))
        assert rpc.Header.FromString(raw.receive()[0]).status == 0
        keys(cluster, "revoke", "cluster")
        began = time.monotonic()
        raw.raw.settimeout(5)
        while raw.raw.recv(4096):
            pass  # ZeroMQ's own pings
        took = time.monotonic() - began
        assert took < 2, took
        assert inside.call(CHECK, b"")[0].status == 0
        return f"{took * 1000:.0f} ms after tocsinctl had revoked it"


def a_key_that_expires_is_refused_at_its_next_call(binaries):
    with Cluster(binaries) as cluster:
        pair = created(cluster, "cluster", "source", "--valid-for", "10s")
        until = json.loads(keys(cluster, "show", "cluster", "-o", "json"))[0]["until"]
        end = calendar.timegm(time.strptime(until, "%Y-%m-%dT%H:%M:%SZ"))
        client = Client(cluster.sources(), keys=pair)
        client.publish_until_ok(event(1, 3), key())

        def refused():
            """Its words; its connection is shut a moment later, perhaps before they were read."""
            answer = client.call(PUBLISH, event(2, 3), key(), wait=1)
            if answer is None:
                return "shut" if time.time() > end else None
            return answer[0].status_message if answer[0].status == UNAUTHENTICATED else None

        words = eventually("the refusal", 20, refused)
        late = time.time() - end
        assert 0 <= late < 4, late
        assert words == "shut" or f"was valid until {until}" in words, words
        assert Client(cluster.sources(), keys=pair).call(PUBLISH, event(3, 3), key(), wait=1) is None, "let in by a key that is over"
        log = cluster.folder / "alert-intake.log"
        eventually("why, in the log", 10, lambda: f"this key was valid until {until}" in log.read_text())
        return f"{late * 1000:.0f} ms after its end"


def keys_are_rotated_under_load_and_nothing_is_lost(binaries):
    with Cluster(binaries) as cluster:
        old = created(cluster, "cluster", "source")
        stop, told = threading.Event(), []

        def publish(pair, first, until, ends=float("inf")):
            client, number = Client(cluster.sources(), keys=pair), first
            while not until.is_set():
                answered = client.call(PUBLISH, event(number, 3), token := key())
                if answered is None and time.monotonic() > ends:
                    break  # shut, before the refusal was read
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
        threads = [threading.Thread(target=lambda: last.update(old=publish(old, 0, stop, time.monotonic() + 3.5)))]
        threads[0].start()
        time.sleep(0.5)
        keys(cluster, "rotate", "cluster", "--overlap", "3s")
        new = keyring.pair(cluster.keys / "cluster.secret")
        assert new != old
        ready = threading.Event()
        threading.Timer(6, ready.set).start()
        count = publish(new, 100_000, ready)
        threads[0].join(timeout=20)
        assert not threads[0].is_alive() and last["old"] > 10, "the old key was not refused after the overlap"
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


def a_gateway_reaches_tiers_whose_keys_were_rotated(binaries):
    """Its folder is told by the rotation itself; it goes on with the key that a tier has until that is started again."""
    with Cluster(binaries) as cluster:
        keys(cluster, "noticeboard", "--to", cluster.folder / "gateway")
        shows = ["--scheduler", cluster.endpoint("scheduler"), "--escalator", cluster.endpoint("escalator")]
        feed = keys(cluster, "feed", "make", "--team", "platform").strip()
        with Gateway(cluster, "web", options=shows) as gateway:
            told = []

            def takes():
                told.append(gateway.post("/events", {"summary": "s", "severity": "SEV-3", "dedup_key": f"{len(told)}"}, "web"))
                return told[-1][0] == 200

            def is_current():
                status, text = asked(f"{gateway.url}/status.json")
                return status == 200 and json.loads(text)["current"]

            def has_calendar():
                return asked(gateway.url + feed)[0] == 200

            reaches = {"alert-intake": takes, "escalator": is_current, "scheduler": has_calendar}
            for tier, is_reached in reaches.items():
                eventually(f"the gateway reaches {tier}", 15, is_reached)
                said = keys(cluster, "rotate", tier, "--overlap", "1h")
                assert f"{cluster.folder}/gateway/tiers has it too" in said, said
                until = time.monotonic() + 3
                while time.monotonic() < until:
                    assert is_reached(), f"the gateway has lost {tier}, which has its former key still: {told[-1:]}"
                    time.sleep(0.3)
                cluster.restart(tier)
                eventually(f"the gateway reaches {tier} by its new key", 15, is_reached)
            # A source's own key, of which the former one is good no longer.
            before = keyring.pair(gateway.folder / "web.secret")[0]
            keys(cluster, "rotate", "web")
            assert keyring.pair(gateway.folder / "web.secret")[0] != before
            keys(cluster, "revoke", "web", "--key", before.decode())
            eventually("the source is let in by its new key", 15, takes)
        # A beginning with a hyphen, as one key in 85 has, is a beginning and no option.
        refused = subprocess.run([cluster.binaries / "tocsinctl", "keys", "revoke", "web", "--key", "-none", "--keys", cluster.keys], capture_output=True,
                                 text=True)
        assert "web has no key that begins with -none" in refused.stderr, refused
        nowhere = keys(cluster, "rotate", "notifier", "--to", cluster.folder / "nowhere")
        assert "is no gateway's folder" in nowhere and not (cluster.folder / "nowhere").exists(), nowhere


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
        # A role that only another version knows: its line is skipped, and all others are in force, new ones too.
        pair = created(cluster, "cluster", "source")
        path.write_text(f"wall roles=hologram key={zmq.curve_keypair()[0].decode()} from=2026-01-01T00:00:00Z\n{path.read_text()}")
        skipped = eventually("the remark", 5, lambda: cluster.json("health")["tiers"]["notifier"]["reason"])
        assert 'line 1 (wall) is skipped: roles= has "hologram"' in skipped and "stays in force" not in skipped, skipped
        assert Client(cluster.sources(), keys=pair).publish_until_ok(event(2, 3), key())[0].alert_id
        eventually("the log's word", 5, lambda: "hologram" in (cluster.folder / "notifier.log").read_text())
        examined = cluster.ctl("doctor", "--keys", cluster.keys, check=False)
        assert examined.returncode == 1 and examined.stdout.count("is skipped") > 1, examined
        keys(cluster, "create", "somebody", "--role", "observer")
        assert "wall roles=hologram" in path.read_text(), "a change of another line has lost it"
        return told.split(";")[0].rsplit("/", 1)[1]


def a_tier_does_not_start_open(binaries):
    """Each way to start a tier so that anybody could come in, and what it says instead."""
    with Cluster(binaries) as cluster:
        cluster.kill("notifier")
        base = [cluster.binaries / "notifier", "--data", cluster.folder / "notifier"]
        local, everywhere = ["--listen", "tcp://127.0.0.1:*"], ["--listen", "tcp://0.0.0.0:*"]

        def refused(words, *arguments, **environment):
            ended = subprocess.run(
                [str(part) for part in [*base, *arguments]], capture_output=True, text=True, timeout=20, env={**os.environ, **environment})
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
        # Its own knocking finds what no option tells: it demands keys, and lets everybody in.
        fault = str(powerloss.build("opendoor"))
        refused("a key that nobody knows was let in at the door for tiers", *local, "--keys", cluster.keys, LD_PRELOAD=fault)
        base[0] = cluster.binaries / "alert-intake"
        base[-1] = cluster.folder / "another-intake"
        refused("a key that nobody knows was let in at the door for", *local, "--listen-sources", "tcp://127.0.0.1:*", "--keys", cluster.keys,
                LD_PRELOAD=fault)
        for name, mode in [("admin.secret", 0o400), ("authorized", 0o600), ("tiers", 0o600)]:
            assert stat.S_IMODE((cluster.keys / name).stat().st_mode) == mode, name


ALL = [
    each_key_may_do_what_its_roles_say_and_in_its_own_name,
    what_a_client_says_of_itself_is_not_believed, a_revoked_key_is_refused_within_a_second_under_load,
    a_revoked_keys_connections_are_shut,
    a_key_that_expires_is_refused_at_its_next_call, keys_are_rotated_under_load_and_nothing_is_lost,
    a_tiers_key_is_rotated_and_the_others_follow, a_gateway_reaches_tiers_whose_keys_were_rotated, nobody_passes_for_a_tier,
    a_broken_list_of_keys_changes_nothing_and_is_told, a_tier_does_not_start_open,
]
