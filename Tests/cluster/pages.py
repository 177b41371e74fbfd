"""The pages for people: signing in by a code that really comes, and acting as oneself, through the real gateway and the real tiers."""
import html
import http.client
import re
import subprocess
import time
from urllib.parse import urlencode, urlsplit

import keyring
from cluster import Cluster, eventually, free_port
from duty import WEEK, Calendar, moment
from senders import Gateway, asked
from wire import Client, escalation, key

INVALID, DENIED = 3, 7


class Reader:
    """Somebody with a browser that runs no script: follows nothing by itself, keeps one cookie."""

    def __init__(self, gateway):
        self.port, self.origin = gateway.port, f"http://{urlsplit(gateway.url).netloc}"
        self.cookie = None

    def ask(self, method, path, fields=None, headers=None):
        """Status, text and where it leads."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        sent = {"Accept": "text/html", **({"Cookie": self.cookie} if self.cookie else {})}
        body = None
        if method == "POST":
            sent |= {"Origin": self.origin, "Content-Type": "application/x-www-form-urlencoded"}
            body = urlencode(fields or {})
        connection.request(method, path, body, sent | (headers or {}))
        answer = connection.getresponse()
        text = answer.read().decode()
        if given := answer.getheader("Set-Cookie"):
            self.cookie = given.split(";")[0]
        connection.close()
        return answer.status, text, answer.getheader("Location")

    def get(self, path):
        return self.ask("GET", path)

    def post(self, path, page, **fields):
        """A form of a page that was read before: with what stood hidden in it."""
        return self.ask("POST", path, {**hidden(page, path), **fields})

    def ask_code(self, person, channel=""):
        status, text, _ = self.ask("POST", "/sign-in", {"person": person, "channel": channel})
        assert status == 200 and "a code is on its way" in text, (status, text)
        return re.search(r'name="ask" value="([0-9a-f]{32})"', text)[1]

    def enter(self, ask, code):
        return self.ask("POST", "/sign-in/code", {"ask": ask, "code": code})

    def sign_in(self, cluster, person, channel=""):
        seen = len(codes(cluster, person))
        ask = self.ask_code(person, channel)
        code = eventually("the code", 20, lambda: codes(cluster, person)[seen:])[0]
        status, _, leads = self.enter(ask, code)
        assert (status, leads) == (303, "/"), (status, leads)
        return ask, code


def hidden(page, path):
    """The hidden fields of a page's form; where it has none that leads to the path, the seal that all have."""
    form = re.search(rf'<form method="post" action="{re.escape(path)}">(.*?)</form>', page, re.DOTALL)
    if not form:
        return {"seal": re.search(r'name="seal" value="([0-9a-f]+)"', page)[1]}
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form[1]))


def codes(cluster, person):
    """The codes that the person was sent, as their own channel got them."""
    found = [re.search(r"(\d{4} \d{4}) is your code", page.get("text", "")) for page in cluster.receiver.received()
             if page.get("person") == person]
    return [one[1] for one in found if one]


def state(cluster, incident):
    return cluster.json("incident", "show", incident)["incident"]["state"].removeprefix("INCIDENT_STATE_")


def alert(cluster, summary, severity="SEV-1", service="aion-web-api"):
    cluster.ctl("alert", "send", "--service", service, "--severity", severity, "--class", "high_error_rate", "--key", summary, summary)
    return eventually("the incident", 20, lambda: [
        one["id"] for one in cluster.json("incident", "list")["incidents"] if one["summary"] == summary])[0]


