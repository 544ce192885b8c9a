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


@case("a code twice")
def code_twice(small: Small) -> None:
    small.put(FILE, A6="310199001001")


@case("a town that is its own parent")
def own_parent(small: Small) -> None:
    small.put(FILE, D3="310199001")


@case("two towns that are each other's parent")
def parents_in_a_circle(small: Small) -> None:
    small.put(FILE, D3="310199002", D4="310199001")


@case("a community whose town is not there")
def community_without_town(small: Small) -> None:
    small.put(FILE, D5="310199003")


@case("a community right under the district")
def community_under_the_district(small: Small) -> None:
    small.put(FILE, D5="310199")


@case("a town under a community")
def town_under_a_community(small: Small) -> None:
    small.put(FILE, D4="310199001001")


@case("a code of the wrong length")
def code_too_short(small: Small) -> None:
    small.put(FILE, A5="31019900100", D5="310199001")


@case("a code as Excel shows a number too long for its column")
def code_as_a_power(small: Small) -> None:
    small.put(FILE, A5="3.10E+11", D5="310199001")


@case("a code with letters")
def code_with_letters(small: Small) -> None:
    small.put(FILE, A5="31019900100A", D5="310199001")


@case("a code that does not begin with its parent's")
def code_of_another_parent(small: Small) -> None:
    small.put(FILE, D7="310199001")


@case("no code")
def no_code(small: Small) -> None:
    small.put(FILE, A5="")


@case("no name")
def no_name(small: Small) -> None:
    small.put(FILE, B5="")


@case("a level that is none")
def no_such_level(small: Small) -> None:
    small.put(FILE, C5="小组")


@case("two districts")
def two_districts(small: Small) -> None:
    small.add(FILE, ["310198", "别区", "区", "", "", 5, 5])


@case("no district")
def no_district(small: Small) -> None:
    small.table(FILE, [UNITS[0], *UNITS[2:]])


@case("another district than the project's")
def another_district(small: Small) -> None:
    small.settings('district = "310199"', 'district = "310198"')


@case("a negative population")
def negative_population(small: Small) -> None:
    small.put(FILE, F5=-7000)


@case("a negative area")
def negative_area(small: Small) -> None:
    small.put(FILE, G3=-1)


@case("a population that is no number")
def population_in_words(small: Small) -> None:
    small.put(FILE, F5="七千")


@case("a population that is infinite")
def infinite_population(small: Small) -> None:
    small.put(FILE, F5="inf")


@case("no population")
def no_population(small: Small) -> None:
    small.put(FILE, F5="", F3="", F2="")


@case("people in ten thousands where all others are counted one by one")
def population_in_ten_thousands(small: Small) -> None:
    small.put(FILE, F5=0.7)


@case("a town with fewer people than its communities have together")
def parent_smaller_than_its_children(small: Small) -> None:
    small.put(FILE, F3=1200)


@case("two communities of one town with the same name")
def same_name_in_a_town(small: Small) -> None:
    small.put(FILE, B6="甲社区")


@case("the table of units is empty")
def no_units(small: Small) -> None:
    small.table(FILE, UNITS[:1])


@case("the table of units has no column of codes")
def no_column_of_codes(small: Small) -> None:
    small.table(FILE, [row[1:] for row in UNITS])


@case("shares of a unit that was divided, which do not make up the whole")
def shares_short_of_one(small: Small) -> None:
    changed(small, ("", ""), ("", ""), ("", ""), ("310199001009", "0.4"), ("310199001009", "0.5"))


@case("shares of a unit that was divided, which make up more than the whole")
def shares_over_one(small: Small) -> None:
    changed(small, ("", ""), ("", ""), ("", ""), ("310199001009", "0.6"), ("310199001009", "0.5"))


@case("a share of forty where 0.4 is meant")
def share_of_forty(small: Small) -> None:
    changed(small, ("", ""), ("", ""), ("", ""), ("310199001009", "40"), ("310199001009", "0.6"))


@case("a share of nothing")
def share_of_nothing(small: Small) -> None:
    changed(small, ("", ""), ("", ""), ("", ""), ("", "0.4"))


@case("two predecessors and one share")
def one_share_for_two(small: Small) -> None:
    changed(small, ("", ""), ("", ""), ("", ""), ("310199001008、310199001009", "0.4"))


@case("a town as a community's predecessor")
def predecessor_of_another_level(small: Small) -> None:
    changed(small, ("", ""), ("", ""), ("", ""), ("310199001", ""))


@case("a predecessor that is still there and says nothing of itself")
def predecessor_still_there(small: Small) -> None:
    changed(small, ("", ""), ("", ""), ("", ""), ("310199001002", "0.2"))


@case("a unit that was its own predecessor twice")
def predecessor_twice(small: Small) -> None:
    changed(small, ("", ""), ("", ""), ("", ""), ("310199001009、310199001009", "0.4、0.6"))


@case("a unit nobody knows in a form")
def unknown_unit(small: Small) -> None:
    small.put("inputs/小区.xlsx", B3="己社区")


@case("a town nobody knows in a form")
def unknown_town(small: Small) -> None:
    small.put("inputs/小区.xlsx", A3="南街道")


@case("a community under another town than its own")
def unit_in_the_wrong_town(small: Small) -> None:
    small.put("inputs/小区.xlsx", A3="西镇")


@case("a name that two communities have, and no town beside it")
def ambiguous_name(small: Small) -> None:
    small.put(FILE, B8="甲社区")
    small.replace("names.csv", "310199002002", "310199002001")


@case("a row that names no unit")
def row_without_unit(small: Small) -> None:
    small.put("inputs/工单.csv", B3="")


@case("two thousand names that nobody knows")
def two_thousand_unknown_names(small: Small) -> None:
    small.add("inputs/工单.csv", *(
        [f"N{i}", f"第{i}街坊办事处", "噪声", "诉求", "2026-03-01"] for i in range(2000)
    ))  # fmt: skip
