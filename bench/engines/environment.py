"""Where the contenders run: our own environment, and one made for the peers."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
LOCK = CHECKOUT / "bench" / "engine-requirements.lock"
PEERS = CHECKOUT / ".run" / "bench-engine" / "venv"
UV = CHECKOUT / ".tools" / "bin" / "uv"


def our_python() -> Path:
    """Return the Python that Jinyun runs on."""
    return Path(sys.executable)


def peers_python() -> Path:
    """Return the Python that the peers run on; it is made, or brought up to the lock file, where it must be."""
    python, marker = PEERS / "bin" / "python", PEERS / "lock-version"
    version = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if not marker.exists() or marker.read_text() != version:
        _uv("venv", "--allow-existing", "--python", sys.executable, str(PEERS))
        _uv("pip", "sync", "--python", str(python), "--require-hashes", "--compile-bytecode", str(LOCK))
        marker.write_text(version)
    return python


def run(python: Path, module: str, *arguments: str) -> str:
    """Run one contender in a process of its own and return the last line that it printed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JINYUN_")}
    environment["PYTHONPATH"] = str(CHECKOUT)
    command = [str(python), "-m", f"bench.engines.{module}", *arguments]
    printed = subprocess.check_output(command, env=environment, cwd=CHECKOUT, text=True)
    return printed.strip().splitlines()[-1]


def _uv(*arguments: str) -> None:
    subprocess.run([str(UV), "--quiet", *arguments], check=True)
