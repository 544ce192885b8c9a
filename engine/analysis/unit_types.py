"""Types of towns and communities (体检画像类型): units that are alike, found from what they are and told in words.

A type says what a unit *is* (dense or not, old or new, town or country), not how well it does, so that unlike units
are not compared blindly. It looks at measurements and the units themselves, never at scores.

* Features: those of :data:`FEATURES` that at least half of the units of the level have, or what `[types] features` names.
  A gap is filled with the median of the level and marked (``filled``). Density is compared by its logarithm: a town of
  20,000 people per km² is to one of 10,000 as one of 2,000 is to one of 1,000. Each is standardised with the sample deviation; one
  that does not vary is left out.
* k-means (Lloyd's, scikit-learn), begun from the centres of Ward's tree (J. H. Ward, *JASA* 58, 1963) cut at k, which leaves nothing
  to chance, for k = 2 … ``most``, at most one type for two units, none under six units. k is that of the greatest mean
  silhouette (P. J. Rousseeuw, *J. Comput. Appl. Math.* 20, 1987); a k that sets a single unit apart is passed over where another
  does not: a type of one is nobody's peer.
* Types are numbered from the densest to the least dense. What marks a type are features whose mean is at least half a
  deviation off that of all units; the two strongest make its name.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_samples

from ...indicators.model import Indicator
from ..findings import Findings, Place
from ..results import LEVEL_NAMES, conform, empty
from ..scoring.base import Floats, Integers, floats_of, spread_of
from ..settings.scheme import Types

LEVELS = ("town", "community")
FEWEST = 6  # units, under which there are no types
MARKS = 0.5  # standard deviations off the mean of all units, from which a feature marks a type
TOLD = 3  # features that the words name at most
_ROUNDED = 9  # decimals of standardised features: the last bits must not decide between two types


@dataclass(frozen=True)
class Feature:
    """Something units are alike or unlike in; ``high`` and ``low`` are what a type is called that has much or little of it.

    Empty: a type is told to have it, and not named for it.
    """

    key: str
    noun: str
    unit: str
    high: str
    low: str
    logged: bool = False


DENSITY = Feature("density", "人口密度", "人/km²", "高密度", "低密度", logged=True)
VILLAGES = Feature("villages", "村委会辖区人口占比", "%", "乡村", "城区")
# of the units themselves; a project may name these two beside codes of indicators
OWN = {feature.key: feature for feature in (DENSITY, VILLAGES)}
# what of the sets in force tells what a unit is like, by code: noun, high, low; unit as the indicator compares
FEATURES = {
    "ST-07": ("2000年前建成待节能改造住宅占比", "老旧住宅", "新建住宅"),
    "DY-03": ("城中村人口占比", "城中村集中", ""),
    "ST-11": ("建成区面积占比", "高强度开发", "低强度开发"),
    "JT-01": ("城市道路网密度", "密路网", "疏路网"),
    "ST-08": ("公园绿地面积占比", "多绿", "少绿"),
    "CX-15": ("年龄中位数", "老龄", "年轻"),
    "FM-04": ("人均公共文化设施面积", "", ""),
    "JK-22": ("人均社区体育场地面积", "", ""),
}


def check_features(rules: Types, indicators: Sequence[Indicator], findings: Findings) -> None:
    """P024 for each of `[types] features` that is no indicator in force and no feature of the units themselves."""
    known = {indicator.code for indicator in indicators} | set(OWN)
    for key in rules.features:
        if key not in known:
            findings.add(
                "P024", Place(file="tijian.toml", column="types.features"), value=key,
                expected=f"所用指标体系中的指标编号（tijian indicators 列出），或 {'、'.join(OWN)}",
            )  # fmt: skip


def type_units(
    measurements: pl.DataFrame,
    units: pl.DataFrame,
    indicators: Sequence[Indicator],
    rules: Types,
    year: int,
) -> pl.DataFrame:
    """The frame ``types``, sorted by level and unit; a level with too few units or nothing to tell them apart has no rows.

    ``measurements`` and ``units`` as in the results' schemas. The order of their rows and of the indicators changes nothing.
    """
    features = features_of(rules, indicators)
    rows: list[dict[str, object]] = []
    for level in LEVELS:
        own = units.filter(pl.col("level") == level).sort("code")
        if own.height < FEWEST:
            continue
        known = _values(own, units, measurements.filter(year=year, level=level), features)
        used, values, filled = _complete(known, features)
        if not used:
            continue
        standard = standardised(values)
        found = cluster(standard, rules)
        if found is None:
            continue
        labels = _numbered(found[0], known["density"])
        names, words = describe(labels, standard, values, used, LEVEL_NAMES[level])
        for i, code in enumerate(own["code"]):
            number = int(labels[i])
            rows.append({
                "year": year, "unit": code, "level": level, "type": number + 1, "name": names[number],
                "words": words[number], "silhouette": float(found[1][i]), "clusters": len(names),
                "filled": [used[j].noun for j in np.flatnonzero(filled[i])],
            })  # fmt: skip
    return conform("types", pl.DataFrame(rows)) if rows else empty("types")


def standardised(values: Floats) -> Floats:
    """Each column of (units, features) less its mean, in sample deviations; the unit of measure plays no part."""
    return np.asarray(
        np.round((values - values.mean(axis=0)) / values.std(axis=0, ddof=1), _ROUNDED), dtype=np.float64
    )


def cluster(standard: Floats, rules: Types) -> tuple[Integers, Floats] | None:
    """The type (0 …) and the silhouette of each unit of (units, features); None where two types cannot be told apart."""
    most = min(len(standard) // 2, len(np.unique(standard, axis=0)))
    wanted = range(2, rules.most + 1) if not rules.clusters else range(rules.clusters, rules.clusters + 1)
    tree = linkage(standard, method="ward")
    best: tuple[tuple[bool, float], Integers, Floats] | None = None
    for count in sorted({min(k, most) for k in wanted}):
        cut = fcluster(tree, count, criterion="maxclust")
        centres = np.array([standard[cut == part].mean(axis=0) for part in np.unique(cut)])
        if len(centres) < 2:
            continue
        labels = KMeans(len(centres), init=centres, n_init=1).fit(standard).labels_.astype(np.int64)
        silhouettes = silhouette_samples(standard, labels)
        worth = (bool(np.bincount(labels).min() > 1), float(np.round(silhouettes.mean(), _ROUNDED)))
        if best is None or worth > best[0]:
            best = (worth, labels, silhouettes)
    return None if best is None else best[1:]


def describe(
    labels: Integers, standard: Floats, values: Floats, features: Sequence[Feature], level: str
) -> tuple[list[str], list[str]]:
    """Name and words of each type by its centre: (units, features) standardised, and in their own units; ``level`` in words."""
    marked: list[list[int]] = []
    words: list[str] = []
    overall = _back(values.mean(axis=0), features)
    for number in range(int(labels.max()) + 1):
        inside = labels == number
        centre = np.round(standard[inside].mean(axis=0), 6)
        strongest = sorted(
            (j for j in range(len(features)) if abs(centre[j]) >= MARKS), key=lambda j: (-abs(centre[j]), j)
        )
        marked.append([j + 1 if centre[j] > 0 else -(j + 1) for j in strongest])
        here = _back(values[inside].mean(axis=0), features)
        told = [
            f"{features[j].noun}{'高' if centre[j] > 0 else '低'}"
            f"（平均{_told(here[j], features[j].unit)}，全部{level}{_told(overall[j], features[j].unit)}）"
            for j in strongest[:TOLD]
        ]
        words.append("，".join(told) or f"各项特征都接近全部{level}的平均")
    return _names(marked, features), words


def _names(marked: Sequence[Sequence[int]], features: Sequence[Feature]) -> list[str]:
    """A name for each type from its two strongest marks (±(place + 1)), from more where two would be called the same."""

    def called(mark: int) -> str:
        return features[abs(mark) - 1].high if mark > 0 else features[abs(mark) - 1].low

    def name(marks: Sequence[int], most: int) -> str:
        chosen = sorted(
            [m for m in marks if called(m)][:most], key=abs
        )  # in the order of the features: density first
        return "".join(map(called, chosen)) + "型" if chosen else "中间型"

    names = [name(marks, 2) for marks in marked]
    for most in range(3, len(features) + 1):
        twice = {n for n, times in Counter(names).items() if times > 1}
        names = [name(m, most) if n in twice else n for n, m in zip(names, marked, strict=True)]
    times = Counter(names)
    return [f"{n}（{names[: i + 1].count(n)}）" if times[n] > 1 else n for i, n in enumerate(names)]


def features_of(rules: Types, indicators: Sequence[Indicator]) -> list[Feature]:
    """The features asked for, in order; the module's own where the project names none."""
    by_code = {indicator.code: indicator for indicator in indicators}
    asked = rules.features or (*OWN, *FEATURES)
    found: list[Feature] = []
    for key in dict.fromkeys(asked):
        if key in OWN:
            found.append(OWN[key])
        elif key in by_code:
            indicator = by_code[key]
            noun, high, low = FEATURES.get(key) or _called(indicator)
            found.append(Feature(key, noun, indicator.compared_unit, high, low))
    return found


