"""Last year's scores by this year's rules (上年得分按今年标准重算), so that what a score gained is due to the values alone.

Where standards, scheme and indicators are as they were, the scores kept are taken as they stand. Where they are not, last
year's values are scored again by this year's scheme and standards, among last year's units; what was printed then stays
beside it (:mod:`..scoring.past` puts both beside this year's).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl
from pydantic import ValidationError

from ...indicators.model import Indicator
from ..evidence import Comparison
from ..peers import peer_groups
from ..results import empty
from ..scoring.base import SchemeError
from ..scoring.everything import Basis, nothing_before, score_tree
from ..settings.scheme import Scoring, SmallNumbers
from ..storage import store
from .comparable import BROKEN, COUNT_ONLY, NEW, RESTATED, UNKNOWN, Link, Rules

SCORED = ("scores", "dimensions", "totals")
_EXACT = 1e-9  # points: what is scored again and comes to the same was not changed
Frames = dict[str, pl.DataFrame]


def scores_then(
    path: Path,
    then: Rules,
    now: Rules,
    links: Mapping[str, Link],
    values: pl.DataFrame,
    names: tuple[str, ...],
) -> Frames:
    """``scores``, ``dimensions``, ``totals`` of the year of ``then`` with ``score`` by the rules of ``now`` and what was ``printed``.

    ``printed`` is null where the score is the one printed. ``values`` are that year's measurements as far as they can be
    compared, ``names`` this year's dimensions.
    """
    kept = {name: store.read_frame(path, name, then.year).with_columns(printed=_nothing()) for name in SCORED}
    if not then.known or scored_alike(then, now, links):
        return kept
    again = _scored_again(path, then, now, values, names)
    keys = {"scores": ["unit", "indicator"], "dimensions": ["unit", "dimension"], "totals": ["unit"]}
    return {
        name: again[name]
        .drop("printed", strict=False)
        .join(kept[name].select(*on, printed="score"), on=on, how="left", maintain_order="left")
        .with_columns(printed=pl.when(_apart()).then("printed"))
        for name, on in keys.items()
    }


def _nothing() -> pl.Expr:
    return pl.lit(None, dtype=pl.Float64)


def _apart() -> pl.Expr:
    """Whether the score is another than was printed; one of them missing is another."""
    both = pl.col("score").is_not_null() & pl.col("printed").is_not_null()
    return ~both | ((pl.col("score") - pl.col("printed")).abs() > _EXACT)


def scored_alike(then: Rules, now: Rules, links: Mapping[str, Link]) -> bool:
    """Whether every score of last year is what this year's rules would give."""
    if set(then.indicators) | then.unread != set(now.indicators):
        return False
    touched = (RESTATED, COUNT_ONLY, BROKEN, NEW)
    if any(x.state in touched or not x.one_standard for x in links.values()):
        return False
    known = [code for code, x in links.items() if x.state != UNKNOWN]
    if any(_weighs(then.indicators[code]) != _weighs(now.indicators[code]) for code in known):
        return False
    before = _choices(then)
    return before is None or before == _choices(now)


def _weighs(indicator: Indicator) -> tuple[object, ...]:
    """What of an indicator decides how it is scored and where it counts, beside its standard."""
    i = indicator
    return (i.dimension, i.direction, i.levels, i.weight, i.kind, i.survey)


def _choices(rules: Rules) -> tuple[Scoring, SmallNumbers, tuple[Comparison, ...]] | None:
    """Scheme, peers and judgements; None where another version wrote them otherwise, which then is nobody's change."""
    try:
        scheme = Scoring.model_validate(rules.project["scoring"])
        small = SmallNumbers.model_validate(rules.project["small_numbers"])
    except (ValidationError, KeyError):
        return None
    quiet = {
        "ministry": Scoring().ministry,
        "draws": 2000,
        "spread": 0.25,
        "seed": 0,
    }  # no score hangs on them
    few = small.model_copy(update={"disclosure": 3, "false_discovery": 0.05, "minimum": {}})
    return scheme.model_copy(update=quiet), few, rules.judgements


def _scored_again(
    path: Path, then: Rules, now: Rules, values: pl.DataFrame, names: tuple[str, ...]
) -> Frames:
    """The tree of scores of last year's comparable values by this year's rules; empty where they cannot be scored so."""
    units, survey, types = (store.read_frame(path, name, then.year) for name in ("units", "survey", "types"))
    small = SmallNumbers.model_validate(now.project["small_numbers"])
    basis = Basis(
        measurements=values, units=units, survey=survey, indicators=tuple(now.indicators.values()), names=names,
        year=now.year, before=nothing_before(), earlier=empty("history").drop("of_year"),
        judgements=now.judgements, peers=peer_groups(units, types, small),
    )  # fmt: skip
    try:
        return score_tree(basis, Scoring.model_validate(now.project["scoring"]))
    except SchemeError:
        return {name: empty(name) for name in SCORED}
