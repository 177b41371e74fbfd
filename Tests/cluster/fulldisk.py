"""Each tier's disk full in turn, under load: a file system of 64 MiB, filled to the last block, and freed again. ext4 in a file, or tmpfs on
a machine that has no loop devices."""
import contextlib
import os
import subprocess
import time

import losses
from account import accepted, duplicates, duty_pages, source
from cluster import TIERS, Cluster, eventually
from endurance import RESOURCE_EXHAUSTED, checked
from wire import ACKNOWLEDGE, ADD_OVERRIDE, PUBLISH, Client, escalation, event, health, intake, key, override

SIZE = 64 << 20


class Small:
    """A tier's data on 64 MiB."""

    def __init__(self, cluster, tier):
        self.cluster, self.tier, self.folder = cluster, tier, cluster.folder / tier

    def __enter__(self):
        self.cluster.stop(self.tier)
        kept = self.cluster.folder / "kept"
        self.folder.rename(kept)
        (kept / "ballast").unlink(missing_ok=True)
        self.folder.mkdir(mode=0o700)
        self.kind = self._mount()
        subprocess.run(["cp", "-a", f"{kept}/.", self.folder], check=True)
        self.cluster.start(self.tier)
        self.cluster.ctl("health", "--wait", "20")
        eventually("the reserve", 10, lambda: (self.folder / "ballast").exists())
        return self

    def _mount(self):
        """Returns the kind of file system."""
        disk = self.cluster.folder / "disk"
        with open(disk, "wb") as file:
            file.truncate(SIZE)
        made = subprocess.run(["mkfs.ext4", "-q", "-m", "0", disk]).returncode == 0
        if made and subprocess.run(["mount", "-o", "loop", disk, self.folder], capture_output=True).returncode == 0:
            self.folder.chmod(0o700)
            return "ext4"
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=700", "tmpfs", self.folder], check=True)
        return "tmpfs"

    def fill(self):
        """Whatever is free now is taken by another program: also what the tier has just given up for its own use."""
        with open(self.folder / "filler", "ab", buffering=0) as out:
            for size in (65_536, 512):
                try:
                    while True:
                        out.write(b"x" * size)
                except OSError:
                    pass
            # What is written out meanwhile delays the tier's own flush.
            with contextlib.suppress(OSError):
                os.fsync(out.fileno())

    def free(self):
        (self.folder / "filler").unlink()

    def __exit__(self, *_):
        self.cluster.kill(self.tier, count=False)
        subprocess.run(["umount", "-l", self.folder], check=True)


def answers_for(seconds, per_second, take):
    """Answers at a rate. Returns how many, and how long the slowest took."""
    count, slowest, until = 0, 0.0, time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.monotonic()
        take(count)
        slowest = max(slowest, time.monotonic() - began)
        count += 1
        time.sleep(max(0, 1 / per_second - (time.monotonic() - began)))
    return count, slowest


def owes_nothing(cluster):
    """Neither intake nor the escalator waits for another tier to take something."""
    known = [checked(cluster, tier) for tier in ("alert-intake", "escalator")]
    return all(one and not any(owed.count for owed in one.owed) for one in known)


