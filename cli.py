"""tijian 命令行: parse, call one function, show the result. No logic lives here, and nothing else prints.

``tijian --help`` tells the exit codes, at once: heavy libraries are imported inside the commands.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from .reports import terminal_options as given

if TYPE_CHECKING:
    from rich.console import Console

    from .engine.project import Project
    from .engine.results import Results
    from .indicators.loader import Library

EXIT_INPUT, EXIT_USAGE, EXIT_STATE, EXIT_PARTIAL, EXIT_INTERRUPTED = 1, 2, 3, 4, 130
NO_INDICATOR = "没有编号为“{}”的指标；用 tijian indicators 列出全部"

app = typer.Typer(
    name="tijian",
    help="城市体检：从部门报表和空间数据到体检报告与一表三清单。\n\n"
    "第一次使用：tijian sample 演示目录，然后在该目录里依次运行 tijian check、tijian run、tijian report。",
    epilog="退出码：0 完成；1 输入数据有错误；2 命令用法不对；3 没有结果、项目被占用或不能写入；4 部分报告未能生成。",
    no_args_is_help=True,
    add_completion=False,
    subcommand_metavar="命令 [参数]…",
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _console(*, stderr: bool = False) -> Console:
    from rich.console import Console

    shown = (sys.stderr if stderr else sys.stdout).isatty()
    return Console(
        stderr=stderr, highlight=False, soft_wrap=False, width=None if shown else given.PIPED_WIDTH
    )


def _fail(message: str, code: int) -> NoReturn:
    _complain(message)
    raise typer.Exit(code)


def _complain(message: str) -> None:
    _console(stderr=True).print(message, style="bold red", markup=False, soft_wrap=True)


def _open_project(folder: Path, year: int | None = None) -> Project:
    """The project, or exit with its findings."""
    from .engine.findings import Findings
    from .engine.project import load_project
    from .reports.terminal import findings_view

    findings = Findings()
    project = load_project(folder, findings)
    if project is None:
        _console().print(findings_view(findings))
        raise typer.Exit(EXIT_INPUT)
    return project.for_year(year) if year is not None else project


def _library(project: Project) -> Library:
    """The indicators in force, or exit with what is wrong with them."""
    from .engine.findings import Findings
    from .indicators.loader import load_indicators
    from .reports.terminal import findings_view

    findings, head = Findings(), project.project
    library = load_indicators(
        head.indicators, project.root, findings, inputs=tuple(project.inputs), dimension_names=head.dimensions
    )
    if findings.errors:
        _console().print(findings_view(findings))
        raise typer.Exit(EXIT_INPUT)
    return library


def _results(project: Project, year: int | None) -> Results:
    from .engine.store import StoreError, read_results

    try:
        return read_results(project.store_path, year)
    except StoreError as fault:
        _fail(str(fault), EXIT_STATE)


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[str, int, int, str], None]]:
    """Progress on stderr, stage by stage; silent with --quiet."""
    from .reports.terminal_run import progress_display, teller

    with progress_display(_console(stderr=True), quiet=quiet) as display:
        yield teller(display)


def _unit(results: Results, text: str) -> str:
    """The code of a unit given by name or code, or exit with the nearest names."""
    from .engine.intake.names import UnknownUnitError, find_unit

    try:
        return find_unit(results.units, text)
    except UnknownUnitError as fault:
        _fail(str(fault), EXIT_USAGE)


def _known(given: list[str] | None, known: Collection[str], what: str) -> tuple[str, ...]:
    """``given`` when every name of it is known, or exit with the names there are."""
    for name in given or ():
        if name not in known:
            _fail(f"没有名为“{name}”的{what}，有：{'、'.join(known) or '无'}", EXIT_USAGE)
    return tuple(given or ())


def _version(wanted: bool) -> None:
    if wanted:
        from . import __version__

        typer.echo(f"tijian {__version__}")
        raise typer.Exit


@app.callback()
def main_options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="显示版本")
    ] = False,
) -> None:
    """The options of the command as a whole (their help is the app's)."""


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="新项目目录，须不存在或为空", metavar="目录")]) -> None:
    """新建体检项目：带注释的 tijian.toml、单元名录和名称对照表模板。

    例：tijian init 松江区-2026
    """
    from .data.template import FolderNotEmptyError, write_template

    try:
        written = write_template(folder)
    except FolderNotEmptyError as fault:
        _fail(str(fault), EXIT_STATE)
    for path in written:
        typer.echo(str(path))


@app.command()
def sample(
    folder: Annotated[Path, typer.Argument(help="演示项目目录，须不存在或为空", metavar="目录")],
    scale: Annotated[float, typer.Option(help="规模，1 为全区，0.1 为小样", min=0.01, max=1)] = 1.0,
    seed: Annotated[int, typer.Option(help="随机种子；同一种子生成的文件逐字节相同")] = 2026,
    quiet: given.QuietOption = False,
) -> None:
    """生成演示项目（合成数据）：一个虚构的区、两年的部门报表和图层。

    例：tijian sample 演示 --scale 0.1
    """
    from .data.generator import generate

    if folder.exists() and any(folder.iterdir()):
        _fail(f"目录不是空的，未写任何文件：{folder}", EXIT_STATE)
    with _progress(quiet) as tell:
        generate(folder, seed=seed, scale=scale, progress=partial(tell, "sample"))
    typer.echo(str(folder))


