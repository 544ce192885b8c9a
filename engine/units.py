"""The tree of units (体检单元): district 区 → town 街镇 → community 社区.

A unit is keyed by its 统计用区划代码 kept as text (district 6, town 9, community 12 digits; a parent's code is
the beginning of its child's). Frames of units are sorted by code, so that a parent's children are a run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import polars as pl

from .findings import Findings, Place
from .results import LEVELS, SCHEMAS, conform

CODE_LENGTH = {"district": 6, "town": 9, "community": 12}
LEVEL_WORDS = {
    "district": "district", "区": "district", "区级": "district", "区县": "district", "市辖区": "district",
    "town": "town", "街镇": "town", "街道": "town", "镇": "town", "乡": "town", "街道/镇": "town",
    "community": "community", "社区": "community", "居委": "community", "村委": "community",
    "居委会": "community", "村委会": "community", "村居": "community",
}  # fmt: skip
RAW_COLUMNS = ("code", "name", "level", "parent", "kind", "population", "area_km2")
TITLES = {
    "code": "代码",
    "name": "名称",
    "level": "层级",
    "parent": "上级代码",
    "population": "常住人口",
    "area_km2": "面积",
}
LONGEST_NAME = 50
_ODD_MARKS = re.compile(r"[<>{}\\/|*?:=;`$%^~\n\r\t]")
_CALLED = {"\n": "换行", "\r": "回车", "\t": "制表符"}
_DEVICES = {"CON", "PRN", "AUX", "NUL"} | {f"{port}{n}" for port in ("COM", "LPT") for n in range(1, 10)}
UNLIKELY = 1.25  # a whole and its parts of different years or bases differ, but not by so much
UNIT_TYPES = {"population": "number", "area_km2": "number"}


def build_units(raw: pl.DataFrame, *, district: str, check_codes: bool, findings: Findings) -> pl.DataFrame:
    """The tree from the rows of the units table.

    ``raw`` has RAW_COLUMNS (parent may be null: it is then the beginning of the code) and ``_file``, ``_sheet``,
    ``_row``. Returns the frame ``units`` of :data:`SCHEMAS`, sorted by code. Faults are findings U001–U009; with
    any error the returned frame must not be used. U018 warns of names that hold more than a name.
    """
    rows = [dict(r) for r in raw.iter_rows(named=True)]
    known: dict[str, dict[str, object]] = {}
    for row in rows:
        place = Place(str(row["_file"]), str(row["_sheet"]), int(row["_row"]))
        code = str(row["code"] or "").strip()
        if not code:
            findings.add("U001", place.at(column=TITLES["code"]), expected="统计用区划代码")
            continue
        if code in known:
            findings.add("U002", place.at(column=TITLES["code"]), value=code, expected="每个单元一行")
            continue
        row.update(code=code, place=place)
        known[code] = row
        _check_row(row, check_codes, findings)
    _link(known, district, check_codes, findings)
    return _tree_frame(known)


def _check_row(row: dict[str, object], check_codes: bool, findings: Findings) -> None:
    """Level, code form, name, population and area of one row."""
    place, code = row["place"], str(row["code"])
    assert isinstance(place, Place)
    level = LEVEL_WORDS.get(str(row["level"] or "").strip())
    if level is None and check_codes:
        level = next((lv for lv, n in CODE_LENGTH.items() if n == len(code)), None)
    if level is None:
        findings.add("U003", place.at(column=TITLES["level"]), value=row["level"], expected="区、街镇或社区")
    elif check_codes and (not code.isdigit() or len(code) != CODE_LENGTH[level]):
        findings.add(
            "U004",
            place.at(column=TITLES["code"]),
            value=code,
            expected=f"{CODE_LENGTH[level]} 位数字，按文本存放",
        )
    row["level"] = level
    if not str(row["name"] or "").strip():
        findings.add("U001", place.at(column=TITLES["name"]), expected="单元名称")
    elif what := _odd_about(str(row["name"]).strip()):
        findings.add("U018", place.at(column=TITLES["name"]), value=row["name"], what=what,
                     expected="汉字、字母、数字、括号和间隔号")  # fmt: skip
    for column, title in (("population", "常住人口"), ("area_km2", "面积")):
        number = row.get(column)
        if isinstance(number, int | float) and not number >= 0:
            findings.add(
                "U005", place.at(column=TITLES[column]), value=number, what=title, expected="不小于 0 的数"
            )
            row[column] = None


def _odd_about(name: str) -> str:
    """What is strange about a unit's name; nothing where nothing is."""
    marks = "、".join(_CALLED.get(mark, mark) for mark in dict.fromkeys(_ODD_MARKS.findall(name)))
    if marks:
        return f"里有 {marks}"
    if len(name) > LONGEST_NAME:
        return f"有 {len(name)} 个字"
    if not re.search(r"\w", name):
        return "里没有字"
    return "是操作系统的设备名" if name.upper().split(".")[0] in _DEVICES else ""


def report_missing(units: pl.DataFrame, raw: pl.DataFrame, findings: Findings) -> None:
    """One warning (U006) for each of population and area that some unit still lacks, naming the first few.

    ``units`` is the tree with everything filled in that boundaries and children give; ``raw`` is what
    :func:`build_units` was given, for the places.
    """
    places = {str(r["code"] or "").strip(): Place(str(r["_file"]), str(r["_sheet"] or ""), int(r["_row"]))
              for r in raw.iter_rows(named=True)}  # fmt: skip
    for column, title in (("population", "常住人口"), ("area_km2", "面积")):
        lacking = units.filter(pl.col(column).is_null())
        if lacking.is_empty():
            continue
        names = "、".join(lacking["name"].head(3)) + ("等" if lacking.height > 3 else "")
        findings.add("U006", places[lacking["code"][0]].at(column=TITLES[column]), name=f"{names} {lacking.height} 个单元",
                     what=title, expected="填写数值")  # fmt: skip


