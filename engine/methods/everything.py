"""Method notes (方法说明): every choice of the scheme, in sentences that each report prints."""

from __future__ import annotations

from ...indicators.loader import Library
from ...indicators.measure_model import Circle, Walk
from ...indicators.model import as_text
from ..analysis.sampling import MOST_DRAWS
from ..analysis.unit_types import FEWEST, features_of
from ..measure.network import ENTRY_M
from ..results import TOO_FEW
from ..review.track import ENOUGH, MOST, STEP
from ..settings.project import Project
from ..settings.scheme import Ministry
from .chance import chance_notes
from .scale import scaling_notes
from .weights import weighing_notes


def notes(project: Project, library: Library, *, reviewed: bool = False) -> list[str]:
    """The sentences, in reading order; ``reviewed``: last year's problems were judged."""
    s, d = project.scoring, project.diagnosis
    cuts = "、".join(f"{name} ≥ {low:g}" for name, low in s.grades if low != float("-inf"))
    systems = "、".join(f"{x.title}（{x.source}）" for x in library.systems)
    return [
        f"指标体系：{systems}，共 {len(library.indicators)} 项指标。",
        *scaling_notes(s, library),
        "计数类指标（栋、个）以占比参加比较和计分，列表中仍写个数。",
        "上级单元的比率一律为下级分子之和除以分母之和，不对比率求平均；直接上报的比率只有指明权重时才向上加权。",
        f"数据覆盖人口不足 {s.minimum_basis:.0%} 的值照列，但不计分。",
        *weighing_notes(s),
        f"有居民问卷的维度：客观得分占 {1 - s.perceived_share:.0%}，满意度占 {s.perceived_share:.0%}。",
        _answers(project),
        _disclosure(project),
        _questions(project),
        f"等级：{cuts}，其余为{s.grades[-1][0]}。",
        *_ministry(s.ministry),
        f"排名区间：以现行的指标权重和维度权重为中心随机抽取 {s.draws} 组权重（狄利克雷分布，标准差约为权重的 {s.spread:.0%}，种子 {s.seed}），取名次的 5%–95% 范围。"
        "区间重叠的单元，名次先后不宜解读；社区只列前、中、后三分之一。",
        f"抽样误差：权重不变，街镇的比例、件数和问卷均值各按其偶然误差重新抽取（方差稳定变换、正态分布，各指标互不相关，{min(s.draws, MOST_DRAWS)} 次），"
        "按原标准和原标度两端计分，减去封顶、触底带来的系统偏差，取名次、得分的 5%–95% 范围；全面查清的、没有分子分母的不变。",
        f"短板依据：低于底线、未达目标、比同级中位数差 {d.peer_sd:g} 个稳健标准差（四分位距/1.349）以上、"
        f"较上年变差 {d.worsening:.0%} 以上、满意度 95% 置信区间整体低于 {d.dissatisfied:g} 分（有效答卷不少于 {project.fewest_answers} 份）、"
        "发现底线型问题。严重程度分红、橙、黄；优先级 = 人口占比、差距占比、严重程度三者的几何平均。",
        *chance_notes(project, library),
        _types(project, library),
        *_walking(project, library),
        *_siting(project, library),
        *_gains(project),
        *(_reviews() if reviewed else ()),
        *_choices(library),
    ]  # fmt: skip


def _questions(project: Project) -> str:
    """When a reported figure is put to its department."""
    k = project.screening
    return (
        f"数据核实：填报数偏离本单元往年 {k.history:g} 个稳健标准差以上（年际变化取对数，占比取百分点；全区同向变化的不计）、"
        f"偏离同级单元 {k.peers:g} 个稳健标准差以上（修正 z 值，8 个单元以上才比），或两处相差 {k.sources:.0%} 以上的，"
        "列为疑问请填报单位答复；除以 10、100、1000、1 万或改正一位数字后恰好合乎往年的，指明可能的笔误。答复之前按填报值计算。"
    )


