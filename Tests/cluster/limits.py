"""Storms become digests (N5): a hundred incidents for one person, and what reached them by the minute."""
import re
import time

import journal
from answers import FORM, AnswerableWorld
from channels import member
from cluster import Cluster, bodies_of, eventually

SERVICES, INCIDENTS, PER_MINUTE = 20, 100, 5


def messages(cluster, person, channel):
    """What reached somebody: (when, the incidents that it tells, its words), a digest as one."""
    found = []
    for request, body in bodies_of(cluster.receiver.requests()):
        if body.get("person") == person and body.get("channel") == channel:
            incidents = {page["incident"] for page in body.get("pages", [body])}
            found.append((request["at_ms"], incidents, body["text"]))
    return sorted(found, key=lambda one: one[0])


def a_hundred_incidents_for_one_person_are_few_messages_and_none_is_lost(binaries):
    with Cluster(binaries) as cluster:
        primary = cluster.primary()
        for number in range(INCIDENTS):
            cluster.ctl("alert", "send", "--severity", "SEV-3", "--service", f"storm-{number % SERVICES}", "--class", f"kind_{number}",
                        "--key", f"storm/{number}", f"part {number} is gone")
        incidents = eventually("every incident", 20, lambda: (
            lambda found: found if len(found) >= INCIDENTS else None)([
                one for one in cluster.json("incident", "list", "--limit", "1000")["incidents"] if "is gone" in one["summary"]]))
        service = {one["id"]: one["service"] for one in incidents}
        held = eventually("word of what is held", 10, lambda: [
            pace for pace in cluster.json("channel", "status", "--people", "--person", primary).get("paces", []) if pace.get("held")])
        assert all(pace["pages_per_minute"] == PER_MINUTE and pace["taken"] <= PER_MINUTE for pace in held), held
        assert re.search(rf"{primary} +push, sms, voice +\d of 5 +\d+ +\d\d:\d\d", cluster.ctl("channel", "status", "--people"))
        wanted = set(service)
        eventually("every incident by push", 90, lambda: wanted <= set().union(
            *(told for _, told, _ in messages(cluster, primary, "push"))), pause=1)

        came = messages(cluster, primary, "push")
        seen, paced = set(), []
        for at, told, text in came:
            services = {service[one] for one in told if one in service}
            if not (len(told) == 1 and services - seen):
                paced.append(at)
            seen |= services
            if len(told) > 1:
                count = int(re.search(r"(\d+) incidents", text)[1])
                assert count == len(told), f"{count} are counted, {len(told)} are told: {text}"
        for at in paced:
            within = [other for other in paced if at <= other < at + 60_000]
            assert len(within) <= PER_MINUTE, f"{len(within)} messages within a minute, besides first pages"
        assert len(came) <= SERVICES + 2 * PER_MINUTE, f"{len(came)} messages"
        told = sum(len(told) for _, told, _ in came)
        assert told == INCIDENTS, f"{told} told, of {INCIDENTS}"
        listed = cluster.json("page", "list", "--limit", "1000")["deliveries"]
        words = [one["words"] for one in listed if one["channel"] == "push" and one.get("digest_of")]
        assert words and all("in a digest of" in one for one in words)
        assert "push" in cluster.ctl("channel", "status")
        return f"{len(came)} messages tell of {INCIDENTS} incidents; {len(words)} in digests"


class Stormy(AnswerableWorld):
    """A minute is six seconds here, and nobody gets more than one message in it besides first pages."""

    def __init__(self, binaries):
        super().__init__(binaries, rate=10)

    def addresses(self, text):
        return super().addresses(text).replace("kind: Contacts\n", "kind: Contacts\nlimits: { pages-per-minute: 1 }\n")

    def digests(self, primary):
        """The message about several incidents by push and by Slack: (what answers each incident, the whole)."""
        push = [(one["actions"], one) for one in (line["fields"] for line in self.taken("ntfy", topic=f"{primary}-phone"))
                if len(one.get("actions", [])) > 1 and "incidents" in one["title"]]
        slack = [(one["blocks"][1]["elements"], one) for one in (line["fields"] for line in self.taken("slack", channel=member(primary)))
                 if len(one.get("blocks", [])) > 1 and "incidents" in one["text"]]
        return (push[0], slack[0]) if push and slack else None


