"""What the gateway shows to others: calendars by secret address, the public status page, the figures of the whole cluster."""
import hashlib
import json
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request
import xml.etree.ElementTree as XML

import icalendar

from cluster import TIERS, Cluster, eventually, free_ports
from senders import Gateway, Program, asked

ATOM = "{http://www.w3.org/2005/Atom}"


def showing(cluster):
    """What a gateway needs besides to show calendars and the status page."""
    return ["--scheduler", cluster.endpoint("scheduler"), "--escalator", cluster.endpoint("escalator"), "--status-title", "Aion"]


def keys(cluster, *arguments):
    return subprocess.run(
        [cluster.binaries / "tocsinctl", "keys", *arguments, "--keys", cluster.keys, "--to", cluster.folder / "gateway"],
        check=True, capture_output=True, text=True).stdout.strip()


def fetched(url, method="GET", **headers):
    """Status, headers and bytes of an answer."""
    request = urllib.request.Request(url, method=method, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=15) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.headers, refusal.read()


def a_calendar_subscribes_by_a_secret_address(binaries):
    """Read by icalendar, which is not ours: the same events as tocsinctl exports. A revoked address is gone within seconds, the secret stands
    in no file and in no log, and the gateway's key opens nothing else."""
    with Cluster(binaries) as cluster, Gateway(cluster, "load", options=showing(cluster)) as gateway:
        keys(cluster, "noticeboard")
        person = cluster.primary()
        path = keys(cluster, "feed", "make", "--person", person)
        team = keys(cluster, "feed", "make", "--team", "platform", "--url", "https://oncall.example.com/")
        assert re.fullmatch(r"/calendar/[0-9a-z]{32,}\.ics", path), path
        assert team.startswith("https://oncall.example.com/calendar/"), team
        team = team.removeprefix("https://oncall.example.com")
        for known in [path, team]:
            eventually("the gateway knows the address", 10, lambda known=known: fetched(gateway.url + known)[0] == 200)
        status, headers, body = fetched(gateway.url + path)
        assert headers["Content-Type"] == "text/calendar; charset=utf-8", headers["Content-Type"]
        assert headers["Cache-Control"] == "private, max-age=300", headers["Cache-Control"]
        calendar = icalendar.Calendar.from_ical(body)
        events = calendar.walk("VEVENT")
        assert events and all(event["DTSTART"].dt < event["DTEND"].dt and event["UID"] for event in events)
        exported = icalendar.Calendar.from_ical(cluster.ctl("calendar", "export", "--person", person))

        def shifts(calendar):
            return sorted((event["UID"], event["DTSTART"].dt, event["DTEND"].dt, event["SUMMARY"]) for event in calendar.walk("VEVENT"))
        assert shifts(calendar) == shifts(exported)
        assert len(icalendar.Calendar.from_ical(fetched(gateway.url + team)[2]).walk("VEVENT")) > len(events)

        tag = headers["ETag"]
        status, again, nothing = fetched(gateway.url + path, If_None_Match=tag)
        assert (status, nothing, again["ETag"], again["Content-Length"]) == (304, b"", tag, None), (status, again.items())
        assert fetched(gateway.url + path, If_None_Match='"another"')[0] == 200
        status, head, nothing = fetched(gateway.url + path, method="HEAD")
        assert (status, nothing, int(head["Content-Length"])) == (200, b"", len(body))
        assert fetched(gateway.url + path, method="POST")[0] in (405, 413)
        for wrong in ["/calendar/" + "a" * 33 + ".ics", path[:-4], path[:-5] + ".ics", "/calendar/.ics", "/calendar/x/y.ics"]:
            assert fetched(gateway.url + wrong)[0] == 404, wrong

        # Somebody whom no team knows has no calendar, and a scheduler that is gone is no empty one.
        nobody = keys(cluster, "feed", "make", "--person", "nobody")
        eventually("known, and nobody's", 5, lambda: fetched(gateway.url + nobody)[0] == 404)
        other = keys(cluster, "feed", "make", "--team", "platform", "--person", person)
        cluster.kill("scheduler")
        eventually("told to come again", 10, lambda: fetched(gateway.url + other)[0] == 503)
        cluster.start("scheduler")
        eventually("and then there", 30, lambda: fetched(gateway.url + other)[0] == 200, pause=0.5)

        listed = json.loads(keys(cluster, "feed", "list", "-o", "json"))
        secret = path.removeprefix("/calendar/").removesuffix(".ics")
        digest = hashlib.sha256(secret.encode()).hexdigest()
        assert [one["person"] for one in listed if one["digest"] == digest] == [person], listed
        assert secret not in json.dumps(listed)
        keys(cluster, "feed", "revoke", digest[:8])
        eventually("the address is gone", 5, lambda: fetched(gateway.url + path)[0] == 404)
        assert fetched(gateway.url + team)[0] == 200, "and no other"
        for file in [*cluster.folder.glob("*.log"), *(cluster.folder / "gateway").iterdir(), *cluster.keys.iterdir()]:
            if file.is_file():
                assert secret.encode() not in file.read_bytes(), f"the secret stands in {file}"
        # Its key may ask for what is shown, and for nothing else.
        result = cluster.ctl("incident", "list", "--key-file", cluster.folder / "gateway" / "noticeboard.secret", check=False)
        assert result.returncode != 0 and "PERMISSION_DENIED" in result.stdout + result.stderr, result


