"""A day in the life of a schedule, by the operators' commands: swap, time off, sick leave, cover, an edited rotation."""
import csv
import io
import json
import re
import time
from datetime import datetime, timedelta, timezone

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
    return [body["person"] for body in cluster.receiver.received()
            if summary in body["text"] and not body["channel"].startswith("#") and "For your information" not in body["text"]]


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


RATES = """
---
kind: Pay
team: platform
from: 2026-01-01
currency: USD
stipend: { primary: 300.00, secondary: 150.00, tertiary: 100.00 }
after-hours: 40.00
weekend: 60.00
"""


def work(incident, person, spans, generation=1, severity=2, sev1=(0, 0)):
    """What the escalator reports of one person's work; times in milliseconds."""
    return json.dumps({
        "incident_id": incident, "person": person, "generation": generation, "team": "platform", "severity": f"SEVERITY_SEV{severity}",
        "summary": f"{incident} stood still", "spans": [{"from_at_ms": begin, "until_at_ms": end} for begin, end in spans],
        "sev1_from_at_ms": sev1[0], "sev1_until_at_ms": sev1[1]})


def duty_is_paid(binaries):
    """Incident work is listed, mended, approved and exported, each line traceable; a long SEV-1 earns a day off (C1 to C4)."""
    with Cluster(binaries) as cluster:
        team = cluster.folder / "config/team.yaml"
        team.write_text(team.read_text() + RATES)
        assert "pay" in cluster.ctl("apply", "-f", cluster.folder / "config").lower()
        today = datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
        tuesday = next(day for day in (today - timedelta(days=back) for back in range(2, 9)) if day.weekday() == 1)

        def at(hour, minute=0):
            return int((tuesday + timedelta(hours=hour, minutes=minute)).timestamp() * 1000)

        # After hours in Berlin, in Dublin, and a SEV-1 of five hours in New York.
        evening = (at(18), at(20))
        cluster.ctl("call", "Pay/PutWork", work("pay-1", "ben", [evening]))
        cluster.ctl("call", "Pay/PutWork", work("pay-2", "dee", [evening]))
        cluster.ctl("call", "Pay/PutWork", work("pay-3", "tara", [evening]))
        long = (at(23), at(28))
        cluster.ctl("call", "Pay/PutWork", work("pay-4", "eli", [long], severity=1, sev1=long))
        listed = cluster.ctl("pay", "work", "--team", "platform", "--waiting", "--utc")
        assert len(re.findall(r"2h +WAITS", listed)) == 3 and re.search(r"pay-4 +eli +SEV-1 .* 5h +WAITS", listed), listed
        only = cluster.json("pay", "work", "--person", "ben", "--from", moment(at(0)), "--until", moment(at(24)))["items"]
        assert [item["key"]["incident_id"] for item in only] == ["pay-1"], only
        assert cluster.ctl("pay", "work", "--until", moment(at(0))) == "no work\n"

        # Nothing is paid that no lead approved, and nobody approves their own.
        period = ["--from", f"{tuesday - timedelta(days=1):%Y-%m-%d}", "--until", f"{tuesday + timedelta(days=2):%Y-%m-%d}"]

        def paid():
            """The lines for incident work, as payroll reads them."""
            result = cluster.ctl("pay", "export", *period, "--format", "csv", check=False)
            assert result.returncode == 0, result
            lines = list(csv.DictReader(io.StringIO(result.stdout)))
            assert all(line["incidents"] or line["kind"] == "stipend" for line in lines), lines
            waiting = re.findall(r"^waits for approval: (\S+) ", result.stderr, re.M)
            return {(line["incidents"], line["person"]): line for line in lines if line["kind"] != "stipend"}, waiting

        lines, waiting = paid()
        assert lines == {} and sorted(waiting) == ["pay-1", "pay-2", "pay-3", "pay-4"], (lines, waiting)
        refused = cluster.ctl("pay", "approve", "pay-3", "tara", "--by", "tara", check=False)
        assert refused.returncode == 1 and "tara can't approve their own work (C2)" in refused.stderr, refused
        assert "another lead or a manager can (field by)" in refused.stderr, refused
        refused = cluster.ctl("pay", "approve", "--all", "--by", "ben", check=False)
        assert refused.returncode == 1 and "ben isn't a lead of team platform" in refused.stderr, refused
        assert cluster.ctl("pay", "approve", "pay-9", "ben", "--by", "tara", check=False).returncode == 3
        assert cluster.ctl("pay", "approve", "pay-1", "--by", "tara", check=False).returncode == 2

        # One at a time, then all the others but the lead's own.
        assert re.search(r"pay-1 +ben .*by tara", cluster.ctl("pay", "approve", "pay-1", "ben", "--by", "tara"))
        approved = cluster.json("pay", "approve", "--all", "--team", "platform", "--by", "tara")["approved"]
        assert sorted(item["key"]["incident_id"] for item in approved) == ["pay-2", "pay-4"], approved
        cluster.ctl("pay", "approve", "--all", "--by", "mia")
        lines, waiting = paid()
        assert not waiting and {key[0] for key in lines} == {"pay-1", "pay-2", "pay-3", "pay-4"}, (lines, waiting)
        ben = lines["pay-1", "ben"]
        assert (ben["kind"], ben["hours"], ben["rate"], ben["amount"]) == ("after_hours", "2.00", "40.00", "80.00"), ben
        assert ben["from"].startswith(f"{tuesday:%Y-%m-%d}T18:00:00") and ben["currency"] == "USD", ben

        # The person says what it really was: it waits again. Somebody else can't.
        edit = ["pay", "edit", "pay-1", "ben", "--reason", "the network team had it"]
        span = f"{moment(at(18))}/{moment(at(19))}"
        refused = cluster.ctl(*edit, "--span", span, "--by", "dee", check=False)
        assert refused.returncode == 1 and "dee can't speak for ben" in refused.stderr, refused
        assert cluster.ctl(*edit, "--by", "ben", check=False).returncode == 2
        assert cluster.ctl(*edit, "--span", "yesterday", "--by", "ben", check=False).returncode == 2
        edited = cluster.ctl(*edit, "--span", span, "--by", "ben", "--utc")
        assert re.search(r"^worked: +1h$", edited, re.M) and re.search(r"^approval: +WAITS$", edited, re.M), edited
        assert "by ben: the network team had it" in edited and re.search(r"^reported: .*20:00:00 UTC$", edited, re.M), edited
        assert re.search(r"^worked: +0s$", cluster.ctl("pay", "edit", "pay-2", "dee", "--none", "--reason", "asleep", "--by", "dee"), re.M)
        lines, waiting = paid()
        assert waiting == ["pay-1"] and ("pay-1", "ben") not in lines and ("pay-2", "dee") not in lines, (lines, waiting)
        shown = cluster.ctl("pay", "export", *period, "--utc")
        assert "open: as it would be now" in shown and re.search(r"^tara +80\.00 +USD$", shown, re.M), shown
        assert "not approved, so not paid yet" in shown and re.search(r"^pay-1 +ben .*WAITS", shown, re.M), shown
        assert cluster.ctl("pay", "export", *period, "--format", "csv", "-o", "json", check=False).returncode == 2

        # Closed it stays; what is approved later is a new line of a later period.
        assert cluster.ctl("pay", "close", *period, "--by", "ben", check=False).returncode == 1
        assert "by tara" in cluster.ctl("pay", "close", *period, "--by", "tara")
        closed = cluster.ctl("pay", "export", *period, "--format", "json")
        cluster.ctl("pay", "approve", "pay-1", "ben", "--by", "tara")
        assert cluster.ctl("pay", "export", *period, "--format", "json") == closed
        payroll = json.loads(closed)
        assert payroll["closed"] and len({line["line"] for line in payroll["lines"]}) == len(payroll["lines"]), payroll
        period = ["--from", period[3], "--until", f"{tuesday + timedelta(days=9):%Y-%m-%d}"]
        later = paid()[0]["pay-1", "ben"]
        assert later["amount"] == "40.00" and later["corrects"] == f"{tuesday - timedelta(days=1):%Y-%m-%d}", later
        a_comp_day_is_taken(cluster, today)
        return f"{len(payroll['lines'])} lines are closed"