def each_incident_of_a_digest_is_answered_by_its_own_button(binaries):
    """Three incidents in one message: one is answered on the phone, the others in Slack, each alone. Shown again, by whomever, a button
    that is used up changes nothing, is on record, and is told of."""
    with Stormy(binaries) as world:
        cluster, phone = world.cluster, world.phone
        primary = cluster.primary()
        other = next(person for person in ("ana", "ben", "cai", "dee") if person != primary)
        back = f"{world.url}/services/follow-up"
        for number in range(5):
            cluster.ctl("alert", "send", "--severity", "SEV-3", "--service", "redis", "--class", f"kind_{number}", "--key",
                        f"digest/{number}", f"part {number} is gone")
        push, slack = eventually("both digests", 20, lambda: world.digests(primary))
        incidents = [action["label"].removeprefix("Acknowledge ") for action in push[0]]
        assert len(incidents) == 3 and [one["text"]["text"] for one in slack[0]] == [f"Acknowledge {one}" for one in incidents], (push, slack)
        links = [action["url"].removeprefix(phone.url) for action in push[0]]
        tokens = [one["value"] for one in slack[0]]
        states = lambda: [world.state(one) for one in incidents]

        for link in links:
            assert phone.ask("GET", link)[0] == 200 and phone.ask("HEAD", link)[0] == 200
        assert phone.ask("POST", links[0].replace(incidents[0], incidents[1]))[0] == 410, "a token of one incident answered another"
        assert phone.press(member(other), tokens[1], back, blocks=slack[1]["blocks"])[0] == 200
        eventually("the refusal in Slack", 5, lambda: world.asked("slack", "only they can answer it here"))
        assert states() == ["TRIGGERED"] * 3, states()

        status, shown, _ = phone.ask("POST", links[0], "", {"Content-Type": FORM})
        assert status == 200 and f"{incidents[0]}: acknowledged" in shown, (status, shown)
        assert states() == ["ACKNOWLEDGED", "TRIGGERED", "TRIGGERED"], states()
        for place in (1, 2):
            assert phone.press(member(primary), tokens[place], back, blocks=slack[1]["blocks"])[0] == 200
            follow = eventually("what came of it in Slack", 5, lambda: world.asked("slack", f"{incidents[place]}: acknowledged"))[0]
            assert not follow["fields"].get("replace_original"), "the buttons of the others are gone"
            assert states()[place:] == ["ACKNOWLEDGED"] + ["TRIGGERED"] * (2 - place), states()
        for incident, channel in zip(incidents, ["push", "slack", "slack"]):
            assert f"acknowledged by {primary} via {channel}" in world.timeline(incident)

        # The chain begins anew, and what answered its first page is shown again.
        again = incidents[0]
        cluster.ctl("incident", "resolve", again, "--by", primary)
        cluster.ctl("incident", "reopen", again, "--by", primary, "--reason", "it is back")
        time.sleep(6.5)  # a minute
        taken = world.answers()["taken"]
        for _ in range(4):
            status, shown, _ = phone.ask("POST", links[0], "", {"Content-Type": FORM})
            assert status == 410 and "answered before" in shown, (status, shown)
        assert phone.press(member(primary), tokens[0], back, blocks=slack[1]["blocks"])[0] == 200
        for where in [lambda: world.asked("slack", "may be replaying"), lambda: [
                one for one in world.mailbox.to(f"{primary}@aion.example") if "may be replaying" in one.get_content()]]:
            eventually("the alarm", 10, where)
        assert world.state(again) == "TRIGGERED", "a replay has silenced it"
        assert journal.holding(cluster.folder / "notifier", "it had answered its page before") == 5
        # Figures are a moment old.
        counted = eventually("seven refusals for monitoring", 5, lambda: (seen := world.answers())["refused"] >= 7 and seen)
        assert counted["taken"] == taken, counted
        return f"{len(incidents)} incidents by their own buttons, five replays refused, on record and told of"


ALL = [
    a_hundred_incidents_for_one_person_are_few_messages_and_none_is_lost, each_incident_of_a_digest_is_answered_by_its_own_button,
]
