"""Differences (差异是否明显): better or worse than the district, the peers or last year, only beyond what chance explains.

Values of fully examined things (uncertainty none) differ when they differ; those of cases and answers differ when they
lie outside the 95 % limits of chance. The test is on the scale of equal spread (:mod:`.funnel`); against peers the
others' own chance counts too, and its p values are adjusted over every unit and indicator of a level (:mod:`.discovery`).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
from scipy.special import ndtri, stdtr, stdtrit

from ..peers import everybody
from ..results import LEVELS, TOO_FEW
from ..scoring.base import Floats, floats_of
from .discovery import discovery_bh
from .funnel import Kind, p_two_sided, stable

BETTER, WORSE, SAME = "better", "worse", "same"
LIMIT = 0.05  # outside the 95 % limits
KINDS: dict[str, Kind] = {"wilson": "share", "poisson": "rate"}
EVERYBODY = frozenset(everybody(level) for level in LEVELS)
VERDICTS = ("than_district", "than_peers", "than_previous")
_NAN = float("nan")


def with_differences(
    scores: pl.DataFrame, measurements: pl.DataFrame, previous: pl.DataFrame, directions: dict[str, str]
) -> pl.DataFrame:
    """``scores`` (with ``peer_group``) with than_district, than_peers, than_previous and q.

    ``measurements`` and ``previous`` are this and last year's, with numerator, denominator, uncertainty, low, high, size.
    A unit that is not scored on an indicator for too little evidence has no verdict, and neither have indicators that
    are best in a band (within).
    """
    judged = pl.when(pl.col("note").ne_missing(TOO_FEW)).then(pl.col("compared")).alias("compared")
    parts = scores.select("unit", "level", "indicator", "peer_group", judged).join(
        measurements.select(
            "unit", "indicator", "numerator", "denominator", "uncertainty", "low", "high", "size"
        ),
        on=["unit", "indicator"], how="left", maintain_order="left",
    ).join(
        previous.select(
            "unit", "indicator", _numerator="numerator", _denominator="denominator", _low="low", _high="high",
            _size="size", _compared="compared",
        ),
        on=["unit", "indicator"], how="left", maintain_order="left",
    ).with_row_index("_row")  # fmt: skip
    district = parts.filter(pl.col("level") == "district").select(
        "indicator", d_numerator="numerator", d_denominator="denominator", d_compared="compared"
    )
    parts = parts.join(district, on="indicator", how="left", maintain_order="left")
    found = [
        _of_group(group, directions.get(str(code), "within"))
        for (code, _level), group in parts.group_by(["indicator", "level"], maintain_order=True)
    ]
    told = pl.concat(found).sort("_row") if found else parts.select("_row")
    told = told.with_columns(
        q=pl.col("_p").map_batches(lambda p: pl.Series(_adjusted(p)), return_dtype=pl.Float64).over("level")
    )
    return scores.with_columns(told.select(*VERDICTS, pl.col("q").fill_nan(None)))


def _adjusted(p: pl.Series) -> Floats:
    return discovery_bh(p.fill_null(_NAN).to_numpy())


def _of_group(group: pl.DataFrame, direction: str) -> pl.DataFrame:
    """The verdicts of one indicator's units of one level."""
    sign = {"higher": 1.0, "lower": -1.0}.get(direction, _NAN)
    kind = next((k for k in group["uncertainty"] if k is not None), None)
    get = {c: floats_of(group[c]) for c in group.columns if group[c].dtype == pl.Float64}
    groups = group["peer_group"].to_list()
    if kind in KINDS:
        z = _cases(get, groups, KINDS[str(kind)])
    elif kind == "survey":
        z = _means(get, groups)
    else:
        z = _facts(get, groups)
    than = {
        name: _verdict(sign * value, ~np.isnan(get["compared"]))
        for name, value in zip(VERDICTS, z, strict=True)
    }
    tested = z[1] if kind in (*KINDS, "survey") else z[1] * _NAN
    return group.select("_row", "level").with_columns(
        **{name: pl.Series(values, dtype=pl.String) for name, values in than.items()},
        _p=pl.Series(p_two_sided(tested * abs(sign))),
    )  # fmt: skip


def _verdict(z: Floats, known: np.ndarray) -> list[str | None]:
    """better / worse / same of z scores (positive is better); null where nothing can be said."""
    p = p_two_sided(z)
    return [
        None if np.isnan(at) or not there else SAME if chance > LIMIT else BETTER if at > 0 else WORSE
        for at, chance, there in zip(z, p, known, strict=True)
    ]


