"""The whole run (一次体检), in order: the one function that tells the pipeline.

    read → measure → score → analyse → diagnose → list → store

Each step is a pure function over the frames of the step before; reading happens in ``intake`` and writing in
``store``. ``run(…, until="scoring")`` stops after the step named.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property

import polars as pl

from .. import __version__
from ..indicators.loader import Library, indicator_frame, load_indicators
from . import lists
from .analysis.budget import check_projects
from .analysis.everything import analyse
from .analysis.unit_types import check_features, type_units
from .chance.disclosure import suppress_survey, suppress_tickets, withhold_answers
from .chance.measured import mark_small, with_shrunk, with_survey_intervals
from .diagnosis import everything as diagnosis
from .diagnosis.targets import track_targets
from .evidence import Elsewhere, Gathered, Querying
from .findings import Findings, Place
from .intake.gather import gather
from .intake.judgements import check_weighted_dimensions, read_judgements
from .measure.aggregate_sql import querying as querying_here
from .measure.building_groups import group_buildings
from .measure.everything import measure_everything
from .measure.recall import recall_measured
from .measure.tickets import count_tickets
from .methods import everything as methods
from .peers import peer_groups, report_unknown_peers
from .results import empty
from .review.closing import last_lists, reviewed, with_last_year
from .scoring.base import SchemeError
from .scoring.everything import Basis, score_all
from .scoring.past import past_notes
from .scoring.scheme_check import check_minimums, check_scheme, check_topics
from .scoring.tree import report_fallbacks
from .screening.everything import Known, screen
from .settings.forms import complete_inputs, tell_unknown
from .settings.project import FILE_NAME, Project
from .sites.everything import propose_sites
from .storage import store
from .storage.kept import FOLDER, Kept
from .storage.lock import locked
from .storage.record import make_record, record_text, run_id
from .storage.unchanged import State, state_of
from .survey.check import check_surveys
from .survey.satisfaction import summarise, with_blocks
from .survey.weights import weigh
from .years.comparable import Link, Rules, links_back, rules_now
from .years.earlier import earlier_figures, earlier_values, last_year, report_unknown_predecessors

STAGES = ("intake", "measure", "scoring", "analysis", "diagnosis", "lists", "store")
Progress = Callable[[str, int, int, str], None]


@dataclass
class Run:
    """What a run has found out so far; ``frames`` fills up stage by stage under the names of the schemas."""

    project: Project
    findings: Findings
    library: Library
    gathered: Gathered
    kept: Kept
    state: State = field(default_factory=dict)  # of everything the run depends on, when it began
    querying: Querying | None = None  # where data sets are queried, if not here
    frames: dict[str, pl.DataFrame] = field(default_factory=dict)

    @cached_property
    def rules(self) -> Rules:
        """By what the year is measured and scored, for holding earlier years against it."""
        return rules_now(self.project, self.library, self.gathered.judgements)

    @cached_property
    def links(self) -> dict[int, dict[str, Link]]:
        """How each indicator's value of every earlier year stands to this year's."""
        return links_back(self.project.store_path, self.rules)

    @cached_property
    def earlier(self) -> pl.DataFrame:
        """The values of all earlier years (columns of HISTORY)."""
        told, changed = self.gathered.history, self.gathered.predecessors
        return earlier_values(self.project.store_path, told, self.project.year, self.links, changed)

    @cached_property
    def basis(self) -> Basis:
        """What there is to score, with what is known of earlier years; known once everything is measured."""
        path, year, given = self.project.store_path, self.project.year, self.gathered
        names = self.library.dimension_names
        return Basis(
            measurements=self.frames["measurements"], units=given.units, survey=self.frames["survey"],
            indicators=self.library.indicators, names=names, year=year,
            before=last_year(path, given.history, self.rules, self.links, given.predecessors, names),
            earlier=self.earlier, judgements=given.judgements,
            peers=peer_groups(given.units, self.frames["types"], self.project.small_numbers),
        )  # fmt: skip


def check(project: Project, findings: Findings, progress: Progress) -> Run:
    """Read and measure everything, to list every fault that would stop or blemish a run; nothing is written."""
    state = read(project, findings, progress, kept_of(project, writing=False))
    _measure(state, progress)
    return state


def kept_of(project: Project, *, writing: bool) -> Kept:
    """What earlier runs of the project's year worked out."""
    return Kept(project.root / FOLDER / str(project.year), writing)


