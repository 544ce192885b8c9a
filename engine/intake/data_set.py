"""Data sets (大数据集): Parquet files too large for a frame, checked by queries and left where they lie.

Whoever names a data set as an input (``file = "records/*.parquet"``) gets what tables get: units are known or told,
columns are there and of the declared types, keys differ, numbers keep to their limits. What cannot be told cell by cell
is told once a column with the number of rows. Personal numbers are masked in whatever leaves the data set.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import polars as pl

from ..data_set import ABOVE, CODE, DataSet, Query, quoted, read_as
from ..evidence import LEVEL_COLUMNS, Evidence, Source
from ..findings import Finding, Findings, Place
from ..measure.aggregate_sql import MeasureError
from ..plain_words import in_plain_words
from ..settings.project import FILE_NAME, Input
from ..storage.kept import Kept, Piece, digest, software
from ..storage.record import NotParquetError, footer_hash
from ..units import ancestry
from .desk import Desk

SUFFIX = ".parquet"
TOLD = 20  # codes, keys and rows that are told one by one
AT_ONCE = 8_000_000  # keys compared with each other in one go: more go hash by hash, in the memory of so many
_CALLED = {"number": "数值", "integer": "整数", "yesno": "是否", "date": "日期", "text": "文字"}
_KINDS: dict[str, pl.DataType] = {
    "number": pl.Float64(), "integer": pl.Int64(), "yesno": pl.Boolean(), "date": pl.Date(), "text": pl.String(),
}  # fmt: skip
_NULLS = {"number": "DOUBLE", "integer": "BIGINT", "yesno": "BOOLEAN", "date": "DATE", "text": "VARCHAR"}
Files = list[tuple[Path, str]]  # where each lies, and how messages name it


def is_data_set(item: Input) -> bool:
    """Whether an input names Parquet files."""
    return any(written.lower().endswith(SUFFIX) for written in item.files)


def read_data_set(name: str, item: Input, desk: Desk, kept: Kept) -> Evidence | None:
    """The evidence of a data set, without its rows; None (with findings) where it cannot be used."""
    found = _files(name, item, desk)
    hashes = _hashes(found, desk.findings)
    if not found or not hashes or not _may_be_read_so(name, item, desk.findings):
        return None
    key = digest(software(), name, item.model_dump_json(), desk.project.year, hashes, desk.key)
    data = DataSet(
        tuple((str(path), shown) for path, shown in found), item.unit or "", (),
        ancestry(desk.units).select("unit", above="ancestor"),
    )  # fmt: skip
    piece = kept.recall(key)
    if piece is None:
        told = Findings()
        try:
            piece = _checked(name, item, data, desk, told)
        except MeasureError as fault:
            told.add("F003", Place(found[0][1]), detail=str(fault), expected="能读的 Parquet 文件")
        if piece is None or told.errors:
            desk.findings.extend(told)
            return None
        kept.keep(key, piece)
    desk.findings.extend(Finding(**{**f, "place": Place(**f["place"])}) for f in piece.facts["findings"])
    facts = {field: piece.facts[field] for field in ("unique", "rows", "unplaced")}
    data = replace(data, columns=tuple((ours, sql) for ours, sql in piece.facts["columns"]), **facts)
    named = "、".join(written.replace("{year}", str(desk.project.year)) for written in item.files)
    source = Source(named, digest([(shown, footer) for shown, footer, _ in hashes]))
    return Evidence(name, item, piece.frames["rows"], (source,), key=key, many=data)


def _files(name: str, item: Input, desk: Desk) -> Files:
    """The files of a data set, by name; P004 where there is none, P026 for those that lead out of the project."""
    home, found = desk.project.input_path("."), []
    homes = [os.path.realpath(desk.project.root), str(home)]
    for written in item.files:
        pattern = written.replace("{year}", str(desk.project.year))
        here = sorted(shown for shown in glob.glob(pattern, root_dir=home, recursive=True))
        if not here and not item.optional:
            desk.findings.add("P004", Place(pattern), name=item.title or name, value=pattern,
                              expected="把文件放到这个位置")  # fmt: skip
        for shown in here:
            path = Path(os.path.realpath(home / shown))
            if any(path.is_relative_to(allowed) for allowed in homes):
                found.append((path, shown))
            else:
                desk.findings.add("P026", Place(FILE_NAME, column=f"inputs.{name}"), value=shown, field=f"inputs.{name}",
                                  detail="不在项目目录和 data 目录里", expected="项目目录或 data 目录里的文件")  # fmt: skip
    return found


def _hashes(found: Files, findings: Findings) -> list[tuple[str, str, int]]:
    """name, hash of size and footer, time of writing of every file; F003 (and nothing) where one is not Parquet."""
    hashes = []
    for path, shown in found:
        try:
            hashes.append((shown, footer_hash(path), path.stat().st_mtime_ns))
        except NotParquetError as fault:
            findings.add("F003", Place(shown), detail=str(fault), expected="完整的 Parquet 文件")
    return hashes if len(hashes) == len(found) else []


def _may_be_read_so(name: str, item: Input, findings: Findings) -> bool:
    """Whether the project reads it as a data set can be read; else P040."""
    faults = {
        "只能是明细": item.kind != "records" and 'kind = "records"',
        "还没有写单元代码在哪一列": not item.unit and 'unit = "单元代码所在列"',
        "不能按坐标归到单元": (item.x or item.tags) and 'unit = "单元代码所在列"，不写 x、y',
        "不能与别的格式写在一起": not all(f.lower().endswith(SUFFIX) for f in item.files)
        and "都写 .parquet 文件",
    }
    for detail, wanted in faults.items():
        if wanted:
            place = Place(FILE_NAME, column=f"inputs.{name}")
            findings.add("P040", place, value=name, detail=detail, expected=wanted)
    return not any(faults.values())


def _checked(name: str, item: Input, data: DataSet, desk: Desk, told: Findings) -> Piece | None:
    """What was found out about a data set, to be kept; None (with findings) where its columns cannot be read."""
    headers = {CODE: item.unit or ""} | dict(item.columns)
    schema = _schema(data.files, headers, told)
    columns = _read_as(item, schema, headers, data.files[0][1], told)
    if told.errors:
        return None
    raw = [(f"_raw{i}", quoted(headers[c])) for i, (c, _) in enumerate(columns) if headers[c] in schema]
    data = replace(data, columns=(*columns, *raw))
    empty = Evidence(name, item, pl.DataFrame(), many=data)
    with desk.querying({name: empty}) as query:
        counts = _count(name, columns, raw, query)
        _tell_counts(name, item, counts, data, query, told)
        _tell_codes(name, headers[CODE], data, query, told)
        unique = item.key if item.key in dict(columns) else ""
        if unique:
            _tell_twice(name, unique, headers[unique], counts["rows"], data, query, told)
    types: dict[str, pl.DataType] = {
        c: _KINDS[item.types.get(c, "text")] for c, _ in columns if c in item.types
    }
    types |= {c: schema[headers[c]] for c, _ in columns if c not in types and headers[c] in schema}
    placed: dict[str, pl.DataType] = {c: pl.String() for c in ("unit", "_file", "_sheet", *LEVEL_COLUMNS)} | {
        "_row": pl.Int64()
    }
    facts = {
        "findings": [asdict(f) for f in told], "columns": [list(c) for c in columns], "unique": unique,
        "rows": counts["rows"], "unplaced": counts["blank"],
    }  # fmt: skip
    return Piece({"rows": pl.DataFrame(schema=types | placed)}, facts)


def _schema(
    files: tuple[tuple[str, str], ...], headers: dict[str, str], told: Findings
) -> dict[str, pl.DataType]:
    """Header → type of the first file's columns; T021 for a file in which one that is read is of another type."""
    first: dict[str, pl.DataType] = {}
    for path, shown in files:
        try:
            here = dict(pl.read_parquet_schema(path))
        except (pl.exceptions.PolarsError, OSError) as fault:
            told.add(
                "F003", Place(shown), detail=in_plain_words(fault, Path(path)), expected="完整的 Parquet 文件"
            )
            continue
        first = first or here
        for header in dict.fromkeys(headers.values()):
            if here.get(header) != first.get(header):
                told.add("T021", Place(shown, column=header), value=here.get(header, "没有这一列"),
                         wanted=f"与 {files[0][1]} 相同的类型", expected=str(first.get(header, "没有这一列")))  # fmt: skip
    return first


