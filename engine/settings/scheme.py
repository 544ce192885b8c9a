"""The scheme (计分方案): every choice by which values become scores, weights, grades and comparisons.

`tijian.toml` sets it in `[scoring]` and the sections beside it. Each choice is a name; the functions behind the names
are in ``engine/scoring/``, families sharing a prefix, and their docstrings give the source and the variant of each
formula. Every choice is printed in the method notes of each report.
"""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import AllowInfNan, ConfigDict, Field, model_validator

from ...indicators.fields import LevelName, Strict

Cut = tuple[
    str, Annotated[float, AllowInfNan(True)]
]  # −inf is the floor of the last grade; NaN is refused below
Share = Annotated[float, Field(ge=0, le=1e6)]  # a weight before it is divided by the sum of all
People = Annotated[float, Field(ge=0)]  # or whatever a denominator counts
ScaleName = Literal[
    "anchors", "minmax", "zscore", "percentile", "rank", "distance_to_target", "distance_to_reference"
]
WeightsName = Literal["equal", "given", "ahp", "entropy", "critic", "stdev", "pca", "merec", "blend"]
AggregateName = Literal["arithmetic", "geometric", "harmonic", "generalised", "median"]
MissingName = Literal["reweight", "refuse", "median", "neighbours", "regression"]
OutlierName = Literal["none", "winsorise", "trim", "boxcox"]
PerName = Literal["population", "per_10k", "area_km2"]


class Finite(Strict):
    """A part of the scheme, in which inf and nan, which TOML can write, are no settings."""

    model_config = ConfigDict(allow_inf_nan=False)


class Weighting(Finite):
    """`[scoring.weighting]`: the variants of the ways to weigh (赋权方法的口径).

    ``judgements``: the workbook of pairwise comparisons (判断矩阵), a sheet per comparison and expert; ``{year}`` in its path
    is that of the run. ``blend``: the two methods of 组合赋权, the first with share ``alpha``. Weights by data are read from
    the level's units; the district, which is one unit, takes those of its towns.
    """

    judgements: str = "判断矩阵.xlsx"
    combine: Literal["AIJ", "AIP"] = "AIJ"
    experts: dict[str, Share] = {}  # how much each expert counts; one not named counts 1
    priority: Literal["eigenvector", "row_geometric"] = "eigenvector"
    random_index: Literal["saaty_1980", "saaty_2005", "donegan_dodd"] = "saaty_1980"
    entropy_basis: Literal["minmax", "raw"] = "minmax"
    entropy_shift: float = Field(default=0.0, ge=0)
    critic_oriented: bool = True
    critic_scaled: bool = True
    correlation: Literal["pearson", "spearman"] = "pearson"
    pca_rule: Literal["nicoletti", "first"] = "nicoletti"
    blend: tuple[WeightsName, WeightsName] = ("ahp", "entropy")
    alpha: float = Field(default=0.5, ge=0, le=1)

    @model_validator(mode="after")
    def _two_ways(self) -> Weighting:
        if "blend" in self.blend:
            raise ValueError("blend 应写两种单独的赋权方法")
        return self


class Outliers(Finite):
    """`[scoring.outliers]`: values so far out that they would set the scale for their peers (异常值处理).

    Only scores against peers use treated values; the value printed stays as measured, and what was changed is logged.
    winsorise and boxcox treat an indicator whose |skew| is over ``skew`` and whose kurtosis is over ``kurtosis`` (sample,
    excess); ``most`` points are drawn in at most. trim draws ``share`` at either end back to the quantile by
    ``quantile_rule`` (numpy's names).
    """

    method: OutlierName = "none"
    skew: float = Field(default=2.0, gt=0)
    kurtosis: float = Field(default=3.5, gt=0)
    most: int = Field(default=5, ge=1)
    share: float = Field(default=0.025, gt=0, lt=0.5)
    quantile_rule: Literal["linear", "hazen", "weibull", "median_unbiased", "inverted_cdf"] = "linear"


class OneIndicator(Finite):
    """`[scoring.indicators.CODE]`: what of the scheme is different for one indicator (单项指标的计分口径).

    ``per`` is for amounts (counts, sums) only: what is scaled is the value divided by people or area, among peers, since a
    standard is in the unit of the value; ``reference``, ``low`` and ``high`` then are per head or km² too.
    """

    scale: ScaleName | None = None
    outliers: OutlierName | None = None
    per: PerName | None = None  # compare the amount per head, per 10,000 people or per km²
    reference: float | None = Field(default=None, gt=0)  # of distance_to_reference; left out: the best peer
    low: float | None = (
        None  # goalposts of minmax (门槛值); left out: the standard's if it has both, else the peers'
    )
    high: float | None = None


