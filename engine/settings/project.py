"""The project (体检项目): `tijian.toml` → a frozen, validated :class:`Project`.

Everything a district chooses stands in this one file; every key is declared below and an unknown key is refused
with the allowed ones listed. Paths are relative to the folder of the file (inputs: to ``project.data``), and
``{year}`` in an input's path is the year of the run, so one project folder serves several years.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, Field, ValidationError, model_validator

from ...indicators.fields import Strict
from ..findings import Findings, Place
from .project_words import likely_meant, tell_toml, wanted_instead
from .scheme import Budget, Robustness, Scoring, Screening, SmallNumbers, Types

FILE_NAME = "tijian.toml"
LONGEST_NAME = 255  # bytes of a file's name

LevelName = Literal["district", "town", "community"]


class ProjectHead(Strict):
    """`[project]`: what is examined, when, by which indicator systems (体检对象、年份、指标体系)."""

    name: str
    district: str
    year: int = Field(ge=2000, le=2100)
    indicators: tuple[str, ...] = ("national-2025", "national-2022")
    dimensions: dict[str, str] = {}  # how the project names dimensions that a system leaves to be named
    synthetic: str = ""
    data: str = "."
    crs: str = "auto"
    edition: Literal["shanghai", "national"] = "shanghai"


class Boundary(Strict):
    """`[[units.boundaries]]`: one layer of unit polygons (边界图层), matched by code, else by name."""

    file: str
    level: LevelName | None = None
    layer: str | None = None
    code: str | None = None
    name: str | None = None
    crs: str | None = None


class UnitsSource(Strict):
    """`[units]`: the table of units (体检单元), or boundary layers from which units are made."""

    file: str | None = None
    sheet: str | None = None
    columns: dict[str, str] = {}
    level: LevelName | None = None  # when the table has no level column: every row is of this level
    check_codes: bool = True
    boundaries: tuple[Boundary, ...] = ()


class Input(Strict):
    """`[inputs.NAME]`: one input (数据输入), its file and how its columns are read.

    ``kind`` records 明细 (a row per thing), figures 填报表 (a row per unit, items as columns, or ``layout =
    "long"``: unit × item × value), reported 直接上报值 (unit × item × value, the rate alone), survey 问卷,
    tickets 工单, layer 图层. ``columns`` maps our name → the header in the file; ``unit`` and ``within`` are the
    headers that name the unit and its parent (or ``at`` names the one unit the input is about); without them a
    record is placed by its geometry. ``{year}`` in paths and in the value's header is the year of the run. What is
    left out is taken from the form of the same name in the indicator sets (``engine/settings/forms.py``). Files ``*.parquet`` are
    a data set (``engine/data_set.py``): records with a column of unit codes, never loaded.
    """

    kind: Literal["records", "figures", "reported", "survey", "tickets", "layer"] | None = None
    title: str = ""
    file: str | tuple[str, ...] = ()
    sheet: str | None = None
    layer: str | None = None
    header_row: int | None = None
    unit: str | None = None
    within: str | None = None
    level: LevelName | None = None
    columns: dict[str, str] = {}
    types: dict[str, Literal["text", "number", "integer", "yesno", "date"]] = {}
    units_of: dict[str, str] = {}
    limits: dict[str, tuple[float | None, float | None]] = {}
    required: tuple[str, ...] = ()
    fill_down: tuple[str, ...] = ()
    key: str | None = None
    layout: Literal["wide", "long"] = "wide"
    item: str | None = None
    value: str | None = None
    x: str | None = None
    y: str | None = None
    crs: str | None = None
    where: str | None = None
    at: str | None = None  # the whole input is about this one unit (name or code)
    years: tuple[int, ...] = ()  # used only in these years; empty: every year
    lenient: bool = False  # a cell that cannot be read as a number is missing with a warning, not an error
    tags: dict[str, tuple[str, ...]] = {}
    walkable: bool = False  # of an OSM extract: the ways one may walk on, whatever ``tags`` would say
    geometry: Literal["point", "line", "polygon"] | None = None
    questions: dict[str, str] = {}
    answers: dict[str, float] = {}
    provider: str = ""  # 数据提供单位
    optional: bool = False
    empty_means_none: bool = (
        False  # a file with a header and no rows says that nothing happened: every unit has 0
    )
    complete: bool = (
        True  # the rows cover every unit: one without a row has none, rather than not being examined
    )

    @property
    def files(self) -> tuple[str, ...]:
        """The input's paths as written, always a tuple."""
        return (self.file,) if isinstance(self.file, str) else self.file


