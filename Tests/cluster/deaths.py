"""Tiers that are killed, cut off from power, or away for an hour: nothing that was answered OK is lost."""
import math
import random
import re
import time
from statistics import median

import powerloss
from account import People, accepted, check, duplicates, duty_pages, repeats, source
from cluster import TIERS, Cluster, eventually
from wire import ADD_OVERRIDE, Client, event, key, override


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, math.ceil(share * len(values)) - 1)]


def killed_at_any_time_nothing_is_lost(binaries, alerts=150, per_second=15, seconds=58):
    """Any tier, at any time, under load, while people answer and the fast clock takes incidents up the chain. The receiver takes a
    moment for its answer, so that something is often under way when the notifier dies: that alone comes again, and says so."""
    with Cluster(binaries, rate=30, hook="delay/0.1") as cluster:
        account = cluster.folder / "account.jsonl"
        publishing = source(cluster, account, alerts, per_second)
        people = People(cluster, account)
        people.start()
        dice, ends = random.Random(7), time.monotonic() + seconds
        while time.monotonic() < ends:
            time.sleep(dice.uniform(0.2, 2.0))
            cluster.restart(dice.choice(TIERS))
        assert publishing.wait(timeout=60) == 0
        time.sleep(4)
        people.end()
        end_ms = time.time() * 1000
        entries, received = accepted(account), cluster.receiver.received()
        assert len({entry["id"] for entry in entries}) == alerts, "an alert is lost, or two share an id"
        demanded, latest = check(cluster, entries, people.answers, received, end_ms)
        silent, _ = duplicates(received)
        assert not silent, f"came twice without saying so: {silent[:5]}"
        marked, twice, unaccounted = repeats(received, cluster.deaths)
        assert not unaccounted, f"{len(unaccounted)} of {marked} repeats are due to no death of the notifier: {unaccounted[:5]}"
        killed = sum(tier == "notifier" for tier, _ in cluster.deaths)
        assert len(people.answers) >= alerts // 4
        took = [entry["took"] * 1000 for entry in entries]
        return (f"{alerts} accepted, {len(people.answers)} answered, {cluster.kills} kills, {len(received)} hand-overs, {demanded} "
                f"demanded by the policy and all met (the latest {latest:.1f} min late), {marked} marked as repeats by {killed} kills of the "
                f"notifier, {twice} of them came twice; OK p50 {percentile(took, 0.5):.0f} ms, p99 {percentile(took, 0.99):.0f} ms")


