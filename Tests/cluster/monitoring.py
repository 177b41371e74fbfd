"""What monitoring sees of a tier, and where it is told to look for it."""
import urllib.request

from cluster import TIERS, Cluster, eventually, free_ports


def asked(port, path):
    """The status and the words; None when nobody listens."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as failure:
        return failure.code, failure.read().decode()
    except OSError:
        return None


def options_come_from_the_environment_and_the_command_line_wins(binaries):
    """All four are told one port by the environment and the scheduler another by its command line. Of the three that want the
    same port one has it; the others say so, and serve."""
    shared, own = free_ports(7)[5:]
    with Cluster(binaries, environment={"TOCSIN_METRICS": f"127.0.0.1:{shared}", "TOCSIN_BEAT_URL_FILE": ""},
                 extra={"scheduler": ["--metrics", f"127.0.0.1:{own}"]}) as cluster:
        assert eventually("the scheduler's port", 10, lambda: asked(own, "/readyz")) == (200, "ok\n")
        assert 'tier="scheduler"' in asked(own, "/metrics")[1]
        assert 'tier="scheduler"' not in eventually("the other port", 10, lambda: asked(shared, "/metrics"))[1]
        cluster.ctl("health")
        complaints = [tier for tier in TIERS if "metrics can't be served" in (cluster.folder / f"{tier}.log").read_text()]
        assert len(complaints) == 2, complaints


ALL = [options_come_from_the_environment_and_the_command_line_wins]
