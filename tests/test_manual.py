"""The manual: chapters read from Markdown and printed as one book; chapters made from the program, which cannot fall behind it."""

from __future__ import annotations

import io
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree

import pypdf
import pytest
import typer.main
from pydantic import BaseModel
from tijian import cli
from tijian.engine.findings import Findings, catalogue
from tijian.engine.settings.project import Project, load_project, model_at
from tijian.engine.settings.scheme import AggregateName, MissingName, OutlierName, ScaleName, WeightsName
from tijian.indicators.faults import MEASURES
from tijian.reports.manual import book
from tijian.reports.manual.book import STYLE, chapters_in, manual_folder, manual_html, print_manual
from tijian.reports.manual.commands_page import commands_page
from tijian.reports.manual.findings_page import findings_page
from tijian.reports.manual.markdown import escaped, read_chapter
from tijian.reports.manual.settings_page import fields_at, sections, settings_page
from tijian.reports.pdf import press
from tijian.reports.pdf.fonts import look
from tijian.reports.pdf.sheets import numbered
from tijian.reports.wording.finding_words import message_in_words

from .cli_project import refused, told
from .printed import boxes

LONG = "--" + "很长的一行" * 40 + "x" * 300
FIRST = f"""# 开头

先看[设置](02-next.md#表-一)，再看[下一章](02-next.md)、[源代码](../code.md)和
[网站](https://example.org/a)。**要紧的**：`weights_dimensions`。

![一个圆](pictures/circle.svg)

## 第一步

```sh
tijian run {LONG}
```

> 引用一句

1. 一

```toml
a = 1
```

2. 二

## 第二步

如下：

```text
──────────
```

### 例

见[第一步](#第一步)。
"""
SECOND = """# 接着

## 表 一

| 键 | 意思 |
|---|---|
| `weights_dimensions` | 维度之间的权重 & 说明 |
| `b` | 第二行 |
"""
CIRCLE = '<svg xmlns="http://www.w3.org/2000/svg" width="20mm" height="20mm" viewBox="0 0 20 20"><circle cx="10" cy="10" r="9"/></svg>'
COMMANDS = typer.main.get_command(cli.app)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("manual")
    (made / "pictures").mkdir()
    (made / "pictures" / "circle.svg").write_text(CIRCLE, encoding="utf-8")
    (made / "02-next.md").write_text(SECOND, encoding="utf-8")
    (made / "01-first.md").write_text(FIRST, encoding="utf-8")
    (made / "README.md").write_text("# 目录\n", encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def printed(folder: Path) -> bytes:
    return print_manual(folder, "1.2.3").data


# ── reading ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_chapter_has_one_title_and_it_stands_first() -> None:
    for text in ("没有标题\n", "## 二级\n", "# 一\n\n# 二\n", "前面\n\n# 一\n"):
        with pytest.raises(ValueError, match=r"x\.md"):
            read_chapter("x.md", text)


def test_headings_of_one_name_are_told_apart_as_on_github() -> None:
    chapter = read_chapter("x.md", "# 例\n\n## 例\n\n## 例\n")
    assert [place.name for place in chapter.places] == ["例", "例-1", "例-2"]


def test_a_line_broken_between_chinese_characters_is_no_blank(folder: Path) -> None:
    page = read_chapter("x.md", "# 题\n\n前面的字\n后面的字，one\ntwo\n")
    ((_, tokens),) = page.sections
    text = "".join(part.content for token in tokens for part in token.children or ())
    assert "前面的字后面的字" in text
    assert "onetwo" in text.replace("\n", "")
    assert "和<a" in manual_html(folder, "1").replace("\n", "")


def test_words_of_ours_stay_words() -> None:
    text = r"[[a]] *b* _c_ `d` <e> | \f"
    ((_, tokens),) = read_chapter("x.md", f"# 题\n\n{escaped(text)}\n").sections
    assert "".join(part.content for token in tokens for part in token.children or ()) == text


def test_what_leads_to_a_block_stays_with_it_and_names_stay_whole(folder: Path) -> None:
    page = manual_html(folder, "1")
    assert '<p class="leads">如下：</p>' in page
    assert '<code class="whole">weights_dimensions</code>' in page
    assert '<ol start="2" style="counter-reset: list-item 1">' in page, "a list goes on after a block"
    assert f">{'─' * 5}\n<" in page, "a rule of ten cells is as wide as five Chinese characters"


# ── the book ──────────────────────────────────────────────────────────────────────────────────────────────


def test_the_book_is_well_formed_numbered_and_links_within_itself(folder: Path) -> None:
    page = manual_html(folder, "1.2.3")
    root = ElementTree.fromstring(page)
    headings = {e.get("id"): "".join(e.itertext()) for e in root.iter() if e.tag in ("h1", "h2", "h3")}
    assert list(headings.values()) == [
        "一、开头",
        "（一）第一步",
        "（二）第二步",
        "例",
        "二、接着",
        "（一）表 一",
    ]
    led = {
        "".join(a.itertext()): a.get("href") for a in root.iter("a") if "part" not in (a.get("class") or "")
    }
    assert headings[led["设置"].removeprefix("#")] == "（一）表 一"
    assert headings[led["下一章"].removeprefix("#")] == "二、接着"
    assert headings[led["第一步"].removeprefix("#")] == "（一）第一步"
    assert led["网站"] == "https://example.org/a"
    assert "源代码" not in led
    assert "源代码" in page
    assert all(href.removeprefix("#") in headings for href in led.values() if href.startswith("#"))


def test_columns_are_as_wide_as_names_ask_for(folder: Path) -> None:
    shares = [float(n) for n in re.findall(r'col style="width:([\d.]+)%"', manual_html(folder, "1"))]
    assert sum(shares) == pytest.approx(100, abs=0.1)
    assert 15 < shares[0] < shares[1]


def test_the_printed_book_has_a_cover_contents_bookmarks_and_tags(printed: bytes) -> None:
    reader = pypdf.PdfReader(io.BytesIO(printed))
    texts = ["".join(page.extract_text().split()) for page in reader.pages]
    assert "使用手册" in texts[0]
    assert "1.2.3" in texts[0]
    assert "一、开头" in texts[1]
    assert re.search(r"（一）表一·+4", texts[1])
    assert [str(item.title) for item in reader.outline if not isinstance(item, list)] == [
        "一、开头",
        "二、接着",
    ]
    assert "/StructTreeRoot" in reader.trailer["/Root"]
    assert "第3页" in texts[2]


def test_nothing_runs_over_the_edge_of_the_page(folder: Path, printed: bytes) -> None:
    document = press.lay_out(numbered(manual_html(folder, "1.2.3")), look(STYLE))
    texts = [box for page in document.pages[1:] for box in boxes(page._page_box, "TextBox")]
    assert len(texts) > 30
    assert max(box.position_x + box.width for box in texts) < 190.1 / 25.4 * 96
    whole = "".join("".join(p.extract_text().split()) for p in pypdf.PdfReader(io.BytesIO(printed)).pages)
    assert "很长的一行" * 40 in whole
    assert "x" * 300 in whole


def test_the_same_chapters_give_the_same_bytes(folder: Path, printed: bytes) -> None:
    assert print_manual(folder, "1.2.3").data == printed


def test_the_command_prints_the_manual_where_it_is_told(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, printed: bytes
) -> None:
    monkeypatch.setattr(book, "manual_folder", lambda: folder)
    monkeypatch.setattr("tijian.__version__", "1.2.3")
    said = told("manual", "--out", "手册/全.pdf", cwd=tmp_path)
    assert said.startswith("手册/全.pdf（4 页）")
    assert (tmp_path / "手册" / "全.pdf").read_bytes() == printed


# ── the manual as it is ───────────────────────────────────────────────────────────────────────────────────


@cache
def html() -> str:
    return manual_html(manual_folder(), "1")


def test_every_chapter_can_be_printed() -> None:
    ElementTree.fromstring(html())
    assert len(chapters_in(manual_folder())) == html().count("<h1 ")


def test_every_picture_has_words() -> None:
    pictures = re.findall(r"<img [^>]*>", html())
    assert [p[:40] for p in pictures if not re.search(r'alt="[^"]{2,}"', p)] == []


def test_every_method_of_measuring_and_of_scoring_is_told_in_its_chapter() -> None:
    indicators, scoring = (
        manual_folder().joinpath(name).read_text(encoding="utf-8")
        for name in ("04-indicators.md", "05-scoring.md")
    )
    assert [method for method in MEASURES if f"`{method}`" not in indicators] == []
    names = [
        n
        for kind in (ScaleName, WeightsName, AggregateName, MissingName, OutlierName)
        for n in get_args(kind)
    ]
    assert [name for name in names if not re.search(rf"\b{name}\b", scoring)] == []


# ── findings ──────────────────────────────────────────────────────────────────────────────────────────────


def test_every_finding_is_told_under_its_code_and_can_be_linked_to() -> None:
    chapter = read_chapter("07-findings.md", findings_page())
    assert {place.name for place in chapter.places if place.level == 3} == {
        code.lower() for code in catalogue()
    }
    for kind in catalogue().values():
        section = findings_page().split(f"### {kind.code}\n")[1].split("###")[0]
        assert all(escaped(text) in section for text in (kind.title, kind.cause, kind.remedy))


def test_a_message_is_told_in_words_without_what_fills_it() -> None:
    assert (
        message_in_words(catalogue()["N001"])
        == "“〈原值〉”不是〈范围〉名录中的单元（n 行），相近的有：〈相近的名称〉"
    )
    assert [k.code for k in catalogue().values() if re.search(r"[{}]", message_in_words(k))] == []
    assert [k.code for k in catalogue().values() if "{" in k.cause + k.remedy.replace("{ _unit", "")] == []


def test_help_finding_tells_codes_lists_all_and_knows_the_nearest() -> None:
    said = told("help-finding", "u003", "T010")
    for code in ("U003", "T010"):
        kind = catalogue()[code]
        assert all(text in said for text in (code, kind.title, kind.cause, kind.remedy))
    everything = told("help-finding")
    assert [
        code
        for code, kind in catalogue().items()
        if f"{code} " not in everything or kind.title not in everything
    ] == []
    complaint = refused(2, "help-finding", "U003", "U0033")
    assert "没有代码 U0033" in complaint
    assert "U003" in complaint.partition("相近的有")[2]


# ── commands ──────────────────────────────────────────────────────────────────────────────────────────────


def test_every_command_and_option_is_in_the_reference() -> None:
    page = commands_page(COMMANDS)
    parts = {part.split("\n")[0]: part for part in page.split("\n## ")}
    for name, command in COMMANDS.commands.items():  # type: ignore[attr-defined]
        part = parts[f"tijian {name}"]
        assert f"tijian {name} [选项]" in part
        assert f"\ntijian {name}" in part.partition("例：")[2]
        for parameter in command.params:
            named = (
                parameter.opts
                if parameter.param_type_name == "option"
                else [str(parameter.metavar).rstrip(".…")]
            )
            assert all(word in part for word in named), (name, named)
    assert {code for code in "01234" if f"\n| {code} | " in parts["退出码"]} == set("01234")


# ── settings ──────────────────────────────────────────────────────────────────────────────────────────────


def models_within(at: tuple[str, ...] = ()) -> dict[str, type[BaseModel]]:
    """Every place of the project's file where a model of its own stands, by following the fields."""
    own = model_at(at)
    found = {".".join(at): own}
    for name in own.model_fields:
        if name != "root" and model_at((*at, name)) is not own:
            found |= models_within((*at, name))
    return found


def test_every_key_of_the_project_file_is_told_and_no_other() -> None:
    told_of = {section["at"]: set(section["keys"]) for section in sections() if section["at"] != "topics"}
    declared = {at: set(fields_at(at)) for at in models_within()}
    assert told_of == declared
    assert "topics" in Project.model_fields


def test_the_page_of_settings_names_each_key_with_what_holds_without_it() -> None:
    page = settings_page()
    assert "| `year` | 整数 2000–2100 | 必填 |" in page
    assert "| `minimum_present` | 数，大于 0，不大于 1 | `0.6` |" in page
    assert '| `crs` | 文字 | `"auto"` |' in page
    assert "`reweight` 按有得分的重新分配权重" in page
    rows = {name for at in models_within() for name in fields_at(at)}
    assert [name for name in rows if f"| `{name}` |" not in page] == []


def test_every_example_of_settings_is_accepted(tmp_path: Path) -> None:
    least = {"project": {"name": "某区", "district": "310117", "year": 2026}, "units": {}}
    for section in sections():
        example = tomllib.loads(section["example"])
        assert Project(root=tmp_path, **(least | example)), section["header"]
        if section["at"]:
            place = example
            for part in section["at"].split("."):
                place = place[part] if isinstance(place, dict) else place[0]
            assert place, section["header"]


def test_a_mistyped_key_is_sent_to_the_right_chapter(tmp_path: Path) -> None:
    (tmp_path / "tijian.toml").write_text(
        '[project]\nname = "甲"\ndistrict = "310117"\nyer = 2026\n', encoding="utf-8"
    )
    findings = Findings()
    load_project(tmp_path, findings)
    title = read_chapter("09-settings.md", settings_page()).places[0].title
    named = re.search(r"使用手册的“(.+?)”一章", next(f for f in findings if f.code == "P003").kind.remedy)
    assert named is not None
    assert title.startswith(named[1])
