"""The offline bundle: what goes in, what install.sh says on machines of every sort, and one install without a network."""

import filecmp
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from pathlib import Path

import pytest
from fontTools.ttLib import TTCollection

from .sample_tables import ROOT
from .test_packaging import run

sys.path.insert(0, str(ROOT / "scripts"))
import bundle
import debian
import distributions
import wheels

TOOLS = (
    *("bash", "dirname", "cut", "sed", "find", "cat", "sha256sum", "awk", "env", "ln", "mkdir", "mktemp"),
    *("rm", "tail"),
)
LIBRARIES = "libpango-1.0.so.0 libpangoft2-1.0.so.0 libharfbuzz-subset.so.0"
PYTHON = "{}.{}".format(*sys.version_info[:2])

# ── what goes in ──────────────────────────────────────────────────────────────────────────────────────────


def test_an_archive_hangs_on_names_contents_and_execute_bits_alone(tmp_path: Path) -> None:
    for order, place in ((("b", "a"), "first"), (("a", "b"), "second")):
        folder = tmp_path / place / "包"
        folder.mkdir(parents=True)
        for name in order:
            (folder / name).write_text(name, encoding="utf-8")
        (folder / "a").chmod(0o700)
        os.utime(folder / "b", (len(place), len(place)))
        distributions.pack(folder, tmp_path / f"{place}.tar.gz", 1_700_000_000)
    assert filecmp.cmp(tmp_path / "first.tar.gz", tmp_path / "second.tar.gz", shallow=False)
    with tarfile.open(tmp_path / "first.tar.gz") as tar:
        assert {entry.name: entry.mode for entry in tar} == {"包": 0o755, "包/a": 0o755, "包/b": 0o644}


def test_the_lock_of_another_python_has_its_versions_and_hashes_without_markers() -> None:
    lock = (
        "numpy==2.4 ; python_full_version < '3.12' \\\n    --hash=sha256:aa \\\n    --hash=sha256:ab\n    # via x\n"
        "numpy==2.5 ; python_full_version >= '3.12' \\\n    --hash=sha256:bb\n    # via\n    #   x\n"
        "colorama==1 ; sys_platform == 'win32' \\\n    --hash=sha256:cc\n"
        "typer==3 \\\n    --hash=sha256:dd\n"
    )
    assert wheels.lock_for("3.11", lock) == (
        "numpy==2.4 \\\n    --hash=sha256:aa \\\n    --hash=sha256:ab\ntyper==3 \\\n    --hash=sha256:dd\n"
    )
    assert wheels.lock_for("3.13", lock) == (
        "numpy==2.5 \\\n    --hash=sha256:bb\ntyper==3 \\\n    --hash=sha256:dd\n"
    )


def test_the_lock_in_force_loses_only_other_machines_packages() -> None:
    lines = wheels.lock_for(PYTHON, wheels.lock_text()).splitlines()
    names = {line.split("==")[0] for line in lines if line and not line[0].isspace()}
    assert {"setuptools", "numpy", "polars", "weasyprint", "duckdb"} <= names
    assert not {"colorama", "brotlicffi"} & names


def test_the_c_library_asked_for_is_the_newest_that_any_wheel_needs() -> None:
    names = [
        "a-1-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
        "b-1-cp311-cp311-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        "c-1-py3-none-any.whl",
    ]
    assert bundle.newest_glibc(names) == 27
    assert bundle.newest_glibc(names[2:]) == 17


def test_what_apt_says_is_read() -> None:
    said = "Reading…\nInst libpango-1.0-0 (1.50.12+ds-1 Debian:12.11/stable [amd64])\nConf libpango-1.0-0 (1.50 Debian)\n"
    assert debian.installed_by(said) == {"libpango-1.0-0": "1.50.12+ds-1"}
    index = (
        "Package: tar\nEssential: yes\nPriority: optional\n\nPackage: mawk\nPriority: required\n\n"
        "Package: nano\nPriority: important\nDescription: an editor\n Essential: no field\n"
    )
    assert debian.required(index) == ["mawk", "tar"]


def test_the_bundle_brings_every_library_that_installing_looks_for() -> None:
    nothing = "source scripts/machine.sh; has_library() { false; }; missing_libraries"
    lines = run("bash", "-c", nothing, cwd=ROOT).splitlines()
    assert {line.split("\t")[0] for line in lines} == set(debian.ASKED) - {"python3.11-venv", debian.FONTS}


