"""Storms become digests (N5): a hundred incidents for one person, and what reached them by the minute."""
import json
import re

from cluster import Cluster, eventually

SERVICES, INCIDENTS, PER_MINUTE = 20, 100, 5


def messages(cluster, person, channel):
    """What reached somebody: (when, the incidents that it tells, its words), a digest as one."""
    found = []
    for request in cluster.receiver.requests():
        try:
            body = json.loads(request["body"])
        except json.JSONDecodeError:
            continue
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


ALL = [a_hundred_incidents_for_one_person_are_few_messages_and_none_is_lost]
