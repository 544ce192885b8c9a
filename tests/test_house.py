"""The house rules that a reader cannot see at a glance and a linter does not know.

Each test gathers every offence before it speaks, and names file and line.
"""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES: list[str] = PYPROJECT["tool"]["setuptools"]["packages"]
LONGEST_FILE, LONGEST_FUNCTION = 400, 60


def committed_files() -> list[Path]:
    """Every file of the checkout that git keeps or would keep, sorted."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    paths = (ROOT / name for name in sorted(listed.stdout.split("\0")) if name)
    return [path for path in paths if path.is_file()]


def package_modules() -> dict[str, Path]:
    """Dotted name below ``tijian`` (``""`` is the package itself) → file, for everything that is shipped."""
    modules = {}
    for path in committed_files():
        parts = path.relative_to(ROOT).with_suffix("").parts
        if path.suffix == ".py" and parts[0] not in {"tests", "benchmarks", "scripts", "docs"}:
            modules[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return modules


MODULES = package_modules()
TREES = {name: ast.parse(path.read_text(encoding="utf-8"), str(path)) for name, path in MODULES.items()}


def imports_of(name: str) -> Iterator[tuple[str, int]]:
    """(module of this package, line) for each import in module ``name``, wherever in the file it stands."""
    is_package = MODULES[name].name == "__init__.py"
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.ImportFrom):
            parts = name.split(".") if name else []
            if node.level:
                up = node.level - (1 if is_package else 0)
                base = ".".join([*parts[: len(parts) - up], *([node.module] if node.module else [])])
            elif node.module and node.module.split(".")[0] == "tijian":
                base = node.module[len("tijian.") :]
            else:
                continue
            for alias in node.names:
                deeper = f"{base}.{alias.name}" if base else alias.name
                yield (deeper if deeper in MODULES else base), node.lineno
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "tijian":
                    yield alias.name[len("tijian.") :], node.lineno


GRAPH = {name: {target for target, _ in imports_of(name) if target in MODULES} for name in MODULES}


def reachable(start: str) -> set[str]:
    """Every module that ``start`` leads to, by however many steps."""
    seen: set[str] = set()
    todo = list(GRAPH[start])
    while todo:
        module = todo.pop()
        if module not in seen:
            seen.add(module)
            todo += GRAPH[module]
    return seen


def arrows(source: str, *targets: str) -> list[str]:
    """Imports inside package ``source`` that lead to one of ``targets``."""
    return [
        f"{MODULES[name].relative_to(ROOT)}:{line} imports {target}"
        for name in MODULES
        if name.split(".")[0] == source
        for target, line in imports_of(name)
        if target.split(".")[0] in targets
    ]


# ── arrows point one way ──────────────────────────────────────────────────────────────────────────────────


def test_the_import_graph_sees_relative_imports() -> None:
    """Guards the tests below: were the graph empty, none of them could fail."""
    assert "engine.findings" in GRAPH["engine.settings.project"]
    assert sum(map(len, GRAPH.values())) >= len(MODULES) // 2


def test_no_module_is_in_an_import_cycle() -> None:
    assert [name for name in GRAPH if name in reachable(name)] == []


@pytest.mark.parametrize(
    ("source", "targets"),
    [
        ("engine", ("reports", "cli")),
        ("indicators", ("reports", "cli")),
        ("data", ("reports", "cli")),
        ("reports", ("cli",)),
    ],
)
def test_arrows_point_one_way(source: str, targets: tuple[str, ...]) -> None:
    assert arrows(source, *targets) == []


def test_package_code_imports_its_own_modules_relatively() -> None:
    offences = [
        f"{MODULES[name].relative_to(ROOT)}:{node.lineno}"
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if (
            isinstance(node, ast.ImportFrom)
            and not node.level
            and (node.module or "").split(".")[0] == "tijian"
        )
        or (isinstance(node, ast.Import) and any(a.name.split(".")[0] == "tijian" for a in node.names))
    ]
    assert offences == []


def talks(node: ast.AST) -> bool:
    """Whether a node speaks to the terminal: print(), input(), a rich Console, typer.echo() and its like, sys.stdout."""
    if isinstance(node, ast.Call):
        called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        return called in {"echo", "secho", "prompt", "confirm", "Console"} or (
            isinstance(node.func, ast.Name) and called in {"print", "input"}
        )
    return isinstance(node, ast.Attribute) and node.attr in {"stdout", "stderr"} and (
        isinstance(node.value, ast.Name) and node.value.id == "sys"
    )  # fmt: skip


def test_only_the_command_line_talks_to_the_terminal() -> None:
    offences = [
        f"{MODULES[name].relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
        for name, tree in TREES.items()
        if name != "cli"
        for node in ast.walk(tree)
        if talks(node)
    ]
    assert offences == []


# ── sizes ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_no_file_is_too_long() -> None:
    lengths = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in MODULES.items()}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_no_function_is_too_long() -> None:
    lengths = {
        f"{MODULES[name].relative_to(ROOT)}:{node.lineno} {node.name}": (node.end_lineno or 0)
        - node.lineno
        + 1
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {where: lines for where, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}


# ── what is shipped and what it needs ─────────────────────────────────────────────────────────────────────


def test_every_package_with_code_is_listed_for_the_wheel() -> None:
    """An unlisted sub-package works in the checkout and is missing from the wheel."""
    with_code = {
        ".".join(["tijian", *path.parent.relative_to(ROOT).parts])
        for path in MODULES.values()
    }  # fmt: skip
    assert with_code == set(PACKAGES)


def pinned(name: str) -> dict[str, list[Requirement]]:
    """``requirements/<name>.txt`` as project → its pins; fails on a line without version or hash."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    pins: dict[str, list[Requirement]] = {}
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        requirement, *hashes = re.split(r"\s+--hash=", line.strip())
        parsed = Requirement(requirement)
        assert re.fullmatch(r"==[^*,]+", str(parsed.specifier)), f"{name}.txt: not pinned: {requirement}"
        assert hashes, f"{name}.txt: no hash: {requirement}"
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", h) for h in hashes), f"{name}.txt: {requirement}"
        pins.setdefault(canonicalize_name(parsed.name), []).append(parsed)
    return pins


