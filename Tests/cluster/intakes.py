"""Several intakes behind one address list: a source fails over, and what both take in is one incident. So does the gateway for the
sources that speak HTTP."""
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time

import powerloss
from cluster import ROOT, Cluster, eventually, free_port
from edge import firing, incidents as counted, still_open
from senders import Gateway, asked

FIRST, SECOND = "alert-intake", "alert-intake-2"


def incidents(cluster):
    return cluster.json("incident", "list").get("incidents", [])


def at(cluster, intake):
    """A tocsinctl that knows one intake only, as a source with one address does."""
    def ctl(*arguments):
        command = [part for part in cluster.command(*arguments) if not part.startswith("--intake=")]
        result = subprocess.run([*command, f"--intake={cluster.endpoint(intake)}"], capture_output=True, text=True)
        assert result.returncode == 0, f"{arguments}: {result.stdout}{result.stderr}"
        return result.stdout
    return ctl


def opened(cluster, intake):
    """What one intake has open, by dedup key."""
    listed = json.loads(at(cluster, intake)("alert", "list", "-o", "json")).get("alerts", [])
    return {alert["dedup_key"]: alert["id"] for alert in listed}


def sent(cluster, *arguments):
    """Sends one alert to whichever intake answers. Returns its id and how long it took."""
    began = time.monotonic()
    reply = cluster.json("alert", "send", *arguments)
    return reply.get("alert_id", ""), time.monotonic() - began


