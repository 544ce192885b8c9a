"""Names that are more than names: markup, paths, formulas, quotes, characters that nobody sees or few fonts have."""

from __future__ import annotations

from .cases import case
from .small_project import Small

UNITS, BOOK = "单元名录.csv", "inputs/楼栋.xlsx"


def called(small: Small, name: str) -> None:
    """The community 乙社区 under another name in the table of units, and one building under it too."""
    small.put(UNITS, B6=name)
    small.add("names.csv", ["乙社区", "310199001002"])
    small.put(BOOK, D3=name)


@case(
    "a script as a name",
    ("单元名录.csv", "", 6, "名称", "U018"),
)
def script(small: Small) -> None:
    called(small, "<script>alert(1)</script>")


@case(
    "an image with an error handler as a name",
    ("单元名录.csv", "", 6, "名称", "U018"),
)
def image(small: Small) -> None:
    called(small, '"><img src=x onerror=alert(1)>')


@case(
    "a way up the folders as a name",
    ("单元名录.csv", "", 6, "名称", "U018"),
)
def way_up(small: Small) -> None:
    called(small, "../../../tmp/逃")


@case(
    "an absolute path as a name",
    ("单元名录.csv", "", 6, "名称", "U018"),
)
def absolute(small: Small) -> None:
    called(small, "/etc/cron.d/逃")


@case(
    "a command for Excel as a name of a unit",
    ("单元名录.csv", "", 6, "名称", "T015"),
)
def command_as_unit(small: Small) -> None:
    small.put(UNITS, B6="=cmd|' /C calc'!A0")
    small.add("names.csv", ["乙社区", "310199001002"])


@case(
    "a command for Excel as a name of a building",
    ("inputs/楼栋.xlsx", "楼栋", 3, "楼名", "T015"),
)
def command_as_thing(small: Small) -> None:
    small.put(BOOK, D3="=cmd|' /C calc'!A0")


@case(
    "a formula that begins with an at sign as a name of a building",
    ("inputs/楼栋.xlsx", "楼栋", 3, "楼名", "T015"),
)
def at_sign(small: Small) -> None:
    small.put(BOOK, D3="@SUM(1+1)*cmd|' /C calc'!A0")


@case("quotes of all kinds are names like others")
def quotes(small: Small) -> None:
    called(small, """'"“幸福”里"'""")


@case(
    "an SQL injection as a name",
    ("单元名录.csv", "", 6, "名称", "U018"),
)
def injection(small: Small) -> None:
    called(small, "'); DROP TABLE units; --")


@case(
    "a template's marks as a name",
    ("单元名录.csv", "", 6, "名称", "U018"),
)
def template(small: Small) -> None:
    called(small, "{{ 7*7 }}{% include '/etc/passwd' %}{unit}")


@case("emoji in a name")
def emoji(small: Small) -> None:
    called(small, "幸福🏠家园👨‍👩‍👧")


@case("rare characters, 𠮷 and 㛃, are names like others")
def rare(small: Small) -> None:
    called(small, "𠮷㛃社区")


@case(
    "a mark that turns the direction of writing",
    ("inputs/楼栋.xlsx", "楼栋", 3, "楼名", "T018"),
)
def turned(small: Small) -> None:
    small.put(BOOK, D3="甲\u202e楼号一\u202c")


@case(
    "zero-width blanks in a unit's name, which make it differ from itself",
    ("单元名录.csv", "", 6, "名称", "T018"),
    ("inputs/小区.xlsx", "小区", 3, "社区", "T018"),
)
def zero_width(small: Small) -> None:
    small.put("inputs/小区.xlsx", B3="乙\u200b社区")
    small.put(UNITS, B6="乙社\ufeff区")


@case(
    "control characters in a name",
    ("inputs/工单.csv", "", 3, "诉求内容", "T018"),
)
def controls(small: Small) -> None:
    small.put("inputs/工单.csv", D3="诉求\x07\x1b[31m红")


@case(
    "a name of ten thousand characters",
    ("单元名录.csv", "", 6, "名称", "U018"),
)
def very_long(small: Small) -> None:
    called(small, "长" * 10_000)


@case(
    "a name that Windows keeps for itself",
    ("单元名录.csv", "", 6, "名称", "U018"),
)
def reserved(small: Small) -> None:
    called(small, "CON")


@case(
    "a name of blanks and dots",
    ("单元名录.csv", "", 6, "名称", "U018"),
)
def dots(small: Small) -> None:
    called(small, " . . ")


@case(
    "a name with a line break",
    ("单元名录.csv", "", 6, "名称", "U018"),
)
def line_break(small: Small) -> None:
    called(small, "乙\n社区")


@case(
    "a file whose name is no name for a file",
    ("tijian.toml", "", None, "inputs.buildings.file", "P026"),
)
def file_with_nul(small: Small) -> None:
    small.settings('file = "inputs/楼栋.xlsx"', 'file = "inputs/楼\\u0000栋.xlsx"')


@case(
    "a file with a name of a thousand characters",
    ("tijian.toml", "", None, "inputs.buildings.file", "P026"),
)
def file_with_a_long_name(small: Small) -> None:
    small.settings('file = "inputs/楼栋.xlsx"', f'file = "inputs/{"长" * 1000}.xlsx"')