def the_status_page_shows_what_was_written_for_it_and_nothing_else(binaries):
    with Cluster(binaries) as cluster, Gateway(cluster, "load", options=showing(cluster)) as gateway:
        keys(cluster, "noticeboard")
        eventually("the page is there", 10, lambda: fetched(gateway.url + "/status")[0] == 200, pause=0.3)

        def data():
            return json.loads(fetched(gateway.url + "/status.json")[2])
        assert data()["notices"] == [] and data()["current"] is True
        person = cluster.primary()
        cluster.ctl("alert", "send", "--service", "aion-web-api", "--severity", "SEV-1", "--class", "high_error_rate", "--key", "demo",
                    "host db-7 answers 5xx")
        incident = eventually("an incident", 10, lambda: cluster.json("incident", "list")["incidents"])[0]["id"]
        cluster.ctl("incident", "ack", incident, "--by", person)
        cluster.ctl("incident", "update", incident, "--status", "investigating", "--impact", "Checkout <fails> & stops", "--actions",
                    "looking into it", "--next", "in 30 minutes", "--eta", "unknown", "--by", person)
        notice = eventually("the update is shown", 15, lambda: data()["notices"], pause=0.3)[0]
        assert (notice["open"], notice["status"], notice["headline"]) == (True, "investigating", "Checkout <fails> & stops"), notice
        status, headers, page = fetched(gateway.url + "/status")
        page = page.decode()
        assert "Checkout &lt;fails&gt; &amp; stops" in page and "1 incident is being worked on." in page
        assert headers["Cache-Control"] == "public, max-age=5" and headers["Set-Cookie"] is None
        assert "<script" not in page and "://" not in page.replace("http://www.w3.org", "")
        feed = XML.fromstring(fetched(gateway.url + "/status.atom")[2])
        assert [entry.find(f"{ATOM}title").text for entry in feed.iter(f"{ATOM}entry")] == ["Investigating: Checkout <fails> & stops"]
        for form in ["/status", "/status.json", "/status.atom"]:
            text = fetched(gateway.url + form)[2].decode()
            for secret in [person, incident, "db-7", "aion-web-api", "high_error_rate", "platform"]:
                assert secret not in text.replace(notice["id"], ""), f"{secret} is in {form}"
            eventually("unchanged for a few seconds", 10, lambda form=form: fetched(
                gateway.url + form, If_None_Match=fetched(gateway.url + form)[1]["ETag"])[0] == 304)
        # The escalator is gone: what was known is shown, and how old it is.
        cluster.kill("escalator")
        stale = eventually("it says that it is old", 20, lambda: not (found := data())["current"] and found, pause=0.3)
        assert stale["notices"][0]["headline"] == notice["headline"] and stale["as_of"], stale
        assert "can&#39;t be brought up to date" in fetched(gateway.url + "/status")[2].decode()
        # A gateway that has never known anything claims nothing.
        gateway.kill()
        gateway.start()
        status, headers, body = fetched(gateway.url + "/status")
        assert status == 503 and b"known at the moment" in body and b"No incident" not in body, (status, body[:400])
        cluster.start("escalator")
        eventually("it is current again", 20, lambda: fetched(gateway.url + "/status.json")[0] == 200 and data()["current"], pause=0.3)
        assert data()["notices"][0]["id"] == notice["id"], "the same, after both were started again"
        cluster.ctl("incident", "resolve", incident, "--by", person)
        ended = eventually("its end is shown", 15, lambda: not (found := data()["notices"][0])["open"] and found, pause=0.3)
        assert ended["status"] == "resolved" and ended["ended_at"], ended
        assert "No incident is known." in fetched(gateway.url + "/status")[2].decode()


