"""The model of a measure (计算方法): one class for each of the closed list of methods an indicator may name."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

from pydantic import Field, model_validator

from .catchment_model import Catchment
from .fields import Strict, described

Per = Literal["things", "population", "area_km2"]
W = TypeVar("W", "Walk", "Circle")


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
        "只数符合条件的事物：查明了该项的才进分母。按人口、面积比较时，条件为空（不知道是不是）的不当作没有："
        "全是这样的单元不评价，条件为假（是别的）的单元算 0",
        '"severe or not severe"',
        default=None,
    )
    weight: str | None = described(
        "按此式求和而不数个数：每个事物算多少，用本输入的列写",
        '"case when needed > places then needed - places when needed <= places then 0 end"',
        '"greatest(needed - places, 0)"', default=None,
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
    """A class of supply with a radius of its own (分级服务半径): a small park serves less far, a stop in the country further."""

    where: str | None = described(
        "哪一类设施，用设施输入的列写；面状图层另有 area_m2（面积，㎡）；一类都不符合的设施不服务任何需求；不写就是全部设施",
        '"area_m2 >= 2000 and area_m2 < 10000"',
        '"0.2–1公顷"', default=None,
    )  # fmt: skip
    unit_kind: tuple[str, ...] = described(
        "只对这些类型的单元中的需求有效：单元名录“类型”一列，单元自己的类型没有列出时看其上级的；不写就是全部；"
        "一类半径都不适用的需求不参加评价。与 where 至少写一个",
        '["新城", "主城区"]', '"新城"', default=(),
    )  # fmt: skip
    radius_m: float = described("这一类的服务半径，米；面状设施从边界起算", "300", '"300米"', gt=0)
    says: str = described("这一类的说法", '"0.2–1公顷"', '"小"', min_length=2)

    @model_validator(mode="after")
    def _of_something(self) -> ServiceRadius:
        if self.where is None and not self.unit_kind:
            raise ValueError("没有写是哪一类：请写 where（哪类设施）或 unit_kind（哪类单元）")
        return self


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


class Walk(Strict):
    """``walk`` 步行覆盖率: share of demand points, weighted, that reach supply on foot along a network of lines."""

    method: Literal["walk"] = described("步行覆盖率：沿步行网络走到设施不超过限度的需求所占比例", '"walk"')
    demand: str = described("需求所在输入，按点计", '"residences"')
    weight: str | None = described("需求点的权重列；缺省每点算一个", '"population"', default=None)
    demand_where: str | None = described("只算符合条件的需求", '"population > 0"', default=None)
    supply: str = described("设施所在输入，点、线、面都可以；面从边界起算", '"bus_stops"')
    supply_where: str | None = described("只算符合条件的设施", "\"kind = '小学'\"", default=None)
    network: str = described("步行网络所在输入：能走的路的中心线", '"walk_network"')
    network_where: str | None = described(
        "只走符合条件的路；走不过去的地方就是没有能走的路", "\"class <> '快速路'\"", default=None
    )
    metres: float | None = described("步行距离，米；与 minutes 二选一", "500", '"500米"', default=None, gt=0)
    minutes: float | None = described(
        "步行时间，分钟，步速见 [space] walk_speed_m_s；与 metres 二选一", "15", default=None, gt=0
    )
    scale: float = described("乘数，百分比写 100", "100", default=100.0, gt=0)

    @model_validator(mode="after")
    def _sound(self) -> Walk:
        return _one_limit(self)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The inputs it reads."""
        return (self.demand, self.supply, self.network)


class CircleKind(Strict):
    """One kind of supply of a life circle (生活圈要素): a school, a clinic, a park …."""

    name: str = described("哪一类设施", '"小学"', min_length=2)
    supply: str = described("设施所在输入，点、线、面都可以；面从边界起算", '"schools"')
    supply_where: str | None = described("只算符合条件的设施", "\"kind = '小学'\"", default=None)


class Circle(Strict):
    """``circle`` 生活圈达标率: share of demand points, weighted, that reach enough kinds of supply on foot."""

    method: Literal["circle"] = described(
        "生活圈达标率：步行限度内够得着足够多类设施的需求所占比例", '"circle"'
    )
    demand: str = described("需求所在输入，按点计", '"residences"')
    weight: str | None = described("需求点的权重列；缺省每点算一个", '"population"', default=None)
    demand_where: str | None = described("只算符合条件的需求", '"population > 0"', default=None)
    kind: tuple[CircleKind, ...] = described("生活圈的各类设施", "[[indicator.measure.kind]]", min_length=1)
    at_least: int | None = described("至少够得着几类；不写就是每一类都要", "5", default=None, ge=1)
    network: str = described("步行网络所在输入：能走的路的中心线", '"walk_network"')
    network_where: str | None = described(
        "只走符合条件的路；走不过去的地方就是没有能走的路", "\"class <> '快速路'\"", default=None
    )
    metres: float | None = described("步行距离，米；与 minutes 二选一", "1000", '"1公里"', default=None, gt=0)
    minutes: float | None = described(
        "步行时间，分钟，步速见 [space] walk_speed_m_s；与 metres 二选一", "15", default=None, gt=0
    )
    scale: float = described("乘数，百分比写 100", "100", default=100.0, gt=0)

    @model_validator(mode="after")
    def _sound(self) -> Circle:
        names = [kind.name for kind in self.kind]
        if len(set(names)) < len(names):
            raise ValueError("设施的类名重复")
        if self.at_least is not None and self.at_least > len(names):
            raise ValueError(f"at_least 是 {self.at_least}，设施一共只有 {len(names)} 类")
        return _one_limit(self)

    @property
    def needed(self) -> int:
        """How many kinds must be reached."""
        return self.at_least if self.at_least is not None else len(self.kind)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The inputs it reads, each once."""
        return tuple(dict.fromkeys((self.demand, *(kind.supply for kind in self.kind), self.network)))


def _one_limit(measure: W) -> W:
    if (measure.metres is None) == (measure.minutes is None):
        raise ValueError("metres 与 minutes 必须写一个，只能写一个")
    return measure


class Density(Strict):
    """``density`` 密度: length (km), area (m²), number of features or of junctions in the unit, per km² or person."""

    method: Literal["density"] = described(
        "密度：图层落在单元内的长度、面积、个数或路口数，除以面积或人口", '"density"'
    )
    of: str = described("用哪个图层", '"roads"')
    what: Literal["length", "area", "number", "junctions"] = described(
        "量什么：length 长度 km、area 面积 ㎡、number 个数、junctions 路口（至少三条路段相接处）个数",
        '"length"',
    )
    merge_m: float = described(
        "相距不超过此数（米）的相邻路口算一个：分幅画的道路相交有几个交点；只用于 junctions",
        "20",
        default=20.0,
        gt=0,
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
    Count | Ratio | Coverage | Walk | Circle | Catchment | Density | Survey | Reported | Sql,
    Field(discriminator="method"),
]