def _called(indicator: Indicator) -> tuple[str, str, str]:
    """What a feature that the module has no words for is called: a count by what it compares as."""
    noun = indicator.name
    if indicator.is_count:
        noun = noun.removesuffix("数量") + ("占比" if indicator.compared_unit == "%" else "密度")
    return noun, f"{noun}偏高", f"{noun}偏低"


def _values(
    own: pl.DataFrame, units: pl.DataFrame, measurements: pl.DataFrame, features: Sequence[Feature]
) -> dict[str, Floats]:
    """Every feature of the units ``own`` (in their order), NaN where it is not known; density always."""
    codes = own.select(unit="code")
    known = {
        "density": np.log10(_density(own)),
        "villages": _village_share(own, units),
    }
    for feature in features:
        if feature.key not in OWN:
            held = measurements.filter(indicator=feature.key).select("unit", "compared")
            column = codes.join(held, on="unit", how="left", maintain_order="left")["compared"]
            known[feature.key] = floats_of(column)
    return known


def _density(own: pl.DataFrame) -> Floats:
    """People per km², NaN where either is not known or nothing."""
    people = own["population"].fill_null(0.0).to_numpy()
    area = own["area_km2"].fill_null(0.0).to_numpy()
    sound = (people > 0) & (area > 0)
    return np.where(sound, people / np.where(sound, area, 1.0), np.nan)


