"""A reference page for each indicator (指标说明页) and their index, as Markdown, made from the definitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..indicators.catchment_model import Catchment
from ..indicators.loader import Library, indicator_frame
from ..indicators.measure_model import (
    Circle,
    Count,
    Coverage,
    Density,
    Measure,
    Ratio,
    Reported,
    ServiceRadius,
    Sql,
    Survey,
    Walk,
)
from ..indicators.model import Indicator, Standard
from . import numbers
from .tables.scales import SCALES, UNNUMBERED
from .wording.indicator_words import METHOD_NAMES, Row, indicator_facts

INDEX = "README.md"
_MADE = "本页由程序根据 `indicators/` 的定义生成，请勿手改。"


def indicator_pages(library: Library, year: int) -> dict[str, str]:
    """File name → Markdown: one page for each indicator in force, and the index; facts as of ``year``."""
    rows = {row["code"]: row for row in indicator_frame(library, year).to_dicts()}
    pages = {f"{i.code}.md": _page(i, rows[i.code]) for i in library.indicators}
    return pages | {INDEX: _index(library, rows)}


def measure_lines(measure: Measure) -> list[tuple[str, str]]:
    """(what, expression or number) of how an indicator is computed, as written in its definition."""
    match measure:
        case Count():
            lines = [("计数对象", measure.of), ("编号列", measure.key), ("只数", measure.where or ""),
                     ("每个算", measure.weight or "1"), ("比较时除以", measure.per)]  # fmt: skip
        case Ratio():
            lines = [("输入", measure.of), ("分子", measure.numerator), ("分母", measure.denominator or measure.per or ""),
                     ("条件", measure.where or "")]  # fmt: skip
        case Coverage():
            radii = [(f"半径（{r.says}）", f"{_which(r)} → {r.radius_m:g} m") for r in measure.radius]
            lines = [("需求", measure.demand), ("权重", measure.weight or ("面积" if measure.by == "area" else "")),
                     ("需求条件", measure.demand_where or ""), ("设施", measure.supply),
                     ("设施条件", measure.supply_where or ""),
                     ("服务半径", f"{measure.radius_m:g} m" if measure.radius_m else ""), *radii]  # fmt: skip
        case Walk():
            lines = [("需求", measure.demand), ("权重", measure.weight or ""), ("需求条件", measure.demand_where or ""),
                     ("设施", measure.supply), ("设施条件", measure.supply_where or ""), *_on_foot(measure)]  # fmt: skip
        case Circle():
            kinds = [
                (f"设施（{k.name}）", k.supply + (f"，{k.supply_where}" if k.supply_where else ""))
                for k in measure.kind
            ]
            lines = [("需求", measure.demand), ("权重", measure.weight or ""), ("需求条件", measure.demand_where or ""),
                     *kinds, ("至少够得着", f"{measure.needed} 类"), *_on_foot(measure)]  # fmt: skip
        case Catchment():
            lines = [("量", measure.what), ("需求", measure.demand), ("数量", measure.weight or ""),
                     ("需求条件", measure.demand_where or ""), ("设施", measure.supply), ("容量", measure.capacity),
                     ("设施条件", measure.supply_where or ""),
                     *((f"{edge:g} m 以内的权重", f"{weight:g}") for edge, weight in measure.zones),
                     ("每单位需求需要", f"{measure.need:g}" if measure.what == "gap" else "")]  # fmt: skip
        case Density():
            lines = [
                ("图层", measure.of),
                ("量", measure.what),
                ("合并相距不超过", f"{measure.merge_m:g} m" if measure.what == "junctions" else ""),
                ("条件", measure.where or ""),
                ("除以", measure.per),
            ]
        case Survey():
            lines = [("问卷", measure.of), ("题号", measure.question)]
        case Reported():
            lines = [
                ("上报输入", measure.of),
                ("项目", measure.item),
                ("向上汇总的权重", measure.weight or "不向上汇总"),
            ]
        case Sql():
            lines = [("输入", "、".join(measure.of)), ("查询", " ".join(measure.query.split()))]
    return [(what, text) for what, text in lines if text]


def _which(radius: ServiceRadius) -> str:
    """Which supply, and in which units, as written."""
    kinds = f"单元类型 {'、'.join(radius.unit_kind)}" if radius.unit_kind else ""
    return "；".join(part for part in (radius.where, kinds) if part)


def _on_foot(measure: Walk | Circle) -> list[tuple[str, str]]:
    """The network walked on, and how far."""
    limit = f"{measure.metres:g} m" if measure.metres else f"{measure.minutes:g} min"
    return [("步行网络", measure.network), ("能走的路", measure.network_where or ""), ("步行限度", limit)]


def standard_lines(indicator: Indicator) -> list[tuple[str, ...]]:
    """Every dated standard: 自, 达标, 底线, 最优, 最差, 区间, 期限, 出处, 核对日期."""
    return [
        (
            s.since.isoformat(), *(_figure(v) for v in (s.target, s.floor, s.best, s.worst)), _band(s),
            s.by.isoformat() if s.by else "", " ".join(p for p in (s.source, s.clause, s.item) if p), s.checked.isoformat(),
        )
        for s in sorted(indicator.standard, key=lambda s: s.since)
    ]  # fmt: skip


STANDARD_HEADERS = ("自", "达标值", "底线值", "最优", "最差", "适度区间", "期限", "出处", "核对日期")


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _band(standard: Standard) -> str:
    if standard.low is None and standard.high is None:
        return ""
    return f"{_figure(standard.low)}{numbers.EN_DASH}{_figure(standard.high)}"


def _page(indicator: Indicator, row: Row) -> str:
    facts = [(label, text) for label, text in indicator_facts(row) if text and label != "标准"]
    parts = [f"# {indicator.code} {indicator.name}", _MADE, _table(("项目", "内容"), facts)]
    if indicator.standard:
        parts += ["## 标准", _table(STANDARD_HEADERS, standard_lines(indicator))]
    else:
        parts += ["## 标准", "没有设定：没有可引用的标准，按同级单元比较，或只计数。"]
    parts += [f"## 计算（{METHOD_NAMES[indicator.measure.method]}）",
              _table(("项目", "写法"), [(what, _code(text)) for what, text in measure_lines(indicator.measure)])]  # fmt: skip
    if isinstance(indicator.measure, Count):
        rules = [(r.says, _code(r.when), r.degree, r.difficulty) for r in indicator.measure.rule]
        parts += ["## 子项", _table(("问题", "条件", "问题程度", "治理难度"), rules)]
    return "\n\n".join(parts) + "\n"


def _index(library: Library, rows: dict[str, Row]) -> str:
    """Which indicators there are, by set and scale, and how many are confirmed."""
    sets = list(dict.fromkeys(row["system"] for row in rows.values()))
    counted = Counter((row["system"], row["scale"]) for row in rows.values())
    unsure = Counter(row["system"] for row in rows.values() if not row["confirmed"])
    summary = [
        (name, *(str(counted[name, scale] or "") for scale in SCALES), str(sum(r["system"] == name for r in rows.values())),
         str(unsure[name] or ""))
        for name in sets
    ]  # fmt: skip
    parts = ["# 指标说明", _MADE, _table(("体系", *SCALES, "合计", "未核对"), summary)]
    for name in sets:
        title = next((s.title for s in library.systems if s.name == name), name)
        mine = [row for row in rows.values() if row["system"] == name]
        mine.sort(key=lambda r: (r["number"] or UNNUMBERED, r["position"]))
        body = [
            (f"[{r['code']}]({r['code']}.md)", r["name"] + ("" if r["confirmed"] else " *"), r["scale"], r["dimension"],
             METHOD_NAMES[r["method"]], "、".join(r["lead"]))
            for r in mine
        ]  # fmt: skip
        parts += [
            f"## {title}（{name}）",
            _table(("编号", "指标（* 未核对）", "尺度", "维度", "测算方式", "牵头单位"), body),
        ]
    return "\n\n".join(parts) + "\n"


def _table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [headers, ["---"] * len(headers), *rows]
    return "\n".join(
        "| " + " | ".join(" ".join(c.split()).replace("|", "\\|") for c in line) + " |" for line in lines
    )


def _code(text: str) -> str:
    return f"`{text}`"
