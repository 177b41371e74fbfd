"""What compose/README.md tells an operator to do, done by the commands that stand there."""
import http.client
import re
import shlex
from pathlib import Path
from urllib.parse import urlencode

GUIDE = (Path(__file__).resolve().parents[2] / "compose/README.md").read_text()
# What the guide lets stand for a longer command.
SHORT = {
    "tocsinctl": ["dc", "exec", "notifier", "tocsinctl"],
    "backup": ["dc", "--profile", "backup", "run", "--rm", "backup"],
}


def follow(deployment, command, raw=False, **words):
    """Runs a command of the guide, with what its examples (by keyword, or by the word itself) stand for here. Returns what it said; bytes
    where `raw`."""
    assert f"`{command}`" in GUIDE, f"compose/README.md has no command `{command}`"
    first, *rest = shlex.split(command.removesuffix(" >FILE"))
    parts = [*SHORT.get(first, [first]), *rest]
    for word, meant in words.items():
        assert any(word in part for part in parts), f"{command}: there is no {word}"
        parts = [part.replace(word, meant) for part in parts]
    if parts[0] == "docker":
        return deployment.ask_engine(*parts[1:], raw=raw)
    assert parts[0] == "dc", command
    if parts[1] == "exec" and parts[2] != "-T":
        parts.insert(2, "-T")  # nobody sits before a terminal here
    return deployment.compose(*parts[1:], raw=raw, timeout=120).stdout


class Reader:
    """Somebody's browser at the pages: it fills in forms as they are, and keeps one cookie."""

    def __init__(self, port):
        self.port, self.cookie = port, None

    def ask(self, method, path, fields=None):
        """Status, text and where it leads."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        headers = {"Accept": "text/html", "Origin": f"http://127.0.0.1:{self.port}", **({"Cookie": self.cookie} if self.cookie else {})}
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, None if fields is None else urlencode(fields), headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        if given := answer.getheader("Set-Cookie"):
            self.cookie = given.split(";")[0]
        connection.close()
        return answer.status, text, answer.getheader("Location")

    def fill_in(self, path, page, **fields):
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page))
        return self.ask("POST", path, {**hidden, **fields})

    def ask_code(self, person):
        """Returns the page that takes the code."""
        status, page, _ = self.ask("GET", "/sign-in")
        assert status == 200, (status, page)
        status, page, _ = self.fill_in("/sign-in", page, person=person, channel="")
        assert status == 200 and "a code is on its way" in page, (status, page)
        return page

    def enter(self, page, code):
        status, page, leads = self.fill_in("/sign-in/code", page, code=code)
        assert (status, leads) == (303, "/"), (status, page)

    def is_signed_in(self):
        """By the cookie that it has now."""
        kept = self.cookie
        try:
            return self.ask("GET", "/")[0] == 200
        finally:
            self.cookie = kept
