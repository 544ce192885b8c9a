"""What an input's section in tijian.toml may leave out, because the form says it."""

from __future__ import annotations

from pathlib import Path

from tijian.engine.findings import Findings
from tijian.engine.settings.forms import complete_inputs
from tijian.engine.settings.project import Input, Project, ProjectHead, UnitsSource
from tijian.indicators.form_model import Form, Item, Question
from tijian.indicators.loader import Library

from .small_year import Count, Ratio, Rule, indicator

ITEMS = (
    Item(name="house_id", label="房屋编号", type="text", required=True, base=True),
    Item(name="estate", label="所属小区", type="text", base=True),
    Item(name="spaces", label="停车泊位 现有", type="integer", unit="个", low=0, high=900),
    Item(name="cracked", label="墙体开裂", type="yesno"),
    Item(name="painted", label="已粉刷", type="yesno"),
)
HOUSES = Form(input="houses", title="房屋调查表", kind="records", of="房屋", level="community", provider="区房管局",
              key="house_id", item=ITEMS)  # fmt: skip
OUTPUT = Form(
    input="output", title="产值填报表", kind="figures", of="街镇", level="town", provider="区经委",
    item=(
        Item(name="now", label="产值", type="number", unit="亿元"),
        Item(name="before", label="上年产值", type="number", unit="亿元", last_year_of="now"),
        Item(name="other", label="其他", type="number"),
    ),
)  # fmt: skip
TAPS = Form(input="taps", title="取水点台账", kind="records", of="取水点", located=True, provider="区水务局",
            item=(Item(name="tap_id", label="编号", type="text", base=True),))  # fmt: skip
BUSES = Form(
    input="buses", title="公交填报表", kind="figures", of="全区", level="district", provider="区交通委"
)
BULLETIN = Form(input="bulletin", title="统计公报", kind="reported", of="单元和指标", provider="区统计局")
PEOPLE = Form(input="people", title="居民问卷", kind="survey", of="答卷", level="community", provider="调查机构",
              item=(Item(name="sex", label="性别", type="text"),))  # fmt: skip
PARKS = Form(input="parks", title="公园", kind="layer", of="公园", geometry="polygon", provider="区绿化局")
FORMS = {form.input: form for form in (HOUSES, OUTPUT, TAPS, BUSES, BULLETIN, PEOPLE, PARKS)}
RULE = Rule(id="unsafe", when="cracked and spaces > 0", says="墙体开裂")
INDICATORS = (
    indicator("AA-01", Count(method="count", of="houses", key="house_id", rule=(RULE,))),
    indicator("AA-02", Ratio(method="ratio", of="output", numerator="sum(now)", per="population")),
)
QUESTIONS = (Question(id="Q01", block="住宅", text="停车"), Question(id="Q02", block="街区", text="公交"))
LIBRARY = Library(indicators=INDICATORS, forms=FORMS, questions=QUESTIONS)


def completed(findings: Findings | None = None, **inputs: Input) -> dict[str, Input]:
    project = Project(
        root=Path(), project=ProjectHead(name="区", district="990101", year=2026), units=UnitsSource(file="u.csv"), inputs=inputs
    )  # fmt: skip
    told = Findings() if findings is None else findings
    done = complete_inputs(project, LIBRARY, told).inputs
    assert findings is not None or not len(told)
    return done


def one(name: str, **said: object) -> Input:
    return completed(**{name: Input(**said)})[name]


def test_an_empty_section_is_the_form_as_it_was_sent_out() -> None:
    houses = one("houses")
    assert (houses.kind, houses.title, houses.provider) == ("records", "房屋调查表", "区房管局")
    assert houses.files == ("inputs/{year}/房屋调查表.xlsx",)
    assert (houses.key, houses.required) == ("house_id", ("house_id",))
    assert houses.columns == {
        "house_id": "房屋编号", "estate": "所属小区", "spaces": "停车泊位 现有", "cracked": "墙体开裂"
    }  # fmt: skip
    assert houses.types["spaces"] == "integer"
    assert houses.units_of == {"spaces": "个"}
    assert houses.limits == {"spaces": (0, 900)}
    assert (houses.unit, houses.within, houses.level) == ("社区", "街镇", "community")


