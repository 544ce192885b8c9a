"""Places in no unit: how many, which, and how many of them only just miss one."""

from __future__ import annotations

import polars as pl
import pytest
import shapely
from tijian.engine.findings import Findings
from tijian.engine.intake.maps.spatial_inputs import to_units_by_place
from tijian.engine.settings.project import Input

from .small_year import units
from .two_squares import BORDERS, WEST

SHAPES = pl.DataFrame([{"unit": code, "wkb": shapely.to_wkb(shape)} for code, shape in BORDERS.items()])


def placed(*spots: tuple[float | None, float | None]) -> tuple[pl.DataFrame, list[tuple[str, str]]]:
    frame = pl.DataFrame(
        [
            {"x": x, "y": y, "_file": "设施.xlsx", "_sheet": "表1", "_row": row}
            for row, (x, y) in enumerate(spots, 2)
        ],
        schema_overrides={"x": pl.Float64, "y": pl.Float64},
    )
    findings = Findings()
    found = to_units_by_place(
        frame, Input(kind="layer", file="设施.xlsx"), units(), SHAPES, "EPSG:4549", findings
    )
    assert found is not None
    return found, [(f.code, f.message) for f in findings]


def test_places_in_no_unit_are_counted_named_and_those_that_just_miss_one_told_apart() -> None:
    found, told = placed((100, 100), (-49, 500), (-51, 500), (9000, 9000), (None, None))
    assert found["unit"].to_list() == [WEST, None, None, None, None]
    assert told == [
        ("G030", "5 处中有 3 处不在任何单元的边界内，不计入任何单元（行号或图形序号 3、4、5）；其中 1 处离边界不到 50 米，可能是边界的缝隙")
    ]  # fmt: skip


@pytest.mark.parametrize(("number", "rows"), [(8, "2、3、4、5、6、7、8、9"), (9, "2、3、4、5、6、7、8、9等")])
def test_of_many_the_first_are_named(number: int, rows: str) -> None:
    _, told = placed(*[(9000.0, 9000.0)] * number)
    assert told == [
        ("G030", f"{number} 处中有 {number} 处不在任何单元的边界内，不计入任何单元（行号或图形序号 {rows}）")
    ]


def test_where_everything_lies_in_a_unit_nothing_is_told() -> None:
    assert placed((100, 100), (1500, 500))[1] == []
