"""常见错误: every kind of finding, from the catalogue; a code is a heading, so that it can be linked to."""

from __future__ import annotations

from itertools import groupby

from ...engine.findings import Kind
from ..wording.finding_words import GROUPS, LEVELS, kinds_in_order, message_in_words
from .markdown import escaped

_HEAD = """# 常见错误

本章由程序生成（`make docs`），请勿手改。程序报的每个问题都有一个代码，如 U003：第一个字母是哪一类，后面是编号，永远不变。
在电脑上看某一个，不必翻手册：

```sh
tijian help-finding U003
```

**错误**要改正才能运行；**提醒**不妨碍运行，会写进报告的数据质量一节。每一条下面，引出的是程序说的话，其中〈〉里的以实际情况代替，
n 是实际的数；位置（文件、工作表、行、列）、原值和应有的写法，程序另外列出。
"""


def findings_page() -> str:
    """The chapter as Markdown: a part for each letter, in the order in which a project meets them."""
    parts = [_HEAD]
    for letter, group in groupby(kinds_in_order(), key=lambda kind: kind.code[0]):
        parts += [f"## {letter} {GROUPS[letter]}\n", *map(_entry, group)]
    return "\n".join(parts)


def _entry(kind: Kind) -> str:
    return (
        f"### {kind.code}\n\n**{escaped(kind.title)}**（{LEVELS[kind.level]}）\n\n> {escaped(message_in_words(kind))}\n\n"
        f"- 原因：{escaped(kind.cause)}\n- 改法：{escaped(kind.remedy)}\n"
    )