def certificate(folder, name, days=2):
    """A self-signed certificate of this machine and its key, as files that only their owner may read."""
    paths = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", paths[1], "-out", paths[0],
         "-days", str(days), "-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"], check=True, capture_output=True)
    paths[1].chmod(0o400)
    return paths


def peer(port, *options):
    """What openssl's client finds out about who answers there."""
    return subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", "localhost", *options], input=b"", capture_output=True,
        timeout=20).stdout.decode()


def figures(port):
    """The figures at a door, by their whole line."""
    return dict(line.rsplit(" ", 1) for line in asked(f"http://127.0.0.1:{port}/metrics")[1].splitlines() if line and line[0] != "#")


def with_a_certificate_the_gateway_speaks_tls(binaries):
    """Asked by curl and openssl. A renewed certificate is taken up without a restart; a wrong one changes nothing."""
    with Cluster(binaries) as cluster:
        folder = cluster.folder
        first, key = certificate(folder, "first")
        served, served_key = folder / "served.pem", folder / "served.key"

        def serve(certificate, key):
            for source, target in [(key, served_key), (certificate, served)]:
                draft = target.with_suffix(".draft")
                draft.unlink(missing_ok=True)
                draft.write_bytes(source.read_bytes())
                draft.chmod(0o400)
                draft.rename(target)
        serve(first, key)
        options = ["--certificate", served, "--key", served_key]
        gateway = Gateway.__new__(Gateway)
        gateway.cluster, gateway.options, gateway.former, gateway.folder = cluster, options, None, folder / "gateway"
        gateway.port, gateway.metrics = free_ports(2)
        gateway.keys = {"web": gateway.integrate("web")}
        gateway.url, gateway.process = f"https://127.0.0.1:{gateway.port}", None

        def curl(*more, trust=first):
            return subprocess.run(
                ["curl", "-s", "--max-time", "10", "--cacert", trust, "-w", "%{http_code}", *more], capture_output=True, text=True)
        gateway.start(ready=False)
        try:
            eventually("it is ready", 10, lambda: curl(f"{gateway.url}/-/ready").stdout == "OK\n200")
            event = json.dumps({"summary": "by TLS", "severity": "SEV-4", "dedup_key": "tls"})
            sent = curl("-H", f"Authorization: Bearer {gateway.keys['web']}", "-d", event, f"{gateway.url}/events")
            assert sent.stdout.endswith("200") and "opened" in sent.stdout, sent
            # Two requests on one connection, and a body that is only sent when it is asked for.
            large = folder / "large.json"
            large.write_text(json.dumps([{"summary": "x" * 900, "dedup_key": f"many-{number}", "severity": "SEV-4"} for number in range(100)]))
            sent = curl("-H", f"Authorization: Bearer {gateway.keys['web']}", "-H", "Expect: 100-continue", "-H", "Transfer-Encoding: chunked",
                        "--data-binary", f"@{large}", f"{gateway.url}/events", "--next", f"{gateway.url}/-/healthy", "--cacert", first,
                        "-s", "-w", "%{num_connects} connects")
            assert sent.stdout.count("opened") == 100 and sent.stdout.endswith("OK\n0 connects"), sent.stdout[-200:]
            assert asked(f"http://127.0.0.1:{gateway.port}/-/ready")[0] == 0, "nothing but TLS is spoken"
            for version in ["-tls1_2", "-tls1_3"]:
                assert "Cipher is (NONE)" not in peer(gateway.port, version), version
            assert "Cipher is (NONE)" in peer(gateway.port, "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0")
            assert "CN = first" in peer(gateway.port)

            def left():
                return float(figures(gateway.metrics)["tocsin_gateway_certificate_seconds"])
            assert 2 * 86400 - 600 < left() <= 2 * 86400, left()
            second, second_key = certificate(folder, "second", days=30)
            serve(second, key)  # which isn't its key
            eventually("the log's word", 20, lambda: "is not the key of the certificate" in (folder / "gateway.log").read_text())
            assert "CN = first" in peer(gateway.port), "what doesn't belong together changes nothing"
            serve(second, second_key)
            eventually("the renewed certificate", 5, lambda: "CN = second" in peer(gateway.port))
            assert curl(f"{gateway.url}/-/ready", trust=second).stdout == "OK\n200"
            assert 29 * 86400 < left() <= 30 * 86400, left()
        finally:
            gateway.kill()
        served_key.chmod(0o444)
        refused = subprocess.run(
            [cluster.binaries / "gateway", "--listen", "127.0.0.1:0", "--intake", cluster.sources(), "--integrations", folder / "gateway", *options],
            capture_output=True, text=True, timeout=20)
        # A line of the log may stand within the words of the error: two threads write them.
        words = re.sub(r"\d\d:\d\d:\d\d\.\d{3} [^\n]*\n", "", refused.stderr)
        assert refused.returncode != 0 and "can be read by others" in words, refused


