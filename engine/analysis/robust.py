"""How sure each rank is (稳健性分析): the towns' totals under other weights, other schemes, and without each indicator.

Four questions, by real re-runs of the same basis: how far do scores, ranks and grades move when the weights are not
exactly those in force (kind ``weights``, the draws behind every printed rank interval); how far when the other choices
of the scheme are free too (kind ``choices``), and which choice it is that moves them (Sobol' indices); how far when the
values are what chance might have given instead (kind ``sampling``, ``sampling.py``); what if an indicator were dropped. Communities, which are given as thirds, have the first only. A unit without a total has none here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

import numpy as np
import polars as pl

from ..results import conform, empty
from ..scoring.base import Floats
from ..scoring.branches import Branches, branches_of
from ..scoring.choices import FACTORS, Choices, random_schemes, what_matters
from ..scoring.drawn import draw_both, in_force, totals_under, without_each
from ..scoring.everything import Basis, score_tree
from ..scoring.grade import grade
from ..scoring.means import means_of
from ..scoring.robustness import ahead_shares, mean_rank_shift, rank_bounds, ranks_over, score_intervals
from ..scoring.score import MINIMUM_PEERS
from ..scoring.sobol import Shares
from ..scoring.tree import METHOD_NAMES
from ..settings.project import Project
from ..settings.scheme import Robustness, Scoring
from .rerun import Frames, edited, of_levels
from .sampling import sampled_totals

SCALE_NAMES = {
    "anchors": "按标准分段计分", "minmax": "最小值—最大值法", "zscore": "Z 分数法", "percentile": "百分位法", "rank": "位次法",
    "distance_to_target": "到目标的距离", "distance_to_reference": "到参照值的距离",
}  # fmt: skip
MISSING_NAMES = {
    "reweight": "按有得分的重新分配权重", "refuse": "缺一项即不出分", "median": "取同级中位数", "neighbours": "取相似单元的值",
    "regression": "回归估算",
}  # fmt: skip
MEAN_NAMES = {
    "arithmetic": "算术平均", "geometric": "几何平均", "harmonic": "调和平均", "generalised": "幂平均", "median": "中位数",
}  # fmt: skip
LEVEL = "town"
RARE = 0.05  # where fewer schemes than these move any rank, there is no variance to share out


@dataclass(frozen=True)
class Level:
    """What the rows of one level share: its name, the year, the grades, its branches and the ranks in force (units,)."""

    name: str
    year: int
    scheme: Scoring
    tree: Branches
    ranks: Floats


def robustness(basis: Basis, frames: Frames, project: Project) -> Frames:
    """The frames ``robust``, ``ahead``, ``sensitivity`` and ``dropped``, added to what others put into them."""
    scheme, found = project.scoring, {name: [frames.get(name, empty(name))] for name in _FRAMES}
    for name in ("town", "community"):
        tree = branches_of(frames, name)
        if tree is None or tree.scored.sum() < MINIMUM_PEERS:
            continue
        ranks = ranks_over(totals_under(tree, in_force(tree), means_of(scheme)))[0]
        level = Level(name, basis.year, scheme, tree, ranks)
        drawn = draw_both(tree, draws=scheme.draws, spread=scheme.spread, seed=scheme.seed)
        totals = totals_under(tree, drawn, means_of(scheme))
        found["robust"].append(_robust(level, "weights", totals))
        if name == LEVEL:
            found["ahead"].append(_ahead(level, "weights", totals))
            found["dropped"].append(_dropped(level))
            sampled = sampled_totals(basis, frames["scores"], tree, scheme)
            if sampled is not None:
                found["robust"].append(_robust(level, "sampling", sampled))
                found["ahead"].append(_ahead(level, "sampling", sampled))
            _with_choices(level, basis, project.robustness, found)
    return {name: pl.concat(parts) for name, parts in found.items()}


_FRAMES = ("robust", "ahead", "sensitivity", "dropped")


def _with_choices(
    level: Level, basis: Basis, rules: Robustness, found: dict[str, list[pl.DataFrame]]
) -> None:
    """Add what comes of every other choice."""
    choices, options = _alternatives(level, basis, rules)
    totals = random_schemes(choices, draws=level.scheme.draws, seed=level.scheme.seed)
    found["robust"].append(_robust(level, "choices", totals))
    found["ahead"].append(_ahead(level, "choices", totals))
    moved = float((mean_rank_shift(ranks_over(totals), level.ranks) > 0).mean())
    found["sensitivity"].append(_sensitivity(level, choices, options, rules.samples if moved >= RARE else 0))


# ---- the alternatives ---------------------------------------------------------------------------------------


def _alternatives(level: Level, basis: Basis, rules: Robustness) -> tuple[Choices, tuple[str, ...]]:
    """Every combination of scale, missing and weights scored again, and what each of FACTORS may be, in words.

    What cannot be used on these data (no judgements, too few units) is left out, and said so.
    """
    scheme, again = level.scheme, _Again(level, of_levels(basis, LEVEL))
    scales, no_scales = again.usable("scale", _own_first(scheme.scale, rules.scales))
    missing, no_missing = again.usable("missing", _own_first(scheme.missing, rules.missing))
    weights, no_weights = _weighings(again, rules.weights)
    inner, outer = (
        _own_first(own, rules.aggregates)
        for own in (scheme.aggregate_indicators, scheme.aggregate_dimensions)
    )
    trees = {
        (i, j, k): again.tree(scale=scale, missing=gap, **weighing)
        for (i, scale), (j, gap), (k, weighing) in product(
            enumerate(scales), enumerate(missing), enumerate(weights)
        )
    }
    choices = Choices(
        (len(scales), len(missing), len(weights), rules.samples, len(inner), len(outer)),
        trees,
        {
            key: draw_both(tree, draws=rules.samples, spread=scheme.spread, seed=scheme.seed)
            for key, tree in trees.items()
        },
        {
            (i, j): means_of(scheme.model_copy(update={"aggregate_indicators": a, "aggregate_dimensions": b}))
            for (i, a), (j, b) in product(enumerate(inner), enumerate(outer))
        },
    )
    names = [METHOD_NAMES[w["weights"]] if w else _weighing_of(scheme) for w in weights]
    options = (
        _words([SCALE_NAMES[s] for s in scales], [SCALE_NAMES[s] for s in no_scales]),
        _words([MISSING_NAMES[m] for m in missing], [MISSING_NAMES[m] for m in no_missing]),
        _words(names, [METHOD_NAMES[w] for w in no_weights]),
        f"每个权重在现行值上下变动，标准差约为其{scheme.spread:.0%}",
        _words([MEAN_NAMES[m] for m in inner], []),
        _words([MEAN_NAMES[m] for m in outer], []),
    )
    return choices, options


@dataclass(frozen=True)
class _Again:
    """Re-runs of one basis, as branches of the units that have a total in force."""

    level: Level
    basis: Basis
    known: dict[tuple[tuple[str, str], ...], Branches] = field(default_factory=dict)

    def tree(self, **edits: str) -> Branches:
        """The scores and weights under an edited scheme. Raises ValueError where a method cannot be used."""
        own = self.level.scheme
        key = tuple(sorted((name, value) for name, value in edits.items() if getattr(own, name) != value))
        if not key:
            return self.level.tree
        if key not in self.known:
            tree = branches_of(score_tree(self.basis, edited(own, dict(key), self.basis)), self.level.name)
            if tree is None or not tree.scored.any() or tree.units != self.level.tree.units:
                raise ValueError("没有单元能计得综合得分")
            self.known[key] = replace(tree, scored=self.level.tree.scored)
        return self.known[key]

    def usable(self, key: str, options: Sequence[str]) -> tuple[list[str], list[str]]:
        """Which options of one key can be used here, and which cannot; the first, in force, can."""
        possible, impossible = [options[0]], []
        for option in options[1:]:
            try:
                self.tree(**{key: option})
            except ValueError:
                impossible.append(option)
            else:
                possible.append(option)
        return possible, impossible


def _weighings(again: _Again, names: Sequence[str]) -> tuple[list[dict[str, str]], list[str]]:
    """Edits of the ways to weigh both levels of the tree, none (in force) first; those that weigh no other way left out."""
    kept, impossible = [in_force(again.level.tree)], []
    edits: list[dict[str, str]] = [{}]
    for name in names:
        edit = {"weights": name, "weights_dimensions": name}
        try:
            own = in_force(again.tree(**edit))
        except ValueError:
            impossible.append(name)
            continue
        if not any(_same(own.indicators, k.indicators) and _same(own.dimensions, k.dimensions) for k in kept):
            kept.append(own)
            edits.append(edit)
        elif name not in (
            "equal",
            "given",
        ):  # what data or experts decide falls back to equal where they are missing
            impossible.append(name)
    return edits, impossible


def _same(one: Floats, other: Floats) -> bool:
    return one.shape == other.shape and bool(np.allclose(one, other, rtol=0, atol=1e-12))


def _weighing_of(scheme: Scoring) -> str:
    inner, outer = METHOD_NAMES[scheme.weights], METHOD_NAMES[scheme.weights_dimensions]
    return inner if inner == outer else f"指标{inner}、维度{outer}"


def _own_first(own: str, options: Sequence[str]) -> list[str]:
    return [own, *(option for option in dict.fromkeys(options) if option != own)]


def _words(options: Sequence[str], impossible: Sequence[str]) -> str:
    """``最小值—最大值法（现行）、位次法；不能用于本年数据：…``."""
    said = "、".join([f"{options[0]}（现行）", *options[1:]])
    return f"{said}；不能用于本年数据：{'、'.join(impossible)}" if impossible else said


# ---- the frames ---------------------------------------------------------------------------------------------


def _robust(level: Level, kind: str, totals: Floats) -> pl.DataFrame:
    """One row for each unit with a total: 5–95 % of score, rank and grade over ``totals`` (draws, units).

    Null for a unit that has no total in some draw.
    """
    here = level.tree.scored
    low, high = score_intervals(totals[:, here])
    rank_low, middle, rank_high = rank_bounds(ranks_over(totals[:, here]), (5.0, 50.0, 95.0))
    frame = pl.DataFrame({
        "unit": [unit for unit, scored in zip(level.tree.units, here, strict=True) if scored],
        "score_low": low, "score_high": high, "rank": level.ranks[here], "rank_low": rank_low,
        "rank_median": middle, "rank_high": rank_high,
        "grade_low": grade(low, level.scheme.grades), "grade_high": grade(high, level.scheme.grades),
    })  # fmt: skip
    return conform(
        "robust",
        frame.fill_nan(None).with_columns(
            year=pl.lit(level.year), level=pl.lit(level.name), kind=pl.lit(kind)
        ),
    )


def _ahead(level: Level, kind: str, totals: Floats) -> pl.DataFrame:
    """One row for each ordered pair of units with a total."""
    shares, units = ahead_shares(totals), level.tree.units
    first, second = np.nonzero(~np.isnan(shares))
    frame = pl.DataFrame({
        "unit": [units[i] for i in first], "other": [units[i] for i in second], "share": shares[first, second],
    })  # fmt: skip
    return conform(
        "ahead", frame.with_columns(year=pl.lit(level.year), level=pl.lit(level.name), kind=pl.lit(kind))
    )


def _sensitivity(level: Level, choices: Choices, options: Sequence[str], samples: int) -> pl.DataFrame:
    """One row for each choice that has alternatives, the greatest total effect first; ``samples`` 0: without shares."""
    none = np.full(len(choices.varying), np.nan)
    shares = (
        what_matters(choices, level.ranks, samples=samples, seed=level.scheme.seed)
        if samples
        else Shares(*[none] * 6)
    )
    frame = pl.DataFrame({
        "factor": [FACTORS[i] for i in choices.varying], "options": [options[i] for i in choices.varying],
        **shares._asdict(),
    })  # fmt: skip
    named = frame.with_columns(year=pl.lit(level.year), level=pl.lit(level.name)).fill_nan(None)
    return conform("sensitivity", named).sort("total", descending=True, nulls_last=True, maintain_order=True)


def _dropped(level: Level) -> pl.DataFrame:
    """One row for each indicator that some unit's total rests on, the greatest mean shift first.

    The other weights of its dimension are raised in proportion; what could be scored stays scored as long as anything
    is left.
    """
    tree = level.tree
    then = ranks_over(totals_under(tree, without_each(tree), means_of(level.scheme)))
    shifts = np.abs(then - level.ranks)
    compared = ~np.isnan(shifts)
    rows = list(_dropped_rows(tree, level.ranks, then, np.where(compared, shifts, -1.0), compared))
    frame = pl.DataFrame(rows, schema=["indicator", "mean_shift", "largest_shift", "unit", "rank_before", "rank_after"],
                         orient="row", infer_schema_length=None)  # fmt: skip
    named = frame.with_columns(year=pl.lit(level.year), level=pl.lit(level.name))
    return conform("dropped", named).sort("mean_shift", "indicator", descending=[True, False])


def _dropped_rows(
    tree: Branches, ranks: Floats, then: Floats, shifts: Floats, compared: np.ndarray
) -> Iterator[tuple[str, float, int, str | None, int | None, int | None]]:
    """``then``, ``shifts`` (−1 where none) and ``compared`` are (indicators, units)."""
    for i, code in enumerate(tree.codes):
        here = compared[i]
        if np.isnan(tree.scores[tree.scored, i]).all() or not here.any():
            continue
        most = int(np.argmax(shifts[i]))
        mean, largest = float(shifts[i][here].mean()), int(shifts[i][most])
        if largest:
            yield code, mean, largest, tree.units[most], int(ranks[most]), int(then[i, most])
        else:
            yield code, mean, 0, None, None, None
