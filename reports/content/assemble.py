"""From a kind of report and a key to the report: the one list of what can be printed."""

from __future__ import annotations

from collections.abc import Callable

from ..blocks import Report
from ..view import View
from .community import community_report
from .department import department_report
from .district import district_report
from .national import national_report
from .supervision import supervision_report
from .topic import topic_report
from .town import town_report

_KINDS: dict[str, Callable[[View, str], Report]] = {
    "district": lambda view, _: district_report(view),
    "national": lambda view, _: national_report(view),
    "town": town_report,
    "community": community_report,
    "topic": topic_report,
    "department": department_report,
    "supervision": supervision_report,
}


def assemble(view: View, kind: str, key: str) -> Report:
    """The report of ``kind`` (district, national, town, community, topic, department, supervision) on ``key``.

    Raises KeyError for an unknown kind, unit or topic.
    """
    return _KINDS[kind](view, key)