def somebody_signs_in_by_a_code_and_acts_as_themselves(binaries):
    """The code comes by the person's own channel, once; what they do is theirs in timeline and audit; any copy of the gateway knows
    them; signed out everywhere they are out of all."""
    with Cluster(binaries) as cluster, Gateway(cluster, "web", pages=True) as gateway, \
            Gateway(cluster, pages=gateway.url, port=free_port()) as second:
        primary = cluster.primary()
        reader = Reader(gateway)
        incident = alert(cluster, 'checkout <b>fails</b> & "burns"')
        assert reader.get("/") [::2] == (303, "/sign-in")
        ask, code = reader.sign_in(cluster, primary)

        # It is used up, also for whoever comes by another copy, and after the notifier was killed.
        stranger = Reader(second)
        assert stranger.enter(ask, code)[0] == 403 and stranger.cookie is None
        cluster.restart("notifier")
        eventually("the notifier is back", 20, lambda: stranger.enter(ask, code)[0] == 403)
        assert reader.get("/")[0] == 200, "the session ended with the notifier"

        page = reader.get("/")[1]
        assert "checkout &lt;b&gt;fails&lt;/b&gt; &amp; &quot;burns&quot;" in page and "<b>fails" not in page
        assert f"/incidents/{incident}/acknowledge" in page and "until " in page
        assert reader.ask("POST", f"/incidents/{incident}/acknowledge", {"seal": "0" * 64})[0] == 403
        assert state(cluster, incident) == "TRIGGERED", "a form without its seal did something"
        status, _, leads = reader.post(f"/incidents/{incident}/acknowledge", page)
        assert status == 303 and leads.startswith("/?said="), (status, leads)
        assert state(cluster, incident) == "ACKNOWLEDGED"
        assert "paging stops" in reader.get(leads)[1]
        page = reader.get(f"/incidents/{incident}")[1]
        assert f"acknowledged by {primary}" in html.unescape(page), page
        shown = cluster.json("incident", "show", incident)["incident"]
        assert not any(one.get("wanted") and one["purpose"] == "PAGE_PURPOSE_DUTY" for one in shown["pages"]), "it still pages"
        assert f"acknowledged by {primary} via page" in cluster.ctl("incident", "timeline", incident)

        # The audit names both: whose key it was, and in whose name.
        lines = [line for line in cluster.ctl("audit", "--by", primary).splitlines() if "acknowledge" in line]
        assert any(f"gateway for {primary}" in line for line in lines), lines

        # The other copy knows the session, and does the rest.
        other = Reader(second)
        other.cookie, other.origin = reader.cookie, reader.origin
        page = other.get(f"/incidents/{incident}")[1]
        for deed, fields, words in [
                ("update", {"status": "2", "impact": "nobody can pay", "actions": "rolled back", "next": "watch", "eta": "10 min"}, "nobody can pay"),
                ("escalate", {"reason": "needs a hand", "tier": "0"}, "needs a hand"), ("resolve", {"note": "it was the cache"}, "it was the cache")]:
            status, text, leads = other.post(f"/incidents/{incident}/{deed}", page, **fields)
            assert status == 303, (deed, status, text)
            assert words in html.unescape(other.get(leads)[1]), deed
        assert state(cluster, incident) == "RESOLVED"
        status, text, _ = other.post(f"/incidents/{incident}/acknowledge", page)
        assert status == 409 and "<h1>" in text, (status, text)

        assert reader.post("/sign-out/everywhere", page)[0] == 303
        for one in (Reader(gateway), other):
            one.cookie = other.cookie
            eventually("signed out everywhere", 10, lambda one=one: one.get("/")[0] == 303)


