"""The shipped alarms (compose/prometheus/rules.yaml), each rung by its fault: a real Prometheus with the shipped configuration asks the
gateway of a cluster, whose clock runs 20 times as fast, for the figures of all. What an alarm waits for is shortened to a second, and
Prometheus asks ten times as often; what is looked at is as shipped."""
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from datetime import datetime, timezone
from pathlib import Path

import powerloss
from cluster import ROOT, TIERS, Cluster, eventually, free_port, free_ports
from endurance import HangingDisk
from keys import keys
from noticeboard import certificate
from senders import Gateway
from wire import PUBLISH, Client, event, key

RATE = 20
RULES = ROOT / "compose/prometheus/rules.yaml"


class Prometheus:
    def __init__(self, cluster, gateway):
        self.port = free_port()
        folder = cluster.folder / "prometheus"
        folder.mkdir()
        (folder / "rules.yaml").write_text(re.sub(r"for: \w+", "for: 1s", RULES.read_text()))
        shipped = (RULES.parent / "prometheus.yaml").read_text()
        for there, here in [("gateway:9171", f"127.0.0.1:{gateway.metrics}"), ("scrape_interval: 15s", "scrape_interval: 1500ms"),
                            ("evaluation_interval: 15s", "evaluation_interval: 500ms")]:
            assert shipped.count(there) == 1, there
            shipped = shipped.replace(there, here)
        (folder / "prometheus.yaml").write_text(shipped)
        self.log = open(folder / "log", "wb")
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={folder}/prometheus.yaml", f"--storage.tsdb.path={folder}/data",
             f"--web.listen-address=127.0.0.1:{self.port}"], stdout=self.log, stderr=self.log)

    def ask(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/{path}", timeout=5) as answer:
            return json.load(answer)["data"]

    def has(self, tiers):
        """Whether it has these programs' figures, and those of no other."""
        try:
            return {series["metric"]["tier"] for series in self.ask("query?query=tocsin_tier_up%3D%3D1")["result"]} == set(tiers)
        except OSError:
            return False

    def firing(self):
        """Each alarm that rings, with the tier that it names."""
        return {(alarm["labels"]["alertname"], alarm["labels"].get("tier"))
                for alarm in self.ask("alerts")["alerts"] if alarm["state"] == "firing"}

    def rings(self, *alarms, tier=None, within=40):
        """Waits until each of them rings, of this tier where one is named."""
        for alarm in alarms:
            eventually(f"{alarm} {tier or ''}", within, lambda alarm=alarm: any(
                name == alarm and tier in (None, whose) for name, whose in self.firing()), pause=0.3)

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.log.close()


def the_rules_are_what_promtool_takes(binaries):
    if not shutil.which("promtool"):
        return "LEFT OUT: promtool is not here (Debian: prometheus)"
    for command in [["check", "config", "prometheus.yaml"], ["check", "rules", "rules.yaml"], ["test", "rules", "rules.test.yaml"]]:
        result = subprocess.run(["promtool", *command], cwd=RULES.parent, capture_output=True, text=True)
        assert result.returncode == 0, result.stdout + result.stderr
    guide = (ROOT / "compose/README.md").read_text()
    alarms = re.findall(r"alert: (\w+)", RULES.read_text())
    untold = [alarm for alarm in alarms if f"**{alarm}**" not in guide]
    assert not untold, f"compose/README.md doesn't say what to do at {untold}"
    return f"{len(alarms)} alarms, each in the operating guide"


def every_alarm_is_rung_by_its_fault(binaries):
    if not shutil.which("prometheus"):
        return "LEFT OUT: prometheus is not here (Debian: prometheus)"
    watch = (ROOT / "compose/config/watch.yaml").read_text()
    ports = dict(zip(TIERS, free_ports(len(TIERS))))
    extra = {tier: ["--metrics", f"127.0.0.1:{port}", "--peer-lost-after", "6"] for tier, port in ports.items()}
    door = free_port()
    extra["notifier"] += ["--callbacks", f"127.0.0.1:{door}", "--callback-url", f"http://127.0.0.1:{door}"]
    rung = []
    disk = HangingDisk()
    gather = [word for tier, port in ports.items() for word in ["--gather", f"{tier}=127.0.0.1:{port}"]]
    with Cluster(binaries, rate=RATE, extra=extra, watch=watch, environment=disk.environment) as cluster:
        served = [cluster.folder / "served.pem", cluster.folder / "served.key"]
        serve(served, certificate(cluster.folder, "first", days=30))
        options = ["--certificate", served[0], "--key", served[1], *gather]
        with Gateway(cluster, "web", options=options) as gateway:
            cluster.disk, cluster.door, cluster.served, cluster.gateway = disk, door, served, gateway
            cluster.prometheus = prometheus = Prometheus(cluster, gateway)

            def rings(*alarms, tier=None):
                prometheus.rings(*alarms, tier=tier)
                rung.extend(alarms)

            def publish(first, count, severity=3):
                client = Client(cluster.endpoint("alert-intake"))
                for number in range(first, first + count):
                    client.call(PUBLISH, event(number, severity), key())
                client.close()

            try:
                eventually("every tier's figures are there", 20, lambda: prometheus.has([*TIERS, "gateway"]))
                assert not prometheus.firing(), prometheus.firing()
                for fault in [
                        ending_certificate, ending_keys, floods, bad_providers, false_answers, garbage, stopped_clock, another_clock, slow_disk, no_escalator,
                        restarts, rest, small_disk]:
                    fault(cluster, rings, publish)
                unknown = named() - shown(gateway.metrics)
                assert not unknown, f"rules and dashboard name what no tier shows: {unknown}"
            finally:
                prometheus.stop()
        known = set(re.findall(r"alert: (\w+)", RULES.read_text()))
        assert set(rung) == known - {"TocsinClockJumped"}, sorted(known - set(rung))
    return f"{len(rung)} alarms rang; the one of a clock that jumps rings in a cluster whose clock is the machine's"


def a_jump_of_the_clock_rings_its_alarm(binaries):
    """Ten minutes ahead, under running tiers; each of them tells. A clock that runs faster than the machine's follows nobody's jumps."""
    if not shutil.which("prometheus"):
        return "LEFT OUT: prometheus is not here (Debian: prometheus)"
    ahead = Path(tempfile.mkdtemp(prefix="tocsin-clock-")) / "ahead"
    ahead.write_text("0\n")
    ports = dict(zip(TIERS, free_ports(len(TIERS))))
    extra = {tier: ["--metrics", f"127.0.0.1:{port}"] for tier, port in ports.items()}
    gather = [word for tier, port in ports.items() for word in ["--gather", f"{tier}=127.0.0.1:{port}"]]
    environment = {"LD_PRELOAD": str(powerloss.build("jumpingclock")), "WALL_CLOCK_AHEAD": str(ahead)}
    with Cluster(binaries, extra=extra, environment=environment) as cluster, Gateway(cluster, "web", options=gather) as gateway:
        prometheus = Prometheus(cluster, gateway)
        try:
            eventually("every tier's figures are there", 20, lambda: prometheus.has([*TIERS, "gateway"]))
            assert not prometheus.firing(), prometheus.firing()
            written = ahead.with_suffix(".new")
            written.write_text("600\n")
            written.rename(ahead)
            for tier in TIERS:
                prometheus.rings("TocsinClockJumped", tier=tier)
                log = (cluster.folder / "escalator.log").read_text()
            assert re.search(r"the wall clock jumped by (599|600)\d{3} ms", log), log[-500:]
        finally:
            prometheus.stop()


def named():
    """The figures that the rules and the dashboard look at."""
    texts = RULES.read_text() + (ROOT / "compose/grafana/tocsin.json").read_text()
    return {re.sub("_(bucket|count)$", "", name) for name in re.findall(r"\btocsin_[a-z_]+", texts)}


def shown(port):
    """Those that the gateway has of itself and of the tiers that run."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        return set(re.findall(r"^# TYPE (\w+)", answer.read().decode(), re.M))


def serve(served, made):
    """Certificate and key, each in the place of the one before at once."""
    for place, file in zip(served, made):
        file.rename(place)


def ending_certificate(cluster, rings, publish):
    serve(cluster.served, certificate(cluster.folder, "ending", days=2))
    rings("TocsinCertificateEnds", tier="gateway")


def ending_keys(cluster, rings, publish):
    """A source's last key ends soon, and one that the gateway sends by is good no more."""
    keys(cluster, "create", "seldom", "--role", "source", "--valid-for", "5d")
    rings("TocsinKeyEnds")
    path = cluster.keys / "authorized"
    line = next(line for line in path.read_text().splitlines() if line.startswith("web "))
    path.write_text(path.read_text().replace(line, re.sub(r"until=\S+", f"until={datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ}", line)))
    rings("TocsinKeyOver")
    # The connection is there until something is said on it: then it is shut, and no other is let in.
    request = urllib.request.Request(
        f"https://127.0.0.1:{cluster.gateway.port}/events", json.dumps({"summary": "one"}).encode(),
        {"Authorization": f"Bearer {cluster.gateway.keys['web']}", "Content-Type": "application/json"})
    try:
        urllib.request.urlopen(request, timeout=15, context=ssl._create_unverified_context()).close()
        raise AssertionError("a source is let in with a key that is over")
    except urllib.error.HTTPError as refused:
        assert refused.code == 503, refused.code
    rings("TocsinSourceCutOff")


def floods(cluster, rings, publish):
    alerts = cluster.folder / "config/alerts.yaml"
    shipped = alerts.read_text()
    alerts.write_text(shipped.replace("per-second: 1000, burst: 10000", "per-second: 1, burst: 1"))
    cluster.ctl("apply", "-f", cluster.folder / "config")
    publish(1, 20)
    rings("TocsinRefusing")
    alerts.write_text(shipped)
    cluster.ctl("apply", "-f", cluster.folder / "config")


def bad_providers(cluster, rings, publish):
    def route(path):
        url = f"http://127.0.0.1:{cluster.receiver.port}/{path}"
        cluster.configure(f'{{ provider: webhook, url: "{url}", secret-file: {cluster.receiver.secret} }}')

    route("drop")
    publish(100, 5, severity=1)
    rings("TocsinPagesUnknown")
    route("status/503")
    publish(200, 5, severity=1)
    rings("TocsinProviderFailing")
    route("delay/3")
    publish(300, 5, severity=1)
    rings("TocsinPagesSlow")
    cluster.configure()


def false_answers(cluster, rings, publish):
    for number in range(20):
        link = f"http://127.0.0.1:{cluster.door}/answer/1.push.{number}.2f-1~dee~1.{'0' * 32}"
        try:
            urllib.request.urlopen(urllib.request.Request(link, b"", method="POST"), timeout=5).close()
        except urllib.error.HTTPError as refused:
            assert refused.code in (404, 410, 429), refused.code
    rings("TocsinAnswersRefused")


def garbage(cluster, rings, publish):
    for _ in range(40):
        socket.create_connection(("127.0.0.1", cluster.ports["scheduler"])).close()
    rings("TocsinConnectionsFailing", tier="scheduler")


def stopped_clock(cluster, rings, publish):
    """The process is stopped again and again while its timers go on, until enough of them have rung late."""
    process = cluster.processes["escalator"]
    publish(350, 5, severity=1)
    for _ in range(20):
        process.send_signal(signal.SIGSTOP)
        time.sleep(2)
        process.send_signal(signal.SIGCONT)
        time.sleep(1)
        if ("TocsinTimersLate", "escalator") in cluster.prometheus.firing():
            break
    rings("TocsinTimersLate", tier="escalator")


def another_clock(cluster, rings, publish):
    wall, boot = map(int, (cluster.folder / "clock-origin").read_text().split())
    other = cluster.folder / "another-origin"
    other.write_text(f"{wall + 600_000} {boot}\n")
    cluster.kill("notifier")
    cluster.start("notifier", "--clock-origin", other)
    rings("TocsinClocksApart")
    cluster.restart("notifier")


def slow_disk(cluster, rings, publish):
    for number in range(3):
        client = Client(cluster.endpoint("alert-intake"))
        with cluster.disk:
            client.call(PUBLISH, event(400 + number, 3), key(), wait=2)
        client.close()
    rings("TocsinAnswersSlow")


def no_escalator(cluster, rings, publish):
    cluster.kill("escalator")
    publish(500, 3)
    # By what the gateway says of the tier: the gateway itself is there.
    rings("TocsinTierDown", tier="escalator")
    rings("TocsinPeerOutOfReach", "TocsinDebtOld", "TocsinNoSyntheticAlert", "TocsinAlertWithoutPage")
    poison, token = event(666, 2, "a message that kills"), key()
    for _ in range(2):
        cluster.kill("alert-intake")
        cluster.start("alert-intake", "--crash-at", "decide:1")
        client = Client(cluster.endpoint("alert-intake"))
        client.call(PUBLISH, poison, token, wait=3)
        client.close()
        eventually("the death", 10, lambda: cluster.processes["alert-intake"].poll() is not None)
    cluster.start("alert-intake")
    client = Client(cluster.endpoint("alert-intake"))
    eventually("an answer", 10, lambda: client.call(PUBLISH, poison, token, wait=3))
    client.close()
    rings("TocsinMessageSetAside", "TocsinInternalErrors")
    cluster.start("escalator")


def restarts(cluster, rings, publish):
    def began():
        found = cluster.prometheus.ask("query?query=tocsin_started_at_seconds%7Btier=%22escalator%22%7D")["result"]
        return found[0]["value"][1] if found else None

    eventually("the escalator is scraped", 20, began)
    for _ in range(2):
        before = began()
        cluster.restart("escalator")
        eventually("a new beginning is scraped", 20, lambda: began() not in (None, before))
    rings("TocsinRestarting", tier="escalator")


def rest(cluster, rings, publish):
    cluster.kill("scheduler")
    ends = cluster.folder / "scheduler/ends"
    now = time.time_ns() // 1_000_000
    ends.write_text("".join(f"{now - age} the disk is broken\n" for age in [3_000, 2_000, 1_000]))
    cluster.start("scheduler")
    rings("TocsinTierNotReady", tier="scheduler")
    cluster.kill("scheduler")
    ends.unlink()


def small_disk(cluster, rings, publish):
    """The scheduler is down already."""
    folder = cluster.folder / "scheduler"
    shutil.rmtree(folder)
    folder.mkdir(mode=0o700)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m,mode=700", "tmpfs", folder], check=True)
    try:
        cluster.start("scheduler")
        # It takes its reserve first.
        cluster.ctl("health", "scheduler", "--wait", "20")
        room = os.statvfs(folder)
        with open(folder / "filler", "wb") as out:
            out.write(b"x" * (room.f_bavail * room.f_frsize - room.f_blocks * room.f_frsize // 10))
        rings("TocsinDiskNearlyFull", tier="scheduler")
    finally:
        cluster.kill("scheduler")
        subprocess.run(["umount", "-l", folder], check=True)


ALL = [the_rules_are_what_promtool_takes]
LONG = [every_alarm_is_rung_by_its_fault, a_jump_of_the_clock_rings_its_alarm]