def killed_200_times_while_100_000_alerts_flow(binaries, alerts=100_000, kills=200, per_second=400):
    """The long form: every alert's first page, and how long an OK takes while tiers die."""
    with Cluster(binaries) as cluster:
        account = cluster.folder / "account.jsonl"
        sources = [source(cluster, account, alerts // 4, per_second // 4, part * alerts // 4) for part in range(4)]
        dice = random.Random(7)
        pause = alerts / per_second / kills
        while any(one.poll() is None for one in sources) or cluster.kills < kills:
            time.sleep(dice.uniform(0.5, 1.5) * pause)
            cluster.restart(dice.choice(TIERS))
        assert all(one.returncode == 0 for one in sources)
        entries = accepted(account)
        wanted = {entry["id"] for entry in entries}
        assert len(wanted) == alerts, "an alert is lost, or two share an id"
        eventually("every accepted alert's first page", 300, lambda: wanted <= duty_pages(cluster.receiver.received()), pause=5)
        received = cluster.receiver.received()
        silent, _ = duplicates(received)
        assert not silent, f"came twice without saying so: {silent[:5]}"
        marked, _, unaccounted = repeats(received, cluster.deaths)
        assert not unaccounted, f"{len(unaccounted)} of {marked} repeats are due to no death of the notifier: {unaccounted[:5]}"
        took = [entry["took"] * 1000 for entry in entries]
        late = percentile(took, 0.99)
        assert late <= 750, f"OK p99 {late:.0f} ms"
        return (f"{alerts} accepted, {cluster.kills} kills, {marked} marked as repeats, 0 lost; OK p50 {percentile(took, 0.5):.0f} ms, "
                f"p99 {late:.0f} ms, worst {max(took):.0f} ms")


def killed_at_each_labelled_point_nothing_is_lost(binaries):
    """Every point of every tier's loop at which it can die: each must be reached."""
    labels = ["decide", "append", "flush", "reply", "send", "confirm"]
    with Cluster(binaries) as cluster:
        account, first, missed = cluster.folder / "account.jsonl", 0, []
        primary = cluster.primary()
        client = Client(cluster.endpoint("scheduler"))
        for tier in TIERS:
            for label in labels:
                cluster.kill(tier)
                cluster.start(tier, "--crash-at", f"{label}:3")
                process = cluster.processes[tier]
                publishing = source(cluster, account, 6, 60, first)
                first += 6
                until = time.monotonic() + 30
                while process.poll() is None and time.monotonic() < until:
                    if tier == "scheduler":
                        client.call(ADD_OVERRIDE, override(primary, label), key(), wait=0.3)
                    time.sleep(0.02)
                if process.poll() is not None:
                    cluster.deaths.append((tier, time.time() * 1000))
                else:
                    missed.append(f"{tier} {label}")
                cluster.restart(tier)
                assert publishing.wait(timeout=60) == 0
        entries = accepted(account)
        wanted = {entry["id"] for entry in entries}
        assert len(wanted) == first
        eventually("every first page", 60, lambda: wanted <= duty_pages(cluster.receiver.received()))
        silent, _ = duplicates(cluster.receiver.received())
        assert not silent, silent[:5]
        assert not missed, f"not reached: {missed}"
        marked, twice, unaccounted = repeats(cluster.receiver.received(), cluster.deaths)
        assert not unaccounted, f"{len(unaccounted)} of {marked} repeats are due to no death of the notifier: {unaccounted[:5]}"
        return (f"{len(TIERS) * len(labels)} points, all reached, {first} alerts, {marked} marked as repeats where a call was in flight, "
                f"{twice} of them came twice, 0 lost")


def cut_off_from_power_nothing_is_lost(binaries, kills=50, per_second=30):
    """As when killed, and everything that was written and not flushed is gone too."""
    with Cluster(binaries, power=powerloss.build(), extra={tier: ["--checkpoint-every", "200"] for tier in TIERS}) as cluster:
        account = cluster.folder / "account.jsonl"
        alerts = 1_000_000
        publishing = source(cluster, account, alerts, per_second)
        client = Client(cluster.endpoint("alert-intake"))
        dice, tokens = random.Random(11), []
        # Where a start takes long, many a cut meets a tier that has not begun to write.
        while cluster.kills < kills or sum(map(bool, cluster.undone)) < kills // 5 and cluster.kills < 4 * kills:
            time.sleep(dice.uniform(0.05, 0.5))
            if cluster.kills % 5 == 0:
                token, payload = key(), event(5_000_000 + cluster.kills, 3)
                tokens.append((token, payload, client.publish_until_ok(payload, token)[0]))
            cluster.restart(dice.choice(TIERS))
        publishing.kill()
        publishing.wait()
        entries = accepted(account)
        wanted = {entry["id"] for entry in entries}
        assert len(wanted) == len(entries)
        for token, payload, reply in tokens:
            assert client.publish_until_ok(payload, token)[0] == reply, "an answer that was given is not remembered"
        eventually("every accepted alert's first page", 60, lambda: wanted <= duty_pages(cluster.receiver.received()))
        silent, _ = duplicates(cluster.receiver.received())
        assert not silent, f"came twice without saying so: {silent[:5]}"
        marked, twice, unaccounted = repeats(cluster.receiver.received(), cluster.deaths)
        assert not unaccounted, f"{len(unaccounted)} of {marked} repeats are due to no death of the notifier: {unaccounted[:5]}"
        checkpoints = sum(1 for tier in TIERS for _ in (cluster.folder / tier).glob("checkpoint-*"))
        assert checkpoints, "no checkpoint was written"
        lost = [count for count in cluster.undone if count]
        assert len(lost) >= kills // 5, f"only {len(lost)} kills found anything unflushed"
        return (f"{len(entries)} accepted, {cluster.kills} power cuts, {len(lost)} of them took {sum(lost)} unflushed writes, "
                f"{marked} marked as repeats where a call was in flight, {twice} of them came twice, 0 lost")


def current_first_and_late_ones_noted(cluster, id, before):
    """After an outage of the notifier: whom the newest step pages hears before those whom only earlier steps paged, and the timeline
    says of each page that had to wait by how much it came late."""
    paged = {}
    for kind, at, text in before:
        if kind == "paged" and (who := re.match(r"(?:page|reminder|heads-up) (?:of|to) (\S+?),", text)):
            paged[who[1]] = at
    newest = max(paged.values())
    current = {who for who, at in paged.items() if at > newest - 60_000}
    first = {}
    for body in cluster.receiver.received():
        if body["incident"] == id and body["person"]:
            first.setdefault(body["person"], body)
    assert current and set(paged) - current and set(paged) <= set(first), (paged, first)
    # They leave one after the other, most of them on a connection of its own, and the receiver notes what comes together in any order.
    late = set(paged) - current
    last_current, first_late = max(first[who]["at_ms"] for who in current), min(first[who]["at_ms"] for who in late)
    order = {who: (body["connection"], body["arrived_ms"]) for who, body in first.items()}
    is_before = [median(order[who][kind] for who in current) < median(order[who][kind] for who in late) for kind in (0, 1)]
    assert last_current <= first_late + 20 * cluster.rate and any(is_before), \
        f"{last_current - first_late} ms: {current} are current; connections and arrivals: {order}"
    eventually("the timeline of late pages", 10, lambda: set(paged) - current <= {
        who[1] for line in cluster.json("incident", "timeline", id)["lines"]
        if line["kind"] == "late" and (who := re.match(r"page of (\S+) reached the notifier \d+ (?:min|h)", line["text"]))})


def tiers_that_are_down_lose_nothing(binaries):
    """Each tier away in turn; the notifier for an hour of the tiers' clock."""
    with Cluster(binaries, rate=120) as cluster:
        primary = cluster.primary()

        def heard(what):
            return {body["person"] for body in cluster.receiver.received() if what in body["title"] and body["person"]}

        def incident(what):
            return next((one for one in cluster.json("incident", "list")["incidents"] if what in one["summary"]), None)

        def lines(id):
            return [(line["kind"], line["text"]) for line in cluster.json("incident", "timeline", id)["lines"]]

        cluster.kill("scheduler")
        cluster.ctl("alert", "send", "--severity", "SEV-1", "--key", "one", "scheduler down")
        # The secondary's heads-up follows after five minutes, which are two and a half seconds here.
        first = eventually("a page of the right person without a scheduler", 10, lambda: heard("scheduler down"), pause=0.01)
        assert first == {primary}, first
        cluster.start("scheduler")

        cluster.kill("escalator")
        said = cluster.ctl("alert", "send", "--severity", "SEV-1", "--key", "two", "escalator down")
        assert said.strip(), "intake gave no answer"
        time.sleep(6)  # twelve minutes of the tiers' clock: the target and the maximum go by
        assert not heard("escalator down")
        cluster.start("escalator")
        eventually("a page after the escalator came back", 10, lambda: primary in heard("escalator down"))
        eventually("the secondary, whose turn went by", 15, lambda: len(heard("escalator down")) >= 2)
        kinds = [kind for kind, _ in lines(incident("scheduler down")["id"])]
        assert any("skipped" in kind for kind in kinds), kinds

        cluster.kill("notifier")
        cluster.ctl("alert", "send", "--severity", "SEV-1", "--key", "three", "notifier down")
        time.sleep(30)  # an hour
        assert not heard("notifier down")
        one = incident("notifier down")
        assert one["tier"] >= 3, one
        before = [(line["kind"], int(line["at_ms"]), line["text"]) for line in cluster.json("incident", "timeline", one["id"])["lines"]]
        cluster.start("notifier")
        eventually("pages of everybody who is owed one", 15, lambda: primary in heard("notifier down") and len(heard("notifier down")) >= 5)
        current_first_and_late_ones_noted(cluster, one["id"], before)
        return f"an hour without the notifier: {len(heard('notifier down'))} people heard at once, {primary} among them"
