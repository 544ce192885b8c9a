"""tijian 命令行: parse, call one function, show the result. No logic lives here, and nothing else prints.

``tijian --help`` tells the exit codes, at once: heavy libraries are imported inside the commands.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .reports.terminal import commands as views
from .reports.terminal import options as given
from .reports.terminal.completion import asked_by_a_shell, completion
from .reports.terminal.doctor import doctor
from .reports.terminal.help_finding import help_finding
from .reports.terminal.manual import manual
from .reports.terminal.session import (
    EXIT_INPUT,
    EXIT_INTERRUPTED,
    EXIT_PARTIAL,
    EXIT_STATE,
    EXIT_USAGE,
    StoppedError,
    load_results,
    must_print,
    open_project,
    stopped_by,
)

if TYPE_CHECKING:
    from rich.console import Console

VIEWS = (
    views.compare, views.page, views.targets, views.sites, views.gains, views.weights, views.types,
    views.robust, views.indicators, views.explain, views.track,
    help_finding, manual, doctor,
)  # fmt: skip

app = typer.Typer(
    name="tijian",
    help="城市体检：从部门报表和空间数据到体检报告与一表三清单。\n\n"
    "第一次使用：tijian sample 演示目录，然后在该目录里依次运行 tijian check、tijian run、tijian report。",
    epilog="退出码：0 完成；1 输入数据有错误；2 命令用法不对；3 没有结果、项目被占用或不能写入；4 部分报告未能生成。",
    no_args_is_help=True,
    add_completion=False,
    subcommand_metavar="命令 [参数]…",
    rich_markup_mode=None,  # our own pages: reports/terminal/help.py
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _console(*, stderr: bool = False) -> Console:
    """The terminal, or what it is piped into."""
    from rich.console import Console

    shown = (sys.stderr if stderr else sys.stdout).isatty()
    return Console(
        stderr=stderr, highlight=False, soft_wrap=False, width=None if shown else given.PIPED_WIDTH
    )


def _complain(message: str) -> None:
    _console(stderr=True).print(message, style="bold red", markup=False, soft_wrap=True)


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[str, int, int, str], None]]:
    """Progress on stderr, stage by stage; silent with --quiet."""
    from .reports.terminal.run import progress_display, teller

    with progress_display(_console(stderr=True), quiet=quiet) as display:
        yield teller(display)


def _shown(view: Callable[..., object]) -> Callable[..., None]:
    """A command that shows what ``view`` returns."""

    @wraps(view)
    def command(*args: object, **options: object) -> None:
        _console().print(view(*args, **options))

    return command


def _version(wanted: bool) -> None:
    if wanted:
        from .reports.doctor.version import version_text

        typer.echo(version_text())
        raise typer.Exit


@app.callback()
def main_options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="显示版本、提交和运行环境")
    ] = False,
) -> None:
    """The options of the command as a whole (their help is the app's)."""


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="新项目目录，须不存在或为空", metavar="目录")],
    source: Annotated[
        Path | None,
        typer.Option("--from", help="从这个上年的项目目录开始下一年，上年目录不动", metavar="上年目录"),
    ] = None,
) -> None:
    """新建体检项目：带注释的 tijian.toml、单元名录和名称对照表模板；或从上年的项目目录开始下一年（--from）。

    例：tijian init 松江区-2026
    """
    from .data.fresh import FolderNotEmptyError

    try:
        if source is not None:
            from .reports.terminal.next_year import begin

            _console().print(begin(folder, source))
            return
        from .data.template import write_template

        written = write_template(folder)
    except FolderNotEmptyError as fault:
        raise StoppedError(str(fault), EXIT_STATE) from None
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
    from .data.fresh import FolderNotEmptyError, fresh_folder
    from .data.generator.sample import generate

    try:
        with fresh_folder(folder), _progress(quiet) as tell:
            generate(folder, seed=seed, scale=scale, progress=partial(tell, "sample"))
    except FolderNotEmptyError as fault:
        raise StoppedError(str(fault), EXIT_STATE) from None
    typer.echo(str(folder))


