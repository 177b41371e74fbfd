"""The outside's account: which alerts were answered OK, and what a webhook got. Shares no code with what it tests."""
import json
import re
import time


class Account:
    def __init__(self, folder):
        self.folder = folder

    def accepted(self):
        """By incident id, the number of the alert whose OK said it."""
        found = {}
        for line in lines(self.folder / "accepted"):
            number, answer = line.split(" ", 1)
            found[identifier(json.loads(answer))] = int(number)
        return found

    def received(self):
        """Every page that was handed over, each of a digest too, which says by itself whether it may be a repeat."""
        found = []
        for line in lines(self.folder / "received.jsonl"):
            entry = json.loads(line)
            try:
                body = json.loads(entry["body"])
            except json.JSONDecodeError:
                continue  # cut off: nothing was handed over
            came = f"at {entry['at_ms']} on {entry['connection']}"
            found += [(entry["signature"], {**body, **page, "came": came}) for page in body.get("pages", [{}])]
        return found

    def paged(self):
        """Incidents of which a page came. The first has the number 1, and a later one where the escalator was restored: it skips the
        numbers that lost rows may have used."""
        return {body["incident"] for _, body in self.received() if re.fullmatch(r".+/.+/[0-9]+", body["page"])}

    def repeats(self):
        """Hand-overs that came again without saying so (with the attempt, when and on which connection each came), how many said so, and how
        many were not signed. By the attempt and not by the order of arrival: what was cut off on its way may come after its repeat."""
        came, marked, forged = {}, 0, 0
        for signature, body in self.received():
            forged += signature != "good"
            marked += body["repeat"]
            came.setdefault(body["id"], []).append((body["attempt"], body["repeat"], body["came"]))
        silent = [
            (name, each) for name, each in sorted(came.items())
            if any(not repeat and sum(one[0] <= attempt for one in each) > 1 for attempt, repeat, _ in each)]
        return silent, marked, forged


def lines(file):
    """Those that are written to their end."""
    return file.read_text().split("\n")[:-1] if file.exists() else []


def identifier(answer):
    """Of what `alert send -o json` prints for one alert."""
    return answer["alert_id"]


def eventually(what, seconds, condition, pause=0.5):
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"did not happen within {seconds} s: {what}"
        time.sleep(pause)
    return value