@app.command()
def check(
    project: given.ProjectOption = Path(),
    year: given.YearOption = None,
    output: Annotated[given.Format, typer.Option("--format", help="text 给人看，json 给程序读")] = "text",
    quiet: given.QuietOption = False,
) -> None:
    """检查全部输入，一次列出所有问题（包括指标算不出来的）；有错误时退出码为 1。不写任何文件。

    例：tijian check -p 松江区-2026 --format json
    """
    from .engine.findings import Findings, InputError
    from .engine.project import load_project
    from .engine.run import check as check_inputs
    from .reports.terminal import findings_view

    findings = Findings()
    loaded = load_project(project, findings)
    if loaded is not None:
        try:
            with _progress(quiet or output == "json") as tell:
                check_inputs(loaded.for_year(year) if year else loaded, findings, tell)
        except InputError:
            pass  # what it carries is already in `findings`, which is shown below
    if output == "json":
        typer.echo(json.dumps(findings.frame().to_dicts(), ensure_ascii=False, indent=1))
    else:
        _console().print(findings_view(findings))
    raise typer.Exit(EXIT_INPUT if findings.errors else 0)


@app.command()
def run(
    project: given.ProjectOption = Path(),
    year: given.YearOption = None,
    until: Annotated[given.Stage, typer.Option(help="做到哪一步为止")] = "store",
    quiet: given.QuietOption = False,
) -> None:
    """计算一年的体检：读取 → 指标 → 计分 → 诊断 → 清单 → 结果库 results.duckdb。

    例：tijian run -p 演示 --year 2025
    """
    from .engine.findings import InputError
    from .engine.lock import LockedError
    from .engine.run import run as run_year
    from .engine.store import StoreError
    from .reports.terminal import findings_summary, findings_view
    from .reports.terminal_run import run_summary

    loaded = _open_project(project, year)
    try:
        with _progress(quiet) as tell:
            state = run_year(loaded, until=until, progress=tell)
    except InputError as fault:
        _console().print(findings_view(fault.findings))
        raise typer.Exit(EXIT_INPUT) from None
    except (StoreError, LockedError) as fault:
        _fail(str(fault), EXIT_STATE)

    console = _console()
    console.print(run_summary(state.frames, state.gathered.units, loaded.year))
    console.print(findings_summary(state.findings))


@app.command()
def report(
    project: given.ProjectOption = Path(),
    year: given.YearOption = None,
    level: Annotated[list[given.Level] | None, typer.Option(help="只出这一级的报告，可多次给出")] = None,
    unit: given.UnitsOption = None,
    department: given.DepartmentsOption = None,
    topic: Annotated[list[str] | None, typer.Option(help="只出这些专项的报告")] = None,
    workers: Annotated[int, typer.Option(help="并行的进程数", min=1, max=64)] = 2,
    quiet: given.QuietOption = False,
) -> None:
    """生成 PDF：区级、街镇、社区、专项体检报告和部门任务书。不加选择时全部生成。

    例：tijian report --unit 方松街道
    """
    from .reports.printing import PrintingError, check_printing

    loaded = _open_project(project, year)
    results = _results(loaded, year)
    leads = sorted({d for x in results.indicators["lead"] for d in x})
    units = [_unit(results, u) for u in unit or ()]
    departments, topics = _known(department, leads, "牵头单位"), _known(topic, results.topics, "专项")
    try:
        check_printing()  # before the next import, which needs what is looked for
    except PrintingError as fault:
        _fail(str(fault), EXIT_STATE)
    from .reports.build import build_reports, plan

    jobs = plan(results, [x.value for x in level or ()], units, departments, topics)
    if not jobs:
        _fail("照这样选择没有可出的报告：所选单元不是所选的层级，或没有任何指标值", EXIT_USAGE)
    try:
        with _progress(quiet) as tell:
            built = build_reports(
                loaded.store_path, loaded.for_year(results.year).out, jobs, workers=workers, year=results.year,
                progress=partial(tell, "report"),
            )  # fmt: skip
    except PrintingError as fault:
        _fail(str(fault), EXIT_STATE)
    for item in built:
        if item.error:
            _complain(f"未能生成 {item.path}：{item.error}")
        else:
            typer.echo(f"{item.path}（{item.pages} 页）")
    if any(item.error for item in built):
        raise typer.Exit(EXIT_PARTIAL)


