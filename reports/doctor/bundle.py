"""The support bundle (求助包): what those who help need to know of an installation and a project, and nothing about people.

No input, no cell and no value is in it, and no message that could repeat one: findings are told by code and place, tables by
their height and columns, an unexpected error by the lines of our own code. Names that people give (of files, sheets, columns
of theirs) are in it only where the project's settings or our forms have them, files under the name of their input. Every
text goes through the masks of personal numbers, and is rid of the home folder, the user and the machine.

The same project on the same machine gives the same bytes.
"""

from __future__ import annotations

import getpass
import io
import json
import os
import platform
import re
import traceback
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ...engine.findings import Findings, InputError, Place, catalogue
from ...engine.personal import masked
from ...engine.results import SCHEMAS
from ...engine.run import check
from ...engine.settings.forms import complete_inputs
from ...engine.settings.project import FILE_NAME, Project, load_project
from ...engine.storage import store
from ...indicators.loader import load_indicators
from .version import PACKAGE, version_text

HIDDEN = "［已隐去］"
_NONE = frozenset({""})
_FILES = ("file", "data", "names", "corrections", "judgements")  # settings that name a file or folder
_KEY = re.compile(r"[a-z0-9_.]+")  # of the project's file
README = """求助包：tijian doctor --bundle 写出，供维护的人查问题用。

里面有什么
  本机.txt      tijian doctor 查到的：系统库、字体、内存和磁盘够不够、项目目录的状态
  版本.txt      程序、库和系统的版本
  设置.json     tijian.toml 里的设置（不含注释；输入文件只写后缀）
  问题.csv      tijian check 现在查出的问题：代码、级别、名称、在哪项输入的第几行哪一列、几处；没有原值，也没有说明文字
  结果.csv      results.duckdb 里每年每张表有多少行、有哪些列；没有任何值
  运行.json     每年的运行：程序版本、编号、用到的输入（内容的校验值和行数）、指标编号
  错误.txt      检查时程序自己的错误，只有出错的程序行；没有出错则写“没有”

里面没有什么
  输入文件和工作簿的内容，单元的名称，人的姓名、电话、证件号，用户名、主目录、主机名。

发出前请逐个打开看一遍。觉得不该发的，从包里删去再发。
"""


def contents(folder: Path, told: str) -> dict[str, str]:
    """The files of the bundle by their names; ``told`` is what doctor found. Of a folder without a project less."""
    files = {"说明.txt": README, "本机.txt": told, "版本.txt": version_text()}
    if (folder / FILE_NAME).is_file():
        findings = Findings()
        project = load_project(folder, findings)
        files |= _of_project(project) if project is not None else {"问题.csv": _findings(findings, {}, _NONE)}
    return {name: scrubbed(text, folder) + "\n" for name, text in files.items()}


def _of_project(project: Project) -> dict[str, str]:
    """What is told of a project whose file can be read."""
    findings, error = _checked(project)
    library = load_indicators(project.project.indicators, project.root, Findings())
    labels = frozenset(item.label for form in library.forms.values() for item in form.item)
    settings = settings_told(project.model_dump(mode="json", exclude_defaults=True))
    whole = complete_inputs(project, library, Findings())
    codes = {f"指标 {indicator.code}": f"指标 {indicator.code}" for indicator in library.indicators}
    return {
        "设置.json": _json(settings),
        "问题.csv": _findings(
            findings, codes | _aliases(whole), _NONE | labels | frozenset(_texts(settings))
        ),
        "错误.txt": error or "没有",
        **_results(project),
    }


