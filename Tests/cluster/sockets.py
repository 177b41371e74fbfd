"""The two sockets of intake, what health tells of connections, and what a tier tells of itself."""
import json
import re
import socket
import urllib.request
from pathlib import Path

from cluster import TIERS, Cluster, eventually, free_port
from wire import CHECK, DESCRIBE, PUBLISH, Client, escalation, event, header, health, key, rpc

INVALID, DENIED, UNIMPLEMENTED = 3, 7, 12
WATCH, UPDATE = "/tocsin.escalation.v1.Escalation/Watch", "/tocsin.escalation.v1.Escalation/PostUpdate"


def sources_may_publish_and_nothing_else(binaries):
    with Cluster(binaries) as cluster:
        source = Client(cluster.sources())
        reply, _ = source.publish_until_ok(event(1, 1), key())
        assert reply.alert_id
        checked = health.HealthReply.FromString(source.call(CHECK, b"")[1])
        assert checked.status == health.SERVING_STATUS_SERVING
        others = ["tocsin.intake.v1.Intake/ListAlerts", "tocsin.intake.v1.Intake/Configure", "tocsin.intake.v1.Intake/CloseAlert",
                  "tocsin.health.v1.Health/Watch", "tocsin.health.v1.Recovery/HandOverAgain", "tocsin.rpc.v1.Reflection/Describe",
                  "tocsin.keeping.v1.Keeping/CopyRows"]
        for method in others:
            answer = source.call(f"/{method}", b"", key(), credit=1)
            assert answer[0].status == DENIED and "Intake/Publish" in answer[0].status_message, (method, answer)
        assert source.call("/tocsin.intake.v1.Intake/Nothing", b"")[0].status == UNIMPLEMENTED
        # A little too long is answered; far too long costs the connection, and nobody else theirs.
        little = b"\x72" + b"\xff\xff\x03" + bytes(65_536)
        assert source.call(PUBLISH, little, key())[0].status == INVALID
        flood = Client(cluster.sources())
        assert flood.sent([header(PUBLISH, b"", 1, key()), b"x" * 100_000], 10_000)
        eventually("the cut", 10, lambda: counts(cluster, "alert-intake")["sources"]["disconnected"] > 0)
        flood.close()
        assert source.publish_until_ok(event(2, 1), key())[0].alert_id
        assert counts(cluster, "alert-intake")["tiers"]["handshakes_failed"] == 0
        listed = cluster.json("alert", "list")
        assert int(listed["open"]) == 2, listed
        return f"{len(others)} methods denied"


def counts(cluster, tier):
    """What health tells of each socket's connections."""
    sockets = cluster.json("health")["tiers"][tier]["sockets"]
    return {entry["socket"]: {name: int(value) for name, value in entry.items() if name != "socket"} for entry in sockets}


def clients_that_can_not_connect_are_counted_and_told_of_once(binaries):
    with Cluster(binaries) as cluster:
        def hang_up():
            socket.create_connection(("127.0.0.1", cluster.sources_ports["alert-intake"]), timeout=5).close()

        def lines():
            return re.findall(r"connections that failed.*", (cluster.folder / "alert-intake.log").read_text())

        hang_up()
        eventually("the first line", 5, lines)
        for _ in range(20):
            hang_up()
        eventually("all counted", 5, lambda: counts(cluster, "alert-intake")["sources"]["handshakes_failed"] == 21)
        assert "sources: 21 handshakes" in cluster.ctl("health")
        assert counts(cluster, "escalator")["to intake"]["connected"] == 1, counts(cluster, "escalator")
        assert len(lines()) == 1 and "1 handshakes" in lines()[0], lines()


def a_tier_describes_itself(binaries):
    """Reflection names each tier's methods, and is enough to call one; who names none is told what there is."""
    with Cluster(binaries) as cluster:
        described = {}
        for tier in TIERS:
            reply = rpc.DescribeReply.FromString(Client(cluster.endpoint(tier)).call(DESCRIBE, b"")[1])
            assert CHECK in reply.methods and DESCRIBE in reply.methods and len(reply.file_descriptor_set) > 1_000
            described[tier] = set(reply.methods)
        assert PUBLISH in described["alert-intake"] and PUBLISH not in described["escalator"]
        cluster.ctl("alert", "send", "--severity", "SEV-1", "--key", "one", "described")
        known = cluster.ctl("call", "Intake/ListAlerts", '{"limit": 5}')
        assert cluster.ctl("call", "Intake/ListAlerts", '{"limit": 5}', "--reflect") == known and json.loads(known)["alerts"]
        wrong = cluster.ctl("call", "Intake/ListAlrts", check=False)
        assert wrong.returncode == 5 and "did you mean Intake/ListAlerts?" in wrong.stderr, wrong.stderr
        assert "scheduler has" in wrong.stderr and "Schedule/OnCall" in wrong.stderr, wrong.stderr
        return f"{sum(map(len, described.values()))} methods described"


