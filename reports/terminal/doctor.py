"""``tijian doctor``: what this machine and the project lack, with a page printed for a try, and the bundle for those who help."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import ProjectOption
from .session import EXIT_STATE, EXIT_USAGE, StoppedError

PAGE = "试印.pdf"

if TYPE_CHECKING:
    from ..doctor.check import Check


def doctor(
    project: ProjectOption = Path(),
    pdf: Annotated[
        Path | None,
        typer.Option(
            help=f"试印的一页写到哪个文件；不写则是项目的 out/{PAGE}，没有项目的是当前目录的 {PAGE}，每次覆盖",
            metavar="文件",
        ),
    ] = None,
    bundle: Annotated[
        Path | None,
        typer.Option(
            help="先检查一遍输入，再写一个求助包（zip）：不含输入数据和个人信息，发出前请自己看一遍",
            metavar="文件.zip",
        ),
    ] = None,
) -> object:
    """检查本机和项目：系统库、字体、内存、磁盘、版本、编码，试印一页；缺什么、怎么办，一项一行。缺了必需的，退出码为 3。

    例：tijian doctor --bundle 求助.zip
    """
    from rich.text import Text

    from ..doctor.check import lines_of, something_missing
    from ..doctor.machine import machine_checks
    from ..doctor.place import project_checks

    if bundle is not None and bundle.suffix.lower() != ".zip":
        raise StoppedError("--bundle 后面要写一个 .zip 文件的名称", EXIT_USAGE)
    folder = project if project.is_dir() else Path()
    checks = (*machine_checks(folder), *project_checks(project))
    if project != Path() and not (project / "tijian.toml").is_file():
        raise StoppedError(f"{project} 不是项目目录（里面没有 tijian.toml）", EXIT_USAGE)
    checks = (*checks, _tried(pdf, project))
    shown = lines_of(checks)
    if bundle is not None:
        shown += "\n\n" + _bundled(bundle, project, lines_of(checks, steady=True))
    text = Text(shown, no_wrap=True, overflow="ignore")
    if something_missing(checks):
        raise StoppedError(text, EXIT_STATE)
    return text


def _place(project: Path) -> Path:
    """Where the page is printed to when nobody says: always the same file, which a file manager shows."""
    folder = project / "out" if (project / "tijian.toml").is_file() else project
    return folder.resolve() / PAGE


def _tried(pdf: Path | None, project: Path) -> Check:
    """A page printed for a try, and what became of it. Raises OSError where ``pdf`` cannot be written."""
    from ...engine.plain_words import in_plain_words
    from ..doctor.check import Check
    from ..pdf.printing import PrintingError, check_printing
    from ..writing import write_whole

    try:
        check_printing()
    except PrintingError as fault:
        return Check("bad", "试印", "没有试印", str(fault))
    from ..doctor.page import faults_of, print_page  # loads the printer

    path = pdf or _place(project)
    printed = print_page()
    faults = "；".join(faults_of(printed.data))
    try:
        write_whole(path, printed.data)
    except OSError as fault:
        if pdf is not None:
            raise
        told = f"写不到 {path}（{in_plain_words(fault)}）"
        todo = "用 --pdf 文件 换一个能写的位置"
        return Check("note", "试印", told, todo, steady="写不到文件") if not faults else _faulty(told, faults)
    if faults:
        return _faulty(str(path), faults)
    return Check(
        "well", "试印", f"{path}（1 页，字体都已嵌入；请打开看有没有方框）", steady="1 页，字体都已嵌入"
    )


def _faulty(where: str, faults: str) -> Check:
    from ..doctor.check import Check

    return Check("bad", "试印", f"{where}：{faults}", "打开看看，把求助包发给维护的人", steady=faults)


def _bundled(bundle: Path, project: Path, told: str) -> str:
    """The bundle written; what is said of it."""
    from ..doctor.bundle import contents, packed
    from ..writing import write_whole

    files = contents(project, told)
    write_whole(bundle, packed(files))
    names = "、".join(files)
    return f"求助包：{bundle}（{names}）\n  发出前请打开看一遍：里面不应有任何人的姓名、电话、证件号，也没有输入文件的内容。"
