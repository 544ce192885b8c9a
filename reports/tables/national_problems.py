"""问题清单 of each of the Ministry's four scales, with the columns of the handbook's own tables (附件四).

Below 城区 a problem is a count of things that fail a sub-rule, whatever its grade: every indicator with a line in the
ledger is listed, sub-rule by sub-rule, saying how many, what is wrong and which ones; where services do not reach, the
communities left out are named. At 城区 the rows are those of the district's own 问题清单.
"""

from __future__ import annotations

import polars as pl

from ...engine.lists import DIFFICULTIES
from ...engine.results import TREATMENTS
from .. import numbers
from ..view import Row, Scope, View
from .lists import decimals_of, unit_label
from .scales import SCALES, UNNUMBERED
from .table import Cell, Column, Figure, Table

HOUSING, ESTATES, QUARTERS, CITY = SCALES
NAMED = 6  # things of a sub-rule called by name; the ledger has them all
LEFT_OVER = (
    "连续列入"  # what engine/review/track.py puts behind the grounds of a row left over from earlier years
)
_FEW = 3  # where several sub-rules stand in one cell
_TOWNS = 3  # towns named as having most
_COMMUNITIES = 8  # communities named as not served
_THINGS = {
    "buildings": ("栋", "住宅"),
    "estates": ("个", "小区"),
}  # input → measure word and name of its things
_NO_PLACE = ("missing", "not_shared", "none")  # ids of sub-rules: there is nothing at all
_TOO_SMALL = ("short", "too_few", "too_small", "green_too_small", "new_below_one", "narrow")
_NOT_WHOLE = ("incomplete", "poor", "barrier", "no_lockers", "no_mailbox", "no_platform", "no_security", "security_poor",
              "faults", "not_ready", "not_affordable", "not_accessible", "dark", "slippery")  # fmt: skip

_NO = Column("no", "序号", 9, "right", "number", nowrap=True)
_INDICATOR = Column("indicator", "指标项", 40)
_RESULT = Column("result", "体检结果", 18, "right", nowrap=True)
_JUDGED = (
    Column("degree", "问题程度", 16, nowrap=True),
    Column("difficulty", "治理难度", 15, nowrap=True),
    Column("treatment", "问题分类", 18, nowrap=True),
)
_COLUMNS: dict[str, tuple[Column, ...]] = {
    HOUSING: (_NO, _INDICATOR, _RESULT, Column("problem", "存在问题", 110), *_JUDGED),
    ESTATES: (
        _NO, _INDICATOR, _RESULT, Column("built", "配建情况（是/否）", 20), Column("size", "用地、场地、建筑等规模不足", 46),
        Column("functions", "功能不完善", 46), Column("other", "其他问题", 46), *_JUDGED,
    ),
    QUARTERS: (_NO, _INDICATOR, _RESULT, Column("problem", "存在问题", 110), *_JUDGED),
    CITY: (
        Column("aspect", "维度", 26), _NO, _INDICATOR, Column("result", "指标值", 18, "right", nowrap=True),
        Column("ministry", "单项评级", 16, "center", nowrap=True), Column("survey", "居民问卷指标及评价结果", 32),
        Column("problem", "问题分析", 90), Column("treatment", "问题分类", 18, nowrap=True),
    ),
}  # fmt: skip


def codes_of(view: View, scale: str) -> tuple[str, ...]:
    """The indicators of a scale, those with a number in the handbook first and in its order."""
    held = [row for row in view.indicators.values() if row["scale"] == scale]
    held.sort(key=lambda r: (r["number"] or UNNUMBERED, view.indicator_order[r["code"]]))
    return tuple(row["code"] for row in held)


def problem_codes(view: View, scale: str) -> tuple[str, ...]:
    """The indicators of a scale that stand in its 问题清单: those with lines in the ledger, those the district listed."""
    listed = {row["indicator"] for row in view.listed("problem_list", Scope(units=(view.district,)))}
    counted = set(view.frame("ledger")["indicator"].unique().to_list())
    return tuple(code for code in codes_of(view, scale) if code in listed | counted)