def read(
    project: Project, findings: Findings, progress: Progress, kept: Kept, elsewhere: Elsewhere | None = None
) -> Run:
    """Definitions and evidence, with a finding for every fault met; data sets are looked at ``elsewhere``, or here.

    Raises InputError only where the units cannot be read at all, because nothing else can be judged then, and where
    indicators cannot be computed elsewhere: nothing is sent there then.
    """
    head = project.project
    library = load_indicators(
        head.indicators, project.root, findings, inputs=tuple(project.inputs), dimension_names=head.dimensions
    )
    stated, project = project, complete_inputs(project, library, findings)
    tell_unknown(stated, library, findings)
    querying = elsewhere.querying if elsewhere is not None else None
    if elsewhere is not None and (objections := elsewhere.objections(project, library.indicators)):
        findings.extend(objections)
        findings.raise_if_errors()
    gathered = gather(
        project, findings, lambda done, total, what: progress("intake", done, total, what),
        indicators=library.indicators, kept=kept, querying=querying or querying_here,
    )  # fmt: skip
    check_weighted_dimensions(project, library, findings)
    judgements, told_in = read_judgements(project, library, findings)
    gathered = replace(gathered, judgements=judgements, sources=(*gathered.sources, *told_in))
    report_unknown_predecessors(
        project.store_path, project.year, gathered.predecessors, gathered.units, findings
    )
    evidence = weigh(gathered.evidence, project.survey, findings)
    check_surveys(evidence, gathered.units, project.survey, findings)
    check_scheme(project.scoring, library.indicators, gathered.units, project.year, findings)
    check_features(project.types, library.indicators, findings)
    check_minimums(project.small_numbers, library.indicators, findings)
    check_topics(project.topics, library.indicators, findings)
    report_unknown_peers(gathered.units, project.small_numbers, findings)
    return Run(project, findings, library, replace(gathered, evidence=evidence), kept, querying=querying)


def run(
    project: Project, *, until: str = "store", progress: Progress, elsewhere: Elsewhere | None = None
) -> Run:
    """Run the year; data sets are queried ``elsewhere``, by default here.

    Raises InputError with every finding when the input has errors; nothing is written then.
    """
    with locked(project.root):
        began = state_of(project)
        state = read(project, Findings(), progress, kept_of(project, writing=until == "store"), elsewhere)
        state.state = began
        state.findings.raise_if_errors()
        steps: dict[str, Callable[[Run, Progress], None]] = {
            "measure": _measure, "scoring": _score, "analysis": _analyse, "diagnosis": _diagnose, "lists": _list, "store": _store,
        }  # fmt: skip
        for stage in STAGES[1 : STAGES.index(until) + 1]:
            steps[stage](state, progress)
            state.findings.raise_if_errors()
            if stage != "measure":  # the one step long enough to tell of its own progress
                progress(stage, 1, 1, "")
        state.kept.forget_the_rest()
    return state


def _measure(state: Run, progress: Progress) -> None:
    """Evidence → measurements, ledger, who is served by what, satisfaction, tickets."""
    evidence, units, year = state.gathered.evidence, state.gathered.units, state.project.year
    indicators, enough = state.library.indicators, state.project.fewest_answers
    small = state.project.small_numbers
    recalled = recall_measured(indicators, state.gathered, state.kept)
    wanted = evidence if len(recalled.known) < len(indicators) else {}
    elsewhere = state.querying(wanted) if state.querying is not None else nullcontext()
    with store.sandbox(wanted) as con, elsewhere as query:
        measured = measure_everything(
            indicators, replace(state.gathered, query=query), con, state.project.scoring, year, state.findings,
            lambda done, total, what: progress("measure", done, total, what), recalled,
        )  # fmt: skip
    survey = suppress_survey(
        summarise(evidence, units, year, minimum_answers=enough), units, small.disclosure
    )
    values = with_shrunk(with_survey_intervals(measured["measurements"], survey, indicators))
    values = mark_small(values, indicators, small.minimum, enough)
    state.frames |= measured | {
        "measurements": withhold_answers(values, survey, indicators, small.disclosure),
        "survey": with_blocks(survey, {q.id: q.block for q in state.library.questions}),
        "building_groups": group_buildings(evidence, measured["ledger"], indicators, units, year),
        "tickets": suppress_tickets(
            count_tickets(evidence, units, year, fewest=small.disclosure), units, small.disclosure
        ),
        "projects": state.gathered.candidates,
    }
    _screen(state)
    check_projects(
        state.gathered.candidates, state.frames["measurements"], units, indicators, year, state.findings
    )


def _screen(state: Run) -> None:
    """What departments stated, and what has to be asked about it."""
    project, gathered, findings = state.project, state.gathered, state.findings
    figures = earlier_figures(project.store_path, state.rules, gathered.predecessors)
    known = Known(figures, state.earlier, gathered.corrections)
    state.frames |= screen(
        gathered,
        state.frames["measurements"],
        state.library,
        known,
        project.screening,
        project.year,
        findings,
    )


def _score(state: Run, progress: Progress) -> None:
    """Measurements → who is alike, scores, dimensions, totals, each beside last year's, and how far the plan's targets are met."""
    state.frames["types"] = type_units(
        state.frames["measurements"], state.gathered.units, state.library.indicators, state.project.types,
        state.project.year,
    )  # fmt: skip
    basis = state.basis
    try:
        state.frames |= score_all(basis, state.project.scoring)
    except SchemeError as fault:
        place = Place(FILE_NAME, column="scoring")
        state.findings.add("P023", place, value=state.project.scoring.missing, detail=str(fault))
        return
    report_fallbacks(state.frames["weights"], state.project.scoring, state.findings, FILE_NAME)
    state.frames["targets"] = track_targets(
        state.frames["scores"], basis.indicators, basis.earlier, basis.year
    )


