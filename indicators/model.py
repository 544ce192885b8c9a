"""The model of an indicator (指标): what a TOML entry may say, and what each field means.

An indicator is data. ``measure`` names one of a closed list of methods; one that needs new Python is a new
method. What a field means, with a good and where it helps a bad example, is written once, here
(:func:`described`): loader messages (``faults.py``) and the reference page (``reference.py``) are made from it.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Direction = Literal["higher", "lower", "within"]
LevelName = Literal["district", "town", "community"]
Per = Literal["things", "population", "area_km2"]

PLACEHOLDERS = frozenset({"unit", "value", "target", "gap", "names"})  # what a remedy may have filled in


def described(meaning: str, good: str, bad: str = "", **constraints: Any) -> Any:
    """A field with its meaning, a good example as written in TOML, and what people wrongly write instead."""
    extra: dict[str, Any] | None = {"bad": bad} if bad else None
    return Field(description=meaning, examples=[good], json_schema_extra=extra, **constraints)


class Strict(BaseModel):
    """A frozen part of an indicator that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Standard(Strict):
    """A dated standard (标准): the yardstick from ``since`` on. A changed standard is a new entry."""

    since: date = described("自何日起施行；标准改了就另写一条，不改旧的", "2019-03-01", '"2019年3月"')
    target: float | None = described(
        "达标值，得 90 分；与自然上限相同则同时写 best", "90", '"90%"', default=None, allow_inf_nan=False
    )
    floor: float | None = described("底线值，得 60 分", "80", default=None, allow_inf_nan=False)
    best: float | None = described("得 100 分的值", "100", default=None, allow_inf_nan=False)
    worst: float | None = described(
        "得 0 分的值；只写自然界限（如占比 100%），不写估计", "0", default=None, allow_inf_nan=False
    )
    low: float | None = described("适度指标的下限", "0.7", default=None, allow_inf_nan=False)
    high: float | None = described("适度指标的上限", "1.5", default=None, allow_inf_nan=False)
    source: str = described("出处：标准号或文件号", '"GB/T 51328-2018"', '"国家标准"', min_length=2)
    clause: str = described("条款号，或原文说法", '"附录C表C.0.1"', default="")
    checked: date = described("最近一次核对出处的日期", "2026-11-01", '"已核对"')
    by: date | None = described(
        "目标应在何日前达到（行动计划的期限）", "2026-12-31", '"2026年底"', default=None
    )
    item: str = described("目标出自行动计划的第几条", '"第5条"', default="")
    base_year: int | None = described(
        "判断进度的起点年：从这一年的值到目标按直线推进；不写则从最早一年有值的算起",
        "2024", default=None, ge=2000, le=2100,
    )  # fmt: skip


class Option(Strict):
    """One of the readings a parameter may take."""

    value: float | str = described("取值：数，或计算式中的列名", "300")
    says: str = described(
        "这种口径的说法与出处", '"GB 50180-2018 表5.0.3：不宜大于300m"', '"国标"', min_length=4
    )


class Parameter(Strict):
    """A choice between rules that both exist (口径参数): ``{name}`` in texts and expressions stands for its value."""

    name: str = described(
        "参数名；定义、算法和计算式里写 {参数名}", '"radius_m"', '"半径"', pattern=r"^[a-z][a-z0-9_]*$"
    )
    meaning: str = described("选的是什么", '"幼儿园服务半径"', min_length=2)
    value: float | str = described(
        '现行取值，须是 option 之一；项目用 [[override]] field = "parameter.参数名" 改', "300"
    )
    option: tuple[Option, ...] = described(
        "可选的口径，至少两个", "[[indicator.parameter.option]]", min_length=2
    )

    @model_validator(mode="after")
    def _chosen_is_an_option(self) -> Parameter:
        if self.value not in [o.value for o in self.option]:
            known = "、".join(as_text(o.value) for o in self.option)
            raise ValueError(f"参数 {self.name} 的取值 {as_text(self.value)} 不在可选口径之内：{known}")
        if self.name in PLACEHOLDERS | {"amount"}:
            raise ValueError(f"参数名 {self.name} 与占位同名")
        return self

    @property
    def chosen(self) -> Option:
        """The reading in force."""
        return next(o for o in self.option if o.value == self.value)