class Diagnosis(Strict):
    """`[diagnosis]`: when an indicator counts as a shortfall (短板判定规则)."""

    peer_sd: float = Field(default=1.0, gt=0)
    worsening: float = Field(default=0.05, ge=0)
    dissatisfied: float = Field(default=60, ge=0, le=100)
    minimum_answers: int = Field(default=6, ge=1)


class SurveyPopulation(Strict):
    """`[survey.population]`: what share of the people is of each sex and age (人口结构); answers are weighted to it."""

    sex: dict[str, float] = {}
    age: dict[str, float] = {}

    @model_validator(mode="after")
    def _shares(self) -> SurveyPopulation:
        for name, shares in (("sex", self.sex), ("age", self.age)):
            if shares and (min(shares.values()) <= 0 or abs(sum(shares.values()) - 1) > 0.01):
                raise ValueError(f"{name} 的各项应大于 0，加起来等于 1（写小数，如 0.48）")
        return self


class Survey(Strict):
    """`[survey]`: how many answers are wanted and from whom (抽样要求), and how they are counted and weighted.

    The figures are the Ministry's handbook's (2025 年城市体检工作手册, 居民问卷抽样调查); its 1,500 answers are for a
    city, so a district may set less. ``per_mille`` left out: by the size of the population (``survey/plan.py``).
    """

    per_unit: int = Field(default=6, ge=1)
    per_mille: float | None = Field(default=None, gt=0, le=1000)
    minimum_total: int = Field(default=1500, ge=0)
    ages: dict[str, float] = {"16–30岁": 0.30, "30–60岁": 0.55, "60岁以上": 0.15}
    age_tolerance: float = Field(default=0.05, ge=0, le=1)
    women_at_most: float = Field(default=0.70, gt=0, le=1)
    officials_at_most: float = Field(default=0.15, gt=0, le=1)
    officials: tuple[str, ...] = (
        "机关",
        "事业",
        "公务员",
    )  # an occupation with one of these words is an official's
    count_pasted_once: bool = True
    weights_between: tuple[float, float] = (0.3, 3.0)
    population: SurveyPopulation = SurveyPopulation()

    @model_validator(mode="after")
    def _sound(self) -> Survey:
        if not self.ages or abs(sum(self.ages.values()) - 1) > 0.01:
            raise ValueError("ages 各年龄段的占比加起来应等于 1")
        low, high = self.weights_between
        if not 0 < low <= 1 <= high:
            raise ValueError("weights_between 应写成 [不大于1的正数, 不小于1的数]")
        return self


class Space(Strict):
    """`[space]`: how walking distances are reckoned (步行距离的口径).

    ``junctions``: where lines of a walking network meet. shared 共用节点, as OSM ways do; touch also where an end comes
    within half a metre of another line; crossings also wherever lines cross; auto: shared for OSM, touch for others.
    """

    walk_speed_m_s: float = Field(default=1.2, gt=0, le=3)
    snap_m: float = Field(default=200, gt=0)
    junctions: Literal["auto", "shared", "touch", "crossings"] = "auto"


class Lists(Strict):
    """`[lists]`: what the table and the lists are called, and how many things a row names."""

    table: str = "指标评估表"
    strengths: str = "优势清单"
    problems: str = "问题清单"
    remedies: str = "整治建议清单"
    ledger: str = "问题台账"
    projects: str = ""  # the further list 更新项目清单 is made when it is given a name
    name_things: int = Field(default=3, ge=1)


