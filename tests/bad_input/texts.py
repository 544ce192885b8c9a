"""Text files: encodings, quotes, bytes that no text has, and cells and headers beyond all measure."""

from __future__ import annotations

from .cases import case
from .small_project import TICKETS, Small, csv_bytes

FILE = "inputs/工单.csv"
LINES = csv_bytes(TICKETS).removeprefix(b"\xef\xbb\xbf").decode().splitlines()


def with_line(small: Small, number: int, line: bytes) -> None:
    """The tickets in UTF-8 with the line of that number (from 1) in other bytes."""
    lines = [text.encode() for text in LINES]
    lines[number - 1] = line
    small.raw(FILE, b"\r\n".join(lines) + b"\r\n")


@case(
    "three encodings in one file",
    ("inputs/工单.csv", "", 4, "", "F009"),
)
def csv_in_three_encodings(small: Small) -> None:
    third = len(LINES) // 3
    parts = [LINES[:third], LINES[third : 2 * third], LINES[2 * third :]]
    said = ("utf-8", "gb18030", "utf-16-le")
    small.raw(FILE, b"".join("\r\n".join([*p, ""]).encode(e) for p, e in zip(parts, said, strict=True)))


@case(
    "a line of GBK in a file of UTF-8",
    ("inputs/工单.csv", "", 6, "", "F009"),
)
def csv_with_a_line_of_gbk(small: Small) -> None:
    with_line(small, 6, LINES[5].encode("gb18030"))


@case(
    "UTF-8 cut in the middle of a character",
    ("inputs/工单.csv", "", 9, "", "F009"),
)
def csv_cut_in_a_character(small: Small) -> None:
    small.raw(FILE, "\r\n".join(LINES).encode()[:-12] + "街".encode()[:2])


@case(
    "UTF-16 with an odd number of bytes",
    ("inputs/工单.csv", "", 9, "", "F009"),
)
def csv_of_half_a_character(small: Small) -> None:
    small.raw(FILE, "\r\n".join(LINES).encode("utf-16")[:-1])


@case(
    "Big5, as from a computer in Taiwan",
    ("inputs/工单.csv", "", 1, "", "T001"),
)
def csv_in_big5(small: Small) -> None:
    lines = ["工單編號,街鎮,類別,訴求內容,日期", "T001,東街道,停車,車位不夠,2026-03-01"]
    small.raw(FILE, "\r\n".join(lines).encode("big5"))


@case(
    "bytes of value nought in a text file",
    ("inputs/工单.csv", "", 4, "", "F005"),
)
def csv_with_nul_bytes(small: Small) -> None:
    with_line(small, 4, LINES[3].replace("停车", "停\0车").encode())


@case(
    "a byte of value nought far down a file",
    ("inputs/工单.csv", "", 310, "", "F005"),
)
def csv_with_a_late_nul(small: Small) -> None:
    filler = [f"T{i},东街道,噪声,诉求内容不长也不短,2026-03-01" for i in range(100, 400)]
    small.raw(FILE, "\r\n".join([*LINES, *filler, "T9\0,东街道,噪声,诉求,2026-03-01"]).encode())


@case(
    "a quote that is opened and never closed",
    ("inputs/工单.csv", "", 5, "", "F007"),
)
def csv_with_an_open_quote(small: Small) -> None:
    with_line(small, 5, LINES[4].replace("第4件诉求", '"第4件诉求').encode())


@case(
    "text behind a closing quote",
    ("inputs/工单.csv", "", 3, "", "F007"),
)
def csv_with_text_behind_a_quote(small: Small) -> None:
    with_line(small, 3, LINES[2].replace("第2件诉求", '"第2件"诉求').encode())


@case(
    "a cell of 10 MB in a text file",
    ("inputs/工单.csv", "", 3, "", "F007"),
)
def csv_with_a_huge_cell(small: Small) -> None:
    with_line(small, 3, LINES[2].replace("第2件诉求", "长" * 3_500_000).encode())


@case(
    "a cell longer than Excel can hold, within what the csv reader takes",
    ("inputs/工单.csv", "", 3, "诉求内容", "T017"),
)
def csv_with_a_long_cell(small: Small) -> None:
    with_line(small, 3, LINES[2].replace("第2件诉求", "长" * 40_000).encode())


@case(
    "a header of a million columns",
    ("inputs/工单.csv", "", None, "", "F006"),
)
def csv_with_a_million_columns(small: Small) -> None:
    small.raw(FILE, ",".join(f"c{i}" for i in range(1_000_000)).encode() + b"\r\n1,2,3\r\n")


@case(
    "a row with more cells than the header has columns",
    ("inputs/工单.csv", "", 3, "日期", "T010"),
)
def csv_with_a_wider_row(small: Small) -> None:
    with_line(small, 3, LINES[2].replace("第2件诉求", "第2件,诉求").encode())


@case("semicolons between the cells, commas within")
def csv_with_semicolons(small: Small) -> None:
    small.raw(FILE, "\r\n".join(line.replace(",", ";").replace("件", "件,") for line in LINES).encode())


@case("line ends of the old Macintosh")
def csv_of_the_old_macintosh(small: Small) -> None:
    small.raw(FILE, "\r".join(LINES).encode())


@case(
    "the header alone",
    ("inputs/工单.csv", "", None, "", "T005"),
)
def csv_without_rows(small: Small) -> None:
    small.raw(FILE, LINES[0].encode())


@case(
    "one word and nothing else",
    ("inputs/工单.csv", "", None, "", "T001"),
)
def csv_of_one_word(small: Small) -> None:
    small.raw(FILE, "工单".encode())


@case(
    "a text file with a million commas and no line end",
    ("inputs/工单.csv", "", None, "", "F006"),
)
def csv_of_commas(small: Small) -> None:
    small.raw(FILE, b"," * 1_000_000)
