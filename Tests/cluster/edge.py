"""The gateway: existing sources point at it unchanged. Real senders and the real tiers; what was answered 2xx is on disk."""
import hashlib
import hmac
import http.client
import json
import random
import re
import socket
import ssl
import subprocess
import threading
import time

from cluster import Cluster, eventually, free_port
from senders import Gateway, Program, Shown, TLSProxy, alertmanager, asked, prometheus


def still_open(cluster, source):
    """The keys under which a source has an open alert."""
    return [alert["dedup_key"] for alert in cluster.json("alert", "list", "--source", source, "--limit", 1000)["alerts"]
            if alert["state"] != "ALERT_STATE_RESOLVED"]


def as_told(cluster, source):
    """What a source has said of each of its open alerts: service, severity, summary, class."""
    return {(alert["service"], alert["severity"], alert["summary"], alert["alert_class"])
            for alert in cluster.json("alert", "list", "--source", source, "--limit", 1000)["alerts"]
            if alert["state"] != "ALERT_STATE_RESOLVED"}


def incidents(cluster):
    """How many incidents there ever were, and how many of them are open."""
    every = cluster.json("incident", "list", "--all", "--limit", 1000)["incidents"]
    still = cluster.json("incident", "list", "--limit", 1000)["incidents"]
    return len(every), len(still)


def alertmanager_and_prometheus_point_at_the_gateway_unchanged(binaries):
    """Two disks are full, then the gateway is killed while one is mended and a third fills up; it comes back; Alertmanager is started
    anew while a fourth fills up, then Prometheus; all are mended. Prometheus tells the gateway itself (in Alertmanager's place) and a real Alertmanager,
    which tells it by webhook, alert by alert, and by its PagerDuty receiver, group by group."""
    missing = Program.missing("prometheus", "prometheus-alertmanager")
    assert not missing, f"{', '.join(missing)} not here (Debian's packages): nothing is known of the real senders"
    with Cluster(binaries) as cluster, Gateway(cluster, "alertmanager", "prometheus", "pagerduty") as gateway:
        shown = Shown()
        shown.full = {"disk-a": 1, "disk-b": 1, "disk-c": 0, "disk-d": 0}
        manager, port = alertmanager(cluster.folder / "am", gateway)
        scraper = prometheus(cluster.folder / "prom", gateway, shown, port)
        try:
            before = {}
            for source, count in [("prometheus", 2), ("alertmanager", 2), ("pagerduty", 1)]:
                before[source] = set(eventually(
                    f"{count} alerts of {source}", 20, lambda: len(found := still_open(cluster, source)) == count and found, pause=0.3))
            eventually("each is an incident", 10, lambda: incidents(cluster) == (5, 5), pause=0.3)
            assert before["prometheus"] == before["alertmanager"], "an alert has one key, by whichever way it comes"
            for source in ["prometheus", "alertmanager"]:
                assert as_told(cluster, source) == {
                    (f"disk-{disk}", "SEVERITY_SEV1", f"disk-{disk} is full", "disk_full") for disk in "ab"}, as_told(cluster, source)
            (_, severity, summary, _), = as_told(cluster, "pagerduty")
            assert severity == "SEVERITY_SEV1" and "DiskFull" in summary and "FIRING" in summary, (severity, summary)
            gateway.kill()
            shown.full.update({"disk-a": 0, "disk-c": 1})
            time.sleep(2)
            gateway.start()
            for source in ["prometheus", "alertmanager"]:
                eventually(f"{source}: one ended and one fired meanwhile", 20, lambda: len(found := still_open(cluster, source)) == 2 and len(
                    before[source] & set(found)) == 1, pause=0.3)
            # As an upgrade of it does. Its own log of what it has told is read again, and nobody is told of an end that is none.
            manager.process.terminate()
            manager.process.wait(timeout=60)
            shown.full["disk-d"] = 1
            eventually("Prometheus has told of the fourth", 20, lambda: len(still_open(cluster, "prometheus")) == 3, pause=0.3)
            manager.start()
            eventually("and Alertmanager too", 20, lambda: len(still_open(cluster, "alertmanager")) == 3, pause=0.3)
            assert as_told(cluster, "alertmanager") == as_told(cluster, "prometheus")
            assert len(still_open(cluster, "pagerduty")) == 1
            # Prometheus too: what it told of goes on under the keys that it had.
            told = set(still_open(cluster, "prometheus"))
            scraper.process.terminate()
            scraper.process.wait(timeout=60)
            scraper.start()
            # Of what ends before it has seen it again, it tells nobody.
            eventually("Prometheus sees the three again", 20, lambda: asked(f"{scraper.url}/api/v1/alerts")[1].count('"firing"') == 3, pause=0.3)
            assert set(still_open(cluster, "prometheus")) == told
            shown.full.update({"disk-b": 0, "disk-c": 0, "disk-d": 0})
            for source in before:
                eventually(f"the end of all of {source}", 20, lambda: not still_open(cluster, source), pause=0.3)
            eventually("no incident is open", 10, lambda: incidents(cluster)[1] == 0, pause=0.3)
            assert incidents(cluster)[0] == 9, f"{incidents(cluster)[0]} incidents: something was opened twice, or not at all"
        finally:
            scraper.stop()
            manager.stop()
    return "9 incidents by 3 ways, each once, none left"


