"""What becomes of a page around the moment that a provider is asked (requirement N3): SIGKILL at each point, providers in every kind of
trouble, receipts that come late, twice and in the wrong order."""
import json
import os
import re
import signal
import time

from answers import AnswerableWorld
from channels import number, twilio
from cluster import ROOT, eventually

TABLE = ROOT / "Sources/Providers/README.md"
POINTS = {
    "intend": "the intent is not on disk", "ask": "the intent is on disk, nothing is sent",
    "sent": "it is sent, no answer has come", "answered": "an answer has come and is not on disk",
    "tell": "it is on disk, nobody has heard of it",
}
KINDS = {"push": "webhook", "sms": "Twilio", "email": "SMTP", "slack": "Slack"}


class World(AnswerableWorld):
    """One person by four kinds of providers, each of which can be made to take a page and to say nothing for a while."""

    def routes(self):
        routes = super().routes()
        hook = f"http://127.0.0.1:{self.cluster.receiver.port}/{self.slowly}"
        routes["push"] = f'{{ provider: webhook, url: "{hook}", secret-file: {self.cluster.receiver.secret} }}'
        return routes

    def configure(self):
        """Nothing is held: twenty pages in a minute are about what becomes of each."""
        super().configure()
        contacts = self.cluster.folder / "config/contacts.yaml"
        contacts.write_text(contacts.read_text().replace("kind: Contacts\n", "kind: Contacts\nlimits: { pages-per-minute: 60 }\n"))
        self.cluster.ctl("apply", "-f", contacts.parent)

    slowly = ""

    def page(self, id, channel, person):
        """Hands the notifier one page by one channel, as the escalator does."""
        page = {
            "id": id, "generation": 1, "wanted": True, "incident_id": id.split("/")[0], "person": person, "purpose": "PAGE_PURPOSE_DUTY",
            "severity": "SEVERITY_SEV3", "summary": f"words of {id}", "service": "redis", "channels": [channel],
            "paged_at_ms": str(time.time_ns() // 1_000_000), "opened_at_ms": str(time.time_ns() // 1_000_000)}
        return self.cluster.ctl("call", "Notification/PutPage", json.dumps(page), check=False)

    def arrived(self, id, channel, person):
        """How often a page reached its person, each with the key by which its provider could tell that it is the same."""
        words = f"words of {id}"
        if channel == "push":
            return [body["id"] for body in self.cluster.receiver.received() if words in body["text"]]
        if channel == "email":
            return [letter["message-id"] for letter in self.mailbox.to(f"{person}@aion.example") if words in str(letter)]
        return [line["fields"] for line in self.asked({"sms": "twilio", "slack": "slack"}[channel])
                if line["method"] == "POST" and line["status"] in (200, 201) and words in json.dumps(line["fields"])]

    def state(self, id):
        shown = self.cluster.ctl("page", "show", id, "-o", "json", check=False)
        return json.loads(shown.stdout)["deliveries"][0]["delivery"]["state"] if shown.returncode == 0 else ""


def cell(world, point, channel, person):
    """Kills the notifier at one point of one page. Returns what reached the person."""
    cluster, id = world.cluster, f"k-{point}-{channel}/{person}/1"
    cluster.kill("notifier")
    cluster.start("notifier", *(["--crash-at", f"{point}:1"] if point != "sent" else []))
    cluster.ctl("health", "--wait", "20")
    process = cluster.processes["notifier"]
    if point == "sent" and channel in ("sms", "slack"):
        world.trouble({"sms": "twilio", "slack": "slack"}[channel], "accept-then-timeout", times=1)
    world.mailbox.dawdles = point == "sent"
    world.page(id, channel, person)
    if point == "sent":
        eventually(f"{id} at its provider", 20, lambda: world.arrived(id, channel, person))
        process.send_signal(signal.SIGKILL)
    else:
        eventually(f"the end at {point} of {channel}", 20, lambda: process.poll() is not None)
    process.wait()
    cluster.processes.pop("notifier")
    cluster.kills += 1
    world.mailbox.dawdles = False
    cluster.start("notifier")
    cluster.ctl("health", "--wait", "20")
    assert world.page(id, channel, person).returncode == 0
    eventually(f"{id} handed over", 40, lambda: re.search("HANDED_OVER|ACCEPTED|DELIVERED", world.state(id)))
    keys = world.arrived(id, channel, person)
    assert keys, f"{id} is lost"
    assert len(keys) <= 2, f"{id} came {len(keys)} times"
    if len(keys) == 1:
        return "once"
    assert channel not in ("sms", "slack"), f"{id} came twice although its provider could be asked: {keys}"
    assert len(set(keys)) == 1, f"{id} came twice by different keys: {keys}"
    return {"push": "twice, by one key", "email": "twice, by one Message-ID"}[channel]


def killed_around_a_provider_call_nothing_is_lost(binaries):
    """SIGKILL at each point around a provider's being asked; the table that results is the one in Sources/Providers/README.md."""
    World.slowly = "delay/1.5"
    try:
        with World(binaries) as world:
            person = world.cluster.primary()
            # What is handed over because of the start would meet the kill first.
            eventually("nothing else being under way", 30, lambda: not world.cluster.json("page", "list", "--open").get("deliveries"))
            rows = {point: [cell(world, point, channel, person) for channel in KINDS] for point in POINTS}
    finally:
        World.slowly = ""
    lines = ["| killed when | " + " | ".join(KINDS.values()) + " |", "|---" * (len(KINDS) + 1) + "|"]
    lines += [f"| {POINTS[point]} | " + " | ".join(cells) + " |" for point, cells in rows.items()]
    table = "\n".join(lines)
    if os.environ.get("TOCSIN_RECORD"):
        text = TABLE.read_text()
        TABLE.write_text(re.sub(r"(?s)\| killed when .*?\|\n(?!\|)", lambda _: table + "\n", text))
    assert table in TABLE.read_text(), f"the table has changed:\n{table}"
    twice = sum(cells.count("once") for cells in rows.values())
    return f"{len(rows) * len(KINDS)} kills, none lost, {len(rows) * len(KINDS) - twice} came twice, by one key"


def what_becomes_of_a_page_is_known(binaries):
    """Receipts by callback, in the wrong order and twice; a text that can't be delivered brings the call forward at once."""
    with World(binaries) as world:
        cluster = world.cluster
        primary = cluster.primary()
        phone = number(cluster, primary)
        world.trouble("twilio", "disorder")
        incident = world.alert("SEV-1", "receipts")
        deliveries = lambda: {one["channel"]: one for one in cluster.json("page", "list", "--incident", incident).get("deliveries", [])
                              if one["person"] == primary}
        eventually("the SMS's receipt", 160, lambda: "DELIVERED" in deliveries().get("sms", {}).get("state", ""), pause=0.5)
        page = deliveries()["sms"]["page_id"]
        shown = cluster.ctl("page", "show", page)
        assert re.search(r"sms: delivered \(SM[0-9a-f]{32}\)", shown), shown
        time.sleep(2)
        assert "DELIVERED" in deliveries()["sms"]["state"], shown
        for private in [phone, phone[1:], twilio.TOKEN]:
            assert private not in shown, shown
        cluster.ctl("incident", "ack", incident, "--by", primary)

        contacts = cluster.folder / "config/contacts.yaml"
        text = contacts.read_text()
        contacts.write_text(re.sub(rf'(?m)(^  {primary}:\n.*\n    sms: )"[^"]+"', rf'\1"{twilio.LOST}"', text))
        cluster.ctl("apply", "-f", contacts.parent)
        began = time.time()
        lost = world.alert("SEV-1", "a number that is out of order")
        sms = eventually("the SMS", 150, lambda: world.taken("twilio", lost, To=twilio.LOST), pause=0.2)[0]
        call = eventually("the call", 30, lambda: [
            line for line in world.taken("twilio", lost) if line["path"].endswith("/Calls.json")])[0]
        forward = (call["at_ms"] - sms["at_ms"]) / 1000
        assert forward < 30, forward
        return f"receipts in the wrong order kept in theirs; the call {forward:.1f} s after a text that could not be delivered ({call['at_ms'] / 1000 - began:.0f} s after the alert)"


def trouble_of_every_kind_costs_one_repeat_at_most(binaries):
    """500, 429 with Retry-After, no answer at all, taken and no answer: the next channel comes within 30 s of the failure's being known,
    nothing is lost and nothing comes more than twice."""
    said = []
    with AnswerableWorld(binaries) as world:
        cluster = world.cluster
        primary = cluster.primary()
        for kind, service in [("500", "redis"), ("429", "postgres"), ("hang", "kafka"), ("accept-then-timeout", "clickhouse")]:
            world.trouble("ntfy", kind, retry_after=3600, answers=kind not in ("hang", "accept-then-timeout"))
            began = time.time()
            incident = world.alert("SEV-1", f"trouble {kind}", service)
            sms = eventually(f"the SMS in spite of {kind}", 30, lambda: world.taken("twilio", incident, To=number(cluster, primary)))[0]
            time.sleep(8)
            world.trouble("ntfy", "none")
            cluster.ctl("incident", "ack", incident, "--by", primary)
            pushes = [line for line in world.asked("ntfy", incident, topic=f"{primary}-phone")
                      if line["method"] == "POST" and line["status"] == 200]
            texts = [line for line in world.asked("twilio", incident) if line["path"].endswith("/Messages.json") and line["method"] == "POST"]
            assert len(pushes) <= 2 and len(texts) == 1, f"{kind}: {len(pushes)} pushes, {len(texts)} texts"
            said.append(f"{kind}: SMS after {sms['at_ms'] / 1000 - began:.1f} s, {len(pushes)} pushes taken")
    return "; ".join(said)


ALL = [trouble_of_every_kind_costs_one_repeat_at_most]
LONG = [killed_around_a_provider_call_nothing_is_lost, what_becomes_of_a_page_is_known]
