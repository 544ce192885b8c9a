"""What is known before the forms go out (发表前已知的): the units, last year's returned forms and lists, this year's base lists.

Last year's forms are read where their files are in the folder; where they are not, its results say what was stated.
Nothing here judges: a file of last year that cannot be read, or a row that has faults, simply gives nothing to fill
in beforehand. Only the units must be sound.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl

from ...indicators.form_model import Form
from ...indicators.loader import Library
from ..evidence import Evidence, Gathered
from ..findings import Findings
from ..intake.gather import gather
from ..intake.maps.crs import project_points
from ..settings.forms import LON_LAT_CRS, complete_inputs
from ..settings.project import Input, Project
from ..storage import store
from ..years.comparable import rules_now
from ..years.earlier import earlier_figures
from .track import counted, due_date

BASE_LISTS = ("estates", "buildings")  # inputs whose things are listed before anything is asked of them
ASKED_AGAIN = ("records", "figures", "reported")  # kinds whose forms show what was returned last year
BASE_FOLDER = "基础名录"
TASKS = "remediation"  # 上年度整治任务台账: one line for each problem of last year's lists
VALUES = {"unit": pl.String, "indicator": pl.String, "value": pl.Float64}
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Known:
    """``last_year`` and ``base``: input → rows (``unit`` and our columns; ``_x``, ``_y`` 经度、纬度 where located).

    ``values`` unit, indicator, value: last year's results. ``files``: input → the file its rows were taken from.
    """

    units: pl.DataFrame
    last_year: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    base: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    values: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=VALUES))
    files: Mapping[str, str] = field(default_factory=dict)


def base_list_file(form: Form) -> str:
    """Where a returned base list lies."""
    return f"inputs/{{year}}/{BASE_FOLDER}/{form.of}名录.xlsx"


def know_before(project: Project, library: Library, progress: Progress, *, blank: bool = False) -> Known:
    """What can be filled in beforehand; with ``blank`` the units alone. Raises InputError when they have errors."""
    findings = Findings()
    if blank:
        return Known(_read(project, {}, findings, progress).units)
    # a form is asked for whether or not the project file has its section yet
    every = project.model_copy(update={"inputs": dict.fromkeys(library.forms, Input()) | project.inputs})
    every = complete_inputs(every, library, Findings())
    inputs = every.inputs
    before = project.for_year(project.year - 1)
    old = {n: i for n, i in inputs.items() if i.kind in ASKED_AGAIN and _is_there(i, before)}
    # where none of last year's files are here, its boundaries may be gone too
    gathered = _read(before if old else project, old, findings, progress)
    kept = _stated(every, library, gathered.predecessors)
    last_year = kept | {n: _rows(e, gathered.crs) for n, e in gathered.evidence.items()}
    files = dict.fromkeys(kept, project.store_path.name)
    files |= {n: "、".join(s.file for s in e.sources) for n, e in gathered.evidence.items()}
    base, lists = _base_lists(project, library, progress)
    tasks = _tasks(project)
    if TASKS in library.forms and tasks.height:
        base, lists = base | {TASKS: tasks}, lists | {TASKS: project.store_path.name}
    return Known(gathered.units, last_year, base, _values(project), files | lists)


def _read(project: Project, inputs: dict[str, Input], findings: Findings, progress: Progress) -> Gathered:
    return gather(project.model_copy(update={"inputs": inputs}), findings, progress)


def _is_there(item: Input, project: Project) -> bool:
    """Whether the input has a file of this year's own: one without {year} in its path is the same every year."""
    return any("{year}" in file and project.input_path(file).is_file() for file in item.files)


def _stated(project: Project, library: Library, changed: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Input → unit and our columns: the figures stated last year, as the results keep them.

    For where last year's files are not in this folder (`tijian init --from`).
    """
    figures = earlier_figures(project.store_path, rules_now(project, library, ()), changed)
    figures = figures.filter(pl.col("year") == project.year - 1)
    return {
        str(name): rows.pivot(on="item", index="unit", values="value").sort("unit")
        for (name,), rows in figures.group_by("input", maintain_order=True)
        if name in project.inputs and project.inputs[str(name)].kind == "figures"
    }


def _base_lists(
    project: Project, library: Library, progress: Progress
) -> tuple[dict[str, pl.DataFrame], dict[str, str]]:
    """The base lists returned this year, and their files."""
    wanted = {}
    for name in BASE_LISTS:
        form = library.forms.get(name)
        if form is not None and project.input_path(base_list_file(form)).is_file():
            wanted[name] = Input(file=base_list_file(form))
    if not wanted:
        return {}, {}
    asked = complete_inputs(project.model_copy(update={"inputs": wanted}), library, Findings()).inputs
    for name, item in asked.items():
        base = [i.name for i in library.forms[name].item if i.base or i.name == item.key]
        asked[name] = item.model_copy(update={"columns": {c: item.columns[c] for c in base}})
    gathered = _read(project, asked, Findings(), progress)
    files = {n: "、".join(s.file for s in e.sources) for n, e in gathered.evidence.items()}
    return {n: _rows(e, gathered.crs) for n, e in gathered.evidence.items()}, files


def _rows(evidence: Evidence, crs: str) -> pl.DataFrame:
    """The rows in the order of units and of the file; a place as 经度、纬度 (CGCS2000) to six decimals, some 0.1 m."""
    frame = evidence.frame.sort("unit", "_file", "_sheet", "_row", nulls_last=True)
    if "x" not in frame.columns:
        return frame
    nothing = float("nan")
    lon, lat = project_points(
        frame["x"].fill_null(nothing).to_numpy(), frame["y"].fill_null(nothing).to_numpy(), crs, LON_LAT_CRS
    )
    return frame.with_columns(
        _x=pl.Series(lon).round(6).fill_nan(None), _y=pl.Series(lat).round(6).fill_nan(None)
    )


def _tasks(project: Project) -> pl.DataFrame:
    """unit (the town; null: of the district alone), task_id, problem, treatment, due of last year's problems, each once.

    Of one indicator the finest level that was listed, as 问题整治完成率 counts them. Empty where last year was not run.
    """
    year, path = project.year - 1, project.store_path
    if year not in store.years(path):
        return pl.DataFrame()
    problems, remedies, units = (
        store.read_frame(path, n, year) for n in ("problem_list", "remedy_list", "units")
    )
    rows = (
        problems.drop("outcome")
        .join(remedies.select("due", id="problem_id"), on="id", how="left", maintain_order="left")
        .join(units.select("town", unit="code"), on="unit", how="left", maintain_order="left")
        .with_columns(outcome=pl.lit(""))
    )
    tasks = rows.filter(counted(rows)).select(
        unit="town", task_id="id", problem="problem", treatment="treatment", due=due_date(pl.col("due"))
    )
    return tasks.sort("unit", nulls_last=True, maintain_order=True)


def _values(project: Project) -> pl.DataFrame:
    """Last year's values of every indicator in the results; empty when that year was not run."""
    year = project.year - 1
    if year not in store.years(project.store_path):
        return pl.DataFrame(schema=VALUES)
    return store.read_frame(project.store_path, "measurements", year).select(*VALUES).drop_nulls("value")