@app.command()
def forms(
    project: given.ProjectOption = Path(),
    year: given.YearOption = None,
    department: Annotated[list[str] | None, typer.Option(help="只写这些填报单位的表，可多次给出")] = None,
    blank: Annotated[bool, typer.Option("--blank", help="写空表，不带上年值和名录")] = False,
    quiet: given.QuietOption = False,
) -> None:
    """写出要发给各部门的填报表、基础名录、问卷题目和发表清单（xlsx）：只含现行指标用得到的项；用层次分析法的另有判断矩阵。

    例：tijian forms -p 松江区-2026 --department 区绿化市容局
    """
    from .reports.terminal.forms import write_all_forms

    with _progress(quiet) as tell:
        written = write_all_forms(project, year, department, blank, tell)
    for path in written:
        typer.echo(str(path))


@app.command()
def check(
    project: given.ProjectOption = Path(),
    year: given.YearOption = None,
    output: Annotated[given.Format, typer.Option("--format", help="text 给人看，json 给程序读")] = "text",
    quiet: given.QuietOption = False,
) -> None:
    """检查全部输入，一次列出所有问题（包括指标算不出来的）；有错误时退出码为 1。不写任何文件。

    有上年的结果时，最后列出单元、指标、口径、标准、计分方案和填报表与上年相比有哪些变化（json 只列问题）。

    例：tijian check -p 松江区-2026 --format json
    """
    from .engine.findings import Findings, InputError
    from .engine.run import check as check_inputs
    from .engine.settings.project import load_project
    from .engine.storage.store import StoreError
    from .engine.years.since_last_year import since_last_year
    from .reports.terminal.findings import findings_view
    from .reports.terminal.since import since_view

    findings, since = Findings(), None
    loaded = load_project(project, findings)
    if loaded is not None:
        try:
            with _progress(quiet or output == "json") as tell:
                state = check_inputs(loaded.for_year(year) if year else loaded, findings, tell)
            back = state.links.get(state.project.year - 1, {})
            since = since_last_year(loaded.store_path, state.rules, back, state.gathered)
        except InputError:
            pass  # what it carries is already in `findings`, which is shown below
        except StoreError as fault:
            raise StoppedError(str(fault), EXIT_STATE) from None
    if output == "json":
        typer.echo(json.dumps(findings.frame().to_dicts(), ensure_ascii=False, indent=1))
    else:
        _console().print(findings_view(findings), *([since_view(since)] if since else []))
    raise typer.Exit(EXIT_INPUT if findings.errors else 0)


@app.command()
def run(
    project: given.ProjectOption = Path(),
    year: given.YearOption = None,
    until: Annotated[given.Stage, typer.Option(help="做到哪一步为止")] = "store",
    engine: given.EngineOption = "duckdb",
    master: given.MasterOption = "",
    quiet: given.QuietOption = False,
) -> None:
    """计算一年的体检：读取 → 指标 → 计分 → 诊断 → 清单 → 结果库 results.duckdb。

    这一年算过的，最后列出与上次运行相比变了什么：指标值、综合得分、名次、等级、问题清单。

    例：tijian run -p 演示 --year 2025
    """
    from .engine.findings import InputError
    from .engine.spark.session import SparkError
    from .engine.storage.lock import LockedError
    from .engine.storage.store import StoreError
    from .engine.storage.unchanged import changes
    from .engine.years.since_last_run import last_run
    from .reports.terminal.findings import findings_summary
    from .reports.terminal.run import changed_line, run_summary, unchanged_summary, where_to_query
    from .reports.terminal.since_run import what_came_of_it

    loaded = open_project(project, year)
    try:
        changed = changes(loaded) if until == "store" else None
        if changed == ():
            _console().print(unchanged_summary(load_results(loaded, loaded.year)))
            return
        if changed:
            _console().print(changed_line(changed))
        then = last_run(loaded.store_path, loaded.year) if until == "store" else None
        from .engine.run import run as run_year  # all that calculates: not wanted where nothing is to be done

        with _progress(quiet) as tell, where_to_query(engine, master) as elsewhere:
            state = run_year(loaded, until=until, progress=tell, elsewhere=elsewhere)
    except InputError as fault:
        raise stopped_by(fault.findings) from None
    except (StoreError, LockedError, SparkError) as fault:
        raise StoppedError(str(fault), EXIT_STATE) from None

    console = _console()
    console.print(run_summary(state.frames, state.gathered.units, loaded.year))
    console.print(findings_summary(state.findings), *what_came_of_it(then, state.frames), sep="\n")


