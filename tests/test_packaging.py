"""What a user installs: the wheel holds the packages' files, no others, and works alone."""

import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import entry_points
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PACKAGE_FOLDERS = ("engine", "indicators", "reports", "data")
ROOT_MODULES = ("__init__.py", "cli.py")
MANUAL = re.compile(r"docs/manual/([^/]+\.md|pictures/[^/]+\.svg)")


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Run a command to its end and return what it said; a failure shows all of it."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd, capture_output=True, text=True, check=False, env={**os.environ, **environment},
    )  # fmt: skip
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def shipped_files(root: Path) -> set[str]:
    """The files of the checkout that belong in the wheel, as paths below ``tijian/``."""
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=root).split("\0")
    return {
        name
        for name in listed
        if (name.split("/")[0] in PACKAGE_FOLDERS or name in ROOT_MODULES or MANUAL.fullmatch(name))
        and (root / name).is_file()
    }


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy so that the checkout stays clean."""
    copy = tmp_path_factory.mktemp("source") / "checkout"
    for name in sorted(shipped_files(root) | {"pyproject.toml", "README.md", "LICENSE"}):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / name, copy / name)
    run(sys.executable, "-m", "build", "--no-isolation", "--wheel", ".", cwd=copy)
    (built,) = (copy / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds the installed wheel and nothing else."""
    target = tmp_path_factory.mktemp("installed")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
    run(*pip, "install", "--no-deps", "--no-index", "--target", target, wheel, cwd=target)
    return target


def test_the_wheel_holds_every_file_of_the_packages_and_nothing_else(wheel: Path, root: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == {f"tijian/{name}" for name in shipped_files(root)}


def test_the_wheel_carries_the_licence_and_the_command(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        texts = {name.split(".dist-info/")[1]: archive.read(name).decode()
                 for name in archive.namelist() if ".dist-info/" in name}  # fmt: skip
    assert "Apache License" in texts["licenses/LICENSE"]
    assert "tijian = tijian.cli:main" in texts["entry_points.txt"]
    assert "License-Expression: Apache-2.0" in texts["METADATA"]


def test_the_installed_wheel_runs_away_from_the_checkout(installed: Path, tmp_path: Path) -> None:
    """The folder comes before the editable install on the path, so this is the wheel and not the checkout."""
    elsewhere = tmp_path / "别处"
    elsewhere.mkdir()
    where = run(sys.executable, "-c", "import tijian.cli; print(tijian.cli.__file__)",
                cwd=elsewhere, PYTHONPATH=str(installed)).strip()  # fmt: skip
    assert Path(where) == installed / "tijian" / "cli.py"
    said = run(
        sys.executable, installed / "bin" / "tijian", "--help", cwd=elsewhere, PYTHONPATH=str(installed)
    )
    assert "城市体检" in said


def test_the_installed_wheel_reads_its_own_data(installed: Path, tmp_path: Path) -> None:
    code = "from tijian.engine.findings import catalogue; print(len(catalogue()))"
    assert int(run(sys.executable, "-c", code, cwd=tmp_path, PYTHONPATH=str(installed))) > 0
    manual = "from tijian.reports.manual.book import chapters_in, manual_folder; print(len(chapters_in(manual_folder())))"
    assert int(run(sys.executable, "-c", manual, cwd=tmp_path, PYTHONPATH=str(installed))) > 0


def test_the_editable_install_is_the_checkout(root: Path, tmp_path: Path) -> None:
    where = run(sys.executable, "-c", "import tijian; print(tijian.__file__)", cwd=tmp_path).strip()
    assert Path(where) == root / "__init__.py"
    (command,) = entry_points(group="console_scripts", name="tijian")
    assert command.value == "tijian.cli:main"
