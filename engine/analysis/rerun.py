"""Edited re-runs (改一处再算): a year scored again from its record, as it was or with single choices of the scheme changed.

Everything comes from ``results.duckdb``: definitions, scheme and judgements from the run's record, measurements, units,
answers and what is known of earlier years from the tables. Without an edit the scores are those stored. What an earlier
year says is what the file holds of it now.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import ValidationError

from ..evidence import HISTORY, PREDECESSORS
from ..peers import peer_groups
from ..results import Results
from ..scoring.everything import Basis, score_all
from ..settings.project import explained
from ..settings.scheme import Scoring, SmallNumbers
from ..storage.store import StoreError, read_frame, read_results
from ..years.comparable import links_back, rules_of_record
from ..years.earlier import earlier_values, last_year

Frames = dict[str, pl.DataFrame]


def recorded(path: Path, year: int) -> tuple[Basis, Scoring]:
    """What was scored in ``year`` and by which scheme, from the results file at ``path`` alone.

    Raises StoreError when there is no such file or year, or an earlier program recorded it in other words.
    """
    results = read_results(path, year)
    record = json.loads(read_frame(path, "runs", year)["record"][0])
    try:
        return _from_record(path, year, results, record)
    except (KeyError, ValidationError):
        raise StoreError(
            f"{year} 年的运行记录是较早版本的程序写的，不能改一处再算；请用本版本重新运行 tijian run --year {year}"
        ) from None


def _from_record(path: Path, year: int, results: Results, record: Mapping[str, Any]) -> tuple[Basis, Scoring]:
    """The basis and the scheme; raises KeyError or ValidationError where the record is not in today's words."""
    told = results.history.select(pl.col("of_year").alias("year"), *(c for c in HISTORY if c != "year"))
    changed = results.predecessors.select(list(PREDECESSORS))
    rules = SmallNumbers.model_validate(record["project"]["small_numbers"])
    now = rules_of_record(record, year)
    if now.unread:  # a year without some of its indicators would be another year
        raise KeyError(*now.unread)
    links = links_back(path, now)
    basis = Basis(
        measurements=results.measurements, units=results.units, survey=results.survey,
        indicators=tuple(now.indicators.values()), names=results.dimension_names, year=year,
        before=last_year(path, told, now, links, changed, results.dimension_names),
        earlier=earlier_values(path, told, year, links, changed), judgements=now.judgements,
        peers=peer_groups(results.units, results.types, rules),
    )  # fmt: skip
    return basis, Scoring.model_validate(record["project"]["scoring"])


def rescore(basis: Basis, scheme: Scoring, **edits: object) -> Frames:
    """The frames of score_all under ``scheme`` with single keys edited: ``rescore(b, s, scale="minmax")``.

    Keys and values are those of ``[scoring]``, dotted for the tables inside (``**{"outliers.method": "winsorise"}``).
    Raises ValueError that names every key there is not (with the valid ones) and every value that cannot be.
    """
    return score_all(basis, edited(scheme, edits, basis))


def edited(scheme: Scoring, edits: Mapping[str, object], basis: Basis) -> Scoring:
    """``scheme`` with single keys changed; raises ValueError as :func:`rescore`."""
    if not edits:
        return scheme
    raw, wrong = scheme.model_dump(), list[str]()
    for key, value in edits.items():
        wrong += _put(raw, key, value, basis)
    try:
        made = Scoring.model_validate(raw)
    except ValidationError as fault:
        wrong += [_said(explained(error, ("scoring",))) for error in fault.errors()]
    if wrong:
        raise ValueError("；".join(dict.fromkeys(wrong)))
    return made


def _put(raw: dict[str, Any], key: str, value: object, basis: Basis) -> Iterable[str]:
    """Set one dotted key; a sentence where it leads nowhere."""
    *path, last = key.split(".")
    named = {
        "dimension_weights": ("维度", basis.names),
        "indicators": ("指标", [i.code for i in basis.indicators]),
    }
    if path and path[0] in named:
        child = (*path[1:], last)[0]
        what, known = named[path[0]]
        if child not in known:
            return [f"{key}：没有名为“{child}”的{what}，有：{'、'.join(known)}"]
    inner: Any = raw
    for part in path:
        inner = inner.setdefault(part, {})
        if not isinstance(inner, dict):
            return [f"{key}：{part} 是一个值，下面没有键"]
    inner[last] = value
    return []


def _said(error: Mapping[str, str]) -> str:
    return f"{error['field'].removeprefix('scoring.')}：{error['detail']}，{error['expected']}"


def parse_edits(texts: Iterable[str]) -> dict[str, object]:
    """``键=值`` as typed: the value as in TOML where it is TOML (``0.3``, ``true``, ``["甲"]``), else text as it stands.

    Raises ValueError for one without ``=``.
    """
    edits: dict[str, object] = {}
    for text in texts:
        key, sign, value = text.partition("=")
        if not sign or not key.strip():
            raise ValueError(f"“{text}”应写成 键=值，如 aggregate_dimensions=geometric")
        try:
            edits[key.strip()] = tomllib.loads(f"value = {value}")["value"]
        except tomllib.TOMLDecodeError:
            edits[key.strip()] = value.strip()
    return edits


def of_levels(basis: Basis, *levels: str) -> Basis:
    """The same basis with units of these levels only. Levels are scored apart, so their scores stay as they are."""
    kept = basis.units.filter(pl.col("level").is_in(levels))
    return replace(
        basis, units=kept, measurements=basis.measurements.filter(pl.col("unit").is_in(kept["code"].implode())),
        survey=basis.survey.filter(pl.col("unit").is_in(kept["code"].implode())),
    )  # fmt: skip