def test_an_item_that_no_indicator_reads_is_not_read_unless_the_project_names_it() -> None:
    assert "painted" not in one("houses").columns
    assert one("houses", columns={"painted": "粉刷"}).columns["painted"] == "粉刷"
    assert one("houses", columns={"painted": "粉刷"}).types["painted"] == "yesno"


def test_last_years_value_of_a_needed_item_is_read_with_it() -> None:
    assert list(one("output").columns) == ["now", "before"]


def test_what_the_project_says_wins_and_single_headers_change_alone() -> None:
    houses = one(
        "houses", title="房屋表", file="a.csv", unit="村居", columns={"spaces": "车位"}, limits={"spaces": (0, 5)},
        units_of={"spaces": "位"}, required=("estate",), key="estate", provider="某镇",
    )  # fmt: skip
    assert (houses.title, houses.files, houses.provider, houses.key) == (
        "房屋表",
        ("a.csv",),
        "某镇",
        "estate",
    )
    assert (houses.columns["spaces"], houses.columns["cracked"]) == ("车位", "墙体开裂")
    assert (houses.limits["spaces"], houses.units_of["spaces"]) == ((0, 5), "位")
    assert houses.required == ("house_id", "estate")
    assert (houses.unit, houses.within, houses.level) == ("村居", None, "community")


def test_a_row_finds_its_unit_by_the_columns_of_the_forms_level() -> None:
    assert (one("output").unit, one("output").within, one("output").level) == ("街镇", None, "town")
    assert (one("buses").unit, one("buses").within, one("buses").level) == ("单位", None, "district")
    at = one("output", at="东街道")
    assert (at.unit, at.at, at.level) == (None, "东街道", "town")
    finer = one("output", level="community")
    assert (finer.unit, finer.within, finer.level) == ("社区", "街镇", "community")


def test_a_row_with_a_place_finds_it_by_coordinates_unless_the_project_names_a_column() -> None:
    taps = one("taps")
    assert (taps.x, taps.y, taps.crs, taps.unit) == ("经度", "纬度", "EPSG:4490", None)
    assert one("taps", crs="GCJ-02").crs == "GCJ-02"
    named = one("taps", unit="街镇")
    assert (named.unit, named.x, named.crs) == ("街镇", None, None)


def test_reported_values_have_the_columns_of_our_form() -> None:
    bulletin = one("bulletin")
    assert (bulletin.unit, bulletin.item, bulletin.value) == ("区域", "指标名称", "数值")
    assert one("bulletin", value="{year}年").value == "{year}年"


def test_a_questionnaire_has_the_questions_of_the_sets_and_what_is_asked_of_the_person() -> None:
    assert one("people").questions == {"Q01": "停车", "Q02": "公交"}
    assert one("people").columns == {"sex": "性别"}
    assert one("people", questions={"Q01": "车位"}).questions == {"Q01": "车位"}


def test_a_layer_is_a_geopackage_and_has_no_column_for_its_unit() -> None:
    parks = one("parks")
    assert (parks.kind, parks.files, parks.unit) == ("layer", ("inputs/{year}/公园.gpkg",), None)


def test_an_input_without_a_form_has_to_say_what_it_is() -> None:
    findings = Findings()
    done = completed(findings, hoses=Input(file="shops.csv"), houses=Input())
    assert [(f.code, f.place.column, f.value) for f in findings] == [("P005", "inputs.hoses", "hoses")]
    assert findings.rows[0].expected.startswith("是不是 houses（")
    assert list(done) == ["houses"]
    own = Input(kind="records", file="shops.csv", unit="街镇", columns={"a": "甲"})
    assert completed(shops=own)["shops"] == own
