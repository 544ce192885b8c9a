"""Personal data are masked at intake, and the place is told without repeating the number."""

from __future__ import annotations

import polars as pl
from tijian.engine.findings import Findings
from tijian.engine.intake.privacy import mask_personal


def frame(*texts: str | None) -> pl.DataFrame:
    return pl.DataFrame(
        {"content": texts, "_file": "工单.csv", "_sheet": "", "_row": list(range(2, 2 + len(texts)))},
        schema_overrides={"content": pl.String},
    )


def masked(*texts: str | None) -> tuple[list[str | None], Findings]:
    findings = Findings()
    return mask_personal(frame(*texts), {"content": "诉求内容"}, findings)["content"].to_list(), findings


def test_mobile_and_identity_numbers_are_masked_and_the_rest_stays() -> None:
    texts, findings = masked("路灯不亮", "请回电13812345678。", "身份证11010519491231002X，急", None)
    assert texts == ["路灯不亮", "请回电［已隐去］。", "身份证［已隐去］，急", None]
    (finding,) = findings.rows
    assert (finding.code, finding.place.row, finding.place.column) == ("K001", 3, "诉求内容")
    assert "2 行" in finding.message
    assert "138" not in finding.message + finding.value


def test_other_long_numbers_are_left_alone() -> None:
    texts, findings = masked("工单 202611240001234567", "区划代码 310117001001", "水表号 23812345678901")
    assert texts == ["工单 202611240001234567", "区划代码 310117001001", "水表号 23812345678901"]
    assert len(findings) == 0
