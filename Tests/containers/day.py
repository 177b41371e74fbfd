"""A day in the life of whoever operates it, by compose/README.md alone: silence, rotate a key, sign everybody out, put copies aside, upgrade
a tier and go back."""
import io
import json
import os
import re
import tarfile

from account import eventually
from guide import Reader, follow


def sent(deployment, service, key):
    """The id of an alert that somebody sends by hand."""
    told = deployment.inside(
        "notifier", "tocsinctl", "alert", "send", "--service", service, "--class", "service_down", "--severity", "SEV-2", "--key", key, key,
        "-o", "json")
    return json.loads(told)["alert_id"]


def what_is_silenced_pages_nobody(deployment, account):
    follow(deployment, 'tocsinctl silence add --match service=redis --until +2h --reason "failover test" --by ana')
    name = re.search(r"silence-\S+", follow(deployment, "tocsinctl silence list"))[0]
    quiet, loud = sent(deployment, "redis", "day-quiet"), sent(deployment, "postgres", "day-loud")
    eventually("what isn't silenced pages", 60, lambda: loud in account.paged())
    assert quiet not in account.paged(), "what is silenced has paged somebody"
    follow(deployment, "tocsinctl silence end silence-1 --by ana", **{"silence-1": name})
    eventually("what still fires pages when the silence ends", 60, lambda: quiet in account.paged())


def a_sources_key_is_rotated(deployment, account):
    """While it reports; the former key is revoked as soon as it has the new one."""
    before = json.loads(deployment.inside("notifier", "tocsinctl", "keys", "show", "containers", "-o", "json"))
    known = len(account.accepted())
    follow(deployment, "dc run --rm keys tocsinctl keys rotate NAME", NAME="containers")
    secret = follow(deployment, "dc exec -T notifier cat /keys/NAME.secret", NAME="containers")
    follow(deployment, "dc exec notifier rm /keys/NAME.secret", NAME="containers")
    eventually("it reports with the former key", 30, lambda: len(account.accepted()) > known)
    draft = deployment.folder / "containers.secret.new"
    draft.write_text(secret)
    draft.chmod(0o400)
    draft.rename(deployment.folder / "containers.secret")
    follow(deployment, "tocsinctl keys revoke NAME --key BEGINNING", NAME="containers", BEGINNING=before[-1]["key"][:12])
    listed = json.loads(deployment.inside("notifier", "tocsinctl", "keys", "show", "containers", "-o", "json"))
    assert [key["state"].split(" ")[0] for key in listed[-2:]] == ["revoked", "valid"], listed
    known = len(account.accepted())
    eventually("it reports with the new key", 30, lambda: len(account.accepted()) >= known + 5)


def everybody_is_signed_out(deployment, account, person="dee"):
    """The cookie of before opens nothing afterwards."""
    def codes():
        said = [body["text"] for _, body in account.received() if body.get("person") == person and "is your code" in body.get("text", "")]
        return [re.search(r"\d{4} \d{4}", text)[0] for text in said]

    reader = Reader(deployment.http)
    for again in [False, True]:
        seen = len(codes())
        page = reader.ask_code(person)
        reader.enter(page, eventually("the code", 60, lambda seen=seen: codes()[seen:])[0])
        assert reader.is_signed_in()
        if not again:
            follow(deployment, "dc run --rm keys tocsinctl keys pages --new-sessions")
            follow(deployment, "dc restart gateway")
            eventually("the gateway is back", 60, lambda: deployment.is_healthy("gateway"))
            assert not reader.is_signed_in(), "a session of before is good still"


def a_tier_is_upgraded_and_goes_back(deployment, account, tier="escalator"):
    """To another image of the same programs, while alerts come in, and back again."""
    former = deployment.environment["TOCSIN_IMAGE"]
    deployment.ask_engine("tag", former, f"{former}-next")
    for image in [f"{former}-next", former]:
        deployment.environment["TOCSIN_IMAGE"] = image
        follow(deployment, "dc up --detach TIER", TIER=tier)
        runs = deployment.inspect(tier)
        assert runs.get("ImageName", runs["Config"]["Image"]).endswith(image), f"{tier} runs {runs.get('ImageName')}, not {image}"
        eventually(f"{tier} is well with {image}", 60, lambda: deployment.is_healthy(tier))
        known = len(account.accepted())
        eventually("alerts are accepted", 30, lambda: len(account.accepted()) >= known + 3)
        fresh = sorted(account.accepted())[-1]
        eventually("and paged", 60, lambda fresh=fresh: fresh in account.paged())


def a_copy_put_aside_is_whole(deployment):
    """Of the backup, and of one tier's volume."""
    copy = follow(deployment, "dc --profile backup run --rm -T backup tar -C /backups -cf - tocsin >FILE", raw=True)
    aside = deployment.folder / "aside"
    aside.mkdir()
    with tarfile.open(fileobj=io.BytesIO(copy)) as files:
        files.extractall(aside)
    for path in [aside, *aside.rglob("*")]:
        os.chown(path, 10001, 10001)
    here = deployment.environment["TOCSIN_BACKUPS"]
    deployment.environment["TOCSIN_BACKUPS"] = str(aside)
    verified = follow(deployment, "dc --profile backup run --rm backup tocsinctl backup verify /backups/tocsin")
    deployment.environment["TOCSIN_BACKUPS"] = here
    assert "every row is what was written" in verified, verified
    volume = follow(
        deployment, "docker run --rm --user 0 -v tocsin_escalator:/from:ro tocsin:0.1.0 tar -C /from -cf - . >FILE", raw=True,
        **{"tocsin_escalator": f"{deployment.project}_escalator", "tocsin:0.1.0": deployment.environment["TOCSIN_IMAGE"]})
    with tarfile.open(fileobj=io.BytesIO(volume)) as files:
        assert "./journal.db" in files.getnames(), files.getnames()
