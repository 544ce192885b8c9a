"""The whole of scoring (计分全过程): what there is to score, and the one function from values to totals.

A run calls :func:`score_all` once; robustness calls it again with an edited scheme, on the same basis. It reads no file
and draws nothing that its arguments do not say.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from ...indicators.model import Indicator
from ..chance.differences import with_differences
from ..evidence import Comparison
from ..results import empty
from ..settings.scheme import Scoring
from ..years.comparable import LINKS
from .dimension import score_dimensions
from .drawn import with_rank_intervals
from .ministry import grade_aspects, grade_indicators
from .past import with_past
from .score import score_indicators
from .total import score_totals
from .tree import weigh_dimensions, weigh_indicators


@dataclass(frozen=True)
class Basis:
    """What is scored (计分的依据): everything scoring looks at but the scheme.

    ``measurements``, ``units`` and ``survey`` as in the results' schemas; ``names`` the dimensions in order;
    ``before`` what is known of last year (:func:`~tijian.engine.years.earlier.last_year`; :func:`nothing_before` where nothing is);
    ``earlier`` the values of all earlier years (year, unit, indicator, value); ``judgements`` the experts' comparisons;
    ``peers`` (unit, peer_group) whom each unit is compared with (None: all of its level).
    """

    measurements: pl.DataFrame
    units: pl.DataFrame
    survey: pl.DataFrame
    indicators: tuple[Indicator, ...]
    names: tuple[str, ...]
    year: int
    before: dict[str, pl.DataFrame]
    earlier: pl.DataFrame
    judgements: tuple[Comparison, ...] = ()
    peers: pl.DataFrame | None = None


def nothing_before() -> dict[str, pl.DataFrame]:
    """What is known of last year where nothing is: the frames of :attr:`Basis.before`, empty."""
    printed = pl.lit(None, dtype=pl.Float64)
    scored = {name: empty(name).with_columns(printed=printed) for name in ("scores", "dimensions", "totals")}
    return {"measurements": empty("measurements"), "links": pl.DataFrame(schema=LINKS)} | scored


def score_all(basis: Basis, scheme: Scoring) -> dict[str, pl.DataFrame]:
    """The frames ``scores``, ``weights``, ``dimensions`` and ``totals``, each beside last year's, and ``aspects``.

    ``aspects`` is the Ministry's grading; ``weights`` those of the whole tree.
    """
    made = score_tree(basis, scheme)
    directions: dict[str, str] = {i.code: i.direction for i in basis.indicators}
    scores = with_differences(made["scores"], basis.measurements, basis.before["measurements"], directions)
    scores = grade_indicators(scores, basis.measurements, basis.indicators, scheme, basis.year)
    totals = _with_satisfaction(with_rank_intervals(made, scheme), basis.survey)
    scored = {"scores": scores, "dimensions": made["dimensions"], "totals": totals}
    beside = with_past(scored, basis.before, {i.code: i.name for i in basis.indicators})
    return beside | {
        "weights": made["weights"],
        "aspects": grade_aspects(scores, basis.indicators, scheme.ministry, basis.names),
    }


def score_tree(basis: Basis, scheme: Scoring) -> dict[str, pl.DataFrame]:
    """Scores, weights, dimensions and totals and nothing beside them: what a re-run for robustness looks at."""
    units = (
        basis.units if basis.peers is None else basis.units.join(basis.peers, left_on="code", right_on="unit")
    )
    scores = score_indicators(
        basis.measurements, units, basis.indicators, scheme, basis.year, basis.survey,
        basis.before["measurements"], basis.earlier,
    )  # fmt: skip
    of_indicators = weigh_indicators(scores, basis.indicators, scheme, basis.judgements)
    dimensions = score_dimensions(scores, basis.names, scheme, of_indicators)
    of_dimensions = weigh_dimensions(dimensions, basis.names, scheme, basis.judgements)
    return {
        "scores": scores,
        "weights": pl.concat([of_dimensions, of_indicators]),
        "dimensions": dimensions,
        "totals": score_totals(dimensions, basis.names, scheme, of_dimensions),
    }


def _with_satisfaction(totals: pl.DataFrame, survey: pl.DataFrame) -> pl.DataFrame:
    """satisfaction: the mean over a unit's questions that enough people answered, by number of answers."""
    answered = survey.filter(pl.col("note").is_null()).sort("unit", "question")
    # sorted, because how a group is summed, and so its last digit, depends on whether it is known to be
    overall = answered.group_by("unit", maintain_order=True).agg(
        ((pl.col("score") * pl.col("answers")).sum() / pl.col("answers").sum()).alias("_overall")
    )
    return (
        totals.join(overall, on="unit", how="left", maintain_order="left")
        .with_columns(satisfaction="_overall")
        .drop("_overall")
    )
