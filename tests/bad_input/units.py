"""The table of units: codes, levels, parents, figures, boundary changes, and how departments write the names."""

from __future__ import annotations

from .cases import case
from .small_project import UNITS, Small

FILE = "单元名录.csv"


def changed(small: Small, *rows: tuple[str, str]) -> None:
    """The units with the two columns of boundary changes, one pair a row from row 2 on."""
    said = [("原代码", "占原单元份额"), *rows]
    said += [("", "")] * (len(UNITS) - len(said))
    small.table(FILE, [[*row, *more] for row, more in zip(UNITS, said, strict=True)])


@case(
    "a code twice",
    ("单元名录.csv", "", 6, "代码", "U002"),
)
def code_twice(small: Small) -> None:
    small.put(FILE, A6="310199001001")


@case(
    "a town that is its own parent",
    ("单元名录.csv", "", 3, "上级代码", "U008"),
)
def own_parent(small: Small) -> None:
    small.put(FILE, D3="310199001")


@case(
    "two towns that are each other's parent",
    ("单元名录.csv", "", 3, "上级代码", "U009"),
    ("单元名录.csv", "", 4, "上级代码", "U009"),
    ("inputs/边界.geojson", "", None, "", "G033"),
    ("inputs/边界.geojson", "", None, "", "G033"),
)
def parents_in_a_circle(small: Small) -> None:
    small.put(FILE, D3="310199002", D4="310199001")


@case(
    "a community whose town is not there",
    ("单元名录.csv", "", 5, "上级代码", "U008"),
)
def community_without_town(small: Small) -> None:
    small.put(FILE, D5="310199003")


@case(
    "a community right under the district",
    ("单元名录.csv", "", 5, "上级代码", "U009"),
)
def community_under_the_district(small: Small) -> None:
    small.put(FILE, D5="310199")


@case(
    "a town under a community",
    ("单元名录.csv", "", 4, "上级代码", "U009"),
)
def town_under_a_community(small: Small) -> None:
    small.put(FILE, D4="310199001001")


@case(
    "a code of the wrong length",
    ("单元名录.csv", "", 5, "代码", "U004"),
)
def code_too_short(small: Small) -> None:
    small.put(FILE, A5="31019900100", D5="310199001")


@case(
    "a code as Excel shows a number too long for its column",
    ("单元名录.csv", "", 5, "代码", "U004"),
)
def code_as_a_power(small: Small) -> None:
    small.put(FILE, A5="3.10E+11", D5="310199001")


@case(
    "a code with letters",
    ("单元名录.csv", "", 5, "代码", "U004"),
)
def code_with_letters(small: Small) -> None:
    small.put(FILE, A5="31019900100A", D5="310199001")


@case(
    "a code that does not begin with its parent's",
    ("单元名录.csv", "", 3, "常住人口", "U016"),
    ("单元名录.csv", "", 3, "面积", "U016"),
    ("单元名录.csv", "", 4, "常住人口", "U016"),
    ("inputs/楼栋.xlsx", "楼栋", 4, "社区", "N001"),
    ("inputs/小区.xlsx", "小区", 4, "社区", "N001"),
    ("inputs/小区.xlsx", "小区", None, "社区", "N006"),
)
def code_of_another_parent(small: Small) -> None:
    small.put(FILE, D7="310199001")


@case(
    "no code",
    ("单元名录.csv", "", 5, "代码", "T013"),
)
def no_code(small: Small) -> None:
    small.put(FILE, A5="")


@case(
    "no name",
    ("单元名录.csv", "", 5, "名称", "T013"),
)
def no_name(small: Small) -> None:
    small.put(FILE, B5="")


@case("a level that is none")
def no_such_level(small: Small) -> None:
    small.put(FILE, C5="小组")


@case(
    "two districts",
    ("单元名录.csv", "", None, "", "U007"),
)
def two_districts(small: Small) -> None:
    small.add(FILE, ["310198", "别区", "区", "", "", 5, 5])


