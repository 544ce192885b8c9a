"""What printed and shown pages share: templates that escape, style sheets in the theme's look, clean characters."""

from __future__ import annotations

import re
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from .theme import Theme, load_theme

_HAN = "\u3400-\u9fff\uff01-\uff5e\u3001-\u303f“”（）"
_GAP = re.compile(f"(?<=[{_HAN}]) (?=[0-9A-Za-z])|(?<=[0-9A-Za-z%‰]) (?=[{_HAN}])")
_QUANTITY = re.compile("([0-9][0-9.,]*)\u00a0([A-Za-z][A-Za-z²³/·]*)")
_TERM = re.compile("^[^：，。；<]{2,14}(?=：)")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # no XML, no glyph


def environment() -> Environment:
    """Our templates; everything put into them is escaped, and a missing name is an error."""
    made = Environment(
        loader=PackageLoader(__package__, "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.tests["kind"] = lambda item, name: type(item).__name__ == name
    made.filters["anchor"] = anchor
    made.filters["typeset"] = typeset
    return made


def anchor(title: str) -> str:
    """A title as the name of its place: no blank, and no % (which an address would read as a code)."""
    return re.sub(r"[\s%]", "_", title)


def typeset(paragraph: str, term: bool = False) -> Markup:
    """A paragraph as it is set (``term``: with the words before its first ： in bold): no blank between Han and Latin, which justified lines would make a hole of, for the font
    leaves that gap; a figure and its unit in one piece, for the same reason.
    """
    closed = str(escape(_GAP.sub("", paragraph)))
    whole = _QUANTITY.sub(r'<span class="q">\1&#160;\2</span>', closed)
    return Markup(_TERM.sub(r"<b>\g<0></b>", whole, count=1) if term else whole)  # noqa: S704  escaped above


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
