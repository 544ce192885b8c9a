"""Keep the wheels of the lock for one Python in build/wheels: `wheels.py 3.11`.

The offline bundle is made of them, and `setup.sh dev` installs from them, so that they come over the network once. They
are for x86-64 and a C library no newer than glibc 2.28 (Debian 10, and what descends from it), whatever machine asks.
Needs nothing beyond a bare environment with pip, unless the Python asked for is another than the one running.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("build", "run")
GLIBC = 28
PLATFORMS = [f"manylinux_2_{minor}_x86_64" for minor in range(GLIBC, 16, -1)] + ["manylinux2014_x86_64"]


def lock_text() -> str:
    """What building and running tijian needs, as locked: one requirement with its hashes after another."""
    return "".join((ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8") for name in LOCKS)


def lock_for(python: str, lock: str) -> str:
    """The requirements of ``lock`` that hold on CPython ``python`` ("3.12") on Linux, without their markers.

    pip looks at markers with the Python that runs it, whichever Python it is asked to download for.
    """
    from packaging.requirements import Requirement  # noqa: PLC0415  # not there yet when a checkout is set up

    machine = {
        "python_version": python, "python_full_version": f"{python}.0", "implementation_name": "cpython",
        "platform_python_implementation": "CPython", "sys_platform": "linux", "platform_system": "Linux",
        "platform_machine": "x86_64", "os_name": "posix",
    }  # fmt: skip
    kept = []
    for block in re.findall(r"^\S[^#\n].*\n(?: +--hash.*\n)+", lock, re.MULTILINE):
        wanted, hashes = block.split("\\\n", maxsplit=1)
        requirement = Requirement(wanted.strip())
        if requirement.marker is None or requirement.marker.evaluate(machine):
            requirement.marker = None
            kept.append(f"{requirement} \\\n{hashes}")
    return "".join(kept)


def fetch(python: str) -> Path:
    """The folder of wheels for ``python``; downloaded anew only when the lock has changed.

    Raises:
        subprocess.CalledProcessError: pip could not get them (it has said why).
    """
    folder = ROOT / "build" / "wheels" / python
    stamp, lock = folder / "locked.txt", lock_text()
    if stamp.exists() and stamp.read_text(encoding="utf-8") == lock:
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    wanted = folder / "wanted.txt"
    own = python == "{}.{}".format(*sys.version_info[:2])
    wanted.write_text(lock if own else lock_for(python, lock), encoding="utf-8")
    subprocess.run(
        [
            sys.executable, "-m", "pip", "--disable-pip-version-check", "-qq", "download", "--no-input", "--no-deps",
            "--require-hashes", "--only-binary", ":all:", "--python-version", python, "--implementation", "cp",
            *(part for platform in PLATFORMS for part in ("--platform", platform)),
            "--dest", str(folder), "-r", str(wanted),
        ],
        check=True,
    )  # fmt: skip
    wanted.unlink()
    stamp.write_text(lock, encoding="utf-8")
    return folder


if __name__ == "__main__":
    try:
        fetch(sys.argv[1])
    except subprocess.CalledProcessError:
        raise SystemExit(1) from None