def full(binaries, tier, seconds, per_second):
    with Cluster(binaries) as cluster, Small(cluster, tier) as small:
        account = cluster.folder / "account.jsonl"
        filling = source(cluster, account, 200, 100)
        assert filling.wait() == 0
        ids = [entry["id"] for entry in accepted(account)]
        eventually("every first page", 30, lambda: set(ids) <= duty_pages(cluster.receiver.received()))
        pid = cluster.processes[tier].pid
        client, sources = Client(cluster.endpoint("escalator")), Client(cluster.endpoint("alert-intake"))
        planners, primary = Client(cluster.endpoint("scheduler")), cluster.primary()
        # Under load, which goes on until what can wait is refused, or as long as the disk takes to fill.
        flowing = source(cluster, account, 1_000_000, 50, first=1_000)
        eventually("the load", 10, lambda: len(accepted(account)) > 210)
        small.fill()
        began = time.monotonic()
        refused = None
        if tier == "alert-intake":
            number = 10_000
            while refused is None:
                number += 1
                answer = sources.call(PUBLISH, event(number, 3), key(), wait=3)
                if answer and answer[0].status == RESOURCE_EXHAUSTED:
                    refused = time.monotonic() - began
                elif answer and answer[0].status == 0:
                    ids.append(intake.PublishReply.FromString(answer[1]).alert_id)
                assert time.monotonic() - began < 5, "a new alert is not refused"
            assert refused <= 1, f"refused after {refused:.2f} s"
        flowing.kill()
        flowing.wait()
        urgent = []

        def answer(count):
            if count in (10, 20, 30):
                small.fill()
            if count % 20 == 5:
                # A SEV-1 at intake, and all that its page needs at the others: nothing of it waits for room.
                taken = sources.call(PUBLISH, event(40_000 + count, 1), key(), wait=3)
                assert taken and taken[0].status == 0, f"a SEV-1 after {time.monotonic() - began:.0f} s: {taken}"
                urgent.append(intake.PublishReply.FromString(taken[1]).alert_id)
            acknowledge(count)

        def acknowledge(count):
            # By a source at intake, by a person at the escalator or the scheduler: none may wait while there is a reserve.
            if tier == "alert-intake":
                ack = intake.Event(action=intake.ACTION_ACKNOWLEDGE, source="cluster", dedup_key=f"alert-{count % 200}")
                answer = sources.call(PUBLISH, ack.SerializeToString(), key(), wait=3)
            elif tier == "scheduler":
                answer = planners.call(ADD_OVERRIDE, override(primary, f"cover {count}"), key(), wait=3)
            else:
                request = escalation.AcknowledgeRequest(incident_id=ids[count % 200], by="dee")
                answer = client.call(ACKNOWLEDGE, request.SerializeToString(), key(), wait=3)
            assert answer and answer[0].status in (0, 9), f"answer {count} after {time.monotonic() - began:.0f} s: {answer}"

        answers, slowest = answers_for(seconds, per_second, answer)
        lasted = time.monotonic() - began
        assert urgent
        eventually(f"every SEV-1's first page, from the reserve of {tier}", 20, lambda: set(urgent) <= duty_pages(cluster.receiver.received()))
        # The escalator tells the notifier of each answer: nobody is paged who need not be.
        eventually("nothing owed while the disk is full", 20, lambda: owes_nothing(cluster))
        assert cluster.primary() == primary, "who is on call is answered from a full disk too"
        ids += urgent
        # New alerts while the disk of another tier is full: kept by intake, paged when there is room at the latest.
        if tier != "alert-intake":
            for number in range(20_000, 20_010):
                ids.append(sources.publish_until_ok(event(number, 1), key())[0].alert_id)
        small.free()
        freed = time.monotonic()
        eventually("all is well again", 5, lambda: (h := checked(cluster, tier)) is not None
                   and h.status == health.SERVING_STATUS_SERVING and "disk" not in h.reason)
        recovered = time.monotonic() - freed
        ids.append(sources.publish_until_ok(event(30_000, 3), key())[0].alert_id)
        ids += [entry["id"] for entry in accepted(account)]
        eventually("every accepted alert's first page", 30, lambda: set(ids) <= duty_pages(cluster.receiver.received()))
        eventually("nothing owed", 30, losses.Watch(cluster).is_quiet)
        assert cluster.processes[tier].poll() is None and cluster.processes[tier].pid == pid, "it has started again"
        silent, marked = duplicates(cluster.receiver.received())
        assert not silent and not marked, (silent[:5], marked)
        said = "" if refused is None else f"new alerts refused after {refused:.2f} s, "
        return f"{tier} ({small.kind}): {said}{answers} answers and {len(urgent)} SEV-1 taken over {lasted:.0f} s (the slowest {slowest * 1000:.0f} ms), well {recovered:.1f} s after room"


def full_disks_take_answers_longest(binaries, seconds=8, per_second=10):
    return "; ".join(full(binaries, tier, seconds, per_second) for tier in TIERS)


def full_disks_take_answers_for_five_minutes(binaries):
    """At five a second: the reserve of so small a disk is 5 MiB, which holds some 1,800 answers of the escalator's; that of another is
    64 MiB."""
    return full_disks_take_answers_longest(binaries, seconds=300, per_second=5)


ALL = [full_disks_take_answers_longest]
LONG = [full_disks_take_answers_for_five_minutes]