def _answers(project: Project) -> str:
    """How answers become a score, and which are not used."""
    rules = project.survey
    margins = [
        word for word, shares in (("性别", rules.population.sex), ("年龄", rules.population.age)) if shares
    ]
    low, high = rules.weights_between
    weighing = (
        f"答卷按人口的{'、'.join(margins)}结构加权（迭代比例拟合，权重限在 {low:g}–{high:g}），置信区间按有效样本量 (Σw)²/Σw² 计算"
        if margins
        else "答卷不加权，置信区间按答卷数计算"
    )
    return (
        f"居民问卷各题按答案换算为 0–100 分取平均；{weighing}。有效答卷不足 {project.fewest_answers} 份的题目"
        f"照列得分并注明“{TOO_FEW}”，不参与计分和短板判定。"
    )


def _disclosure(project: Project) -> str:
    """Which counts of answers and tickets are not published."""
    least = project.small_numbers.disclosure
    return (
        f"小数保护：满意度和12345工单各表中，1 至 {least - 1} 的份数、件数不公布，写作“（略）”，由它得出的比率一并略去；能用行、列合计倒推出它的，"
        "再略去同行、同列中次小的数，直到任何几个合计相加减都推不出被略去的数；零照常列出，工单一件按一人计。"
        f"得分、占比所依据的答卷、工单不足 {least} 份（件）的不列。这样略去的数不保证最少。"
        if least > 1
        else "小数保护：项目设定公布所有份数、件数，不作处理。"
    )


def _ministry(rules: Ministry) -> list[str]:
    """How the Ministry's grades are read off: what the handbook leaves open, and the settings."""
    *upper, (lowest, _) = rules.cuts
    single = "、".join(f"{name} ≥ {low:g} 分" for name, low in upper)
    step = f"；居民满意度低于 {rules.dissatisfied:g} 分的降一级" if rules.step_down else ""
    counts = "" if rules.grade_counts else "住房、小区（社区）、街区尺度的计数指标不评级，也不计入占比；"
    veto = "有底线型指标低于底线的不高于“中”；" if rules.veto else ""
    return [
        f"住建部评级（《城市体检工作手册（试行）》）：手册没有规定单项的分数线，本报告按指标值对标准的得分（目标值 90 分、底线值 60 分）定为 {single}，"
        f"其余为{lowest}，与同级比较的得分不用于评级；标准只要求为零（清零）的，达到为{upper[0][0]}，否则为{lowest}{step}；没有标准的为未评价。",
        f"维度和方面按很好、较好项数的占比评优、良、中、差：{counts}未评价的{'' if rules.count_ungraded else '不'}计入分母，另一口径的评级不同时一并列出；"
        f"{veto}手册未规定的情形（很好、较好占比不低于 80%、很好占比不到 80%、没有不足项）按良，并注明。",
    ]


def _types(project: Project, library: Library) -> str:
    """How units are put into types, and on which features."""
    rules = project.types
    nouns = "、".join(feature.noun for feature in features_of(rules, library.indicators))
    count = f"设为 {rules.clusters} 类" if rules.clusters else f"在 2–{rules.most} 类中取平均轮廓系数最大的"
    return (
        f"体检画像类型：街镇、社区分别按{nouns}聚类（一半以上单元有数的才用，空缺以中位数代替；人口密度取对数，各项按样本标准差标准化；"
        f"k 均值法，以 Ward 法的分组为起点），类数{count}；不足 {FEWEST} 个单元的不分。分型不看得分。"
    )


