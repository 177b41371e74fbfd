"""Disks that lose rows which they had said to be durable, and programs that meet rows of a newer one: the tier refuses to
start, says why, and goes on when its operator has decided."""
import json
import time

import journal
from cluster import Cluster, eventually


def refuses(cluster, tier):
    """Starts a tier that must not run. Returns what it said."""
    log = cluster.folder / f"{tier}.log"
    before = len(log.read_text())
    cluster.start(tier)
    code = eventually(f"the refusal of {tier}", 10, lambda: cluster.processes[tier].poll())
    cluster.processes.pop(tier)
    assert code not in (0, None)
    return log.read_text()[before:]


class Watch:
    """Incidents of a cluster whose clock runs fast, and what is heard of them."""

    def __init__(self, cluster):
        self.cluster = cluster

    def opens(self, what):
        id = json.loads(self.cluster.ctl("alert", "send", "--severity", "SEV-1", "--key", what, what, "-o", "json"))["alert_id"]
        eventually(f"a page of {what}", 10, lambda: self.pages(id))
        return id

    def closes(self, id):
        self.cluster.ctl("incident", "resolve", id, "--by", "dee")
        eventually("nothing owed", 10, self.is_quiet)

    def pages(self, id, since_ms=0):
        return [body for body in self.cluster.receiver.received()
                if body["incident"] == id and body["person"] and body["arrived_ms"] >= since_ms]

    def is_quiet(self):
        tiers = self.cluster.json("health")["tiers"].values()
        return all(int(owed.get("count", 0)) == 0 for tier in tiers for owed in tier.get("owed", []) if owed["peer"] != "provider")

    def open(self):
        return {one["id"] for one in self.cluster.json("incident", "list")["incidents"]}


def loses_its_last_rows(cluster, tier):
    """Opens and closes incidents before and within the rows that are lost, and looks for all of them afterwards."""
    watch = Watch(cluster)
    kept, closed_before = watch.opens(f"{tier}: kept"), watch.opens(f"{tier}: closed before")
    closed_within = watch.opens(f"{tier}: closed within")
    watch.closes(closed_before)
    mark = journal.rows(cluster.folder / tier)
    opened_within, gone_within = watch.opens(f"{tier}: opened within"), watch.opens(f"{tier}: opened and closed within")
    watch.closes(gone_within)
    if tier != "escalator":
        # What the escalator is told by people within the rows that it loses, nobody else knows: it must be told again.
        watch.closes(closed_within)
    cluster.kill(tier)
    gone = journal.cut(cluster.folder / tier, mark)
    assert gone > 0
    said = refuses(cluster, tier)
    for word in [f"ends at row {mark}", "rows are lost", "Restore a backup", "--accept-loss"]:
        assert word in said, said
    cluster.start(tier, "--accept-loss")
    cluster.ctl("health", "--wait", "20")
    cluster.ctl("apply", "-f", cluster.folder / "config")
    told = cluster.ctl("hand-over-again", tier)
    assert tier in told, told
    again = time.time() * 1000
    ours = {kept, opened_within} | ({closed_within} if tier == "escalator" else set())
    eventually("the open incidents", 10, lambda: ours <= watch.open())
    for id in [kept, opened_within]:
        # At most until the next tier's turn: ten minutes, at sixty times the clock's speed.
        eventually(f"further pages of {id}", 25, lambda: watch.pages(id, again))
    number = watch.opens(f"{tier}: after")
    assert number not in {kept, closed_before, closed_within, opened_within, gone_within}, "an id is used twice"
    closed = {closed_before, gone_within} | ({closed_within} if tier != "escalator" else set())
    assert not closed & watch.open(), "what was closed is open again"
    late = [body["text"] for id in closed for body in watch.pages(id, again)]
    assert not late, f"paged for what was closed: {late}"
    eventually("nothing owed", 20, watch.is_quiet)
    alerts = {alert["id"] for alert in cluster.json("alert", "list")["alerts"]}
    assert not closed & alerts, "intake holds open what was closed"
    for id in ours | {number}:
        cluster.ctl("incident", "resolve", id, "--by", "dee")
    eventually("the end of all", 10, lambda: not watch.open())
    # The accepted loss is over: from here on it is a journal as any other.
    cluster.restart(tier)
    cluster.ctl("health", "--wait", "20")
    return f"{tier} {gone} rows"


def a_loss_is_noticed_accepted_and_made_good(binaries):
    said = []
    for tier in ["escalator", "notifier", "alert-intake"]:
        with Cluster(binaries, rate=60) as cluster:
            said.append(loses_its_last_rows(cluster, tier))
    return "lost and made good: " + ", ".join(said)


def a_tier_that_rests_starts_at_once_when_its_loss_is_accepted(binaries):
    """Kept running, a tier that refuses to start soon rests; it says why all the while."""
    with Cluster(binaries) as cluster:
        tier, mark = "notifier", journal.rows(cluster.folder / "notifier")
        cluster.ctl("apply", "-f", cluster.folder / "config")
        cluster.ctl("alert", "send", "--severity", "SEV-1", "--key", "one", "one")
        eventually("a page", 10, lambda: cluster.receiver.received())
        cluster.kill(tier)
        journal.cut(cluster.folder / tier, mark)
        for _ in range(3):
            refuses(cluster, tier)
        cluster.start(tier)
        asked = ["health", "-o", "json"]

        def health():
            return json.loads(cluster.ctl(*asked, check=False).stdout)["tiers"][tier]

        reason = eventually("a tier that rests", 10, health)["reason"]
        assert "rests" in reason and "rows are lost" in reason and "--accept-loss" in reason, reason
        cluster.kill(tier)
        cluster.start(tier, "--accept-loss")
        cluster.ctl("health", "--wait", "10")


def rows_of_a_newer_program_are_not_guessed_at(binaries):
    """A row of an unknown kind, or with a field that this program doesn't know: refused with its number and its writer."""
    # Field 900, a varint: no entry has it.
    unknown_field = bytes([0xA0, 0x38, 1])
    for kind, body, says in [(9, b"", "is of kind 9"), (1, unknown_field, "can't be read")]:
        with Cluster(binaries) as cluster:
            for tier in ["escalator", "alert-intake"]:
                cluster.kill(tier)
                row = journal.write(cluster.folder / tier, body, kind, version="9.9.9")
                said = refuses(cluster, tier)
                assert f"row {row} {says}" in said and "version 9.9.9" in said, said
                # It left the journal as it was: the newer program reads on.
                assert journal.rows(cluster.folder / tier) == row
                assert "version 9.9.9" in refuses(cluster, tier)


ALL = [
    a_loss_is_noticed_accepted_and_made_good, a_tier_that_rests_starts_at_once_when_its_loss_is_accepted,
    rows_of_a_newer_program_are_not_guessed_at,
]
