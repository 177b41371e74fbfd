"""The promises of compose/compose.yaml, held against real containers. Python's standard library and the engine's commands."""
import argparse
import sys
import time

import day
from account import Account, eventually
from deployment import TIERS, Deployment, Missing

LIMIT_MB = 150


def step(words):
    print(f"-- {words}", flush=True)


def the_image_is_small_and_nobodys_root(deployment, is_release):
    added = deployment.image_bytes() / 1e6
    assert not is_release or added < LIMIT_MB, f"the image adds {added:.0f} MB to its base; {LIMIT_MB} are allowed"
    for tier in TIERS:
        told = deployment.inside(tier, "sh", "-c", "id -u; touch /x 2>&1; touch /opt/tocsin/x 2>&1; touch /data/x && rm /data/x")
        assert told.splitlines()[0] == "10001", told
        assert told.count("Read-only file system") == 2, told
    step(f"the image adds {added:.0f} MB to debian:bookworm-slim; tiers run as user 10001 and can write only /data and /tmp")


def each_container_is_bounded(deployment):
    """As the engine has it, and as the kernel has it."""
    for service in [*TIERS, "gateway"]:
        held = deployment.inspect(service)["HostConfig"]
        assert held["Memory"] == 512 << 20, f"{service}: {held['Memory']}"
        assert held["PidsLimit"] == 256, f"{service}: {held['PidsLimit']}"
        assert held["ReadonlyRootfs"] is True and held["CapDrop"], f"{service}: {held['ReadonlyRootfs']}, {held['CapDrop']}"
        may = deployment.inside(service, "sh", "-c", "grep -E 'Cap(Eff|Bnd|Prm)|NoNewPrivs' /proc/1/status")
        assert may.count("0000000000000000") == 3 and "NoNewPrivs:\t1" in may, f"{service}: {may}"
    step("each container has 512 MiB, 256 processes, a read-only root and no capability")


def only_the_gateway_has_its_certificate(deployment):
    found = "find / -xdev -name tls.key; find /etc/tocsin -name tls.key; true"
    for service in [*TIERS, "gateway"]:
        has = "tls.key" in deployment.inside(service, "sh", "-c", f"{{ {found}; }} 2>/dev/null")
        assert has == (service == "gateway"), f"{service}: the key of the gateway's certificate is {'' if has else 'not '}there"
    step("the key of the gateway's certificate is in no other container")


def a_prometheus_has_the_figures_of_all(deployment):
    """With the shipped configuration, which asks the gateway for the figures of all."""
    eventually("a Prometheus on the network for monitoring reaches the gateway", 40, lambda: deployment.monitored()[0] == 1)
    everybody = {*TIERS, "gateway"}
    eventually("it has everybody's figures", 40, lambda: deployment.monitored()[1] == everybody)
    assert not deployment.monitored()[2], f"alarms of a cluster that is well: {deployment.monitored()[2]}"
    step("a Prometheus with the shipped configuration has the figures of each tier and the gateway; no alarm rings")


def figures_are_shown_to_monitoring_alone(deployment):
    for tier, number in TIERS.items():
        def opens(net, number=number):
            knock = f"exec 3<>/dev/tcp/{net}.{number}/9171"
            return "refused" not in deployment.inside("notifier", "timeout", "5", "bash", "-c", knock, check=False)
        assert opens(deployment.monitoring_net), f"{tier} shows monitoring nothing"
        assert not opens(deployment.net), f"{tier} shows its figures on the tiers' network too"
    step("each tier shows its figures on the network for monitoring, and nowhere else")


def pages_can_be_answered(deployment):
    """The notifier's own word for a link that no page had: nobody else's 404."""
    status, page = deployment.answered("/answer/1.email.9.2f-1~2fana~2f1.0123abcd")
    assert status == 404 and "This link leads nowhere" in page, f"{status}: {page}"
    assert deployment.answered("/")[0] == 404
    step("the published port of callbacks reaches the notifier")


