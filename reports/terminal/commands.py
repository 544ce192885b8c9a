"""The commands that only show something (查看命令): units side by side, targets, indicators, where a score comes from.

Each is a command by its signature (its arguments, its options, their help) and returns what is to be shown; ``cli.py``
registers it and shows that (a rich renderable; one that writes a file says where; the command line evaluates
annotations, so none names a type that is not loaded). Imported by every command, ``--help`` too: heavy libraries are
imported inside.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import options as given
from .session import (
    EXIT_STATE,
    EXIT_USAGE,
    StoppedError,
    find_unit_code,
    load_library,
    load_results,
    must_print,
    no_indicator,
    open_project,
    stopped_by,
)

if TYPE_CHECKING:
    from ...engine.results import Results
    from ...engine.settings.project import Project
    from ...indicators.loader import Library


def compare(
    units: Annotated[list[str], typer.Argument(help="2–17 个单元的名称或代码", metavar="单元...")],
    project: given.ProjectOption = Path(),
    year: given.YearOption = None,
    pdf: Annotated[bool, typer.Option("--pdf", help="印成对比报告（PDF）")] = False,
    xlsx: Annotated[bool, typer.Option("--xlsx", help="写成对比工作簿（xlsx）")] = False,
) -> object:
    """并排比较几个街镇：综合得分与排名区间、各维度、差在哪里（差距分解）、相近的单元、谁做得好。

    例：tijian compare 方松街道 泗泾镇 九亭镇 --pdf --xlsx
    """
    from ..tables.comparison import MOST
    from .compare import compare_view

    if not 2 <= len(units) <= MOST:
        few = len(units) < 2
        raise StoppedError(
            "请至少给出两个单元" if few else f"最多比较 {MOST} 个单元，给出了 {len(units)} 个", EXIT_USAGE
        )
    loaded = open_project(project, year)
    results = load_results(loaded, year)
    codes = [find_unit_code(results, u) for u in units]
    if len(set(codes)) < len(codes):
        raise StoppedError("给出的单元有重复的", EXIT_USAGE)
    if pdf or xlsx:
        return _comparison_files(results, codes, loaded.for_year(results.year).out, pdf=pdf, xlsx=xlsx)
    return compare_view(results, codes)


def _comparison_files(results: Results, codes: list[str], out: Path, *, pdf: bool, xlsx: bool) -> object:
    """Write the report, the workbook or both; what is shown is where they were written."""
    from rich.text import Text

    from ..tables.comparison import compare_units, stem_of
    from ..view import View
    from ..workbook.compare import write_comparison

    compared = compare_units(View(results), codes)
    told = []
    if pdf:
        must_print()
        from ..content.compare import compare_report
        from ..pdf.render import print_report
        from ..writing import write_whole

        printed = print_report(compare_report(compared), results.grade_cuts)
        write_whole(out / f"{stem_of(compared)}.pdf", printed.data)
        told.append(f"{out / stem_of(compared)}.pdf（{printed.pages} 页）")
    if xlsx:
        write_comparison(compared, out / f"{stem_of(compared)}.xlsx")
        told.append(f"{out / stem_of(compared)}.xlsx")
    return Text("\n".join(told), no_wrap=True, overflow="ignore")


def page(project: given.ProjectOption = Path(), year: given.YearOption = None) -> object:
    """写出街镇对比网页（一个 html 文件，不联网就能打开）：任选年度、维度、指标和街镇，看热力表、雷达图、差距、分级图、年度变化、问题清单、整改复查、社区和各种地图。

    例：tijian page -p 松江区-2026
    """
    from rich.text import Text

    from ...engine.storage.store import years
    from ..page.content import comparison_page
    from ..page.html import page_html
    from ..view import View
    from ..writing import write_whole

    loaded = open_project(project, year)
    results = load_results(loaded, year)
    others = [load_results(loaded, y) for y in years(loaded.store_path) if y != results.year]
    found = comparison_page(View(results), others)
    if found is None:
        raise StoppedError(f"{results.year}年的结果里没有街镇的指标值，没有可对比的", EXIT_STATE)
    path = loaded.for_year(results.year).out / "街镇对比.html"
    write_whole(path, page_html(found, results.grade_cuts).encode())
    return Text(str(path), no_wrap=True, overflow="ignore")


def targets(
    unit: Annotated[str | None, typer.Argument(help="单元名称或代码，不写则为全区", metavar="单元")] = None,
    project: given.ProjectOption = Path(),
    year: given.YearOption = None,
) -> object:
    """列出行动计划的目标：已达标、按期推进还是滞后，还差多少，由谁牵头。

    例：tijian targets 方松街道
    """
    from .targets import targets_view

    results = load_results(open_project(project, year), year)
    return targets_view(results, None if unit is None else find_unit_code(results, unit))


def sites(
    unit: Annotated[str | None, typer.Argument(help="街镇名称或代码，不写则为全区", metavar="单元")] = None,
    project: given.ProjectOption = Path(),
    year: given.YearOption = None,
    indicator: Annotated[str | None, typer.Option(help="只列这项指标的（编号）")] = None,
) -> object:
    """再增一处设施放在哪里最有用：位置、新增覆盖多少、指标提高到多少，覆盖最多的在前。

    例：tijian sites 方松街道 --indicator JT-03
    """
    from .sites import sites_view

    results = load_results(open_project(project, year), year)
    if indicator is not None and indicator not in results.indicators["code"]:
        raise StoppedError(no_indicator(indicator, results.indicators), EXIT_USAGE)
    return sites_view(results, None if unit is None else find_unit_code(results, unit), indicator)


def track(
    folder: Annotated[
        Path | None, typer.Argument(help="部门返回的工作簿所在目录；不写则只看现状", metavar="回收目录")
    ] = None,
    project: given.ProjectOption = Path(),
    year: given.YearOption = None,
) -> object:
    """跟踪整改：读入部门返回的整治建议清单并检查，列出各部门答复了多少、谁还没有答复、哪些逾期；不写目录时列出上年问题的复查结果。

    收到一批读一批，同一个目录可以天天读：先说这次新收到多少，再说到目前为止的全部。

    例：tijian track 回收/ -p 松江区-2026 --year 2025
    """
    from datetime import date

    from ...engine.findings import Findings, InputError
    from ...engine.review.closing import take_back
    from ...engine.storage.lock import LockedError
    from ...engine.storage.store import StoreError
    from .track import taken_view, track_view

    loaded = open_project(project, year)
    results = load_results(loaded, year)
    if folder is None:
        return track_view(results, date.today())
    if not folder.is_dir():
        raise StoppedError(f"没有这个目录：{folder}", EXIT_USAGE)
    findings = Findings()
    try:
        taken = take_back(loaded, folder, results.year, date.today(), findings)
    except InputError:
        raise stopped_by(findings) from None
    except (StoreError, LockedError) as fault:
        raise StoppedError(str(fault), EXIT_STATE) from None
    return taken_view(load_results(loaded, results.year), taken, findings, date.today())


def weights(
    level: Annotated[given.Level, typer.Argument(help="单元层级", metavar="单元层级")] = given.Level.district,
    project: given.ProjectOption = Path(),
    year: given.YearOption = None,
) -> object:
    """列出计分所用的权重：每个维度、每项指标占多少，折合总分多少，用什么方法、依据什么定的。

    单元层级不写就是区级。例：tijian weights 街镇
    """
    from .weights import weights_view

    return weights_view(load_results(open_project(project, year), year), level.name)


def types(
    project: given.ProjectOption = Path(),
    year: given.YearOption = None,
    level: Annotated[given.RankedLevel, typer.Option(help="哪一级的类型")] = given.RankedLevel.town,
) -> object:
    """列出体检画像类型：街镇或社区分几类，各类有什么特征，有哪些单元。

    分型看密度、房龄、用地、人口和服务等基本特征，不看得分；用哪些特征可在 tijian.toml 的 [types] 里写。例：tijian types --level 社区
    """
    from .types import types_view

    results = load_results(open_project(project, year), year)
    return types_view(results, level.name)


def robust(
    project: given.ProjectOption = Path(),
    year: given.YearOption = None,
    level: Annotated[given.RankedLevel, typer.Option(help="哪一级的名次")] = given.RankedLevel.town,
    what_if: Annotated[
        list[str] | None,
        typer.Option(
            metavar="键=值",
            help="改一项计分方案再算一遍，只看不存，可多次给出；键同 tijian.toml 的 [scoring]，段里的键用点连接，"
            "如 aggregate_dimensions=geometric、outliers.method=winsorise、perceived_share=0.3",
        ),
    ] = None,
) -> object:
    """名次有多稳：权重变动、计分方法变动时名次和等级的区间，哪项选择影响最大，去掉哪项指标名次变动最大。

    相邻两名的区间重叠，就不宜说谁先谁后。例：tijian robust --what-if scale=minmax
    """
    from .robust import robust_view, what_if_view

    results = load_results(loaded := open_project(project, year), year)
    if not what_if:
        return robust_view(results, level.name)
    from ...engine.analysis.rerun import edited, parse_edits, recorded, rescore
    from ...engine.findings import Findings
    from ...engine.scoring.tree import report_fallbacks
    from ...engine.storage.store import StoreError

    unused = Findings()
    try:
        basis, scheme = recorded(loaded.store_path, results.year)
        scheme = edited(scheme, parse_edits(what_if), basis)
        then = rescore(basis, scheme)
    except StoreError as fault:
        raise StoppedError(str(fault), EXIT_STATE) from None
    except ValueError as fault:
        raise StoppedError(f"不能这样推算：{fault}", EXIT_USAGE) from None
    report_fallbacks(then["weights"], scheme, unused, "tijian.toml")
    return what_if_view(results, results.totals, then["totals"], what_if, level.name, unused)


def gains(
    unit: Annotated[str | None, typer.Argument(help="单元名称或代码，不写则为全区", metavar="单元")] = None,
    project: given.ProjectOption = Path(),
    year: given.YearOption = None,
    budget: Annotated[
        float | None,
        typer.Option(
            help="假设有这么多投资（万元），重新优选项目库里的项目；不写入结果",
            min=0,
            max=1e9,
            metavar="万元",
        ),
    ] = None,
) -> object:
    """哪些指标达到目标提升最大，最少提高几项能升一级，投资额度内先做哪些项目。

    例：tijian gains 方松街道；tijian gains --budget 5000
    """
    from .gains import gains_view

    results = load_results(open_project(project, year), year)
    return gains_view(results, None if unit is None else find_unit_code(results, unit), budget)


def indicators(
    code: Annotated[str | None, typer.Argument(help="指标编号，不写则全部列出", metavar="编号")] = None,
    project: given.ProjectOption = Path(),
    year: given.YearOption = None,
    diff: Annotated[bool, typer.Option("--diff", help="列出每个体系对前面体系的新增、更改、停用")] = False,
    pdf: Annotated[
        bool, typer.Option("--pdf", help="印成指标手册（PDF）：每项指标的定义、标准、算法")
    ] = False,
) -> object:
    """列出现行指标，或说明一项指标：定义、算法、标准及出处、数据来源、牵头单位、整治建议。

    例：tijian indicators JT-03
    """
    from rich.console import Group

    from ...engine.findings import Findings
    from ...indicators.loader import indicator_frame
    from .indicators import changes_view, doubts_view, indicator_view, indicators_view

    loaded, doubts = open_project(project, year), Findings()
    library = load_library(loaded, doubts)
    if pdf:
        return _handbook(loaded, library)
    frame = indicator_frame(library, loaded.year)
    if diff:
        return changes_view(library.changes, dict(frame.select("code", "name").iter_rows()))
    if code is None:
        return Group(indicators_view(frame), *doubts_view(doubts))
    found = library.get(code)
    if found is None:
        raise StoppedError(no_indicator(code, frame), EXIT_USAGE)
    return Group(indicator_view(frame, found, library.origin), *doubts_view(doubts, found))


def _handbook(project: Project, library: Library) -> object:
    """Print 指标手册; what is shown is where it was written."""
    from rich.text import Text

    from ... import __version__

    must_print()
    from ..content.handbook import handbook_report
    from ..pdf.render import print_report
    from ..writing import write_whole

    head = project.project
    report = handbook_report(
        library, title=head.name, year=project.year, synthetic=head.synthetic, version=__version__
    )
    printed = print_report(report, project.scoring.grades)
    path = project.out / f"指标手册_{project.year}.pdf"
    write_whole(path, printed.data)
    return Text(f"{path}（{printed.pages} 页）", no_wrap=True, overflow="ignore")


def explain(
    unit: Annotated[str, typer.Argument(help="单元名称或代码", metavar="单元")],
    what: Annotated[
        str | None,
        typer.Argument(help="维度名称，或指标编号（如 JT-03）；不写则说明综合得分", metavar="维度或指标"),
    ] = None,
    project: given.ProjectOption = Path(),
    year: given.YearOption = None,
) -> object:
    """说明一个得分的来历：综合得分 ← 维度 ← 指标得分 ← 标准 ← 指标值 ← 分子、分母 ← 哪些文件的哪些行。

    写指标编号的，列出依据行：哪个文件、哪张工作表、第几行、那一格原文是什么，哪条更正改过它。文件在运行以后改过的，不列行号。

    例：tijian explain 方松街道 JT-03
    """
    from ...engine.intake.traced import rows_behind
    from .explain import explain_view
    from .score import dimension_view, total_view

    results = load_results(loaded := open_project(project, year), year)
    code = find_unit_code(results, unit)
    try:
        if what is None:
            return total_view(results, code)
        if what in results.dimension_names:
            return dimension_view(results, code, what)
    except ValueError as fault:
        raise StoppedError(str(fault), EXIT_USAGE) from None
    if what not in results.indicators["code"]:
        names = "、".join(results.dimension_names)
        raise StoppedError(f"{no_indicator(what, results.indicators)}；也可以写维度：{names}", EXIT_USAGE)
    return explain_view(results, code, what, rows_behind(loaded, results, code, what))
