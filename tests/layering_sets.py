"""What the tests of layering share: indicator sets of their own, written into a project's ``indicators/`` folder.

They say what a layer does, not what the shipped sets happen to hold.
"""

from __future__ import annotations

import json
from pathlib import Path

from tijian.engine.findings import Finding, Findings
from tijian.indicators.loader import Library, load_indicators

INDICATOR = """
[[indicator]]
code = "{code}"
name = "{name}"
dimension = "{dimension}"
aspect = "公共交通"
scale = "街区"
unit = "%"
direction = "higher"
levels = ["district", "town"]
kind = "guiding"
treatment = "effort"
definition = "有轨电车中达标的所占比例。"
formula = "达标辆数 ÷ 总辆数 × 100%"
lead = ["区交通委"]
remedy = "在{{unit}}更新车辆。"
{more}
  [indicator.measure]
  method = "ratio"
  of = "trams"
  numerator = "sum(trams_good)"
  denominator = "sum(trams)"
  scale = 100
"""
FORM = """
[[form]]
input = "trams"
title = "{title}"
kind = "figures"
of = "街镇"
level = "town"
provider = "区交通委"

  [[form.item]]
  name = "trams"
  label = "电车 总数"
  type = "integer"

  [[form.item]]
  name = "trams_good"
  label = "电车 达标"
  type = "integer"
"""


def system(
    name: str, *dimensions: str, on: tuple[str, ...] = (), more: str = "", title: str | None = None
) -> str:
    """A set's ``system.toml``."""
    listed = f"dimensions = {json.dumps(dimensions, ensure_ascii=False)}\n" if dimensions else ""
    base = f"builds_on = {json.dumps(on)}\n" if on else ""
    return f'name = "{name}"\ntitle = "{title or name}"\nsource = "试验"\n{listed}{base}{more}'


def indicator(code: str, dimension: str = "出行", more: str = "", name: str = "电车达标率") -> str:
    """One ``[[indicator]]`` over the form of trams."""
    return INDICATOR.format(code=code, dimension=dimension, more=more, name=name)


def override(code: str, field: str, value: str) -> str:
    """One ``[[override]]``; ``value`` as written in TOML."""
    return f'[[override]]\ncode = "{code}"\nfield = "{field}"\nvalue = {value}\nreason = "本区规定"\n'


def borrow(source: str, *codes: str) -> str:
    """One ``[[borrow]]``."""
    return f'[[borrow]]\nfrom = "{source}"\ncodes = {json.dumps(codes)}\n'


def laid(folder: Path, files: dict[str, str]) -> Path:
    """A project folder whose ``indicators/`` holds the files given, by ``set/file`` or ``file``."""
    for name, text in files.items():
        path = folder / "indicators" / f"{name}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def load(
    folder: Path, files: dict[str, str], *sets: str, names: dict[str, str] | None = None
) -> tuple[Library, list[Finding]]:
    """The library of ``sets``, and what was found."""
    findings = Findings()
    library = load_indicators(sets, laid(folder, files), findings, dimension_names=names)
    return library, list(findings)


def codes(library: Library) -> list[str]:
    return [i.code for i in library.indicators]


def project(folder: Path, *sets: str, more: str = "") -> Path:
    """The smallest project that names ``sets``, for the command line."""
    named = json.dumps(sets)
    (folder / "units.csv").write_text(
        "代码,名称,层级,上级代码,类型,人口,面积\n990101,示例区,区,,,200,2\n990101001,东街道,街镇,990101,街道,200,2\n",
        encoding="utf-8",
    )
    (folder / "tijian.toml").write_text(
        f'[project]\nname = "示例区"\ndistrict = "990101"\nyear = 2026\nindicators = {named}\n{more}\n'
        '[units]\nfile = "units.csv"\n',
        encoding="utf-8",
    )
    return folder


SOURCE = {
    "source/system": system("source", "出行"),
    "source/a": indicator("XX-01") + indicator("XX-02", name="另一项"),
    "source/forms": FORM.format(title="电车填报表"),
    "taker/system": system("taker", "出行"),
}
