"""Pages of made-up results, and a reader of what was written: for the tests of the comparison page."""

from __future__ import annotations

import dataclasses
import re
from functools import cache
from html.parser import HTMLParser

import polars as pl
from tijian.engine.results import Results, conform
from tijian.reports.page.content import Page, comparison_page
from tijian.reports.page.html import page_html
from tijian.reports.view import View

from .results_fixture import DISTRICT, make_results

VOID = {"meta", "br", "col", "img", "hr", "input", "link"}
TOWN = f"{DISTRICT}007"  # 石湖镇


class Reader(HTMLParser):
    """Reads a page as a browser would: elements with their attributes, text by element, what is not closed."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.faults: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(page)
        self.close()
        self.faults += [f"<{tag}> never closed" for tag in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> at {self.getpos()} closes nothing")

    def handle_data(self, data: str) -> None:
        for tag in (self.open or ["outside"])[-1:]:
            self.texts.setdefault(tag, []).append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def text(self, *without: str) -> str:
        return "".join(t for tag, texts in self.texts.items() if tag not in without for t in texts)


@cache
def results() -> Results:
    return make_results(hostile=True)


def page_of(held: Results) -> Page:
    page = comparison_page(View(held))
    assert page is not None
    return page


def html_of(held: Results) -> str:
    return page_html(page_of(held), held.grade_cuts)


@cache
def page() -> Page:
    return page_of(results())


@cache
def html() -> str:
    return html_of(results())


@cache
def reader() -> Reader:
    return Reader(html())


def without(*names: str) -> Results:
    held = results()
    return dataclasses.replace(held, **{n: getattr(held, n).clear() for n in names})


def year_before(held: Results) -> Results:
    """The same results a year earlier, one town without a total."""
    frames = {
        name: getattr(held, name).with_columns(year=pl.lit(held.year - 1, dtype=pl.Int64))
        for name in ("scores", "dimensions", "weights")
    }
    totals = held.totals.filter(pl.col("unit") != TOWN).with_columns(
        year=pl.lit(held.year - 1, dtype=pl.Int64)
    )
    return dataclasses.replace(held, year=held.year - 1, totals=totals, **frames)


def reviewed_results() -> Results:
    """A year that follows on another: three problems judged again, and the list says what became of its rows."""
    held = results()
    town = held.problem_list.filter(pl.col("level") == "town").head(3)
    rows = town.select(
        "year", "id", "unit", "level", "indicator", "dimension", "problem", "severity", "lead", "because",
        treatment=pl.lit("限时解决"), since=pl.col("year") - 1, value_then="value", value="value", town="unit",
        claimed=pl.Series(["已整改", "整改中", "已整改"]), outcome=pl.Series(["未整改", "部分整改", "已整改"]),
        disputed=pl.Series([True, False, False]), late=pl.Series([True, True, False]),
    )  # fmt: skip
    listed = held.problem_list.with_columns(outcome=pl.lit("新增"), since=pl.col("year"))
    return dataclasses.replace(
        held, reviews=conform("reviews", rows), problem_list=conform("problem_list", listed)
    )


def controls_of(name: str, written: str = "") -> list[str]:
    """The columns that the filters of a list narrow, in order; q is the search."""
    found = re.search(rf'data-filters="{name}".*?</div>', written or html(), re.DOTALL)
    return [] if found is None else re.findall(r'data-key="(\w+)"', found[0])