def _check_ends(key: str, cuts: tuple[Cut, ...]) -> None:
    """ValueError unless every score from 0 to 100 has a grade and the best grade can be reached."""
    lows = [low for _, low in cuts]
    if not lows or any(math.isnan(low) for low in lows):
        raise ValueError(f"{key} 至少写一级，每级一个名称和一个分数线")
    if lows[-1] > 0:
        raise ValueError(f"{key} 最低一级“{cuts[-1][0]}”的分数线应不高于 0，否则有的得分没有等级")
    if lows[0] > 100:
        raise ValueError(f"{key} 最高一级“{cuts[0][0]}”的分数线应不高于 100，否则没有得分能达到")


class Ministry(Finite):
    """`[scoring.ministry]`: the Ministry's grading (《城市体检工作手册（试行）》2025), beside the score.

    The handbook prints no cut-offs: ``cuts`` are on our score (target met 90, floor met 60). ``step_down``: a
    satisfaction score under ``dissatisfied`` lowers a grade by one. ``count_ungraded``: whether 未评价 counts in the
    denominator of an aspect. ``grade_counts``: whether counts (存在…的数量) are graded too. ``veto``: an aspect with a
    底线型 indicator below its floor is graded no better than 中.
    """

    cuts: tuple[Cut, ...] = (("很好", 90), ("较好", 75), ("一般", 60), ("不足", float("-inf")))
    step_down: bool = True
    dissatisfied: float = Field(default=60, ge=0, le=100)
    count_ungraded: bool = False
    grade_counts: bool = False
    veto: bool = True

    @model_validator(mode="after")
    def _four_falling(self) -> Ministry:
        lows = [low for _, low in self.cuts]
        if [name for name, _ in self.cuts] != ["很好", "较好", "一般", "不足"]:
            raise ValueError("cuts 应有四级，依次为很好、较好、一般、不足")
        if lows != sorted(set(lows), reverse=True):
            raise ValueError("cuts 的分数线应从高到低且不重复")
        _check_ends("cuts", self.cuts)
        return self


class Scoring(Finite):
    """`[scoring]`: the scheme (计分方案).

    ``missing``: what a gap in a unit's row does: reweight 按有得分的重新分配权重 (the default; under ``minimum_present`` no
    score), refuse 缺一项即不出分, or median / neighbours / regression 估算, marked. ``panel``: peers' ends are those of this
    year, or of all years known. ``shrink``: peer scales look at small units' values drawn towards what is usual, as far as
    their smallness warrants (经验贝叶斯); the values printed stay as measured. ``deviation``: sample (n − 1) or population (n). ``draws`` sets of weights, drawn around
    those in force with a typical relative deviation of ``spread`` (Dirichlet), give every rank its interval.
    """

    scale: ScaleName = "anchors"
    deviation: Literal["sample", "population"] = "sample"
    panel: Literal["year", "all"] = "year"
    weights: WeightsName = "equal"
    weights_dimensions: WeightsName = "given"
    dimension_weights: dict[str, Share] = {}
    weighting: Weighting = Weighting()
    outliers: Outliers = Outliers()
    indicators: dict[str, OneIndicator] = {}
    missing: MissingName = "reweight"
    neighbours: int = Field(default=5, ge=1)
    shrink: bool = False
    aggregate_indicators: AggregateName = "arithmetic"
    aggregate_dimensions: AggregateName = "arithmetic"
    power: float = Field(
        default=0.5, ge=-20, le=20
    )  # of the generalised mean; beyond, it is the least or the greatest
    zero_floor: float = Field(default=1.0, ge=0, lt=100)
    minimum_present: float = Field(default=0.6, gt=0, le=1)
    minimum_basis: float = Field(default=0.6, gt=0, le=1)
    perceived_share: float = Field(default=0.2, ge=0, le=1)
    reported_tolerance: float = Field(default=0.02, ge=0)
    reported_wins: bool = False
    grades: tuple[Cut, ...] = (("优", 90), ("良", 80), ("中", 70), ("较差", 60), ("差", float("-inf")))
    ministry: Ministry = Ministry()
    draws: int = Field(default=2000, ge=100, le=100_000)
    spread: float = Field(default=0.25, ge=0.001, le=1)
    seed: int = Field(default=20260101, ge=0, lt=2**32)

    @model_validator(mode="after")
    def _cuts_fall(self) -> Scoring:
        lows = [low for _, low in self.grades]
        if lows != sorted(lows, reverse=True) or len(set(lows)) != len(lows):
            raise ValueError("grades 的分数线应从高到低排列且不重复")
        names = [name.strip() for name, _ in self.grades]
        if "" in names or len(set(names)) != len(names):
            raise ValueError("grades 每一级应有名称，且不重复")
        _check_ends("grades", self.grades)
        return self


