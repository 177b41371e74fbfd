"""The outside's account: which alerts were answered OK, and what a webhook got. Shares no code with what it tests."""
import json
import re


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
        found = []
        for line in lines(self.folder / "received.jsonl"):
            entry = json.loads(line)
            try:
                body = json.loads(entry["body"])
            except json.JSONDecodeError:
                continue  # cut off: nothing was handed over
            found.append((entry["signature"], body))
        return found

    def paged(self):
        """Incidents whose first page came."""
        return {body["incident"] for _, body in self.received() if re.fullmatch(r".+/.+/1", body["page"])}

    def repeats(self):
        """Hand-overs that came again without saying so, how many said so, and how many were not signed."""
        seen, silent, marked, forged = set(), [], 0, 0
        for signature, body in self.received():
            forged += signature != "good"
            if body["id"] in seen and not body["repeat"]:
                silent.append(body["id"])
            marked += body["repeat"]
            seen.add(body["id"])
        return silent, marked, forged


def lines(file):
    """Those that are written to their end."""
    return file.read_text().split("\n")[:-1] if file.exists() else []


def identifier(answer):
    """Of what `alert send -o json` prints for one alert."""
    return answer["alert_id"]
