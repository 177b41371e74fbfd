"""A power cut: after a SIGKILL everything that a tier wrote and did not flush is undone (see powerloss.c)."""
import os
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
NUMBERS = struct.Struct("<QQQQ")


def build(name="powerloss"):
    """The library to preload."""
    library = Path(tempfile.mkdtemp(prefix=f"tocsin-{name}-")) / f"{name}.so"
    compiler = shutil.which("cc") or "clang"  # which every Swift toolchain brings along
    subprocess.run([compiler, "-O1", "-Wall", "-shared", "-fPIC", "-o", library, HERE / f"{name}.c", "-ldl"], check=True)
    return library


class PowerLoss:
    """What one tier wrote to its data directory, and how to take it away again."""

    def __init__(self, library, data, notes):
        self.data, self.notes, self.kept = data, notes, Path(f"{notes}.kept")
        self.kept.mkdir(exist_ok=True)
        self.environment = {"LD_PRELOAD": str(library), "POWERLOSS_WATCHED": str(data), "POWERLOSS_NOTES": str(notes),
                            "POWERLOSS_KEPT": str(self.kept)}

    def strike(self):
        """Undoes, last first, what no flush followed. Returns how many writes that were."""
        notes = list(self._read())
        flushed = {}
        for index, (kind, inode, *_) in enumerate(notes):
            if kind == b"s":
                flushed[inode] = index
        undone = 0
        for index in range(len(notes) - 1, -1, -1):
            kind, inode, offset, size, what = notes[index]
            if kind == b"s" or index < flushed.get(inode, -1):
                continue
            undone += 1
            if kind == b"w":
                self._restore(inode, offset, size, what)
            else:
                self._give_back(*what.decode().split("\n"))
        for path in self.data.glob("*-shm"):
            path.unlink()
        for path in self.kept.iterdir():
            path.unlink()
        self.notes.write_bytes(b"")
        return undone

    def _read(self):
        data, at = self.notes.read_bytes() if self.notes.exists() else b"", 0
        while at + 1 + NUMBERS.size <= len(data):
            inode, offset, size, length = NUMBERS.unpack_from(data, at + 1)
            end = at + 1 + NUMBERS.size + length
            if end > len(data):
                return  # the kill cut the note off, and what it announces was not done
            yield data[at:at + 1], inode, offset, size, data[at + 1 + NUMBERS.size:end]
            at = end

    def _restore(self, inode, offset, size, what):
        for path in [*self.data.iterdir(), *self.kept.iterdir()]:
            if path.stat().st_ino == inode:
                with open(path, "r+b") as file:
                    file.seek(offset)
                    file.write(what)
                    file.truncate(size)
                return

    def _give_back(self, kept, path, source):
        if source and os.path.exists(path):
            os.rename(path, source)
        if kept and not os.path.exists(path):
            os.link(kept, path)