def test_the_bundle_brings_a_typeface_for_every_use_on_paper() -> None:
    brought = set()
    for face in debian.FACES:
        (installed,) = Path("/usr/share/fonts").rglob(face)
        with TTCollection(installed, lazy=True) as faces:
            brought |= {font["name"].getDebugName(1) for font in faces}
    fonts = tomllib.loads((ROOT / "reports/theme.toml").read_text(encoding="utf-8"))["fonts"]
    assert [use for use, names in fonts.items() if use != "sheet" and not brought & set(names)] == []


# ── install.sh on machines of every sort ──────────────────────────────────────────────────────────────────


class Machine:
    """A bundle without wheels, on a machine whose whole PATH is a folder of small programs."""

    def __init__(self, folder: Path) -> None:
        self.bundle, self.bin, self.log = folder / "bundle", folder / "bin", folder / "log"
        (self.bundle / "debs").mkdir(parents=True)
        for name in ("install.sh", "machine.sh"):
            shutil.copy(ROOT / "scripts" / name, self.bundle)
        (self.bundle / "bundle.env").write_text(
            'VERSION=9.9.9\nPYTHONS="3.11 3.12"\nGLIBC=28\n', encoding="utf-8"
        )
        (self.bundle / "debs/Packages").write_text("", encoding="utf-8")
        self.seal()
        self.bin.mkdir()
        for tool in TOOLS:
            (self.bin / tool).symlink_to(str(shutil.which(tool)))
        self.program("uname", "echo x86_64")
        self.program("getconf", "echo glibc 2.36")
        self.program("ldconfig", f'echo "{LIBRARIES}"')
        self.program("find", "echo /usr/share/fonts/some.ttc")
        self.program("id", "echo 0")
        self.program("df", "echo; echo x x x 1024 x x")  # 1 MB left: no install goes further than this
        self.program("python3.11", "exit 0")

    def seal(self) -> None:
        """Write the sums of the bundle as it is."""
        held = sorted(path for path in self.bundle.rglob("*") if path.is_file() and path.name != "SHA256SUMS")
        (self.bundle / "SHA256SUMS").write_text(distributions.sums(held, self.bundle), encoding="utf-8")

    def program(self, name: str, body: str) -> None:
        """Put a program on the PATH, in place of any of that name."""
        (self.bin / name).unlink(missing_ok=True)
        (self.bin / name).write_text(f"#!{self.bin}/bash\n{body}\n", encoding="utf-8")
        (self.bin / name).chmod(0o755)

    def install(self, *options: str) -> tuple[int, str]:
        """Exit code and all that was said."""
        done = subprocess.run(
            [str(self.bin / "bash"), str(self.bundle / "install.sh"), *options],
            capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
            env={"PATH": str(self.bin), "HOME": str(self.bundle.parent / "home"), "LANG": "C.UTF-8"},
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_whole_machine_gets_as_far_as_the_disk(machine: Machine) -> None:
    """Guards the tests below: whatever stops them is what they put there."""
    code, said = machine.install()
    assert code == 1
    assert "系统软件包：都有，不用装" in said
    assert "只剩 1 MB，至少要 1500 MB" in said


def test_a_damaged_bundle_is_refused_before_anything_is_done(machine: Machine) -> None:
    with (machine.bundle / "debs/Packages").open("a", encoding="utf-8") as file:
        file.write("x")
    code, said = machine.install()
    assert code == 1
    assert "debs/Packages" in said
    assert "没有安装任何东西" in said
    assert not (machine.bundle.parent / "home").exists()


@pytest.mark.parametrize(
    ("program", "answer", "told"),
    [
        ("uname", "echo aarch64", "这台机器是 aarch64"),
        ("getconf", "echo glibc 2.24", "本机是 2.24"),
        ("getconf", "exit 1", "其他 C 库"),
    ],
)
def test_a_machine_the_wheels_cannot_run_on_is_told_so(
    machine: Machine, program: str, answer: str, told: str
) -> None:
    machine.program(program, answer)
    code, said = machine.install()
    assert code == 1
    assert told in said


def test_an_ordinary_user_is_told_the_one_command_for_the_administrator(machine: Machine) -> None:
    if debian.release() != "debian12":
        pytest.skip("only on Debian 12 does the bundle bring system packages")
    machine.program("ldconfig", 'echo "libpango-1.0.so.0"')
    machine.program("id", "echo 1000")
    machine.program("apt-get", f'echo "$*" >>{machine.log}')
    code, said = machine.install()
    assert code == 1
    assert "libpangoft2-1.0-0：PDF 排版" in said
    assert f"sudo bash {machine.bundle}/install.sh --system" in said
    assert not machine.log.exists()


def test_the_administrator_installs_what_is_missing_from_the_bundle_and_from_nowhere_else(
    machine: Machine,
) -> None:
    if debian.release() != "debian12":
        pytest.skip("only on Debian 12 does the bundle bring system packages")
    machine.program("ldconfig", 'echo "libpango-1.0.so.0"')
    machine.program(
        "python3.11", 'case "$2" in *ensurepip*) exit 1 ;; *python3.*) echo python3.11-venv ;; esac'
    )
    machine.program("apt-get", f'echo "$*" >>{machine.log}; cat "${{3#*=}}" >>{machine.log}')
    code, said = machine.install("--system")
    assert code == 0, said
    update, source, installed, _ = machine.log.read_text(encoding="utf-8").splitlines()
    assert source.startswith("deb [trusted=yes] file:/")
    for order in (update, installed):
        assert "-o Dir::Etc::SourceParts=- " in order
    assert update.endswith(" update")
    assert installed.endswith(
        " install -y --no-install-recommends libpangoft2-1.0-0 libharfbuzz-subset0 python3.11-venv"
    )


def test_another_system_is_told_what_to_get_from_its_own_sources(machine: Machine) -> None:
    (machine.bundle / "debs/Packages").unlink()
    machine.seal()
    machine.program("ldconfig", "exit 0")
    (machine.bin / "python3.11").unlink()
    code, said = machine.install()
    assert code == 1
    assert "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 python3.11-venv" in said
    assert "3.11、3.12" in said


def test_another_system_may_lack_the_library_that_only_saves_time(machine: Machine) -> None:
    (machine.bundle / "debs/Packages").unlink()
    machine.seal()
    machine.program("ldconfig", 'echo "libpango-1.0.so.0 libpangoft2-1.0.so.0"')
    assert "至少要 1500 MB" in machine.install()[1]


def test_a_python_named_that_does_not_do_is_refused(machine: Machine) -> None:
    machine.program("old", "exit 1")
    code, said = machine.install("--python", str(machine.bin / "old"))
    assert code == 1
    assert "old 不能用：要能运行，版本是 3.11、3.12" in said


def test_fonts_come_from_the_bundle_where_the_machine_has_none(machine: Machine) -> None:
    machine.program("find", "exit 0")
    machine.program("id", "echo 1000")
    assert "请先装好 fonts-noto-cjk" in machine.install()[1]
    (machine.bundle / "fonts").mkdir()
    (machine.bundle / "fonts/NotoSansCJK-Regular.ttc").write_bytes(b"font")
    machine.seal()
    machine.program("cp", f'exec {shutil.which("cp")} "$@"')
    machine.install()
    font = machine.bundle.parent / "home/.local/share/fonts/tijian/NotoSansCJK-Regular.ttc"
    assert font.read_bytes() == b"font"


def test_an_unknown_option_is_a_wrong_use(machine: Machine) -> None:
    code, said = machine.install("--everything")
    assert code == 2
    assert "用法" in said


# ── one install without a network ─────────────────────────────────────────────────────────────────────────

CONNECT = "import socket; socket.create_connection(('192.0.2.1', 80), 2)"  # an address kept for examples


def unconnected(*command: str | Path, home: Path) -> str:
    """What a command says in a namespace without any network, for a user who has nothing but the system's PATH."""
    done = subprocess.run(
        ["unshare", "--net", *map(str, command)],
        capture_output=True, text=True, check=False, cwd=home, stdin=subprocess.DEVNULL,
        env={"HOME": str(home), "PATH": f"{home}/.local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"},
    )  # fmt: skip
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


@pytest.fixture
def no_network() -> None:
    tried = subprocess.run(["unshare", "--net", "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"no namespace without a network here: {tried.stderr.strip()}")


@pytest.fixture
def unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The bundle as one without apt makes it (what the system needs is here already), unpacked in a strange place."""
    only_git = tmp_path / "only git"
    only_git.mkdir()
    (only_git / "git").symlink_to(str(shutil.which("git")))
    monkeypatch.setenv("PATH", str(only_git))
    archive = bundle.make(tmp_path / "dist", [PYTHON])
    monkeypatch.undo()
    run("sha256sum", "--check", f"{archive.name}.sha256", cwd=archive.parent)
    with tarfile.open(archive) as tar:
        tar.extractall(tmp_path / "解 包", filter="data")
    archive.unlink()
    (folder,) = (tmp_path / "解 包").iterdir()
    return folder


@pytest.mark.slow
@pytest.mark.usefixtures("no_network")
def test_the_bundle_installs_without_a_network_and_takes_the_sample_to_a_report(
    unpacked: Path, tmp_path: Path
) -> None:
    """One test for all of it: the bundle is a quarter of a gigabyte, and making it twice would be most of the time."""
    assert "这里没有" not in (unpacked / "README.md").read_text(encoding="utf-8")
    assert "fonts-noto-cjk" in (unpacked / "system-packages.txt").read_text(encoding="utf-8")
    assert (unpacked / "使用手册.pdf").read_bytes().startswith(b"%PDF")

    home = tmp_path / "新 用户"
    older, beside = home / ".local/share/tijian/0.0.1", home / ".local/share/tijian/我的项目/results.duckdb"
    for path in (older / ".tijian", beside):
        path.parent.mkdir(parents=True)
        path.write_text("", encoding="utf-8")
    with pytest.raises(AssertionError, match="Network is unreachable"):
        unconnected(sys.executable, "-c", CONNECT, home=home)

    install = ("bash", unpacked / "install.sh", "--python", Path(sys.base_prefix) / f"bin/python{PYTHON}")
    said = unconnected(*install, home=home)
    assert "系统软件包：都有，不用装" in said
    assert "中文字体：本机已有 Noto CJK" in said
    assert said.rstrip().endswith("装好了。先试：tijian sample 演示")
    assert not older.exists()
    assert beside.exists()
    assert "内容相同，不再重装" in unconnected(*install, home=home)

    commit = re.search(
        r"^COMMIT=(\w{12})", (unpacked / "bundle.env").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert commit is not None
    assert f"提交：{commit[1]}" in unconnected("tijian", "--version", home=home)
    unconnected("tijian", "sample", "演示", "--scale", bundle.SAMPLE_SCALE, "--quiet", home=home)
    assert not differences(home / "演示", unpacked / "sample")
    unconnected("tijian", "run", "-p", "演示", "--quiet", home=home)
    unconnected("tijian", "report", "-p", "演示", "--unit", "990117001001", "--quiet", home=home)
    (report,) = (home / "演示/out").rglob("*.pdf")
    assert "新风居委会" in run("pdftotext", report, "-", cwd=home)


def differences(one: Path, other: Path) -> list[str]:
    """The files of two folders that are not in both with the same bytes."""
    names = {
        str(path.relative_to(folder))
        for folder in (one, other)
        for path in folder.rglob("*")
        if path.is_file()
    }
    _, differing, missing = filecmp.cmpfiles(one, other, sorted(names), shallow=False)
    return differing + missing


# ── containers ────────────────────────────────────────────────────────────────────────────────────────────


def test_the_image_is_made_of_the_bundle_and_runs_as_an_ordinary_user() -> None:
    lines = (ROOT / "Containerfile").read_text(encoding="utf-8").splitlines()
    orders = [line.split()[0] for line in lines if line and line[0].isupper()]
    assert orders == ["FROM", "RUN", "ENV", "USER", "WORKDIR", "ENTRYPOINT"]
    assert "FROM debian:12-slim" in lines
    assert "USER tijian" in lines
    assert 'ENTRYPOINT ["tijian"]' in lines
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignored[1:] == ["*", "!dist/tijian-*.tar.gz"]


@pytest.mark.slow
def test_the_image_builds_and_runs_without_a_network_where_something_builds_images(tmp_path: Path) -> None:
    engines = [
        name
        for name in ("podman", "docker")
        if shutil.which(name)
        and not subprocess.run([name, "info"], capture_output=True, check=False).returncode
    ]
    if not engines or not debian.can_provide():
        pytest.skip("no podman or docker answers here, or the bundle cannot have its system packages")
    shutil.copy(ROOT / "Containerfile", tmp_path)
    bundle.make(tmp_path / "dist", ["3.11"])
    tag = "tijian-test"
    run(engines[0], "build", "--network", "none", "-f", "Containerfile", "-t", tag, ".", cwd=tmp_path)
    said = run(engines[0], "run", "--rm", "--network", "none", tag, "--version", cwd=tmp_path)
    assert said.startswith(f"tijian {distributions.commit().version}")