def a_form_that_is_sent_twice_acts_once(binaries):
    """By a second tap, by a browser that asks again, by another copy of the gateway, and after the escalator was killed; and one that is
    refused keeps what was typed."""
    with Cluster(binaries) as cluster, Gateway(cluster, pages=True) as gateway, \
            Gateway(cluster, pages=gateway.url, port=free_port()) as second:
        primary = cluster.primary()
        reader, other = Reader(gateway), Reader(second)
        reader.sign_in(cluster, primary)
        other.cookie, other.origin = reader.cookie, reader.origin
        incident = alert(cluster, "the queue grows")
        path = f"/incidents/{incident}"
        page = reader.get(path)[1]
        typed = {"reason": "", "current_status": "two of three are stuck", "tier": "0"}
        status, text, _ = reader.post(f"{path}/escalate", page, **typed)
        assert status == 400 and "say why you escalate" in text and ">two of three are stuck</textarea>" in text, (status, text)
        # What is shown again is the same form still.
        typed["reason"] = "needs a hand"
        again = text
        for one in [reader, reader, other]:
            status, text, _ = one.post(f"{path}/escalate", again, **typed)
            assert status == 303, (status, text)
        cluster.restart("escalator")
        status, text, _ = eventually("the escalator is back", 20, lambda: (
            answered if (answered := reader.post(f"{path}/escalate", page, **typed))[0] != 503 else None))
        assert status == 303, (status, text)

        def lines(kind):
            return [line for line in cluster.json("incident", "timeline", incident)["lines"]
                    if line["kind"] == kind and line.get("person") == primary]

        assert len(lines("escalated")) == 1, lines("escalated")
        # With other words it is another deed, which is asked for by another form.
        status, text, _ = reader.post(f"{path}/escalate", page, **(typed | {"reason": "still"}))
        assert status == 409 and "sent before" in text and ">still</textarea>" in text, (status, text)
        assert reader.post(f"{path}/escalate", text, **(typed | {"reason": "still"}))[0] == 303
        page = reader.get(path)[1]
        for _ in range(2):
            status, text, _ = reader.post(f"{path}/update", page, status="2", impact="nobody can pay")
            assert status == 303, (status, text)
        assert len(lines("update")) == 1 and len(lines("escalated")) == 2, (lines("update"), lines("escalated"))


def a_link_of_a_page_lands_at_the_gateway(binaries):
    """To open it asks, and its button answers, though nobody has signed in."""
    port = free_port()
    with Cluster(binaries, extra={"notifier": ["--answer-url", f"http://127.0.0.1:{port}"]}) as cluster, \
            Gateway(cluster, pages=True, port=port) as gateway:
        # What is paged by e-mail waits for working hours.
        team = cluster.folder / "config/team.yaml"
        text = team.read_text().replace("working-hours: 09:00-17:00", "working-hours: 00:00-24:00")
        team.write_text(text.replace("working-days: Monday-Friday", "working-days: Monday-Sunday"))
        cluster.ctl("apply", "-f", cluster.folder / "config")
        incident = alert(cluster, "disk is filling up", severity="SEV-4")
        letter = eventually("the e-mail", 30, lambda: [
            page["text"] for page in cluster.receiver.received()
            if page.get("channel") == "email" and "/answer/" in page.get("text", "") and incident in page["text"]])[0]
        link = re.search(r"Acknowledge: (\S+)", letter)[1]
        assert link.startswith(gateway.url), link
        reader = Reader(gateway)
        path = link.removeprefix(gateway.url)
        status, text, _ = reader.get(path)
        assert status == 200 and f"Acknowledge {incident}?" in text and "disk is filling up" in text, (status, text)
        assert state(cluster, incident) == "TRIGGERED", "to open a link changed something"
        status, text, _ = reader.ask("POST", path, headers={"Origin": "null"})
        assert status == 200 and "acknowledged" in text, (status, text)
        assert state(cluster, incident) == "ACKNOWLEDGED"
        assert reader.get(path[:-1] + ("0" if path[-1] != "0" else "1"))[0] == 404


def news_come_by_themselves(binaries):
    """Whoever listens hears of each incident, also after the escalator was killed; the gateway's orderly end doesn't wait for them."""
    with Cluster(binaries) as cluster, Gateway(cluster, pages=True) as gateway:
        reader = Reader(gateway)
        assert reader.get("/live")[0] == 401
        reader.sign_in(cluster, cluster.primary())
        connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=20)
        connection.request("GET", "/live", headers={"Cookie": reader.cookie})
        answer = connection.getresponse()
        assert answer.status == 200 and answer.getheader("Content-Type") == "text/event-stream"

        def told(incident):
            for line in answer:
                if line.strip() == f"data: {incident}".encode():
                    return True

        assert told(alert(cluster, "first"))
        cluster.restart("escalator")
        assert told("all"), "readers must look again: something may have been missed"
        assert told(alert(cluster, "second"))
        began = time.monotonic()
        gateway.stop()
        assert time.monotonic() - began < 3 and b"data: second" not in answer.read()


