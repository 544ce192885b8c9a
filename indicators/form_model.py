"""The model of a form (填报表) and of the questionnaire: what an indicator set asks of the departments.

A form belongs to one input. Its items are the columns an indicator may read; a later set may add items to a form of
an earlier one. From the forms come the columns, types and units of a project's inputs (``engine/settings/project.py`` fills in
what `tijian.toml` leaves out), the Excel sheets that `tijian forms` writes, and the 数据来源 of every indicator.
"""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from .fields import LevelName, Strict, described


class Item(Strict):
    """One item of a form (填报项): a column of the input."""

    name: str = described("列名，计算式里用它", '"parking_spaces"', '"停车位"', pattern=r"^[a-z][a-z0-9_]*$")
    label: str = described("表头；两级表头用一个空格隔开", '"停车泊位 现有"', '"停车泊位-现有"', min_length=1)
    type: Literal["text", "number", "integer", "yesno", "date"] = described("填什么", '"integer"', '"数字"')
    unit: str = described("计量单位，印在表头下", '"个"', default="")
    note: str = described("填报说明：数什么、不数什么", '"含机械车位，不含占用消防通道的"', default="")
    required: bool = described("这一列必须有，且不得空", "true", default=False)
    base: bool = described("基础名录的列：发表前预先填好", "true", default=False)
    low: float | None = described("不小于", "0", default=None)
    high: float | None = described("不大于", "100", default=None)
    year: bool = described("是年份：体检年份比 high 晚的，上限跟着走", "true", default=False)
    options: tuple[str, ...] = described("下拉选项", '["A级", "B级"]', '"A级、B级"', default=())
    last_year_of: str | None = described(
        "本项是哪一项的上年值，发表时预先填好", '"nonpublic_output"', default=None
    )

    @model_validator(mode="after")
    def _sound(self) -> Item:
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError("low 大于 high")
        if self.options and self.type != "text":
            raise ValueError("options 只用于 text 类型")
        return self


class Form(Strict):
    """One form: which input it fills, who fills it in, a row of what, and its items."""

    input: str = described(
        "输入的名字，计算里 of 写它", '"estates"', '"小区表"', pattern=r"^[a-z][a-z0-9_]*$"
    )
    title: str = described("表名，也是文件名", '"住宅小区调查表"', min_length=2)
    kind: Literal["records", "figures", "reported", "survey", "tickets", "layer"] = described(
        "records 一行一个事物、figures 一行一个单元、reported 直接上报值、survey 问卷、tickets 工单、layer 图层",
        '"records"',
    )
    of: str = described("一行（一个要素）是什么", '"小区"', min_length=1)
    level: LevelName | None = described("事物、数据归到哪一级单元；有坐标的不写", '"community"', default=None)
    located: bool = described("一行有经度、纬度（CGCS2000）两列，按坐标归到单元", "true", default=False)
    geometry: Literal["point", "line", "polygon"] | None = described("图层的几何", '"polygon"', default=None)
    provider: str = described("填报（提供）单位", '"区住房保障房屋管理局"', min_length=2)
    empty_means_none: bool = described(
        "空表（只有表头）表示没有发生，各单元算 0；只用于事件、隐患登记", "true", default=False
    )
    key: str | None = described("编号列的列名，一行一个不同的编号", '"estate_id"', default=None)
    note: str = described("填报范围与要求", '"含售后公房、商品房小区"', default="")
    item: tuple[Item, ...] = described("填报项", "[[form.item]]", default=())

    @model_validator(mode="after")
    def _sound(self) -> Form:
        names = [item.name for item in self.item]
        twice = sorted({n for n in names if names.count(n) > 1})
        if twice:
            raise ValueError(f"填报项重复：{'、'.join(twice)}")
        labels = [item.label for item in self.item]
        same = sorted({n for n in labels if labels.count(n) > 1})
        if same:
            raise ValueError(f"表头重复：{'、'.join(same)}")
        if self.kind == "layer" and self.geometry is None:
            raise ValueError("图层要写 geometry")
        if self.kind in ("records", "figures") and self.level is None and not self.located:
            raise ValueError("要写 level 或 located = true，否则不知道归到哪个单元")
        return self

    def get(self, name: str) -> Item | None:
        """The item of a name."""
        return next((item for item in self.item if item.name == name), None)


class Question(Strict):
    """One question of the residents' questionnaire (问卷题目), answered on a five-step scale of satisfaction."""

    id: str = described("题号，定了不再改", '"Q22"', '"第22题"', pattern=r"^Q\d{2,3}$")
    block: Literal["住宅", "小区", "街区", "城市"] = described("问卷的四个板块之一", '"街区"')
    text: str = described("题目，接在“您对以下方面的满意度”之后", '"公园绿化"', min_length=2)