def asked(name: str) -> set[str]:
    """The projects ``requirements/<name>.in`` names, with those of the files it includes."""
    found: set[str] = set()
    for line in (ROOT / "requirements" / f"{name}.in").read_text(encoding="utf-8").splitlines():
        if line.startswith("-r "):
            found |= asked(Path(line[3:].strip()).stem)
        elif line and not line.startswith(("#", "-c ")):
            found.add(canonicalize_name(Requirement(line).name))
    return found


@pytest.mark.parametrize("name", sorted(path.stem for path in (ROOT / "requirements").glob("*.txt")))
def test_every_requirement_is_pinned_by_version_and_hash(name: str) -> None:
    assert asked(name) <= set(pinned(name))


def test_the_requirement_files_agree_with_each_other() -> None:
    """`make demo` and `make test` may share one environment, so they must want the same versions."""
    versions = {
        name: {project: sorted(str(pin.specifier) for pin in pins) for project, pins in pinned(name).items()}
        for name in ("build", "run", "dev", "spark")
    }
    shared = versions["build"] | versions["run"]
    assert {p: v for p, v in shared.items() if not set(v) <= set(versions["dev"].get(p, []))} == {}
    beside = {p: v for p, v in versions["spark"].items() if p in versions["run"]}  # installed on top of it
    assert {p: v for p, v in beside.items() if v != versions["run"][p]} == {}


def test_the_package_asks_for_what_is_pinned() -> None:
    needs = {canonicalize_name(r.name): r for r in map(Requirement, PYPROJECT["project"]["dependencies"])}
    assert set(needs) == asked("run")
    extra = PYPROJECT["project"]["optional-dependencies"]["spark"]
    assert {canonicalize_name(Requirement(r).name) for r in extra} == asked("spark")
    pins = pinned("run")
    refused = [
        f"{need} refuses {pin}"
        for name, need in needs.items()
        for pin in pins[name]
        if not need.specifier.contains(next(iter(pin.specifier)).version)
    ]
    assert refused == []


def test_no_package_index_is_named_anywhere() -> None:
    """Where packages come from is the machine's business (its pip settings), not the repository's."""
    address = re.compile(
        r"https?://\S+/simple\b|--(?:extra-)?index-url[ =]|--find-links|pypi\.", re.IGNORECASE
    )
    offences = []
    for path in committed_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a workbook, a layer or a picture
        if path != Path(__file__).resolve() and address.search(text):
            offences.append(str(path.relative_to(ROOT)))
    assert offences == []


def test_one_version_everywhere() -> None:
    version = PYPROJECT["project"]["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    first = re.search(r"^## (\d+\.\d+\.\d+)", changelog, re.MULTILINE)
    assert first is not None
    assert first[1] == version
    assert (
        re.search(r'^__version__ = "(.+)"$', MODULES[""].read_text(encoding="utf-8"), re.MULTILINE)[1]
        == version
    )


# ── what is written about it ──────────────────────────────────────────────────────────────────────────────


def test_links_between_the_documents_lead_somewhere() -> None:
    offences = []
    for path in committed_files():
        if path.suffix == ".md":
            for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8")):
                if "://" not in target and not (path.parent / target).exists():
                    offences.append(f"{path.relative_to(ROOT)} → {target}")
    assert offences == []


def test_every_make_target_explains_itself() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)[1].split())
    explained = set(re.findall(r"^([a-z]+):.*## \S", makefile, re.MULTILINE))
    assert explained == phony


def test_every_finding_raised_is_in_the_catalogue_and_every_kind_is_raised() -> None:
    catalogue = set(tomllib.loads((ROOT / "engine" / "findings.toml").read_text(encoding="utf-8")))
    raised = {
        node.value: f"{MODULES[name].relative_to(ROOT)}:{node.lineno}"
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"[A-Z]\d{3}", node.value)
    }
    assert {code: where for code, where in raised.items() if code not in catalogue} == {}
    assert sorted(catalogue - set(raised)) == []
