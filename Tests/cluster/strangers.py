"""Speaks to the fixtures as their public is meant to: by Twilio's and Slack's own Python packages, one that is written for Pushover, and
curl with the documentation's examples (../shared/wire-formats.md). A process of its own, because the fixtures are called by the
packages' names. Reads one JSON object of addresses and credentials from standard input; says on one line what was checked.
"""
import json
import subprocess
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl

import pushover_complete
import pushover_complete.pushover_api
import requests
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

given = json.loads(sys.stdin.read())
URL = given["url"]
checked = 0


def check(held, words):
    global checked
    assert held, words
    checked += 1


def raises(kind, call):
    try:
        answer = call()
    except kind as failure:
        return failure
    raise AssertionError(f"{kind.__name__} was expected, {answer} came")


def trouble(provider, kind, **more):
    body = json.dumps({"provider": provider, "kind": kind, **more}).encode()
    urllib.request.urlopen(urllib.request.Request(f"{URL}/trouble", body, {"Content-Type": "application/json"}), timeout=5).close()


def curl(*arguments):
    """(status, headers in lower case, body as JSON or as it is)"""
    said = subprocess.run(["curl", "-sS", "--max-time", "10", "-i", *arguments], check=True, capture_output=True, text=True).stdout
    head, _, body = said.replace("\r\n", "\n").partition("\n\n")
    lines = head.split("\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
    try:
        return int(lines[0].split()[1]), headers, json.loads(body)
    except ValueError:
        return int(lines[0].split()[1]), headers, body


class Elsewhere(TwilioHttpClient):
    """Twilio's own client, with the fixture in the place of api.twilio.com."""

    def request(self, method, url, *more, **named):
        return super().request(method, url.replace("https://api.twilio.com", URL), *more, **named)


class Callbacks:
    """Takes status callbacks, and keeps those that Twilio's own package finds signed."""

    def __init__(self, token):
        self.came = came = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                fields = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode(), True))
                address = f"http://127.0.0.1:{self.server.server_address[1]}{self.path}"
                signed = RequestValidator(token).validate(address, fields, self.headers["X-Twilio-Signature"])
                came.append((fields, signed))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/status"

    def statuses(self, sid, count, name):
        deadline = time.monotonic() + 5
        while True:
            found = [(fields[name], signed) for fields, signed in self.came if sid in fields.values()]
            if len(found) >= count or time.monotonic() > deadline:
                return found
            time.sleep(0.02)


