"""What is said of small numbers, in the sentences of the method notes (方法说明：偶然性、同类单元、最小基数)."""

from __future__ import annotations

from collections.abc import Mapping

from ...indicators.fields import LevelName
from ...indicators.loader import Library
from ..results import LEVEL_NAMES, LEVELS, TOO_FEW
from ..settings.project import Project
from ..settings.scheme import SmallNumbers

_INTERVALS = {
    "wilson": "占比用威尔逊（Wilson）得分区间", "poisson": "件数和按人口、面积计的率用精确泊松区间",
    "survey": "满意度用按有效样本量的 t 区间",
}  # fmt: skip


def chance_notes(project: Project, library: Library) -> list[str]:
    """Peers; intervals and when two values differ; false discovery; shrinkage; smallest denominators."""
    rules = project.small_numbers
    return [
        _peers(rules),
        _intervals(library),
        f"多重比较：与同类相比的判断按 Benjamini–Hochberg 法在同级全部单元、全部指标上校正，列入短板和优势的错误发现率不超过 {rules.false_discovery:.0%}。"
        "漏斗图的控制限按斯皮格哈尔特（Spiegelhalter 2005）的方法，离散系数大于 1 的加入单元间方差。",
        _shrinking(project),
        *_minimum(library, rules.minimum),
    ]


def _peers(rules: SmallNumbers) -> str:
    """How peers are chosen, and who has none."""
    if rules.peers == "all":
        return (
            "同类单元：各单元与同级的全部单元比较（可在项目设置中改为按单元类型、体检画像类型或自定的组）。"
        )
    how = {
        "kind": "单元名录中类型相同的", "type": "同一体检画像类型的", "groups": f"项目设定的 {len(rules.groups)} 组中同组的",
    }[rules.peers]  # fmt: skip
    return (
        f"同类单元：各单元与{how}同级单元比较（中位数、四分位数、明显落后或领先都取自同类），名次仍在同级全部单元中排；"
        f"没有分组或同类不足 {rules.fewest_peers} 个的，归入“全部”一组。"
    )


def _intervals(library: Library) -> str:
    """Which intervals there are, and what “no different” means."""
    used = {indicator.interval for indicator in library.indicators}
    told = "，".join(words for kind, words in _INTERVALS.items() if kind in used)
    return (
        f"偶然性：95% 区间中，{told or '没有需要区间的指标'}；逐一查清的实物（路网、设施覆盖等）没有区间。"
        "只有在偶然的 95% 界限之外，才说一个单元优于或差于全区、同类或上年，否则为“无明显差异”；"
        "是否达到标准按数值判断，区间包含标准的注明“样本较少”。"
    )


def _shrinking(project: Project) -> str:
    """Whether scores among peers look at shrunk values."""
    if project.scoring.shrink:
        return (
            "经验贝叶斯收缩：与同级比较的得分取收缩估计（基数越小，越向全区的一般水平收拢；"
            "占比、率用 Marshall 1991 的全局估计，满意度用正态模型），表中列的仍是实测值。"
        )
    return "经验贝叶斯收缩：不用于计分，得分和各表都取实测值。"


def _minimum(library: Library, overrides: Mapping[str, Mapping[LevelName, float]]) -> list[str]:
    """The smallest denominators in force; none where there are none."""
    told = []
    for indicator in library.indicators:
        least = dict(indicator.minimum) | dict(overrides.get(indicator.code, {}))
        held = "、".join(f"{LEVEL_NAMES[level]} {least[level]:g}" for level in LEVELS if level in least)
        if held:
            told.append(f"{indicator.name}（{held}）")
    if not told:
        return []
    return [f"最小基数：分母小于以下数的值照列，注明“{TOO_FEW}”，不计分，不列短板：{'；'.join(told)}。"]