def pagerdutys_own_client_reports_as_to_pagerduty(binaries):
    import pagerduty  # speaks to https:// only
    with Cluster(binaries) as cluster, Gateway(cluster, "legacy") as gateway:
        proxy = TLSProxy(cluster.folder, gateway.port)
        trust = ssl.create_default_context(cafile=proxy.certificate)

        def connected(key):
            return pagerduty.EventsApiV2Client(key, base_url=proxy.url, verify=trust)
        client = connected(gateway.keys["legacy"])
        mine = client.trigger("the queue is stuck", "worker-1", severity="critical", custom_details={"depth": 12_000})
        named = client.trigger("the disk is full", "db-1", dedup_key="db-1/disk", severity="warning")
        assert named == "db-1/disk" and len(mine) == 32
        assert client.trigger("the disk is still full", "db-1", dedup_key="db-1/disk", severity="warning") == named
        listed = cluster.json("alert", "list", "--source", "legacy")["alerts"]
        assert {(alert["dedup_key"], alert["severity"], alert["count"]) for alert in listed} == {
            (mine, "SEVERITY_SEV1", "1"), (named, "SEVERITY_SEV3", "2")}, listed
        # What it has told is open still after the gateway was killed, and ends by the one that is started.
        gateway.kill()
        gateway.start()
        client.acknowledge(named)
        eventually("acknowledged", 5, lambda: any(
            alert["state"] == "ALERT_STATE_ACKNOWLEDGED" for alert in cluster.json("alert", "list", "--source", "legacy")["alerts"]))
        client.resolve(named)
        client.resolve(mine)
        assert not still_open(cluster, "legacy")
        client.resolve("never heard of")
        # Not by submit(): version 7.2.0 has a slip in the time that it makes ("+00:00Z"), which senders like it are forgiven.
        client.send_change_event(
            payload={"summary": "2.14 deployed", "source": "ci", "timestamp": "2026-11-24T00:00:00+00:00Z"},
            links=[{"href": "https://ci.example.com/1", "text": "build"}])
        changes = cluster.json("change", "list")["changes"]
        assert [(change["source"], change["summary"]) for change in changes] == [("legacy", "2.14 deployed")], changes
        stranger = connected("0" * 32)
        try:
            stranger.trigger("let me in", "nowhere")
            raise AssertionError("a stranger's event was taken")
        except pagerduty.Error as refusal:
            assert "400" in str(refusal), refusal
        # Version 1, as old tools send it.
        first = {"service_key": gateway.keys["legacy"], "event_type": "trigger", "incident_key": "old", "description": "an old check fails"}
        assert gateway.post("/generic/2010-04-15/create_event.json", first) == (
            200, '{"status":"success","message":"Event processed","incident_key":"old"}')
        assert gateway.post("/generic/2010-04-15/create_event.json", {**first, "event_type": "resolve"})[0] == 200


def firing(number, source="load"):
    return {"status": "firing", "labels": {"alertname": "Load", "severity": "info", "service": f"{source}-{number}"},
            "annotations": {"summary": f"number {number}"}, "startsAt": "2026-11-24T00:00:00Z", "fingerprint": f"{number:016x}"}