class Siting(Strict):
    """`[siting]`: how many places for new facilities are proposed in each town, and from which (选址建议).

    ``candidates``: the input whose places are to choose from, by default where the unserved are; ``minimum_share``: of
    the town's demand, below which a site is not worth it; ``together``: the best of so many sites, rather than each the
    best after those before it.
    """

    candidates: str = ""
    per_town: int = Field(default=3, ge=0, le=20)
    minimum_share: float = Field(default=0.01, ge=0, le=1)
    together: bool = False


class Project(Strict):
    """A project as validated; ``root`` is its folder, absolute."""

    root: Annotated[Path, Field(exclude=True)]
    project: ProjectHead
    units: UnitsSource
    names: str = "names.csv"
    corrections: str = "corrections.toml"
    inputs: dict[str, Input] = {}
    scoring: Scoring = Scoring()
    robustness: Robustness = Robustness()
    types: Types = Types()
    screening: Screening = Screening()
    budget: Budget = Budget()
    small_numbers: SmallNumbers = SmallNumbers()
    diagnosis: Diagnosis = Diagnosis()
    survey: Survey = Survey()
    space: Space = Space()
    lists: Lists = Lists()
    siting: Siting = Siting()
    topics: dict[str, tuple[str, ...]] = {}

    @property
    def year(self) -> int:
        """The year examined (体检年份)."""
        return self.project.year

    @property
    def fewest_answers(self) -> int:
        """How many answers a satisfaction score needs: to be sure enough of it, and so that nobody is made out."""
        return max(self.diagnosis.minimum_answers, self.small_numbers.disclosure)

    @property
    def store_path(self) -> Path:
        """Where results are kept: `results.duckdb` in the project folder."""
        return self.root / "results.duckdb"

    @property
    def out(self) -> Path:
        """Where this year's prints go: `out/<year>`."""
        return self.root / "out" / str(self.year)

    def path(self, relative: str) -> Path:
        """A file of the project folder itself (units, names, corrections)."""
        return self.root / relative

    def input_path(self, relative: str) -> Path:
        """A file of the data folder, with ``{year}`` filled in."""
        return Path(
            os.path.realpath(self.root / self.project.data / relative.replace("{year}", str(self.year)))
        )

    def for_year(self, year: int) -> Project:
        """The same project, run for another year."""
        return self.model_copy(update={"project": self.project.model_copy(update={"year": year})})


def load_project(folder: Path, findings: Findings) -> Project | None:
    """Read ``folder/tijian.toml``; None (and findings P001–P003) when it cannot be used."""
    path = folder / FILE_NAME
    place = Place(file=FILE_NAME)
    if not path.is_file():
        with_ending = folder / f"{FILE_NAME}.txt"
        right = (
            f"把 {with_ending.name} 改名为 {FILE_NAME}"
            if with_ending.is_file()
            else f"一个含 {FILE_NAME} 的目录"
        )
        findings.add("P001", Place(file=str(path)), expected=right)
        return None
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as fault:
        tell_toml(fault, "P002", path, place, findings)
        return None
    try:
        project = Project(root=folder.resolve(), **raw)
        sound = [_stays_inside(project, place, findings), _knows_candidates(project, place, findings)]
        return project if all(sound) else None
    except ValidationError as fault:
        for error in fault.errors():
            _explain(error, place, findings)
    except TypeError:  # a top-level key named `root` collides with ours
        findings.add("P003", place.at(column="root"), value="root", field="root", detail="没有这个键",
                     expected="不使用 root 作键名")  # fmt: skip
    return None


def _knows_candidates(project: Project, place: Place, findings: Findings) -> bool:
    """Whether `[siting] candidates` names an input of the project; else P003."""
    name = project.siting.candidates
    if name and name not in project.inputs:
        findings.add("P003", place.at(column="siting.candidates"), value=name, field="siting.candidates",
                     detail="没有这项输入", expected="[inputs] 中的段名：" + "、".join(project.inputs))  # fmt: skip
    return not name or name in project.inputs


