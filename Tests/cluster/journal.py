"""A tier's journal from outside: what it holds; and, while the tier does not run, cuts rows off its end, or writes one."""
import hashlib
import sqlite3
import struct

from wire import crc32c


def _open(folder):
    return sqlite3.connect(folder / "journal.db", isolation_level=None)


def rows(folder):
    """How many there are."""
    journal = _open(folder)
    found = journal.execute("SELECT coalesce(max(seq), 0) FROM record").fetchone()[0]
    journal.close()
    return found


def holding(folder, words):
    """How many rows hold these words; the tier may run."""
    journal = _open(folder)
    found = sum(words.encode() in body for body, in journal.execute("SELECT body FROM record"))
    journal.close()
    return found


def cut(folder, after):
    """A disk that lied: what it had said to be durable after this row is gone. Returns how many rows that were."""
    journal = _open(folder)
    gone = journal.execute("DELETE FROM record WHERE seq > ?", (after,)).rowcount
    journal.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    journal.close()
    return gone


def write(folder, body, kind=1, version=None):
    """One more row, as a program would have written it."""
    journal = _open(folder)
    before, at, chain = journal.execute("SELECT seq, at, chain FROM record ORDER BY seq DESC LIMIT 1").fetchone()
    head = hashlib.sha256(chain + struct.pack("<QqB", before + 1, at, kind) + body).digest()
    journal.execute("INSERT INTO record(seq, at, kind, body, crc, chain) VALUES(?, ?, ?, ?, ?, ?)",
                    (before + 1, at, kind, body, crc32c(body), head))
    if version:
        journal.execute("UPDATE meta SET value = ? WHERE name = 'version'", (version,))
    journal.close()
    return before + 1
