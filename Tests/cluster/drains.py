"""Tiers that are stopped as an upgrade stops them: nothing is lost, nothing comes twice, nobody waits long."""
import time

from account import accepted, duplicates, duty_pages, source
from cluster import TIERS, Cluster, eventually


def stopped_cleanly_nothing_is_lost_and_nothing_comes_twice(binaries, times=3, per_second=100, parts=4, at_least=0):
    """Each tier in turn, under load. Not even a repeat that says so: what a provider was being asked is heard to its end.

    A source waits for each answer, so it takes many to keep up a rate: `at_least` so many a second must have been accepted."""
    with Cluster(binaries) as cluster:
        accounts = [cluster.folder / f"account-{part}.jsonl" for part in range(parts)]
        sources = [source(cluster, account, 1_000_000, per_second // parts, 2_000_000 * part) for part, account in enumerate(accounts)]
        stops, began = [], time.monotonic()
        try:
            for _ in range(times):
                for tier in TIERS:
                    time.sleep(1)
                    stops.append((cluster.stop(tier), tier))
                    cluster.start(tier)
                    cluster.ctl("health", tier, "--wait", "30")
            time.sleep(1)
        finally:
            took = time.monotonic() - began
            for one in sources:
                one.kill()
                one.wait()
        entries = [entry for account in accounts for entry in accepted(account)]
        wanted = {entry["id"] for entry in entries}
        assert len(wanted) == len(entries), "two alerts share an id"
        rate = len(entries) / took
        assert rate >= at_least, f"only {rate:.0f} a second were accepted"
        eventually("every accepted alert's first page", 60, lambda: wanted <= duty_pages(cluster.receiver.received()))
        received = cluster.receiver.received()
        silent, marked = duplicates(received)
        assert not silent and not marked, (silent[:5], marked)
        kept = {entry["id"]: entry["accepted_ms"] for entry in entries}
        late = {}
        for body in received:
            if body["incident"] in kept:
                late.setdefault(body["incident"], body["arrived_ms"] - kept[body["incident"]])
        worst = max(late.values())
        assert worst < 10_000, f"a page came {worst:.0f} ms after its alert"
        # One may be held up by what else the machine does.
        *_, second, slowest = sorted(stops)
        assert second[0] < 2 and slowest[0] < 8, (second, slowest)
        return (f"{len(entries)} accepted, {rate:.0f} a second, over {len(stops)} clean stops, the slowest {slowest[0]:.2f} s ({slowest[1]}): 0 lost, 0 twice, "
                f"the latest page after {worst / 1000:.1f} s")


def stopped_cleanly_20_times_each_at_500_a_second(binaries):
    return stopped_cleanly_nothing_is_lost_and_nothing_comes_twice(binaries, times=20, per_second=500, parts=20, at_least=400)


ALL = [stopped_cleanly_nothing_is_lost_and_nothing_comes_twice]
LONG = [stopped_cleanly_20_times_each_at_500_a_second]