def _read_as(
    item: Input, schema: dict[str, pl.DataType], headers: dict[str, str], file: str, told: Findings
) -> list[tuple[str, str]]:
    """Our name → the SQL that reads the column, of every declared column; T002, T004 or T021 where there is none."""
    needed = {CODE, *item.required} | ({item.key} if item.key else set())
    columns = []
    for ours, header in headers.items():
        wanted = item.types.get(ours)
        if header not in schema:
            code = "T002" if ours in needed else "T004"
            told.add(code, Place(file, column=header), value=header, near="、".join(list(schema)[:12]) or "无",
                     expected="文件里有的列")  # fmt: skip
            columns.append((ours, f"CAST(NULL AS {_NULLS[wanted or 'text']})"))
            continue
        kind = wanted or _kind_of(schema[header])
        expression = read_as(header, schema[header], kind, item.limits.get(ours, (None, None)))
        if expression is None:
            told.add("T021", Place(file, column=header), value=schema[header], wanted=_CALLED[kind],
                     expected=f"{_CALLED[kind]}类型的列")  # fmt: skip
        columns.append((ours, expression or "NULL"))
    return [(ours, expression) for ours, expression in columns if ours != CODE]


def _kind_of(dtype: pl.DataType) -> str:
    """How a column is read of which the project does not say it."""
    if dtype.is_numeric():
        return "integer" if dtype.is_integer() else "number"
    if dtype == pl.Boolean:
        return "yesno"
    return "date" if dtype in (pl.Date, pl.Datetime) else "text"