def as_text(value: float | str) -> str:
    """A parameter's value as it stands in a text or an expression: whole numbers without a point."""
    return value if isinstance(value, str) else f"{value:g}"


class Rule(Strict):
    """A sub-rule of a count (体检内容子项): a condition on one thing, and how a failing thing is told."""

    id: str = described(
        "子项的短名，同一指标内不重复，定了不再改", '"old_riser"', pattern=r"^[a-z][a-z0-9_]*$"
    )
    when: str = described(
        "有问题的条件，用本输入的列写；列为空时不算有问题",
        '"gas_riser_age >= 20 and gas_riser_corroded"',
        '"燃气立管锈蚀 = 是"',
    )
    says: str = described("问题表述，接在“共n栋”之后", '"燃气立管运行满20年且锈蚀"', '"有问题"', min_length=2)
    degree: Literal["一般", "较严重", "严重", "非常严重"] = described("问题程度", '"严重"', default="一般")
    difficulty: Literal["低", "中", "高"] = described("治理难度", '"中"', default="中")


class Count(Strict):
    """``count`` 计数: distinct things of one input that fail at least one sub-rule."""

    method: Literal["count"] = described("计数：至少有一个子项不合格的事物数，同一事物只计一次", '"count"')
    of: str = described("数哪个输入中的事物", '"buildings"')
    key: str = described("事物编号所在列", '"building_id"', '"楼栋编号"')
    name: str | None = described("事物名称所在列；不写则清单只指明台账行号", '"name"', default=None)
    where: str | None = described(
        "只数符合条件的事物：查明了该项的才进分母", '"fibre is not null"', default=None
    )
    weight: str | None = described(
        "按此式求和而不数个数：每个事物算多少，用本输入的列写",
        '"greatest(parking_needed - parking_spaces, 0)"', default=None,
    )  # fmt: skip
    per: Per = described(
        "比较用的分母：things 事物总数、population 人口、area_km2 面积", '"things"', default="things"
    )
    rule: tuple[Rule, ...] = described("子项，至少一个", "[[indicator.measure.rule]]", min_length=1)

    @model_validator(mode="after")
    def _sound(self) -> Count:
        ids = [rule.id for rule in self.rule]
        if len(set(ids)) < len(ids):
            raise ValueError("子项的 id 重复")
        if self.weight is not None and self.per == "things":
            raise ValueError("写了 weight 时分母不能是事物总数，per 请写 population 或 area_km2")
        return self

    @property
    def inputs(self) -> tuple[str, ...]:
        """The inputs it reads."""
        return (self.of,)


class Ratio(Strict):
    """``ratio`` 比率: two SQL aggregates over one input, or one aggregate per person or km²."""

    method: Literal["ratio"] = described("比率：同一输入的两个汇总之比，或一个汇总除以人口、面积", '"ratio"')
    of: str = described("用哪个输入", '"utilities"')
    numerator: str = described("分子：SQL 汇总式", '"sum(gas_done_km)"', '"gas_done_km"')
    denominator: str | None = described("分母：SQL 汇总式；与 per 二选一", '"sum(gas_old_km)"', default=None)
    per: Literal["population", "area_km2"] | None = described(
        "除以单元的人口或面积；与 denominator 二选一", '"population"', default=None
    )
    where: str | None = described(
        "只用符合条件的行；分子、分母都有数的行才算", '"gas_done_km is not null"', default=None
    )
    scale: float = described("乘数，百分比写 100", "100", '"%"', default=1.0, gt=0)

    @model_validator(mode="after")
    def _one_denominator(self) -> Ratio:
        if self.denominator is not None and self.per is not None:
            raise ValueError("denominator 与 per 只能写一个")
        return self

    @property
    def inputs(self) -> tuple[str, ...]:
        """The inputs it reads."""
        return (self.of,)


class ServiceRadius(Strict):
    """A class of supply with a radius of its own (分级服务半径): a small park serves less far than a large one."""

    where: str = described(
        "哪一类设施，用设施输入的列写；面状图层另有 area_m2（面积，㎡）；一类都不符合的设施不服务任何需求",
        '"area_m2 >= 2000 and area_m2 < 10000"',
        '"0.2–1公顷"',
    )
    radius_m: float = described("这一类的服务半径，米；面状设施从边界起算", "300", '"300米"', gt=0)
    says: str = described("这一类的说法", '"0.2–1公顷"', '"小"', min_length=2)