def _analyse(state: Run, progress: Progress) -> None:
    """Scores → how sure they are, what hangs together, who is alike, what would gain most."""
    state.frames |= analyse(
        state.basis,
        state.frames,
        state.project,
        lambda done, total, what: progress("analysis", done, total, what),
    )


def _diagnose(state: Run, progress: Progress) -> None:
    """Scores → shortfalls and strengths."""
    project, frames = state.project, state.frames
    judged = diagnosis.judge(
        frames["scores"], frames["measurements"], state.gathered.units, frames["survey"], state.library.indicators,
        project.diagnosis.model_copy(update={"minimum_answers": project.fewest_answers}), project.year,
        false_discovery=project.small_numbers.false_discovery,
    )  # fmt: skip
    frames |= {
        "shortfalls": diagnosis.find_shortfalls(judged, project.year),
        "strengths": diagnosis.find_strengths(judged, project.year),
    }


def _list(state: Run, progress: Progress) -> None:
    """Shortfalls, strengths, ledger and who is served → the three lists, with places for new facilities, and what became
    of last year's problems.
    """
    project, frames, units = state.project, state.frames, state.gathered.units
    indicators = state.library.indicators
    sites = propose_sites(
        frames["service"], frames["measurements"], state.gathered, indicators, project.siting, state.findings,
        lambda done, total, what: progress("lists", done, total, what),
    )  # fmt: skip
    now = {
        "problem_list": lists.list_problems(
            frames["shortfalls"], frames["ledger"], units, indicators, project.lists
        ),
        "scores": frames["scores"], "ledger": frames["ledger"], "units": units,
        "indicators": indicator_frame(state.library, project.year), "links": state.basis.before["links"],
    }  # fmt: skip
    then = last_lists(project.store_path, project.year)
    asked_there = state.querying or querying_here
    problems, judged = with_last_year(now, then, state.gathered, indicators, project.year, asked_there)
    frames |= {
        "strength_list": lists.list_strengths(frames["strengths"], units, indicators),
        "problem_list": problems,
        "sites": sites.with_columns(year=pl.lit(project.year, dtype=pl.Int64)),
        "remedy_list": lists.list_remedies(
            problems, frames["measurements"], sites, units, indicators, project.year
        ),
    }
    frames |= reviewed(judged, problems, frames["remedy_list"], units, indicators, project.year)


def _store(state: Run, progress: Progress) -> None:
    """Everything → results.duckdb, with the record the run can be made again from."""
    project, gathered = state.project, state.gathered
    record = make_record(project, state.library.indicators, state.library.forms, gathered, __version__)
    frames = state.frames | {
        "units": gathered.units,
        "shapes": gathered.shapes,
        "indicators": indicator_frame(state.library, project.year),
        "findings": state.findings.frame().with_columns(year=pl.lit(project.year, dtype=pl.Int64)),
        "inputs": _inputs_frame(gathered, project.year),
        "history": gathered.history.rename({"year": "of_year"}),
        "predecessors": gathered.predecessors,
        "runs": pl.DataFrame(
            {"year": project.year, "run_id": run_id(record), "version": __version__, "stage": "store",
             "record": record_text(record)}
        ),
    }  # fmt: skip
    state.frames = frames
    store.write_year(project.store_path, project.year, frames, _facts(state))


def _inputs_frame(gathered: Gathered, year: int) -> pl.DataFrame:
    """Which files were read, with their hashes and how many rows could not be placed."""
    rows: list[tuple[object, ...]] = [
        (year, e.name, e.input.kind, s.file, s.sha256, e.rows, e.unplaced)
        for e in gathered.evidence.values()
        for s in e.sources
    ]
    rows += [(year, "units", "units", s.file, s.sha256, gathered.units.height, 0) for s in gathered.sources]
    return pl.DataFrame(rows, schema=empty("inputs").schema, orient="row")


def _facts(state: Run) -> dict[str, str]:
    """What the reports need beside the frames."""
    project = state.project
    facts: dict[str, object] = {
        "state": state.state,
        "title": project.project.name,
        "synthetic": project.project.synthetic,
        "crs": state.gathered.crs,
        "edition": project.project.edition,
        "dimension_names": state.library.dimension_names,
        "grade_cuts": [(n, c if c != float("-inf") else None) for n, c in project.scoring.grades],
        "topics": project.topics,
        "list_names": project.lists.model_dump(
            include={"table", "strengths", "problems", "remedies", "ledger", "projects"}
        ),
        "walk_speed": project.space.walk_speed_m_s,
        "scheme": project.scoring.model_dump(mode="json"),
        "method_notes": [
            *methods.notes(project, state.library, reviewed=state.frames["reviews"].height > 0),
            *past_notes(state.frames, {i.code: i.name for i in state.library.indicators}),
        ],
    }
    return {k: json.dumps(v, ensure_ascii=False, sort_keys=True) for k, v in facts.items()}