def a_source_fails_over_within_two_seconds_and_nothing_is_lost_or_doubled(binaries):
    """600 alerts while the first intake is killed and comes back; then single ones while it is gone, and while it hangs."""
    with Cluster(binaries, intakes=2) as cluster:
        lines = "".join(
            json.dumps({"source": "cluster", "dedup_key": f"alert-{number}", "severity": "SEV-2", "summary": f"number {number}",
                        "service": f"service-{number}"}) + "\n" for number in range(600))
        # Of these nobody but the client knows that they are the same when they are sent again.
        lines += "".join(
            json.dumps({"source": "cluster", "severity": "SEV-2", "summary": f"keyless {number}", "service": f"other-{number}"}) + "\n"
            for number in range(60))
        source = subprocess.Popen(
            cluster.command("alert", "send", "--json-lines", "-", "--in-flight", "8", "--timeout", "30s", "-o", "json"),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        source.stdin.write(lines)
        source.stdin.close()
        source.stdin = None
        eventually("some are taken in", 20, lambda: len(opened(cluster, FIRST)) > 50, pause=0)
        cluster.kill(FIRST)
        said, wrong = source.communicate(timeout=60)
        assert source.returncode == 0, wrong
        ids = [json.loads(line)["alert_id"] for line in said.splitlines()]
        second = sum(one[2:5] == "-2-" for one in ids)
        assert len(ids) == 660 and 0 < second < 660, (len(ids), second)

        # Gone, and then hung: a report takes less than two seconds longer, by the client of ours and by one written from proto/ alone.
        usual = max(sent(cluster, "--severity", "SEV-3", "--key", f"usual-{number}", "as usual")[1] for number in range(3))
        _, gone = sent(cluster, "--severity", "SEV-3", "--key", "gone", "gone")
        began = time.monotonic()
        example = subprocess.run(
            [sys.executable, ROOT / "proto/examples/publish.py", f"{cluster.sources()},{cluster.sources(SECOND)}", "by the example", "SEV3",
             "--source", "cluster", "--key-file", os.environ["TOCSIN_KEY_FILE"]], capture_output=True, text=True)
        other = time.monotonic() - began
        assert example.returncode == 0 and "-2-" in example.stdout, example
        cluster.start(FIRST)
        cluster.ctl("health", "--wait", "20")
        # What it held when it was killed and what the second one took in meanwhile are one.
        cluster.processes[FIRST].send_signal(signal.SIGSTOP)
        _, hung = sent(cluster, "--severity", "SEV-3", "--key", "hung", "hung")
        cluster.processes[FIRST].send_signal(signal.SIGCONT)
        assert max(gone, hung) - usual < 2, (gone, hung, usual)

        wanted = {f"number {number}" for number in range(600)} | {f"keyless {number}" for number in range(60)}

        def paged():
            """Which incidents were paged for each of them, by the words of its page."""
            incidents = {}
            for page in cluster.receiver.received():
                if page["incident"] and page["page"].endswith("/1") and (words := re.search(r"(number|keyless) [0-9]+", page["text"])):
                    incidents.setdefault(words[0], set()).add(page["incident"])
            return incidents

        def everybody_heard():
            return wanted <= set(paged())

        eventually("each is paged", 60, everybody_heard, pause=0.5)
        eventually("nothing is owed", 20, lambda: "to escalator" not in cluster.ctl("health", check=False).stdout)
        doubled = {words: found for words, found in paged().items() if len(found) > 1}
        assert not doubled, f"{len(doubled)} were paged as incidents of their own a second time: {doubled}"
        return f"{second} of 660 went to the second intake; gone {gone:.2f} s, hung {hung:.2f} s, the example {other:.2f} s with its start"


def a_name_that_is_not_found_keeps_nobody_from_the_next_intake(binaries):
    """The first intake's container is gone, and the name service, which knows nothing of it any more, asks others without end."""
    hanging = {**os.environ, "LD_PRELOAD": str(powerloss.build("hangingnames"))}
    with Cluster(binaries) as cluster:
        second = cluster.sources()
        command = [cluster.binaries / "tocsinctl", "alert", "send", "--intake", "tcp://intake.hangs:7101", "--intake", second,
                   "--severity", "SEV-2", "--service", "names", "--key", "names", "by whichever is found"]
        began = time.monotonic()
        sent = subprocess.run(
            [str(part) for part in command], capture_output=True, text=True, timeout=60,
            env={**hanging, "TOCSIN_KEY_FILE": str(cluster.keys / "admin.secret")})
        took = time.monotonic() - began
        assert sent.returncode == 0 and took < 4, f"{took:.1f} s: {sent}"
        _, key = [subprocess.run([cluster.binaries / "tocsinctl", "keys", *words, "--keys", cluster.keys], check=True, capture_output=True,
                                 text=True).stdout.strip() for words in (["noticeboard"], ["integration", "web"])]
        port = free_port()
        gateway = subprocess.Popen(
            [cluster.binaries / "gateway", "--listen", f"127.0.0.1:{port}", "--integrations", cluster.folder / "gateway", "--intake",
             "tcp://intake.hangs:7101", "--intake", second, "--scheduler", "tcp://scheduler.hangs:7102"], env=hanging,
            stderr=cluster.log("gateway"))
        try:
            url = f"http://127.0.0.1:{port}"
            eventually("the gateway is ready", 10, lambda: asked(f"{url}/-/ready")[0] == 200)
            began = time.monotonic()
            status, text = asked(f"{url}/events", {"summary": "s", "severity": "SEV-3", "dedup_key": "k"}, key=key)
            assert status == 200 and time.monotonic() - began < 4, (status, text, time.monotonic() - began)
        finally:
            gateway.kill()
            gateway.wait()
        return f"by tocsinctl after {took:.1f} s"


def one_alert_at_two_intakes_is_one_incident(binaries):
    """A duplicate at both, ends at the other, by a person, and while one is down; silences, heartbeats, backups of both."""
    extra = {"escalator": ["--peer-lost-after", "3"]}
    with Cluster(binaries, intakes=2, extra=extra) as cluster:
        first, second = at(cluster, FIRST), at(cluster, SECOND)

        def alert(ctl, key, action="trigger", severity="SEV-2"):
            words = ["--severity", severity, key] if action == "trigger" else []
            return json.loads(ctl("alert", "send", "--action", action, "--source", "cluster", "--key", key, *words, "-o", "json"))

        def state(incident):
            return cluster.json("incident", "show", incident)["incident"]["state"]

        # Taken in by both: one incident, one page.
        one = alert(first, "both")["alert_id"]
        eventually("its incident", 10, lambda: [incident["id"] for incident in incidents(cluster)] == [one])
        two = alert(second, "both")["alert_id"]
        assert two[2:5] == "-2-" and two != one, two
        eventually("the second is part of it", 10, lambda: two in cluster.ctl("incident", "timeline", one))
        assert [incident["id"] for incident in incidents(cluster)] == [one]
        # Ended at the second: over at both.
        alert(second, "both", "resolve")
        eventually("it is over", 10, lambda: state(one) == "INCIDENT_STATE_RESOLVED")
        eventually("nothing is open", 10, lambda: not opened(cluster, FIRST) and not opened(cluster, SECOND))
        # Nothing is open at the second: its word is passed on.
        passed = alert(first, "passed")["alert_id"]
        eventually("its incident", 10, lambda: passed in [incident["id"] for incident in incidents(cluster)])
        assert alert(second, "passed", "resolve")["disposition"] == "DISPOSITION_PASSED_ON"
        eventually("it is over", 10, lambda: state(passed) == "INCIDENT_STATE_RESOLVED" and not opened(cluster, FIRST))

        # The first goes down with what both hold; a person resolves; it hears when it is back.
        held = alert(first, "held")["alert_id"]
        alert(second, "held")
        eventually("one incident", 10, lambda: "another intake" in cluster.ctl("incident", "timeline", held, check=False).stdout)
        cluster.kill(FIRST)
        cluster.ctl("incident", "resolve", held, "--by", cluster.primary())
        eventually("the second has heard", 10, lambda: not opened(cluster, SECOND))
        # What only the first knew ends while it is down, at the second.
        eventually("it is lost", 15, lambda: any("alert-intake can't be reached" in one["summary"] for one in incidents(cluster)))
        cluster.start(FIRST)
        eventually("the first has heard", 20, lambda: not opened(cluster, FIRST))
        eventually("its loss is over", 15, lambda: not incidents(cluster))

        # What each intake owns.
        silence = cluster.ctl("silence", "add", "--match", "service=quiet", "--until", "+1h", "--reason", "test", "--by", "ana").split(":")[0]
        for ctl in (first, second):
            assert silence in ctl("silence", "list"), silence
            ctl("alert", "send", "--severity", "SEV-2", "--service", "quiet", "--source", "cluster", "--key", "quiet", "hush")
        assert cluster.json("silence", "list")["silences"][0]["alerts"] == "2"
        cluster.ctl("silence", "end", silence, "--by", "ana")
        eventually("one incident of both", 10, lambda: len(incidents(cluster)) == 1)
        assert len(cluster.json("alert", "list")["alerts"]) == 2
        (cluster.folder / "config/heartbeats.yaml").write_text(
            "kind: Heartbeats\nheartbeats:\n  backup: { every: 24h, grace: 1h, severity: SEV-3, service: postgres }\n")
        assert SECOND in cluster.ctl("apply", "-f", cluster.folder / "config")
        cluster.ctl("heartbeat", "send", "backup")
        for ctl in (first, second):
            assert "backup" in ctl("heartbeat", "list") and "never" not in ctl("heartbeat", "list"), ctl("heartbeat", "list")
        backup = cluster.folder / "backup"
        assert SECOND in cluster.ctl("backup", "--to", backup) and SECOND in cluster.ctl("backup", "verify", backup)

        # Two with one number would give two alerts one id: it counts as lost.
        cluster.kill(SECOND)
        cluster.start(SECOND, "--intake-number", "1")
        eventually("it counts as lost", 20, lambda: any("alert-intake-2 can't be reached" in one["summary"] for one in incidents(cluster)))
        assert "says that it is intake 1" in (cluster.folder / "escalator.log").read_text()


def the_gateway_fails_over_within_two_seconds_and_nothing_is_lost_or_doubled(binaries):
    """Four senders post webhooks through the gateway while the first intake is killed, comes back, hangs and goes on; then all ends.
    Nobody is told to try again, and no post takes two seconds longer than it would."""
    with Cluster(binaries, intakes=2) as cluster, Gateway(cluster, "load") as gateway:
        taken, slowest, refused, lock, over = set(), [0], [], threading.Lock(), threading.Event()

        def post(numbers, status="firing"):
            began = time.monotonic()
            answer = gateway.post("/alertmanager", {"version": "4", "alerts": [{**firing(number), "status": status} for number in numbers]},
                                  "load")
            with lock:
                slowest[0] = max(slowest[0], time.monotonic() - began)
                if answer[0] == 200:
                    taken.update(numbers)
                else:
                    refused.append(answer)

        def send(sender):
            batch = 0
            while not over.is_set() and batch < 45:
                post([sender * 100_000 + batch * 5 + place for place in range(5)])
                batch += 1
                over.wait(0.6)

        threads = [threading.Thread(target=send, args=[sender], daemon=True) for sender in range(4)]
        for thread in threads:
            thread.start()

        def go_on(more=20):
            """Some more are taken."""
            so_far = len(taken)
            eventually("senders go on", 30, lambda: len(taken) > so_far + more)

        go_on()
        cluster.kill(FIRST)
        go_on()
        at_second = len(opened(cluster, SECOND))
        cluster.start(FIRST)
        cluster.ctl("health", "--wait", "20")
        # It stays with the one that answered last: that one hangs now, and the first takes over.
        cluster.processes[SECOND].send_signal(signal.SIGSTOP)
        go_on()
        over.set()
        for thread in threads:
            thread.join()
        assert not refused and slowest[0] < 2, (slowest, refused[:3])
        assert at_second > 0
        # All is over for the source, before the one that hung has read what was sent to it then.
        numbers = sorted(taken)
        for first in range(0, len(numbers), 100):
            post(numbers[first:first + 100], "resolved")
        cluster.processes[SECOND].send_signal(signal.SIGCONT)
        assert not refused, refused[:3]

        def is_over():
            return not still_open(cluster, "load") and counted(cluster)[1] == 0

        eventually("all of it is over at both intakes and no incident is open", 60, is_over, pause=0.5)
        time.sleep(2)
        assert is_over(), "what was sent to the one that hung was taken in when its end had been told elsewhere"
        # As many as the listing shows at once, and no more were sent.
        assert counted(cluster)[0] == len(taken), f"{counted(cluster)[0]} incidents of {len(taken)} alerts that were answered 2xx"
        for intake in (FIRST, SECOND):
            log = (cluster.folder / "gateway.log").read_text()
            assert f"load: {intake} is there" in log
        return f"{len(taken)} alerts, the slowest post {slowest[0]:.2f} s, {at_second} at the second intake"


ALL = [
    the_gateway_fails_over_within_two_seconds_and_nothing_is_lost_or_doubled,
    a_source_fails_over_within_two_seconds_and_nothing_is_lost_or_doubled,
    one_alert_at_two_intakes_is_one_incident, a_name_that_is_not_found_keeps_nobody_from_the_next_intake,
]
