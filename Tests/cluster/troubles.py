"""Providers in every kind of trouble at once (requirement N3): the person's next channel comes within 30 s, nothing is lost, and nothing
comes more than twice.

Each kind of trouble has a person of its own, whose rules name the channel in trouble first and a text message or call four minutes later:
one that comes sooner was brought forward. All of them are asked to the same incident, so that every trouble is there at the same time."""
import json
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from answers import AnswerableWorld
from channels import PASSWORD, OtherWorld, user_key
from cluster import ROOT, Receiver, bodies_of, eventually, json_lines

# Requirement N3, in seconds of the policy's time. The tiers run at the clock's speed here, so that it is the receiver's time too.
NEXT_WITHIN = 30
# How long the slowest is at it: a mail server that never answers has 20 s, twice.
OVER_AFTER = 47
# What the fixtures of the public providers can be made to do, and how often a page may arrive there all the same: once more, marked,
# where nobody can be asked whether it is there.
KINDS = {"500": 0, "429": 0, "hang": 0, "accept-then-timeout": 2}
ASKED = {**KINDS, "accept-then-timeout": 1}


class Trouble:
    """One provider's trouble with one person.

    taken: how often their page may arrive there all the same. next: whether the next channel has to be brought forward, which is a
    text message, or a call where that is what is in trouble."""

    def __init__(self, number, provider, channel, kind, taken=0, address=None, next=True):
        self.provider, self.channel, self.kind, self.taken, self.next = provider, channel, kind, taken, next
        self.person = f"{provider}{number}"
        self.address = address or self.person
        self.other = "voice" if channel == "sms" else "sms"
        self.number = f"+120255502{number:02}"

    def __str__(self):
        return f"{self.provider} {self.kind}"


def each(first, provider, channel, kinds, address=lambda number, kind: None, **more):
    """A person for each kind of trouble, numbered from the first."""
    return [Trouble(first + number, provider, channel, kind, taken, address(number, kind), **more)
            for number, (kind, taken) in enumerate(kinds.items())]


class Troubled:
    """What a world with such people has besides. They enter the rotation behind the weeks that are published already, so that their
    team knows them."""

    def configure(self):
        super().configure()
        config = self.cluster.folder / "config"
        team, rotations, contacts = (config / f"{name}.yaml" for name in ("team", "rotations", "contacts"))
        people = "".join(f"  {one.person}: {{ name: {one.person.capitalize()}, role: engineer }}\n" for one in self.troubles)
        addresses = "".join(
            f"  {one.person}:\n    {one.other}: \"{one.number}\"\n    {one.channel}: \"{one.address}\"\n"
            f"    rules:\n      - {{ by: {one.channel}, after: 0m }}\n      - {{ by: {one.other}, after: 4m }}\n" for one in self.troubles)
        team.write_text(team.read_text().replace("\npeople:\n", f"\npeople:\n{people}", 1))
        members = ", ".join(one.person for one in self.troubles)
        rotations.write_text(rotations.read_text().replace("gus, hal]", f"gus, hal, {members}]"))
        contacts.write_text(contacts.read_text().replace("\ncontacts:\n", f"\ncontacts:\n{addresses}", 1))
        self.cluster.ctl("apply", "-f", config)

    def begin(self):
        """Pages all of them. The trouble of a public provider is made here; others know it by the address."""
        for one in self.troubles:
            if one.provider not in ("smtp", "webhook"):
                self.trouble(one.provider, one.kind, about=one.address, retry_after=3600)
        self.incident = self.alert("SEV-1", "every provider is in trouble")
        asking = ["incident", "ask", self.incident, *[one.person for one in self.troubles], "--by", self.cluster.primary()]

        def asked():
            self.began = time.time()
            return self.cluster.ctl(*asking, check=False).returncode == 0

        eventually("the escalator's knowing them", 10, asked)

    def others(self, one):
        """What came by the next channel."""
        kind = {"sms": "/Messages.json", "voice": "/Calls.json"}[one.other]
        return [line for line in self.taken("twilio", self.incident, To=one.number) if line["path"].endswith(kind)]

    def check(self):
        """Returns by which kind of trouble how long the next channel took, and how often what it may have taken came."""
        for one in self.troubles:
            if one.next:
                eventually(f"the next channel in spite of {one}", NEXT_WITHIN + 5, lambda: self.others(one))
        time.sleep(max(0, self.began + OVER_AFTER - time.time()))
        said = []
        for one in self.troubles:
            others, came = self.others(one), self.came(one)
            assert len(others) == one.next, f"{one}: {len(others)} by {one.other}"
            after = others[0]["at_ms"] / 1000 - self.began if others else 0
            assert after <= NEXT_WITHIN, f"{one}: the next channel came after {after:.1f} s"
            assert min(1, one.taken) <= len(came) <= one.taken, f"{one}: came {len(came)} times: {came}"
            if len(came) == 2:
                first, second = came
                assert first[0] == second[0], f"{one}: came twice by different keys: {came}"
                assert "(possible repeat)" not in first[1] and "(possible repeat)" in second[1], f"{one}: {came}"
            said.append((str(one), after, len(came)))
        self.cluster.ctl("incident", "resolve", self.incident, "--by", self.cluster.primary())
        return said

    def came(self, one):
        """(by which its provider could tell that it is the same, its words) of each page that the provider has taken."""
        return [("", json.dumps(line["fields"])) for line in self.asked(one.provider, self.incident)
                if line["method"] == "POST" and line["status"] in (200, 201) and one.address in json.dumps(line["fields"])]