@case(
    "no district in the table of units",
    ("单元名录.csv", "", None, "", "U007"),
    ("单元名录.csv", "", 2, "上级代码", "U008"),
    ("单元名录.csv", "", 3, "上级代码", "U008"),
)
def no_district(small: Small) -> None:
    small.table(FILE, [UNITS[0], *UNITS[2:]])


@case(
    "another district than the project's",
    ("单元名录.csv", "", None, "", "U007"),
)
def another_district(small: Small) -> None:
    small.settings('district = "310199"', 'district = "310198"')


@case(
    "a negative population",
    ("单元名录.csv", "", 5, "常住人口", "U005"),
)
def negative_population(small: Small) -> None:
    small.put(FILE, F5=-7000)


@case(
    "a negative area",
    ("单元名录.csv", "", 3, "面积", "U005"),
)
def negative_area(small: Small) -> None:
    small.put(FILE, G3=-1)


@case(
    "a population that is no number",
    ("单元名录.csv", "", 5, "人口", "T010"),
)
def population_in_words(small: Small) -> None:
    small.put(FILE, F5="七千")


@case(
    "a population that is infinite",
    ("单元名录.csv", "", 5, "人口", "T010"),
)
def infinite_population(small: Small) -> None:
    small.put(FILE, F5="inf")


@case(
    "no population",
    ("单元名录.csv", "", 2, "常住人口", "U006"),
    ("inputs/项目库.xlsx", "", 2, "单元", "B007"),
)
def no_population(small: Small) -> None:
    small.put(FILE, F5="", F3="", F2="")


@case(
    "people in ten thousands where all others are counted one by one",
    ("单元名录.csv", "", 3, "常住人口", "U016"),
)
def population_in_ten_thousands(small: Small) -> None:
    small.put(FILE, F5=0.7)


@case(
    "a town with fewer people than its communities have together",
    ("单元名录.csv", "", 2, "常住人口", "U016"),
    ("单元名录.csv", "", 3, "常住人口", "U016"),
)
def parent_smaller_than_its_children(small: Small) -> None:
    small.put(FILE, F3=1200)


@case(
    "two communities of one town with the same name",
    ("单元名录.csv", "", 6, "名称", "U017"),
    ("inputs/楼栋.xlsx", "楼栋", 2, "社区", "N002"),
    ("inputs/楼栋.xlsx", "楼栋", 3, "社区", "N001"),
    ("inputs/小区.xlsx", "小区", 2, "社区", "N002"),
    ("inputs/小区.xlsx", "小区", 3, "社区", "N001"),
    ("inputs/小区.xlsx", "小区", None, "社区", "N006"),
    ("inputs/问卷.xlsx", "问卷", 2, "社区", "N002"),
    ("inputs/问卷.xlsx", "问卷", 3, "社区", "N001"),
    ("inputs/问卷.xlsx", "", None, "", "S007"),
    ("inputs/问卷.xlsx", "", None, "", "S008"),
)
def same_name_in_a_town(small: Small) -> None:
    small.put(FILE, B6="甲社区")


@case(
    "the table of units is empty",
    ("单元名录.csv", "", None, "", "T005"),
    ("单元名录.csv", "", None, "", "U007"),
)
def no_units(small: Small) -> None:
    small.table(FILE, UNITS[:1])


@case(
    "the table of units has no column of codes",
    ("单元名录.csv", "", 1, "代码", "T002"),
)
def no_column_of_codes(small: Small) -> None:
    small.table(FILE, [row[1:] for row in UNITS])


@case(
    "shares of a unit that was divided, which do not make up the whole",
    ("单元名录.csv", "", 5, "占原单元份额", "U015"),
)
def shares_short_of_one(small: Small) -> None:
    changed(small, ("", ""), ("", ""), ("", ""), ("310199001009", "0.4"), ("310199001009", "0.5"))


@case(
    "shares of a unit that was divided, which make up more than the whole",
    ("单元名录.csv", "", 5, "占原单元份额", "U011"),
)
def shares_over_one(small: Small) -> None:
    changed(small, ("", ""), ("", ""), ("", ""), ("310199001009", "0.6"), ("310199001009", "0.5"))