def report_unlikely(units: pl.DataFrame, raw: pl.DataFrame, findings: Findings) -> None:
    """U016 for a population or an area far from what the units below add up to, U017 for siblings of one name.

    Both as written in the table: ``raw`` is what :func:`build_units` was given. Ground that belongs to no community may
    well be part of a town, so an area is told of only where the parts are larger than the whole.
    """
    rows = {str(r["code"] or "").strip(): r for r in raw.iter_rows(named=True)}
    for code, name in units.select("code", "name").iter_rows():
        below = children(units, code)
        parts = [rows[c] for c in below["code"] if c in rows]
        whole = rows.get(code)
        if whole is None or not parts:
            continue
        for column in ("population", "area_km2"):
            given, numbers = whole.get(column), [p.get(column) for p in parts]
            if given is None or any(n is None for n in numbers):
                continue
            total = sum(float(n) for n in numbers if n is not None)
            short = column == "population" and total < float(given) / UNLIKELY
            if short or total > float(given) * UNLIKELY:
                findings.add("U016", _place_of(whole).at(column=TITLES[column]), value=f"{given:g}", name=name,
                             what=TITLES[column], total=f"{total:g}", expected=f"{total:g} 左右")  # fmt: skip
        twice = (
            below.group_by("name").agg(pl.len(), pl.col("code").sort()).filter(pl.col("len") > 1).sort("name")
        )
        for same, count, codes in twice.iter_rows():
            findings.add("U017", _place_of(rows[codes[1]]).at(column=TITLES["name"]), value=same, parent=name, count=count,
                         expected="同一上级下各单元名称不同")  # fmt: skip


def _place_of(row: dict[str, object]) -> Place:
    return Place(str(row["_file"]), str(row["_sheet"] or ""), int(str(row["_row"])))


def _link(known: dict[str, dict[str, object]], district: str, check_codes: bool, findings: Findings) -> None:
    """Give every row its parent; name rows whose parent is absent, of the wrong level, or themselves."""
    districts = [code for code, row in known.items() if row["level"] == "district"]
    if known and districts != [district]:
        findings.add("U007", Place(file=str(next(iter(known.values()))["_file"])), value="、".join(districts) or "无",
                     expected=f"恰有一个区，代码 {district}")  # fmt: skip
    for code, row in known.items():
        level, place = row["level"], row["place"]
        assert isinstance(place, Place)
        if level not in CODE_LENGTH or level == "district":
            row["parent"] = None
            continue
        above = LEVELS[LEVELS.index(str(level)) - 1]
        parent = str(row["parent"] or "").strip() or (code[: CODE_LENGTH[above]] if check_codes else district)
        row["parent"] = parent
        if parent == code or parent not in known:
            findings.add("U008", place.at(column=TITLES["parent"]), value=parent, name=row["name"],
                         expected="名录中已有的上级代码，且不是自己")  # fmt: skip
        elif known[parent]["level"] not in (above, None):
            findings.add("U009", place.at(column=TITLES["parent"]), value=parent, name=row["name"],
                         expected=f"上级应是{'区' if above == 'district' else '街镇'}")  # fmt: skip


def _tree_frame(known: dict[str, dict[str, object]]) -> pl.DataFrame:
    """The frame, with the code of the ancestor (or self) at each level."""
    rows = []
    for code in sorted(known):
        row = known[code]
        ancestors: dict[str, object] = dict.fromkeys(LEVELS)
        at: str | None = code
        while at is not None and at in known and known[at]["level"] in CODE_LENGTH:
            level = str(known[at]["level"])
            if ancestors[level] is not None:  # a cycle, already a finding
                break
            ancestors[level] = at
            up = known[at]["parent"]
            at = str(up) if up else None
        rows.append({c: row.get(c) for c in RAW_COLUMNS} | ancestors)
    schema = {c: SCHEMAS["units"][c] for c in (*RAW_COLUMNS, *LEVELS)}
    return conform("units", pl.DataFrame(rows, schema=schema))


def ancestry(units: pl.DataFrame) -> pl.DataFrame:
    """unit, level, ancestor: one row for each unit and each of its ancestors, itself included."""
    return (
        units.select("code", *LEVELS)
        .unpivot(index="code", on=list(LEVELS), variable_name="level", value_name="ancestor")
        .drop_nulls("ancestor")
        .rename({"code": "unit"})
        .sort("unit", "ancestor")
    )


def kind_in_force(units: pl.DataFrame, named: Iterable[str]) -> dict[str, str]:
    """Unit → its own kind where that is one of ``named``, else the kind of the nearest unit above it that is.

    Units that have none are absent. A rule by kind of unit is read so: 内环内 for a community says more than 新城 for its town.
    """
    wanted = set(named)
    found: dict[str, str] = {}
    for level in LEVELS:
        for code, kind, parent in (
            units.filter(pl.col("level") == level).select("code", "kind", "parent").iter_rows()
        ):
            if kind in wanted:
                found[code] = kind
            elif parent in found:
                found[code] = found[parent]
    return found


def children(units: pl.DataFrame, code: str) -> pl.DataFrame:
    """The units directly under ``code``, sorted by code."""
    return units.filter(pl.col("parent") == code)


def names_by_code(units: pl.DataFrame) -> dict[str, str]:
    """code → name."""
    return dict(units.select("code", "name").iter_rows())


def make_codes(district: str, names: Iterable[str], parent: str, start: int = 1) -> list[str]:
    """Temporary codes for units that come without one: the parent's code and a running number of three digits."""
    return [f"{parent or district}{i:03d}" for i, _ in enumerate(names, start)]