def strangers_have_an_io_thread_of_their_own_at_intake(binaries):
    """As libzmq names its threads: a flood at the sources' door keeps no tier from another."""
    with Cluster(binaries) as cluster:
        found = {tier: sum(
            (task / "comm").read_text().startswith("ZMQbg/IO/") for task in Path(f"/proc/{cluster.processes[tier].pid}/task").iterdir())
            for tier in TIERS}
        assert found == {"alert-intake": 2, "scheduler": 1, "escalator": 1, "notifier": 1}, found


def a_connection_that_is_not_read_is_told_and_health_shows_it(binaries, updates=500, streams=100):
    """Its streams have all credit there can be, and are far more than it holds: each ends with RESOURCE_EXHAUSTED where something of it was
    left out, or is whole; nobody else notices."""
    port = free_port()
    with Cluster(binaries, extra={"escalator": ["--metrics", f"127.0.0.1:{port}"]}) as cluster:
        def figures():
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
                lines = [line.split() for line in answer.read().decode().splitlines() if line.startswith("tocsin_answers_")]
            return {name.split("{")[0]: float(value) for name, value in lines}

        def unread():
            return {name: int(value) for name, value in cluster.json("health")["tiers"]["escalator"]["answers"].items()}

        cluster.ctl("alert", "send", "--severity", "SEV-3", "--key", "one", "much is said of it")
        id = eventually("the incident", 10, lambda: cluster.json("incident", "list").get("incidents"))[0]["id"]
        writer, text = Client(cluster.endpoint("escalator")), "x" * 500
        for number in range(updates):
            writer.until_ok(UPDATE, escalation.UpdateRequest(
                incident_id=id, by="dee", status=escalation.UPDATE_STATUS_INVESTIGATING, impact=f"{number} {text}", actions=text,
                next=text, eta="10 min").SerializeToString(), key())
        assert unread() == {"waited": 0, "given_up": 0}, unread()

        watcher, asked = Client(cluster.endpoint("escalator")), escalation.WatchRequest(from_sequence=1).SerializeToString()
        first = watcher.calls + 1
        for _ in range(streams):
            watcher.calls += 1
            watcher.socket.send_multipart([header(WATCH, asked, watcher.calls, b"", timeout_ms=600_000, credit=65_536), asked])
        eventually("the end of its streams", 30, lambda: unread()["given_up"])
        assert figures()["tocsin_answers_given_up_total"] >= 1 and figures()["tocsin_answers_unread_total"] > 1_000, figures()
        assert "times too many answers left unread" in cluster.ctl("health")
        seen, ended = {number: 0 for number in range(first, first + streams)}, {}
        while watcher.socket.poll(2_000 if len(ended) + sum(count >= updates for count in seen.values()) >= streams else 30_000):
            answer = rpc.Header.FromString(watcher.socket.recv_multipart()[0])
            assert answer.call_id not in ended, "something comes of a stream that has ended"
            if answer.kind == rpc.KIND_END:
                ended[answer.call_id] = answer.status
            else:
                seen[answer.call_id] += 1
                assert answer.stream_sequence == seen[answer.call_id], "a gap"
        assert ended and set(ended.values()) == {8}, set(ended.values())
        whole = [call for call, count in seen.items() if call not in ended and count >= updates]
        assert len(whole) + len(ended) == streams, f"{streams - len(whole) - len(ended)} streams hang"
        writer.until_ok(UPDATE, escalation.UpdateRequest(
            incident_id=id, by="dee", status=escalation.UPDATE_STATUS_INVESTIGATING, impact="x", actions="x", next="x",
            eta="x").SerializeToString(), key())
        return f"{len(ended)} of {streams} streams ended with RESOURCE_EXHAUSTED, {len(whole)} are whole; {unread()}"
