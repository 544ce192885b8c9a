"""A page of the manual taken apart for tests: its TOML blocks, and its tables with the words that introduce them."""

from __future__ import annotations

import csv
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xlsxwriter

MANUAL = Path(__file__).resolve().parents[1] / "docs" / "manual"
HEAD = """
[project]
name = "示例区"
district = "310199"
year = 2026
indicators = ["examples"]
crs = "EPSG:4549"

[units]
file = "单元名录.csv"
columns = { code = "统计用区划代码", name = "名称", level = "层级", parent = "上级代码", population = "常住人口", area_km2 = "面积（平方公里）", kind = "类型" }

"""
SYSTEM = """
name = "examples"
title = "手册中的例子"
source = "使用手册"
"""
Row = dict[str, str]


@dataclass(frozen=True)
class Shown:
    """One table: the heading it stands under, the paragraph right before it, its rows (header → cell, ``""`` blank)."""

    heading: str
    introduced: str
    rows: list[Row]


@dataclass(frozen=True)
class Block:
    """One block of TOML: as it stands, and what it says."""

    text: str
    says: dict[str, Any]

    def has(self, *keys: str) -> bool:
        """Whether one of the keys stands at its top."""
        return not self.says.keys().isdisjoint(keys)


@dataclass
class Page:
    """What is in a page, in its order."""

    blocks: list[Block] = field(default_factory=list)
    tables: list[Shown] = field(default_factory=list)


def read_page(name: str) -> Page:
    """The page of a name; a block that is no TOML is an error here already."""
    page, heading, paragraph = Page(), "", ""
    lines = iter((MANUAL / name).read_text(encoding="utf-8").splitlines())
    table: list[str] = []
    for line in lines:
        if line.startswith("|"):
            table.append(line)
            continue
        if table:
            page.tables.append(Shown(heading, paragraph, _rows(table)))
            table = []
        if line.startswith("```"):
            inside: list[str] = []
            for text in lines:
                if text.startswith("```"):
                    break
                inside.append(text)
            if line == "```toml":
                text = "\n".join(inside) + "\n"
                page.blocks.append(Block(text, tomllib.loads(text)))
        elif line.startswith("#"):
            heading, paragraph = line.lstrip("# "), ""
        elif line.strip():
            paragraph = line.strip()
    assert not table, f"{name} ends inside a table"
    return page


def project_of(page: Page, folder: Path, system: str) -> Path:
    """The chapter's district as a project: its units, its settings, its definitions; where its figures go.

    ``system``: what else the set of indicators says of itself, in TOML.
    """
    units = next(table.rows for table in page.tables if "统计用区划代码" in table.rows[0])
    with (folder / "单元名录.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(units[0]))
        writer.writeheader()
        writer.writerows(units)
    inputs = next(block.text for block in page.blocks if block.has("inputs"))
    (folder / "tijian.toml").write_text(HEAD + inputs, encoding="utf-8")
    own = folder / "indicators" / "examples"
    own.mkdir(parents=True)
    (own / "system.toml").write_text(SYSTEM + system, encoding="utf-8")
    for number, block in enumerate(block for block in page.blocks if block.has("indicator")):
        (own / f"{number:02}.toml").write_text(block.text, encoding="utf-8")
    sent = folder / "inputs" / "2026"
    sent.mkdir(parents=True)
    return sent


def title_of(table: Shown) -> str:
    """The name of the form 《…》 that the words before a table tell."""
    named = re.search("《(.+?)》", table.introduced)
    assert named is not None, table.introduced
    return named[1]


def _rows(table: list[str]) -> list[Row]:
    cells = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in table]
    header, _, *rows = cells
    assert all(len(row) == len(header) for row in rows), f"a row of another width under {header}"
    return [dict(zip(header, row, strict=True)) for row in rows]


def as_printed(printed: str, found: float | None) -> bool:
    """Whether a figure, rounded as far as it is printed, is what is printed; — stands for none."""
    if printed in ("—", "") or found is None:
        return printed in ("—", "") and found is None
    text = re.sub(r"[^\d.−-]", "", printed).replace("−", "-")
    digits = len(text.partition(".")[2])
    return abs(float(text) - found) <= 0.5 * 10.0**-digits + 1e-9


def sheet(path: Path, rows: list[Row]) -> None:
    """The rows as a department's table; figures as numbers."""
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, list(rows[0]))
        for number, row in enumerate(rows, 1):
            page.write_row(number, 0, [float(c) if re.fullmatch(r"\d+", c) else c for c in row.values()])


def sums_worked_out(name: str) -> list[tuple[str, float, str]]:
    """(as written, what it comes to, what is printed behind =) of every sum that a page's prose works out in figures."""
    text = (MANUAL / name).read_text(encoding="utf-8")
    prose = re.sub(r"```.*?```|^\|[^\n]*", "", text, flags=re.S | re.M)
    sums = re.findall(r"([\d.()%\s+−×÷^/]*\d[)%]*) = ([\d.]*\d%?)(?![\d.]*\s*[–×÷+−(])", prose)
    found = []
    for written, printed in sums:
        if not re.search(r"[+−×÷]", written) or written.count("(") != written.count(")"):
            continue
        python = re.sub(r"([\d.]+)%", r"(\1/100)", " ".join(written.split()))
        for sign, operator in (("−", "-"), ("×", "*"), ("÷", "/"), ("^", "**")):
            python = python.replace(sign, operator)
        value = float(eval(python, {"__builtins__": {}}))
        share = printed.endswith("%") and abs(value) <= 1  # of parts of a whole the per cent are printed
        found.append((written.strip(), value * 100 if share else value, printed.rstrip("%")))
    return found
