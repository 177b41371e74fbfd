"""What the commands say on a machine that lacks something."""
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def said(*command, **other):
    """How a command ended, and what it said."""
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=30, **other)
    return result.returncode, result.stdout + result.stderr


def what_is_missing_is_said_and_nothing_is_started(_):
    """A tree without programs, an older Swift or none, and somebody who is not root."""
    folder = Path(tempfile.mkdtemp(prefix="tocsin-bare-"))
    try:
        folder.chmod(0o755)
        shutil.copytree(ROOT / "compose", folder / "compose")
        shutil.copy(ROOT / "Package.swift", folder)
        (folder / "Tests").mkdir()
        shutil.copy(ROOT / "Tests/run", folder / "Tests/run")
        for options in [["--detach"], ["--demo"]]:
            code, words = said(folder / "compose/up", "--built", "--data", folder / "data", *options)
            assert code == 1 and "there is no .build/release/alert-intake" in words and not (folder / "data").exists(), (code, words)
        code, words = said(folder / "compose/keep", folder / "tier.pid", folder / "nothing", "--listen", "x")
        assert code == 127 and f"there is no program {folder}/nothing" in words and not (folder / "tier.pid").exists(), (code, words)

        wanted = (ROOT / "Package.swift").read_text().split("\n", 1)[0].split()[-1]
        path = f"{folder}/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        (folder / "bin").mkdir()
        for version in ["6.1.9", "5.10", None]:
            if version:
                (folder / "bin/swift").write_text(f"#!/bin/sh\necho 'Swift version {version} (swift-{version}-RELEASE)'\n")
                (folder / "bin/swift").chmod(0o755)
            else:
                (folder / "bin/swift").unlink()
            if shutil.which("swift", path=path) and not version:
                continue  # the machine's own
            code, words = said(folder / "compose/prepare", "--install", env={**os.environ, "PATH": path})
            assert code == 1 and f"Swift {wanted} or newer is needed, and {version or 'none'} is here" in words, (code, words)
        (folder / "bin/swift").write_text("#!/bin/sh\necho 'Apple Swift version 6.10 (x)'\n")
        (folder / "bin/swift").chmod(0o755)
        assert said(folder / "compose/prepare", "--install", env={**os.environ, "PATH": path})[0] == 0

        code, words = said(folder / "Tests/run", user="nobody", env={**os.environ, "PATH": path})
        assert code == 1 and "Tests/run needs root" in words and "Tests/run --quick" in words, (code, words)
    finally:
        shutil.rmtree(folder)


ALL = [what_is_missing_is_said_and_nothing_is_started]