def twilios_package():
    us, them = given["twilio"], "+12025550107"
    client = Client(us["account"], us["token"], http_client=Elsewhere(timeout=3))
    callbacks = Callbacks(us["token"])
    text = client.messages.create(to=them, from_=us["from"], body="disk full", status_callback=callbacks.url, validity_period=300)
    check(text.sid.startswith("SM") and text.status == "queued" and text.num_segments == "1", text)
    check(text.date_created.year >= 2024, "the package reads the time at which it was taken")
    check(callbacks.statuses(text.sid, 2, "MessageStatus") == [("sent", True), ("delivered", True)], callbacks.came)
    check(client.messages(text.sid).fetch().status == "delivered", "it says what became of a text")
    check([one.sid for one in client.messages.list(to=them, limit=5)] == [text.sid], "it lists texts by whom they are for")
    call = client.calls.create(
        to=them, from_=us["from"], twiml="<Response><Gather numDigits=\"1\"><Say>disk full</Say></Gather></Response>")
    check(call.sid.startswith("CA") and client.calls(call.sid).fetch().status in ("queued", "ringing", "in-progress"), call)
    check([one.sid for one in client.calls.list(to=them, limit=5)] == [call.sid], "it lists calls")
    service = client.messages.create(to=them, messaging_service_sid=us["service"], body="x")
    check(service.sid.startswith("SM"), "a messaging service sends")

    for to, code in us["refused"].items():
        failure = raises(TwilioRestException, lambda: client.messages.create(to=to, from_=us["from"], body="x"))
        check((failure.status, failure.code) == (400, code), f"{to}: {failure}")
    lost = client.messages.create(to=us["lost"], from_=us["from"], body="x", status_callback=callbacks.url)
    check(callbacks.statuses(lost.sid, 2, "MessageStatus")[-1] == ("undelivered", True), "a text that can't be delivered says so")
    check(client.messages(lost.sid).fetch().error_code == 30003, "and why")
    wrong = raises(TwilioRestException, lambda: Client(
        us["account"], "no token", http_client=Elsewhere()).messages.create(to=them, from_=us["from"], body="x"))
    check((wrong.status, wrong.code) == (401, 20003), wrong)
    long = raises(TwilioRestException, lambda: client.messages.create(to=them, from_=us["from"], body="x" * 1_601))
    check(long.code == 21617, long)

    trouble("twilio", "500", times=1)
    check(raises(TwilioRestException, lambda: client.messages.create(to=them, from_=us["from"], body="x")).status == 500, "500")
    trouble("twilio", "429", retry_after=1, times=1)
    check(raises(TwilioRestException, lambda: client.messages.create(to=them, from_=us["from"], body="x")).code == 20429, "429")
    trouble("twilio", "429", retry_after=7, times=1)
    status, headers, said = curl(
        "-u", f"{us['account']}:{us['token']}", "-d", f"To={them.replace('+', '%2B')}", f"{URL}/2010-04-01/Accounts/{us['account']}/Messages.json")
    check((status, headers["retry-after"], said["code"], said["status"]) == (429, "7", 20429, 429) and said["more_info"], said)
    before = len(client.messages.list(to=them))
    trouble("twilio", "hang", times=1)
    raises(requests.exceptions.Timeout, lambda: client.messages.create(to=them, from_=us["from"], body="hung"))
    check(len(client.messages.list(to=them)) == before, "what hangs is not taken")
    trouble("twilio", "accept-then-timeout", times=1)
    raises(requests.exceptions.Timeout, lambda: client.messages.create(to=them, from_=us["from"], body="taken in silence"))
    check("taken in silence" in [one.body for one in client.messages.list(to=them)], "what was taken in silence is found")
    trouble("twilio", "disorder")
    doubled = client.messages.create(to=them, from_=us["from"], body="x", status_callback=callbacks.url)
    check(callbacks.statuses(doubled.sid, 3, "MessageStatus") == [("delivered", True), ("sent", True), ("delivered", True)],
          "callbacks in the wrong order and twice")


