"""The tests. Each takes the folder of executables and says what it measured."""
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from cluster import ROOT, TIERS, Cluster, eventually, free_base
from wire import CHECK, PUBLISH, Client, common, event, health, intake, key, rpc

HERE = Path(__file__).resolve().parent
WEBHOOK = ROOT / "Tests/fixtures/alertmanager/webhook-2-service-down-firing.json"


def duty_pages(received):
    """First pages by incident: hand-overs of the page numbered 1."""
    return {body["incident"] for body in received if re.fullmatch(r".+/.+/1", body["page"])}


def duplicates(received):
    """Hand-overs that came again without saying so, and those that said so."""
    seen, silent, marked = set(), [], 0
    for body in received:
        if body["id"] in seen and not body["repeat"]:
            silent.append(body["id"])
        marked += body["repeat"]
        seen.add(body["id"])
    return silent, marked


def an_alert_goes_in_and_a_signed_page_comes_out(binaries):
    with Cluster(binaries) as cluster:
        primary = cluster.primary()
        cluster.ctl("alert", "send", "--alertmanager", WEBHOOK)
        pages = eventually("a page", 10, lambda: [b for b in cluster.receiver.received() if b["person"] == primary])
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


def killed_at_any_time_nothing_is_lost(binaries, alerts=300, kills=12, per_second=50):
    with Cluster(binaries) as cluster:
        account = cluster.folder / "account.jsonl"
        source = subprocess.Popen(
            [sys.executable, HERE / "source.py", cluster.endpoint("alert-intake"), account, str(alerts), str(per_second), "0"])
        dice = random.Random(7)
        while source.poll() is None or cluster.kills < kills:
            time.sleep(dice.uniform(0.1, 0.6))
            cluster.restart(dice.choice(TIERS))
        assert source.returncode == 0
        accepted = [json.loads(line) for line in account.read_text().splitlines()]
        assert len(accepted) == alerts
        wanted = {entry["id"] for entry in accepted}
        assert len(wanted) == alerts, "two alerts share an id"
        eventually("every accepted alert's first page", 60, lambda: wanted <= duty_pages(cluster.receiver.received()))
        silent, marked = duplicates(cluster.receiver.received())
        assert not silent, f"came twice without saying so: {silent[:5]}"
        took = sorted(entry["took"] for entry in accepted)
        return (f"{alerts} accepted, {cluster.kills} kills, {len(cluster.receiver.received())} hand-overs, {marked} marked as "
                f"repeats, 0 lost; OK p50 {took[len(took) // 2] * 1000:.0f} ms, worst {took[-1] * 1000:.0f} ms")


def killed_at_each_labelled_point_nothing_is_lost(binaries):
    said = []
    with Cluster(binaries) as cluster:
        first = 0
        for tier in ["alert-intake", "escalator", "notifier"]:
            for label in ["decide", "append", "flush", "reply", "send", "confirm"]:
                cluster.kill(tier)
                cluster.start(tier, "--crash-at", f"{label}:3")
                account = cluster.folder / "points.jsonl"
                source = subprocess.Popen(
                    [sys.executable, HERE / "source.py", cluster.endpoint("alert-intake"), account, "8", "40", str(first)])
                first += 8
                died = False
                until = time.monotonic() + 6
                while time.monotonic() < until and not died:
                    died = cluster.processes[tier].poll() is not None
                    if source.poll() is not None and not died and time.monotonic() > until - 4:
                        break
                    time.sleep(0.02)
                cluster.restart(tier)
                assert source.wait(timeout=60) == 0
                said.append(f"{tier} {label}{'' if died else ' (not reached)'}")
        accepted = [json.loads(line) for line in account.read_text().splitlines()]
        wanted = {entry["id"] for entry in accepted}
        assert len(wanted) == first
        eventually("every first page", 60, lambda: wanted <= duty_pages(cluster.receiver.received()))
        silent, marked = duplicates(cluster.receiver.received())
        assert not silent, silent[:5]
        reached = [point for point in said if "not reached" not in point]
        assert len(reached) >= 12, said
        return f"{len(reached)} points, {len(wanted)} alerts, {marked} repeats, 0 lost; not reached: " + ", ".join(
            point for point in said if "not reached" in point)


