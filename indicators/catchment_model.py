"""The model of ``catchment`` (供需匹配): capacity that those within reach share, by two-step floating catchments."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from .fields import Strict, described


class Zone(Strict):
    """A band of distance and its weight (距离分区): the further off, the less a place there is worth."""

    within_m: float = described("分区的外缘，米；从上一个分区的外缘算起", "1000", gt=0)
    weight: float = described("权重，最近的分区写 1，越远越小", "0.68", gt=0, le=1)


class Catchment(Strict):
    """``catchment`` 供需匹配: what of the supply's capacity reaches demand (access), or what is missing of the need (gap)."""

    method: Literal["catchment"] = described(
        "供需匹配：设施的容量由够得着它的需求分享（两步移动搜索法），算人均可得的容量，或缺少的容量",
        '"catchment"',
    )
    what: Literal["access", "gap"] = described(
        "access 单位需求平均可得的容量；gap 缺少的容量（个数），与同级比较时看占需要量的比例",
        '"gap"', default="access",
    )  # fmt: skip
    demand: str = described("需求所在输入，按点计；没有落在任何单元的也分享容量", '"residences"')
    weight: str | None = described("需求点的数量列；缺省每点算一个", '"population"', default=None)
    demand_where: str | None = described("只算符合条件的需求", '"population > 0"', default=None)
    supply: str = described("设施所在输入，点、线、面都可以；面从边界起算", '"care_homes"')
    supply_where: str | None = described("只算符合条件的设施", "\"kind = '小学'\"", default=None)
    capacity: str = described(
        "设施的容量列；容量没填的设施不当作 0：够得着它的需求点不参加评价", '"beds"', '"床位"'
    )
    radius_m: float | None = described(
        "够得着的直线距离，米，以内同等看待（2SFCA）；与 zone 二选一", "1000", default=None, gt=0
    )
    zone: tuple[Zone, ...] = described(
        "按距离分区加权（E2SFCA），由近及远；与 radius_m 二选一", "[[indicator.measure.zone]]", default=()
    )
    need: float = described(
        "每单位需求需要多少容量，只用于 gap；人口 × 0.04 就是每千人 40 个", "1", default=1.0, gt=0
    )
    scale: float = described("乘数，每千人写 1000，只用于 access", "1000", default=1.0, gt=0)

    @model_validator(mode="after")
    def _sound(self) -> Catchment:
        if (self.radius_m is None) == (not self.zone):
            raise ValueError("radius_m 与 zone 必须写一个，只能写一个")
        if self.what == "access" and self.need != 1.0:
            raise ValueError('need 只用于 what = "gap"')
        if self.what == "gap" and self.scale != 1.0:
            raise ValueError('what = "gap" 的值就是缺少的个数，不能写 scale')
        edges = [zone.within_m for zone in self.zone]
        weights = [zone.weight for zone in self.zone]
        if edges != sorted(set(edges)) or weights != sorted(weights, reverse=True):
            raise ValueError("zone 要由近及远：within_m 一个比一个大，weight 不能越远越大")
        return self

    @property
    def zones(self) -> tuple[tuple[float, float], ...]:
        """(outer edge in metres, weight) of each zone, near to far; a radius is one zone of weight 1."""
        if self.radius_m is not None:
            return ((self.radius_m, 1.0),)
        return tuple((zone.within_m, zone.weight) for zone in self.zone)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The inputs it reads."""
        return (self.demand, self.supply)