def the_gateway_takes_webhooks(deployment):
    eventually("the gateway is healthy", 30, lambda: deployment.is_healthy("gateway"))
    assert deployment.posted(1)[0] == 200 and f"{1:016x}" in deployment.known("alertmanager")
    step("an Alertmanager's webhook at the published port is on disk at intake")


def contact_keys_lie_apart_from_the_journal(deployment):
    deployment.inside("notifier", "test", "-s", "/contact-keys/contact-keys")
    deployment.inside("notifier", "test", "!", "-e", "/data/contact-keys")
    step("the keys of people's addresses are in another volume than the journal")


def every_tier_is_healthy(deployment, seconds=60):
    """By the health checks of compose.yaml itself, run by hand: an engine without timers runs none."""
    for tier in TIERS:
        eventually(f"{tier} is healthy", seconds, lambda tier=tier: deployment.is_healthy(tier))


def nothing_was_lost(deployment, account, when):
    deployment.enough()
    accepted = account.accepted()
    missing = []

    def all_paged():
        paged = account.paged()
        missing[:] = sorted(set(accepted) - paged)
        return not missing

    try:
        eventually("every accepted alert is paged", 120, all_paged)
    except AssertionError:
        raise AssertionError(f"{len(missing)} of {len(accepted)} accepted alerts were never paged: {missing[:8]}") from None
    silent, marked, forged = account.repeats()
    assert not silent, f"handed over again without a word: {silent[:8]}"
    assert not forged, f"{forged} requests were not signed well"
    step(f"{when}: {len(accepted)} accepted, each paged; {marked} marked as possible repeats, none without a word")
    return len(accepted)


def a_day_by_the_operating_guide(deployment, account):
    deployment.source(first=150_000)
    for part in [day.what_is_silenced_pages_nobody, day.a_sources_key_is_rotated, day.everybody_is_signed_out, day.a_tier_is_upgraded_and_goes_back]:
        part(deployment, account)
        step(f"by the operating guide: {part.__name__.replace('_', ' ')}")
    nothing_was_lost(deployment, account, "after a day by the operating guide")


def a_disk_that_is_gone_comes_back_from_a_backup(deployment, account):
    """The runbook of compose/README.md, word for word, for each tier in turn."""
    deployment.backup()
    verified = deployment.backup("tocsinctl", "backup", "verify", "/backups/tocsin")
    assert "every row is what was written" in verified, verified
    day.a_copy_put_aside_is_whole(deployment)
    for place, tier in enumerate(TIERS):
        deployment.lose_disk(tier)
        told = deployment.backup("tocsinctl", "restore", tier, "--from", "/backups/tocsin", "--data", f"/tiers/{tier}")
        assert "rows are restored" in told and "PUT THE CONTACT KEYS BACK" not in told, told
        deployment.up(tier)
        eventually(f"{tier} is back from a backup", 60, lambda: deployment.is_healthy(tier))
        deployment.compose("run", "--rm", "configuration")
        deployment.inside(tier, "tocsinctl", "hand-over-again", tier)
        deployment.backup("tocsinctl", "backup", "missing", tier, "--from", "/backups/tocsin")
        before = set(account.accepted())
        deployment.source(first=200_000 + 10_000 * place)
        eventually("alerts are accepted after a restore", 60, lambda: len(account.accepted()) >= len(before) + 5)
        deployment.enough()
        eventually("each of them is paged", 120, lambda: set(account.accepted()) - before <= account.paged())
        deployment.backup()
    step("each tier's volume removed and restored from a backup by the job for it")