def _stays_inside(project: Project, place: Place, findings: Findings) -> bool:
    """Whether every file that is named lies, links followed, in the project's folder or its data folder; else P026."""
    given, told = project.scoring.weighting, len(findings)
    named: dict[str, Sequence[str | None]] = {
        "names": [project.names], "corrections": [project.corrections], "units.file": [project.units.file],
        "units.boundaries": [b.file for b in project.units.boundaries], "budget.file": [project.budget.file],
        "scoring.weighting.judgements": [given.judgements],
    }  # fmt: skip
    named |= {f"inputs.{name}.file": item.files for name, item in project.inputs.items()}
    homes = [os.path.realpath(home) for home in (project.root, project.root / project.project.data)]
    of_data = ("inputs.", "units.boundaries", "budget.")
    for field, files in named.items():
        home = project.root / project.project.data if field.startswith(of_data) else project.root
        for written in (file for file in files if file):
            detail = _outside(home / written.replace("{year}", str(project.year)), homes)
            if detail:
                findings.add("P026", place.at(column=field), value=written, field=field, detail=detail,
                             expected="项目目录或 data 目录里的文件")  # fmt: skip
    return len(findings) == told


def _outside(path: Path, homes: list[str]) -> str:
    """What is wrong with where a file lies; nothing where it lies in one of ``homes``."""
    try:
        real = Path(os.path.realpath(path))
    except ValueError:  # a byte that no file name has
        return "含有文件名里不能有的字符"
    if any(len(os.fsencode(part)) > LONGEST_NAME for part in path.parts):
        return f"里有一段名称太长（最多 {LONGEST_NAME} 个字节）"
    return "" if any(real.is_relative_to(home) for home in homes) else "不在项目目录和 data 目录里"


def _explain(error: object, place: Place, findings: Findings) -> None:
    """One pydantic error as a finding."""
    told = explained(error)
    findings.add("P003", place.at(column=told["field"]), **told)


def explained(error: object, within: tuple[str, ...] = ()) -> dict[str, Any]:
    """One pydantic error in Chinese: its field, value, detail and what is expected, the allowed keys of an unknown one.

    ``within``: where in the project's file what was validated stands.
    """
    row = dict(error)  # type: ignore[call-overload]
    location = [*within, *(str(part) for part in row["loc"])]
    field, kind = ".".join(location), row["type"]
    if kind == "extra_forbidden":
        allowed = [name for name in model_at(location[:-1]).model_fields if name != "root"]
        near = get_close_matches(location[-1], allowed, n=1)
        detail = "没有这个键" + (f"，相近的是“{near[0]}”" if near else "")
        return {
            "field": field,
            "value": location[-1],
            "detail": detail,
            "expected": "可用的键：" + "、".join(allowed),
        }
    if kind == "missing":
        return {"field": field, "value": "", "detail": "缺少这一项", "expected": "必须填写"}
    wanted = wanted_instead(kind, row.get("ctx", {}), row["msg"])
    known = model_at(location[:-1]).model_fields.get(location[-1]) if location else None
    wanted = likely_meant(row.get("input"), known, wanted) + wanted
    return {"field": field, "value": row.get("input", ""), "detail": "类型或取值不符", "expected": wanted}


def model_at(location: Sequence[str]) -> type[BaseModel]:
    """The model of a place of the file, found by following the models' own fields: its keys are those allowed there."""
    model: type[BaseModel] = Project
    for part in location:
        field = model.model_fields.get(part)
        model = _model_in(field.annotation if field else None) or model
    return model


def _model_in(annotation: object) -> type[BaseModel] | None:
    """The model a field holds, also as the values of a table or the items of a list; None for plain values."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for m in map(_model_in, get_args(annotation)) if m), None)