def scale_problems(view: View, scale: str) -> Table:
    """问题清单 of one scale. ``scale`` is one of SCALES; a scale without problems has a table without rows."""
    told = sub_rules(view, problem_codes(view, scale))
    rows: list[dict[str, Cell]] = []
    for number, code in enumerate(problem_codes(view, scale), 1):
        common = {"no": number, "indicator": view.indicators[code]["name"], "result": result_of(view, code)}
        if scale == CITY:
            rows.append(common | _of_city(view, code, told.get(code, [])))
        elif code in told and scale == ESTATES:
            rows.append(common | _of_estates(told[code]))
        elif code in told:
            rows += [common | _judged(rule) | {"problem": rule_said(rule)} for rule in told[code]]
        else:
            rows.append(common | _without_things(view, scale, code))
    columns = _COLUMNS[scale]
    body = tuple(tuple(cells.get(c.key, "") for c in columns) for cells in rows)
    return Table(f"{scale}问题清单", columns, body)


def result_of(view: View, code: str) -> Figure:
    """The district's value with its unit."""
    row = next((r for r in view.scores(view.district) if r["indicator"] == code), None)
    indicator = view.indicators[code]
    return Figure(row["value"] if row else None, decimals_of(indicator), unit=indicator["unit"] or "")


def sub_rules(view: View, codes: tuple[str, ...]) -> dict[str, list[Row]]:
    """Indicator → its sub-rules with lines in the ledger, worst first.

    A row has rule, says, degree, difficulty, treatment, count (things), some (their first names), low and high (lines of
    the ledger), towns ((name, things), most first), word (the measure word of the things) and noun (what they are called).
    """
    lines = view.frame("ledger").filter(pl.col("indicator").is_in(list(codes))).sort("line")
    things = dict(lines.group_by("indicator").agg(pl.col("thing").n_unique()).iter_rows())
    rules = lines.group_by("indicator", "rule", maintain_order=True).agg(
        count=pl.col("thing").n_unique(),
        some=pl.col("thing_name").drop_nulls().unique(maintain_order=True).head(NAMED),
        low=pl.col("line").min(), high=pl.col("line").max(),
        **{k: pl.col(k).first() for k in ("says", "degree", "difficulty", "treatment", "input")},
    )  # fmt: skip
    by_town: dict[tuple[str, str], list[tuple[str, int]]] = {}
    counts = lines.drop_nulls("town").group_by("indicator", "rule", "town").agg(n=pl.col("thing").n_unique())
    for indicator, rule, town, n in counts.sort(["n", "town"], descending=[True, False]).iter_rows():
        by_town.setdefault((indicator, rule), []).append((view.name(town), n))
    held: dict[str, list[Row]] = {}
    for row in rules.to_dicts():
        code = row["indicator"]
        value = result_of(view, code).value
        # of a weighted count (套, 个泊位, km) the unit is another than the things'
        word = view.indicators[code]["unit"] or "" if value == things[code] else "处"
        row["word"], row["noun"] = _THINGS.get(row["input"], (word, ""))
        row["towns"] = by_town.get((code, row["rule"]), [])
        held.setdefault(code, []).append(row)
    worst = ("非常严重", "严重", "较严重", "一般")
    for found in held.values():
        found.sort(key=lambda r: (worst.index(r["degree"]), -r["count"], r["rule"]))
    return held


def count_said(rule: Row) -> str:
    """``82栋住宅违规拆改承重结构``: how many, what, and what is wrong with them."""
    noun = "" if rule["noun"] in rule["says"] else rule["noun"]
    return f"{rule['count']}{rule['word']}{noun}{rule['says']}"


def rule_said(rule: Row, named: int = NAMED, *, towns: bool = True) -> str:
    """``共82栋住宅违规拆改承重结构，以甲镇（20栋）、乙镇（9栋）为多，为某小区3号楼、…等，详见台账第1–517行``."""
    word = rule["word"]
    said = f"共{count_said(rule)}"
    if towns and len(rule["towns"]) > _TOWNS:
        most = "、".join(f"{name}（{n}{word}）" for name, n in rule["towns"][:_TOWNS])
        said += f"，以{most}为多"
    names = "、".join(rule["some"][:named])
    if rule["count"] <= min(named, len(rule["some"])):
        return f"{said}，为{names}"
    first, last = rule["low"], rule["high"]
    lines = f"详见台账第{first}{numbers.EN_DASH}{last}行" if first != last else f"详见台账第{first}行"
    return f"{said}，为{names}等，{lines}" if names else f"{said}，{lines}"


def _judged(rule: Row) -> dict[str, Cell]:
    return {key: rule[key] or "" for key in ("degree", "difficulty", "treatment")}