def what_is_away_is_said_and_the_rest_is_shown(binaries):
    """At night, with the scheduler and then the notifier gone: whoever has signed in sees their incident at once, and answers it."""
    with Cluster(binaries) as cluster, Gateway(cluster, pages=True) as gateway:
        primary = cluster.primary()
        reader = Reader(gateway)
        reader.sign_in(cluster, primary)
        assert reader.get("/")[0] == 200
        incident = alert(cluster, "the night's")
        for tier in ["scheduler", "notifier"]:
            cluster.kill(tier)
            log = cluster.folder / "gateway.log"
            eventually(f"{tier} is missed", 10, lambda: f"{tier} can't be reached" in log.read_text())
            began = time.monotonic()
            status, text, _ = reader.get("/")
            assert status == 200 and "the night&#39;s" in text and "Who is on call can&#39;t be told now" in text, (status, text)
            assert time.monotonic() - began < 5, f"{time.monotonic() - began} s"
        assert reader.post(f"/incidents/{incident}/acknowledge", text)[0] == 303
        assert state(cluster, incident) == "ACKNOWLEDGED"
        cluster.kill("escalator")
        status, text, _ = reader.get(f"/incidents/{incident}")
        assert status == 503 and "Try again" in text, (status, text)


def the_key_of_the_pages_does_what_they_need_and_no_more(binaries):
    """Whoever has taken over the gateway: in anybody's name as that person might, and nothing that leads or administrators do."""
    with Cluster(binaries) as cluster, Gateway(cluster, pages=True) as gateway:
        primary = cluster.primary()
        incident = alert(cluster, "somebody's")
        pair = keyring.pair(gateway.folder / "gateway.secret")

        def status(tier, method, payload=b""):
            client = Client(cluster.endpoint(tier), keys=pair)
            answered = client.call(f"/tocsin.{method}", payload, key())[0]
            client.close()
            return answered.status

        for tier, method in [("escalator", "escalation.v1.Escalation/Configure"), ("escalator", "escalation.v1.Escalation/PutAlert"),
                             ("escalator", "escalation.v1.Escalation/Snooze"), ("alert-intake", "intake.v1.Intake/Publish"),
                             ("alert-intake", "intake.v1.Silences/Add"), ("scheduler", "schedule.v1.Schedule/AddOverride"),
                             ("notifier", "notification.v1.Contacts/List"), ("notifier", "notification.v1.Contacts/PutMethod"),
                             ("notifier", "notification.v1.Notification/ListPages"), ("notifier", "audit.v1.Audit/List"),
                             ("notifier", "keeping.v1.Keeping/CopyContactKeys")]:
            assert status(tier, method) == DENIED, method
        for by in ["nobody-here", "admin", "gateway"]:
            payload = escalation.AcknowledgeRequest(incident_id=incident, by=by).SerializeToString()
            assert status("escalator", "escalation.v1.Escalation/Acknowledge", payload) == DENIED, by
        assert status("escalator", "escalation.v1.Escalation/Acknowledge",
                      escalation.AcknowledgeRequest(incident_id=incident).SerializeToString()) == INVALID
        assert state(cluster, incident) == "TRIGGERED"
        payload = escalation.AcknowledgeRequest(incident_id=incident, by=primary, via="page").SerializeToString()
        assert status("escalator", "escalation.v1.Escalation/Acknowledge", payload) == 0
        # Revoked, it is over with the pages, and nothing else.
        subprocess.run([cluster.binaries / "tocsinctl", "keys", "revoke", "gateway", "--keys", cluster.keys], check=True, capture_output=True)
        eventually("the pages are shut", 15, lambda: Reader(gateway).ask("POST", "/sign-in", {"person": primary})[0] == 503)


