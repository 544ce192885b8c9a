"""The spine (脊线) of one indicator: where a unit stands among its peers, whatever the indicator's direction.

After the spine charts of England's Health Profiles: the range over all peers, the middle half, the median,
the standard and this unit on one line; the dot tells whether the unit is better or worse than the district, beyond what
chance explains. Positions run 0–1 over the range of the peers, the unit and the standard, turned so that **worse is left
and better right**. A 适度 indicator has no better side, so no spine.
"""

from __future__ import annotations

from ...engine.chance.differences import BETTER, SAME
from ...engine.results import LEVELS
from .. import numbers
from ..view import Row
from .table import Spine

# a standard further outside the peers' range than this share of it would squeeze the peers together
_FAR = 0.6
_OTHERS = {"district": "全区", "peers": "同类", "previous": "上年"}


def comparable(indicator: Row) -> bool:
    """True when units are compared on the printed value; counts (栋、处, places missing) are compared by their rate."""
    return indicator["method"] != "count" and indicator["compared_unit"] in (None, indicator["unit"])


def spine_of(row: Row, indicator: Row) -> Spine | None:
    """The spine of one row of ``scores``; None without peers, without spread or for a 适度 indicator."""
    five = [row[k] for k in ("peer_low", "peer_q1", "peer_median", "peer_q3", "peer_high")]
    if indicator["direction"] not in ("higher", "lower") or not all(numbers.known(v) for v in five):
        return None
    here = row["compared"] if numbers.known(row["compared"]) else None
    shown = [v for v in (*five, here) if v is not None]
    # a count's standard is stated in things, its comparison in a rate: only “none at all” means the same in both
    stated = indicator["target"] if comparable(indicator) or indicator["target"] == 0 else None
    target = _near(stated, min(shown), max(shown))
    low, high = min([*shown, *target]), max([*shown, *target])
    if high <= low:
        return None
    if indicator["direction"] == "lower":
        five = five[::-1]

    def place(value: float) -> float:
        share = (value - low) / (high - low)
        return 1 - share if indicator["direction"] == "lower" else share

    at = [place(v) for v in five]
    return Spine(
        at[0], at[1], at[2], at[3], at[4],
        None if here is None else place(here),
        place(target[0]) if target else None,
        row["than_district"] if row["level"] != LEVELS[0] else None,
        _words(row),
    )  # fmt: skip


def _near(target: float | None, low: float, high: float) -> list[float]:
    """The standard as a list of one, or nothing when it is missing or far off the peers' range."""
    if target is None or not numbers.known(target):
        return []
    far = _FAR * (high - low)
    return [target] if low - far <= target <= high + far else []


def _words(row: Row) -> str:
    """What the drawing says: better, worse or no different from the district and the peers."""
    if not numbers.known(row["compared"]):
        return "无数据"
    if row["level"] == LEVELS[0]:
        return "全区值在下级单元中的位置"
    said = [than_said(row[f"than_{key}"], key) for key in ("district", "peers")]
    return "，".join(s for s in said if s) or "未作比较"


def than_said(verdict: str | None, key: str) -> str:
    """``优于全区``, ``与同类无明显差异``, ``较上年变差``: a verdict (``key`` district, peers or previous) in words, or nothing."""
    if verdict is None:
        return ""
    other = _OTHERS[key]
    if verdict == SAME:
        return f"与{other}无明显差异"
    if key == "previous":
        return f"较{other}{'改善' if verdict == BETTER else '变差'}"
    return f"{'优于' if verdict == BETTER else '差于'}{other}"
