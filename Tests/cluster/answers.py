"""Pages answered by their own channels (requirement N4): callbacks as Twilio and Slack send them, signed by their own Python packages,
and links as browsers and mail scanners open them, against a cluster of the real executables. And what must change nothing."""
import collections
import concurrent.futures
import http.client
import itertools
import json
import random
import re
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request

import journal
from channels import World, member, number, twilio
from cluster import ROOT, eventually, free_port
from outages import Away

SIGNING = "8f742231b10e8888abcd99yyyzzz85a5"
FORM = "application/x-www-form-urlencoded"


class Phone:
    """What reaches the notifier from outside, through whatever stands before its port."""

    def __init__(self, port, host="127.0.0.1"):
        self.host, self.port = host, port
        self.url = f"http://{host}:{port}"
        self.signer = subprocess.Popen(
            [sys.executable, "-B", ROOT / "Tests/cluster/signer.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def sign(self, **asked):
        self.signer.stdin.write(json.dumps(asked) + "\n")
        self.signer.stdin.flush()
        return self.signer.stdout.readline().strip()

    def ask(self, method, path, body="", headers=None):
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        connection.request(method, path, body or None, headers or {})
        answer = connection.getresponse()
        said = answer.read().decode()
        connection.close()
        return answer.status, said, dict(answer.getheaders())

    def twilio(self, path, fields, token=twilio.TOKEN, url=None, account=twilio.ACCOUNT, **more):
        fields = {"AccountSid": account, "MessageSid": "SM" + "0" * 32, "ApiVersion": "2010-04-01", **fields}
        signature = more.get("signature") or self.sign(twilio=token, url=(url or self.url) + path, fields=fields)
        return self.ask("POST", path, urllib.parse.urlencode(fields), {"Content-Type": FORM, "X-Twilio-Signature": signature})

    def text(self, sender, words, **more):
        return self.twilio("/twilio/sms", {"From": sender, "To": twilio.FROM, "Body": words}, **more)

    def press(self, user, token, back, at=None, secret=SIGNING, signature=None, blocks=()):
        payload = {
            "type": "block_actions", "user": {"id": user}, "team": {"id": "T0"}, "response_url": back,
            "message": {"ts": "1", "text": "the page", "blocks": list(blocks)}, "actions": [{"action_id": "acknowledge", "value": token, "action_ts": "1"}]}
        body = urllib.parse.urlencode({"payload": json.dumps(payload)})
        at = str(int(at or time.time()))
        signature = signature or self.sign(slack=secret, timestamp=at, body=body)
        return self.ask("POST", "/slack", body, {
            "Content-Type": FORM, "X-Slack-Request-Timestamp": at, "X-Slack-Signature": signature})

    def stop(self):
        self.signer.kill()
        self.signer.wait()


class AnswerableWorld(World):
    """A cluster whose pages can be answered, with providers that were told where."""

    def __init__(self, binaries, **more):
        super().__init__(binaries, **more)
        self.port = free_port()
        self.phone = Phone(self.port)
        self.figures = free_port()
        self.cluster.extra["notifier"] = [
            "--callbacks", f"127.0.0.1:{self.port}", "--callback-url", self.phone.url, "--metrics", f"127.0.0.1:{self.figures}"]

    def __exit__(self, *arguments):
        self.phone.stop()
        super().__exit__(*arguments)

    def routes(self):
        signing = self.secret("signing", SIGNING)
        routes = super().routes()
        routes["slack"] = routes["slack"].replace(" }", f", signing-file: {signing} }}")
        return routes

    def sms(self, incident, phone):
        return eventually("the SMS", 20, lambda: [
            line for line in self.taken("twilio", incident, To=phone) if line["path"].endswith("/Messages.json")])[0]

    def code(self, incident, phone):
        return re.search(r"reply (\d{6}) ack", self.sms(incident, phone)["fields"]["Body"])[1]

    def state(self, incident):
        return self.cluster.json("incident", "show", incident)["incident"]["state"].removeprefix("INCIDENT_STATE_")

    def timeline(self, incident):
        return self.cluster.ctl("incident", "timeline", incident)

    def log(self):
        return (self.cluster.folder / "notifier.log").read_text()

    def answers(self):
        """How many answers were taken, refused, and not proven to be a provider's, as monitoring sees it."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.figures}/metrics", timeout=5) as shown:
            found = re.findall(r'tocsin_callbacks_total\{.*outcome="(\w+)"\} (\d+)', shown.read().decode())
        return {outcome: int(count) for outcome, count in found}


def a_page_is_answered_by_the_channel_it_came_by(binaries):
    """SMS acknowledges, a key escalates, a link resolves, a button acknowledges; each reaches the timeline, and the ladder stops."""
    with AnswerableWorld(binaries, rate=60) as world:
        cluster, phone = world.cluster, world.phone
        primary = cluster.primary()
        mobile = number(cluster, primary)

        incident = world.alert("SEV-1", "answered by SMS")
        status, said, _ = phone.text(mobile, f"{world.code(incident, mobile)} ack")
        assert status == 200 and f"{incident}: acknowledged; paging stops" in said, (status, said)
        assert world.state(incident) == "ACKNOWLEDGED" and f"acknowledged by {primary} via sms" in world.timeline(incident)
        asked = len(world.asked("twilio", incident))
        time.sleep(6)  # six minutes by the tiers' clock: longer than the ladder
        assert len(world.asked("twilio", incident)) == asked, "the ladder went on"

        incident = world.alert("SEV-1", "answered by a key", "postgres")
        call = eventually("the call", 20, lambda: [
            line for line in world.taken("twilio", incident, To=mobile) if line["path"].endswith("/Calls.json")])[0]
        action = re.search(r'action="([^"]+)"', call["fields"]["Twiml"])[1]
        path = action.removeprefix(phone.url)
        status, said, _ = phone.twilio(path, {"From": twilio.FROM, "To": mobile, "Digits": "9"})
        assert status == 200 and "<Gather" in said and "Press 4" in said, said
        status, said, _ = phone.twilio(path, {"From": twilio.FROM, "To": mobile, "Digits": "5"})
        assert status == 200 and "tiers 2 and 3 are paged" in said, said
        assert f"escalated to tier 2 by {primary}" in world.timeline(incident)
        cluster.ctl("incident", "resolve", incident, "--by", primary)

        small = world.alert("SEV-4", "answered by a link")
        letter = eventually("the e-mail", 20, lambda: [
            one for one in world.mailbox.to(f"{primary}@aion.example") if small in one["subject"]])[0]
        link = re.search(r"Resolve: (\S+)", letter.get_content().replace("=\n", ""))[1].removeprefix(phone.url)
        for method in ["GET", "HEAD", "GET"]:
            status, shown, headers = phone.ask(method, link)
            assert status == 200 and headers["Cache-Control"] == "no-store" and headers["Referrer-Policy"] == "no-referrer", headers
            assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "<form method=\"post\">" in shown and "<script" not in shown
        assert world.state(small) == "TRIGGERED", "a GET has changed something"
        status, shown, _ = phone.ask("POST", link, "", {"Content-Type": FORM})
        assert status == 200 and f"{small}: resolved" in shown, (status, shown)
        assert world.state(small) == "RESOLVED"
        status, shown, _ = phone.ask("POST", link, "", {"Content-Type": FORM})
        assert "answered before" in shown, shown

        other = world.alert("SEV-4", "answered by a button", "postgres")
        page = eventually("the Slack message", 20, lambda: world.taken("slack", other, channel=member(primary)))[0]
        buttons = page["fields"]["blocks"][1]["elements"]
        assert [one["text"]["text"] for one in buttons] == ["Acknowledge", "Escalate", "Resolve"], buttons
        began = time.monotonic()
        status, said, _ = phone.press(member(primary), buttons[0]["value"], f"{world.url}/services/follow-up")
        assert (status, said) == (200, "") and time.monotonic() - began < 3
        follow = eventually("what came of it in Slack", 5, lambda: world.asked("slack", f"{other}: acknowledged"))[0]
        assert follow["fields"]["replace_original"] is True and follow["fields"]["text"].startswith("the page\n"), follow
        assert world.state(other) == "ACKNOWLEDGED" and "via slack" in world.timeline(other)


def forged_links(phone, link, count):
    """So many links that are a page's own but for the seal, each on a connection of its own, by eight hands. How often each status was
    answered."""
    answered, places = collections.Counter(), itertools.count()
    body, seal = link.rsplit(".", 1)

    def hand():
        own = collections.Counter()
        while next(places) < count:
            guess = f"{random.getrandbits(4 * len(seal)):0{len(seal)}x}"
            words = f"POST {body}.{guess} HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\n\r\n".encode()
            with socket.create_connection((phone.host, phone.port), timeout=30) as one:
                one.sendall(words)
                own[int(one.recv(4_096).split(b" ", 2)[1])] += 1
        return own

    with concurrent.futures.ThreadPoolExecutor(8) as hands:
        for own in [one.result() for one in [hands.submit(hand) for _ in range(8)]]:
            answered += own
    return answered


def nothing_false_answers_a_page(binaries, links=10_000):
    """Forged, stale, replayed, another person's, another incident's, another channel's, a prefetch, guesses, ten thousand forged links
    and an expired one: nothing is silenced, each is on record, guessing is told of; and who has the page still answers it."""
    # A rate that is not 1: then the clock is the file's, and not the machine's.
    with AnswerableWorld(binaries, rate=1.0001) as world:
        cluster, phone = world.cluster, world.phone
        primary = cluster.primary()
        others = [person for person in ("ana", "ben", "cai", "dee") if person != primary]
        mobile, stranger = number(cluster, primary), number(cluster, others[0])
        incident = world.alert("SEV-3", "nobody has answered this")
        second = world.alert("SEV-3", "nor this", "postgres")
        page = eventually("the Slack message", 20, lambda: world.taken("slack", incident, channel=member(primary)))[0]
        tokens = [one["value"] for one in page["fields"]["blocks"][1]["elements"]]
        push = eventually("the push", 20, lambda: world.taken("ntfy", incident))[0]
        link = push["fields"]["actions"][0]["url"].removeprefix(phone.url)
        back = f"{world.url}/services/follow-up"

        forged = phone.text(mobile, "123456 ack", token="another token of 32 characters..")
        assert forged[0] == 403, forged
        assert phone.text(mobile, "123456 ack", url="http://elsewhere.example")[0] == 403
        assert phone.text(mobile, "123456 ack", signature="AAAA")[0] == 403
        assert phone.text(mobile, "123456 ack", account="AC" + "0e" * 16)[0] == 403
        assert phone.press(member(primary), tokens[0], back, secret="another secret")[0] == 403
        assert phone.press(member(primary), tokens[0], back, at=time.time() - 301)[0] == 403, "a stale press was taken"
        assert phone.press(member(primary), tokens[0], back, at=time.time() + 301)[0] == 403
        heard = int(time.time())
        assert phone.press("U0NOBODY00", tokens[0], back, at=heard)[0] == 200
        assert phone.press("U0NOBODY00", tokens[0], back, at=heard)[0] == 403, "a copy of a press was taken"
        eventually("the log", 5, lambda: "is not signed by Twilio" in world.log() and "is not signed by Slack" in world.log())

        assert phone.press(member(others[0]), tokens[0], back)[0] == 200
        eventually("the refusal in Slack", 5, lambda: world.asked("slack", "only they can answer it here"))
        swapped = link.replace(incident, second)
        assert phone.ask("POST", swapped)[0] == 410, "a token of one incident answered another"
        assert phone.ask("POST", link.replace("1.push.", "1.email.", 1))[0] == 410
        assert phone.ask("POST", link[:-1] + ("0" if link[-1] != "0" else "1"))[0] == 410
        assert phone.ask("GET", link)[0] == 200 and phone.ask("HEAD", link)[0] == 200
        assert phone.ask("DELETE", link)[0] == 405 and phone.ask("GET", "/twilio/sms")[0] == 405
        for nowhere in ["/", "/answer", "/metrics", "/twilio", "/../etc/passwd", "/answer/..%2f"]:
            status, said, headers = phone.ask("GET", nowhere)
            assert status == 404 and "Server" not in headers and incident not in said, (nowhere, status)
        assert phone.ask("POST", "/twilio/sms", "{}", {"Content-Type": "application/json"})[0] == 415
        assert [world.state(one) for one in (incident, second)] == ["TRIGGERED", "TRIGGERED"]

        assert phone.text(stranger, "000000 ack")[0] == 200
        for guess in range(5):
            status, said, _ = phone.text(mobile, f"{guess:06d} ack")
            assert status == 200 and "Nothing is changed" in said, said
        status, said, _ = phone.text(mobile, "000099 ack")
        assert "too many wrong answers" in said, said
        assert phone.text("+15557654321", "000000 ack")[1].endswith("<Response></Response>"), "a stranger was told something"
        told = eventually("the alarm", 10, lambda: world.asked("slack", "Somebody may be guessing"))
        assert any(line["path"].startswith("/services/") for line in told), told
        eventually("the alarm for the person", 10, lambda: [
            one for one in world.mailbox.to(f"{primary}@aion.example") if "Somebody may be guessing" in one.get_content()])
        assert [world.state(one) for one in (incident, second)] == ["TRIGGERED", "TRIGGERED"]
        counted = world.answers()
        assert counted["taken"] == 0 and counted["refused"] >= 13 and counted["unproven"] == 8, counted

        began = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(1) as beside:
            guessing = beside.submit(forged_links, phone, link, links)
            waited = []
            while not guessing.done():
                asked = time.monotonic()
                assert phone.ask("GET", link)[0] == 200, "who has the page in their hand is kept out"
                waited.append(time.monotonic() - asked)
                time.sleep(0.05)
            statuses = guessing.result()
        took = time.monotonic() - began
        assert sum(statuses.values()) == links and set(statuses) <= {404, 410, 429} and statuses[410] >= 5, statuses
        assert sorted(waited)[int(len(waited) * 0.95)] < 2 and max(waited) < 10, f"a real link was answered after {max(waited):.1f} s"
        eventually("the alarm about links", 10, lambda: world.asked("slack", "forged"))
        # As often as counts, and no line of our disk for each of the others.
        assert journal.holding(cluster.folder / "notifier", "its token is forged") == 5
        assert len(world.log()) < 200_000 + links // 5, f"the log has {len(world.log())} bytes"
        assert [world.state(one) for one in (incident, second)] == ["TRIGGERED", "TRIGGERED"]
        assert mobile[1:] not in world.log() and tokens[0] not in world.log() and SIGNING not in world.log()

        status, shown, _ = phone.ask("POST", link)
        assert status == 200 and f"{incident}: acknowledged" in shown, (status, shown)
        assert world.state(incident) == "ACKNOWLEDGED" and f"acknowledged by {primary} via push" in world.timeline(incident)
        # A page is known for a day after it has run its course, which of a SEV-1's takes minutes: its link expires before that.
        third = world.alert("SEV-1", "nor this one", "kafka")
        pushes = lambda: [line["fields"]["actions"][0]["url"].removeprefix(phone.url) for line in world.taken("ntfy", third)]
        old = eventually("the push", 10, pushes)
        Away(cluster).for_(24 * 3_600_000 + 60_000)
        status, shown, _ = phone.ask("POST", old[0])
        assert status == 410 and "too old" in shown and world.state(third) == "TRIGGERED", (status, shown)
        assert journal.holding(cluster.folder / "notifier", "its token has expired") == 1
        fresh = eventually("a new push", 20, lambda: [link for link in pushes() if link not in old])[-1]
        status, shown, _ = phone.ask("POST", fresh)
        assert status == 200 and f"{third}: acknowledged" in shown, (status, shown)
        assert world.state(third) == "ACKNOWLEDGED" and world.state(second) == "TRIGGERED"
        return (f"everything was refused, {links} forged links in {took:.1f} s among it ({dict(statuses)}), a real one answered within "
                f"{1000 * max(waited):.0f} ms meanwhile; what was not expired acknowledged")


def a_million_forged_links_answer_nothing(binaries):
    """As test 20 says."""
    return nothing_false_answers_a_page(binaries, links=1_000_000)


def the_door_for_callbacks_survives_what_comes(binaries):
    """Garbage, slow and endless requests, more connections than it has places: the tier goes on, and so does the door."""
    with AnswerableWorld(binaries) as world:
        cluster, phone = world.cluster, world.phone
        idle = []
        for _ in range(70):
            one = socket.create_connection(("127.0.0.1", world.port))
            one.sendall(b"GET / HT")
            idle.append(one)
        began = time.monotonic()
        incident = world.alert("SEV-1", "while the door is full")
        eventually("the push", 5, lambda: world.taken("ntfy", incident))
        took = time.monotonic() - began
        status, _, _ = phone.ask("GET", "/nowhere")
        assert status == 404 and time.monotonic() - began < 5, "slow connections kept everybody else waiting"
        for one in idle:
            one.close()
        for raw, expected in [
            (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 40, None), (b"\x00" * 100 + b"\r\n\r\n", b" 400 "),
            (b"GET /" + b"a" * 20_000, b" 431 "), (b"POST /slack HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n", b" 413 "),
            (b"POST /slack HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b" 411 "),
            (b"GET / HTTP/1.1\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\n", b" 400 "),
        ]:
            with socket.create_connection(("127.0.0.1", world.port), timeout=20) as one:
                one.sendall(raw)
                if expected:
                    assert expected in one.recv(4_096), (raw[:40], expected)
        # More than what one address is allowed, however slow each is.
        answers = set()
        for _ in range(4_000):
            answers.add(phone.ask("GET", "/nowhere")[0])
            if 429 in answers:
                break
        assert answers == {404, 429}, answers
        cluster.ctl("incident", "ack", incident, "--by", cluster.primary())
        return f"a push beside 70 slow connections after {took * 1000:.0f} ms"


def an_answer_waits_for_the_escalator(binaries):
    """The escalator is down when somebody answers: the answer is kept through a SIGKILL of the notifier and handed over once."""
    with AnswerableWorld(binaries, rate=60) as world:
        cluster, phone = world.cluster, world.phone
        primary = cluster.primary()
        mobile = number(cluster, primary)
        incident = world.alert("SEV-1", "answered while the escalator is down")
        code = world.code(incident, mobile)
        cluster.kill("escalator")
        status, said, _ = phone.text(mobile, f"{code} ack")
        assert status == 200 and "is kept and you are not rung again" in said, said
        cluster.restart("notifier")
        asked = len(world.asked("twilio", incident))
        time.sleep(6)
        assert len(world.asked("twilio", incident)) == asked, "somebody who has answered was rung again"
        secret = cluster.folder / "notifier" / "answering-secret"
        assert secret.stat().st_mode & 0o777 == 0o400 and len(secret.read_bytes()) == 32
        cluster.start("escalator")
        eventually("the acknowledgement", 20, lambda: world.state(incident) == "ACKNOWLEDGED")
        assert world.timeline(incident).count(f"acknowledged by {primary} via sms") == 1
        eventually("word of it", 20, lambda: [
            one for one in world.mailbox.to(f"{primary}@aion.example") if "acknowledged; paging stops" in one.get_content()])
        status, said, _ = phone.text(mobile, f"{code} ack")
        assert "answered before" in said, said


ALL = [
    a_page_is_answered_by_the_channel_it_came_by, nothing_false_answers_a_page, the_door_for_callbacks_survives_what_comes,
    an_answer_waits_for_the_escalator,
]
LONG = [a_million_forged_links_answer_nothing]
