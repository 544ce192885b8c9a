"""补全: the script by which a shell asks us what may stand where the cursor is. The library has the scripts and answers."""

from __future__ import annotations

import os
from typing import Annotated, Literal

import typer

ASKS = "_TIJIAN_COMPLETE"  # in the environment when a shell asks


def completion(
    shell: Annotated[Literal["bash", "zsh", "fish"], typer.Argument(help="哪一种 shell", metavar="SHELL")],
) -> str:
    """打印补全脚本：装好后按 Tab 键补全命令、选项、选项的取值和文件名。

    存到 shell 找它的地方，重开终端生效：bash 在 ~/.local/share/bash-completion/completions/tijian，zsh 在 fpath 里的某个目录，
    名为 _tijian，fish 在 ~/.config/fish/completions/tijian.fish。目录要先建好。

    例：tijian completion bash > ~/.local/share/bash-completion/completions/tijian
    """
    from typer.completion import get_completion_script  # noqa: PLC0415 — only this command needs it

    return get_completion_script(prog_name="tijian", complete_var=ASKS, shell=shell).strip()


def asked_by_a_shell() -> bool:
    """Whether this is a shell's question; the library, made ready here, answers it."""
    if ASKS not in os.environ:
        return False
    from typer.completion import completion_init  # noqa: PLC0415 — as above

    completion_init()
    return True
