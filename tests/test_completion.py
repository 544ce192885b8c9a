"""Shell completion: the real bash function, asked as bash asks it."""

import subprocess
from pathlib import Path

import pytest

from .cli_project import COMMAND, refused, told

TIJIAN = COMMAND.parent
BASH = """
export PATH={bin}:$PATH
source {script}
COMP_WORDS=({words})
COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 ))
_tijian_completion tijian
printf '%s\\n' "${{COMPREPLY[@]}}"
complete -p tijian
"""


@pytest.fixture(scope="module")
def script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("补全") / "tijian"
    path.write_text(told("completion", "bash"), encoding="utf-8")
    return path


def offered(script: Path, words: str) -> list[str]:
    """What bash would offer for a line as typed so far; the last word may be empty."""
    asked = BASH.format(bin=TIJIAN, script=script, words=words)
    done = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    *reply, registered = done.stdout.splitlines()
    assert registered == "complete -o default -F _tijian_completion tijian", "files, where nothing else fits"
    return [word for word in reply if word]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("tijian re", {"report"}),
        ("tijian report --le", {"--level"}),
        ("tijian report --level ''", {"区级", "街镇", "社区"}),
        ("tijian run --until s", {"scoring", "store"}),
        ("tijian check --format ''", {"text", "json"}),
        ("tijian completion ''", {"bash", "zsh", "fish"}),
        ("tijian explain ''", set()),
    ],
)
def test_bash_completes_commands_options_and_their_values(script: Path, typed: str, words: set[str]) -> None:
    assert set(offered(script, typed)) == words


def test_every_shell_has_its_script_and_another_is_refused_in_chinese() -> None:
    assert told("completion", "zsh").startswith("#compdef tijian")
    assert told("completion", "fish").startswith("complete --command tijian")
    assert "SHELL 的值不对" in refused(2, "completion", "cmd")
