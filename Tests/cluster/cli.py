"""The operator's way through the README with the real tocsinctl: what each command says, takes and ends with."""
import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import termios
from datetime import datetime, timedelta, timezone

from cluster import ROOT, Cluster, eventually
from commands import COMMANDS
from policy import Policy

WEBHOOK = ROOT / "Tests/fixtures/alertmanager/webhook-2-service-down-firing.json"
DONE, REFUSED, USAGE, NOT_FOUND, UNAVAILABLE, WRONG_INPUT = range(6)


class Operator:
    """Somebody at a shell, who looks at what a command said and how it ended."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.commands = 0

    def ends(self, code, *arguments, stdin="", says="", on="stdout"):
        self.commands += 1
        result = self.cluster.ctl(*arguments, check=False, stdin=stdin)
        words = " ".join(map(str, arguments))
        assert result.returncode == code, f"{words}: ended with {result.returncode}, not {code}\n{result.stdout}{result.stderr}"
        said = getattr(result, on)
        for one in [says] if isinstance(says, str) else says:
            assert one in said, f"{words}: {on} does not say {one!r}\n{result.stdout}{result.stderr}"
        assert code == DONE or result.stderr.strip(), f"{words}: ended with {code} and said nothing about it"
        return said

    def does(self, *arguments, stdin="", says=""):
        return self.ends(DONE, *arguments, stdin=stdin, says=says)

    def complains(self, code, *arguments, stdin="", says=""):
        return self.ends(code, *arguments, stdin=stdin, says=says, on="stderr")

    def reads(self, *arguments, stdin=""):
        """The command's JSON."""
        return json.loads(self.does(*arguments, "-o", "json", stdin=stdin))


