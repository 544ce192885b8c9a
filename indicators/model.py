"""The model of an indicator (指标): what a TOML entry may say, and what each field means.

An indicator is data. ``measure`` names one of a closed list of methods; one that needs new Python is a new
method. Field meanings with examples are in ``Field(description=…)``: loader messages and the reference page are
made from them.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Direction = Literal["higher", "lower", "within"]
LevelName = Literal["district", "town", "community"]
Per = Literal["things", "population", "area_km2"]


class Strict(BaseModel):
    """A frozen part of an indicator that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Standard(Strict):
    """A dated standard (标准): the yardstick from ``since`` on. A changed standard is a new entry."""

    since: date = Field(description="自何日起施行，如 2019-03-01")
    target: float | None = Field(default=None, description="达标值，得 90 分；与自然上限相同则得 100 分")
    floor: float | None = Field(default=None, description="底线值，得 60 分")
    best: float | None = Field(default=None, description="得 100 分的值")
    worst: float | None = Field(default=None, description="得 0 分的值")
    low: float | None = Field(default=None, description="适度指标的下限")
    high: float | None = Field(default=None, description="适度指标的上限")
    source: str = Field(description="出处：标准号或文件号")
    clause: str = Field(default="", description="条款号")
    checked: date = Field(description="最近一次核对出处的日期")


class Rule(Strict):
    """A sub-rule of a count (体检内容子项): a condition on one thing, and how a failing thing is told."""

    id: str
    when: str = Field(description="SQL 条件，如 gas_riser_age >= 20 and gas_riser_corroded")
    says: str = Field(description="问题表述，如“燃气立管运行满20年且锈蚀”")
    degree: Literal["一般", "较严重", "严重", "非常严重"] = "一般"
    difficulty: Literal["低", "中", "高"] = "中"


class Count(Strict):
    """``count`` 计数: distinct things of one input that fail at least one sub-rule."""

    method: Literal["count"]
    of: str
    key: str
    name: str | None = Field(default=None, description="事物名称所在列；缺省用 key")
    where: str | None = Field(default=None, description="只数符合条件的事物")
    weight: str | None = Field(default=None, description="按此列求和而不数个数，如非成套住宅套数")
    per: Per = Field(default="things", description="比较用的分母：事物总数、人口或面积")
    rule: tuple[Rule, ...] = Field(min_length=1)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The inputs it reads."""
        return (self.of,)


class Ratio(Strict):
    """``ratio`` 比率: two SQL aggregates over one input, or one aggregate per person or km²."""

    method: Literal["ratio"]
    of: str
    numerator: str
    denominator: str | None = None
    per: Literal["population", "area_km2"] | None = None
    where: str | None = None
    scale: float = 1.0

    @property
    def inputs(self) -> tuple[str, ...]:
        """The inputs it reads."""
        return (self.of,)


class Coverage(Strict):
    """``coverage`` 服务半径覆盖率: share of demand (weighted) within a radius of supply, straight line."""

    method: Literal["coverage"]
    demand: str
    weight: str | None = None
    demand_where: str | None = None
    supply: str
    supply_where: str | None = None
    radius_m: float = Field(gt=0)
    minimum_area_m2: float | None = None
    scale: float = 100.0

    @property
    def inputs(self) -> tuple[str, ...]:
        """The inputs it reads."""
        return (self.demand, self.supply)


class Density(Strict):
    """``density`` 密度: length (km), area (m²) or number of features, clipped to the unit, per km² or person."""

    method: Literal["density"]
    of: str
    what: Literal["length", "area", "number"]
    where: str | None = None
    per: Literal["population", "area_km2"] = "area_km2"
    scale: float = 1.0

    @property
    def inputs(self) -> tuple[str, ...]:
        """The inputs it reads."""
        return (self.of,)


class Survey(Strict):
    """``survey`` 问卷: mean 0–100 score of a question."""

    method: Literal["survey"]
    of: str
    question: str

    @property
    def inputs(self) -> tuple[str, ...]:
        """The inputs it reads."""
        return (self.of,)


class Reported(Strict):
    """``reported`` 直接上报: the rate alone. Averaged upward only when ``weight`` names by what."""

    method: Literal["reported"]
    of: str
    item: str
    weight: Literal["population", "area_km2"] | None = None

    @property
    def inputs(self) -> tuple[str, ...]:
        """The inputs it reads."""
        return (self.of,)


class Sql(Strict):
    """``sql`` 自定义查询: a DuckDB query over the named inputs returning unit, numerator, denominator."""

    method: Literal["sql"]
    of: tuple[str, ...] = Field(min_length=1)
    query: str
    scale: float = 1.0

    @property
    def inputs(self) -> tuple[str, ...]:
        """The inputs it reads."""
        return self.of


Measure = Annotated[
    Count | Ratio | Coverage | Density | Survey | Reported | Sql, Field(discriminator="method")
]


class Indicator(Strict):
    """One indicator (指标)."""

    code: str = Field(pattern=r"^[A-Z]{2,4}-\d{2,3}$", description="编号，如 JT-03")
    name: str = Field(min_length=2)
    dimension: str = Field(description="维度，如 交通便捷")
    aspect: str = Field(description="二级分类，如 公共交通")
    scale: Literal["住房", "小区（社区）", "街区", "城区（城市）"]
    unit: str = Field(description="计量单位，如 %、栋、km/km²")
    decimals: int = Field(default=1, ge=0, le=4)
    direction: Direction = Field(description="higher 越大越好，lower 越小越好，within 适度")
    levels: tuple[LevelName, ...] = ("district", "town", "community")
    kind: Literal["baseline", "guiding", "local"] = Field(description="底线型、提升型、特色")
    treatment: Literal["within_deadline", "effort"] = Field(description="限时解决、尽力解决")
    remedy_kind: Literal["管理类", "工程类"] = "管理类"
    definition: str = Field(min_length=6)
    formula: str = Field(min_length=4)
    standard: tuple[Standard, ...] = ()
    lead: tuple[str, ...] = Field(min_length=1)
    supporting: tuple[str, ...] = ()
    remedy: str = Field(min_length=6, description="整治建议，可用 {unit} {value} {target} {gap} {names}")
    amount: str = Field(default="", description="工作量说法，如“需新增{amount}㎡”")
    survey: str | None = Field(default=None, description="对照的满意度题号")
    weight: float = Field(default=1.0, gt=0)
    confirmed: bool = True
    measure: Measure

    @model_validator(mode="after")
    def _band(self) -> Indicator:
        for standard in self.standard:
            if self.direction == "within" and standard.low is None and standard.high is None:
                raise ValueError("适度指标（within）的标准要写 low 或 high")
        return self

    def standard_in(self, year: int) -> Standard | None:
        """The standard in force at the end of ``year``; None when there is none."""
        valid = [s for s in self.standard if s.since <= date(year, 12, 31)]
        return max(valid, key=lambda s: s.since) if valid else None


class System(Strict):
    """An indicator system (指标体系): `system.toml` of a set's folder."""

    name: str
    title: str
    source: str
    dimensions: tuple[str, ...]
    confirmed: bool = True
    notes: str = ""
