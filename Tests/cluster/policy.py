"""What a policy demands of the cluster, computed from the folder of its configuration alone: the outside's account of who must
hear what by when. Shares no code with the tiers. Times are minutes unless they say otherwise."""
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import yaml

TIERS = {"primary": 1, "secondary": 2, "tertiary": 3, "executives": 4}


def minutes(text):
    """"1h" -> 60; None for times that no test waits for."""
    found = re.fullmatch(r"(\d+)([mhd])", str(text))
    return int(found[1]) * {"m": 1, "h": 60, "d": 1440}[found[2]] if found else None


@dataclass
class Demand:
    """Somebody must hear of an incident by a channel: not before `due`, and not later than the policy says by more than
    `hops` times what each step may take."""
    person: str
    channel: str
    due: float
    latest: float
    hops: int


class Policy:
    def __init__(self, at_ms, config):
        documents = [document for path in sorted(config.glob("*.yaml"))
                     for document in yaml.safe_load_all(path.read_text()) if document]
        self.severities = next(d for d in documents if d["kind"] == "Policy")["severities"]
        self.ladder = [(rule["by"], minutes(rule["after"]))
                       for rule in next(d for d in documents if d["kind"] == "Defaults")["personal-rules"]]
        self.contacts = next(d for d in documents if d["kind"] == "Contacts")["contacts"]
        team = next(d for d in documents if d["kind"] == "Team")
        self.people = {4: team["executives"]}
        self.rotations = {d["id"]: d for d in documents if d["kind"] == "Rotation"}
        for rotation in self.rotations.values():
            self.people[TIERS[rotation["tier"]]] = [self._holder(rotation, at_ms)]

    def _holder(self, rotation, at_ms):
        """While everybody is there, which is so in these tests: turns go round, and who follows has the next one."""
        if "follows" in rotation:
            return self._holder(self.rotations[rotation["follows"]], at_ms + 7 * 86_400_000)
        start = datetime.fromisoformat(str(rotation["starts"])).replace(tzinfo=timezone.utc)
        while f"{start:%A} 00:00" != rotation["handoff"]:
            start += timedelta(days=1)
        weeks = (datetime.fromtimestamp(at_ms / 1000, timezone.utc) - start).days // 7
        turn = weeks // int(str(rotation.get("turn", "1 shift")).split()[0])
        members = rotation["members"]
        return members[(members.index(rotation["first"]) + turn) % len(members)]

    def primary(self):
        return self.people[1][0]

    def demands(self, severity, until):
        """All that must be heard while nobody answers, up to `until` minutes after the alert."""
        rule = self.severities[f"SEV-{severity}"]
        answer, chain = rule["acknowledge"], rule["chain"]
        second = min(m for m in (minutes(answer["maximum"]), minutes(answer.get("secondary-after"))) if m)
        further, top = minutes(answer["each-further-tier"]), TIERS[chain["top-tier"]]
        found, start, hops = [], 0, 0
        while start < until:
            found += self._ladder(severity, 1, start, hops, before=minutes(answer["target"]) if start == 0 else None)
            if start == 0:
                found.append(Demand(self.primary(), "push", minutes(answer["target"]), minutes(answer["target"]), 1))
            at, tier, hops = start + second, 2, hops + 1
            while tier <= top:
                found += self._ladder(severity, tier, at, hops)
                if tier == 2 and chain.get("tertiary-with-secondary") and top >= 3:
                    tier = 3
                    found += self._ladder(severity, tier, at, hops)
                at, tier, hops = at + further, tier + 1, hops + 1
            start, hops = at + minutes(chain["restart-after"]), hops + 1
        return [demand for demand in found if demand.latest < until]

    def earliest(self, severity):
        """From when on each person may be paged with the duty to answer."""
        first = {}
        for demand in self.demands(severity, 24 * 60):
            first[demand.person] = min(first.get(demand.person, demand.due), demand.due)
        return first

    def quiet_until(self, severity, answered):
        """When an acknowledged incident makes itself heard again: the investigation that is due is reminded of."""
        rule = self.severities[f"SEV-{severity}"]
        base = 0 if rule["investigate"]["of"] == "alert" else answered
        return base + minutes(rule["investigate"]["within"]) - minutes(rule["updates"]["remind-before"])

    def _ladder(self, severity, tier, start, hops, before=None):
        rule = self.severities[f"SEV-{severity}"]
        steps = self.ladder if rule["page-by"] == "personal-rules" else [(channel, 0) for channel in rule["page-by"]]
        for person in self.people[tier]:
            for channel, after in self._by_contact_rules(person, severity, steps):
                # At the target a reminder by every channel takes the ladder's place; after an outage the ladder begins anew.
                latest = after if before is None or after < before else before + after
                if before is None or after <= before:
                    yield Demand(person, channel, start + after, start + latest, hops)

    def is_open(self, person, channel, severity):
        """Whether a severity may use a channel of the person's, or they keep it for others (only-for)."""
        kept = self.contacts.get(person, {}).get("only-for", {}).get(channel)
        return kept is None or f"SEV-{severity}" in (kept if isinstance(kept, list) else [kept])

    def _by_contact_rules(self, person, severity, steps):
        """A channel that isn't open gives its time to the next step that is, or else to a channel of the person's that no
        step names."""
        named = [channel for channel, _ in steps]
        spare = [channel for channel in ("push", "sms", "voice", "email", "slack") if channel in self.contacts[person]
                 and channel not in named and self.is_open(person, channel, severity)]
        left, found = list(steps), []
        while left:
            channel, after = left.pop(0)
            if not self.is_open(person, channel, severity):
                following = [step for step in left if self.is_open(person, step[0], severity)]
                if following:
                    left.remove(following[0])
                    channel = following[0][0]
                elif spare:
                    channel = spare.pop(0)
                else:
                    continue
            found.append((channel, after))
        return found
