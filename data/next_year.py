"""`tijian init --from`: next year's project from last year's (从上年目录开始新的一年).

Carried over is what stays: the settings with the year one later, the units and their boundaries, the names, the district's
own indicators, the experts' judgements, tables of earlier years, the projects to choose from, and the results of all years,
which hold last year's values, lists and answers. Not carried over is what was said of last year alone: the files handed in,
the corrections made to them, and what was printed. Last year's folder is only read.
"""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..engine.findings import Findings
from ..engine.intake.judgements import judgements_file
from ..engine.settings.forms import complete_inputs
from ..engine.settings.project import FILE_NAME, Project, load_project
from ..engine.storage import store
from ..indicators.loader import load_indicators
from ..indicators.schema import SCHEMA_FILE, schema_text
from .fresh import YEAR_FOLDER, fresh_folder

FOLDERS = ("indicators", "history")  # carried over whole
SETTINGS, UNITS, NAMES, JUDGEMENTS, BUDGET, INDICATORS, HISTORY, RESULTS, CORRECTIONS = STAYS = (
    "settings", "units", "names", "judgements", "budget", *FOLDERS, "results", "corrections",
)  # fmt: skip
_SECTION = re.compile(r"^\s*\[+\s*(?P<name>[^\]]*?)\s*\]+\s*(#.*)?$")
_YEAR = re.compile(r"^(?P<before>\s*year\s*=\s*)(?P<year>\d{4})(?P<after>\s*(#.*)?)$")
_COMMENT = re.compile(r"""^(?P<said>(?:[^#"']|"(?:\\.|[^"\\])*"|'[^']*')*)#.*$""")


class NextYearError(Exception):
    """The next year cannot be begun from this folder; the message is for the user. Nothing was written."""


@dataclass(frozen=True)
class Expected:
    """One input that has to come anew: its title, its files, who provides it, and its kind (as in `[inputs]`)."""

    title: str
    files: tuple[str, ...]
    provider: str
    kind: str


@dataclass(frozen=True)
class Carried:
    """One file carried over, as the project names it, and what it is: one of :data:`STAYS`."""

    file: str
    what: str


@dataclass
class Begun:
    """What was done: the new year, files carried over, inputs to come, and what to look at."""

    folder: Path
    year: int
    carried: list[Carried] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)
    look_at: list[str] = field(default_factory=list)


def begin_year(folder: Path, source: Path) -> Begun:
    """Begin the year after that of the project in ``source`` in ``folder``, which must not exist or be empty.

    Raises InputError with what is wrong with the settings in ``source``, NextYearError and FolderNotEmptyError.
    """
    findings = Findings()
    project = load_project(source, findings)
    findings.raise_if_errors()
    assert project is not None, "no project without a finding that says why"
    if folder.resolve().is_relative_to(project.root):
        raise NextYearError(f"新目录不能放在上年目录里面：{folder}")
    text = (source / FILE_NAME).read_bytes().decode("utf-8")
    renewed = with_next_year(text, project.year)
    then = project.for_year(project.year + 1)
    begun = Begun(folder, then.year)
    with fresh_folder(folder):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FILE_NAME).write_bytes(renewed.encode("utf-8"))
        begun.carried.append(Carried(FILE_NAME, SETTINGS))
        kept = list(_kept_files(project, begun))
        for old, new, what in kept:
            _copy(project, old, new, what, begun)
        _corrections(project, folder, begun)
        for name in FOLDERS:
            (folder / name).mkdir(exist_ok=True)
        (folder / "indicators" / SCHEMA_FILE).write_text(schema_text(), encoding="utf-8")
        _expect(then, {new for _, new, _ in kept}, folder, begun)
        _make_inputs(then, folder, begun)
        _look_at_results(folder / project.store_path.name, project.year, begun)
    begun.look_at += _lines_with(renewed, project.year)
    return begun


# ── the settings ──────────────────────────────────────────────────────────────────────────────────────────


def with_next_year(text: str, year: int) -> str:
    """The text of `tijian.toml` with the year one later and every other character as it was.

    Raises NextYearError unless the year stands in a line of its own in [project], which is all that can be changed without
    understanding the rest.
    """
    lines, section, places = text.splitlines(keepends=True), "", list[int]()
    for at, line in enumerate(lines):
        head = _SECTION.match(line.rstrip("\r\n").removeprefix("\ufeff"))
        section = head["name"] if head else section
        if section == "project" and _YEAR.match(line.rstrip("\r\n")):
            places.append(at)
    wrong = NextYearError(
        f"{FILE_NAME} 的 [project] 一段里没有单独成行的 year = {year}，无法只改年份而不动其他内容；请改成这样写再试"
    )
    if len(places) != 1:
        raise wrong
    (at,) = places
    ending = lines[at][len(lines[at].rstrip("\r\n")) :]
    found = _YEAR.match(lines[at].rstrip("\r\n"))
    assert found is not None, "matched above"
    lines[at] = f"{found['before']}{year + 1}{found['after']}{ending}"
    renewed = "".join(lines)
    before, after = (tomllib.loads(part.removeprefix("\ufeff")) for part in (text, renewed))
    if before["project"].pop("year") != year or after["project"].pop("year") != year + 1 or before != after:
        raise wrong
    return renewed


def _lines_with(text: str, year: int) -> Iterator[str]:
    """The lines of the settings, without comments, in which last year still stands."""
    for number, line in enumerate(text.splitlines(), 1):
        found = _COMMENT.match(line)
        said = (found["said"] if found else line).strip()
        if str(year) in said:
            yield f"{FILE_NAME} 第 {number} 行还写着 {year}：{said}"


# ── what is carried over ──────────────────────────────────────────────────────────────────────────────────


