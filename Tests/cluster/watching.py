"""The tiers watch each other: one that is lost pages, and where that can't be, the fallback webhook hears of it (I6)."""
import json

from cluster import Cluster, eventually
from endurance import HangingDisk


def watching(cluster):
    """Tiers that give each other two seconds, and call the test's receiver when that is over."""
    url = f"http://127.0.0.1:{cluster.receiver.port}/fallback"
    for tier in ["alert-intake", "scheduler", "escalator", "notifier"]:
        cluster.extra[tier] = ["--peer-lost-after", "2", "--fallback-webhook", url]
    return cluster


def fallbacks(cluster):
    """(event, tier that says so, tier that is lost), in order."""
    bodies = [json.loads(line["body"]) for line in cluster.receiver.requests() if line["path"] == "/fallback"]
    return [(body["event"], body["tier"], body["peer"]) for body in bodies]


def about(cluster, words, state=None):
    found = cluster.json("incident", "list", "--all").get("incidents", [])
    return [one for one in found if words in one["summary"] and (state is None or one["state"].endswith(state))]


def a_lost_tier_pages_and_is_over_when_it_is_back(binaries):
    with watching(Cluster(binaries)) as cluster:
        for tier, teller in [("scheduler", "alert-intake"), ("alert-intake", "escalator")]:
            words = f"{tier} can't be reached from {teller}"
            cluster.kill(tier)
            eventually(f"the page about {tier}", 15, lambda: about(cluster, words, "TRIGGERED"))
            incident = about(cluster, words)[0]
            eventually("a page that went out", 10, lambda: cluster.json("page", "list", "--incident", incident["id"]).get("deliveries"))
            eventually("the fallback", 10, lambda: ("lost", teller, tier) in fallbacks(cluster))
            cluster.start(tier)
            eventually(f"the end of {incident['id']}", 15, lambda: about(cluster, words, "RESOLVED"))
            eventually("the fallback's end", 10, lambda: ("back", teller, tier) in fallbacks(cluster))
        return f"{len(fallbacks(cluster))} words to the fallback"


def a_lost_notifier_is_told_of_by_the_fallback_webhook(binaries):
    """Nobody can be paged then: the tiers that need it call the webhook, and an incident waits for it."""
    with watching(Cluster(binaries)) as cluster:
        cluster.kill("notifier")
        eventually("word of both tiers that need it", 15, lambda: {
            ("lost", "escalator", "notifier"), ("lost", "scheduler", "notifier")} <= set(fallbacks(cluster)))
        eventually("the incident", 5, lambda: about(cluster, "notifier can't be reached from escalator", "TRIGGERED"))
        cluster.start("notifier")
        eventually("its end", 15, lambda: about(cluster, "notifier can't be reached from escalator", "RESOLVED"))


def a_lost_escalator_is_told_of_by_every_tier_that_needs_it(binaries):
    with watching(Cluster(binaries)) as cluster:
        cluster.kill("escalator")
        eventually("word of three tiers", 15, lambda: {
            ("lost", tier, "escalator") for tier in ["alert-intake", "scheduler", "notifier"]} <= set(fallbacks(cluster)))
        eventually("intake's alert", 5, lambda: "escalator can't be reached" in cluster.ctl("alert", "list"))
        cluster.start("escalator")
        eventually("its end", 15, lambda: "escalator can't be reached" not in cluster.ctl("alert", "list"))



def a_tier_that_does_not_serve_is_lost_too(binaries):
    """All are connected and their disks hang: nothing is answered OK, and each tells of the others by the webhook."""
    disk = HangingDisk()
    with watching(Cluster(binaries, environment=disk.environment)) as cluster:
        with disk:
            eventually("word of the escalator", 20, lambda: ("lost", "escalator", "alert-intake") in fallbacks(cluster))
        eventually("its end", 20, lambda: about(cluster, "alert-intake can't be reached", "RESOLVED"))


ALL = [
    a_lost_tier_pages_and_is_over_when_it_is_back, a_lost_notifier_is_told_of_by_the_fallback_webhook,
    a_lost_escalator_is_told_of_by_every_tier_that_needs_it, a_tier_that_does_not_serve_is_lost_too,
]