class Load:
    """Senders that post one webhook of ten alerts after the other, each until it is answered 2xx, to the gateways in turn."""
    SIZE = 10

    def __init__(self, *gateways, senders=4):
        self.gateways, self.key = gateways, gateways[0].keys["load"]
        self.taken, self.posts, self.wrong, self.lock, self.ending = set(), 0, [], threading.Lock(), threading.Event()
        self.threads = [threading.Thread(target=self.send, args=[sender], daemon=True) for sender in range(senders)]
        for thread in self.threads:
            thread.start()

    def send(self, sender):
        at, first = sender, sender * 1_000_000
        while not self.ending.wait(0.05):
            numbers = range(first, first + self.SIZE)
            first += self.SIZE
            body = {"version": "4", "alerts": [firing(number) for number in numbers]}
            while True:
                status, words = asked(f"{self.gateways[at % len(self.gateways)].url}/alertmanager", body, key=self.key)
                with self.lock:
                    self.posts += 1
                    if status not in (0, 200, 503):
                        self.wrong.append((status, words))
                if status == 200:
                    break
                at += 1
                time.sleep(0.05)
            with self.lock:
                self.taken.update(f"{number:016x}" for number in numbers)

    def check(self, cluster):
        """What was answered 2xx so far is known to intake."""
        with self.lock:
            before = set(self.taken)
        known = every(cluster, "load")
        assert before <= set(known), f"answered 2xx, and unknown to intake: {sorted(before - set(known))[:5]}"

    def finish(self, cluster):
        self.ending.set()
        for thread in self.threads:
            thread.join()
        known = every(cluster, "load")
        assert not self.wrong, self.wrong[:5]
        assert self.taken == set(known) and len(known) > 100 * len(self.threads), (len(self.taken), len(known))
        assert all(count == 1 for count in known.values()), "an alert was opened twice"
        return f"{len(known)} alerts in {self.posts} posts, each there once"


def killed_under_load_nothing_that_was_answered_is_lost(binaries):
    """While webhooks are posted the gateway is killed, or intake, or both at once, again and again."""
    with Cluster(binaries) as cluster, Gateway(cluster, "load") as gateway:
        load = Load(gateway)
        for victims in [("gateway",), ("alert-intake",), ("gateway", "alert-intake")] * 2:
            time.sleep(random.uniform(0.3, 0.8))
            for victim in victims:
                gateway.kill() if victim == "gateway" else cluster.kill(victim)
            if "alert-intake" in victims:
                cluster.start("alert-intake")
                cluster.ctl("health", "--wait", "20")
            load.check(cluster)
            if "gateway" in victims:
                gateway.start(ready=False)
        return load.finish(cluster)


def one_of_two_gateways_is_killed_and_its_senders_go_on_by_the_other(binaries):
    """As behind a balancer, or with two addresses in a sender's list: what was under way is posted again at the other."""
    with Cluster(binaries) as cluster, Gateway(cluster, "load") as first, Gateway(cluster, port=free_port()) as second:
        load = Load(first, second)
        for victim in [first, second, first]:
            time.sleep(random.uniform(0.3, 0.8))
            victim.kill()
            load.check(cluster)
            if victim is second:
                victim.start(ready=False)
                first.start()
        return load.finish(cluster)


def every(cluster, source):
    """How many alerts there are under each key of a source."""
    found, after = {}, []
    while True:
        reply = cluster.json("alert", "list", "--all", "--source", source, "--limit", 1000, *after)
        for alert in reply["alerts"]:
            found[alert["dedup_key"]] = found.get(alert["dedup_key"], 0) + 1
        if not reply.get("after"):
            return found
        after = ["--after", reply["after"]]