@app.command()
def lists(
    project: given.ProjectOption = Path(),
    year: given.YearOption = None,
    unit: Annotated[
        list[str] | None,
        typer.Option(help="只出这些单元（名称或代码）的工作簿；与 --department 同用则取交集"),
    ] = None,
    department: given.DepartmentsOption = None,
    quiet: given.QuietOption = False,
) -> None:
    """生成一表三清单工作簿（xlsx）：全区、各街镇、各社区、各牵头单位各一册，可直接发给部门填写。

    例：tijian lists --department 区交通委
    """
    from .reports.view import View
    from .reports.workbook import write_all_lists, write_lists

    loaded = _open_project(project, year)
    results = _results(loaded, year)
    departments = _known(department, View(results).departments, "有任务的牵头单位")
    out = loaded.for_year(results.year).out
    with _progress(quiet) as tell:
        if unit or department:
            chosen: list[str | None] = [_unit(results, u) for u in unit or ()] or [None]
            paths = [
                write_lists(results, out, unit=u, department=d) for u in chosen for d in departments or [None]
            ]
        else:
            paths = write_all_lists(results, out, partial(tell, "workbook"))
    for path in paths:
        typer.echo(str(path))


@app.command()
def survey(
    project: given.ProjectOption = Path(),
    year: given.YearOption = None,
    xlsx: Annotated[bool, typer.Option("--xlsx", help="写成工作簿：抽样计划.xlsx 或 样本检查.xlsx")] = False,
    quiet: given.QuietOption = False,
) -> None:
    """居民问卷：还没有答卷时给出抽样计划，有了答卷就检查份数够不够、各类人的比例合不合要求。

    例：tijian survey -p 松江区-2026 --xlsx
    """
    from .engine.findings import InputError
    from .engine.survey import look_at_survey
    from .reports.survey_workbook import write_survey
    from .reports.terminal import findings_view
    from .reports.terminal_survey import survey_view

    loaded = _open_project(project, year)
    try:
        with _progress(quiet) as tell:
            found = look_at_survey(loaded, tell)
    except InputError as fault:
        _console().print(findings_view(fault.findings))
        raise typer.Exit(EXIT_INPUT) from None
    if xlsx:
        typer.echo(str(write_survey(loaded, found)))
    else:
        _console().print(survey_view(found))


@app.command()
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
        _fail("请至少给出两个单元", EXIT_USAGE)
    results = _results(_open_project(project, year), year)
    codes = [_unit(results, u) for u in units]
    if len(set(codes)) < len(codes):
        _fail("给出的单元有重复的", EXIT_USAGE)
    _console().print(compare_view(results, codes))


@app.command()
def targets(
    unit: Annotated[str | None, typer.Argument(help="单元名称或代码，不写则为全区", metavar="单元")] = None,
    project: given.ProjectOption = Path(),
    year: given.YearOption = None,
) -> None:
    """列出行动计划的目标：已达标、按期推进还是滞后，还差多少，由谁牵头。

    例：tijian targets 方松街道
    """
    from .reports.terminal_targets import targets_view

    results = _results(_open_project(project, year), year)
    _console().print(targets_view(results, None if unit is None else _unit(results, unit)))


@app.command()
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

    loaded = _open_project(project, year)
    library = _library(loaded)
    frame = indicator_frame(library, loaded.year)
    if diff:
        _console().print(changes_view(library.changes, dict(frame.select("code", "name").iter_rows())))
    elif code is None:
        _console().print(indicators_view(frame))
    elif code not in frame["code"]:
        _fail(NO_INDICATOR.format(code), EXIT_USAGE)
    else:
        _console().print(indicator_view(frame, code, library.origin))


@app.command()
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

    results = _results(_open_project(project, year), year)
    if indicator not in results.indicators["code"]:
        _fail(NO_INDICATOR.format(indicator), EXIT_USAGE)
    _console().print(explain_view(results, _unit(results, unit), indicator))


def main() -> None:
    """The console entry point: the app, with its own messages in Chinese and interruptions told plainly."""
    from .reports.terminal_usage import usage_text

    typed = sys.argv[1:] or ["--help"]
    command = typer.main.get_command(app)
    if {"-h", "--help"} & set(typed):
        from .reports.terminal_help import speak_chinese

        speak_chinese(command)
    try:
        code = command.main(typed, prog_name="tijian", standalone_mode=False)
    except given.USAGE_ERROR as fault:
        asked = f"tijian {typed[0]}" if typed[0] in command.commands else "tijian"  # type: ignore[attr-defined]
        sys.stderr.write(f"{usage_text(fault)}\n用 {asked} --help 查看用法\n")
        raise SystemExit(EXIT_USAGE) from None
    except OSError as fault:
        sys.stderr.write(f"文件不能读写：{fault.filename or ''}（{fault.strerror or fault}）\n")
        raise SystemExit(EXIT_STATE) from None
    if code == EXIT_INTERRUPTED:  # the library turns Ctrl-C into this code, and says nothing
        sys.stderr.write("已中断，原有结果未动\n")
    raise SystemExit(code if isinstance(code, int) else 0)
