"""Make `.venv` hold exactly what a lock says. Runs before anything is installed: standard library only."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
STAMP = VENV / "installed-locks"
LOCKS = {"run": "requirements.lock", "dev": "requirements-dev.lock"}
OLDEST = (3, 11)


def fail(message):
    """One line, no traceback."""
    sys.exit("microcreds: " + message)


def digest(kind):
    """A stamp line for a lock as it is now."""
    content = (ROOT / LOCKS[kind]).read_bytes()
    return kind + " " + hashlib.sha256(content).hexdigest()


def use_a_new_python():
    """Carry on under a newer Python of this machine when this one is too old."""
    if sys.version_info >= OLDEST:
        return
    for name in ("python3.13", "python3.12", "python3.11"):
        if shutil.which(name):
            os.execvp(name, [name, *sys.argv])
    found = ".".join(map(str, sys.version_info[:3]))
    fail(
        "Python 3.11 or later is needed and this is %s: install it, or name one with `make PYTHON=...`"
        % found
    )


def venv_works():
    """Whether the environment exists and its Python still starts."""
    try:
        return (
            subprocess.run([VENV / "bin" / "python", "-c", "import pip"], capture_output=True).returncode == 0
        )
    except OSError:
        return False


def make_venv():
    """Create the environment, or say in one line what the machine lacks."""
    for module in ("venv", "ensurepip"):
        try:
            __import__(module)
        except ImportError:
            version = "%d.%d" % sys.version_info[:2]
            fail(
                "this Python has no `venv`: install it (Debian, Ubuntu: apt install python%s-venv)" % version
            )
    if not os.access(ROOT, os.W_OK):
        fail("cannot write to %s, where .venv belongs: clone into a directory you own" % ROOT)
    done = subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], capture_output=True, text=True)
    if done.returncode:
        fail("could not make %s: %s" % (VENV, last_line(done)))


def last_line(done):
    """What a program said at the end."""
    return ((done.stderr or done.stdout).strip().splitlines() or ["no reason given"])[-1]


def install(kind):
    """Bring the environment up to the lock, with hashes checked, unless it is there already."""
    if not venv_works():
        print("Making .venv …", flush=True)
        make_venv()
    recorded = STAMP.read_text().splitlines() if STAMP.exists() else []
    if digest(kind) in recorded:
        return
    print("Installing the packages of %s (about a minute the first time) …" % LOCKS[kind], flush=True)
    command = [VENV / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-input", "--no-deps"]
    command += ["--disable-pip-version-check", "--require-hashes", "-r", ROOT / LOCKS[kind]]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        fail("the packages could not be installed: %s" % last_line(done))
    # The development lock holds all of the other.
    STAMP.write_text("\n".join(digest(each) for each in LOCKS if kind in ("dev", each)) + "\n")


def main():
    """Called as `python3 microcreds/services/install.py run|dev`."""
    use_a_new_python()
    kind = sys.argv[1] if len(sys.argv) > 1 else "run"
    with open(__file__) as turn, contextlib.suppress(KeyboardInterrupt):
        fcntl.flock(turn, fcntl.LOCK_EX)
        install(kind)
        return
    sys.exit(130)


if __name__ == "__main__":
    main()
