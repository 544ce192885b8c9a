"""Ways of OpenStreetMap that one may walk on (OSM 中能步行的路), by their tags.

Motorways never; main roads of the class ``trunk`` and cycle ways only where ``foot`` allows it; every other road, path
and stair unless ``foot`` or ``access`` says no. ``access=private`` stays in: people walk on the ways of their own
compound. What is drawn as an area (squares) is no line and is not walked on.
"""

from __future__ import annotations

from collections.abc import Mapping

CLASSES = (
    "primary", "primary_link", "secondary", "secondary_link", "tertiary", "tertiary_link", "unclassified",
    "residential", "living_street", "service", "road", "pedestrian", "footway", "path", "steps", "corridor", "track",
    "bridleway",
)  # fmt: skip
WHERE_ALLOWED = ("trunk", "trunk_link", "cycleway")
ALLOWED = ("yes", "designated", "permissive", "destination")
TAGS = {"highway": CLASSES + WHERE_ALLOWED}


def may_walk(tags: Mapping[str, str]) -> bool:
    """Whether one may walk on a way with these tags."""
    foot = tags.get("foot")
    if foot in ALLOWED:
        return tags.get("highway") in CLASSES + WHERE_ALLOWED
    return foot != "no" and tags.get("access") != "no" and tags.get("highway") in CLASSES
