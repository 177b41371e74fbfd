"""What a tier does when its disk, its start or one message goes wrong, and what its watchers see."""
import json
import os
import subprocess
import time
from pathlib import Path

from cluster import Cluster, eventually
from wire import CHECK, PUBLISH, WATCH_HEALTH, Client, event, health, intake, key

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
            client.call(PUBLISH, poison, token, wait=3)
            client.close()
            eventually("the death", 10, lambda: cluster.processes["alert-intake"].poll() is not None)
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


ALL = [
    a_full_disk_pushes_back_and_recovers_by_itself, a_tier_that_can_not_stay_up_rests_and_says_so,
    a_message_that_ends_the_process_twice_is_set_aside_and_told_of, a_watcher_that_starts_in_the_past_misses_no_line,
]
