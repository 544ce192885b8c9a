"""OpenStreetMap extracts (.osm.pbf): the objects with given tags, as rows with a place.

An object is taken when *any* of the wanted keys holds one of its wanted values; no values means any value, and a
tag with several values (``a;b``) counts with each. What is a thing depends on the geometry asked for:

- ``point``: nodes, areas (closed ways and multipolygon relations, placed by a point inside) and open ways (half-way
  along), each once: a pharmacy drawn as a node and one drawn as its building are both one pharmacy;
- ``line``: ways, but not those that say they are areas (``area=yes``);
- ``polygon``: areas, with their holes.

The file's own coordinates are WGS84. Of a way that the extract cuts off at its edge the part within is kept; a way
with no part within lies beyond the extract and is left out (G024 says how many there are of each).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import osmium
import polars as pl
import shapely

from ...findings import Findings, Place
from ...measure.place import representative
from .geometry import Spot, mend, to_run

Tags = Mapping[str, tuple[str, ...]]
Geometry = Literal["point", "line", "polygon"]
KINDS = {"n": "node", "w": "way", "r": "relation"}


class Thing(NamedTuple):
    """One object taken from the file; ``wkb`` is hexadecimal, None when it could not be built; ``cut``: nodes missing."""

    kind: str
    number: int
    wkb: str | None
    cut: bool
    tags: dict[str, str]


def read_osm(
    path: Path,
    *,
    tags: Tags,
    geometry: Geometry,
    columns: Mapping[str, str],
    target_crs: str,
    findings: Findings,
    shown_as: str,
    only: Callable[[Mapping[str, str]], bool] | None = None,
) -> pl.DataFrame | None:
    """Objects of an OSM file, sorted by kind and number; None, with findings, when there are none or it is broken.

    Of the objects with the wanted tags only those are taken for whose tags ``only`` holds, where it is given.
    ``columns`` maps our column to the tag it holds (text; null where the object has no such tag). Columns: ``osm_id``
    (``n…``, ``w…``, ``r…``), ``name``, the declared ones, ``_wkb`` (metres of ``target_crs``), ``x``, ``y``, and the
    evidence row: ``_sheet`` is node, way or relation, ``_row`` the object's OSM number.
    """  # fmt: skip
    place = Place(shown_as)
    try:
        found = sorted(
            (t for t in _things(path, tags, geometry) if only is None or only(t.tags)),
            key=lambda t: (t.kind, t.number),
        )
    except RuntimeError as fault:
        findings.add("G040", place, detail=str(fault), expected="完整的 .osm.pbf 文件")
        return None
    things = [thing for thing in found if thing.wkb or not thing.cut]
    if cut := sum(thing.cut for thing in found):
        beyond = len(found) - len(things)
        findings.add(
            "G024",
            place,
            detail=f"{cut} 条线在文件范围的边缘被截断：{cut - beyond} 条用范围内的部分，{beyond} 条全在范围外，没有使用",
        )
    if not things:
        wanted = "；".join(f"{key}={'|'.join(values) or '*'}" for key, values in tags.items())
        findings.add("G041", place, value=wanted, expected="文件中有的标签")
        return None
    names = {"name": "name", **columns}
    frame = pl.DataFrame(
        {ours: pl.Series([t.tags.get(key) for t in things], dtype=pl.String) for ours, key in names.items()}
    )
    shapes = np.asarray(shapely.from_wkb([t.wkb for t in things]), dtype=object)
    spot = Spot(place, [t.number for t in things])
    metric = to_run(mend(shapes, spot, findings), "EPSG:4326", target_crs, spot, findings)
    x, y = representative(metric)
    if geometry == "point":
        metric = np.asarray(shapely.points(x, y), dtype=object)
        metric[np.isnan(x)] = None
    return frame.select(
        pl.Series("osm_id", [f"{t.kind}{t.number}" for t in things], dtype=pl.String),
        *names,
        pl.Series("_wkb", shapely.to_wkb(metric).tolist(), dtype=pl.Binary),
        pl.Series("x", x).fill_nan(None),
        pl.Series("y", y).fill_nan(None),
        pl.lit(shown_as).alias("_file"),
        pl.Series("_sheet", [KINDS[t.kind] for t in things], dtype=pl.String),
        pl.Series("_row", [t.number for t in things], dtype=pl.Int64),
    )


def _things(path: Path, tags: Tags, geometry: Geometry) -> list[Thing]:
    """The objects wanted, in file order. Raises RuntimeError when the file cannot be decoded."""
    things: list[Thing] = []
    outlines: set[int] = (
        set()
    )  # ways that are the outline of a wanted multipolygon: tagged on both, it is one thing
    wanted = osmium.filter.KeyFilter(*sorted(tags))  # passes over untagged objects without entering Python
    reader = osmium.FileProcessor(str(path))
    reader = reader.with_locations() if geometry == "line" else reader.with_areas(wanted)
    factory = osmium.geom.WKBFactory()
    for thing in reader.with_filter(wanted):
        held = {tag.k: tag.v for tag in thing.tags}
        if not _matches(held, tags):
            continue
        if (
            isinstance(thing, osmium.osm.Relation)
            and geometry != "line"
            and held.get("type") == "multipolygon"
        ):
            outlines |= {m.ref for m in thing.members if m.type == "w" and m.role != "inner"}
        elif (taken := _take(thing, held, geometry)) is not None:
            kind, number = taken
            wkb, cut = _wkb(thing, factory)
            things.append(Thing(kind, number, wkb, cut, held))
    return [t for t in things if t.kind != "w" or t.number not in outlines]


def _matches(held: Mapping[str, str], tags: Tags) -> bool:
    """Whether an object's tags hold any of the wanted ones."""
    for key, values in tags.items():
        if key in held and (not values or not {v.strip() for v in held[key].split(";")}.isdisjoint(values)):
            return True
    return False