class Coverage(Strict):
    """``coverage`` 服务半径覆盖率: share of demand (points, weighted, or m² of land) within a radius of supply, straight line."""

    method: Literal["coverage"] = described("服务半径覆盖率：设施半径内的需求占全部需求的比例", '"coverage"')
    demand: str = described('需求所在输入：点，或（by = "area" 时）面状图层', '"residences"')
    by: Literal["points", "area"] = described(
        "points 数需求点；area 量需求用地在服务范围内的面积，用地、服务范围都按单元边界裁切，重叠部分只计一次",
        '"area"', default="points",
    )  # fmt: skip
    weight: str | None = described(
        "需求点的权重列；缺省每点算一个；只用于 points", '"population"', default=None
    )
    demand_where: str | None = described("只算符合条件的需求", '"population > 0"', default=None)
    supply: str = described("设施所在输入，点、线、面都可以", '"bus_stops"')
    supply_where: str | None = described("只算符合条件的设施", "\"kind = '小学'\"", default=None)
    radius_m: float | None = described(
        "服务半径，米；面状设施从边界起算；与 radius 二选一", "500", '"500米"', default=None, gt=0
    )
    radius: tuple[ServiceRadius, ...] = described(
        "按设施分级的服务半径；与 radius_m 二选一", "[[indicator.measure.radius]]", default=()
    )
    minimum_area_m2: float | None = described("设施的最小面积，㎡", "5000", default=None, gt=0)
    scale: float = described("乘数，百分比写 100", "100", default=100.0, gt=0)

    @model_validator(mode="after")
    def _sound(self) -> Coverage:
        if self.radius_m is not None and self.radius:
            raise ValueError("radius_m 与 radius 只能写一个")
        if self.radius_m is None and not self.radius:
            raise ValueError("没有服务半径：请写 radius_m，或按设施分级写 radius")
        if self.by == "area" and self.weight is not None:
            raise ValueError('by = "area" 按用地面积计算，不能写 weight')
        return self

    @property
    def inputs(self) -> tuple[str, ...]:
        """The inputs it reads."""
        return (self.demand, self.supply)


class Density(Strict):
    """``density`` 密度: length (km), area (m²) or number of features, clipped to the unit, per km² or person."""

    method: Literal["density"] = described(
        "密度：图层落在单元内的长度、面积或个数，除以面积或人口", '"density"'
    )
    of: str = described("用哪个图层", '"roads"')
    what: Literal["length", "area", "number"] = described(
        "量什么：length 长度 km、area 面积 ㎡、number 个数", '"length"'
    )
    where: str | None = described("只用符合条件的要素", "\"class <> '巷道'\"", default=None)
    per: Literal["population", "area_km2"] = described("除以人口或面积", '"area_km2"', default="area_km2")
    scale: float = described("乘数", "0.0001", default=1.0, gt=0)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The inputs it reads."""
        return (self.of,)


class Survey(Strict):
    """``survey`` 问卷: mean 0–100 score of a question."""

    method: Literal["survey"] = described("问卷：一道题的平均分（0–100）", '"survey"')
    of: str = described("用哪个问卷输入", '"residents"')
    question: str = described("题号，见输入的 questions", '"Q10"', '"历史风貌"', pattern=r"^\w+$")

    @property
    def inputs(self) -> tuple[str, ...]:
        """The inputs it reads."""
        return (self.of,)


class Reported(Strict):
    """``reported`` 直接上报: the rate alone. Averaged upward only when ``weight`` names by what."""

    method: Literal["reported"] = described("直接上报：只有结果，没有分子分母", '"reported"')
    of: str = described("用哪个上报输入", '"statistics"')
    item: str = described("上报表中的指标名称，一字不差", '"平均单程通勤时间"')
    weight: Literal["population", "area_km2"] | None = described(
        "下级的值按什么加权成上级的值；不写就不向上汇总", '"population"', default=None
    )

    @property
    def inputs(self) -> tuple[str, ...]:
        """The inputs it reads."""
        return (self.of,)


class Sql(Strict):
    """``sql`` 自定义查询: a DuckDB query over the named inputs returning unit, numerator, denominator."""

    method: Literal["sql"] = described("自定义查询：用到几个输入时才用", '"sql"')
    of: tuple[str, ...] = described(
        "查询用到的输入，都要列出", '["welfare", "care_homes"]', '"welfare"', min_length=1
    )
    query: str = described(
        "一条 SELECT，结果有 unit、numerator、denominator 三列",
        '"select unit, sum(a) as numerator, sum(b) as denominator from t group by unit"',
    )
    scale: float = described("乘数，百分比写 100", "1000", default=1.0, gt=0)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The inputs it reads."""
        return self.of


