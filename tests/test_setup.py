"""`scripts/setup.sh` on machines that lack something: what it says, what it would install, when it gives up.

The machine is a folder of small programs that is the whole PATH: an ``ldconfig`` that knows some libraries,
an ``id`` that says who we are, an ``apt-get`` and a ``sudo`` that write down what they were asked to do, and
Pythons of every sort. No Python here makes an environment, so the script stops there at the latest.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

LIBRARIES = "libpango-1.0.so.0 libpangoft2-1.0.so.0 libharfbuzz-subset.so.0"
TOOLS = ("bash", "dirname", "cut", "sed", "find", "env", "cat")
TEST_TOOLS = ("pdftotext", "chromium", "soffice", "java")
PYTHON = f'[ "$2" = venv ] && exit 1; exec {sys.executable} "$@"'
PYTHON_WITHOUT_VENV = f'case "$2" in *ensurepip* | venv) exit 1 ;; esac; exec {sys.executable} "$@"'


class Machine:
    """A fresh checkout on a machine of our making."""

    def __init__(self, folder: Path, script: Path) -> None:
        self.folder, self.bin, self.log = folder, folder / "bin", folder / "log"
        (folder / "checkout/scripts").mkdir(parents=True)
        for name in ("setup.sh", "machine.sh"):
            shutil.copy(script.parent / name, folder / "checkout/scripts")
        self.bin.mkdir()
        for tool in TOOLS:
            (self.bin / tool).symlink_to(str(shutil.which(tool)))
        self.program("ldconfig", f'echo "{LIBRARIES}"')
        self.program("find", "echo /usr/share/fonts/NotoSansCJK-Regular.ttc")
        for tool in TEST_TOOLS:
            self.program(tool, "exit 0")
        self.program("id", "echo 0")
        self.program("python3", PYTHON)

    def program(self, name: str, body: str) -> None:
        """Put a program on the PATH, in place of any of that name."""
        (self.bin / name).unlink(missing_ok=True)
        (self.bin / name).write_text(f"#!/bin/bash\n{body}\n", encoding="utf-8")
        (self.bin / name).chmod(0o755)

    def apt(self, name: str = "apt-get") -> None:
        """Give the machine a package manager that notes its orders and cannot install."""
        self.program(name, f'echo "{name} $*" >>{self.log}; [ "$1" = update ]')

    def setup(self, profile: str = "dev") -> subprocess.CompletedProcess[str]:
        """Run the script with nobody at the keyboard."""
        return subprocess.run(
            [str(self.bin / "bash"), "scripts/setup.sh", profile],
            cwd=self.folder / "checkout", capture_output=True, text=True, check=False,
            stdin=subprocess.DEVNULL,
            env={"PATH": str(self.bin), "HOME": str(self.folder), "LANG": os.environ.get("LANG", "C.UTF-8")},
        )  # fmt: skip

    @property
    def orders(self) -> list[str]:
        """What the package manager and sudo were asked to do."""
        return self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []


@pytest.fixture
def machine(tmp_path: Path, root: Path) -> Machine:
    return Machine(tmp_path, root / "scripts/setup.sh")


def test_missing_system_packages_are_named_with_a_reason_and_installed(machine: Machine) -> None:
    machine.program("ldconfig", 'echo "libpango-1.0.so.0"')
    machine.program("find", "exit 0")
    for tool in TEST_TOOLS:
        (machine.bin / tool).unlink()
    machine.apt()
    done = machine.setup()
    assert "libharfbuzz-subset0：字体子集化" in done.stdout
    assert "fonts-noto-cjk：报告所用的中文字体" in done.stdout
    assert machine.orders == [
        "apt-get update -qq",
        "apt-get install -qq -y --no-install-recommends"
        " libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk poppler-utils chromium libreoffice-calc-nogui"
        " libreoffice-writer-nogui",
    ]
    assert done.returncode == 1
    assert "apt-get 没能装好" in done.stderr


def test_the_demo_does_not_ask_for_what_only_tests_need(machine: Machine) -> None:
    (machine.bin / "pdftotext").unlink()
    machine.program("python3", "exit 1")
    done = machine.setup("run")
    assert "Python 3.11" in done.stderr  # it got as far as choosing a Python
    assert "poppler-utils" not in done.stdout


def test_where_nothing_is_missing_the_package_manager_is_not_called(machine: Machine) -> None:
    machine.apt()
    done = machine.setup()
    assert "创建虚拟环境" in done.stdout
    assert machine.orders == []


def test_an_ordinary_user_installs_through_sudo(machine: Machine) -> None:
    machine.program("find", "exit 0")
    machine.program("id", "echo 1000")
    machine.program("sudo", f'echo "sudo $*" >>{machine.log}')
    machine.apt()
    machine.setup()
    assert machine.orders == [
        "sudo -n apt-get update -qq",
        "sudo -n env DEBIAN_FRONTEND=noninteractive"
        " apt-get install -qq -y --no-install-recommends fonts-noto-cjk",
    ]


def test_an_ordinary_user_without_sudo_is_told_what_to_ask_for(machine: Machine) -> None:
    machine.program("find", "exit 0")
    machine.program("id", "echo 1000")
    machine.apt()
    done = machine.setup()
    assert done.returncode == 1
    assert "apt-get install fonts-noto-cjk" in done.stderr
    assert machine.orders == []


def test_without_a_known_package_manager_the_user_is_told_what_is_missing(machine: Machine) -> None:
    machine.program("find", "exit 0")
    done = machine.setup()
    assert done.returncode == 1
    assert "fonts-noto-cjk" in done.stdout
    assert "没有 apt-get" in done.stderr


def test_a_python_that_cannot_make_environments_gets_its_package(machine: Machine) -> None:
    machine.program("python3", PYTHON_WITHOUT_VENV)
    machine.apt()
    done = machine.setup()
    package = f"python3.{sys.version_info[1]}-venv"
    assert f"{package}：创建 Python 虚拟环境" in done.stdout
    assert machine.orders[-1].endswith(package)


def test_a_stub_that_does_not_run_is_passed_over(machine: Machine) -> None:
    machine.program("python3.13", 'echo "python3.13: command not found" >&2; exit 127')
    done = machine.setup()
    assert f"用 {machine.bin / 'python3'} 创建虚拟环境" in done.stdout


def test_a_whole_python_is_preferred_to_a_newer_one_without_venv(machine: Machine) -> None:
    machine.program("python3.13", PYTHON_WITHOUT_VENV)
    done = machine.setup()
    assert f"用 {machine.bin / 'python3'} 创建虚拟环境" in done.stdout


def test_a_machine_without_a_new_enough_python_is_told_so(machine: Machine) -> None:
    machine.program("python3", "exit 1")
    done = machine.setup()
    assert done.returncode == 1
    assert "Python 3.11" in done.stderr


def test_an_unknown_profile_is_refused(machine: Machine) -> None:
    assert machine.setup("everything").returncode == 1
