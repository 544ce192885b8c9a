"""Personal data in the inputs, and surveys that are not as they should be."""

from __future__ import annotations

from .cases import case
from .small_project import ANSWERS, Small

TICKETS, SURVEY = "inputs/工单.csv", "inputs/问卷.xlsx"
SECRETS = (
    "13812345678", "13987654321", "138 1234 5678", "138-1234-5678", "１３８１２３４５６７８", "8613812345678",
    "31010119900307123X", "310101900307123", "1381234567",
)  # fmt: skip


@case("a telephone number in a ticket")
def telephone(small: Small) -> None:
    small.put(TICKETS, D3="请回电13812345678谢谢")


@case("an identity number in a ticket")
def identity(small: Small) -> None:
    small.put(TICKETS, D3="身份证31010119900307123X")


@case("two telephone numbers beside each other")
def two_telephones(small: Small) -> None:
    small.put(TICKETS, D3="13812345678,13987654321")


@case("a telephone number with blanks")
def telephone_with_blanks(small: Small) -> None:
    small.put(TICKETS, D3="电话138 1234 5678")


@case("a telephone number with dashes")
def telephone_with_dashes(small: Small) -> None:
    small.put(TICKETS, D3="电话138-1234-5678")


@case("a telephone number in full-width digits")
def telephone_full_width(small: Small) -> None:
    small.put(TICKETS, D3="电话１３８１２３４５６７８")


@case("a telephone number with the country's code")
def telephone_with_country(small: Small) -> None:
    small.put(TICKETS, D3="电话+8613812345678")


@case("an identity number of the old fifteen digits")
def identity_of_old(small: Small) -> None:
    small.put(TICKETS, D3="身份证310101900307123")


@case("a telephone number that Excel keeps as a number")
def telephone_as_number(small: Small) -> None:
    small.put("inputs/楼栋.xlsx", D3=13812345678)


@case("a telephone number where the unit's name should stand")
def telephone_for_a_unit(small: Small) -> None:
    small.put(TICKETS, B3="张三13812345678")


@case("a telephone number where a number of estates should stand")
def telephone_for_a_number(small: Small) -> None:
    small.put("inputs/小区.xlsx", C3="张三13812345678")


@case("a telephone number where an answer should stand")
def telephone_for_an_answer(small: Small) -> None:
    small.put(SURVEY, G3="问13812345678")


@case("a telephone number as the number of a ticket, twice")
def telephone_as_a_key(small: Small) -> None:
    small.put("inputs/楼栋.xlsx", C3="13812345678", C4="13812345678")


@case("a telephone number in the remarks of a survey")
def telephone_in_a_survey(small: Small) -> None:
    small.put(SURVEY, I3="联系我13812345678")


@case("a telephone number in a layer")
def telephone_in_a_layer(small: Small) -> None:
    small.replace("inputs/公园.geojson", "东园", "东园 管理员13812345678")


@case("an answer that is none of the scale's")
def answer_out_of_scale(small: Small) -> None:
    small.put(SURVEY, G3="还行吧")


@case("an answer as a number where words are the scale")
def answer_as_a_number(small: Small) -> None:
    small.put(SURVEY, G3=11)


@case("the same batch of answers pasted twice")
def same_batch_twice(small: Small) -> None:
    small.table(SURVEY, [*ANSWERS, *ANSWERS[1:]])


@case("a batch pasted again under new serial numbers")
def copied_under_new_numbers(small: Small) -> None:
    small.table(SURVEY, [*ANSWERS, *([24 + i, *row[1:]] for i, row in enumerate(ANSWERS[1:], 1))])


@case("a question that the survey does not ask")
def question_not_there(small: Small) -> None:
    small.settings('Q2 = "绿化"', 'Q2 = "养老"')


@case("a question that ends like two of the survey's")
def question_twice(small: Small) -> None:
    header = [*ANSWERS[0], "2、室内绿化"]
    small.table(SURVEY, [[*header[:7], "1、室外绿化", *header[8:]], *([*row, "满意"] for row in ANSWERS[1:])])


@case("fewer answers than were planned")
def too_few_answers(small: Small) -> None:
    small.table(SURVEY, ANSWERS[:6])


@case("answers of children")
def answers_of_children(small: Small) -> None:
    small.table(SURVEY, [ANSWERS[0], *([*row[:3], "9岁", *row[4:]] for row in ANSWERS[1:])])


@case("a survey without a single answer")
def no_answers(small: Small) -> None:
    small.table(SURVEY, ANSWERS[:1])


@case("answers from a community that is not the district's")
def answer_from_elsewhere(small: Small) -> None:
    small.put(SURVEY, B3="外区社区")
