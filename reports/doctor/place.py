"""What state the project's folder is in (项目目录): readable, writable, free, and what its results file is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from ...engine import SCHEMA_VERSION
from ...engine.findings import Findings
from ...engine.settings.project import FILE_NAME, Project, load_project
from ...engine.storage import store
from ...engine.storage.kept import FOLDER
from ...engine.storage.lock import holder
from .check import Check


def project_checks(folder: Path) -> tuple[Check, ...]:
    """Everything about the project in ``folder``; nothing where there is no project."""
    if not (folder / FILE_NAME).is_file():
        return ()
    findings = Findings()
    project = load_project(folder, findings)
    if project is None:
        told = f"{FILE_NAME} 有 {len(findings.errors)} 处错误，读不懂"
        return (Check("bad", "项目文件", told, "用 tijian check 看错在哪里"),)
    return (Check("well", "项目文件", f"{project.project.name}，{project.year} 年"), _writable(project), _free(project),
            *_results(project), _kept(project))  # fmt: skip


def _writable(project: Project) -> Check:
    """Whether results can be written; asked of the system, nothing is written."""
    places = [project.root, *(p for p in (project.root / "out", project.store_path) if p.exists())]
    closed = [p for p in places if not os.access(p, os.W_OK)]
    if closed:
        return Check(
            "bad",
            "写入",
            f"不能写入：{'、'.join(p.name for p in closed)}",
            "请目录的主人改权限，或把项目复制到自己的目录里",
        )
    return Check("well", "写入", "项目目录可以写入")


def _free(project: Project) -> Check:
    """Who holds the project's lock."""
    who = holder(project.root)
    if who is not None:
        return Check(
            "note", "占用", f"正被另一次运行使用（进程 {who}）", "等它结束", steady="正被另一次运行使用"
        )
    return Check("well", "占用", "没有别的运行在用")


def _results(project: Project) -> Iterator[Check]:
    """The results file: its version, years and size."""
    path = project.store_path
    if not path.is_file():
        yield Check("well", "结果库", "还没有（运行 tijian run 后才有）")
        return
    size = f"{path.stat().st_size / 2**20:.1f} MB"
    try:
        version, years = store.written_as(path), store.years(path)
    except store.StoreError as fault:
        yield Check("bad", "结果库", f"{size}；{fault}", "见上句；移走前先另存一份")
        return
    told = f"第 {version} 版，{'、'.join(map(str, years)) or '没有'}年，{size}"
    if version < SCHEMA_VERSION:
        told += f"；读时按第 {SCHEMA_VERSION} 版理解，下次运行后改写成第 {SCHEMA_VERSION} 版"
    yield Check("well", "结果库", told)


def _kept(project: Project) -> Check:
    """The size of what earlier runs worked out."""
    files = [p for p in (project.root / FOLDER).rglob("*") if p.is_file()]
    size = sum(p.stat().st_size for p in files) / 2**20
    told = f"{FOLDER}/ 占 {size:.1f} MB（可以随时删去，下次运行重新算）" if files else "没有"
    return Check("well", "已算结果", told)
