"""Prepare and build a release: docs/release.md is the checklist.

`release.py prepare 0.2.0` writes the version and the section of CHANGELOG.md, to be read over and committed;
`release.py build` (`make release`) checks that everything agrees and writes source archive, wheel, offline bundle and
their SHA-256 sums into dist/. The same commit gives the same bytes.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import bundle
import distributions
from distributions import ROOT, git, sums

UNRELEASED = "Unreleased"
VERSION_LINES = {"pyproject.toml": r'^version = "(.+)"$', "__init__.py": r'^__version__ = "(.+)"$'}
PYTHONS = ["3.11"]


def sections(changelog: str) -> tuple[str, dict[str, str]]:
    """What stands before the first section, and heading → text below it, in the order of the file."""
    intro, *parts = re.split(r"^## ", changelog, flags=re.MULTILINE)
    return intro, {heading.strip(): text.strip() for heading, text in (part.split("\n", 1) for part in parts)}


def released(changelog: str, version: str, date: str, subjects: list[str]) -> str:
    """The changelog with what is unreleased moved under ``version``.

    An undated section of that version is the one that was being written, and is completed. Where nothing was written
    down, the ``subjects`` of the commits are the draft.

    Raises:
        ValueError: the version has been released, or there is nothing at all to tell of it.
    """
    intro, found = sections(changelog)
    heading = f"{version} ({date})"
    if any(name.startswith(f"{version} (") for name in found):
        raise ValueError(f"CHANGELOG.md 里已经有 {version} 的发布日期，请换一个版本号")
    entries = [text for text in (found.pop(version, ""), found.pop(UNRELEASED, "")) if text]
    if not entries:
        entries = ["\n".join(f"- {subject}" for subject in subjects)] if subjects else []
    if not entries:
        raise ValueError("上次发布以来没有任何改动")
    joined = "\n".join(entries) if all(text.startswith("- ") for text in entries) else "\n\n".join(entries)
    told = {UNRELEASED: "", heading: joined, **found}
    return intro + "\n".join(
        f"## {name}\n\n{text}\n" if text else f"## {name}\n" for name, text in told.items()
    )


def disagreements(version: str, texts: dict[str, str], changed: str, tagged: str, head: str) -> list[str]:
    """Why this commit cannot be released as ``version``; empty when it can.

    ``texts``: file → content of CHANGELOG.md and the files of ``VERSION_LINES``; ``changed``: what git lists as not
    committed; ``tagged``: the commit the version's tag names, empty without one; ``head``: the commit to release.
    """
    found = [f"有没提交的改动：\n{changed}"] if changed else []
    for name, pattern in VERSION_LINES.items():
        line = re.search(pattern, texts[name], re.MULTILINE)
        if line is None or line[1] != version:
            found.append(f"{name} 里的版本是 {line[1] if line else '（没有）'}，应是 {version}")
    _, told = sections(texts["CHANGELOG.md"])
    if told.get(UNRELEASED):
        found.append(f"CHANGELOG.md 的 {UNRELEASED} 里还有内容：先运行 scripts/release.py prepare {version}")
    elif not any(re.fullmatch(rf"{re.escape(version)} \(\d{{4}}-\d\d-\d\d\)", name) for name in told):
        found.append(
            f"CHANGELOG.md 里没有 {version} 一节，或没有日期：先运行 scripts/release.py prepare {version}"
        )
    if tagged and tagged != head:
        found.append(f"标签 v{version} 已经有了，是另一次提交 {tagged[:10]}：请换一个版本号")
    return found


def last_tag() -> str:
    """The newest release tag this commit descends from; empty before the first."""
    return git("tag", "--list", "v*", "--merged", "HEAD", "--sort=-v:refname").partition("\n")[0]


def prepare(version: str) -> None:
    """Write version and changelog section into the checkout."""
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise SystemExit(f"版本号应是三个数，如 0.2.0，不是 {version}")
    since = last_tag()
    subjects = git("log", "--reverse", "--no-merges", "--format=%s", f"{since}..HEAD" if since else "HEAD")
    path = ROOT / "CHANGELOG.md"
    try:
        text = released(
            path.read_text(encoding="utf-8"), version, distributions.commit().date, subjects.splitlines()
        )
    except ValueError as fault:
        raise SystemExit(str(fault)) from None
    path.write_text(text, encoding="utf-8")
    for name, pattern in VERSION_LINES.items():
        old = (ROOT / name).read_text(encoding="utf-8")
        new = re.sub(
            pattern, lambda line: line[0].replace(line[1], version), old, count=1, flags=re.MULTILINE
        )
        (ROOT / name).write_text(new, encoding="utf-8")
    print(f"写好了 CHANGELOG.md、{'、'.join(VERSION_LINES)}。请看一遍、改好，然后：")
    print(f"  git commit -m 'Release {version}' CHANGELOG.md {' '.join(VERSION_LINES)}")
    print("  make release")


def build(out: Path) -> None:
    """Write everything that is handed over."""
    built = distributions.commit()
    texts = {name: (ROOT / name).read_text(encoding="utf-8") for name in ("CHANGELOG.md", *VERSION_LINES)}
    tag = f"v{built.version}"
    tagged = git("rev-list", "-n", "1", tag) if git("tag", "--list", tag) else ""
    if found := disagreements(built.version, texts, git("status", "--porcelain"), tagged, built.name):
        raise SystemExit("不能发布：\n" + "\n".join(f"- {line}" for line in found))
    made = [*distributions.build(built, out), bundle.make(out, PYTHONS)]
    (out / "SHA256SUMS").write_text(sums(made, out), encoding="utf-8")
    print((out / "SHA256SUMS").read_text(encoding="utf-8"), end="")
    print(f"接下来：git tag -a {tag} -m 'tijian {built.version}'")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="发布：步骤见 docs/release.md")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("prepare", help="写版本号和变更记录").add_argument("version", metavar="版本号")
    commands.add_parser("build", help="检查并写出 dist/").add_argument(
        "--out", type=Path, default=ROOT / "dist"
    )
    given = parser.parse_args()
    if given.command == "prepare":
        prepare(given.version)
    else:
        build(given.out)


if __name__ == "__main__":
    main()