def tiers_that_are_down_lose_nothing(binaries):
    with Cluster(binaries, rate=60) as cluster:
        primary = cluster.primary()
        cluster.kill("scheduler")
        cluster.ctl("alert", "send", "--severity", "SEV-1", "--key", "one", "scheduler down")
        eventually("a page without a scheduler", 10, lambda: [
            b for b in cluster.receiver.received() if b["person"] == primary and "scheduler down" in b["title"]])
        cluster.start("scheduler")
        cluster.kill("escalator")
        cluster.ctl("alert", "send", "--severity", "SEV-1", "--key", "two", "escalator down")
        cluster.start("escalator")
        eventually("a page after the escalator came back", 10, lambda: [
            b for b in cluster.receiver.received() if b["person"] == primary and "escalator down" in b["title"]])
        cluster.kill("notifier")
        cluster.ctl("alert", "send", "--severity", "SEV-1", "--key", "three", "notifier down")
        owed = lambda: [i for i in cluster.json("incident", "list")["incidents"] if "notifier" in i["summary"] and i["tier"] >= 4]
        eventually("the chain's top while the notifier is down", 40, owed)
        assert not [b for b in cluster.receiver.received() if "notifier down" in b["title"]]
        cluster.start("notifier")
        people = lambda: {b["person"] for b in cluster.receiver.received() if "notifier down" in b["title"]}
        eventually("pages of everybody who is owed one", 15, lambda: primary in people() and len(people()) >= 4)


def bad_input_is_named_and_the_process_goes_on(binaries):
    with Cluster(binaries) as cluster:
        client = Client(cluster.endpoint("alert-intake"))
        good = event(1, 1)

        def memory():
            text = Path(f"/proc/{cluster.processes['alert-intake'].pid}/status").read_text()
            return int(re.search(r"VmRSS:\s+(\d+)", text)[1])

        def check():
            probe = Client(cluster.endpoint("alert-intake"))
            answer = probe.call(CHECK, b"")
            probe.close()
            assert health.HealthReply.FromString(answer[1]).status == health.SERVING_STATUS_SERVING

        def expect(status, words, answer):
            assert answer is not None, f"silence instead of {words}"
            said = answer[0].status_message
            detail = rpc.ErrorDetail.FromString(answer[0].status_details)
            assert answer[0].status == status and (words in said or words in detail.field), (answer[0].status, said, detail.field)
            check()

        began = memory()
        expect(3, "frames", client.frames([b"alone"]))
        expect(3, "frames", client.frames([b"one", b"two", b"three"]))
        expect(3, "header", client.frames([os.urandom(40), b""]))
        expect(12, "method", client.call("/tocsin.intake.v1.Intake/Nothing", good, key()))
        expect(3, "timeout_ms", client.call(PUBLISH, good, key(), timeout_ms=0))
        expect(15, "payload", client.call(PUBLISH, good, key(), payload_crc32c=1))
        expect(12, "version", client.call(PUBLISH, good, key(), version=9))
        expect(3, "idempotency_key", client.call(PUBLISH, good, b""))
        expect(3, "idempotency_key", client.call(PUBLISH, good, b"short"))
        expect(3, "", client.call(PUBLISH, os.urandom(200), key()))
        expect(3, "summary", client.call(PUBLISH, good.replace(b"alert number 1", b"alert\0number 1"), key()))
        expect(3, "summary", client.call(PUBLISH, good.replace(b"alert number 1", b"alert\xffnumber 1"), key()))
        expect(3, "severity", client.call(PUBLISH, event(1, 1).replace(b"\x20\x01", b"\x20\x63"), key()))
        expect(3, "labels[1].name", client.call(PUBLISH, intake.Event(
            action=intake.ACTION_TRIGGER, source="x", severity=1, summary="x",
            labels=[common.Label(name="a", value="1"), common.Label(name="a", value="2")]).SerializeToString(), key()))
        nested = b""
        for _ in range(100_000):
            nested = b"\x42" + (b"" if len(nested) < 128 else b"") + _length(nested) + nested if len(nested) < 60_000 else nested
        expect(3, "", client.call(PUBLISH, nested, key()))
        expect(3, "", client.call(PUBLISH, b"\x42\x00" * 300_000, key()))
        big = Client(cluster.endpoint("alert-intake"))
        big.frames([header_for(b"x" * 2_200_000), b"x" * 2_200_000], wait=1)
        big.close()
        check()
        for _ in range(2_000):
            client.socket.send_multipart([os.urandom(random.randrange(80)), os.urandom(random.randrange(300))])
            if client.socket.poll(0):
                client.socket.recv_multipart()
        check()
        grown = (memory() - began) / 1024
        assert grown < 64, f"grew by {grown:.0f} MiB"
        return f"18 kinds of bad input, each named; grew by {grown:.1f} MiB"


def _length(data):
    out, size = b"", len(data)
    while size >= 0x80:
        out, size = out + bytes([size & 0x7F | 0x80]), size >> 7
    return out + bytes([size])


def header_for(payload):
    return rpc.Header(version=1, kind=rpc.KIND_REQUEST, call_id=1, method=PUBLISH, timeout_ms=1000, idempotency_key=key()).SerializeToString()