def a_source_is_added_rotated_and_taken_away_while_the_gateway_runs(binaries):
    with Cluster(binaries) as cluster, Gateway(cluster, "first") as gateway:
        def is_taken(key):
            return asked(f"{gateway.url}/alertmanager", {"version": "4", "alerts": [firing(1)]}, key=key)[0] == 200
        assert is_taken(gateway.keys["first"])
        second = gateway.integrate("second")
        eventually("the new source", 5, lambda: is_taken(second))
        newer = gateway.integrate("second", "--new-key")
        eventually("its newer key", 5, lambda: is_taken(newer))
        assert newer != second and is_taken(second), "the older key goes on"
        # A connection that was begun with a key is judged anew for each request.
        open_still = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=15)

        def by_the_open_one(key):
            body = json.dumps({"version": "4", "alerts": [firing(1)]})
            open_still.request("POST", "/alertmanager", body, {"Authorization": f"Bearer {key}", "Content-Type": "application/json"})
            answer = open_still.getresponse()
            answer.read()
            return answer.status
        assert by_the_open_one(second) == 200 and open_still.sock is not None
        local = open_still.sock.getsockname()
        file = gateway.folder / "second.http-key"
        lines = [line for line in file.read_text().splitlines() if line != second]
        file.chmod(0o600)
        file.write_text("\n".join(lines) + "\n")
        file.chmod(0o400)
        eventually("the older key is taken out", 5, lambda: not is_taken(second))
        assert by_the_open_one(newer) == 200 and open_still.sock.getsockname() == local, "the connection itself goes on"
        assert by_the_open_one(second) == 401
        open_still.close()
        (gateway.folder / "second.http-key").unlink()
        eventually("it is gone", 5, lambda: not is_taken(newer))
        text = asked(f"http://127.0.0.1:{gateway.metrics}/metrics")[1]
        assert 'tocsin_gateway_events_total{source="second",format="alertmanager"}' in text, text
        assert 'tocsin_gateway_intake_up{source="first",intake="1"} 1' in text, text
        # Revoked at intake alone: its sender is told to come again, because somebody can mend that, and a 4xx would lose an alert.
        subprocess.run([cluster.binaries / "tocsinctl", "keys", "revoke", "first", "--keys", cluster.keys], check=True, capture_output=True)
        eventually("refused for now", 5, lambda: asked(
            f"{gateway.url}/alertmanager", {"version": "4", "alerts": [firing(2)]}, key=gateway.keys["first"])[0] == 503)


def a_webhook_of_more_than_its_source_may_send_gets_through_in_parts(binaries):
    """A hundred alerts of a source that may send ten a second: it is told to come again until all are there."""
    with Cluster(binaries) as cluster, Gateway(cluster, "load") as gateway:
        file = cluster.folder / "config/alerts.yaml"
        file.write_text(re.sub(r"rate-limit: .*", "rate-limit: { per-second: 10, burst: 20 }", file.read_text()))
        cluster.ctl("apply", "-f", cluster.folder / "config")
        body = {"version": "4", "alerts": [firing(number) for number in range(100)]}
        tries = 0
        while (answer := gateway.post("/alertmanager", body, "load"))[0] != 200:
            assert answer[0] == 503, answer
            tries += 1
            assert tries < 4, "it begins at its beginning each time"
        assert tries > 0 and every(cluster, "load") == {f"{number:016x}": 1 for number in range(100)}
    return f"after {tries} times"


def what_prometheus_tells_no_more_ends_by_itself(binaries):
    """At a clock 120 times as fast: an alert that is told again stays, one that isn't is over after a quarter of an hour."""
    with Cluster(binaries, rate=120) as cluster, Gateway(cluster, "prometheus") as gateway:
        def tell(*names):
            ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 240))
            alerts = [{"labels": {"alertname": name, "severity": "info"}, "endsAt": ends} for name in names]
            assert gateway.post("/api/v2/alerts", alerts, "prometheus") == (200, "")
        began = cluster.fast(time.time() * 1000)
        tell("Stays", "Goes")
        while len(still_open(cluster, "prometheus")) == 2:
            tell("Stays")
            time.sleep(0.5)
        took = (cluster.fast(time.time() * 1000) - began) / 60_000
        assert 14.9 < took < 30, f"{took:.1f} min"
        assert len(still_open(cluster, "prometheus")) == 1


