"""The tests. Each takes the folder of executables and says what it measured."""
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cli
import deaths
import duty
import flushes
import handover
import hostile
import losses
import readiness
import sockets
from cluster import ROOT, TIERS, Cluster, eventually, free_base, free_port
from wire import PUBLISH, Client, event, key

WEBHOOK = ROOT / "Tests/fixtures/alertmanager/webhook-2-service-down-firing.json"


def an_alert_goes_in_and_a_signed_page_comes_out(binaries):
    with Cluster(binaries) as cluster:
        primary = cluster.primary()
        cluster.ctl("alert", "send", "--alertmanager", WEBHOOK)
        pages = eventually("a page", 10, lambda: [
            b for b in cluster.receiver.received() if b["incident"] and b["person"] == primary])
        assert all(body["signature"] == "good" for body in cluster.receiver.received())
        assert pages[0]["channel"] == "push" and pages[0]["severity"] == 1, pages[0]
        incident = pages[0]["incident"]
        cluster.ctl("incident", "ack", incident, "--by", primary)
        cluster.ctl("incident", "update", incident, "--by", primary, "--status", "investigating", "--impact", "x")
        eventually("the update in #incidents", 10, lambda: [
            b for b in cluster.receiver.received() if b["channel"] == "#incidents" and "INCIDENT UPDATE" in b["text"]])
        cluster.ctl("incident", "resolve", incident, "--by", primary)
        lines = [line["kind"] for line in cluster.json("incident", "timeline", incident)["lines"]]
        for kind in ["opened", "paged", "acknowledged", "update", "resolved", "withdrawn"]:
            assert kind in lines, lines
        listed = cluster.ctl("incident", "ack", "00-zz", "--by", primary, check=False)
        assert listed.returncode == 3, listed


def a_second_process_is_refused(binaries):
    with Cluster(binaries) as cluster:
        again = subprocess.run(
            [cluster.binaries / "escalator", "--listen", "tcp://127.0.0.1:*", "--data", cluster.folder / "escalator",
             "--keys", cluster.keys],
            capture_output=True, text=True, timeout=20)
        assert again.returncode != 0 and "journal.lock" in again.stderr + again.stdout, again


def a_flipped_byte_is_found_at_the_start(binaries):
    with Cluster(binaries) as cluster:
        client = Client(cluster.endpoint("alert-intake"))
        for number in range(20):
            client.publish_until_ok(event(number, 3), key())
        cluster.kill("alert-intake")
        for name in ["journal.db", "journal.db-wal"]:
            path = cluster.folder / "alert-intake" / name
            data = bytearray(path.read_bytes())
            at = data.find(b"alert number 7")
            if at >= 0:
                data[at] ^= 1
                path.write_bytes(data)
        cluster.start("alert-intake")
        code = eventually("the refusal", 10, lambda: cluster.processes["alert-intake"].poll())
        log = (cluster.folder / "alert-intake.log").read_text()
        assert code != 0 and "row" in log, log[-500:]


def the_example_client_works(binaries):
    with Cluster(binaries) as cluster:
        command = [cluster.binaries / "tocsinctl", "keys", "create", "publish.py", "--role", "source", "--keys", cluster.keys]
        subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)

        def publish(*more):
            return subprocess.run(
                [sys.executable, ROOT / "proto/examples/publish.py", cluster.sources(), "disk full", "SEV2", "--key-file",
                 cluster.keys / "publish.py.secret", *more], capture_output=True, text=True)
        token = key().hex()
        one, two = publish("--key", token), publish("--key", token)
        assert one.returncode == 0 and one.stdout == two.stdout, (one, two)
        other = publish("--key", token, "--service", "another")
        assert other.returncode == 6, other