def _take(thing: Any, held: Mapping[str, str], geometry: Geometry) -> tuple[str, int] | None:
    """(kind, number) when the object is a thing of the geometry asked for."""
    if thing.is_area():
        return ("w" if thing.from_way() else "r", thing.orig_id()) if geometry != "line" else None
    if thing.is_node():
        return ("n", thing.id) if geometry == "point" else None
    if not thing.is_way():
        return None
    if geometry == "line":
        return ("w", thing.id) if held.get("area") != "yes" else None
    closed_is_area = thing.is_closed() and len(thing.nodes) > 3 and held.get("area") != "no"
    return ("w", thing.id) if geometry == "point" and not closed_is_area else None


def _wkb(thing: Any, factory: Any) -> tuple[str | None, bool]:
    """(the object's shape as hexadecimal WKB or None, whether the extract has cut nodes off)."""
    try:
        if thing.is_area():
            return str(factory.create_multipolygon(thing)), False
        if thing.is_node():
            return str(factory.create_point(thing)), False
        return str(factory.create_linestring(thing)), False
    except (osmium.InvalidLocationError, RuntimeError):
        # nodes missing, fewer than two different ones, or rings that cannot be put together
        cut = thing.is_way() and not all(node.location.valid() for node in thing.nodes)
        return (_parts_within(thing) if cut else None), cut


def _parts_within(way: Any) -> str | None:
    """The stretches of a way whose nodes are all in the file, as hexadecimal WKB; None when there are none."""
    stretches: list[list[tuple[float, float]]] = [[]]
    for node in way.nodes:
        if node.location.valid():
            stretches[-1].append((node.location.lon, node.location.lat))
        else:
            stretches.append([])
    lines = [stretch for stretch in stretches if len(stretch) > 1]
    return (
        str(shapely.to_wkb(shapely.multilinestrings([shapely.linestrings(s) for s in lines]), hex=True))
        if lines
        else None
    )