def _count(
    name: str, columns: list[tuple[str, str]], raw: list[tuple[str, str]], query: Query
) -> dict[str, int]:
    """rows, blank (rows without a code), of every column how many rows it has no value in, and of how many no usable one."""
    known = {f"_raw{i}": c for i, (c, _) in enumerate(columns) if f"_raw{i}" in dict(raw)}
    told = [f"count({r}) AS {r}, count({quoted(c)}) AS {quoted(c)}" for r, c in known.items()]
    row = query(
        f'SELECT count(*) AS "_rows", count({CODE}) AS _coded{"".join(f", {t}" for t in told)} FROM "{name}"'
    ).row(0, named=True)
    rows = int(row["_rows"])
    return (
        {"rows": rows, "blank": rows - int(row["_coded"])}
        | {f"absent {c}": rows - int(row[r]) for r, c in known.items()}
        | {f"refused {c}": int(row[r]) - int(row[c]) for r, c in known.items()}
    )


def _tell_counts(
    name: str, item: Input, counts: dict[str, int], data: DataSet, query: Query, told: Findings
) -> None:
    """T005, N005, T013 and T012, each once a column at the first row concerned."""
    if not counts["rows"] and not item.empty_means_none:
        told.add("T005", Place(data.files[0][1]), expected="有数据行")
    if counts["blank"]:
        place = _first(name, f"{CODE} IS NULL", data, query)
        told.add("N005", place.at(column=data.unit), count=counts["blank"], expected="所在单元的代码")
    raw = {ours: f"_raw{i}" for i, (ours, _) in enumerate(data.columns)}
    for ours in dict.fromkeys([*item.required, *([item.key] if item.key else [])]):
        if counts.get(f"absent {ours}"):
            place = _first(name, f"{raw[ours]} IS NULL", data, query)
            told.add("T013", place.at(column=item.columns[ours]), expected="每行都有")
    for ours in item.columns:
        if counts.get(f"refused {ours}"):
            place = _first(name, f"{raw[ours]} IS NOT NULL AND {quoted(ours)} IS NULL", data, query)
            low, high = item.limits.get(ours, (None, None))
            between = f"{'' if low is None else f'{low:g}'}–{'' if high is None else f'{high:g}'}"
            told.add("T012", place.at(column=item.columns[ours]), value=f"{counts[f'refused {ours}']} 行的数",
                     expected=between if ours in item.limits else "数值")  # fmt: skip


