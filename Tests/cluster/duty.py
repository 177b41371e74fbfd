"""A day in the life of a schedule, by the operators' commands: swap, time off, sick leave, cover, an edited rotation."""
import json
import re
import time
from datetime import datetime, timezone

from cluster import Cluster, eventually

WEEK = 7 * 24 * 3_600_000


def moment(ms):
    return datetime.fromtimestamp(int(ms) / 1000, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Calendar:
    """What `schedule show` says, as a function of tier and time."""

    def __init__(self, cluster, *more):
        self.shifts = [(shift["tier"], int(shift.get("from_at_ms", 0)), int(shift["until_at_ms"]), shift.get("person", ""), shift)
                       for shift in cluster.json("schedule", "show", "platform", *more)["shifts"]]

    def holder(self, tier, at):
        return next(person for of, begin, end, person, _ in self.shifts if of == tier and begin <= at < end)

    def shift(self, tier, at):
        return next(shift for of, begin, end, _, shift in self.shifts if of == tier and begin <= at < end)

    def changes(self):
        return {edge for _, begin, end, _, _ in self.shifts for edge in (begin, end)}


def the_escalator_knows(cluster):
    """Whether it has every schedule that the scheduler has made."""
    owed = cluster.json("health")["tiers"]["scheduler"].get("owed", [])
    return not any(int(debt.get("count", 0)) for debt in owed if debt["peer"] == "escalator")


def paged(cluster, summary):
    """Who was paged for an incident with the duty to answer, in order."""
    return [body["person"] for body in cluster.receiver.received() if summary in body["text"] and not body["channel"].startswith("#")]


def a_schedule_lives_through_a_day(binaries):
    """Swap, time off, sick leave, cover: what the schedule shows, what `oncall` explains, and whom the pager rings."""
    with Cluster(binaries) as cluster:
        now = time.time_ns() // 1_000_000
        calendar = Calendar(cluster, "--weeks", 8)
        primary, secondary = calendar.holder(1, now), calendar.holder(2, now)
        shown = cluster.ctl("schedule", "show", "--utc")
        assert "PRIMARY" in shown and "published until" in shown and f"({primary})" in shown, shown
        assert "NOBODY" not in shown and re.search(r"^W\d+ .* now$", shown, re.M), shown

        # A swap of whole weeks: nothing moves until both have agreed, each as themselves.
        third, fifth = (int(calendar.shift(1, now)["until_at_ms"]) + weeks * WEEK for weeks in (2, 4))
        giver, taker = calendar.holder(1, third), calendar.holder(1, fifth)
        swap = cluster.json(
            "swap", "request", "--tier", "primary", "--shift", moment(third + WEEK // 2), "--to", taker, "--return-shift",
            moment(fifth + WEEK // 2), "--reason", "a wedding", "--by", giver)["swap"]
        assert int(swap["request"]["from_at_ms"]) == third and int(swap["request"]["until_at_ms"]) == third + WEEK, swap
        assert Calendar(cluster, "--weeks", 8).holder(1, third) == giver
        stranger = next(person for person in ["ana", "ben", "cai"] if person not in (giver, taker))
        refused = cluster.ctl("swap", "answer", swap["id"], "agree", "--by", stranger, check=False)
        assert refused.returncode == 1 and "(S6)" in refused.stderr and "(field by)" in refused.stderr, refused
        before = moment(time.time_ns() // 1_000_000)
        eventually("a later millisecond", 3, lambda: moment(time.time_ns() // 1_000_000) != before)
        agreed = cluster.ctl("swap", "answer", swap["id"], "agree", "--by", taker)
        assert "agreed by both" in agreed and "override" in agreed, agreed
        then = cluster.json("oncall", "platform", "--tier", "primary", "--at", moment(third + 3_600_000))["shifts"][0]
        assert then["person"] == taker and then["because"] == "BECAUSE_SWAP", then
        assert f"swapped with {giver}" in then["explanation"] and "agreed by both" in then["explanation"], then
        known = cluster.json(
            "oncall", "platform", "--tier", "1", "--at", moment(third + 3_600_000), "--known-at", before)["shifts"][0]
        assert known["person"] == giver, known
        assert Calendar(cluster, "--weeks", 8).holder(1, fifth) == giver
        assert "~ swap" in cluster.ctl("schedule", "show", "--weeks", "8")
        listed = cluster.ctl("swap", "list")
        assert swap["id"] in listed and re.search(rf"^{taker} +7d +7d +0s$", listed, re.M), listed

        # Time off that meets a promised shift is refused, with what would make it possible.
        refused = cluster.ctl(
            "timeoff", "request", "--from", moment(third), "--until", moment(third + WEEK), "--by", taker, check=False)
        assert refused.returncode == 1 and f"{taker} holds published shifts" in refused.stderr, refused
        assert "becomes possible after a swap or the lead's cover" in refused.stderr, refused
        assert "(field from_at_ms)" in refused.stderr, refused

        # Sick leave now: a gap that everybody sees; the page goes on to the next tier, and the lead hears of it.
        until = moment(now + 2 * 24 * 3_600_000)
        asked = ["timeoff", "sick", "--until", until, "--reason", "flu", "--by", primary]
        assert f"{primary} +NOBODY" in re.sub(" {2,}", " +", cluster.ctl(*asked, "--dry-run"))
        assert cluster.primary() == primary
        assert "NOBODY is primary of platform" in cluster.ctl(*asked)
        gap = cluster.json("oncall", "platform", "--tier", "primary")["shifts"][0]
        assert gap.get("person", "") == "" and f"{primary} is on sick leave" in gap["explanation"], gap
        assert "!! NOBODY !!" in cluster.ctl("schedule", "show")
        eventually("the escalator's news of the gap", 10, lambda: the_escalator_knows(cluster))
        cluster.ctl("alert", "send", "--severity", "SEV-1", "--key", "one", "the fans stand still")
        eventually("a page to the secondary", 10, lambda: secondary in paged(cluster, "the fans stand still"))
        assert primary not in paged(cluster, "the fans stand still")
        eventually("the lead's page", 10, lambda: "tara" in paged(cluster, "find cover"))

        # Cover: as long as the gap, by the lead; the page goes to whoever covers.
        cover = next(person for person in ["dee", "eli", "fay", "gus"] if person not in (primary, secondary, giver, taker))
        assign = ["cover", "assign", "--tier", "primary", "--person", cover, "--reason", "flu"]
        assert cluster.ctl(*assign, "--by", secondary, check=False).returncode == 1
        cluster.ctl(*assign, "--by", "tara")
        covered = cluster.json("oncall", "platform", "--tier", "primary")["shifts"][0]
        assert covered["person"] == cover and covered["because"] == "BECAUSE_COVER", covered
        assert f"covers for {primary}" in covered["explanation"] and "flu" in covered["explanation"], covered
        listed = cluster.ctl("override", "list")
        assert "covers for" in listed and "swapped with" in listed, listed
        eventually("the escalator's news of the cover", 10, lambda: the_escalator_knows(cluster))
        cluster.ctl("alert", "send", "--severity", "SEV-1", "--key", "two", "the queue is stuck")
        eventually("a page to who covers", 10, lambda: cover in paged(cluster, "the queue is stuck"))
        assert {primary, secondary}.isdisjoint(paged(cluster, "the queue is stuck"))
        # Back early: the cover stays, the person may be on call again.
        absence = cluster.json("timeoff", "list", primary)["absences"][0]["id"]
        cluster.ctl("timeoff", "end", absence, "--by", primary)
        assert "nobody is away" in cluster.ctl("timeoff", "list")


def a_preview_is_what_apply_then_does(binaries):
    """Every span that `rotation preview` names changes hands as it says, and nothing else does."""
    with Cluster(binaries) as cluster:
        config = cluster.folder / "config"
        rotations = config / "rotations.yaml"
        edited = rotations.read_text().replace(
            "members: [ana, ben, cai, dee, eli, fay, gus, hal]", "members: [hal, ben, cai, dee, fay, eli, gus]").replace(
            "first: ana", "first: ben")
        assert edited != rotations.read_text()
        rotations.write_text(edited)
        now = time.time_ns() // 1_000_000
        # Both questions look from their own now on: they are compared where both do.
        begin, end = now + 60_000, now + 13 * WEEK - 60_000
        before = Calendar(cluster, "--weeks", 13)
        preview = cluster.json("rotation", "preview", "-f", config)
        changes = [(change["tier"], int(change["from_at_ms"]), int(change["until_at_ms"]), change.get("loses", ""),
                    change.get("gains", "")) for change in preview["changes"]]
        assert len(changes) > 5 and preview["words"], preview
        dry = cluster.ctl("apply", "-f", config, "--dry-run", "--utc")
        assert "GAINS IT" in dry and "would change" in dry, dry
        assert json.loads(cluster.ctl("apply", "-f", config, "--dry-run", "-o", "json"))["preview"]["changes"]
        assert [shift[:4] for shift in Calendar(cluster, "--weeks", 13).shifts] == [shift[:4] for shift in before.shifts]
        cluster.ctl("apply", "-f", config)
        after = Calendar(cluster, "--weeks", 13)
        edges = before.changes() | after.changes() | {edge for change in changes for edge in change[1:3]} | {begin}
        compared = 0
        for tier in (1, 2, 3):
            for at in sorted(edge for edge in edges if begin <= edge < end):
                was, becomes = before.holder(tier, at), after.holder(tier, at)
                said = next((change for change in changes if change[0] == tier and change[1] <= at < change[2]), None)
                assert (was, becomes) == (said[3:] if said else (was, was)), (tier, moment(at), was, becomes, said)
                compared += 1
        # What is promised doesn't move.
        published = min(change[1] for change in changes)
        assert published >= now + 4 * WEEK, moment(published)
        assert not cluster.json("rotation", "preview", "-f", config).get("changes", [])
        return f"{len(changes)} spans change hands, {compared} compared"


ALL = [a_schedule_lives_through_a_day, a_preview_is_what_apply_then_does]
