"""A shift as it is handed over and paid: what happens to incidents fills document, report and payroll by itself (H1, H2, C2)."""
import time

from cluster import Cluster, eventually
from duty import Calendar, moment


def a_shift_is_handed_over(binaries):
    """Incidents are acknowledged, given away and resolved, with the scheduler dead in between; then the handoff tells of them."""
    with Cluster(binaries) as cluster:
        now = time.time_ns() // 1_000_000
        calendar = Calendar(cluster, "--weeks", 4)
        primary, secondary = calendar.holder(1, now), calendar.holder(2, now)
        end = int(calendar.shift(1, now)["until_at_ms"])
        incoming = calendar.holder(1, end)

        def alert(key, severity, summary):
            cluster.ctl("alert", "send", "--service", "aion-web-api", "--severity", severity, "--class", "high_error_rate", summary,
                        "--key", key)
            return eventually(f"incident {key}", 20, lambda: next(
                (one["id"] for one in cluster.json("incident", "list").get("incidents", []) if one["summary"] == summary), None))

        bad = alert("bad", "SEV-1", "nobody can log in")
        # From here on the scheduler is dead: the escalator remembers what it owes it.
        cluster.kill("scheduler")
        cluster.ctl("incident", "ack", bad, "--by", primary)
        slow = alert("slow", "SEV-2", "logins are slow")
        again = alert("again", "SEV-2", "logins are slow again")
        for one in (slow, again):
            cluster.ctl("incident", "ack", one, "--by", primary)
        cluster.ctl("incident", "update", slow, "--status", "identified", "--impact", "some wait a minute", "--next", "add a replica",
                    "--by", primary)
        cluster.ctl("incident", "reassign", again, "--to", secondary, "--reason", "knows the index", "--by", primary)
        cluster.ctl("incident", "ack", again, "--by", secondary)
        cluster.ctl("incident", "resolve", again, "--note", "index rebuilt", "--by", secondary)
        cluster.ctl("incident", "resolve", bad, "--note", "rolled back", "--by", primary)
        cluster.start("scheduler")

        # Pay: each person's work, whatever became of the incident; what isn't over isn't there.
        def work():
            listed = cluster.json("pay", "work", "--team", "platform", "--waiting").get("items", [])
            return {(item["key"]["incident_id"], item["key"]["person"]): item for item in listed}

        eventually("the work", 30, lambda: len(work()) == 3)
        works = work()
        assert set(works) == {(bad, primary), (again, primary), (again, secondary)}, works
        assert works[bad, primary]["severity"] == "SEVERITY_SEV1" and works[bad, primary]["summary"] == "nobody can log in", works
        handed, taken = (works[again, person]["spans"] for person in (primary, secondary))
        assert len(handed) == len(taken) == 1 and int(handed[0]["until_at_ms"]) <= int(taken[0]["from_at_ms"]), works

        # The document, by the procedure's template.
        def document():
            return cluster.ctl("handoff", "document", "--at", moment(now))

        text = eventually("the document", 20, lambda: (text := document()) and bad in text and slow in text and text)
        for wanted in ("nobody can log in", "logins are slow", "Status: identified", "Impact: some wait a minute", "add a replica"):
            assert wanted in text, (wanted, text)
        active = text[text.index("Active"):text.index("Recurring")]
        assert slow in active and bad not in active, active

        # Checklists, words, signature, acceptance.
        shown = cluster.ctl("handoff", "show", "--at", moment(now), "--utc")
        assert primary in shown and incoming in shown, shown
        cluster.ctl("handoff", "tick", "before-1", "--at", moment(now), "--by", primary)
        refused = cluster.ctl("handoff", "accept", "--at", moment(now), "--by", incoming, check=False)
        assert refused.returncode == 1 and "sign" in refused.stderr, refused
        cluster.ctl("handoff", "edit", "active", "the new replica must be warm by Monday", "--entry", slow, "--field", "next_steps",
                    "--at", moment(now), "--by", primary)
        signed = cluster.ctl("handoff", "sign", "--at", moment(now), "--by", primary)
        assert "signed" in signed.lower(), signed
        accepted = cluster.json("handoff", "accept", "--at", moment(now), "--by", incoming)
        assert accepted["accepted_by"] == incoming, accepted
        # A signed text stays though the incident goes on.
        cluster.ctl("incident", "resolve", slow, "--note", "replica added", "--by", primary)
        eventually("its work", 20, lambda: (slow, primary) in work())
        text = document()
        assert "the new replica must be warm by Monday" in text and "Status: identified" in text, text

        # The report counts the pages that the primary got, with duty.
        report = cluster.json("handoff", "report", "--at", moment(now))
        pages = sum(int(report.get(f"pages_{hours}", 0)) for hours in ("business", "after_hours", "weekend"))
        assert report["person"] == primary and pages == 3, report
        assert "refused" not in cluster.ctl("incident", "timeline", bad)
        return "3 incidents, 4 pieces of work"


ALL = [a_shift_is_handed_over]
