"""The keys of a cluster under test, read from its files as any client would."""
import os
from pathlib import Path

# The public key of whoever must answer at an endpoint.
SERVERS = {}


def pair(path):
    """A key file's public and secret key."""
    lines = dict(line.split(" ") for line in Path(path).read_text().splitlines() if not line.startswith("# "))
    return lines["public"].encode(), lines["secret"].encode()


def tiers(folder):
    """By which key each tier is known."""
    lines = (Path(folder) / "tiers").read_text().splitlines()
    return {tier: key.encode() for tier, key in (line.split(" ") for line in lines if not line.startswith("# "))}


def learn(folder, endpoints):
    """Clients of these endpoints (each of a tier) demand that tier's key, and show the administrator's unless told otherwise."""
    known = tiers(folder)
    SERVERS.update({endpoint: known[tier] for endpoint, tier in endpoints.items()})
    os.environ["TOCSIN_KEY_FILE"] = str(Path(folder) / "admin.secret")


def forget():
    SERVERS.clear()
    os.environ.pop("TOCSIN_KEY_FILE", None)


def own():
    return pair(os.environ["TOCSIN_KEY_FILE"])