class Public(Troubled, AnswerableWorld):
    """ntfy, Slack and Twilio's texts and calls: each can be asked what it has."""

    troubles = [
        *each(10, "ntfy", "push", ASKED),
        *each(20, "slack", "slack", ASKED, lambda number, _: f"U024BE7Y{'ABCD'[number]}"),
        *each(30, "twilio", "voice", {"500": 0, "429": 0, "hang": 0}, lambda number, _: f"+1202555013{number}"),
        *each(36, "twilio", "sms", {"500": 0, "429": 0, "hang": 0}, lambda number, _: f"+1202555014{number}"),
        # That a text or call was taken Twilio tells by itself, before its answer is given up: the next channel waits for its time.
        *each(33, "twilio", "voice", {"accept-then-timeout": 1}, lambda *_: "+12025550133", next=False),
        *each(39, "twilio", "sms", {"accept-then-timeout": 1}, lambda *_: "+12025550143", next=False),
    ]


class Others(Troubled, OtherWorld):
    """Pushover, mail and the signed webhook, which can't be asked what they have."""

    troubles = [
        *each(40, "pushover", "push", KINDS, lambda number, _: user_key(f"pushover{number}")),
        # 451, 421 and 550; cut off before the letter and after it; never answered, with the letter and without.
        *each(50, "smtp", "email", {"greylisted": 0, "busy": 0, "unknown": 0, "cut-before": 0, "cut": 2, "hang": 2, "mute": 0},
              lambda _, kind: f"{kind}@mail.example"),
        # It writes down what it gets before there is no answer.
        *each(60, "webhook", "slack", {"/status/503": 0, "/status/429?retry-after=3600": 0, "/hang": 2, "/drop": 2}, lambda _, kind: kind),
    ]

    post = None

    def __enter__(self):
        self.hooks = Receiver(self.cluster.folder, "hooks", options=["--by-address"])
        return super().__enter__()

    def __exit__(self, *arguments):
        self.hooks.stop()
        if self.post:
            self.post.kill()
            self.post.wait()
        super().__exit__(*arguments)

    def routes(self):
        self.letters = self.cluster.folder / "letters.jsonl"
        self.post = subprocess.Popen(
            [sys.executable, "-B", ROOT / "Tests/fixtures/smtp_server.py", "--out", self.letters, "--certificate", self.mailbox.ca,
             "--key", self.cluster.folder / "mail-key.pem", "--user", "tocsin", "--password", PASSWORD, "--stop-with-stdin"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        routes = super().routes()
        port = int(self.post.stdout.readline())
        return {
            **routes, "email": re.sub(r"smtp://localhost:\d+", f"smtp://localhost:{port}", routes["email"]),
            "slack": f'{{ provider: webhook, url: "http://127.0.0.1:{self.hooks.port}/", secret-file: {self.hooks.secret} }}'}

    def came(self, one):
        if one.provider == "webhook":
            # What is answered by an error is asked again and again, and not taken.
            return [(body["id"], body["text"]) for _, body in bodies_of(self.hooks.requests())
                    if body["address"] == one.address and body["incident"] == self.incident and "/status/" not in one.address]
        if one.provider == "smtp":
            letters = json_lines(self.letters)
            return [(dict(letter["headers"])["Message-ID"], letter["body"]) for letter in letters
                    if letter["to"] == one.address and self.incident in letter["subject"] + letter["body"] and not letter["refused"]]
        return super().came(one)


def trouble_of_every_kind_costs_one_repeat_at_most(binaries):
    """Every public provider and every kind of trouble, with the real executables: errors, limits, silence, what is taken in silence."""
    with Public(binaries) as public, Others(binaries) as others, ThreadPoolExecutor() as hands:
        for world in (public, others):
            world.begin()
        said = sum(hands.map(lambda world: world.check(), (public, others)), [])
    assert any(count == 2 for _, _, count in said), "nothing came twice: was there any doubt?"
    latest = max(said, key=lambda one: one[1])
    twice = ", ".join(name for name, _, count in said if count == 2)
    return f"{len(said)} troubles; the next channel came after {latest[1]:.1f} s at the latest ({latest[0]}); twice by one key: {twice}"


ALL = [trouble_of_every_kind_costs_one_repeat_at_most]
