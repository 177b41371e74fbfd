"""Before a shift and after the last one: test pages and their codes (S10), and what must come first when somebody leaves (S12)."""
import re
import time

from cluster import Cluster, eventually
from duty import Calendar, moment, the_escalator_knows


def a_test_page_is_confirmed_by_its_code(binaries):
    """Until then whoever was primary before gets copies of the pages; the code outlives a death of both tiers that know it."""
    with Cluster(binaries) as cluster:
        now = time.time_ns() // 1_000_000
        calendar = Calendar(cluster, "--weeks", 4)
        primary = calendar.holder(1, now)
        other = next(person for person in ["ana", "ben", "cai", "dee"] if person != primary)
        # Somebody takes over as primary at once, untested.
        cluster.ctl("override", "add", "--tier", "primary", "--person", other, "--until", moment(now + 2 * 24 * 3_600_000), "--reason", "a tooth", "--by", "tara")
        eventually("the escalator's news", 10, lambda: the_escalator_knows(cluster))
        shown = cluster.ctl("oncall", "platform")
        assert re.search(rf"copies of primary's pages .*\({primary}\), until .* confirms a test page", shown), shown

        def heard(summary):
            return {(body["person"], "For your information" in body["text"]) for body in cluster.receiver.received()
                    if summary in body["text"] and not body["channel"].startswith("#")}

        cluster.ctl("alert", "send", "--severity", "SEV-1", "--key", "one", "the first of two")
        eventually("a page and its copy", 10, lambda: {(other, False), (primary, True)} <= heard("the first of two"))

        cluster.ctl("ready", "test", "--by", other)
        cluster.kill("scheduler")
        cluster.kill("notifier")
        cluster.start("scheduler")
        cluster.start("notifier")

        def codes():
            texts = {body["channel"]: body["text"] for body in cluster.receiver.received()
                     if body["person"] == other and "Tocsin's test of" in body["text"]}
            found = {channel: re.search(r"your code is ((?:\d ?){6})", text) for channel, text in texts.items()}
            return {channel: match[1].replace(" ", "") for channel, match in found.items() if match}

        known = eventually("three test pages", 20, lambda: len(codes()) == 3 and codes())
        assert set(known) == {"push", "sms", "voice"} and len(set(known.values())) == 3, known
        refused = cluster.ctl("ready", "confirm", "000000", "--by", other, check=False)
        assert refused.returncode == 1 and "(field code)" in refused.stderr, refused
        assert cluster.ctl("ready", "confirm", known["sms"], "--by", primary, check=False).returncode == 1
        shown = cluster.ctl("ready", "confirm", known["sms"], "--by", other, "--utc")
        assert re.search(r"^sms +- +\w", shown, re.M) and re.search(r"^push +since .* +- *$", shown, re.M), shown
        eventually("the escalator's news", 10, lambda: the_escalator_knows(cluster))
        assert "confirms a test page" not in cluster.ctl("oncall", "platform")
        cluster.ctl("alert", "send", "--severity", "SEV-1", "--key", "two", "the second of two")
        eventually("a page", 10, lambda: (other, False) in heard("the second of two"))
        assert (primary, True) not in heard("the second of two")
        return "3 codes, one confirmed"


def nobody_leaves_a_hole(binaries):
    """What names a person is shown; a configuration without them is refused while they hold a shift, and taken afterwards."""
    with Cluster(binaries) as cluster:
        now = time.time_ns() // 1_000_000
        leaver = Calendar(cluster).holder(1, now)
        shown = cluster.ctl("person", "leaving", leaver)
        assert "not yet" in shown and "platform-primary" in shown, shown
        folder = cluster.folder / "config"
        edit(folder / "team.yaml", rf"  {leaver}: {{.*\n", "")
        edit(folder / "contacts.yaml", rf"  {leaver}:\n(    .*\n)+", "")
        edit(folder / "rotations.yaml", rf"(members: \[.*)\b{leaver}(?:, |(?=\]))", r"\1")
        edit(folder / "rotations.yaml", rf", \]", "]", must=False)
        edit(folder / "rotations.yaml", rf"first: {leaver}\b", "first: " + ("ben" if leaver == "ana" else "ana"), must=False)
        refused = cluster.ctl("apply", "-f", folder, check=False)
        assert refused.returncode != 0 and leaver in refused.stderr, refused
        held = cluster.json("person", "leaving", leaver)["held"]
        others = [person for person in ["ana", "ben", "cai", "dee", "eli", "fay", "gus", "hal"] if person != leaver]
        for item in held:
            shift = item["shift"]
            span = ["--from", moment(max(int(shift["from_at_ms"]), now)), "--until", moment(shift["until_at_ms"])]
            took = next((person for person in others if cluster.ctl(
                "override", "add", "--tier", str(shift["tier"]), "--person", person, *span, "--reason", "leaves", "--by", "tara",
                check=False).returncode == 0), None)
            assert took, shift
        assert "yes: nothing is held" in cluster.ctl("person", "leaving", leaver)
        cluster.ctl("apply", "-f", folder)
        gone = cluster.ctl("person", "leaving", leaver, check=False)
        assert gone.returncode == 3 and "nobody is called" in gone.stderr, gone
        calendar = Calendar(cluster)
        assert not any(person in ("", leaver) for _, _, end, person, _ in calendar.shifts if end > now), calendar.shifts
        return f"{len(held)} shifts arranged first"


def edit(path, pattern, words, must=True):
    text, count = re.subn(pattern, words, path.read_text())
    assert count or not must, (path, pattern)
    path.write_text(text)


ALL = [a_test_page_is_confirmed_by_its_code, nobody_leaves_a_hole]
