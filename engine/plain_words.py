"""What libraries say in English of a fault, shortly in Chinese (程序库的报错): for the brackets of a finding's message.

Each library has a few messages a user meets again and again; these are said in Chinese. Of any other the first sentence is
kept as it is, without the paths of this machine: it is for whoever helps the user.
"""

from __future__ import annotations

import re
from pathlib import Path

_SHORT = 100
_SAID: tuple[tuple[str, str], ...] = (
    (r'syntax error at or near "(.+?)"', "在“{0}”附近写法不对"),
    (r"syntax error at end of input", "没有写完"),
    (r'column "(.+?)" must appear in the GROUP BY', "列 {0} 没有汇总，一个单元有几行时不知道取哪一行：写 sum({0})"),
    (r"No function matches the given name and argument types '(.+?)'", "函数用在了不合适的类型上：{0}"),
    (r"(?:Scalar|Aggregate)? ?[Ff]unction with name (\S+) does not exist", "没有函数 {0}"),
    (r"Could not convert string '(.*?)' to (\w+)", "“{0}”转换不成 {1}"),
    (r"Cannot compare values of type (\S+) and type (\S+)", "{0} 与 {1} 不能相比"),
    (r'unable to find column "(.+?)"', "没有列 {0}"),
    (r"unable to parse '(.*)' as Expr", "写法不对"),
    (r"Unable to open .*\.(shx|dbf)\b", "缺少同名的 .{0} 文件"),
    (r"not recognized as being in a supported file format", "内容不是图层，或者格式不认识"),
    (r"Failed to read GeoJSON data.*?(?:line (\d+), character (\d+))", "GeoJSON 在第 {0} 行第 {1} 个字符处写法不对或没有写完"),
    (r"Failed to read GeoJSON data", "GeoJSON 写法不对或没有写完"),
    (r"codec can't decode byte", "文字不是 UTF-8 编码"),
    (r"sqlite3|SQLite|database disk image is malformed|file is not a database", "GPKG 数据库损坏或不完整"),
    (r"Cannot declare|overwrite a value|Duplicate|twice", "同一个键写了两次"),
    (r"maximum recursion depth", "括号套得太深"),
    (r"No space left on device", "磁盘已满"),
    (r"Disk quota exceeded", "磁盘配额已用完"),
    (r"Read-only file system", "目录是只读的"),
    (r"Permission denied|Operation not permitted", "没有读写的权限"),
    (r"File too large", "文件大过了允许的大小"),
    (r"Input/output error", "磁盘读写出错"),
    (r"File name too long", "路径太长"),
    (r"Not a directory", "路径中有一段不是目录"),
    (r"Is a directory", "那里是目录，不是文件"),
    (r"No such file or directory", "没有这个文件或目录"),
)  # fmt: skip


# what DuckDB calls the types of columns
_TYPES = {
    "VARCHAR": "文字", "BIGINT": "整数", "INTEGER": "整数", "INT32": "整数", "INTEGER_LITERAL": "整数", "DOUBLE": "数",
    "BOOLEAN": "是否", "DATE": "日期",
}  # fmt: skip


def _with_types(said: str) -> str:
    """A sentence with the types of columns in Chinese: sum(文字)."""
    return re.sub(r"\b[A-Z][A-Z0-9_]{3,}\b", lambda found: _TYPES.get(found[0], found[0]), said)


def in_plain_words(fault: object, *hidden: Path) -> str:
    """One line in Chinese where the message is known, else its first sentence; the paths ``hidden`` are left out."""
    text = str(fault).strip()
    for pattern, says in _SAID:
        if found := re.search(pattern, text, re.DOTALL):
            return _with_types(says.format(*found.groups(default="")))
    for path in hidden:
        text = text.replace(f"{path}/", "").replace(str(path), path.name)
    first = re.split(r"(?<=[.!?])\s|\n", text, maxsplit=1)[0]
    first = re.sub(r"^[A-Z][A-Za-z ]+ Error: ", "", first)
    return first if len(first) <= _SHORT else first[: _SHORT - 1] + "…"
