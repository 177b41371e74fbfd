"""How somebody is reached, from a terminal: a test page to somebody else, an address that goes, and a provider that may be asked seldom."""
import re

from cluster import Cluster, eventually


def channels(cluster, incident):
    listed = cluster.json("page", "list", "--incident", incident).get("deliveries", [])
    return {one["channel"] for one in listed if not one["channel"].startswith("#")}


def a_test_page_reaches_somebody_and_an_address_that_goes_is_used_no_more(binaries):
    with Cluster(binaries) as cluster:
        primary = cluster.primary()
        cluster.ctl("page", "test", primary, "--channel", "sms", "--by", "tara")

        def tests():
            return [body for body in cluster.receiver.received() if body["person"] == primary and "Tocsin's test of" in body["text"]]

        page = eventually("the test page", 20, tests)
        assert [body["channel"] for body in page] == ["sms"], page
        code = re.search(r"your code is ((?:\d ?){6})", page[0]["text"])[1].replace(" ", "")
        shown = cluster.ctl("ready", "confirm", code, "--by", primary, "--utc")
        assert re.search(r"^sms +- +\w", shown, re.M), shown

        cluster.ctl("contact", "remove", "sms", "--by", primary)
        left = [method["channel"] for method in cluster.json("contact", "show", primary)["contacts"][0]["methods"]]
        assert sorted(left) == ["email", "push", "slack", "voice"], left
        assert cluster.ctl("contact", "remove", "sms", "--by", primary, check=False).returncode != 0
        cluster.ctl("alert", "send", "--severity", "SEV-1", "--service", "redis", "--key", "reach", "no primary is left")
        incident = eventually("the incident", 10, lambda: [
            one for one in cluster.json("incident", "list").get("incidents", []) if "no primary is left" in one["summary"]])[0]["id"]
        eventually("the page", 20, lambda: {"push"} <= channels(cluster, incident))
        assert channels(cluster, incident) == {"push", "voice"}, channels(cluster, incident)

        cluster.ctl("contact", "remove", "push", "--by", primary)
        last = cluster.ctl("contact", "remove", "voice", "--by", primary, check=False)
        assert last.returncode != 0, f"nothing that makes a sound is left: {last}"
        return f"{primary} confirmed a test page by SMS and is paged by push and voice"


def what_waits_for_its_provider_is_shown(binaries):
    """A provider that may be asked once an hour: RATE says so and when it is next, WAITING how many messages that holds up."""
    with Cluster(binaries) as cluster:
        config = cluster.shipped()
        (config / "watch.yaml").unlink()
        contacts = (config / "contacts.yaml").read_text()
        route = f"provider: webhook, url: \"http://127.0.0.1:{cluster.receiver.port}/\", secret-file: {cluster.receiver.secret}"
        contacts = contacts.replace("  push: console", f"  push: {{ {route}, rate: 1/h }}", 1)
        (config / "contacts.yaml").write_text(contacts.replace(": console", f": {{ {route} }}"))
        cluster.ctl("apply", "-f", config)
        for service in ["redis", "postgres", "aion-web-api"]:
            cluster.ctl("alert", "send", "--severity", "SEV-2", "--service", service, "--key", service, "it is slow")
        row = r"^push +webhook +\d+ +\d+ +\d+ +\d+ +1 in [^,]+, next \d\d:\d\d:\d\d +([1-9]\d*) "
        waiting = eventually("what waits", 20, lambda: re.search(row, cluster.ctl("channel", "status"), re.M))
        told = next(one for one in cluster.json("channel", "status")["channels"] if one["channel"] == "push")
        assert int(told["rate"]["messages"]) == 1 and int(told["waiting"]) >= 1, told
        return f"{waiting[1]} waiting"


ALL = [a_test_page_reaches_somebody_and_an_address_that_goes_is_used_no_more, what_waits_for_its_provider_is_shown]