def every_other_format_fires_and_ends_what_it_fired(binaries):
    with Cluster(binaries) as cluster, Gateway(cluster, "opsgenie", "goalert", "grafana", "script") as gateway:
        def opened(source):
            return [(alert["dedup_key"], alert["severity"], alert["service"], alert["summary"])
                    for alert in cluster.json("alert", "list", "--source", source)["alerts"] if alert["state"] != "ALERT_STATE_RESOLVED"]
        genie = [("Authorization", f"GenieKey {gateway.keys['opsgenie']}")]
        code, text = gateway.post("/v2/alerts", {"message": "disk full", "alias": "db/1", "priority": "P1", "details": {"service": "pg"}}, headers=genie)
        reply = json.loads(text)
        assert code == 202 and reply["result"] == "Request will be processed", (code, text)
        code, text = asked(f"{gateway.url}/v2/alerts/requests/{reply['requestId']}", headers=genie)
        assert code == 200 and json.loads(text)["data"]["alias"] == "db/1" and json.loads(text)["data"]["isSuccess"], text
        assert opened("opsgenie") == [("db/1", "SEVERITY_SEV1", "pg", "disk full")]
        assert gateway.post("/v2/alerts/db%2F1/acknowledge?identifierType=alias", {}, headers=genie)[0] == 202
        assert gateway.post("/v2/alerts/db%2F1/snooze?identifierType=alias", {}, headers=genie)[0] == 422
        assert gateway.post("/v2/alerts/db%2F1/close?identifierType=alias", {}, headers=genie)[0] == 202
        assert not opened("opsgenie")
        code, text = gateway.post("/v2/alerts", {"alias": 7}, headers=genie)
        assert code == 422 and json.loads(text)["errors"], (code, text)
        assert gateway.post("/v2/alerts", {"message": "x"}, headers=[("Authorization", "GenieKey no")])[0] == 401

        token = f"?token={gateway.keys['goalert']}"
        form = [("Content-Type", "application/x-www-form-urlencoded")]
        assert gateway.post("/api/v2/generic/incoming" + token, b"summary=queue+stuck&dedup=q&meta=severity%3Dwarning", headers=form) == (204, "")
        assert opened("goalert") == [("q", "SEVERITY_SEV3", "", "queue stuck")]
        code, text = gateway.post("/api/v2/generic/incoming" + token, {"summary": "queue stuck", "dedup": "q"}, headers=[("Accept", "application/json")])
        assert code == 200 and json.loads(text)["ServiceID"] == "goalert" and json.loads(text)["IsNew"] is False, text
        assert gateway.post("/api/v2/generic/incoming" + token, b"summary=queue+stuck&dedup=q&action=close", headers=form)[0] == 204
        assert not opened("goalert")
        assert gateway.post("/api/v2/generic/incoming" + token, b"", headers=form)[0] == 400

        (gateway.folder / "grafana.yaml").write_text("severities: { page: SEV-1 }\nservice: dashboards\n")
        (gateway.folder / "grafana.grafana-hmac").write_text("between us\n")
        (gateway.folder / "grafana.grafana-hmac").chmod(0o400)
        body = json.dumps({"version": "1", "alerts": [
            {"status": "firing", "labels": {"alertname": "Slow", "severity": "page"}, "startsAt": "2026-11-24T00:00:00Z", "fingerprint": "ab"}]}).encode()

        def signed(secret, stamp):
            signature = hmac.new(secret, f"{stamp}:".encode() + body, hashlib.sha256).hexdigest()
            return gateway.post("/grafana", body, "grafana", headers=[
                ("X-Grafana-Alerting-Signature", signature), ("X-Grafana-Alerting-Timestamp", str(stamp))])[0]
        eventually("a signature is demanded", 5, lambda: gateway.post("/grafana", {"version": "1", "alerts": []}, "grafana")[0] == 401)
        now = int(time.time())
        assert (signed(b"guessed", now), signed(b"between us", now - 600)) == (401, 401)
        assert signed(b"between us", now) == 200
        assert ("ab", "SEVERITY_SEV1", "dashboards", "Slow") in opened("grafana"), opened("grafana")

        lines = b'{"summary":"one","severity":"SEV-4","dedup_key":"1"}\n{"summary":"two","severity":"SEV-4","dedup_key":"2","source":"somebody else"}\n'
        code, text = gateway.post("/events", lines, "script", headers=[("Content-Type", "application/x-ndjson")])
        assert code == 200 and [event["disposition"] for event in json.loads(text)["events"]] == ["opened", "opened"], text
        assert len(opened("script")) == 2, "in its own name, whatever it says"
        assert gateway.post("/events", [{"action": "resolve", "dedup_key": "1"}, {"action": "resolve", "dedup_key": "2"}], "script")[0] == 200
        assert not opened("script")
        assert gateway.post("/events", {"sumary": "x"}, "script")[0] == 400
        code, text = gateway.post("/events", [{"summary": "three", "severity": "SEV-4", "dedup_key": "3"}, {"sumary": "x"}, {"action": "resolve"}], "script")
        assert code == 400 and [event["disposition"] for event in json.loads(text)["events"]] == ["opened"], (code, text)
        assert [wrong.split(".")[0].split(":")[0] for wrong in json.loads(text)["wrong"]] == ["[1]", "[2]"], text
        assert opened("script") == [("3", "SEVERITY_SEV4", "", "three")], "what is right is taken beside what is wrong"

        file = cluster.folder / "config/alerts.yaml"
        file.write_text(file.read_text() + "---\nkind: Heartbeats\nheartbeats:\n  script: { every: 24h, grace: 1h, severity: SEV-3 }\n"
                        "  nightly: { every: 24h, grace: 1h, severity: SEV-3, source: script }\n")
        cluster.ctl("apply", "-f", cluster.folder / "config")
        assert gateway.post(f"/api/v2/heartbeat/{gateway.keys['script']}", b"")[0] == 200
        assert gateway.post("/heartbeats/nightly", b"", "script")[0] == 204
        heard = {beat["heartbeat"]["name"]: beat["last_at_ms"] != "0" for beat in cluster.json("heartbeat", "list")["heartbeats"]}
        assert heard == {"script": True, "nightly": True}, heard
        assert gateway.post("/heartbeats/nobody", b"", "script")[0] == 404
        assert gateway.post("/heartbeats/nightly", b"", "goalert")[0] == 404, "somebody else's"
        code, text = gateway.post("/v2/heartbeats/nightly/ping", {}, headers=genie)
        assert code == 404 and json.loads(text)["message"], (code, text)
        assert gateway.post("/heartbeats/nightly", b"", "grafana")[0] == 401, "it signs, and a heartbeat bears no signature"
        began = time.monotonic()
        assert gateway.post("/api/v2/heartbeat/guessed", b"")[0] == 404 and time.monotonic() - began > 0.9