def every_ok_is_preceded_by_its_fdatasync(binaries, alerts=200):
    with Cluster(binaries) as cluster:
        trace = cluster.folder / "trace"
        pid = cluster.processes["alert-intake"].pid
        tracer = subprocess.Popen(
            ["strace", "-f", "-ttt", "-e", "trace=fdatasync,fsync,recvfrom,sendto", "-p", str(pid), "-o", trace],
            stderr=subprocess.DEVNULL)
        eventually("strace", 10, lambda: trace.exists() and "TracerPid:\t0" not in Path(f"/proc/{pid}/status").read_text())
        client = Client(cluster.endpoint("alert-intake"))
        for number in range(alerts):
            client.publish_until_ok(event(number, 3), key())
        tracer.send_signal(signal.SIGINT)
        tracer.wait()
        syncs = trace.read_text().count("fdatasync(") + trace.read_text().count("<... fdatasync resumed")
        # One alert at a time: between one OK and the next there must be a finished flush. The OK is the frame in which the
        # alert's id travels.
        order = []
        for line in trace.read_text().splitlines():
            if re.search(r"fdatasync(\(\d+\)| resumed>\))\s+= 0", line):
                order.append("flush")
            elif "sendto(" in line and re.search(r'sendto\(\d+, ".*[0-9a-f]{2}-[0-9a-z]+', line) and "Escalation" not in line:
                order.append("ok")
        oks = order.count("ok")
        assert oks >= alerts, f"{oks} OKs and {syncs} flushes seen"
        flushed = 0
        for index, entry in enumerate(order):
            if entry == "ok":
                assert "flush" in order[flushed:index] or index == flushed, f"OK number {index} without a flush before it"
                flushed = index
        return f"{oks} OKs, each after its fdatasync"


def a_second_process_is_refused(binaries):
    with Cluster(binaries) as cluster:
        again = subprocess.run(
            [cluster.binaries / "escalator", "--listen", "tcp://127.0.0.1:*", "--data", cluster.folder / "escalator"],
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
        def publish(*more):
            return subprocess.run(
                [sys.executable, ROOT / "proto/examples/publish.py", cluster.endpoint("alert-intake"), "disk full", "SEV2", *more],
                capture_output=True, text=True)
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


def a_tier_that_dies_comes_back_by_itself(binaries):
    """compose/up keeps its tiers running, and compose/down ends them for good."""
    folder = Path(tempfile.mkdtemp(prefix="tocsin-compose-"))
    data, base = folder / "data", free_base()
    # What another process's pid in an old file, as after a reboot, must not prevent.
    data.mkdir()
    (data / "escalator.pid").write_text(f"{os.getpid()}\n{os.getpid()}\n")

    def run(*command):
        result = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=90)
        assert result.returncode == 0, (command, result.returncode, result.stdout, result.stderr)
        return result.stdout

    def ctl(*arguments):
        return run(Path(binaries) / "tocsinctl", *arguments, "--base-port", base)

    def pids(tier):
        """The keeper's and the tier's."""
        try:
            return [int(line) for line in (data / f"{tier}.pid").read_text().split()]
        except FileNotFoundError:
            return []

    up = [ROOT / "compose/up", "--built", "--detach", "--data", data, "--base-port", base]
    try:
        run(*up)
        for tier in TIERS:
            before = pids(tier)
            os.kill(before[1], signal.SIGKILL)
            eventually(f"another {tier}", 10, lambda: len(now := pids(tier)) == 2 and now[1] != before[1])
            assert pids(tier)[0] == before[0] and "it starts again in 0.2 s" in (data / f"{tier}.log").read_text()
        ctl("health", "--wait", "20")
        ctl("alert", "send", "--severity", "SEV-1", "--key", "back", "they are back")
        eventually("a page", 10, lambda: "they are back" in (data / "pages.log").read_text())
        assert run(*up).count("is running already") == len(TIERS)
        last = [pid for tier in TIERS for pid in pids(tier)]
        run(ROOT / "compose/down", "--data", data)
        assert len(last) == 8 and not [pid for pid in last if Path(f"/proc/{pid}").exists()], last
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
    an_alert_goes_in_and_a_signed_page_comes_out, killed_at_any_time_nothing_is_lost,
    killed_at_each_labelled_point_nothing_is_lost, tiers_that_are_down_lose_nothing,
    bad_input_is_named_and_the_process_goes_on, every_ok_is_preceded_by_its_fdatasync, a_second_process_is_refused,
    a_flipped_byte_is_found_at_the_start, the_example_client_works, repeats_have_one_effect_and_one_answer,
    a_tier_that_dies_comes_back_by_itself, a_watch_shows_every_line_once_whatever_dies,
    apply_changes_nothing_when_one_tier_is_away,
]