def repeats_have_one_effect_and_one_answer(binaries, alerts=1000):
    with Cluster(binaries) as cluster:
        clients = [Client(cluster.endpoint("alert-intake")) for _ in range(2)]
        jobs = [(number, token) for number, token in enumerate(key() for _ in range(alerts)) for _ in range(3)]
        random.Random(3).shuffle(jobs)
        answers = {}
        for turn, (number, token) in enumerate(jobs):
            reply, _ = clients[turn % 2].publish_until_ok(event(number, 3), token)
            answers.setdefault(number, set()).add(reply.SerializeToString())
        assert all(len(replies) == 1 for replies in answers.values())
        assert cluster.json("alert", "list")["open"] in (str(alerts), alerts)
        other = clients[0].call(PUBLISH, event(9999, 3), jobs[0][1])
        assert other[0].status == 6, other[0]
        return f"{alerts} alerts, each sent three times over two connections: {alerts} alerts, {alerts} answers"


def a_second_provider_carries_on_when_the_first_is_down(binaries):
    """The channel's first webhook answers nobody; every page comes by the second, a SEV-1's at once."""
    with Cluster(binaries) as cluster:
        dead = free_port()
        webhook = f"provider: webhook, secret-file: {cluster.receiver.secret}"
        cluster.configure(
            f"{{ {webhook}, url: \"http://127.0.0.1:{dead}/\", second: {{ {webhook}, url: \"http://127.0.0.1:{cluster.receiver.port}/second\" }} }}")
        primary, client = cluster.primary(), Client(cluster.endpoint("alert-intake"))
        began = time.time()
        client.publish_until_ok(event(1, 1, "the first provider is down"), key())
        page = eventually("a page by the second provider", 20, lambda: [
            body for body in cluster.receiver.received() if body["incident"] and body["person"] == primary])[0]
        took = page["arrived_ms"] / 1000 - began
        assert page["channel"] == "push" and page["attempt"] == 2 and not page["repeat"] and took < 5, (page, took)
        return f"the second provider was asked after {took * 1000:.0f} ms"


def a_phone_rings_for_what_it_is_kept_for(binaries):
    """The shipped contact rules: a SEV-2 that is escalated to the VP goes by other channels at the phone's times, and the
    ledger says why; once the rule is taken out, the next page rings."""
    with Cluster(binaries, rate=60) as cluster:
        def heard(incident):
            return [body["channel"] for body in cluster.receiver.received()
                    if body["incident"] == incident and body["person"] == "vera"]

        def escalated(key):
            cluster.ctl("alert", "send", "--severity", "SEV-2", "--key", key, key)
            incident = eventually("the incident", 10, lambda: [
                body["incident"] for body in cluster.receiver.received() if body["incident"] and key in body["text"]])[0]
            cluster.ctl("incident", "ack", incident, "--by", cluster.primary())
            cluster.ctl("incident", "escalate", incident, "--tier", "executives", "--reason", "x", "--by", cluster.primary())
            eventually("three messages to vera", 20, lambda: len(heard(incident)) >= 3)
            return incident

        incident = escalated("kept")
        assert heard(incident) == ["push", "email", "slack"], heard(incident)
        listed = cluster.ctl("page", "list", "--incident", incident)
        assert "sms and voice are for SEV-1 only: by email and slack instead" in listed, listed
        contacts = cluster.folder / "config/contacts.yaml"
        shipped = contacts.read_text()
        rule = next(line for line in shipped.splitlines() if "only-for: { sms: [SEV-1], voice" in line)
        contacts.write_text(shipped.replace(rule, "    only-for: { push: SEV-1, sms: SEV-1, voice: SEV-1, email: SEV-1, slack: SEV-1 }"))
        refused = cluster.ctl("apply", "-f", cluster.folder / "config", check=False)
        place = f"contacts.yaml:{shipped.splitlines().index(rule) + 1}:"
        assert refused.returncode and place in refused.stderr and "found none for SEV-2, SEV-3, SEV-4" in refused.stderr, refused
        contacts.write_text(shipped.replace(rule, ""))
        assert "contact vera changed" in cluster.ctl("apply", "-f", cluster.folder / "config")
        incident = escalated("open")
        assert heard(incident) == ["push", "sms", "voice"], heard(incident)