def the_largest_event_of_each_format_gets_through(binaries):
    """More than intake's door takes: it is cut, and neither it nor the connection of its source is lost."""
    with Cluster(binaries) as cluster, Gateway(cluster, "large") as gateway:
        many = {f"label-{number}-{'n' * 200}": "x" * 4_000 for number in range(64)}
        links = [{"href": f"https://example.com/{'x' * 2_000}", "text": "t" * 255} for _ in range(16)]
        began = time.monotonic()
        webhook = {"version": "4", "alerts": [{**firing(1), "labels": many, "annotations": {"summary": "large", "description": "d" * 40_000}}]}
        assert gateway.post("/alertmanager", webhook, "large") == (200, "")
        assert gateway.post("/v2/enqueue", {
            "routing_key": gateway.keys["large"], "event_action": "trigger", "dedup_key": "é" * 255, "links": links,
            "payload": {"summary": "large", "source": "x", "severity": "info", "custom_details": many}})[0] == 202
        assert gateway.post("/v2/alerts", {"message": "large", "description": "d" * 40_000, "alias": "og",
                                              "details": {name: "x" * 3_000 for name in many}},
                            headers=[("Authorization", f"GenieKey {gateway.keys['large']}")])[0] == 202
        assert gateway.post("/events", {"summary": "large", "severity": "SEV-4", "labels": many, "links": links, "dedup_key": "plain"}, "large")[0] == 200
        assert time.monotonic() - began < 5, "it was tried again and again"
        assert len(still_open(cluster, "large")) == 4


def an_orderly_end_answers_what_is_under_way(binaries):
    """SIGTERM while a webhook waits for its source's rate limit: it is answered, the resting connection ends, and nobody new is let in."""
    with Cluster(binaries) as cluster, Gateway(cluster, "load") as gateway:
        file = cluster.folder / "config/alerts.yaml"
        file.write_text(re.sub(r"rate-limit: .*", "rate-limit: { per-second: 10, burst: 20 }", file.read_text()))
        cluster.ctl("apply", "-f", cluster.folder / "config")
        resting = socket.create_connection(("127.0.0.1", gateway.port), timeout=10)
        answers = []
        body = {"version": "4", "alerts": [firing(number) for number in range(40)]}
        sender = threading.Thread(target=lambda: answers.append(gateway.post("/alertmanager", body, "load")))
        sender.start()
        eventually("it is being published", 5, lambda: len(every(cluster, "load")) >= 20, pause=0.1)
        gateway.stop()
        sender.join()
        assert answers == [(200, "")], answers
        assert resting.recv(1) == b""
        assert len(every(cluster, "load")) == 40
        gateway.start()


ALL = [
    the_largest_event_of_each_format_gets_through, an_orderly_end_answers_what_is_under_way,
    alertmanager_and_prometheus_point_at_the_gateway_unchanged, pagerdutys_own_client_reports_as_to_pagerduty,
    killed_under_load_nothing_that_was_answered_is_lost, one_of_two_gateways_is_killed_and_its_senders_go_on_by_the_other,  a_source_is_added_rotated_and_taken_away_while_the_gateway_runs,
    a_webhook_of_more_than_its_source_may_send_gets_through_in_parts, what_prometheus_tells_no_more_ends_by_itself,
    every_other_format_fires_and_ends_what_it_fired,
]