@app.command()
def report(
    project: given.ProjectOption = Path(),
    year: given.YearOption = None,
    *,
    level: Annotated[list[given.Level] | None, typer.Option(help="只出这一级的报告，可多次给出")] = None,
    unit: given.UnitsOption = None,
    department: given.DepartmentsOption = None,
    topic: Annotated[list[str] | None, typer.Option(help="只出这些专项的报告")] = None,
    word: Annotated[bool, typer.Option("--word", help="区级报告另存 Word（docx），供修改文字和表格")] = False,
    workers: Annotated[int, typer.Option(help="并行的进程数", min=1, max=64)] = 2,
    quiet: given.QuietOption = False,
) -> None:
    """生成 PDF：区级、街镇、社区、专项体检报告，部门任务书，逾期的另有督办单。不加选择时全部生成；内容未变的保留原文件。

    例：tijian report --unit 方松街道
    """
    must_print()  # before the next import, which needs what is looked for
    from .reports.terminal.reports import Asked, print_reports

    asked = Asked([x.name for x in level or ()], unit or (), department, topic, word)
    with _progress(quiet) as tell:
        told = print_reports(project, year, asked, workers, tell)
    for line in told.made:
        typer.echo(line)
    for line in (*told.failed, *told.notes):
        _complain(line)
    if told.failed:
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
    """生成一表三清单工作簿（xlsx）：全区、各街镇、各社区、各牵头单位各一册，可直接发给部门填写；全区另有一表一台账两清单。

    例：tijian lists --department 区交通委
    """
    from .reports.terminal.lists import write_chosen_lists

    with _progress(quiet) as tell:
        paths = write_chosen_lists(project, year, unit, department, tell)
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
    from .engine.survey.year import look_at_survey
    from .reports.terminal.survey import survey_view
    from .reports.workbook.survey import write_survey

    loaded = open_project(project, year)
    try:
        with _progress(quiet) as tell:
            found = look_at_survey(loaded, tell)
    except InputError as fault:
        raise stopped_by(fault.findings) from None
    if xlsx:
        typer.echo(str(write_survey(loaded, found)))
    else:
        _console().print(survey_view(found))


for shown in VIEWS:
    app.command()(_shown(shown))


@app.command("completion")
@wraps(completion)
def _completion(**options: Any) -> None:
    typer.echo(completion(**options))  # as it is: a shell reads it


def main() -> None:
    """The console entry point: the app, with its own messages in Chinese and interruptions told plainly."""
    from .reports.terminal.usage import usage_text

    typed = sys.argv[1:] or ["--help"]
    command = typer.main.get_command(app)
    page = ""
    if not asked_by_a_shell() and {"-h", "--help"} & set(typed):
        from .reports.terminal.help import help_page

        page = help_page(command, typed[0], styled=sys.stdout.isatty())
    try:
        if page:
            typer.echo(page)
        code = 0 if page else command.main(typed, prog_name="tijian", standalone_mode=False)
    except StoppedError as fault:
        if isinstance(fault.shown, str):
            _complain(fault.shown)
        else:
            _console().print(fault.shown)
        raise SystemExit(fault.code) from None
    except given.USAGE_ERROR as fault:
        asked = f"tijian {typed[0]}" if typed[0] in command.commands else "tijian"  # type: ignore[attr-defined]
        sys.stderr.write(f"{usage_text(fault)}\n用 {asked} --help 查看用法\n")
        raise SystemExit(EXIT_USAGE) from None
    except OSError as fault:
        from .engine.plain_words import in_plain_words

        where = f"：{fault.filename}" if fault.filename else ""  # none where the output is piped to
        sys.stderr.write(f"文件不能读写{where}（{in_plain_words(fault)}）\n")
        raise SystemExit(EXIT_STATE) from None
    if code == EXIT_INTERRUPTED:  # the library turns Ctrl-C into this code, and says nothing
        sys.stderr.write("已中断，原有结果未动\n")
    raise SystemExit(code if isinstance(code, int) else 0)
