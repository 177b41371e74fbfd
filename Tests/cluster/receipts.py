"""What becomes of a page around the moment that a provider is asked (requirement N3): SIGKILL at each point, providers in every kind of
trouble, receipts that come late, twice and in the wrong order."""
import json
import os
import re
import signal
import time

from answers import AnswerableWorld
from channels import number, twilio
from cluster import ROOT, TIERS, eventually

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

    def __init__(self, binaries, **more):
        """The notifier is away again and again here, and nobody is to hear of that: its incident would meet the kills first."""
        super().__init__(binaries, **more)
        for tier in TIERS:
            self.cluster.extra[tier] = [*self.cluster.extra.get(tier, []), "--peer-lost-after", "3600"]

    def configure(self):
        """Nothing is held: twenty pages in a minute are about what becomes of each."""
        super().configure()
        contacts = self.cluster.folder / "config/contacts.yaml"
        contacts.write_text(contacts.read_text().replace("kind: Contacts\n", "kind: Contacts\nlimits: { pages-per-minute: 60 }\n"))
        self.cluster.ctl("apply", "-f", contacts.parent)

    slowly = ""

    def page_by(self, channel):
        """From now on a SEV-3 pages by this channel alone."""
        policy = self.cluster.folder / "config/policy.yaml"
        text = policy.read_text()
        policy.write_text(re.sub(r"(?ms)(^  SEV-3:\n    page-by: )\[[^]]*\]", rf"\1[{channel}]", text))
        self.cluster.ctl("apply", "-f", policy.parent)

    def is_at_rest(self):
        """Nobody owes anybody anything: what a tier does next follows from what it is told next."""
        tiers = self.cluster.json("health")["tiers"].values()
        owed = [one for tier in tiers for one in tier.get("owed", [])]
        return (all(one["reachable"] and not int(one["count"]) for one in owed)
                and not self.cluster.json("page", "list", "--open").get("deliveries"))

    def arrived(self, words, channel, person):
        """How often a page reached its person, each with the key by which its provider could tell that it is the same."""
        if channel == "push":
            return [body["id"] for body in self.cluster.receiver.received() if words in body["text"]]
        if channel == "email":
            return [letter["message-id"] for letter in self.mailbox.to(f"{person}@aion.example") if words in str(letter)]
        return [line["fields"] for line in self.asked({"sms": "twilio", "slack": "slack"}[channel])
                if line["method"] == "POST" and line["status"] in (200, 201) and words in json.dumps(line["fields"])]

    def delivery(self, incident, channel):
        """How far the page about an incident is."""
        listed = self.cluster.ctl("page", "list", "--incident", incident, "-o", "json", check=False)
        found = json.loads(listed.stdout).get("deliveries", []) if listed.returncode == 0 else []
        return next((one["state"] for one in found if one["channel"] == channel), "")


def cell(world, point, channel, person):
    """Kills the notifier at one point of one page. Returns what reached the person.

    The page is one of an incident: the escalator withdraws what it doesn't know. What it, or the notifier, still owed from before
    would reach the point first; so nothing is owed when the notifier starts."""
    cluster, words = world.cluster, f"killed at {point} by {channel}"
    eventually("nothing being owed", 30, world.is_at_rest)
    cluster.kill("notifier")
    cluster.start("notifier", *(["--crash-at", f"{point}:1"] if point != "sent" else []))
    cluster.ctl("health", "--wait", "20")
    process = cluster.processes["notifier"]
    if point == "sent" and channel in ("sms", "slack"):
        world.trouble({"sms": "twilio", "slack": "slack"}[channel], "accept-then-timeout", times=1)
    world.mailbox.dawdles = point == "sent"
    incident = world.alert("SEV-3", words, f"{point}-{channel}")
    if point == "sent":
        eventually(f"{words}: at its provider", 20, lambda: world.arrived(words, channel, person))
        process.send_signal(signal.SIGKILL)
    else:
        eventually(f"{words}: its end", 20, lambda: process.poll() is not None)
    process.wait()
    cluster.processes.pop("notifier")
    cluster.kills += 1
    world.mailbox.dawdles = False
    cluster.start("notifier")
    cluster.ctl("health", "--wait", "20")
    eventually(f"{words}: handed over", 40, lambda: re.search("HANDED_OVER|ACCEPTED|DELIVERED", world.delivery(incident, channel)))
    keys = world.arrived(words, channel, person)
    cluster.ctl("incident", "resolve", incident, "--by", person)
    assert keys, f"{words}: lost"
    assert len(keys) <= 2, f"{words}: came {len(keys)} times"
    if len(keys) == 1:
        return "once"
    assert channel not in ("sms", "slack"), f"{words}: came twice although its provider could be asked: {keys}"
    assert len(set(keys)) == 1, f"{words}: came twice by different keys: {keys}"
    return {"push": "twice, by one key", "email": "twice, by one Message-ID"}[channel]


