"""The commands that only show something (查看命令): units side by side, targets, indicators, where a score comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .cli_base import EXIT_USAGE, fail, find_unit_code, load_library, load_results, open_project, screen
from .reports import terminal_options as given

NO_INDICATOR = "没有编号为“{}”的指标；用 tijian indicators 列出全部"


def compare(
    units: Annotated[list[str], typer.Argument(help="两个以上单元的名称或代码", metavar="单元...")],
    project: given.ProjectOption = Path(),
    year: given.YearOption = None,
) -> None:
    """并排比较几个街镇：综合得分与排名区间、八个维度、差别最大的指标。

    例：tijian compare 方松街道 泗泾镇 九亭镇
    """
    from .reports.terminal import compare_view

    if len(units) < 2:
        fail("请至少给出两个单元", EXIT_USAGE)
    results = load_results(open_project(project, year), year)
    codes = [find_unit_code(results, u) for u in units]
    if len(set(codes)) < len(codes):
        fail("给出的单元有重复的", EXIT_USAGE)
    screen().print(compare_view(results, codes))


def targets(
    unit: Annotated[str | None, typer.Argument(help="单元名称或代码，不写则为全区", metavar="单元")] = None,
    project: given.ProjectOption = Path(),
    year: given.YearOption = None,
) -> None:
    """列出行动计划的目标：已达标、按期推进还是滞后，还差多少，由谁牵头。

    例：tijian targets 方松街道
    """
    from .reports.terminal_targets import targets_view

    results = load_results(open_project(project, year), year)
    screen().print(targets_view(results, None if unit is None else find_unit_code(results, unit)))


def indicators(
    code: Annotated[str | None, typer.Argument(help="指标编号，不写则全部列出", metavar="编号")] = None,
    project: given.ProjectOption = Path(),
    year: given.YearOption = None,
    diff: Annotated[bool, typer.Option("--diff", help="列出每个体系对前面体系的新增、更改、停用")] = False,
) -> None:
    """列出现行指标，或说明一项指标：定义、算法、标准及出处、数据来源、牵头单位、整治建议。

    例：tijian indicators JT-03
    """
    from .indicators.loader import indicator_frame
    from .reports.terminal_indicators import changes_view, indicator_view, indicators_view

    loaded = open_project(project, year)
    library = load_library(loaded)
    frame = indicator_frame(library, loaded.year)
    if diff:
        screen().print(changes_view(library.changes, dict(frame.select("code", "name").iter_rows())))
    elif code is None:
        screen().print(indicators_view(frame))
    elif code not in frame["code"]:
        fail(NO_INDICATOR.format(code), EXIT_USAGE)
    else:
        screen().print(indicator_view(frame, code, library.origin))


def explain(
    unit: Annotated[str, typer.Argument(help="单元名称或代码", metavar="单元")],
    indicator: Annotated[str, typer.Argument(help="指标编号，如 JT-03", metavar="指标")],
    project: given.ProjectOption = Path(),
    year: given.YearOption = None,
) -> None:
    """说明一个得分的来历：得分 ← 标准 ← 指标值 ← 分子、分母 ← 哪些文件的哪些行。

    例：tijian explain 方松街道 JT-03
    """
    from .reports.terminal_explain import explain_view

    results = load_results(open_project(project, year), year)
    if indicator not in results.indicators["code"]:
        fail(NO_INDICATOR.format(indicator), EXIT_USAGE)
    screen().print(explain_view(results, find_unit_code(results, unit), indicator))
