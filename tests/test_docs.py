"""What the documents must not fall behind of."""

from __future__ import annotations

import re
from pathlib import Path

from tijian.engine.findings import catalogue
from tijian.engine.results import SCHEMAS
from tijian.reports.manual.markdown import slug


def test_every_table_and_column_of_the_results_is_documented(root: Path) -> None:
    text = (root / "docs" / "results.md").read_text(encoding="utf-8")
    sections = {part.split()[0]: part for part in re.split(r"^## ", text, flags=re.M)[1:]}
    assert set(sections) == set(SCHEMAS)
    missing = {
        name: [c for c in schema if f"`{c}`" not in sections[name] and c != "year"]
        for name, schema in SCHEMAS.items()
    }
    assert {name: columns for name, columns in missing.items() if columns} == {}


def anchors_of(page: Path) -> set[str]:
    """The names that GitHub gives to the headings of a page."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    names: list[str] = []
    for heading in re.findall(r"^#+ +(.+)$", text, re.M):
        name = slug(heading.replace("`", ""))
        again = sum(re.fullmatch(rf"{re.escape(name)}(-\d+)?", n) is not None for n in names)
        names.append(f"{name}-{again}" if again else name)
    return set(names)


def test_every_link_between_documents_leads_to_a_page_and_a_place_in_it(root: Path) -> None:
    broken = []
    for page in [*root.glob("*.md"), *root.glob("docs/**/*.md")]:
        text = re.sub(r"^```.*?^```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
        for target in re.findall(r"\]\((?!https?:|mailto:)([^)\s]+)\)", text):
            path, _, name = target.partition("#")
            there = page.parent / path if path else page
            if not there.exists() or (name and name not in anchors_of(there)):
                broken.append(f"{page.name}: {target}")
    assert broken == []


def test_a_place_is_named_as_github_names_it() -> None:
    assert slug("`[project]` 体检对象".replace("`", "")) == "project-体检对象"
    assert slug("U003") == "u003"
    assert slug("What it will not do") == "what-it-will-not-do"
    assert slug("一、二 (三)：weights_dimensions") == "一二-三weights_dimensions"


def test_every_finding_says_what_why_and_how_to_mend_it() -> None:
    assert len(catalogue()) > 40
    for kind in catalogue().values():
        assert re.fullmatch(r"[A-Z]\d{3}", kind.code)
        for text in (kind.title, kind.cause, kind.remedy):
            assert re.search(r"[\u4e00-\u9fff]", text), kind.code