def killed_around_a_provider_call_nothing_is_lost(binaries):
    """SIGKILL at each point around a provider's being asked; the table that results is the one in Sources/Providers/README.md."""
    World.slowly = "delay/1.5"
    columns = []
    try:
        with World(binaries) as world:
            person = world.cluster.primary()
            for channel in KINDS:
                world.page_by(channel)
                columns.append([cell(world, point, channel, person) for point in POINTS])
    finally:
        World.slowly = ""
    rows = dict(zip(POINTS, zip(*columns)))
    lines = ["| killed when | " + " | ".join(KINDS.values()) + " |", "|---" * (len(KINDS) + 1) + "|"]
    lines += [f"| {POINTS[point]} | " + " | ".join(cells) + " |" for point, cells in rows.items()]
    table = "\n".join(lines)
    if os.environ.get("TOCSIN_RECORD"):
        text = TABLE.read_text()
        TABLE.write_text(re.sub(r"(?s)\| killed when .*?\|\n(?!\|)", lambda _: table + "\n", text))
    assert table in TABLE.read_text(), f"the table has changed:\n{table}"
    once = sum(cells.count("once") for cells in rows.values())
    kills = len(rows) * len(KINDS)
    return f"{kills} kills, none lost, {kills - once} came twice, by one key"


def killed_around_a_text_it_comes_once(binaries):
    """The table's column of Twilio, which is asked what it has: SIGKILL at each point, and nothing is lost or comes twice."""
    with World(binaries) as world:
        person = world.cluster.primary()
        world.page_by("sms")
        column = [cell(world, point, "sms", person) for point in POINTS]
    rows = [[word.strip() for word in line.split("|")[1:-1]] for line in TABLE.read_text().splitlines() if line.startswith("| ")]
    place = rows[0].index(KINDS["sms"])
    table = {row[0]: row[place] for row in rows[1:]}
    assert dict(zip(POINTS.values(), column)) == table, (column, table)
    return f"{len(column)} kills"


def what_becomes_of_a_page_is_known(binaries):
    """Receipts by callback, in the wrong order and twice; a text that can't be delivered brings the call forward at once."""
    with World(binaries) as world:
        cluster = world.cluster
        primary = cluster.primary()
        phone = number(cluster, primary)
        contacts = cluster.folder / "config/contacts.yaml"
        shipped = contacts.read_text()

        def texts_go_to(address):
            """The primary is paged by a text at once, and by a call long after."""
            rules = "    rules:\n      - { by: sms, after: 0m }\n      - { by: voice, after: 4m }\n"
            contacts.write_text(re.sub(
                rf'(?m)(^  {primary}:\n)(.*\n    sms: )"[^"]+"', lambda found: f'{found[1]}{rules}{found[2]}"{address}"', shipped))
            cluster.ctl("apply", "-f", contacts.parent)

        texts_go_to(phone)
        world.trouble("twilio", "disorder")
        incident = world.alert("SEV-1", "receipts")
        deliveries = lambda: {one["channel"]: one for one in cluster.json("page", "list", "--incident", incident).get("deliveries", [])
                              if one["person"] == primary}
        eventually("the SMS's receipt", 30, lambda: "DELIVERED" in deliveries().get("sms", {}).get("state", ""), pause=0.2)
        page = deliveries()["sms"]["page_id"]
        shown = cluster.ctl("page", "show", page)
        assert re.search(r"sms: delivered \(SM[0-9a-f]{32}\)", shown), shown
        time.sleep(2)
        assert "DELIVERED" in deliveries()["sms"]["state"], shown
        for private in [phone, phone[1:], twilio.TOKEN]:
            assert private not in shown, shown
        cluster.ctl("incident", "ack", incident, "--by", primary)

        texts_go_to(twilio.LOST)
        lost = world.alert("SEV-1", "a number that is out of order")
        sms = eventually("the SMS", 20, lambda: world.taken("twilio", lost, To=twilio.LOST), pause=0.2)[0]
        call = eventually("the call", 30, lambda: [
            line for line in world.taken("twilio", lost) if line["path"].endswith("/Calls.json")], pause=0.2)[0]
        forward = (call["at_ms"] - sms["at_ms"]) / 1000
        assert forward < 30, forward
        return f"receipts in the wrong order kept in theirs; the call {forward:.1f} s after a text that could not be delivered"


ALL = [killed_around_a_text_it_comes_once, what_becomes_of_a_page_is_known]
LONG = [killed_around_a_provider_call_nothing_is_lost]