def _first(name: str, where: str, data: DataSet, query: Query) -> Place:
    """Where the first row that meets a condition stands."""
    found = query(f'SELECT _file, min(_row) AS _row FROM "{name}" WHERE {where} GROUP BY _file')
    return next(_places(data.shown(found)))


def _places(frame: pl.DataFrame) -> Iterator[Place]:
    for row in frame.sort("_file", "_row").iter_rows(named=True):
        yield Place(row["_file"], row=row["_row"])


def _tell_codes(name: str, header: str, data: DataSet, query: Query, told: Findings) -> None:
    """N001 for the codes that no unit has, those of most rows first."""
    unknown = query(
        "SELECT c.unit, c.n, count(*) OVER () AS kinds FROM ("
        f'SELECT CAST({CODE} AS VARCHAR) AS unit, count(*) AS n FROM "{name}" WHERE {CODE} IS NOT NULL '
        f'GROUP BY {CODE}) AS c LEFT JOIN "{name}{ABOVE}" AS a ON c.unit = a.unit AND a.above = a.unit '
        f"WHERE a.unit IS NULL ORDER BY c.n DESC, c.unit LIMIT {TOLD}"
    )
    if unknown.is_empty():
        return
    listed = ", ".join("'" + code.replace("'", "''") + "'" for code in unknown["unit"])
    at = data.shown(
        query(
            f'SELECT unit, _file, min(_row) AS _row FROM "{name}" WHERE unit IN ({listed}) GROUP BY unit, _file'
        )
    )
    for row in unknown.iter_rows(named=True):
        place = next(_places(at.filter(unit=row["unit"])))
        told.add("N001", place.at(column=header), value=row["unit"], count=row["n"], within="", near="无",
                 expected="名录中的代码")  # fmt: skip
    if (more := unknown["kinds"][0] - unknown.height) > 0:
        told.add(
            "T014",
            Place(data.files[0][1], column=header),
            kind="单元代码对不上",
            count=more,
            expected="名录中的代码",
        )


def _tell_twice(
    name: str, key: str, header: str, rows: int, data: DataSet, query: Query, told: Findings
) -> None:
    """T020 for later rows of a key that was there already."""
    column, parts = quoted(key), max(1, -(-rows // AT_ONCE))
    found = []
    for part in range(parts):
        some = f"AND abs(hash({column}) % {parts}) = {part}" if parts > 1 else ""
        twice = (
            f'SELECT {column} AS k, count(*) OVER () AS kinds FROM "{name}" WHERE {column} IS NOT NULL {some} '
            f"GROUP BY {column} HAVING count(*) > 1 ORDER BY k LIMIT {TOLD}"
        )
        found.append(
            query(
                f'SELECT CAST(t.{column} AS VARCHAR) AS k, f.kinds, t._file, t._row FROM "{name}" AS t '
                f"JOIN ({twice}) AS f ON t.{column} = f.k"
            ).with_columns(pl.lit(part).alias("part"))
        )
    again = data.shown(pl.concat(found)).sort("_file", "_row").filter(~pl.col("k").is_first_distinct())
    for row in again.head(TOLD).iter_rows(named=True):
        place = Place(row["_file"], row=row["_row"], column=header)
        told.add("T020", place, value=row["k"], expected="每行一个不同的编号")
    more = again.unique("part")["kinds"].sum() - again.head(TOLD)["k"].n_unique()
    if more > 0:
        place = Place(data.files[0][1], column=header)
        told.add("T014", place, kind="编号重复", count=more, expected="每行一个不同的编号")
