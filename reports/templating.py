"""What printed and shown pages share: templates that escape, style sheets in the theme's look, clean characters."""

from __future__ import annotations

import re
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined

from .theme import Theme, load_theme

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # no XML, no glyph


def environment() -> Environment:
    """Our templates; everything put into them is escaped, and a missing name is an error."""
    made = Environment(
        loader=PackageLoader(__package__, "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.tests["kind"] = lambda item, name: type(item).__name__ == name
    made.filters["anchor"] = anchor
    return made


def anchor(title: str) -> str:
    """A title as the name of its place: no blank, and no % (which an address would read as a code)."""
    return re.sub(r"[\s%]", "_", title)


def asset(name: str) -> str:
    """A file that lies beside the templates, as text."""
    return resources.files(__package__).joinpath(f"templates/{name}").read_text(encoding="utf-8")


def style_sheet(name: str) -> str:
    """A style sheet that lies beside the templates, in the theme's colours, typefaces and sizes."""
    return with_theme(asset(name), load_theme())


def with_theme(sheet: str, theme: Theme) -> str:
    """The style sheet with ``var(--accent)``, ``var(--sans)``, ``var(--type-h1)``, … replaced by what the theme says.

    Colours and typefaces go by their names, sizes by their part and name: ``--type-…`` in points, ``--screen-…`` in
    pixels, ``--page-…`` in millimetres. Here rather than by the printer, which would work every such rule out again
    for every element of a report. Raises KeyError for a name the theme does not know.
    """
    values = {**theme.ink, **{name: theme.css_font(name) for name in theme.fonts}}
    for part, sizes, unit in (
        ("type", theme.type, "pt"),
        ("screen", theme.screen, "px"),
        ("page", theme.page, "mm"),
    ):
        values |= {f"{part}_{name}": f"{size:g}{unit}" for name, size in sizes.items()}
    return re.sub(r"var\(--([a-z0-9-]+)\)", lambda found: values[found.group(1).replace("-", "_")], sheet)


def printable(page: str) -> str:
    """The page without characters that no page can hold, whatever stood in the inputs."""
    return _UNPRINTABLE.sub("", page)