def an_idle_cluster_pages_within_100_ms(binaries, alerts=40):
    """From an alert's sending to the webhook, with nothing else going on."""
    with Cluster(binaries) as cluster:
        client = Client(cluster.sources())
        sent = {}
        for number in range(alerts):
            time.sleep(0.15)
            began = time.time() * 1000
            sent[client.publish_until_ok(event(number, 3), key())[0].alert_id] = began
        eventually("every page", 10, lambda: set(sent) <= {body["incident"] for body in cluster.receiver.received()})
        took = {}
        for body in cluster.receiver.received():
            took.setdefault(body["incident"], body["arrived_ms"] - sent.get(body["incident"], 0))
        values = sorted(took[incident] for incident in sent)
        assert values[len(values) // 2] < 100, values
        return f"{alerts} alerts to the webhook: p50 {values[len(values) // 2]:.0f} ms, worst {values[-1]:.0f} ms"


def runs(pid):
    """Whether a process runs: one that has ended and whose parent has not asked for its code does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def a_tier_that_dies_comes_back_by_itself(binaries):
    """compose/up keeps its tiers running, and compose/down ends them for good."""
    folder = Path(tempfile.mkdtemp(prefix="tocsin-compose-"))
    kept = [*TIERS, "gateway"]
    data, base = folder / "data", free_base()
    # What another process's pid in an old file, as after a reboot, must not prevent.
    data.mkdir()
    (data / "escalator.pid").write_text(f"{os.getpid()}\n{os.getpid()}\n")

    def run(*command):
        result = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=90)
        assert result.returncode == 0, (command, result.returncode, result.stdout, result.stderr)
        return result.stdout

    def ctl(*arguments):
        return run(Path(binaries) / "tocsinctl", *arguments, "--base-port", base, "--key-file", data / "keys/admin.secret")

    def pids(tier):
        """The keeper's and the tier's."""
        try:
            return [int(line) for line in (data / f"{tier}.pid").read_text().split()]
        except FileNotFoundError:
            return []

    up = [ROOT / "compose/up", "--built", "--detach", "--data", data, "--base-port", base]
    try:
        run(*up)
        for tier in kept:
            before = pids(tier)
            os.kill(before[1], signal.SIGKILL)
            eventually(f"another {tier}", 10, lambda: len(now := pids(tier)) == 2 and now[1] != before[1])
            assert pids(tier)[0] == before[0] and "it starts again in 0.2 s" in (data / f"{tier}.log").read_text()
        ctl("health", "--wait", "20")
        ctl("alert", "send", "--severity", "SEV-1", "--key", "back", "they are back")
        eventually("a page", 10, lambda: "they are back" in (data / "pages.log").read_text())
        assert run(*up).count("is running already") == len(kept)
        last = [pid for tier in kept for pid in pids(tier)]
        run(ROOT / "compose/down", "--data", data)
        assert len(last) == 2 * len(kept) and not [pid for pid in last if runs(pid)], last
        assert not list(data.glob("*.pid"))
    finally:
        subprocess.run([ROOT / "compose/down", "--data", data])
    failed = subprocess.run(
        [str(part) for part in [*up, "--config", ROOT / "compose/up"]], capture_output=True, text=True, timeout=90)
    assert failed.returncode != 0 and not list(data.glob("*.pid")), failed
    subprocess.run(["rm", "-rf", folder], check=True)


def a_watch_shows_every_line_once_whatever_dies(binaries):
    with Cluster(binaries) as cluster:
        out = cluster.folder / "watched.jsonl"
        command = [cluster.binaries / "tocsinctl", "watch", "-o", "json", "--escalator", cluster.endpoint("escalator")]
        with open(out, "wb") as file:
            watch = subprocess.Popen([str(part) for part in command], stdout=file, stderr=subprocess.DEVNULL)

        def line(text):
            read = json.loads(text)
            return read["sequence"], read["incident_id"], read["kind"], read["text"]

        def watched():
            return [line(text) for text in out.read_text().splitlines(keepends=True) if text.endswith("\n")]

        def report(number):
            cluster.ctl("alert", "send", "--severity", "SEV-1", "--key", f"watched-{number}", f"alert {number}")
            return True

        try:
            numbers = iter(range(1_000))
            eventually("the watch's beginning", 20, lambda: report(next(numbers)) and watched())
            for _ in range(6):
                report(next(numbers))
                cluster.restart("escalator")
                report(next(numbers))
            last = next(numbers)
            eventually("all incidents", 20, lambda: cluster.json("incident", "list")["open"] in (last, str(last)))
            begin = int(watched()[0][0])

            def recorded():
                incidents = [incident["id"] for incident in cluster.json("incident", "list")["incidents"]]
                timelines = [cluster.json("incident", "timeline", incident)["lines"] for incident in incidents]
                lines = [line(json.dumps(entry)) for timeline in timelines for entry in timeline]
                return sorted(entry for entry in lines if int(entry[0]) >= begin)

            eventually("every line", 20, lambda: sorted(watched()) == recorded())
            assert watch.poll() is None
            return f"{len(watched())} lines over {cluster.kills} deaths, each once"
        finally:
            watch.kill()
            watch.wait()


def apply_changes_nothing_when_one_tier_is_away(binaries):
    with Cluster(binaries) as cluster:
        policy = cluster.folder / "config/policy.yaml"
        policy.write_text(policy.read_text().replace("maximum: 10m", "maximum: 9m", 1))
        cluster.kill("notifier")
        refused = cluster.ctl("apply", "-f", cluster.folder / "config", "--timeout", "1s", check=False)
        assert refused.returncode == 4 and "nothing was applied" in refused.stderr, refused
        cluster.start("notifier")
        cluster.ctl("health", "--wait", "20")
        assert "1 would change" in cluster.ctl("apply", "-f", cluster.folder / "config", "--dry-run")
        cluster.ctl("apply", "-f", cluster.folder / "config")
        assert "would change" not in cluster.ctl("apply", "-f", cluster.folder / "config", "--dry-run").replace("nothing would change", "")


ALL = [
    an_alert_goes_in_and_a_signed_page_comes_out, an_idle_cluster_pages_within_100_ms,
    a_second_provider_carries_on_when_the_first_is_down, a_phone_rings_for_what_it_is_kept_for, deaths.killed_at_any_time_nothing_is_lost,
    deaths.killed_at_each_labelled_point_nothing_is_lost, deaths.cut_off_from_power_nothing_is_lost,
    deaths.tiers_that_are_down_lose_nothing, hostile.bad_input_is_named_and_the_process_goes_on,
    flushes.every_ok_is_preceded_by_its_fdatasync, flushes.of_many_in_flight_no_ok_leaves_before_the_flush_that_covers_it,
    a_second_process_is_refused, a_flipped_byte_is_found_at_the_start,
    the_example_client_works, repeats_have_one_effect_and_one_answer, a_tier_that_dies_comes_back_by_itself,
    sockets.sources_may_publish_and_nothing_else, sockets.clients_that_can_not_connect_are_counted_and_told_of_once,
    sockets.a_tier_describes_itself, sockets.strangers_have_an_io_thread_of_their_own_at_intake,
    sockets.a_connection_that_is_not_read_is_told_and_health_shows_it, a_watch_shows_every_line_once_whatever_dies, apply_changes_nothing_when_one_tier_is_away,
] + cli.ALL + duty.ALL + handover.ALL + readiness.ALL + losses.ALL

LONG = [deaths.killed_200_times_while_100_000_alerts_flow]