def on_a_terminal(command, columns):
    """What a command prints on a terminal of so many columns."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    process = subprocess.Popen([str(part) for part in command], stdout=slave, stderr=slave, stdin=subprocess.DEVNULL)
    # This end stays open: the kernel may drop what was written just before the last one is closed.
    text = b""
    while select.select([master], [], [], 0.01)[0] or process.poll() is None:
        if select.select([master], [], [], 0)[0]:
            text += os.read(master, 65_536)
    os.close(slave)
    os.close(master)
    return text.decode().replace("\r\n", "\n")


def configures(ana):
    config = ana.cluster.folder / "config"
    wrong = ana.cluster.folder / "wrong"
    subprocess.run(["cp", "-rT", config, wrong], check=True)
    policy = wrong / "policy.yaml"
    line = next(number for number, text in enumerate(policy.read_text().splitlines(), 1) if "maximum: 10m" in text)
    policy.write_text(policy.read_text().replace("maximum: 10m", "maximum: ten minutes", 1))
    for command in ["check-config", wrong], ["apply", "-f", wrong], ["apply", "-f", wrong, "--dry-run"]:
        result = subprocess.run(
            [str(part) for part in [ana.cluster.binaries / "tocsinctl", *command]], capture_output=True, text=True)
        assert result.returncode == WRONG_INPUT, result
        assert f"policy.yaml:{line}:" in result.stderr and "acknowledge.maximum" in result.stderr, result.stderr
        assert "expected" in result.stderr and "ten minutes" in result.stderr and "nothing was sent" in result.stderr, result.stderr
    ana.complains(WRONG_INPUT, "apply", "-f", ana.cluster.folder / "nowhere", says="nowhere")
    ana.complains(USAGE, "apply", says="--file")

    policy = config / "policy.yaml"
    before = policy.read_text()
    policy.write_text(before.replace("maximum: 10m", "maximum: 9m", 1))
    ana.does("apply", "-f", config, "--dry-run", says=["escalator: 1 would change", "notifier: nothing would change"])
    ana.does("apply", "-f", config, "--dry-run", says="escalator: 1 would change")
    assert set(ana.reads("apply", "-f", config, "--dry-run")) == {"escalator", "notifier", "scheduler", "alert-intake"}
    ana.does("apply", "-f", config, says="escalator: 1 changed")
    ana.does("apply", "-f", config, says="escalator: nothing changed")
    policy.write_text(before)
    ana.does("apply", "-f", config)


def reports(ana):
    """An alert in each of the three forms. Returns the id of one that pages at once."""
    said = ana.does(
        "alert", "send", "--service", "aion-web-api", "--severity", "SEV-1", "--class", "high_error_rate", "5xx above 2 %", "--key",
        "demo", says=["ALERT", "opened", "demo", "5xx above 2 %"])
    id = said.splitlines()[1].split()[0]
    again = ana.reads("alert", "send", "--severity", "sev1", "5xx above 2 %", "--key", "demo")
    assert again["alert_id"] == id and int(again["count"]) == 2, again
    lines = "\n".join(json.dumps(line) for line in [
        {"dedup_key": "one", "severity": "SEV-3", "summary": "first"}, {"dedup_key": "two", "severity": "SEV-3", "summary": "second"}])
    said = ana.does("alert", "send", "--json-lines", "-", stdin=lines + "\n\n", says=["first", "second"])
    assert said.count("opened") == 2, said
    said = ana.does("alert", "send", "--json-lines", "-", "-o", "json", stdin=lines)
    assert [json.loads(line)["disposition"] for line in said.splitlines()] == ["DISPOSITION_COUNTED"] * 2, said
    ana.complains(
        WRONG_INPUT, "alert", "send", "--json-lines", "-", stdin=lines + '\n{"summery": "x"}\nnonsense\n',
        says=["line 3", "summery", "line 4"])
    ana.does("alert", "send", "--alertmanager", "-", stdin=WEBHOOK.read_text(), says=["opened", "aion-ai-inference has no ready pods"])
    ana.complains(WRONG_INPUT, "alert", "send", "--alertmanager", "-", stdin='{"version": "4"}', says="alerts")
    ana.complains(USAGE, "alert", "send", "no severity", says="--severity")
    ana.complains(USAGE, "alert", "send", "--severity", "SEV-9", "x", says="SEV-9")
    ana.complains(USAGE, "alert", "send", "--alertmanager", "-", "--json-lines", "-", says="not both")
    ana.complains(REFUSED, "alert", "send", "--severity", "SEV-1", "x" * 3_000, says="summary")
    ana.does("alert", "send", "--action", "resolve", "--key", "two", says="closed")

    ana.does("alert", "list", "--key", "demo", says=[id, "SEV-1", "open", "aion-web-api"])
    listed = ana.reads("alert", "list")
    assert int(listed["open"]) == 3 and len(listed["alerts"]) == 3, listed
    assert [a["dedup_key"] for a in ana.reads("alert", "list", "--source", "alertmanager")["alerts"]] == ["f015b8f71687d929"]
    ana.does("alert", "list", "--key", "nothing", says="no alerts")
    ana.does("alert", "list", "--limit", "1", says="--after")
    ana.complains(USAGE, "alert", "list", "--limit", "1001", says="1000")
    return id


def keeps_quiet(ana):
    """A maintenance window, and what still fires at its end."""
    said = ana.does(
        "silence", "add", "--match", "service=redis", "--match", "pod!=canary-*", "--until", "+2h", "--reason", "failover test", "--by",
        "ana", says=["service=redis pod!=canary-* (SEV-2, SEV-3, SEV-4)", "until"])
    silence = said.split(":")[0]
    ana.does("alert", "send", "--severity", "SEV-3", "--service", "redis", "slow", "--key", "quiet", says=[f"opened, {silence}"])
    assert ana.reads("alert", "send", "--severity", "SEV-1", "--service", "redis", "gone", "--key", "loud").get("silenced_by", "") == ""
    ana.does("alert", "send", "--action", "resolve", "--key", "loud", says="closed")
    ana.does("alert", "list", "--key", "quiet", says=silence)
    ana.does("silence", "list", says=[silence, "failover test", "service=redis"])
    assert [int(one["alerts"]) for one in ana.reads("silence", "list")["silences"]] == [1]
    id = ana.reads("alert", "list", "--key", "quiet")["alerts"][0]["id"]
    ana.complains(NOT_FOUND, "incident", "show", id, says=id)
    ana.does("silence", "end", silence, "--by", "ana", says="1 alert still fires and pages now")
    eventually("the incident", 10, lambda: ana.cluster.ctl("incident", "show", id, check=False).returncode == DONE)
    ana.does("alert", "send", "--action", "resolve", "--key", "quiet", says="closed")
    ana.does("silence", "list", says="no silences")
    ana.does("silence", "list", "--all", says=[silence, "by ana, over"])
    ana.complains(REFUSED, "silence", "end", silence, "--by", "ana", says="over already")
    ana.complains(NOT_FOUND, "silence", "end", "silence-99", "--by", "ana", says="silence-99")
    ana.complains(USAGE, "silence", "add", "--match", "redis", "--until", "+2h", "--reason", "x", "--by", "ana", says="redis")
    ana.complains(REFUSED, "silence", "add", "--match", "service=*", "--until", "+2h", "--reason", "x", "--by", "ana", says="matchers")
    ana.complains(REFUSED, "silence", "add", "--match", "service=x", "--until", "+40d", "--reason", "x", "--by", "ana", says="31 days")


def beats(ana):
    """A source that must report."""
    file = ana.cluster.folder / "config" / "heartbeats.yaml"
    file.write_text("kind: Heartbeats\nheartbeats:\n  backup: { every: 24h, grace: 1h, severity: SEV-3, service: postgres }\n")
    ana.does("apply", "-f", file.parent, says="alert-intake: 1 changed")
    ana.does("heartbeat", "list", says=["backup", "24 h", "postgres", "never", "ok"])
    ana.does("heartbeat", "send", "backup", says="backup heard")
    assert "never" not in ana.does("heartbeat", "list")
    ana.complains(NOT_FOUND, "heartbeat", "send", "backups", says="backups")
    file.unlink()
    ana.does("apply", "-f", file.parent, says="alert-intake: 1 changed")
    ana.does("heartbeat", "list", says="no heartbeats")


def works_on(ana, id):
    """An incident from its first page to its end."""
    eventually("the incident", 10, lambda: ana.cluster.ctl("incident", "show", id, check=False).returncode == DONE)
    primary = ana.cluster.primary()
    eventually("the page", 10, lambda: primary in ana.does("incident", "show", id))
    ana.does("incident", "list", says=["INCIDENT", id, "SEV-1", "triggered", "in "])
    ana.does("incident", "list", "--limit", "1", says=["are open in all", "--after"])
    ana.complains(USAGE, "incident", "list", "--limit", "1001", says="1000")
    shown = ana.does("incident", "show", id, says=["5xx above 2 %", "PAGED", primary, "Check recent deployments", "policy"])
    assert re.search(r"^opened: +\d{4}-\d\d-\d\d ", shown, re.M), shown
    assert ana.reads("incident", "show", id)["incident"]["state"] == "INCIDENT_STATE_TRIGGERED"
    keeps_its_policy(ana, id)
    ana.complains(USAGE, "incident", "ack", id, says="--by")
    ana.complains(NOT_FOUND, "incident", "ack", "00-zz", "--by", "dee", says="00-zz")
    ana.complains(NOT_FOUND, "incident", "ack", id, "--by", "nobody", says="nobody")
    ana.does("incident", "ack", id, "--by", "dee", says=["acknowledged", id])
    ana.does("incident", "update", id, "--by", "dee", "--status", "investigating", "--impact", "5 % fail")
    ana.complains(USAGE, "incident", "update", id, "--by", "dee", "--status", "sleeping", says="sleeping")
    ana.complains(USAGE, "incident", "escalate", id, "--by", "dee", says="--reason")
    ana.does("incident", "escalate", id, "--by", "dee", "--reason", "database expertise needed")
    ana.does("incident", "flag", id, "legal", "--by", "dee", "--note", "a letter came", says=["tier 4"])
    ana.complains(REFUSED, "incident", "flag", id, "bad-weather", "--by", "dee", says="security-breach")
    ana.does("incident", "ask", id, "fay", "hal", "--by", "dee", "--message", "you know the index", says=["paged"])
    ana.complains(NOT_FOUND, "incident", "ask", id, "nobody", "--by", "dee", says="nobody")
    ana.does("incident", "delegate", id, "--to", "tara", "--by", "dee", says=["commands it now"])
    ana.does("incident", "severity", id, "SEV-3", "--by", "dee", "--reason", "one customer", says=["SEV-1 -> SEV-3"])
    ana.complains(REFUSED, "incident", "delegate", id, "--to", "eli", "--by", "dee", says="no commander")
    ana.does("incident", "severity", id, "SEV-2", "--by", "dee", "--reason", "two customers", says=["SEV-3 -> SEV-2"])
    ana.complains(REFUSED, "incident", "snooze", id, "--until", "+5h", "--by", "dee", "--reason", "later", says="4 h")
    ana.does("incident", "snooze", id, "--until", "+2h", "--by", "dee", "--reason", "the vendor is at it", says=["quiet"])
    ana.does("incident", "show", id, says=["snoozed until", "flags", "legal"])
    ana.does("incident", "reassign", id, "--by", "dee", "--to", "eli", "--reason", "shift ends")
    ana.does("incident", "resolve", id, "--by", "eli", "--note", "rolled back", says="resolved")
    ana.does("incident", "reopen", id, "--by", "eli", "--reason", "it is back", says=["open again"])
    ana.does("incident", "list", says=[id])
    ana.does("incident", "resolve", id, "--by", "eli", "--note", "rolled back again", says="resolved")
    ana.complains(USAGE, "incident", "reopen", id, "--by", "eli", says="--reason")
    ana.does("incident", "list", "--all", says=[id, "resolved"])
    assert id not in ana.does("incident", "list")
    line = ana.does("incident", "timeline", id, says=["opened", "database expertise needed", "rolled back", "eli"])
    assert re.search(r"^\d\d:\d\d:\d\d  opened ", line, re.M), line
    kinds = [line["kind"] for line in ana.reads("incident", "timeline", id)["lines"]]
    for kind in ["opened", "paged", "acknowledged", "update", "escalated", "reassigned", "flags", "responders", "command", "severity", "snoozed", "resolved"]:
        assert kind in kinds, kinds
    ana.complains(NOT_FOUND, "incident", "timeline", "00-zz", says="00-zz")
    ana.does("incident", "document", id, says=[f"# Incident timeline - {id}", "- Resolved: ", "## Breaches", "rolled back"])
    assert ana.reads("incident", "document", id)["responders"][0] == "dee"
    ana.complains(NOT_FOUND, "incident", "document", "00-zz", says="00-zz")
    ana.does("page", "list", "--incident", id, says=["push", primary])
    page = [one["page_id"] for one in ana.reads("page", "list", "--incident", id)["deliveries"] if one["channel"] == "push"][-1]
    ana.does("page", "show", page, says=[page, "because: ", "push", "attempt 1, by ", "handed over"])
    assert ana.reads("page", "show", page)["deliveries"][0]["events"]
    ana.complains(NOT_FOUND, "page", "show", "00-zz/ana/1", says="00-zz/ana/1")


def keeps_its_policy(ana, id):
    """A policy changes under an open incident: who applies it is told, and the incident says so."""
    policy = ana.cluster.folder / "config" / "policy.yaml"
    before = policy.read_text()
    assert int(ana.reads("incident", "show", id)["incident"].get("newer_policy_version", 0)) == 0
    policy.write_text(before.replace("lapses-after: 30m", "lapses-after: 31m", 1))
    ana.does("apply", "-f", policy.parent, "--dry-run", says=["escalator: 1 would change", "of policy platform: ", f"{id} (SEV-1)"])
    assert any(id in kept for kept in ana.reads("apply", "-f", policy.parent, "--dry-run")["escalator"]["keeps"])
    ana.does("apply", "-f", policy.parent, says=["escalator: 1 changed", f"{id} (SEV-1)"])
    ana.does("incident", "show", id, says="what opens now runs by version")
    policy.write_text(before)
    ana.does("apply", "-f", policy.parent, says="escalator: 1 changed")


def reviews(ana, id):
    """What is learned from an incident, until it is history."""
    ana.does("review", "list", says=[id, "SEV-1", "open", "eli"])
    ana.does("review", "list", "--owner", "hal", says="no reviews")
    ana.does("review", "list", "--overdue", says="no reviews")
    ana.complains(USAGE, "review", "list", "--limit", "1001", says="1000")
    ana.does("change", "send", "--service", "aion-web-api", "web-api 2.15 deployed", "--at", "-1m", says="noted")
    ana.does("review", "reassign", id, "--to", "dee", "--by", "eli", says="is dee's now")
    ana.complains(REFUSED, "review", "close", id, "--by", "dee", says=["attendance", "finding"])
    ana.complains(NOT_FOUND, "review", "attend", id, "nobody", "--by", "dee", says=["people[0]", "nobody"])
    ana.complains(USAGE, "review", "attend", id, "dee", says="--by")
    ana.does("review", "attend", id, "dee", "eli", "--by", "dee", says="2 attended")
    ana.does("review", "attend", id, "eli", "--absent", "--by", "dee", says="1 attended")
    ana.does("review", "find", id, "the index was | missing", "--about", "cause", "--by", "dee", says="finding 1")
    ana.does("review", "find", id, "the index was missing", "--change", "1", "--by", "dee", says="finding 1")
    ana.complains(USAGE, "review", "find", id, "x", "--about", "weather", "--by", "dee", says="weather")
    ana.complains(REFUSED, "review", "find", id, "x" * 2_001, "--by", "dee", says="2000")
    ana.complains(NOT_FOUND, "review", "find", id, "x", "--change", "7", "--by", "dee", says="finding 7")
    ana.does("review", "action", id, "say how to build the index", "--runbook", "--owner", "fay", "--due", "+5d", "--by", "dee", says="action 1")
    ana.complains(USAGE, "review", "action", id, "something", "--by", "dee", says="--due")
    ana.complains(REFUSED, "review", "action", id, "something", "--due", "-1h", "--by", "dee", says="future")
    eventually("the change", 10, lambda: "web-api 2.15 deployed" in ana.does("review", "show", id))
    ana.does("review", "show", id, says=["the index was missing", "cause", "runbook", "fay", "held", "CHANGE"])
    assert ana.reads("review", "show", id)["review"]["attended"] == ["dee"]
    ana.does("review", "close", id, "--by", "dee", says="1 action is to be done")
    ana.does("review", "list", says="no reviews")
    ana.does("review", "list", "--all", says=[id, "closed"])
    ana.does("review", "document", id, says=[
        f"# Post-incident review - {id}", "- dee", "the index was missing (dee)", "## Runbook updates", "[ ] 1. say how", f"- {id}, SEV-", "web-api 2.15 deployed",
        "# Incident timeline", "review closed by dee"])
    assert ana.reads("review", "document", id)["timeline"]["lines"]
    ana.does("review", "done", id, "1", "--by", "fay", says="is done")
    ana.complains(NOT_FOUND, "review", "done", id, "7", "--by", "fay", says="action 7")
    ana.does("review", "show", id, says=["closed", "fay"])
    ana.complains(NOT_FOUND, "review", "show", "00-zz", says="00-zz")


def merges(ana):
    """Two alerts of one outage become one incident, which is over when both are."""
    whole, part = [
        ana.reads("alert", "send", "--severity", "SEV-3", name, "--key", name)["alert_id"] for name in ["slow disk", "full disk"]]
    for id in [whole, part]:
        eventually("the incident", 10, lambda: ana.cluster.ctl("incident", "show", id, check=False).returncode == DONE)
    merge = ["incident", "merge", part, "--by", "dee", "--reason", "db-1"]
    ana.complains(REFUSED, *merge, "--into", part, says="part of itself")
    ana.complains(NOT_FOUND, *merge, "--into", "00-zz", says="00-zz")
    ana.does(*merge, "--into", whole, says=[f"{part}: part of {whole} now", whole])
    ana.does("incident", "show", part, says=["part of", whole])
    ana.does("incident", "show", whole, says=["1, of which 1 still fire"])
    ana.does("incident", "ack", part, "--by", "dee", says=[f"{part} is part of {whole}: acknowledged"])
    ana.does("alert", "send", "--action", "resolve", "--key", "slow disk", says="closed")
    eventually("one of two over", 10, lambda: "1 more still fire" in ana.does("incident", "timeline", whole))
    ana.does("alert", "send", "--action", "resolve", "--key", "full disk", says="closed")
    eventually("both over", 10, lambda: "resolved" in ana.does("incident", "show", whole))


def changes(ana):
    """A deployment is shown with the incident that follows it, and in the handoff document."""
    ana.does("change", "send", "--service", "memcached", "memcached 1.7 deployed", "--link", "https://ci.example/77", says="noted")
    ana.complains(USAGE, "change", "send", "--at", "teatime", "x", says="teatime")
    ana.does("change", "list", "--service", "memcached", says=["memcached 1.7 deployed", "https://ci.example/77"])
    ana.does("change", "list", "--service", "nothing", says="no changes")
    ana.complains(USAGE, "change", "list", "--limit", "1001", says="1000")
    id = ana.reads("alert", "send", "--severity", "SEV-3", "--service", "memcached", "slow", "--key", "cache")["alert_id"]
    eventually("the incident", 10, lambda: ana.cluster.ctl("incident", "show", id, check=False).returncode == DONE)
    ana.does("incident", "show", id, says=["CHANGE", "memcached 1.7 deployed"])
    ana.does("alert", "send", "--action", "resolve", "--key", "cache", says="closed")
    eventually("the handoff document", 10, lambda: "memcached 1.7 deployed" in ana.does("handoff", "document", "--team", "platform"))


def storms(ana):
    """Three of a kind page; the fourth and fifth are part of the third, and whoever ends that ends them."""
    ids = []
    for number in range(5):
        ids.append(ana.reads("alert", "send", "--severity", "SEV-4", "--service", "kafka", "lag", "--key", f"lag-{number}")["alert_id"])
        # One after the other at the escalator: which of them is the newest shows in what joins it.
        eventually("the escalator", 10, lambda: ana.cluster.ctl("incident", "show", ids[-1], check=False).returncode == DONE)
    ana.does("incident", "show", ids[4], says=[ids[2], "2, of which 2 still fire"])
    ana.does("incident", "timeline", ids[4], says=[ids[2], f"{ids[4]} lag is part of it: one of a storm"])
    ana.does("incident", "document", ids[4], says=[f"# Incident timeline - {ids[2]}: lag", "- Alerts: 2 more are part of it"])
    for id in ids[:2] + ids[4:]:
        ana.does("incident", "resolve", id, "--by", "dee", "--note", "caught up", says="resolved")
    eventually("all closed at intake", 10, lambda: '"lag-' not in ana.does("alert", "list", "-o", "json"))
    ana.does("incident", "show", ids[2], says=["resolved"])


def reports_figures(ana):
    """What the record says of the last hour: who answered how fast, what fires most, who was paged."""
    said = ana.does("report", "--from", "-1h", says=["MTTA", "MAXIMUM MISSED", "ESCALATED", "FIRES MOST", "PAGED", "platform"])
    assert re.search(r"^kafka|kafka", said), said
    figures = ana.reads("report", "--from", "-1h", "--team", "platform")
    worst = next(one for one in figures["incidents"] if one["severity"].endswith("1"))
    assert int(worst["acknowledged"]) >= 1 and int(worst["resolved"]) >= 1, worst
    assert sum(int(one["pages"]) for one in figures["load"]) >= sum(int(one["pages"]) for one in figures["noise"]) > 0, figures
    storm = next(one for one in figures["noise"] if one["service"] == "kafka")
    assert (storm["alerts"], storm["incidents"], storm["untouched"]) == ("5", "3", "0"), storm
    ana.does("report", "--from", "-1h", "--team", "nowhere", says="no incidents")
    ana.does("report", "--from", "-60d", "--by-week", says=["WEEK"])
    ana.complains(USAGE, "report", says="--from")
    ana.complains(REFUSED, "report", "--from", "+1h", says="until_at_ms")
    ana.complains(USAGE, "report", "--from", "-1h", "--noisiest", "101", says="100")


def rehearses(ana):
    """What an edited policy, and an edited schedule, would have made of the last hour."""
    config, edited = ana.cluster.folder / "config", ana.cluster.folder / "edited"
    subprocess.run(["cp", "-rT", config, edited], check=True)
    since = ["--since", "-1h"]
    ana.does("policy", "test", "--policy", config / "policy.yaml", *since, says=["PRESENT", "EDITED", "no incident would have gone otherwise"])
    same = ana.reads("policy", "test", "--policy", config / "policy.yaml", *since)
    assert same["present"] == same["edited"] and not same.get("differing"), same
    report = ana.reads("report", "--from", "-1h", "--team", "platform")
    pages = lambda which: {one["person"]: int(one[which].get("pages", 0)) for one in same["people"] if int(one[which].get("pages", 0))}
    assert pages("reported") == {one["person"]: int(one["pages"]) for one in report["load"]}, (same, report)
    # Every page came at once and nobody was out of reach: the run is what happened.
    assert pages("present") == pages("reported") and int(same["present"]["impossible"]) == 0, same

    policy = edited / "policy.yaml"
    before = policy.read_text()
    policy.write_text(before.replace("page-by: personal-rules", "page-by: [slack]", 1))
    ana.does("policy", "test", "--policy", policy, *since, says=["INCIDENT", "ACKNOWLEDGED", "edited", "0s by slack"])
    quiet = ana.reads("policy", "test", "--policy", policy, *since)
    assert quiet["differing"] and all(one["severity"].endswith("1") for one in quiet["differing"]), quiet
    assert quiet["present"]["pages"] == quiet["edited"]["pages"], quiet
    line = next(number for number, text in enumerate(before.splitlines(), 1) if "maximum: 10m" in text)
    policy.write_text(before.replace("maximum: 10m", "maximum: ten minutes", 1))
    ana.complains(WRONG_INPUT, "policy", "test", "--policy", policy, *since, says=[f"policy.yaml:{line}:", "acknowledge.maximum", "ten minutes"])
    policy.write_text(before)

    # Whoever is primary leaves the rotation: somebody else would have had their pages.
    primary = ana.cluster.primary()
    rotations = edited / "rotations.yaml"
    left = [member for member in re.search(r"members: \[(.*?)\]", rotations.read_text())[1].split(", ") if member != primary]
    text = re.sub(r"members: \[.*?\]", f"members: [{', '.join(left)}]", rotations.read_text(), count=1)
    rotations.write_text(re.sub(r"first: \w+", f"first: {left[0]}", text, count=1))
    other = ana.reads("policy", "test", "--config", edited, *since)
    load = {one["person"]: (int(one["present"].get("pages", 0)), int(one["edited"].get("pages", 0))) for one in other["people"]}
    assert load[primary][0] > 0 and load[primary][0] > load[primary][1], (primary, load)
    assert sum(after for _, after in load.values()) > 0 and other["differing"], other

    ana.complains(USAGE, "policy", "test", *since, says="--policy")
    ana.complains(USAGE, "policy", "test", "--policy", policy, says="--since")
    ana.complains(USAGE, "policy", "test", "--policy", policy, "--since", "-1h", "--until", "-2h", says="--since must come before")
    ana.complains(REFUSED, "policy", "test", "--policy", policy, "--since", "-400d", says="until_at_ms")
    ana.complains(NOT_FOUND, "policy", "test", "--policy", policy, *since, "--team", "nowhere", says="nowhere")
    ana.complains(WRONG_INPUT, "policy", "test", "--policy", edited / "nothing.yaml", *since, says="nothing.yaml")


def asks_who_is_on_call(ana):
    primary = ana.cluster.primary()
    ana.does("oncall", "platform", says=["TIER", "primary", f"({primary})", "WHY", "platform-primary"])
    ana.does("oncall", says="platform at ")
    later = datetime.now(timezone.utc) + timedelta(days=14)
    holders = Policy(later.timestamp() * 1000, ana.cluster.folder / "config").people
    said = ana.does(
        "oncall", "platform", "--tier", "primary", "--at", later.strftime("%Y-%m-%dT%H:%M:%SZ"), "--utc",
        says=[f"({holders[1][0]})", later.strftime("%Y-%m-%d %H:%M:%S UTC"), f"{ana.cluster.handoff:%a} "])
    assert "secondary" not in said, said
    ana.does("oncall", "--at", "2025-10-07", says=["NOBODY", "nothing was configured yet"])
    ana.complains(NOT_FOUND, "oncall", "nowhere", says="nowhere")
    ana.complains(USAGE, "oncall", "--at", "teatime", says="teatime")
    first = later - timedelta(days=(later.weekday() - ana.cluster.handoff.weekday()) % 7)
    begins = rf"W{first.isocalendar().week} +{first:%a} {first.day} {first:%b} 00:00 "
    shown = ana.does("schedule", "show", "platform", "--weeks", "4", "--utc", says=["FROM (UTC)", "PRIMARY", "SECONDARY"])
    week = [line for line in shown.splitlines() if re.match(begins, line)]
    assert len(week) == 1 and re.search(rf"\({holders[1][0]}\).*\({holders[2][0]}\)", week[0]), shown
    assert ana.reads("schedule", "show", "platform")["shifts"]
    shown = ana.does("calendar", "export", "--team", "platform", says=["BEGIN:VCALENDAR", "SEQUENCE:0", "STATUS:CONFIRMED", "END:VCALENDAR"])
    file = ana.cluster.folder / "own.ics"
    ana.does("calendar", "export", "--person", primary, "--file", file, says=["events", "promised until"])
    assert file.read_bytes().startswith(b"BEGIN:VCALENDAR\r\n") and file.read_bytes().count(b"BEGIN:VEVENT") <= shown.count("BEGIN:VEVENT")
    ana.complains(USAGE, "calendar", "export", says="--person")
    ana.complains(NOT_FOUND, "calendar", "export", "--person", "nobody", says="nobody")
    ana.complains(WRONG_INPUT, "calendar", "export", "--team", "platform", "--file", "/nowhere/x.ics", says="/nowhere/x.ics")
    said = ana.does(
        "override", "add", "--tier", "primary", "--person", "dee", "--until", "+4h", "--reason", "dentist", "--by", "tara", says="in place of")
    override = re.search(r"override (\S+)", said)[1]
    ana.does("oncall", "--tier", "1", says=["(dee)", "dentist"])
    ana.does("override", "remove", override, "--reason", "over", "--by", "tara", says="removed")
    assert "dentist" not in ana.does("oncall", "--tier", "1")
    ana.complains(NOT_FOUND, "override", "remove", "nothing", "--reason", "x", "--by", "tara", says="nothing")


def calls(ana):
    for method in ["Intake/Publish", "Schedule/OnCall", "Escalation/Watch", "Notification/ListPages", "Health/Check"]:
        assert method in ana.does("call")
    assert json.loads(ana.does("call", "Intake/ListAlerts", '{"limit": 1}'))["alerts"]
    assert json.loads(ana.does("call", "Schedule/OnCall", "-", stdin='{"team": "platform"}'))["shifts"]
    assert json.loads(ana.does("call", "/tocsin.health.v1.Health/Check", "--tier", "notifier"))["tier"] == "notifier"
    ana.complains(USAGE, "call", "Health/Check", says="--tier")
    ana.complains(WRONG_INPUT, "call", "Intake/ListAlerts", '{"limits": 1}', says="limits")
    ana.complains(WRONG_INPUT, "call", "Intake/Nothing", says="Intake/Nothing")
    health = ana.reads("health")
    assert health["serving"] is True and len(health["tiers"]) == 4, health
    ana.does("health", says=["alert-intake", "SERVING", "nothing"])
    ana.complains(USAGE, "hand-over-again", "janitor", says="janitor")
    assert ana.reads("hand-over-again", "escalator")["told"] == ["alert-intake", "scheduler", "notifier"]
    ana.complains(USAGE, "dance")
    ana.complains(USAGE, "health", "--timeout", "11m", says="1s to 10m")


def an_operator_finds_the_way_and_every_answer(binaries):
    with Cluster(binaries) as cluster:
        ana = Operator(cluster)
        configures(ana)
        watched = cluster.folder / "watched"
        with open(watched, "wb") as out:
            watch = subprocess.Popen(cluster.command("watch"), stdout=out, stderr=out)
        try:
            # A watch shows what happens from its beginning on: the first that it shows proves that it has begun.
            numbers = iter(range(100))
            eventually("the watch's first line", 20, lambda: cluster.ctl(
                "alert", "send", "--severity", "SEV-4", "warming up", "--key", f"w-{next(numbers)}") and watched.read_text())
            for number in range(next(numbers)):
                cluster.ctl("alert", "send", "--action", "resolve", "--key", f"w-{number}")
            eventually("quiet", 10, lambda: int(cluster.json("alert", "list")["open"]) == 0)
            id = reports(ana)
            works_on(ana, id)
            reviews(ana, id)
            merges(ana)
            changes(ana)
            storms(ana)
            reports_figures(ana)
            rehearses(ana)
            keeps_quiet(ana)
            beats(ana)
            eventually("the end in the watch", 10, lambda: re.search(rf"^\d\d:\d\d:\d\d  {id} +resolved ", watched.read_text(), re.M))
            assert re.search(rf"^\d\d:\d\d:\d\d  {id} +opened ", watched.read_text(), re.M), watched.read_text()
        finally:
            watch.kill()
            watch.wait()
        asks_who_is_on_call(ana)
        calls(ana)
        cluster.kill("notifier")
        ana.complains(UNAVAILABLE, "page", "list", "--timeout", "1s", says=["notifier", cluster.endpoint("notifier")])
        gone = cluster.ctl("health", "--timeout", "1s", check=False)
        assert gone.returncode == UNAVAILABLE and "NO ANSWER" in gone.stdout, gone
        return f"{ana.commands} commands"


def every_command_explains_itself_on_a_narrow_terminal(binaries):
    for command in COMMANDS:
        helped = [f"{binaries}/tocsinctl", *command.split(), "--help"]
        narrow, wide = on_a_terminal(helped, 80), on_a_terminal(helped, 200)
        assert narrow.startswith("OVERVIEW: ") and "USAGE: tocsinctl" in narrow, narrow
        # What was laid out by hand is not laid out again.
        laid_out = lambda text: text.split("USAGE:")[0].split("\n\n", 1)[-1]
        assert laid_out(narrow) == laid_out(wide), f"tocsinctl {command} --help is wrapped at 80 columns:\n{narrow.split('USAGE:')[0]}"
        # On its own line, or on the next one when the option is long.
        for option, words in re.findall(r"^  (?:-\w, )?(--[a-z-]+)(?: <[^>]*>)?((?: .*|\n {20,}\S.*)?)$", wide, re.M):
            assert words.strip(), f"tocsinctl {command}: {option} is not explained"
    listed = on_a_terminal([f"{binaries}/tocsinctl", "--help"], 200)
    for code in range(6):
        assert re.search(rf"^  {code}  \w", listed, re.M), f"exit code {code} is not explained"
    return f"{len(COMMANDS)} commands"


ALL = [an_operator_finds_the_way_and_every_answer, every_command_explains_itself_on_a_narrow_terminal]