Measure = Annotated[
    Count | Ratio | Coverage | Density | Survey | Reported | Sql, Field(discriminator="method")
]


class Indicator(Strict):
    """One indicator (指标)."""

    code: str = described(
        "编号：两到四个大写字母（维度）加序号，定了不再改", '"JT-03"', '"3"', pattern=r"^[A-Z]{2,4}-\d{2,3}$"
    )
    number: int | None = described("在原体系中的序号，如手册的指标序号", "33", default=None, ge=1)
    name: str = described("名称", '"公交站点500米覆盖率"', min_length=2)
    dimension: str = described("维度，体系 dimensions 中的一个", '"交通便捷"', '"交通"')
    aspect: str = described("二级分类", '"公共交通"')
    scale: Literal["住房", "小区（社区）", "街区", "城区（城市）"] = described(
        "住建部的四个尺度之一", '"街区"', '"小区"'
    )
    unit: str = described("计量单位", '"%"')
    decimals: int = described("印出时保留几位小数", "1", default=1, ge=0, le=4)
    direction: Direction = described("higher 越大越好，lower 越小越好，within 适度", '"higher"', '"正向"')
    levels: tuple[LevelName, ...] = described(
        "在哪几级评价；数据只到街镇的不要写 community",
        '["district", "town"]',
        '["街镇"]',
        default=("district", "town", "community"),
        min_length=1,
    )
    kind: Literal["baseline", "guiding", "local"] = described(
        "baseline 底线型（有一处即为问题），guiding 提升型，local 特色", '"guiding"'
    )
    treatment: Literal["within_deadline", "effort"] = described(
        "within_deadline 限时解决（安全、健康、群众反映强烈），effort 尽力解决", '"effort"'
    )
    remedy_kind: Literal["管理类", "工程类"] = described("整治措施类别", '"工程类"', default="管理类")
    definition: str = described(
        "一句话的定义，责任部门看了知道报什么",
        '"居住人口中，距公交站点500米以内的人口所占比例。"',
        '"反映公交情况"',
        min_length=6,
    )
    formula: str = described(
        "算法，用文字写清分子、分母和不计的情形",
        '"已整改台数 ÷ 需整改台数 × 100%"',
        '"见附件"',
        min_length=4,
    )
    standard: tuple[Standard, ...] = described(
        "标准，只写有出处的；没有就不写，按同级单元比较", "[[indicator.standard]]", default=()
    )
    lead: tuple[str, ...] = described("牵头单位", '["区交通委"]', '"区交通委"', min_length=1)
    supporting: tuple[str, ...] = described("配合单位", '["各街镇"]', default=())
    remedy: str = described(
        "整治建议，可用 {unit} 单元、{value} 现状、{target} 目标、{gap} 差距、{names} 问题对象",
        '"在{unit}增设站点，将覆盖率由{value}提高到{target}。"',
        '"加强管理"',
        min_length=6,
    )
    amount: str = described(
        "工作量的说法，{amount} 处填数", '"需新增公园绿地{amount}㎡"', '"需新增绿地"', default=""
    )
    survey: str | None = described("对照的满意度题号", '"Q22"', default=None)
    tickets: tuple[str, ...] = described("对照的12345诉求类别", '["停车管理"]', '"停车管理"', default=())
    weight: float = described("给定权重时的权重", "1.0", default=1.0, gt=0)
    confirmed: bool = described("名称、口径是否已与原始文件核对", "false", default=True)
    parameter: tuple[Parameter, ...] = described(
        "两种规定并存时的口径选择", "[[indicator.parameter]]", default=()
    )
    measure: Measure = described("怎么算：method 与其各项", "[indicator.measure]")

    @model_validator(mode="after")
    def _standards_sound(self) -> Indicator:
        for number, standard in enumerate(self.standard, 1):
            fault = (
                _band_fault(standard)
                if self.direction == "within"
                else _anchor_fault(standard, self.direction)
            )
            if fault:
                raise ValueError(f"第 {number} 条标准{fault}")
        if len({s.since for s in self.standard}) < len(self.standard):
            raise ValueError("有两条标准的施行日期相同")
        return self

    @model_validator(mode="after")
    def _texts_sound(self) -> Indicator:
        unknown = set(re.findall(r"\{(.*?)\}", self.remedy)) - PLACEHOLDERS
        if unknown:
            raise ValueError(f"remedy 中有不认识的占位 {{{'}、{'.join(sorted(unknown))}}}")
        if self.amount and "{amount}" not in self.amount:
            raise ValueError("amount 中没有 {amount}，数填不进去")
        return self

    @property
    def is_share(self) -> bool:
        """Whether the value is a part of a whole, so that nothing below 0 or above 100 % can be right."""
        return self.unit == "%" and "增长" not in self.name

    @property
    def compared_unit(self) -> str:
        """The unit of the value that is compared with peers: of a count its share, or the count per km² or person."""
        if self.measure.method != "count":
            return self.unit
        return {"things": "%", "population": f"{self.unit}/人", "area_km2": f"{self.unit}/km²"}[
            self.measure.per
        ]

    def standard_in(self, year: int) -> Standard | None:
        """The standard in force at the end of ``year``; None when there is none."""
        valid = [s for s in self.standard if s.since <= date(year, 12, 31)]
        return max(valid, key=lambda s: s.since) if valid else None