@case(
    "a share of forty where 0.4 is meant",
    ("单元名录.csv", "", 5, "占原单元份额", "U010"),
    ("单元名录.csv", "", 5, "占原单元份额", "U011"),
)
def share_of_forty(small: Small) -> None:
    changed(small, ("", ""), ("", ""), ("", ""), ("310199001009", "40"), ("310199001009", "0.6"))


@case(
    "a share of nothing",
    ("单元名录.csv", "", 5, "占原单元份额", "U010"),
)
def share_of_nothing(small: Small) -> None:
    changed(small, ("", ""), ("", ""), ("", ""), ("", "0.4"))


@case(
    "two predecessors and one share",
    ("单元名录.csv", "", 5, "占原单元份额", "U010"),
)
def one_share_for_two(small: Small) -> None:
    changed(small, ("", ""), ("", ""), ("", ""), ("310199001008、310199001009", "0.4"))


@case(
    "a town as a community's predecessor",
    ("单元名录.csv", "", 5, "原代码", "U013"),
)
def predecessor_of_another_level(small: Small) -> None:
    changed(small, ("", ""), ("", ""), ("", ""), ("310199001", ""))


@case(
    "a predecessor that is still there and says nothing of itself",
    ("单元名录.csv", "", 5, "占原单元份额", "U015"),
    ("单元名录.csv", "", 5, "原代码", "U014"),
)
def predecessor_still_there(small: Small) -> None:
    changed(small, ("", ""), ("", ""), ("", ""), ("310199001002", "0.2"))


@case(
    "a unit nobody knows in a form",
    ("inputs/小区.xlsx", "小区", 3, "社区", "N001"),
    ("inputs/小区.xlsx", "小区", None, "社区", "N006"),
)
def unknown_unit(small: Small) -> None:
    small.put("inputs/小区.xlsx", B3="己社区")


@case(
    "a town nobody knows in a form",
    ("inputs/小区.xlsx", "小区", 3, "街镇", "N001"),
    ("inputs/小区.xlsx", "小区", None, "社区", "N006"),
)
def unknown_town(small: Small) -> None:
    small.put("inputs/小区.xlsx", A3="南街道")


@case(
    "a community under another town than its own",
    ("inputs/小区.xlsx", "小区", 3, "社区", "N001"),
    ("inputs/小区.xlsx", "小区", None, "社区", "N006"),
)
def unit_in_the_wrong_town(small: Small) -> None:
    small.put("inputs/小区.xlsx", A3="西镇")


@case(
    "a name that two communities have, and no town beside it",
    ("inputs/楼栋.xlsx", "楼栋", 5, "社区", "N001"),
    ("inputs/小区.xlsx", "小区", 5, "社区", "N001"),
    ("inputs/小区.xlsx", "小区", None, "社区", "N006"),
    ("inputs/问卷.xlsx", "问卷", 2, "社区", "N002"),
    ("inputs/问卷.xlsx", "问卷", 5, "社区", "N001"),
    ("inputs/问卷.xlsx", "", None, "", "S007"),
    ("inputs/问卷.xlsx", "", None, "", "S008"),
)
def ambiguous_name(small: Small) -> None:
    small.put(FILE, B8="甲社区")
    small.replace("names.csv", "310199002002", "310199002001")


@case(
    "a row that names no unit",
    ("inputs/工单.csv", "", 3, "街镇", "N005"),
)
def row_without_unit(small: Small) -> None:
    small.put("inputs/工单.csv", B3="")


@case(
    "two thousand names that nobody knows",
    *(("inputs/工单.csv", "", 10 + i, "街镇", "N001") for i in range(2000)),
)
def two_thousand_unknown_names(small: Small) -> None:
    small.add("inputs/工单.csv", *(
        [f"N{i}", f"第{i}街坊办事处", "噪声", "诉求", "2026-03-01"] for i in range(2000)
    ))  # fmt: skip