class Robustness(Finite):
    """`[robustness]`: which choices are varied to see how sure each rank is (稳健性分析).

    The scheme's own choice is always among the alternatives; ``weights`` and ``aggregates`` are tried at both levels of
    the tree. Weights vary as those behind the rank intervals do (``scoring.spread``). ``samples``: Sobol' points, a power
    of two.
    """

    scales: tuple[ScaleName, ...] = ("anchors", "minmax", "rank")
    aggregates: tuple[Literal["arithmetic", "geometric", "harmonic"], ...] = ("arithmetic", "geometric")
    missing: tuple[Literal["reweight", "median", "neighbours"], ...] = ("reweight", "median")
    weights: tuple[WeightsName, ...] = ("equal",)
    samples: int = Field(default=1024, ge=64, le=65_536)

    @model_validator(mode="after")
    def _power_of_two(self) -> Robustness:
        if self.samples & (self.samples - 1):
            raise ValueError("samples 应为 2 的幂，如 512、1024、2048")
        return self


class Types(Finite):
    """`[types]`: how towns and communities are put into types (体检画像类型).

    ``clusters`` 0: as many as the silhouette finds best, at most ``most``. ``features``: indicator codes to cluster on,
    ``density`` and ``villages`` (people under village committees); left out: these two, and what the indicators tell of the
    age of housing, land, people and services (``unit_types.py``).
    """

    clusters: int = Field(default=0, ge=0, le=12)
    most: int = Field(default=6, ge=2, le=12)
    features: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _not_one(self) -> Types:
        if self.clusters == 1:
            raise ValueError("clusters 应为 0（自动）或不小于 2 的类数")
        return self


class Screening(Finite):
    """`[screening]`: when a reported figure is put to its department as a question (上报数据核实).

    ``history``: times the usual year-to-year change; ``peers``: robust standard deviations from the peers.
    """

    history: float = Field(default=5.0, gt=0)
    peers: float = Field(default=5.0, gt=0)
    sources: float = Field(default=0.05, gt=0, le=1)  # two sources may differ by this share


class Budget(Finite):
    """`[budget]`: which projects gain most for the money (项目优选): the table of projects and what may be spent.

    ``total`` is in the unit of the table's cost column (万元).
    """

    file: str = ""
    sheet: str | None = None
    total: float = Field(default=0, ge=0)


class SmallNumbers(Finite):
    """`[small_numbers]`: what may be said of small units (小样本).

    ``disclosure``: people a published count must have at least in survey and ticket tables. ``false_discovery``: share of
    wrong namings accepted among all. ``minimum``: smallest denominators by indicator code and level, over those of the definition.
    ``peers``: whom a unit is compared with: all 同级全部, kind 同类型 (the units' 类型 column), type 体检画像类型, or ``groups`` as given: group
    name → units.
    """

    disclosure: int = Field(default=3, ge=1)
    false_discovery: float = Field(default=0.05, gt=0, lt=1)
    minimum: dict[str, dict[LevelName, People]] = {}
    peers: Literal["all", "kind", "type", "groups"] = "all"
    groups: dict[str, tuple[str, ...]] = {}
    fewest_peers: int = Field(default=4, ge=3)

    @model_validator(mode="after")
    def _groups_hold_units(self) -> SmallNumbers:
        empty = [name for name, units in self.groups.items() if not units]
        if empty:
            raise ValueError(f"groups 中“{'”“'.join(empty)}”没有写单元")
        if self.peers == "groups" and not self.groups:
            raise ValueError('peers = "groups" 时应在 groups 里写出各组的单元')
        return self