def a_swap_is_asked_by_one_and_agreed_to_by_another_on_the_page(binaries):
    """The giver asks by the operators' command, the taker agrees on their page, and the schedule shows who has the week."""
    with Cluster(binaries) as cluster, Gateway(cluster, pages=True) as gateway:
        calendar = Calendar(cluster, "--weeks", 8)
        third = int(calendar.shift(1, time.time_ns() // 1_000_000)["until_at_ms"]) + 2 * WEEK
        giver = calendar.holder(1, third)
        taker = next(calendar.holder(1, third + weeks * WEEK) for weeks in (2, 1, 3) if calendar.holder(1, third + weeks * WEEK) != giver)
        swap = cluster.json("swap", "request", "--tier", "primary", "--shift", moment(third + WEEK // 2), "--to", taker,
                            "--reason", "a <b>wedding</b>", "--by", giver)["swap"]["id"]
        theirs = Reader(gateway)
        theirs.sign_in(cluster, giver)
        _, page, _ = theirs.get("/swaps")
        assert "Waiting for others" in page and "Withdraw" in page and f"/swaps/{swap}/agree" not in page, page
        assert theirs.post(f"/swaps/{swap}/agree", page)[0] in (303, 409), "the giver's word alone moves nothing"
        assert Calendar(cluster, "--weeks", 8).holder(1, third) == giver

        mine = Reader(gateway)
        mine.sign_in(cluster, taker)
        _, page, _ = mine.get("/swaps")
        assert f'action="/swaps/{swap}/agree"' in page and "a &lt;b&gt;wedding&lt;/b&gt;" in page, page
        status, text, leads = mine.post(f"/swaps/{swap}/agree", page)
        assert status == 303, (status, text)
        assert "Agreed: it is in the schedule." in mine.get(leads)[1]
        after = Calendar(cluster, "--weeks", 8)
        assert after.holder(1, third) == taker and f"swapped with {giver}" in after.shift(1, third)["explanation"], after.shift(1, third)
        assert "~ swap" in cluster.ctl("schedule", "show", "--weeks", "8")
        month = time.strftime("%Y-%m", time.gmtime(third / 1000 + 86_400))
        assert f"swapped with {giver}" in html.unescape(mine.get(f"/schedule?month={month}")[1])


def a_handoff_is_ticked_signed_and_accepted_on_the_page(binaries):
    """By whom it is to be, and by nobody else; the operators' command sees the same."""
    with Cluster(binaries) as cluster, Gateway(cluster, pages=True) as gateway:
        record = cluster.json("handoff", "show")
        outgoing, incoming = (next(one["person"] for one in record["attendees"] if one["part"] == f"{part} primary")
                              for part in ("outgoing", "incoming"))
        assert outgoing == cluster.primary() != incoming
        signer, accepter = Reader(gateway), Reader(gateway)
        signer.sign_in(cluster, outgoing)
        accepter.sign_in(cluster, incoming)
        _, page, _ = signer.get("/handoff")
        team, at = (re.search(rf'name="{name}" value="([^"]+)"', page)[1] for name in ("team", "at"))
        assert int(at) == int(record["at_ms"])
        assert signer.post("/handoff/tick", page, team=team, at=at, item="before-1")[0] == 303
        status, text, _ = accepter.post("/handoff/accept", accepter.get("/handoff")[1], team=team, at=at)
        assert status == 409 and "isn't signed" in html.unescape(text), (status, text)
        assert accepter.post("/handoff/sign", accepter.get("/handoff")[1], team=team, at=at)[0] == 403
        assert signer.post("/handoff/sign", page, team=team, at=at)[0] == 303
        _, page, _ = accepter.get("/handoff")
        assert "Signed by" in page and "Recent Changes" in page, page
        status, _, leads = accepter.post("/handoff/accept", page, team=team, at=at)
        assert status == 303 and "Accepted by" in accepter.get(leads)[1]
        record = cluster.json("handoff", "show")
        assert (record["signed_by"], record["accepted_by"]) == (outgoing, incoming), record
        assert [item["by"] for item in record["items"] if item["id"] == "before-1"] == [outgoing]


def a_sign_in_link_says_whose_it_is_and_signs_in_once(binaries):
    """The link of a message that really came: to open it shows whose it is and uses nothing up; its button signs in, once."""
    with Cluster(binaries) as cluster, Gateway(cluster, pages=True) as gateway:
        primary = cluster.primary()
        Reader(gateway).ask_code(primary)
        text = eventually("the message", 20, lambda: [page["text"] for page in cluster.receiver.received()
                                                       if page.get("person") == primary and "/sign-in/link/" in page.get("text", "")])[0]
        path = re.search(r"Or open (\S+)", text)[1].removeprefix(gateway.url)
        assert path.startswith("/sign-in/link/"), path
        reader = Reader(gateway)
        for _ in range(2):
            status, page, _ = reader.get(path)
            assert status == 200 and f"Sign in as {primary}" in page and reader.cookie is None, (status, page)
        # Whoever makes another's link look like the reader's own gets no button.
        status, page, _ = reader.get(path.replace(f"for={primary}", "for=mallory"))
        assert status == 404 and 'action="/sign-in/link' not in page, (status, page)
        action = re.search(r'action="(/sign-in/link/[^"]+)"', reader.get(path)[1])[1]
        status, _, leads = reader.ask("POST", action)
        assert (status, leads) == (303, "/") and reader.cookie
        assert reader.get("/")[0] == 200
        stranger = Reader(gateway)
        assert stranger.ask("POST", action)[0] == 409 and stranger.cookie is None


def hostile_requests_are_answered_as_pages(binaries):
    with Cluster(binaries) as cluster, Gateway(cluster, pages=True) as gateway:
        reader = Reader(gateway)
        # Times that no calendar has: refused, and no tier ends.
        reader.sign_in(cluster, cluster.primary())
        page = reader.get("/handoff")[1]
        for at in [2 ** 63 - 1, -(2 ** 63), 2 ** 62, -(2 ** 62), 253_402_300_800_000, -1]:
            status, text, _ = reader.get(f"/handoff?at={at}")
            assert status == 400 and text.startswith("<!doctype html>") and "9999" in text, (at, status, text)
            for deed, fields in [("tick", {"item": "before-1"}), ("sign", {}), ("accept", {})]:
                status, text, _ = reader.post(f"/handoff/{deed}", page, team="platform", at=str(at), **fields)
                assert status == 400 and text.startswith("<!doctype html>"), (deed, at, status, text)
        assert reader.get("/handoff")[0] == 200 and cluster.processes["scheduler"].poll() is None
        reader.cookie = None
        before = gateway.memory()
        for path, fields, wanted in [
                ("/sign-in", {"person": "x" * 70_000}, 413), ("/sign-in", {"person": ""}, 400),
                ("/sign-in/code", {"ask": "\0", "code": "\u202e"}, 403),
                ("/answer/" + "1" * 2_000, {}, 404), ("/answer/1.email.1.x.y", {}, 404)]:
            status, text, _ = reader.ask("POST", path, fields)
            assert status == wanted and text.startswith("<!doctype html>"), (path[:40], status, text[:200])
        for path in ["/%00", "/incidents/%ff%fe", "/?said=%3Cscript%3E", "/sign-in?to=//evil.example", "/assets/../gateway.secret"]:
            status, text, leads = reader.get(path)
            assert status in (200, 303, 400, 404) and "evil" not in (leads or "") and "<script>" not in text, (path, status, leads)
        reader.cookie = "tocsin=" + "a" * 8_000
        assert reader.get("/")[0] == 303
        assert asked(f"{gateway.url}/sign-in", method="DELETE")[0] == 405
        assert gateway.memory() - before < 40


ALL = [
    a_swap_is_asked_by_one_and_agreed_to_by_another_on_the_page, a_handoff_is_ticked_signed_and_accepted_on_the_page,
    a_sign_in_link_says_whose_it_is_and_signs_in_once,
    somebody_signs_in_by_a_code_and_acts_as_themselves, a_form_that_is_sent_twice_acts_once, a_link_of_a_page_lands_at_the_gateway,
    news_come_by_themselves, what_is_away_is_said_and_the_rest_is_shown, the_key_of_the_pages_does_what_they_need_and_no_more,
    hostile_requests_are_answered_as_pages,
]