def _cases(get: dict[str, Floats], groups: list[str | None], kind: Kind) -> tuple[Floats, Floats, Floats]:
    """z against the district's value, the pooled value of the other peers, and last year's, for shares and rates."""
    x, n = _sound(get["numerator"], get["denominator"], kind)
    own = stable(x, n, kind)
    dx, dn = _sound(get["d_numerator"], get["d_denominator"], kind)
    against_district = (own.values - stable(dx / dn * n, n, kind).values) / own.errors
    others = np.full((2, len(x)), _NAN)
    for here, pool in _peers(groups, ~np.isnan(x)):
        others[:, here] = x[pool].sum() - x[here], n[pool].sum() - n[here]
    px, pn = _sound(others[0], others[1], kind)
    peers = stable(px, pn, kind)
    against_peers = (own.values - stable(px / pn * n, n, kind).values) / np.hypot(own.errors, peers.errors)
    bx, bn = _sound(get["_numerator"], get["_denominator"], kind)
    before = stable(bx, bn, kind)
    against_previous = (own.values - before.values) / np.hypot(own.errors, before.errors)
    return against_district, against_peers, against_previous


def _peers(groups: list[str | None], known: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Each group's units with a value, and those they are compared among: their group, or all where they are in none."""
    for name in sorted(set(groups), key=str):
        here = np.array([g == name for g in groups]) & known
        yield here, known if name is None or name in EVERYBODY else here


def _sound(x: Floats, n: Floats, kind: Kind) -> tuple[Floats, Floats]:
    """Cases and sizes where they are such; NaN in both elsewhere."""
    good = (x >= 0) & (n > 0) & ((x <= n) if kind == "share" else True)
    return np.where(good, x, _NAN), np.where(good, n, _NAN)


def _means(get: dict[str, Floats], groups: list[str | None]) -> tuple[Floats, Floats, Floats]:
    """The same for means of answers, by Student's t (as a z score of the same tail)."""
    y, error, free = get["compared"], standard_error(get["low"], get["high"], get["size"]), get["size"] - 1.0
    before = standard_error(get["_low"], get["_high"], get["_size"])
    peers, peers_error = np.full(len(y), _NAN), np.full(len(y), _NAN)
    for here, pool in _peers(groups, ~np.isnan(y) & (error > 0)):
        weight = np.where(pool, get["size"], 0.0)
        total = weight.sum() - weight[here]
        peers[here] = ((weight * np.where(pool, y, 0.0)).sum() - weight[here] * y[here]) / np.where(
            total > 0, total, _NAN
        )
        squares = (weight * np.where(pool, error, 0.0)) ** 2
        peers_error[here] = np.sqrt(squares.sum() - squares[here]) / np.where(total > 0, total, _NAN)
    return (
        _z_of_t((y - get["d_compared"]) / error, free),
        _z_of_t((y - peers) / np.hypot(error, peers_error), free),
        _z_of_t((y - get["_compared"]) / np.hypot(error, before), free),
    )


def standard_error(low: Floats, high: Floats, size: Floats) -> Floats:
    """The standard error behind a 95 % t interval of ``size`` effective answers."""
    several = size > 1
    width = stdtrit(np.where(several, size, 2.0) - 1.0, 0.975)
    return np.where(several & (high > low), (high - low) / (2.0 * width), _NAN)


def _z_of_t(t: Floats, free: Floats) -> Floats:
    """The normal score with the tail of Student's t."""
    tail = stdtr(np.where(free > 0, free, _NAN), -np.abs(t))
    return -np.sign(t) * ndtri(np.maximum(tail, 1e-300))


def _facts(get: dict[str, Floats], groups: list[str | None]) -> tuple[Floats, Floats, Floats]:
    """What was examined in full differs when it differs: ±∞ for any difference, 0 for none."""
    y = get["compared"]
    peers = np.full(len(y), _NAN)
    for here, pool in _peers(groups, ~np.isnan(y)):
        if pool.sum() > 1:
            peers[here] = np.median(y[pool])
    return tuple(_sign_of(y - other) for other in (get["d_compared"], peers, get["_compared"]))  # type: ignore[return-value]


def _sign_of(gap: Floats) -> Floats:
    return np.where(np.isnan(gap), _NAN, np.where(np.abs(gap) > 1e-9, np.copysign(np.inf, gap), 0.0))