def _gains(project: Project) -> list[str]:
    """How gains are reckoned, and how projects were chosen where there is a table of them."""
    said = [
        "提升潜力：一项指标达到目标（标准的目标值，没有的取底线值；底线型计数取 0）而其余不变时重新汇总的综合得分，减去现在的综合得分；"
        "与同级比较的标度两端和按数据定的权重保持不变。升一级最少要几项：按各维度的变换值之和动态规划求得，为最少的项数；"
        "用中位数汇总的逐项选取，两项以上不保证最少。"
    ]
    budget = project.budget
    if budget.file:
        said.append(
            f"项目优选：投资额度 {budget.total:g} 万元，同一单元、同一指标的项目至多取一个，使“单元人口 × 综合得分提升”之和最大，"
            "以整数规划（HiGHS）求解；各级汇总都用算术平均时各项目的提升可以相加，否则按单独的提升选取，再一并重新汇总。"
        )
    return said


def _reviews() -> list[str]:
    """How last year's problems were judged, and what is counted as mended."""
    return [
        "整改复查：上年的问题以今年的实测值判定，部门报送的状态只作对照。今年复测且不再是短板的为已整改（计数类还须不超过标准，没有标准的须为零）；"
        f"仍是短板、但差距缩小 {ENOUGH:.0%} 以上的为部分整改（计数类按上年所列对象已整改的比例）；其余为未整改。差距按上年所用的标准计，没有标准的按上年同级中位数。"
        "今年没有数据，单元、口径或评价方向有变，标准有变而新旧结论不同，或只因同级变差而不再是短板的，为无法复查；上年所列对象不在今年数据中的不算整改。",
        "问题整治完成率 = 已整改 ÷（应整治 − 无法复查）：同一指标在区、街镇、社区逐级列入的，只按列入的最细一级计一次，社区的问题计入所在街镇；"
        "多家牵头的各计一次，故各家之和大于合计。限时解决的问题到体检年度末已过时限而没有整改的为逾期，报送的完成日期晚于时限的不算完成。"
        f"遗留问题的优先级每连续列入一年提高 {STEP:g}，最多提高 {MOST:g}，不超过 1。",
    ]


def _siting(project: Project, library: Library) -> list[str]:
    """How the places for new facilities were found; none where no indicator is of coverage or none are wanted."""
    rules = project.siting
    if not rules.per_town or all(i.measure.method != "coverage" for i in library.indicators):
        return []
    where = f"在输入 {rules.candidates} 的位置中选" if rules.candidates else "在未覆盖的需求处选"
    how = "几处一并求最优" if rules.together else "每处都是前几处建成后增益最大的一处"
    return [
        f"选址建议按最大覆盖选址模型（Church & ReVelle 1974）分街镇推算，每项指标至多 {rules.per_town} 处，{where}，{how}；"
        f"以贪心法求解，另用整数规划检验，写明不低于最优方案的百分比。新增覆盖不到本街镇需求 {rules.minimum_share * 100:g}% 的不列。"
        "只用于按直线距离计算的服务覆盖率，按该类设施中最小的服务半径计，不代替用地条件和步行路线的核实。"
    ]


def _walking(project: Project, library: Library) -> list[str]:
    """How walking distances are reckoned; nothing where no indicator walks."""
    if not any(isinstance(indicator.measure, Walk | Circle) for indicator in library.indicators):
        return []
    space = project.space
    return [
        f"步行距离沿步行网络量，步速 {space.walk_speed_m_s:g} 米/秒；居住点、设施接到最近的路上，直线接入的一段计入距离，"
        f"离能走的路超过 {space.snap_m:g} 米的按走不到处理；面状设施凡离边界 {ENTRY_M:g} 米以内的路上都算入口。"
    ]


def _choices(library: Library) -> list[str]:
    """Which rule was taken where two exist, one sentence for all; none where no indicator has such a choice."""
    taken = [
        f"{indicator.name}的{p.meaning}：{_chosen(as_text(p.value), p.chosen.says)}"
        for indicator in library.indicators for p in indicator.parameter
    ]  # fmt: skip
    return [f"两种规定并存的口径：{'；'.join(taken)}。"] if taken else []


def _chosen(value: str, says: str) -> str:
    """A value with what it rests on; the name of a column (``gas_old_km``) says nothing to a reader."""
    return says if value.isascii() and value.isidentifier() else f"取{value}（{says}）"