def _kept_files(project: Project, begun: Begun) -> Iterator[tuple[Path, Path, str]]:
    """Every file to be carried over: where it lies, where it will be looked for next year, and what it is."""
    root, then = project.root, project.for_year(project.year + 1)
    layers = [boundary.file for boundary in project.units.boundaries]
    needed = (
        [(project.path(project.units.file), then.path(project.units.file), UNITS)]
        if project.units.file
        else []
    )
    needed += [(project.input_path(name), then.input_path(name), UNITS) for name in layers]
    others = [(project.path(project.names), then.path(project.names), NAMES),
              (project.path(judgements_file(project)), then.path(judgements_file(then)), JUDGEMENTS)]  # fmt: skip
    if project.budget.file:
        others.append((project.input_path(project.budget.file), then.input_path(project.budget.file), BUDGET))
    for old, new, what in {entry[0]: entry for entry in [*others, *needed]}.values():
        if old.suffix.lower() == ".shp":
            yield from (
                (part, new.with_name(new.stem + part.name[len(old.stem) :]), what) for part in _parts(old)
            )
        elif old.is_file():
            yield old, new, what
        elif what == UNITS:
            begun.look_at.append(f"上年目录里没有 {_shown(old, root)}，没有带过来")
    for name in FOLDERS:
        held = sorted(p for p in (root / name).rglob("*") if p.is_file() and not _hidden(p.relative_to(root)))
        yield from ((path, path, name) for path in held if path.name != SCHEMA_FILE)
    if project.store_path.is_file():
        yield project.store_path, project.store_path, RESULTS


def _parts(shape: Path) -> list[Path]:
    """All the files of a shapefile."""
    return sorted(p for p in shape.parent.glob("*") if p.is_file() and p.name.startswith(f"{shape.stem}."))


def _hidden(path: Path) -> bool:
    """Whether a file is none of the user's: hidden, or what an open workbook leaves beside itself."""
    return any(part.startswith((".", "~$")) for part in path.parts)


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _copy(project: Project, old: Path, new: Path, what: str, begun: Begun) -> None:
    """One file to where the new project looks for it; one outside of last year's folder stays where it is, and is told."""
    if not old.is_relative_to(project.root) or not new.is_relative_to(project.root):
        begun.look_at.append(f"{old} 在上年目录之外，没有复制；请看新目录里的 {FILE_NAME} 还能不能找到它")
        return
    to = begun.folder / new.relative_to(project.root)
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(old, to)
    begun.carried.append(Carried(to.relative_to(begun.folder).as_posix(), what))


def _corrections(project: Project, folder: Path, begun: Begun) -> None:
    """An empty file of corrections, with last year's as comments: they were declared for last year's files."""
    old, year = project.path(project.corrections), project.year
    lines = [f"# 对 {year + 1} 年原始数据的更正写在这里，逐条写明理由。"]
    if old.is_file():
        lines.append(
            f"# 下面是 {year} 年的更正，只供参考：它们是对那年的表写的，今年的表里对不上的更正会使运行停下。"
        )
        lines += [f"# {line}".rstrip() for line in old.read_text(encoding="utf-8-sig").splitlines()]
    to = folder / project.corrections
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text("\n".join(lines) + "\n", encoding="utf-8")
    begun.carried.append(Carried(project.corrections, CORRECTIONS))


# ── what has to come anew ─────────────────────────────────────────────────────────────────────────────────


def _expect(then: Project, carried: set[Path], folder: Path, begun: Begun) -> None:
    """List the inputs of the new year, without files ``carried`` over, and make the folders they go into."""
    head = then.project
    library = load_indicators(
        head.indicators, then.root, Findings(), inputs=tuple(then.inputs), dimension_names=head.dimensions
    )
    for name, item in complete_inputs(then, library, Findings()).inputs.items():
        if item.years and then.year not in item.years:
            told = "、".join(map(str, item.years))
            begun.look_at.append(
                f"输入 {name} 写着只用于 {told} 年（years），{then.year} 年用不到它；要用就改 years"
            )
            continue
        files = tuple(file.replace("{year}", str(then.year)) for file in item.files)
        paths = [then.input_path(file) for file in files]
        if set(paths) <= carried:
            continue
        begun.expected.append(Expected(item.title or name, files, item.provider, item.kind or ""))
        for path in paths:
            if path.is_relative_to(then.root):
                (folder / path.relative_to(then.root)).parent.mkdir(parents=True, exist_ok=True)


def _make_inputs(then: Project, folder: Path, begun: Begun) -> None:
    """The year's folder of inputs, where forms are looked for; what lies outside of the project is not ours to make."""
    home = then.input_path("")
    path = home / YEAR_FOLDER.format(year=then.year)
    if home.is_relative_to(then.root):
        (folder / path.relative_to(then.root)).mkdir(parents=True, exist_ok=True)
    elif not path.is_dir():
        begun.look_at.append(f"输入文件在项目目录之外（data），今年的表放到 {path}，请先建好这个目录")


def _look_at_results(path: Path, year: int, begun: Begun) -> None:
    """Whether last year's results came along, and what they say has to be declared anew."""
    try:
        known = year in store.years(path)
        changed = known and not store.read_frame(path, "predecessors", year).is_empty()
    except store.StoreError as fault:
        begun.look_at.append(f"结果库读不出：{fault}")
        return
    if not known:
        begun.look_at.append(f"上年目录里没有 {year} 年的体检结果：今年没有上年值可比，也不能复查上年的问题")
    if changed:
        begun.look_at.append(
            f"单元名录的“原代码”“占原单元份额”两列写的是 {year} 年的区划调整，请清空后只写今年的"
        )
