"""Boundaries of units (单元边界): read from layers, checked, and put under their parents.

Real boundaries have flaws: rings that cross themselves, neighbours that overlap, slivers that belong to nobody,
communities that stick out of their town. None of these stops a run; each is told with its size in m², since it moves
what is counted where. Only a unit drawn twice under one code is an error: nobody could say which drawing is meant.

Definitions. An *overlap* is ground that two units of one level both claim. A *gap* of a level is ground shut in by the
units of that level, or inside the district where its polygon is known, that none of them claims. Overlaps and pieces
of gaps under 1 m² come from rounding and are passed over. A child lies *in its parent* when 99 % of its area does.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import shapely

from ...findings import Findings, Place, catalogue
from ...results import LEVEL_NAMES, LEVELS
from .geometry import MANY, Shapes
from .layers import read_layer

LEAST_M2 = 1.0
INSIDE_SHARE = 0.99
NAMES_TOLD = 8


def read_boundaries(
    path: Path,
    *,
    layer: str | None,
    crs: str | None,
    code: str | None,
    name: str | None,
    target_crs: str,
    findings: Findings,
    shown_as: str,
) -> pl.DataFrame | None:
    """Polygons of a layer: ``code``, ``name`` (text; null without such a column), ``wkb`` (metres), evidence columns.

    None, with findings, when the layer cannot be read. Features without a polygon are left out (G004); a unit drawn
    twice is G034.
    """  # fmt: skip
    columns = {ours: header for ours, header in (("code", code), ("name", name)) if header is not None}
    read = read_layer(path, layer=layer, crs=crs, columns=columns, target_crs=target_crs, findings=findings,
                      shown_as=shown_as, types=dict.fromkeys(columns, "text"))  # fmt: skip
    if read is None:
        return None
    absent = [pl.lit(None, dtype=pl.String).alias(c) for c in ("code", "name") if c not in columns]
    read = read.with_columns(absent).with_columns(pl.col("code", "name").str.strip_chars().replace("", None))
    shapes = np.asarray(shapely.from_wkb(read["_wkb"].to_numpy()), dtype=object)
    there, area = ~shapely.is_missing(shapes), shapely.get_dimensions(shapes) == 2
    for row in read.filter(pl.Series(there & ~area)).iter_rows(named=True):
        findings.add("G004", Place(row["_file"], row["_sheet"], row["_row"]), expected="面状图形")
    frame = read.filter(pl.Series(area)).select(
        "code", "name", pl.col("_wkb").alias("wkb"), "_file", "_sheet", "_row"
    )
    _tell_twice(frame, "name" if code is None else "code", code or name or "", findings)
    return frame


def _tell_twice(frame: pl.DataFrame, key: str, header: str, findings: Findings) -> None:
    """G034 for each later polygon whose key was there already."""
    first: dict[str, int] = {}
    for row in frame.filter(pl.col(key).is_not_null()).iter_rows(named=True):
        before = first.setdefault(row[key], row["_row"])
        if before != row["_row"]:
            place = Place(row["_file"], row["_sheet"], row["_row"], header)
            findings.add("G034", place, value=row[key], first=before, expected="每个单元一个图形")


def parent_by_overlap(children: list[bytes], parents: list[bytes]) -> list[int]:
    """For each child polygon the index of the parent it shares most ground with, the lowest of equals.

    A child that touches no parent gets the nearest one: every unit has a parent, and :func:`check_boundaries` names
    the child. Raises ValueError when there are children but no parents.
    """
    if children and not parents:
        raise ValueError("no parents to choose from")
    small, large = _polygons(children), _polygons(parents)
    best = np.full(len(small), -1, dtype=np.int64)
    most = np.zeros(len(small))
    tree = shapely.STRtree(large)
    child, parent = tree.query(small, predicate="intersects")
    shared = shapely.area(shapely.intersection(small[child], large[parent]))
    for c, p, area in sorted(zip(child.tolist(), parent.tolist(), shared.tolist(), strict=True)):
        if area > most[c]:
            best[c], most[c] = p, area
    for c in np.flatnonzero(best < 0):
        best[c] = int(np.argmin(shapely.distance(small[c], large)))
    return [int(p) for p in best]


def check_boundaries(units: pl.DataFrame, shapes: pl.DataFrame, findings: Findings, *, shown_as: str) -> None:
    """Overlaps (G031), gaps (G032), children outside their parent (G033) and units without a polygon (G035).

    ``units`` as in ``SCHEMAS["units"]``; ``shapes`` has ``unit`` and ``wkb`` in metres, both in the run's metric CRS.
    A level none of whose units has a polygon is not examined: the project works without boundaries there.
    """
    place = Place(shown_as)
    known = units.join(shapes.select(code="unit", wkb="wkb"), on="code", how="left").sort("code")
    drawn = known.filter(pl.col("wkb").is_not_null())
    district = drawn.filter(pl.col("level") == "district")
    around = shapely.union_all(_polygons(district["wkb"].to_list())) if district.height else None
    for level in LEVELS:
        here = drawn.filter(pl.col("level") == level)
        if here.is_empty():
            continue
        polygons = _polygons(here["wkb"].to_list())
        _tell_without(
            known.filter((pl.col("level") == level) & pl.col("wkb").is_null()), level, place, findings
        )
        if level != "district":
            _tell_overlaps(here["name"].to_list(), polygons, place, findings)
            _tell_gaps(here["name"].to_list(), polygons, around, level, _district_name(units), place, findings)  # fmt: skip
    _tell_outside(drawn, place, findings)


def overlaps(
    polygons: Shapes,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """(index, other index, m²) of each pair of polygons that share at least 1 m², index < other, in order."""
    tree = shapely.STRtree(polygons)
    one, other = tree.query(polygons, predicate="intersects")
    once = one < other
    one, other = one[once], other[once]
    shared = shapely.area(shapely.intersection(polygons[one], polygons[other]))
    kept = shared >= LEAST_M2
    order = np.lexsort((other[kept], one[kept]))
    return one[kept][order], other[kept][order], shared[kept][order]


def gaps(polygons: Shapes, around: shapely.Geometry | None) -> Shapes:
    """The pieces of ground of at least 1 m², largest first, shut in by the polygons or inside ``around``, in none."""
    union = shapely.union_all(polygons)
    rings = shapely.get_exterior_ring(shapely.get_parts(union))
    whole = shapely.union_all(shapely.polygons(rings))
    if around is not None:
        whole = shapely.union(whole, around)
    pieces = shapely.get_parts(shapely.difference(whole, union))
    pieces = pieces[shapely.area(pieces) >= LEAST_M2]
    return np.asarray(pieces[np.argsort(-shapely.area(pieces), kind="stable")], dtype=object)


def _polygons(wkb: list[bytes]) -> Shapes:
    return np.asarray(shapely.from_wkb(np.array(wkb, dtype=object)), dtype=object)


def _district_name(units: pl.DataFrame) -> str:
    names = units.filter(pl.col("level") == "district")["name"]
    return str(names[0]) if len(names) else "全区"


def _square_metres(area: float) -> str:
    return f"{area:,.0f}"


def _tell_without(missing: pl.DataFrame, level: str, place: Place, findings: Findings) -> None:
    """G035 for a level of which some units have a polygon and some have none."""
    if missing.is_empty():
        return
    names = missing["name"].to_list()
    shown = "、".join(names[:NAMES_TOLD]) + ("等" if len(names) > NAMES_TOLD else "")
    findings.add(
        "G035", place, level=LEVEL_NAMES[level], count=len(names), names=shown, expected="每个单元一个图形"
    )


def _tell_overlaps(names: list[str], polygons: Shapes, place: Place, findings: Findings) -> None:
    """G031 for each pair, the largest first; beyond MANY they are only counted."""
    one, other, area = overlaps(polygons)
    order = np.argsort(-area, kind="stable")
    for i in order[:MANY]:
        findings.add("G031", place, value=_square_metres(area[i]), name=names[one[i]], other=names[other[i]],
                     expected="共用一条边线")  # fmt: skip
    if len(order) > MANY:
        findings.add("G023", place, what=catalogue()["G031"].title, count=len(order) - MANY)


def _tell_gaps(
    names: list[str],
    polygons: Shapes,
    around: shapely.Geometry | None,
    level: str,
    within: str,
    place: Place,
    findings: Findings,
) -> None:
    """G032: the ground of a level that is nobody's, in all, and beside which unit the largest piece lies."""
    pieces = gaps(polygons, around)
    if not len(pieces):
        return
    nearest = names[int(np.argmin(shapely.distance(polygons, pieces[0])))]
    near = (
        f"，共 {len(pieces)} 处，最大的一处 {_square_metres(shapely.area(pieces[0]))} 平方米，在{nearest}旁"
    )
    findings.add("G032", place, value=_square_metres(float(shapely.area(pieces).sum())), within=within,
                 level=LEVEL_NAMES[level], near=near, expected="相邻单元共用边线")  # fmt: skip


def _tell_outside(drawn: pl.DataFrame, place: Place, findings: Findings) -> None:
    """G033 for each unit of whose area less than 99 % lies in its parent; beyond MANY the worst, the rest only counted."""
    parents = drawn.select(parent="code", _parent_name="name", _parent_wkb="wkb")
    pairs = drawn.join(parents, on="parent", how="inner").sort("code")
    small, large = _polygons(pairs["wkb"].to_list()), _polygons(pairs["_parent_wkb"].to_list())
    share = shapely.area(shapely.intersection(small, large)) / shapely.area(small)
    outside = np.flatnonzero(share < INSIDE_SHARE)
    for i in np.sort(outside[np.argsort(share[outside], kind="stable")][:MANY]):
        findings.add("G033", place, value=f"{np.floor(1e4 * share[i]) / 100:.2f}%", name=pairs["name"][int(i)],
                     parent=pairs["_parent_name"][int(i)], expected="99% 以上")  # fmt: skip
    if len(outside) > MANY:
        findings.add("G023", place, what=catalogue()["G033"].title, count=len(outside) - MANY)