def a_comp_day_is_taken(cluster, today):
    """Eli's: never on a day with a shift, by a manager's approval, and taken back."""
    [day] = cluster.json("compday", "list", "--person", "eli", "--open")["days"]
    assert day["incident_id"] == "pay-4" and day["state"] == "COMP_DAY_STATE_EARNED", day
    assert "took 5 h" in cluster.ctl("compday", "list", "--team", "platform")
    held = [(begin, end) for tier, begin, end, person, _ in Calendar(cluster, "--weeks", 12).shifts if person == "eli"]

    def meets(date):
        noon = int((date + timedelta(hours=17)).timestamp() * 1000)  # in New York
        return any(begin < noon + 12 * 3_600_000 and noon - 12 * 3_600_000 < end for begin, end in held)

    ahead = [date for date in (today + timedelta(days=days) for days in range(3, 75)) if date.weekday() < 5]
    free, busy = (f"{next(date for date in ahead if meets(date) == wanted):%Y-%m-%d}" for wanted in (False, True))
    refused = cluster.ctl("compday", "use", "--date", busy, "--by", "eli", check=False)
    assert refused.returncode == 1 and "a comp day never unseats a holder" in refused.stderr and "(field date)" in refused.stderr, refused
    asked = cluster.ctl("compday", "use", "--person", "eli", "--date", free, "--by", "tara")
    assert "requested: waits for a manager's approval" in asked and free in asked, asked
    assert "can't approve a comp day of eli" in cluster.ctl("compday", "approve", day["id"], "--by", "eli", check=False).stderr
    assert "declined by Mia Meyer: release week" in cluster.ctl("compday", "decline", day["id"], "--words", "release week", "--by", "mia")
    cluster.ctl("compday", "use", day["id"], "--date", free, "--by", "eli")
    planned = cluster.json("compday", "approve", day["id"], "--by", "mia")["day"]
    assert planned["state"] == "COMP_DAY_STATE_PLANNED" and planned["date"] == free, planned
    assert "earned: not on" in re.sub(" +", " ", cluster.ctl("compday", "use", day["id"], "--take-back", "--by", "eli"))
    assert cluster.ctl("compday", "use", "--by", "eli", check=False).returncode == 2
    assert cluster.ctl("compday", "use", "comp-9", "--date", free, "--by", "eli", check=False).returncode == 3


ALL = [a_schedule_lives_through_a_day, a_preview_is_what_apply_then_does, duty_is_paid]