def _of_estates(rules: list[Row]) -> dict[str, Cell]:
    """One row for all sub-rules of an indicator: each in the column of its kind; the worst degree, the greatest difficulty."""
    told: dict[str, list[str]] = {"size": [], "functions": [], "other": []}
    missing = sum(rule["count"] for rule in rules if rule["rule"] in _NO_PLACE)
    for rule in rules:
        kind = (
            "size" if rule["rule"] in _TOO_SMALL else "functions" if rule["rule"] in _NOT_WHOLE else "other"
        )
        told[kind].append(rule_said(rule, _FEW, towns=False))
    built = (
        f"否（{missing}{rules[0]['word']}{rules[0]['noun']}）"
        if missing
        else "是"
        if told["size"] or told["functions"]
        else ""
    )
    hardest = max(
        (rule["difficulty"] or "" for rule in rules),
        key=lambda d: DIFFICULTIES.index(d) if d in DIFFICULTIES else -1,
    )
    return (
        _judged(rules[0])
        | {"built": built, "difficulty": hardest}
        | {k: "；".join(held) for k, held in told.items()}
    )


def _without_things(view: View, scale: str, code: str) -> dict[str, Cell]:
    """An indicator that is no count: why it was listed, and where services do not reach, whom."""
    treatment = TREATMENTS.get(view.indicators[code]["treatment"], "")
    said = _listed_because(view, code)
    left_out = not_served(view, code)
    told = "；".join(part for part in (said, left_out) if part)
    return {"other" if scale == ESTATES else "problem": told, "treatment": treatment}


def _of_city(view: View, code: str, rules: list[Row]) -> dict[str, Cell]:
    row = next((r for r in view.scores(view.district) if r["indicator"] == code), {})
    analysis = [rule_said(rule) for rule in rules] or [_listed_because(view, code), not_served(view, code)]
    indicator = view.indicators[code]
    return {
        "aspect": indicator["aspect"] or "", "ministry": row.get("ministry") or "", "survey": asked(view, code),
        "problem": "；".join(part for part in analysis if part),
        "treatment": TREATMENTS.get(indicator["treatment"], ""),
    }  # fmt: skip


def _listed_because(view: View, code: str) -> str:
    """The grounds of the district's row, what the standard is, and which towns list the same indicator."""
    own = view.listed("problem_list", Scope(units=(view.district,), indicators=(code,)))
    indicator, parts = view.indicators[code], []
    if own:
        standard = Figure(own[0]["standard"], decimals_of(indicator), unit=indicator["unit"] or "")
        against = f"（标准值{standard}）" if numbers.known(own[0]["standard"]) else ""
        parts.append(f"{grounds(own[0])}{against}")
    towns = towns_listing(view, code)
    if towns:
        most = "、".join(towns[:_TOWNS])
        more = f"等{len(towns)}个街镇" if len(towns) > _TOWNS else ""
        parts.append(f"{most}{more}列入问题清单")
    return "，".join(parts)


def grounds(row: Row) -> str:
    """Why a row was listed, without since when: that has a column of its own."""
    return "；".join(part for part in str(row["because"] or "").split("；") if LEFT_OVER not in part)


def towns_listing(view: View, code: str) -> list[str]:
    """Names of the towns whose 问题清单 has the indicator, the most urgent first."""
    towns = Scope(units=tuple(view.of_level("town")), indicators=(code,), by_priority=True)
    return [view.name(row["unit"]) for row in view.listed("problem_list", towns)]


def not_served(view: View, code: str) -> str:
    """``松庭居委会、…等9个社区全部不在服务范围内``: the communities none of whose demand is served, most demand first."""
    frame = view.frame("service").filter(
        (pl.col("indicator") == code) & pl.col("kind").is_null() & (pl.col("weight") > 0)
    )
    sums = frame.group_by("unit").agg(
        served=pl.col("served").fill_null(False).any(), total=pl.col("weight").sum()
    )
    none = sums.filter(~pl.col("served")).sort(["total", "unit"], descending=[True, False])["unit"].to_list()
    communities = [u for u in none if view.units.get(u, {}).get("level") == "community"]
    if not communities:
        return ""
    named = "、".join(unit_label(view, u) for u in communities[:_COMMUNITIES])
    more = f"等{len(communities)}个社区" if len(communities) > _COMMUNITIES else ""
    return f"{named}{more}全部不在服务范围内"


def asked(view: View, code: str) -> str:
    """``内涝防治 68.7分``: what residents say of the question of the indicator; empty where nothing may be said."""
    question = view.indicators[code]["survey"]
    rows = view.frame("survey").filter(unit=view.district, question=question or "").to_dicts()
    if not rows or rows[0]["score"] is None or rows[0]["note"]:
        return ""
    return f"{rows[0]['label'] or question} {numbers.score(rows[0]['score'])}分"
