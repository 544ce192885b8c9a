"""What the documents must not fall behind of."""

from __future__ import annotations

import re
from pathlib import Path

from tijian.engine.findings import catalogue
from tijian.engine.results import SCHEMAS


def test_every_table_and_column_of_the_results_is_documented(root: Path) -> None:
    text = (root / "docs" / "results.md").read_text(encoding="utf-8")
    sections = {part.split()[0]: part for part in re.split(r"^## ", text, flags=re.M)[1:]}
    assert set(sections) == set(SCHEMAS)
    missing = {
        name: [c for c in schema if f"`{c}`" not in sections[name] and c != "year"]
        for name, schema in SCHEMAS.items()
    }
    assert {name: columns for name, columns in missing.items() if columns} == {}


def test_every_link_between_documents_leads_somewhere(root: Path) -> None:
    broken = [
        f"{page.name}: {target}"
        for page in [*root.glob("*.md"), *root.glob("docs/**/*.md")]
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_every_finding_says_what_why_and_how_to_mend_it() -> None:
    assert len(catalogue()) > 40
    for kind in catalogue().values():
        assert re.fullmatch(r"[A-Z]\d{3}", kind.code)
        for text in (kind.title, kind.cause, kind.remedy):
            assert re.search(r"[\u4e00-\u9fff]", text), kind.code