def _band_fault(standard: Standard) -> str:
    """What is wrong with the standard of a 适度 indicator; empty when nothing is."""
    if standard.low is None and standard.high is None:
        return "：适度指标（within）要写 low 或 high"
    if standard.low is not None and standard.high is not None and standard.low > standard.high:
        return "的 low 大于 high"
    return ""


def _anchor_fault(standard: Standard, direction: Direction) -> str:
    """What is wrong with the anchors of a standard (they must run from bad to good); empty when nothing is."""
    given = [v for v in (standard.worst, standard.floor, standard.target, standard.best) if v is not None]
    if not given or given == [standard.worst]:
        return "至少要写 floor、target、best 中的一个"
    ordered = given if direction == "higher" else given[::-1]
    if ordered != sorted(ordered):
        sign = "≤" if direction == "higher" else "≥"
        return f"的次序不对，应为 worst {sign} floor {sign} target {sign} best"
    if standard.low is not None or standard.high is not None:
        return "：low、high 只用于适度指标（within）"
    return ""


class System(Strict):
    """An indicator system (指标体系): `system.toml` of a set's folder."""

    name: str = described("短名，与目录名相同", '"national-2025"')
    title: str = described("印在报告中的名称", '"城市体检核心指标（八个维度）"')
    source: str = described("依据", '"建科〔2023〕75号"')
    dimensions: tuple[str, ...] = described(
        "维度，按印出的次序；不写则沿用前面体系的维度", '["生态宜居", "健康舒适"]', default=()
    )
    builds_on: tuple[str, ...] = described(
        "建立在哪些体系之上：用本体系时它们自动排在前面", '["national-2025"]', '"national-2025"', default=()
    )
    dimension_of: dict[str, str] = described(
        "前面体系的维度归入本体系的哪个维度", '{ "生态宜居" = "绿色低碳" }', default={}
    )
    unnamed: tuple[str, ...] = described(
        "还没有定名的维度，正式印发前须由项目在 project.dimensions 中定名", '["维度七（待确认）"]', default=()
    )
    confirmed: bool = described("名称、维度是否已与原始文件核对", "true", default=True)
    unconfirmed: tuple[str, ...] = described("其中未经核对的维度", '["绿色低碳"]', default=())
    notes: str = described("给使用者的说明", '"松江区的目标值，其他区请改"', default="")
