"""Personal data in the inputs, and surveys that are not as they should be."""

from __future__ import annotations

from .cases import case
from .small_project import ANSWERS, Small

TICKETS, SURVEY = "inputs/工单.csv", "inputs/问卷.xlsx"
SECRETS = (
    "13812345678", "13987654321", "138 1234 5678", "138-1234-5678", "１３８１２３４５６７８", "8613812345678",
    "31010119900307123X", "310101900307123", "1381234567",
)  # fmt: skip


@case(
    "a telephone number in a ticket",
    ("inputs/工单.csv", "", 3, "诉求内容", "K001"),
)
def telephone(small: Small) -> None:
    small.put(TICKETS, D3="请回电13812345678谢谢")


@case(
    "an identity number in a ticket",
    ("inputs/工单.csv", "", 3, "诉求内容", "K001"),
)
def identity(small: Small) -> None:
    small.put(TICKETS, D3="身份证31010119900307123X")


@case(
    "two telephone numbers beside each other",
    ("inputs/工单.csv", "", 3, "诉求内容", "K001"),
)
def two_telephones(small: Small) -> None:
    small.put(TICKETS, D3="13812345678,13987654321")


@case(
    "a telephone number with blanks",
    ("inputs/工单.csv", "", 3, "诉求内容", "K001"),
)
def telephone_with_blanks(small: Small) -> None:
    small.put(TICKETS, D3="电话138 1234 5678")


@case(
    "a telephone number with dashes",
    ("inputs/工单.csv", "", 3, "诉求内容", "K001"),
)
def telephone_with_dashes(small: Small) -> None:
    small.put(TICKETS, D3="电话138-1234-5678")


@case(
    "a telephone number in full-width digits",
    ("inputs/工单.csv", "", 3, "诉求内容", "K001"),
)
def telephone_full_width(small: Small) -> None:
    small.put(TICKETS, D3="电话１３８１２３４５６７８")


@case(
    "a telephone number with the country's code",
    ("inputs/工单.csv", "", 3, "诉求内容", "K001"),
)
def telephone_with_country(small: Small) -> None:
    small.put(TICKETS, D3="电话+8613812345678")


@case(
    "an identity number of the old fifteen digits",
    ("inputs/工单.csv", "", 3, "诉求内容", "K001"),
)
def identity_of_old(small: Small) -> None:
    small.put(TICKETS, D3="身份证310101900307123")


@case(
    "a telephone number that Excel keeps as a number",
    ("inputs/楼栋.xlsx", "楼栋", 3, "楼名", "K001"),
)
def telephone_as_number(small: Small) -> None:
    small.put("inputs/楼栋.xlsx", D3=13812345678)


@case(
    "a telephone number where the unit's name should stand",
    ("inputs/工单.csv", "", 3, "街镇", "N001"),
)
def telephone_for_a_unit(small: Small) -> None:
    small.put(TICKETS, B3="张三13812345678")


@case(
    "a telephone number where a number of estates should stand",
    ("inputs/小区.xlsx", "小区", 3, "小区数（个）", "T010"),
)
def telephone_for_a_number(small: Small) -> None:
    small.put("inputs/小区.xlsx", C3="张三13812345678")


@case(
    "a telephone number where an answer should stand",
    ("inputs/问卷.xlsx", "问卷", 3, "停车", "S002"),
)
def telephone_for_an_answer(small: Small) -> None:
    small.put(SURVEY, G3="问13812345678")


@case(
    "a telephone number as the number of a ticket, twice",
    ("inputs/楼栋.xlsx", "楼栋", 4, "楼栋编号", "T020"),
    ("inputs/楼栋.xlsx", "楼栋", 3, "楼栋编号", "K001"),
)
def telephone_as_a_key(small: Small) -> None:
    small.put("inputs/楼栋.xlsx", C3="13812345678", C4="13812345678")


@case(
    "a telephone number in the remarks of a survey",
    ("inputs/问卷.xlsx", "问卷", 3, "意见", "K001"),
)
def telephone_in_a_survey(small: Small) -> None:
    small.put(SURVEY, I3="联系我13812345678")


@case(
    "a telephone number in a layer",
    ("inputs/公园.geojson", "", 1, "名称", "K001"),
)
def telephone_in_a_layer(small: Small) -> None:
    small.replace("inputs/公园.geojson", "东园", "东园 管理员13812345678")


@case(
    "an answer that is none of the scale's",
    ("inputs/问卷.xlsx", "问卷", 3, "停车", "S002"),
)
def answer_out_of_scale(small: Small) -> None:
    small.put(SURVEY, G3="还行吧")


@case(
    "an answer as a number where words are the scale",
    ("inputs/问卷.xlsx", "问卷", 3, "停车", "S002"),
)
def answer_as_a_number(small: Small) -> None:
    small.put(SURVEY, G3=11)


@case(
    "the same batch of answers pasted twice",
    ("inputs/问卷.xlsx", "问卷", 26, "序号", "S003"),
)
def same_batch_twice(small: Small) -> None:
    small.table(SURVEY, [*ANSWERS, *ANSWERS[1:]])


@case(
    "a batch pasted again under new serial numbers",
    ("inputs/问卷.xlsx", "问卷", 26, "", "S004"),
)
def copied_under_new_numbers(small: Small) -> None:
    small.table(SURVEY, [*ANSWERS, *([24 + i, *row[1:]] for i, row in enumerate(ANSWERS[1:], 1))])


@case(
    "a question that the survey does not ask",
    ("inputs/问卷.xlsx", "", None, "养老", "S001"),
)
def question_not_there(small: Small) -> None:
    small.settings('Q2 = "绿化"', 'Q2 = "养老"')


@case(
    "a question that ends like two of the survey's",
    ("inputs/问卷.xlsx", "", None, "绿化", "S001"),
)
def question_twice(small: Small) -> None:
    header = [*ANSWERS[0], "2、室内绿化"]
    small.table(SURVEY, [[*header[:7], "1、室外绿化", *header[8:]], *([*row, "满意"] for row in ANSWERS[1:])])


@case(
    "fewer answers than were planned",
    ("inputs/问卷.xlsx", "", None, "", "S007"),
    ("inputs/问卷.xlsx", "", None, "", "S008"),
)
def too_few_answers(small: Small) -> None:
    small.table(SURVEY, ANSWERS[:6])


@case(
    "answers of children",
    ("inputs/问卷.xlsx", "", None, "年龄", "S010"),
)
def answers_of_children(small: Small) -> None:
    small.table(SURVEY, [ANSWERS[0], *([*row[:3], "9岁", *row[4:]] for row in ANSWERS[1:])])


@case(
    "a survey without a single answer",
    ("inputs/问卷.xlsx", "问卷", None, "", "T005"),
    ("指标 GS-01", "", None, "", "M002"),
)
def no_answers(small: Small) -> None:
    small.table(SURVEY, ANSWERS[:1])


@case(
    "answers from a community that is not the district's",
    ("inputs/问卷.xlsx", "问卷", 3, "社区", "N001"),
)
def answer_from_elsewhere(small: Small) -> None:
    small.put(SURVEY, B3="外区社区")
