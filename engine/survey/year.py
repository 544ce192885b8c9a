"""The year's survey by itself (居民问卷): the sampling plan, and the check of what came in so far.

Only the units and the surveys are read, so that the plan can be made before any department has sent anything.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl

from ...indicators.loader import load_indicators
from ..chance.disclosure import suppress_people, suppress_survey
from ..findings import Findings, InputError
from ..intake.desk import open_desk
from ..intake.gather import read_input
from ..run import Progress
from ..settings.forms import complete_inputs
from ..settings.project import Project
from .check import Check, check_surveys
from .plan import AGE, SEX, Plan, make_plan


@dataclass(frozen=True)
class SurveyYear:
    """The plan of the year and the check of each survey that has answers; ``findings`` are what was met on the way.

    The tables of the checks have the column suppressed: which counts may not be shown.
    """

    plan: Plan
    checks: tuple[Check, ...]
    findings: Findings


def look_at_survey(project: Project, progress: Progress) -> SurveyYear:
    """Plan and check. A survey whose file is not there yet has no answers; any other fault raises InputError."""
    findings = Findings()
    library = load_indicators(
        project.project.indicators, project.root, findings, inputs=tuple(project.inputs),
        dimension_names=project.project.dimensions,
    )  # fmt: skip
    completed = complete_inputs(project, library, Findings())  # other inputs are not looked at here
    findings = Findings([f for f in findings if f.level == "error"])
    findings.raise_if_errors()
    desk, _ = open_desk(completed, findings)
    surveys = {
        name: item.model_copy(update={"optional": True})
        for name, item in completed.inputs.items()
        if item.kind == "survey" and (not item.years or project.year in item.years)
    }
    evidence = {}
    for done, (name, item) in enumerate(surveys.items()):
        progress("intake", done, len(surveys), item.title or name)
        read = read_input(name, item, desk)
        if read is not None:
            evidence[name] = read
    progress("intake", len(surveys), len(surveys), "")
    if findings.errors:
        raise InputError(findings)
    checks = check_surveys(evidence, desk.units, project.survey, findings)
    fewest = project.small_numbers.disclosure
    return SurveyYear(
        make_plan(desk.units, project.survey), tuple(_protected(check, fewest) for check in checks), findings
    )


def _protected(check: Check, fewest: int) -> Check:
    """The check with suppressed in both of its tables."""
    tree = check.units.select("parent", code="unit")
    units = suppress_survey(check.units.with_columns(question=pl.lit("")), tree, fewest).drop("question")
    return replace(check, units=units, people=suppress_people(check.people, (SEX, AGE), fewest))
