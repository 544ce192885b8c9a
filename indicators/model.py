"""The model of an indicator (指标): what a TOML entry may say, and what each field means.

An indicator is data. ``measure`` names one of a closed list of methods (``measure_model.py``); one that needs new Python
is a new method.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Literal

from pydantic import model_validator

from .fields import LevelName, Strict, described
from .measure_model import Measure

Direction = Literal["higher", "lower", "within"]
Interval = Literal["wilson", "poisson", "survey", "none"]

PLACEHOLDERS = frozenset({"unit", "value", "target", "gap", "names"})  # what a remedy may have filled in
# words in the name of a percentage that is no part of a whole: changes may be negative, quotients of two things above 100 %
NO_PARTS = ("增长", "降低", "需求比", "负债率")


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
        "在哪几级评价：district 区、town 街镇、community 社区；数据只到街镇的不要写 community",
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
    uncertainty: Interval | None = described(
        "数值的偶然性怎么算：wilson 占比（逐个合格不合格的事物、事件），poisson 个数与按人口、面积的比率（逐个发生的事），"
        "survey 问卷均值，none 全面普查的实物量（道路、覆盖面积），没有偶然性。不写则按计算方法：问卷为 survey；计数按事物比较的为 "
        "wilson，按人口、面积比较的为 poisson（按 weight 求和的为 none）；其余为 none",
        '"wilson"', '"有"', default=None,
    )  # fmt: skip
    minimum: dict[LevelName, float] = described(
        "分母（基数）低于此数的单元注明样本不足，不计分；各级分别写，不写的级不限",
        "{ community = 10 }", "10", default={},
    )  # fmt: skip
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
    def _interval_sound(self) -> Indicator:
        if self.uncertainty == "survey" and self.measure.method != "survey":
            raise ValueError('uncertainty = "survey" 只用于 method = "survey" 的指标')
        if any(value <= 0 for value in self.minimum.values()):
            raise ValueError("minimum 应大于 0")
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
        return self.unit == "%" and not any(word in self.name for word in NO_PARTS)

    @property
    def interval(self) -> Interval:
        """Which interval its values have (偶然性的算法): as stated, else what follows from the method."""
        if self.uncertainty is not None:
            return self.uncertainty
        measure = self.measure
        if measure.method == "survey":
            return "survey"
        if measure.method != "count" or measure.weight is not None:
            return "none"
        return "wilson" if measure.per == "things" else "poisson"

    @property
    def is_count(self) -> bool:
        """Whether the value is a number of things, or of places missing, that compares with peers as a share or rate."""
        return self.measure.method == "count" or (
            self.measure.method == "catchment" and self.measure.what == "gap"
        )

    @property
    def compared_unit(self) -> str:
        """The unit of the value that is compared with peers: of a count its share, or the count per km² or person.

        Of places missing it is their share of the places needed.
        """
        if not self.is_count:
            return self.unit
        if self.measure.method != "count":
            return "%"
        return {"things": "%", "population": f"{self.unit}/人", "area_km2": f"{self.unit}/km²"}[
            self.measure.per
        ]

    @property
    def counted(self) -> str | None:
        """What the demand of a measure of service counts (人, ㎡, 处, or the word of ``amount``); None for other measures."""
        measure = self.measure
        if measure.method not in ("coverage", "walk", "circle"):
            return None
        if getattr(measure, "by", "") == "area":
            return "㎡"
        _, _, word = self.amount.partition("{amount}")
        return word or {"population": "人", None: "处"}.get(getattr(measure, "weight", None), "")

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
    named = {name: getattr(standard, name) for name in ("worst", "floor", "target", "best")}
    given = {name: value for name, value in named.items() if value is not None}
    if not set(given) - {"worst"}:
        return "至少要写 floor、target、best 中的一个"
    ordered = list(given.values()) if direction == "higher" else list(given.values())[::-1]
    if ordered != sorted(ordered):
        sign, meant = ("≤", "越大越好") if direction == "higher" else ("≥", "越小越好")
        written = "、".join(f"{name} {as_text(value)}" for name, value in given.items())
        other = "lower" if direction == "higher" else "higher"
        return (f"的次序不对，应为 worst {sign} floor {sign} target {sign} best（{meant}），现在是 {written}；"
                f"或者 direction 应是 {other}")  # fmt: skip
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
