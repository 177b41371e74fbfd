"""The tiers watch each other: one that is lost pages, and where that can't be, the fallback webhook hears of it (I6)."""

from cluster import Cluster, bodies_of, eventually
from endurance import HangingDisk


def address(cluster, name):
    """A file with where the test's receiver hears of it, as only the tier's user may read it."""
    file = cluster.folder / f"{name}.secret"
    file.write_text(f"http://127.0.0.1:{cluster.receiver.port}/{name}\n")
    file.chmod(0o400)
    return file


def watching(cluster):
    """Tiers that give each other two seconds, and call the test's receiver when that is over."""
    file = address(cluster, "fallback")
    for tier in ["alert-intake", "scheduler", "escalator", "notifier"]:
        cluster.extra[tier] = ["--peer-lost-after", "2", "--fallback-webhook-file", file]
    return cluster


def fallbacks(cluster):
    """(event, tier that says so, tier that is lost), in order."""
    return [
        (body["event"], body["tier"], body["peer"]) for request, body in bodies_of(cluster.receiver.requests())
        if request["path"] == "/fallback"]


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
    """Nobody can be paged then: every other tier calls the webhook, and one incident waits for it."""
    tellers = ["alert-intake", "scheduler", "escalator"]
    with watching(Cluster(binaries)) as cluster:
        cluster.kill("notifier")
        eventually("word of every other tier", 15, lambda: {
            ("lost", tier, "notifier") for tier in tellers} <= set(fallbacks(cluster)))
        eventually("the incident", 5, lambda: about(cluster, "notifier can't be reached from escalator", "TRIGGERED"))
        cluster.start("notifier")
        eventually("its end", 15, lambda: about(cluster, "notifier can't be reached from escalator", "RESOLVED"))
        eventually("word of its return", 10, lambda: {
            ("back", tier, "notifier") for tier in tellers} <= set(fallbacks(cluster)))
        assert len(about(cluster, "notifier")) == 1, "more than one incident is about the same loss"


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


WATCH = """
kind: Watch
people: [tara]
post: "#platform-alerts"
missing-after: 10s
severities: [SEV-1, SEV-2, SEV-3]
synthetic-every: 10s
synthetic-lost-after: 20s
"""


def beats(cluster):
    return [line for line in cluster.receiver.requests() if line["path"] == "/beat"]


def said(cluster, words, person=None):
    """Pages and posts that hold these words."""
    return [one for one in cluster.receiver.received()
            if words in one.get("text", "") and (person is None or one["person"] == person)]


def what_does_not_get_through_is_noticed_by_the_watch(binaries):
    """The escalator's timers stand still while its process lives; then it is gone, and what was accepted has no page."""
    with Cluster(binaries, watch=WATCH) as cluster:
        cluster.extra["notifier"] = ["--beat-url-file", address(cluster, "beat")]
        cluster.restart("notifier")
        eventually("a beat to the dead-man's switch", 30, lambda: beats(cluster))
        assert "the last synthetic alert came through" in cluster.ctl("health")
        seen = cluster.json("health")["tiers"]["notifier"]["end_to_end"]
        assert int(seen["took_ms"]) >= 1_000, f"it does not go by the escalator's timer: {seen}"

        cluster.kill("escalator")
        cluster.start("escalator", "--stop-timers")
        eventually("the escalator", 10, lambda: cluster.ctl("health", check=False).stdout.count("SERVING") >= 4)
        eventually("health that says so", 60, lambda: "MAY NOT GET THROUGH: synthetic" in cluster.ctl("health", check=False).stdout)
        before = len(beats(cluster))
        assert cluster.ctl("health", check=False).returncode != 0
        eventually("the page of the watch", 15, lambda: said(cluster, "no synthetic alert has come through", "tara"))
        assert len(beats(cluster)) == before, "the switch heard that all is well"
        cluster.restart("escalator")
        eventually("the end of it", 30, lambda: said(cluster, "RESOLVED The watch"))
        assert len(beats(cluster)) > before

        cluster.kill("escalator")
        cluster.ctl("alert", "send", "--severity", "SEV-1", "--service", "redis", "--key", "lost", "no primary")
        eventually("the page about the alert", 90, lambda: said(cluster, "no page for 1 accepted alert: SEV-1 redis: no primary", "tara"))
        cluster.start("escalator")
        eventually("its own page", 20, lambda: [one for one in said(cluster, "no primary") if one["incident"] != "watch"])
        eventually("the end of that", 40, lambda: len(said(cluster, "RESOLVED The watch")) == 2)
    return f"{before} beats before the timers stood still"


def a_proxy_is_not_asked_for_the_loopback_of_another_machine(binaries):
    """A notifier that has to reach its providers by a proxy still takes its own synthetic pages."""
    with Cluster(binaries, watch=WATCH, environment={"http_proxy": "http://127.0.0.1:1"}) as cluster:
        eventually("a synthetic page", 30, lambda: "the last synthetic alert came through" in cluster.ctl("health", check=False).stdout)
    return "with http_proxy set"


ALL = [
    a_proxy_is_not_asked_for_the_loopback_of_another_machine,
    what_does_not_get_through_is_noticed_by_the_watch,
    a_lost_tier_pages_and_is_over_when_it_is_back, a_lost_notifier_is_told_of_by_the_fallback_webhook,
    a_lost_escalator_is_told_of_by_every_tier_that_needs_it, a_tier_that_does_not_serve_is_lost_too,
]
