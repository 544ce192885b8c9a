"""The reference page of indicator files (指标文件的写法), made from the model, so that it cannot fall behind."""

from __future__ import annotations

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from .catchment_model import Zone
from .faults import MEASURES
from .layers import Disable, Override
from .measure_model import CircleKind, Rule, ServiceRadius
from .model import Indicator, Standard, System

_SECTIONS: tuple[tuple[str, str, type[BaseModel]], ...] = (
    ("[[indicator]]", "一项指标", Indicator),
    ("[[indicator.standard]]", "一条标准；标准改了另写一条，往年仍按往年的标准计算", Standard),
    *((f'[indicator.measure] method = "{name}"', "", model) for name, model in MEASURES.items()),
    ("[[indicator.measure.rule]]", "计数指标的一个子项", Rule),
    (
        "[[indicator.measure.radius]]",
        "一类设施的服务半径；需求在任何一类设施各自的半径以内就算覆盖",
        ServiceRadius,
    ),
    ("[[indicator.measure.zone]]", "供需匹配的一个距离分区；第一步、第二步用同一组权重", Zone),
    ("[[indicator.measure.kind]]", "生活圈达标率的一类设施", CircleKind),
    ("[[override]]", "后一体系更改前面体系中某项指标的一个字段", Override),
    ("[[disable]]", "后一体系停用前面体系中的一项指标", Disable),
    ("system.toml", "一个体系的说明，放在体系目录中", System),
)

_HEAD = """# 指标文件的写法

本页由程序生成（`indicators/reference.py`），请勿手改。一个指标体系是一个目录，内有 `system.toml` 和若干指标文件；
`tijian.toml` 的 `project.indicators` 写用哪些体系，后写的覆盖先写的；项目 `indicators/` 目录下的散件最后生效。

计算式是 DuckDB 表达式，列名是 `tijian.toml` 中该输入 `columns` 的键，另有 `unit`（单元代码），面状图层还有
`area_m2`（要素的面积，㎡；输入自己有这一列的用自己的）。计算式中不能有分号、注释、子查询（`method = "sql"` 除外）、
读取文件或设置的函数，也不能有随时间、随机变化的函数。空值不是 0：条件对空值不成立，比率的分子分母都有数的行才算。
"""


def reference_page() -> str:
    """The page as Markdown: one table per kind of entry, one row per field."""
    parts = [_HEAD]
    for title, about, model in _SECTIONS:
        words = about or _first_line(model)
        parts.append(
            f"## `{title}`\n\n{words}\n\n| 字段 | 必填 | 含义 | 写法 | 不要写成 |\n|---|---|---|---|---|"
        )
        parts.append("\n".join(_row(name, field) for name, field in model.model_fields.items()) + "\n")
    return "\n".join(parts)


def _first_line(model: type[BaseModel]) -> str:
    """What a method does: the meaning of its ``method`` field."""
    return model.model_fields["method"].description or ""


def _row(name: str, field: FieldInfo) -> str:
    """One field as a row of a Markdown table."""
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    good = str(field.examples[0]) if field.examples else ""
    cells = [
        f"`{name}`",
        "是" if field.is_required() else "",
        field.description or "",
        _code(good),
        _code(str(extra.get("bad", ""))),
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _code(text: str) -> str:
    return f"`{text}`" if text else ""