def one_door_has_the_figures_of_the_whole_cluster(binaries):
    """Each tier's figures with the labels tier and instance; one that hangs or is gone costs a second and shows as down."""
    ports = dict(zip(TIERS, free_ports(len(TIERS))))
    extra = {tier: ["--metrics", f"127.0.0.1:{port}"] for tier, port in ports.items()}
    gather = [word for tier, port in ports.items() for word in ["--gather", f"{tier}=127.0.0.1:{port}"]]
    with Cluster(binaries, extra=extra) as cluster, Gateway(cluster, "web", options=gather) as gateway:
        def up():
            return {re.search('tier="([^"]*)"', name)[1]: value for name, value in figures(gateway.metrics).items()
                    if name.startswith("tocsin_tier_up{")}
        every = dict.fromkeys([*TIERS, "gateway"], "1")
        eventually("every tier is there", 10, lambda: up() == every)
        text = asked(f"http://127.0.0.1:{gateway.metrics}/metrics")[1]
        for tier in TIERS:
            own = re.findall(r"^# TYPE (\w+)", asked(f"http://127.0.0.1:{ports[tier]}/metrics")[1], re.M)
            missing = [name for name in own if not re.search(rf'^{name}\w*{{tier="{tier}",instance="{tier}"|^{name}\w*{{.*tier="{tier}"', text, re.M)]
            assert len(own) > 10 and not missing, (tier, missing)
        heads = re.findall(r"^# TYPE (\w+)", text, re.M)
        assert len(heads) == len(set(heads)), "each figure has one head"
        said = ""
        if not Program.missing("prometheus"):
            result = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True)
            assert result.returncode == 0, result.stdout + result.stderr
            said = f"promtool: {result.stdout.strip() or 'nothing to complain of'}"
        cluster.processes["scheduler"].send_signal(signal.SIGSTOP)
        try:
            eventually("the one that hangs is down", 15, lambda: up() == {**every, "scheduler": "0"})

            def took():
                began = time.monotonic()
                up()
                return time.monotonic() - began
            assert min(took() for _ in range(3)) < 2.5, "and costs a second"
        finally:
            cluster.processes["scheduler"].send_signal(signal.SIGCONT)
        eventually("it is there again", 15, lambda: up() == every)
        cluster.kill("notifier")
        eventually("the one that is gone is down", 10, lambda: up() == {**every, "notifier": "0"})
    return said


ALL = [
    a_calendar_subscribes_by_a_secret_address, the_status_page_shows_what_was_written_for_it_and_nothing_else,
    with_a_certificate_the_gateway_speaks_tls, one_door_has_the_figures_of_the_whole_cluster,
]