def a_second_intake_takes_over(deployment, account):
    """The operating guide's way from one intake to two; then a source has both addresses, and the first is gone."""
    deployment.several_intakes()
    for tier in [*TIERS, "alert-intake-2", "gateway"]:
        eventually(f"{tier} is healthy", 60, lambda tier=tier: deployment.is_healthy(tier))
    first, second = (set(name.split("=")[0] for name in deployment.inspect(tier)["Config"]["Env"]) for tier in ("alert-intake", "alert-intake-2"))
    assert first == second, f"what one intake is told and the other isn't: {first ^ second}"
    told = deployment.compose("run", "--rm", "configuration").stdout
    assert "alert-intake-2" in told, told
    deployment.source(first=300_000)
    before = len(account.accepted())
    eventually("alerts are accepted", 30, lambda: len(account.accepted()) >= before + 5)
    deployment.remove("alert-intake")
    gone = len(account.accepted())
    # Each alert is sent by a process of its own, which asks the first one first.
    eventually("the second takes them", 20, lambda: len(account.accepted()) >= gone + 5)
    status, took = deployment.posted(2)
    assert status == 200 and took < 2, f"the gateway with one of two intakes: {status} after {took:.1f} s"
    assert any(one[2:5] == "-2-" for one in account.accepted()), "the second intake's ids say whose they are"
    deployment.up("alert-intake")
    eventually("the first is back", 60, lambda: deployment.is_healthy("alert-intake"))
    assert {f"{number:016x}" for number in (1, 2)} <= deployment.known("alertmanager")
    nothing_was_lost(deployment, account, "with a second intake, the first one gone for a while")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "--prebuilt", nargs="?", const=".build/release", metavar="FOLDER",
        help="with the programs that are built already, in .build/release if nothing else is said")
    parser.add_argument("--keep", action="store_true", help="leave the containers for a look")
    options = parser.parse_args()
    began = time.monotonic()
    try:
        deployment = Deployment(prebuilt=options.prebuilt)
    except Missing as missing:
        sys.exit(f"Tests/containers: {missing}")
    try:
        step(f"{deployment.engine}; {' '.join(deployment.compose_command)}")
        deployment.check_files(step)
        step(f"images built in {deployment.build():.0f} s")
        deployment.up()
        account = Account(deployment.folder)
        deployment.configured()
        every_tier_is_healthy(deployment)
        step("up: every tier is healthy, the configuration is applied")
        the_image_is_small_and_nobodys_root(deployment, is_release=options.prebuilt in (None, ".build/release"))
        a_prometheus_has_the_figures_of_all(deployment)
        each_container_is_bounded(deployment)
        only_the_gateway_has_its_certificate(deployment)
        figures_are_shown_to_monitoring_alone(deployment)
        pages_can_be_answered(deployment)
        the_gateway_takes_webhooks(deployment)
        contact_keys_lie_apart_from_the_journal(deployment)

        deployment.source()
        eventually("alerts are accepted from a container", 30, lambda: len(account.accepted()) >= 5)
        for tier in TIERS:
            deployment.end_process(tier)
            eventually(f"{tier} is started again when it ends", 60, lambda tier=tier: deployment.is_healthy(tier))
        step("each tier's process killed: each is started again by its engine")
        for tier in TIERS:
            deployment.remove(tier)
            deployment.up(tier)
            eventually(f"{tier} is back", 60, lambda tier=tier: deployment.is_healthy(tier))
        step("each tier's container killed, removed and made anew from its volume")
        for tier in TIERS:
            networks = deployment.cut(tier)
            assert not deployment.is_healthy(tier), f"{tier} has no network and says that it is healthy"
            time.sleep(8)
            deployment.mend(tier, networks)
            eventually(f"{tier} is reached again", 60, lambda tier=tier: deployment.is_healthy(tier))
        step("each tier cut off the network for 8 s and more")
        nothing_was_lost(deployment, account, "after 4 kills, 4 recreations and 4 cuts")

        took = deployment.stop()
        assert max(took.values()) < 2, f"slow to stop: {took}"
        deployment.up()
        every_tier_is_healthy(deployment)
        before = len(account.accepted())
        deployment.source(first=100_000)
        eventually("alerts are accepted after a stop and a start", 60, lambda: len(account.accepted()) >= before + 5)
        nothing_was_lost(deployment, account, f"stopped (the slowest in {max(took.values()):.1f} s) and started")
        a_day_by_the_operating_guide(deployment, account)
        a_disk_that_is_gone_comes_back_from_a_backup(deployment, account)
        a_second_intake_takes_over(deployment, account)
    except BaseException:
        deployment.tell_logs()
        raise
    finally:
        if not options.keep:
            deployment.down()
    print(f"passed in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
