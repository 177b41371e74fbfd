"""The promises of compose/compose.yaml, held against real containers. Python's standard library and the engine's commands."""
import argparse
import sys
import time

from account import Account
from deployment import TIERS, Deployment, Missing

LIMIT_MB = 150


def step(words):
    print(f"-- {words}", flush=True)


def eventually(what, seconds, condition, pause=0.5):
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"did not happen within {seconds} s: {what}"
        time.sleep(pause)
    return value


def the_image_is_small_and_nobodys_root(deployment):
    added = deployment.image_bytes() / 1e6
    assert added < LIMIT_MB, f"the image adds {added:.0f} MB to its base; {LIMIT_MB} are allowed"
    for tier in TIERS:
        told = deployment.inside(tier, "sh", "-c", "id -u; touch /x 2>&1; touch /opt/tocsin/x 2>&1; touch /data/x && rm /data/x")
        assert told.splitlines()[0] == "10001", told
        assert told.count("Read-only file system") == 2, told
    step(f"the image adds {added:.0f} MB to debian:bookworm-slim; tiers run as user 10001 and can write only /data and /tmp")


def figures_are_shown_to_monitoring_alone(deployment):
    for tier, number in TIERS.items():
        def opens(net, number=number):
            knock = f"exec 3<>/dev/tcp/{net}.{number}/9171"
            return "refused" not in deployment.inside("notifier", "timeout", "5", "bash", "-c", knock, check=False)
        assert opens(deployment.monitoring_net), f"{tier} shows monitoring nothing"
        assert not opens(deployment.net), f"{tier} shows its figures on the tiers' network too"
    step("each tier shows its figures on the network for monitoring, and nowhere else")


def pages_can_be_answered(deployment):
    status, page = deployment.answered("/answer/1.email.9.2f-1~2fana~2f1.0123abcd")
    assert status == 200 and "<form method" in page, f"{status}: {page}"
    assert deployment.answered("/")[0] == 404
    step("the published port of callbacks reaches the notifier")


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


def a_disk_that_is_gone_comes_back_from_a_backup(deployment, account):
    """The runbook of compose/README.md, word for word, for each tier in turn."""
    deployment.backup()
    verified = deployment.backup("tocsinctl", "backup", "verify", "/backups/tocsin")
    assert "every row is what was written" in verified, verified
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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--prebuilt", action="store_true", help="with the programs in .build/release")
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
        the_image_is_small_and_nobodys_root(deployment)
        eventually("a Prometheus on the network for monitoring reaches each tier", 40, lambda: deployment.monitored()[0] == 4)
        assert not deployment.monitored()[1], f"alarms of a cluster that is well: {deployment.monitored()[1]}"
        step("a Prometheus with the shipped configuration reaches each tier; no alarm rings")
        figures_are_shown_to_monitoring_alone(deployment)
        pages_can_be_answered(deployment)
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
        assert max(took.values()) < 5, f"slow to stop: {took}"
        deployment.up()
        every_tier_is_healthy(deployment)
        before = len(account.accepted())
        deployment.source(first=100_000)
        eventually("alerts are accepted after a stop and a start", 60, lambda: len(account.accepted()) >= before + 5)
        nothing_was_lost(deployment, account, f"stopped (the slowest in {max(took.values()):.1f} s) and started")
        a_disk_that_is_gone_comes_back_from_a_backup(deployment, account)
    except BaseException:
        deployment.tell_logs()
        raise
    finally:
        if not options.keep:
            deployment.down()
    print(f"passed in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