def slacks_package():
    us = given["slack"]
    client = WebClient(us["token"], base_url=f"{URL}/api/", timeout=3)
    said = client.chat_postMessage(
        channel=us["channel"], text="disk full & <more>",
        blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": "disk full"}}],
        metadata={"event_type": "tocsin_page", "event_payload": {"id": "2f-1/ana/1#0"}})
    check(said["ok"] and "." in said["ts"] and said["channel"] == us["channel"], said)
    reply = client.chat_postMessage(channel=us["channel"], text="more of it", thread_ts=said["ts"])
    check(reply["message"]["thread_ts"] == said["ts"], reply)
    check(client.chat_update(channel=us["channel"], ts=said["ts"], text="disk is fine")["text"] == "disk is fine", "an update")
    shown = client.conversations_history(channel=us["channel"], include_all_metadata=True, limit=5)["messages"]
    check([one["text"] for one in shown] == ["disk is fine"], shown)
    check(shown[0]["metadata"]["event_payload"] == {"id": "2f-1/ana/1#0"}, shown)
    direct = client.conversations_open(users=us["person"])["channel"]["id"]
    check(client.chat_postMessage(channel=us["person"], text="hello")["channel"] == direct, "a person is written to directly")
    for call, error in [
        (lambda: client.chat_postMessage(channel="C0NOBODY", text="x"), "channel_not_found"),
        (lambda: client.chat_postMessage(channel=us["archived"], text="x"), "is_archived"),
        (lambda: client.chat_postMessage(channel=us["channel"], text=""), "no_text"),
        (lambda: client.chat_postMessage(channel=us["channel"], text="x" * 40_001), "msg_too_long"),
        (lambda: client.chat_postMessage(channel=us["channel"], text="x", thread_ts="1.000001"), "invalid_thread_ts"),
        (lambda: client.chat_update(channel=us["channel"], ts="1.000001", text="x"), "message_not_found"),
        (lambda: WebClient("xoxb-none", base_url=f"{URL}/api/").chat_postMessage(channel=us["channel"], text="x"), "invalid_auth"),
    ]:
        check(raises(SlackApiError, call).response["error"] == error, error)
    trouble("slack", "429", retry_after=7, times=1)
    limited = raises(SlackApiError, lambda: client.chat_postMessage(channel=us["channel"], text="x"))
    check(limited.response.status_code == 429 and limited.response.headers["Retry-After"] == "7", limited)
    check(limited.response["error"] == "ratelimited", limited)
    trouble("slack", "500", times=1)
    check(raises(SlackApiError, lambda: client.chat_postMessage(channel=us["channel"], text="x")).response.status_code == 500, "500")
    trouble("slack", "accept-then-timeout", times=1)
    raises(TimeoutError, lambda: client.chat_postMessage(channel=us["channel"], text="taken in silence"))
    check(client.conversations_history(channel=us["channel"])["messages"][0]["text"] == "taken in silence", "it is found")
    trouble("slack", "hang", times=1)
    raises(TimeoutError, lambda: client.chat_postMessage(channel=us["channel"], text="hung"))

    hook = WebhookClient(URL + us["hook"], timeout=2)
    answer = hook.send(text="disk full")
    check((answer.status_code, answer.body) == (200, "ok"), answer.body)
    check((hook.send(text="").status_code, hook.send(text="").body) == (400, "no_text"), "no text")
    gone = WebhookClient(f"{URL}/services/T0/B0/none").send(text="x")
    check((gone.status_code, gone.body) == (404, "no_service"), gone.body)
    trouble("slack", "429", retry_after=7, times=1)
    limited = hook.send(text="x")
    check(limited.status_code == 429 and limited.headers["Retry-After"] == "7", limited.headers)


def pushovers_package():
    us = given["pushover"]
    pushover_complete.pushover_api.PUSHOVER_API_URL = f"{URL}/1/"
    client, refused = pushover_complete.PushoverAPI(us["token"]), pushover_complete.BadAPIRequestError
    check(client.send_message(us["user"], "disk full", title="[SEV-3] redis", priority=1)["status"] == 1, "a message")
    urgent = client.send_message(us["user"], "disk full", priority=2, retry=30, expire=600)
    check(urgent["receipt"], "an emergency has a receipt")
    for call, words in [
        (lambda: pushover_complete.PushoverAPI("x" * 30).send_message(us["user"], "x"), "application token is invalid"),
        (lambda: client.send_message(us["unknown"], "x"), "is not a valid user"),
        (lambda: client.send_message(us["user"], ""), "message cannot be blank"),
        (lambda: client.send_message(us["user"], "x" * 1_025), "too long"),
        (lambda: client.send_message(us["user"], "x", priority=2, retry=29, expire=600), "at least 30 seconds"),
        (lambda: client.send_message(us["user"], "x", priority=2, retry=30, expire=10_801), "expire must be supplied"),
    ]:
        failure = str(raises(refused, call))
        check(failure.startswith("400") and words in failure, failure)
    trouble("pushover", "429", times=1)
    check("monthly message limit" in str(raises(refused, lambda: client.send_message(us["user"], "x"))), "the month is used up")

    message = ["--data-urlencode", f"token={us['token']}", "--data-urlencode", f"user={us['user']}", "--data-urlencode",
               "message=disk full & more"]
    status, headers, said = curl(*message, f"{URL}/1/messages.json")
    check((status, said["status"]) == (200, 1) and int(headers["x-limit-app-remaining"]) < int(headers["x-limit-app-limit"]), headers)
    trouble("pushover", "500", times=1)
    check(curl(*message, f"{URL}/1/messages.json")[0] == 500, "500")
    receipt = f"{URL}/1/receipts/{urgent['receipt']}"
    asked = curl(f"{receipt}.json?token={us['token']}")[2]
    check((asked["status"], asked["acknowledged"], asked["expired"]) == (1, 0, 0) and asked["expires_at"] > time.time(), asked)
    check(curl("--data", f"token={us['token']}", f"{receipt}/cancel.json")[2]["status"] == 1, "an emergency is called off")
    check(curl(f"{receipt}.json?token={us['token']}")[2]["expires_at"] <= time.time(), "and is over")
    check(curl(f"{URL}/1/receipts/none.json?token={us['token']}")[0] == 404, "a receipt that is none")