def packed(files: Mapping[str, str]) -> bytes:
    """A zip of texts, whose bytes depend on them alone."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text.encode(), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def scrubbed(text: str, folder: Path) -> str:
    """A text without personal numbers, the project's and the user's folder, the user's and the machine's name."""
    places = {str(folder.resolve()): "［项目目录］", str(Path.home()): "［主目录］"}
    for place, mask in sorted(places.items(), key=lambda item: -len(item[0])):
        if len(place) > 1:  # not of a user whose home is /
            text = text.replace(place, mask)
    for name in {platform.node(), platform.node().split(".")[0], _user()} - {""}:
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", HIDDEN, text)
    return masked(text)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user number without a name
        return os.environ.get("USER", "")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)


# ---- the project's settings ----------------------------------------------------------------------------------


def settings_told(value: Any, key: str = "") -> Any:
    """Settings without what people named: of files the ending is told, experts are numbered."""
    if key == "experts" and isinstance(value, dict):
        return {f"专家{i}": weight for i, weight in enumerate(value.values(), 1)}
    if isinstance(value, dict):
        return {name: settings_told(inner, name) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [settings_told(inner, key) for inner in value]
    return f"［文件］{Path(value).suffix}" if key in _FILES and isinstance(value, str) else value


def _aliases(project: Project) -> dict[str, str]:
    """File as findings name it → the input it is of."""
    told = {FILE_NAME: FILE_NAME, project.names: "names", project.corrections: "corrections"}
    told |= {project.units.file or "": "units"}
    told |= {boundary.file: "units.boundaries" for boundary in project.units.boundaries}
    for name, item in project.inputs.items():
        told |= {file.replace("{year}", str(project.year)): f"inputs.{name}" for file in item.files}
    return told


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value


# ---- what is wrong ------------------------------------------------------------------------------------------


def _checked(project: Project) -> tuple[Findings, str]:
    """What ``tijian check`` finds now; and where the program itself failed, the lines of its own at which it did."""
    findings = Findings()
    try:
        check(project, findings, lambda *_: None)
    except (InputError, store.StoreError):
        return findings, ""
    except Exception as fault:
        return findings, _lines_of(fault)
    return findings, ""


def _lines_of(fault: BaseException) -> str:
    """The kind of an error and our own lines on the way to it; not its message, which may repeat what stands in an input."""
    rows = traceback.extract_tb(fault.__traceback__)
    own = [row for row in rows if Path(row.filename).is_relative_to(PACKAGE)]
    places = (f"{Path(row.filename).relative_to(PACKAGE)}:{row.lineno} {row.name}" for row in own)
    return "\n".join([type(fault).__name__, *places])


def _findings(findings: Findings, aliases: Mapping[str, str], known: frozenset[str]) -> str:
    """Findings by code and place, those of the same place counted; ``known`` are words of settings and forms.

    Any other sheet or column is named by people, or by what stands in a file, and is not told.
    """
    kinds = catalogue()
    rows = Counter((f.code, *_told_of(f.place, aliases, known)) for f in findings)
    lines = ["代码,级别,名称,文件,工作表,行,列,处数"]
    for (code, *place), many in sorted(rows.items()):
        lines.append(",".join((code, kinds[code].level, kinds[code].title, *place, str(many))))
    return "\n".join(lines)


def _told_of(place: Place, aliases: Mapping[str, str], known: frozenset[str]) -> tuple[str, str, str, str]:
    """File, sheet, row and column, as far as they may be told."""
    ours = place.file == FILE_NAME and _KEY.fullmatch(place.column) is not None
    file = aliases.get(place.file, f"［其他文件］{Path(place.file).suffix}") if place.file else ""
    row = "" if place.row is None else str(place.row)
    return file, _may(place.sheet, known), row, place.column if ours else _may(place.column, known)


def _may(word: str, known: frozenset[str]) -> str:
    return word if word in known else "［其他］"


# ---- results ------------------------------------------------------------------------------------------------


def _results(project: Project) -> dict[str, str]:
    """Heights and columns of the tables, and what is recorded of each run; why not, where the file cannot be read."""
    path = project.store_path
    if not path.is_file():
        return {}
    try:
        known = {year: store.read_results(path, year) for year in store.years(path)}
        runs = {year: store.read_frame(path, "runs", year) for year in known}
        facts = {year: store.facts_of(path, year) for year in known}
    except store.StoreError as fault:
        return {"结果.csv": str(fault)}
    lines = ["年份,表,行数,列"]
    for year, results in known.items():
        frames = {name: getattr(results, name, runs[year]) for name in SCHEMAS}
        lines += [f"{year},{name},{frame.height},{' '.join(frame.columns)}" for name, frame in frames.items()]
    told = {
        str(year): {
            "version": results.version, "run_id": results.run_id, "crs": results.crs,
            "upgraded_from": facts[year].get("upgraded_from"),
            "inputs": results.inputs.select("name", "kind", "sha256", "rows", "unplaced").to_dicts(),
            "indicators": results.indicators["code"].to_list(),
        }
        for year, results in known.items()
    }  # fmt: skip
    return {"结果.csv": "\n".join(lines), "运行.json": _json(told)}
