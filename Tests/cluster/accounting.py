"""The account itself: what it calls a repeat that nothing accounts for, on arrivals that were made up. An account that excuses whatever
comes twice would pass any build."""
from account import duplicates, repeats

DEATH = 100_000


def came(id, at, connection, attempt=1, repeat=False):
    return {"id": id, "arrived_ms": at, "connection": connection, "attempt": attempt, "repeat": repeat}


def again(id, at, connection, attempt=2):
    return came(id, at, connection, attempt, repeat=True)


# What is said of it, how many say that they may be repeats, how many came twice, whose repeats nothing accounts for, the arrivals, and
# when notifiers died.
CASES = [
    ("cut off while the receiver had it in hand", 1, 1, [], [came("a", DEATH - 50, 1), again("a", DEATH + 900, 2)], [DEATH]),
    ("noted just after its sender had died", 1, 1, [], [came("a", DEATH + 100, 1), again("a", DEATH + 900, 2)], [DEATH]),
    ("cut off before it arrived", 1, 0, [], [again("a", DEATH + 900, 2)], [DEATH]),
    ("cut off twice", 2, 2, [], [came("a", DEATH - 50, 1), again("a", DEATH + 900, 2), again("a", DEATH + 2_100, 3, 3)],
     [DEATH, DEATH + 1_000]),
    ("sent twice by a notifier that lives", 1, 1, ["a"], [came("a", 1_000, 1), again("a", 1_500, 1)], [DEATH]),
    ("sent twice by one life, on another connection, soon after a death", 1, 1, ["a"],
     [came("z", DEATH + 800, 3), came("a", DEATH + 1_000, 2), again("a", DEATH + 1_200, 3)], [DEATH]),
    ("sent again after a death, though it was answered long before", 1, 1, ["a"], [came("a", DEATH - 5_000, 1), again("a", DEATH + 900, 2)],
     [DEATH]),
    ("another page was under way, and excuses that one alone", 2, 2, ["b"],
     [came("b", DEATH - 9_000, 1), came("a", DEATH - 50, 1), again("a", DEATH + 900, 2), again("b", DEATH + 910, 2)], [DEATH]),
    ("twice for one death", 2, 2, ["a"], [came("a", DEATH - 50, 1), again("a", DEATH + 900, 2), again("a", DEATH + 1_100, 2, 3)], [DEATH]),
    ("called a repeat though nothing was cut off", 1, 0, ["a"], [came("z", DEATH - 9_500, 1), again("a", DEATH - 100, 1)], [DEATH - 9_000]),
    ("called a repeat by a life that came long after the death", 1, 0, ["a"], [again("a", DEATH + 60_000, 2)], [DEATH]),
]


def the_account_excuses_a_repeat_only_by_a_death_that_cut_it_off(_):
    for what, marked, twice, whose, received, deaths in CASES:
        others = [("escalator", at) for at in range(0, 2 * DEATH, 500)]
        said = repeats(received, [("notifier", at) for at in deaths] + others)
        assert (said[0], said[1], [words.split(",")[0] for words in said[2]]) == (marked, twice, whose), f"{what}: {said}"
    for what, received, silent in [
        ("a later attempt that does not say so", [came("a", 1, 1), came("a", 2, 1, 2)], ["a, attempt 2"]),
        ("one attempt twice", [came("a", 1, 1), came("a", 2, 2)], ["a, attempt 1"] * 2),
        ("a repeat that says so", [came("a", 1, 1), again("a", 2, 2)], []),
        ("what was cut off comes after its repeat", [again("a", 1, 2), came("a", 2, 1)], []),
    ]:
        assert duplicates(received)[0] == silent, f"{what}: {duplicates(received)}"
    return f"{len(CASES)} accounts"


ALL = [the_account_excuses_a_repeat_only_by_a_death_that_cut_it_off]
