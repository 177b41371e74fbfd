"""What a tier does when its disk, its start or one message goes wrong, and what its watchers see."""
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import powerloss
from cluster import ROOT, Cluster, eventually, json_lines
from wire import CHECK, PUBLISH, WATCH_HEALTH, Client, event, header, health, intake, key, rpc

UNAVAILABLE, RESOURCE_EXHAUSTED, INTERNAL = 14, 8, 13


def checked(cluster, tier="alert-intake", wait=3):
    client = Client(cluster.endpoint(tier))
    answer = client.call(CHECK, b"", wait=wait)
    client.close()
    return health.HealthReply.FromString(answer[1]) if answer and answer[0].status == 0 else None


def a_full_disk_pushes_back_and_recovers_by_itself(binaries):
    """Intake on 48 MiB: new alerts are refused first, acknowledgements go on, nothing that was answered OK is lost, and all is
    well a few seconds after there is room again, without a restart. Who watches health is told of both changes."""
    with Cluster(binaries) as cluster:
        cluster.kill("alert-intake")
        subprocess.run(["rm", "-rf", cluster.folder / "alert-intake"], check=True)
        small = cluster.folder / "alert-intake"
        small.mkdir(mode=0o700)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m,mode=700", "tmpfs", small], check=True)
        try:
            cluster.start("alert-intake")
            cluster.ctl("health", "--wait", "20")
            cluster.ctl("apply", "-f", cluster.folder / "config")
            pid = cluster.processes["alert-intake"].pid
            client = Client(cluster.endpoint("alert-intake"))
            watching = Client(cluster.endpoint("alert-intake"))
            told = [watching.call(WATCH_HEALTH, b"", credit=16, timeout_ms=600_000)]
            accepted = {client.publish_until_ok(event(n, 3), key())[0].alert_id for n in range(50)}
            filler = small / "filler"
            with open(filler, "wb") as out:
                room = os.statvfs(small)
                out.write(b"x" * (room.f_bavail * room.f_frsize - room.f_blocks * room.f_frsize // 40))
            answer = eventually("a new alert is refused", 5, lambda: next(
                (a for a in [client.call(PUBLISH, event(1000, 3), key())] if a and a[0].status == RESOURCE_EXHAUSTED), None))
            assert "full" in answer[0].status_message and answer[0].retry_pushback_ms > 0, answer[0]
            ack = intake.Event(action=intake.ACTION_ACKNOWLEDGE, source="cluster", dedup_key="alert-1").SerializeToString()
            assert client.call(PUBLISH, ack, key())[0].status == 0, "an acknowledgement was refused"
            urgent = client.call(PUBLISH, event(2000, 1), key())
            assert urgent[0].status == 0, "a SEV-1 was refused while there was room"
            accepted.add(intake.PublishReply.FromString(urgent[1]).alert_id)
            with open(filler, "ab", buffering=0) as out:
                try:
                    while True:
                        out.write(b"x" * 65536)
                except OSError:
                    pass
            answered, number = 0, 3000
            until = time.monotonic() + 60
            while time.monotonic() < until:
                number += 1
                big = intake.Event(
                    action=intake.ACTION_TRIGGER, source="cluster", dedup_key=f"alert-{number}", severity=1, summary="big",
                    details="d" * 30_000).SerializeToString()
                answer = client.call(PUBLISH, big, key(), wait=2)
                if answer is None or answer[0].status != 0:
                    break
                answered += 1
                accepted.add(intake.PublishReply.FromString(answer[1]).alert_id)
            eventually("health says so", 10, lambda: (h := checked(cluster)) is not None and h.status != health.SERVING_STATUS_SERVING)
            assert "full" in checked(cluster).reason, checked(cluster)
            filler.unlink()
            began = time.monotonic()
            eventually("all is well again", 10, lambda: (h := checked(cluster)) is not None and h.status == health.SERVING_STATUS_SERVING)
            recovered = time.monotonic() - began
            while len(told) < 3:
                told.append(watching.frames([], 5))
            states = [health.HealthReply.FromString(payload).status for _, payload in told]
            assert states == [1, 2, 1] and [head.stream_sequence for head, _ in told] == [1, 2, 3], told
            again = Client(cluster.endpoint("alert-intake"))
            again.publish_until_ok(event(5000, 3), key())
            assert cluster.processes["alert-intake"].poll() is None and cluster.processes["alert-intake"].pid == pid
            cluster.restart("alert-intake")
            cluster.ctl("health", "--wait", "20")
            kept = set()
            after = ""
            while True:
                page = json.loads(cluster.ctl("call", "Intake/ListAlerts", json.dumps({"limit": 20, "after": after})))
                kept |= {alert["id"] for alert in page.get("alerts", [])}
                if not page.get("alerts"):
                    break
                after = page["alerts"][-1]["id"]
            assert accepted <= kept, f"lost {len(accepted - kept)} of {len(accepted)}"
            return f"{len(accepted)} accepted, {answered} of them after the disk was nearly full; well again {recovered:.1f} s after room"
        finally:
            cluster.kill("alert-intake", count=False)
            subprocess.run(["umount", "-l", small], check=True)


def a_tier_that_can_not_stay_up_rests_and_says_so(binaries):
    with Cluster(binaries) as cluster:
        cluster.kill("notifier")
        journal = cluster.folder / "notifier" / "journal.db"
        good = journal.read_bytes()
        for suffix in ["-wal", "-shm"]:
            Path(f"{journal}{suffix}").unlink(missing_ok=True)
        journal.write_bytes(b"this is no database" * 300)
        for _ in range(3):
            cluster.start("notifier")
            eventually("the refusal", 10, lambda: cluster.processes["notifier"].poll() is not None)
        cluster.start("notifier")
        resting = eventually("a tier that rests", 10, lambda: checked(cluster, "notifier"))
        assert resting.status == health.SERVING_STATUS_NOT_SERVING and "rests" in resting.reason, resting
        client = Client(cluster.endpoint("notifier"))
        assert client.call("/tocsin.notification.v1.Notification/ListPages", b"")[0].status == UNAVAILABLE
        cluster.kill("notifier")
        (cluster.folder / "notifier" / "ends").unlink()
        journal.write_bytes(good)


def a_message_that_ends_the_process_twice_is_set_aside_and_told_of(binaries):
    with Cluster(binaries) as cluster:
        poison, token = event(666, 2, "a message that kills"), key()
        for _ in range(2):
            cluster.kill("alert-intake")
            cluster.start("alert-intake", "--crash-at", "decide:1")
            client = Client(cluster.endpoint("alert-intake"))
            assert client.sent([header(PUBLISH, poison, 1, token), poison], 30_000)
            eventually("the death", 20, lambda: cluster.processes["alert-intake"].poll() is not None)
            client.close()
        cluster.start("alert-intake")
        client = Client(cluster.endpoint("alert-intake"))
        answer = eventually("an answer", 10, lambda: client.call(PUBLISH, poison, token, wait=3))
        assert answer[0].status == INTERNAL and "set aside" in answer[0].status_message, answer[0]
        kept = list((cluster.folder / "alert-intake" / "set-aside").iterdir())
        assert len(kept) == 1 and kept[0].read_bytes() == PUBLISH.encode() + b"\n" + poison
        eventually("the default team is paged", 10, lambda: [
            body for body in cluster.receiver.received() if "Tocsin needs a look" in body["title"]])
        assert "set aside" in checked(cluster).reason
        assert client.publish_until_ok(event(667, 3), key())


def a_watcher_that_starts_in_the_past_misses_no_line(binaries, alerts=1_000):
    with Cluster(binaries) as cluster:
        client = Client(cluster.endpoint("alert-intake"))
        for number in range(alerts):
            client.publish_until_ok(event(number, 1), key())
        ports = [f"--{name}={cluster.endpoint(tier)}" for name, tier in [
            ("intake", "alert-intake"), ("scheduler", "scheduler"), ("escalator", "escalator"), ("notifier", "notifier")]]
        out = cluster.folder / "watched"
        with open(out, "wb") as sink:
            watching = subprocess.Popen(
                [str(part) for part in [cluster.binaries / "tocsinctl", "call", "Escalation/Watch", '{"fromSequence": "1"}', *ports]],
                stdout=sink, stderr=subprocess.DEVNULL)
            for number in range(alerts, alerts + 50):
                client.publish_until_ok(event(number, 1), key())
            seen = lambda: out.read_text().count('"opened"')
            eventually("every opening", 90, lambda: seen() >= alerts + 50)
            watching.kill()
            watching.wait()
        assert seen() == alerts + 50, seen()
        return f"{alerts} openings from history and 50 live, each once"


class HangingDisk:
    """What each tier's flushes wait for, for as long as it hangs."""

    def __init__(self):
        self.file = Path(tempfile.mkdtemp(prefix="tocsin-hangs-")) / "hangs"
        self.environment = {"LD_PRELOAD": str(powerloss.build("hangingdisk")), "HANGING_DISK": str(self.file)}

    def __enter__(self):
        self.file.touch()

    def __exit__(self, *_):
        self.file.unlink()


def a_disk_that_hangs_is_told_of_over_the_bus(binaries):
    """Health goes on answering, says SERVING only while commits are fresh, and is well again when the disk is."""
    disk = HangingDisk()
    with Cluster(binaries, environment=disk.environment) as cluster:
        client = Client(cluster.endpoint("alert-intake"))
        client.publish_until_ok(event(1, 3), key())
        longest, began = 0, time.monotonic()
        with disk:
            while True:
                asked = time.monotonic()
                told = checked(cluster)
                longest = max(longest, time.monotonic() - asked)
                assert told, "health did not answer within 3 s while the disk hung"
                if told.status == health.SERVING_STATUS_NOT_SERVING:
                    break
                assert time.monotonic() - began < 10, "SERVING although nothing is committed"
            noticed = time.monotonic() - began
            assert "nothing was committed for" in told.reason, told
            assert client.call(PUBLISH, event(2, 3), key(), wait=0.5) is None, "an OK without a flush"
        eventually("all is well again", 5, lambda: (h := checked(cluster)) is not None and h.status == health.SERVING_STATUS_SERVING)
        again = Client(cluster.endpoint("alert-intake"))
        again.publish_until_ok(event(2, 3), key())
        return f"NOT_SERVING after {noticed:.1f} s, the slowest answer took {longest:.1f} s"


def a_flooding_source_is_told_when_to_come_back_and_nobody_else_notices(binaries):
    """By the limit of configuration. What must get through does, and what was refused is taken when it comes again (I5)."""
    with Cluster(binaries) as cluster:
        config = cluster.folder / "limited"
        shutil.copytree(ROOT / "compose" / "config", config)
        alerts = config / "alerts.yaml"
        alerts.write_text(alerts.read_text().replace("{ per-second: 1000, burst: 10000 }", "{ per-second: 20, burst: 40 }"))
        said = cluster.ctl("apply", "-f", config)
        assert "rate limit of each source: 1000/s, burst 10000 -> 20/s, burst 40" in said, said
        client = Client(cluster.endpoint("alert-intake"))
        tokens = {number: key() for number in range(120)}
        for number, token in tokens.items():
            payload = event(number, 3)
            client.socket.send_multipart([header(PUBLISH, payload, 1_000_000 + number, token), payload])
        answers = {}
        while len(answers) < len(tokens) and client.socket.poll(5_000):
            answer = rpc.Header.FromString(client.socket.recv_multipart()[0])
            answers[answer.call_id - 1_000_000] = answer
        refused = [number for number, answer in answers.items() if answer.status == RESOURCE_EXHAUSTED]
        assert 40 <= len(refused) <= 80 and all(answers[n].status == 0 for n in answers if n not in refused), len(refused)
        waits = [answers[number].retry_pushback_ms for number in refused]
        assert all(wait > 0 for wait in waits) and max(waits) > 1_000, "all are told to come back at the same moment"
        assert "cluster sends more than 20 a second" in answers[refused[0]].status_message
        for urgent in [event(500, 1), intake.Event(
                action=intake.ACTION_RESOLVE, source="cluster", dedup_key="alert-0").SerializeToString(), intake.Event(
                action=intake.ACTION_TRIGGER, source="quiet", severity=4, summary="an hour of rain").SerializeToString()]:
            answer = client.call(PUBLISH, urgent, key())
            assert answer and answer[0].status == 0, answer
        # Its own urgent ones have an end too, which is far away, and is its own alone.
        flood = {number: intake.Event(action=intake.ACTION_RESOLVE, source="cluster", dedup_key=f"never-{number}").SerializeToString()
                 for number in range(3_000)}
        for number, payload in flood.items():
            client.socket.send_multipart([header(PUBLISH, payload, 2_000_000 + number, key()), payload])
        told = []
        while len(told) < len(flood) and client.socket.poll(5_000):
            told.append(rpc.Header.FromString(client.socket.recv_multipart()[0]))
        too_many = [answer for answer in told if answer.status == RESOURCE_EXHAUSTED]
        assert len(told) == len(flood) and 100 < len(too_many) <= 2_000, (len(told), len(too_many))
        assert all(answer.status in (0, RESOURCE_EXHAUSTED) for answer in told), told[:3]
        assert all(answer.retry_pushback_ms > 0 for answer in too_many)
        assert "cluster sends more than 200 SEV-1, resolves and acknowledgements a second" in too_many[0].status_message
        answer = client.call(PUBLISH, intake.Event(
            action=intake.ACTION_TRIGGER, source="quiet", severity=1, summary="somebody else's outage").SerializeToString(), key())
        assert answer and answer[0].status == 0, answer
        client.publish_until_ok(event(501, 1), key())
        for number in refused:
            client.publish_until_ok(event(number, 3), tokens[number])
        known = cluster.json("alert", "list", "--all", "--limit", "1000")
        assert int(known["open"]) == 120 - 1 + 4, known["open"]
        return f"{len(refused)} of 120 had to come again"


def a_disk_that_is_behind_pushes_back_at_once(binaries, most=4_000):
    """Not in its turn behind 64 MiB that wait for the disk: refusals come while it hangs. What was taken in is kept."""
    disk = HangingDisk()
    with Cluster(binaries, environment=disk.environment) as cluster:
        clients = [Client(cluster.endpoint("alert-intake")) for _ in range(16)]
        for number, client in enumerate(clients):
            client.publish_until_ok(event(number, 4), key())
        answers = {}

        def hear():
            for client in clients:
                while client.socket.poll(0):
                    first, _ = client.socket.recv_multipart()
                    answer = rpc.Header.FromString(first)
                    answers[answer.call_id] = answer

        sent = []
        with disk:
            refused = None
            for number in range(most):
                payload = intake.Event(
                    action=intake.ACTION_TRIGGER, source="cluster", dedup_key=f"behind-{number}", severity=4, summary="behind",
                    details="d" * 31_000).SerializeToString()
                sent.append(1_000_000 + number)
                clients[number % len(clients)].socket.send_multipart(
                    [header(PUBLISH, payload, sent[-1], key(), timeout_ms=60_000), payload])
                hear()
                refused = next((a for a in answers.values() if a.status == RESOURCE_EXHAUSTED), None)
                if refused:
                    break
            began = time.monotonic()
            while not refused and time.monotonic() - began < 10:
                hear()
                refused = next((a for a in answers.values() if a.status == RESOURCE_EXHAUSTED), None)
            assert refused, f"{len(sent)} alerts of 31 KB are taken in while the disk hangs"
            assert "the disk is behind" in refused.status_message and refused.retry_pushback_ms > 0, refused
            assert not [a for a in answers.values() if a.status == 0], "an OK without a flush"
            urgent = event(9_999_999, 1)
            clients[0].socket.send_multipart([header(PUBLISH, urgent, 999, key(), timeout_ms=60_000), urgent])
            assert checked(cluster), "health is pushed back"
        eventually("every answer", 30, lambda: hear() or set(sent) | {999} <= set(answers))
        assert answers[999].status == 0, f"a SEV-1 is pushed back with the flood: {answers[999]}"
        taken = sum(answers[call].status == 0 for call in sent)
        assert taken + sum(answers[call].status == RESOURCE_EXHAUSTED for call in sent) == len(sent)
        eventually("what was taken", 10, lambda: int(cluster.json("alert", "list", "--limit", "1")["open"]) == taken + 1 + len(clients))
        return f"{taken} alerts waited for the disk, then: {refused.status_message}"


def two_messages_that_end_the_process_in_turn_are_both_set_aside(binaries):
    with Cluster(binaries) as cluster:
        poisons = [(event(number, 2, f"kills {number}"), key()) for number in (666, 667)]
        for poison, token in poisons * 2:
            cluster.kill("alert-intake")
            cluster.start("alert-intake", "--crash-at", "decide:1")
            client = Client(cluster.endpoint("alert-intake"))
            assert client.sent([header(PUBLISH, poison, 1, token), poison], 30_000)
            eventually("the death", 20, lambda: cluster.processes["alert-intake"].poll() is not None)
            client.close()
        cluster.start("alert-intake")
        client = Client(cluster.endpoint("alert-intake"))
        for poison, token in poisons:
            answer = eventually("an answer", 10, lambda: client.call(PUBLISH, poison, token, wait=3))
            assert answer[0].status == INTERNAL and "set aside" in answer[0].status_message, answer[0]
        assert len(list((cluster.folder / "alert-intake" / "set-aside").iterdir())) == 2
        assert "2 messages are set aside" in checked(cluster).reason
        client.publish_until_ok(event(668, 3), key())


def a_watcher_waits_for_history_that_can_not_be_read(binaries, alerts=20):
    """Neither its stream nor the tier ends; the timeline of an incident says what the matter is; then every line comes, once."""
    with Cluster(binaries) as cluster:
        client = Client(cluster.endpoint("alert-intake"))
        ids = [client.publish_until_ok(event(number, 1), key())[0].alert_id for number in range(alerts)]
        eventually("the incidents", 10, lambda: int(cluster.json("incident", "list", "--limit", "1")["open"]) == alerts)
        cluster.kill("escalator")
        for path in (cluster.folder / "escalator").glob("history.db*"):
            path.unlink()
        # A directory that isn't empty is neither opened nor removed.
        wrong = cluster.folder / "escalator" / "history.db"
        (wrong / "in the way").mkdir(parents=True)
        cluster.start("escalator")
        cluster.ctl("health", "--wait", "20")
        out = cluster.folder / "watched"
        with open(out, "wb") as sink:
            watch = subprocess.Popen(cluster.command("watch", "--from-sequence", "1", "-o", "json"), stdout=sink, stderr=subprocess.DEVNULL)
        try:
            refused = cluster.ctl("incident", "timeline", ids[0], check=False)
            assert refused.returncode == 4 and "history can't be read" in refused.stderr, refused
            log = cluster.folder / "escalator.log"
            tries = lambda: log.read_text().count("history: ")
            before = tries()
            eventually("another try for the watcher", 10, lambda: tries() >= before + 2)
            assert watch.poll() is None and not out.read_text()
            shutil.rmtree(wrong)
            opened = lambda: sorted(line["incident_id"] for line in json_lines(out) if line["kind"] == "opened")
            eventually("every line", 20, lambda: len(opened()) >= alerts)
            assert opened() == sorted(ids), opened()
            assert cluster.ctl("incident", "timeline", ids[0])
        finally:
            watch.kill()
            watch.wait()


ALL = [
    a_disk_that_hangs_is_told_of_over_the_bus, a_flooding_source_is_told_when_to_come_back_and_nobody_else_notices,
    a_disk_that_is_behind_pushes_back_at_once,
    two_messages_that_end_the_process_in_turn_are_both_set_aside, a_watcher_waits_for_history_that_can_not_be_read,
    a_full_disk_pushes_back_and_recovers_by_itself, a_tier_that_can_not_stay_up_rests_and_says_so,
    a_message_that_ends_the_process_twice_is_set_aside_and_told_of, a_watcher_that_starts_in_the_past_misses_no_line,
]
