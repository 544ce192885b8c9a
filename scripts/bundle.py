"""Write the offline bundle of the last commit: `make bundle`, `make bundle PYTHONS="3.11 3.12"`.

One archive with everything an install without a network needs (docs/offline.md, which is its README): the same commit
and the same downloads give the same bytes. Wheels and Debian packages are kept in build/ and fetched once.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import debian
import distributions
import wheels
from distributions import ROOT, Commit, git, pack, sha256, sums

# What goes in as it lies in the checkout, beside what is built from the commit.
OF_THE_COMMIT = ("requirements", "scripts/install.sh", "scripts/machine.sh", "LICENSE", "docs/offline.md")
SAMPLE_SCALE = "0.01"
NO_PACKAGES = (
    "本安装包是在没有 apt 的机器或 Debian 12 以外的系统上做的，没有收入系统软件包和字体。\n"
    "安装之前请用本机的软件源装好（软件包名以 Debian 12 为准）：\n\n"
)


def say(text: str) -> None:
    """Tell whoever waits what is being done."""
    print(f"[离线安装包] {text}", flush=True)


def run_tijian(wheel: Path, *arguments: str) -> None:
    """Run the tijian that is in ``wheel``, not the checkout's, with the packages this Python has."""
    with tempfile.TemporaryDirectory() as site:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(site)
        subprocess.run(
            [sys.executable, "-c", "from tijian.cli import main; main()", *arguments],
            check=True, stdout=subprocess.DEVNULL, cwd=site, env={**os.environ, "PYTHONPATH": site},
        )  # fmt: skip


def newest_glibc(names: list[str]) -> int:
    """The minor version of the glibc 2 that wheels of these file names need: each runs on the oldest of its tags."""
    oldest = [
        min(int(minor) for minor in re.findall(r"manylinux_2_(\d+)_x86_64", name))
        for name in names
        if "manylinux_2_" in name
    ]
    return max(oldest, default=17)


def put_packages(stage: Path, built: Commit, pythons: list[str]) -> Path:
    """The wheels, the lock and tijian itself, which gets a hash of its own; its wheel."""
    (stage / "wheels").mkdir()
    (stage / "requirements").mkdir()
    for python in pythons:
        say(f"Python {python} 的包（首次要下载约 260 MB）")
        for wheel in wheels.fetch(python).glob("*.whl"):
            shutil.copyfile(wheel, stage / "wheels" / wheel.name)
    for name in wheels.LOCKS:
        shutil.copyfile(ROOT / "requirements" / f"{name}.txt", stage / "requirements" / f"{name}.txt")
    say(f"tijian {built.version}（提交 {built.name[:10]}）")
    with tempfile.TemporaryDirectory() as folder:
        _, made = distributions.build(built, Path(folder))
        own = stage / "wheels" / made.name
        shutil.copyfile(made, own)
    (stage / "requirements" / "tijian.txt").write_text(
        f"tijian=={built.version} --hash=sha256:{sha256(own)}\n", encoding="utf-8"
    )
    return own


def put_system(stage: Path) -> None:
    """The Debian packages and the fonts where they are to be had, and in any case the list of them."""
    if debian.can_provide():
        say("系统软件包和字体")
        provided = debian.provide(stage / "debs", stage / "fonts")
        told = "".join(f"{name}\t{version}\n" for name, version in provided.items())
    else:
        say("这里没有 Debian 12 的 apt：系统软件包和字体只列清单，不收入安装包")
        told = NO_PACKAGES + "".join(f"{name}\n" for name in debian.ASKED)
    (stage / "system-packages.txt").write_text(told, encoding="utf-8")


def put_facts(stage: Path, built: Commit, pythons: list[str]) -> None:
    """What install.sh must know, and what a person reads."""
    glibc = newest_glibc([path.name for path in (stage / "wheels").iterdir()])
    (stage / "bundle.env").write_text(
        f'VERSION={built.version}\nCOMMIT={built.name}\nPYTHONS="{" ".join(pythons)}"\nGLIBC={glibc}\n',
        encoding="utf-8",
    )
    for name in ("scripts/install.sh", "scripts/machine.sh", "LICENSE"):
        shutil.copy(ROOT / name, stage / Path(name).name)
    shutil.copyfile(ROOT / "docs" / "offline.md", stage / "README.md")


def make(out: Path, pythons: list[str]) -> Path:
    """Write the bundle of the last commit, and its sum, into ``out``."""
    built = distributions.commit()
    name = f"tijian-{built.version}-debian12-x86_64"
    out.mkdir(parents=True, exist_ok=True)
    archive = out / f"{name}.tar.gz"
    (ROOT / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bundle-", dir=ROOT / "build") as folder:
        stage = Path(folder) / name
        stage.mkdir()
        own = put_packages(stage, built, pythons)
        put_system(stage)
        put_facts(stage, built, pythons)
        say("示例项目和使用手册")
        run_tijian(own, "sample", str(stage / "sample"), "--scale", SAMPLE_SCALE, "--quiet")
        run_tijian(own, "manual", "--out", str(stage / "使用手册.pdf"))
        held = sums((path for path in stage.rglob("*") if path.is_file()), stage)
        (stage / "SHA256SUMS").write_text(held, encoding="utf-8")
        say(f"压缩成 {archive}")
        pack(stage, archive, built.epoch)
    (out / f"{archive.name}.sha256").write_text(sums([archive], out), encoding="utf-8")
    return archive


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="写出离线安装包（最近一次提交的）")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", metavar="目录")
    parser.add_argument(
        "pythons", nargs="*", default=["3.11"], metavar="3.11", help="收入哪些 Python 版本的包"
    )
    given = parser.parse_args()
    if changed := git("status", "--porcelain", "--", *OF_THE_COMMIT):
        raise SystemExit(f"以下文件还没有提交，安装包要与某一次提交完全一致，请先提交：\n{changed}")
    archive = make(given.out, given.pythons)
    say(f"{archive.stat().st_size / 1e6:.0f} MB，SHA-256 {sha256(archive)}")


if __name__ == "__main__":
    main()
