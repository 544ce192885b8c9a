"""The Debian packages a bare Debian 12 lacks for tijian, as a small package source that needs no network; the fonts.

apt decides, with the sources this machine is set up with, as if nothing were installed: what is installed here does
not show in the result.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from distributions import ROOT, sha256

FONTS = "fonts-noto-cjk"
FACES = [f"Noto{family}CJK-{weight}.ttc" for family in ("Sans", "Serif") for weight in ("Regular", "Bold")]
ASKED = [
    "python3.11-venv", "libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", FONTS,
]  # fmt: skip
LICENCE_NOTE = (
    "字体 Noto Sans CJK（思源黑体）、Noto Serif CJK（思源宋体），Regular 与 Bold 两种字重，取自 Debian 软件包 {package}，\n"
    "未作改动。许可：SIL Open Font License 1.1，全文如下。\n\n"
)


def release() -> str:
    """This system as "debian12", "uos20"…: ID and VERSION_ID of /etc/os-release; empty where there is none."""
    path = Path("/etc/os-release")
    told = (
        dict(re.findall(r'^(\w+)="?([^"\n]*)', path.read_text(encoding="utf-8"), re.M))
        if path.exists()
        else {}
    )
    return told.get("ID", "") + told.get("VERSION_ID", "")


def can_provide() -> bool:
    """Whether packages for Debian 12 can be had here: it is one, and has apt."""
    return release() == "debian12" and all(map(shutil.which, ("apt-get", "apt-cache", "dpkg-deb")))


def _said(*command: str) -> str:
    """What a command prints, in English."""
    return subprocess.run(
        command, check=True, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}
    ).stdout


def installed_by(simulation: str) -> dict[str, str]:
    """Package → version, from what `apt-get --simulate install` prints."""
    return dict(re.findall(r"^Inst (\S+) \((\S+)", simulation, re.MULTILINE))


def _closure(packages: list[str]) -> dict[str, str]:
    """Package → version of everything that is installed when ``packages`` are, on a machine that has nothing."""
    with tempfile.TemporaryDirectory() as folder:
        nothing = Path(folder) / "status"
        nothing.touch()
        return installed_by(
            _said(
                "apt-get", "--simulate", "install", "--no-install-recommends",
                "-o", f"Dir::State::status={nothing}", "-o", f"Dir::State::extended_states={folder}/extended",
                *packages,
            )
        )  # fmt: skip


def required(index: str) -> list[str]:
    """The packages of ``index`` (stanzas as apt prints them) that every Debian has: essential or of priority required."""
    names = set()
    for stanza in index.split("\n\n"):
        fields = dict(re.findall(r"^(\S+): (.*)$", stanza, re.MULTILINE))
        if fields.get("Essential") == "yes" or fields.get("Priority") == "required":
            names.add(fields["Package"])
    return sorted(names)


def packages() -> dict[str, str]:
    """Package → version: what the run needs beyond the smallest Debian 12 (its required packages and apt)."""
    base = _closure(["apt", *required(_said("apt-cache", "dumpavail"))])
    return {name: version for name, version in sorted(_closure(ASKED).items()) if name not in base}


def _index(folder: Path) -> str:
    """What apt reads of a folder of packages (Packages): each one's control fields, size and hash."""
    stanzas = []
    for deb in sorted(folder.glob("*.deb")):
        fields = _said("dpkg-deb", "--field", str(deb)).rstrip("\n")
        stanzas.append(
            f"{fields}\nFilename: ./{deb.name}\nSize: {deb.stat().st_size}\nSHA256: {sha256(deb)}\n"
        )
    return "\n".join(stanzas)


def provide(debs: Path, fonts: Path) -> dict[str, str]:
    """Fill ``debs`` with the packages and their index, ``fonts`` with the faces and their licence.

    Returns package → version. What was downloaded before lies in build/debs and is used again.
    """
    kept = ROOT / "build" / "debs"
    kept.mkdir(parents=True, exist_ok=True)
    wanted = packages()
    have = {_named(path): path for path in kept.glob("*.deb")}
    missing = [f"{name}={version}" for name, version in wanted.items() if (name, version) not in have]
    if missing:
        subprocess.run(
            ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", *missing], cwd=kept, check=True
        )
        have = {_named(path): path for path in kept.glob("*.deb")}
    debs.mkdir()
    for name, version in wanted.items():
        if name == FONTS:
            _unpack_fonts(have[name, version], fonts)
        else:
            path = have[name, version]
            shutil.copyfile(path, debs / path.name.replace("%3a", "."))
    (debs / "Packages").write_text(_index(debs), encoding="utf-8")
    return wanted


def _named(deb: Path) -> tuple[str, str]:
    """Name and version that apt put into the name of a file."""
    name, version, _ = deb.stem.split("_")
    return name, version.replace("%3a", ":")


def _unpack_fonts(deb: Path, fonts: Path) -> None:
    """The faces out of the package, once and for every way of installing, with the licence they come under."""
    fonts.mkdir()
    with tempfile.TemporaryDirectory() as folder:
        _said("dpkg-deb", "--extract", str(deb), folder)
        for face in FACES:
            shutil.copyfile(Path(folder) / "usr/share/fonts/opentype/noto" / face, fonts / face)
        licence = Path(folder) / "usr/share/doc" / FONTS / "copyright"
        told = LICENCE_NOTE.format(package=" ".join(_named(deb))) + licence.read_text(encoding="utf-8")
    (fonts / "LICENSE.txt").write_text(told, encoding="utf-8")