def _village_share(own: pl.DataFrame, units: pl.DataFrame) -> Floats:
    """Of the people of a town those who live under a village's committee (村委会), in %; NaN for communities."""
    inside = units.filter(pl.col("level") == "community").select(
        "town", "population", village=pl.col("kind").fill_null("").str.contains("村")
    )
    shares = (
        inside.drop_nulls()
        .group_by("town")
        .agg(share=100 * pl.col("population").filter("village").sum() / pl.col("population").sum())
    )
    column = own.join(shares, left_on="code", right_on="town", how="left", maintain_order="left")["share"]
    return floats_of(column)


def _complete(
    known: dict[str, Floats], features: Sequence[Feature]
) -> tuple[list[Feature], Floats, np.ndarray]:
    """The features that half of the units have and that vary, their values with the median in gaps, and where it stands."""
    used, columns, filled = [], [], []
    for feature in features:
        column = known[feature.key]
        gaps = ~np.isfinite(column)
        if gaps.mean() > 0.5:
            continue
        complete = np.where(gaps, np.median(column[~gaps]), column)
        if spread_of(complete[:, None])[0] > 0:
            used.append(feature)
            columns.append(complete)
            filled.append(gaps)
    count = len(next(iter(known.values())))
    return used, np.array(columns).reshape(-1, count).T, np.array(filled).reshape(-1, count).T


def _numbered(labels: Integers, density: Floats) -> Integers:
    """The same types numbered from the densest down; where no density is known, from the largest down."""

    def order(number: int) -> tuple[float, int, int]:
        inside = np.flatnonzero(labels == number)
        known = density[inside][np.isfinite(density[inside])]
        return (
            -round(float(known.mean()), _ROUNDED) if len(known) else math.inf,
            -len(inside),
            int(inside[0]),
        )

    place = {number: at for at, number in enumerate(sorted(range(int(labels.max()) + 1), key=order))}
    return np.array([place[int(number)] for number in labels], dtype=np.int64)


def _back(centre: Floats, features: Sequence[Feature]) -> list[float]:
    """A centre in its features' own units; of one compared by its logarithm the geometric mean."""
    return [10.0**v if f.logged else float(v) for v, f in zip(centre, features, strict=True)]


def _told(value: float, unit: str) -> str:
    """A figure to three digits at most, two under 1, with its unit: 1.2万人/km², 523人/km², 7.63 km/km², 45.3%, 0.45㎡/人."""
    gap = "\u00a0" if unit[:1].isascii() and unit[:1].isalpha() else ""
    if abs(value) >= 10_000:
        return f"{value / 10_000:.1f}万{unit}"
    size = math.floor(math.log10(abs(value))) if value else 0
    digits = min(max((2 if size >= 0 else 1) - size, 0), 1 if unit == "%" else 4)
    return f"{value:.{digits}f}".replace("-", "−") + gap + unit