def ntfy_by_curl():
    us = given["ntfy"]
    bearer = ["-H", f"Authorization: Bearer {us['token']}"]
    page = {
        "topic": "ana-phone", "title": "[SEV-1] redis", "message": "disk full", "priority": 5, "tags": ["rotating_light"],
        "click": "https://runbooks.example/disk",
        "actions": [{"action": "http", "label": "Ack", "url": "https://tocsin.example/answer/x", "method": "POST", "clear": True}]}
    status, _, said = curl("-H", "Content-Type: application/json", "-d", json.dumps(page), f"{URL}/")
    check(status == 200 and said["event"] == "message" and said["expires"] > said["time"] and said["actions"] == page["actions"], said)
    status, _, plain = curl(
        "-d", "disk full", "-H", "Title: redis", "-H", "X-Priority: 4", "-H", "Tags: warning,skull", f"{URL}/ben-phone")
    check((status, plain["title"], plain["priority"], plain["tags"]) == (200, "redis", 4, ["warning", "skull"]), plain)
    status, _, polled = curl(f"{URL}/ana-phone/json?poll=1&since=0")
    check(status == 200 and polled["id"] == said["id"], polled)
    check(curl(f"{URL}/v1/health")[2] == {"healthy": True}, "health")
    for body, code in [({"topic": "no topic!"}, 40009), ({"topic": "a", "priority": 6}, 40007), ({"topic": "a", "message": "x" * 4_097}, 41303),
                       ({"topic": "readonly"}, 40301), ({"topic": "private-a"}, 40301)]:
        status, _, said = curl("-H", "Content-Type: application/json", "-d", json.dumps(body), f"{URL}/")
        check((status, said["http"], said["code"]) == (code // 100, code // 100, code) and said["link"] and said["error"], said)
    check(curl(*bearer, "-d", "x", f"{URL}/private-a")[0] == 200, "a token opens what is private")
    check(curl("-H", "Authorization: Bearer none", "-d", "x", f"{URL}/private-a")[2]["code"] == 40101, "another does not")
    trouble("ntfy", "429", retry_after=7, times=1)
    status, headers, said = curl("-d", "x", f"{URL}/ana-phone")
    check((status, said["code"], headers["retry-after"]) == (429, 42901, "7"), said)
    trouble("ntfy", "500", times=1)
    status, _, said = curl("-d", "x", f"{URL}/ana-phone")
    check(status == 500 and said["code"] // 100 == 500, said)
    for kind, taken in [("hang", False), ("accept-then-timeout", True)]:
        trouble("ntfy", kind, times=1)
        ended = subprocess.run(["curl", "-sS", "--max-time", "1", "-d", f"by {kind}", f"{URL}/cai-phone"], capture_output=True)
        check(ended.returncode == 28, f"{kind}: curl ended with {ended.returncode}")
        status, _, polled = curl(f"{URL}/cai-phone/json?poll=1&since=0")
        check((f"by {kind}" in json.dumps(polled)) == taken, f"{kind}: {polled}")


parts = [twilios_package, slacks_package, pushovers_package, ntfy_by_curl]
said = []
for part in parts:
    before = checked
    part()
    said.append(f"{part.__name__.replace('_', ' ')}: {checked - before}")
print("; ".join(said))
