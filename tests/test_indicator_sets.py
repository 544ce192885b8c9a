"""Each shipped set holds what it says it holds, by itself and together with the others.

The eight-dimension table below is what public papers list for 2020–2022; a line is either an indicator of
national-2022 (its own, or taken over from national-2025) or one of the action plan's, which lives in songjiang.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from tijian.engine.findings import Findings
from tijian.indicators.loader import Library, load_indicators
from tijian.indicators.measure_model import Ratio

from .sample_tables import sample_project

DIMENSIONS = ("生态宜居", "健康舒适", "安全韧性", "交通便捷", "风貌特色", "整洁有序", "多元包容", "创新活力")
SCALES = {
    "住房": range(1, 10),
    "小区（社区）": range(10, 22),
    "街区": range(22, 30),
    "城区（城市）": range(30, 60),
}

TABLE = {
    "生态宜居": """区域开发强度 ST-11；组团规模 ST-12；人口密度超过每平方公里1.5万人的建设用地规模 ST-13；
        新建住宅建筑高度超过80米的数量 ST-14；新建住宅建筑密度超过30%的比例 ST-15；城市生态廊道达标率 ST-16；
        空气质量优良天数比率 ST-01；地表水达到或好于Ⅲ类水体比例 ST-17；城市生活污水集中收集率 ST-02；
        再生水利用率 ST-18；城市水体返黑返臭事件数 ST-19；公园绿化活动场地服务半径覆盖率 ST-04；
        绿道服务半径覆盖率 ST-10；人均公园绿地面积 ST-03；城市绿地率 ST-20；城市环境噪声达标地段覆盖率 ST-06；
        新建建筑中绿色建筑占比 ST-05；单位GDP二氧化碳排放降低 ST-21；城市生活垃圾资源化利用率 ST-22""",
    "健康舒适": """完整居住社区覆盖率 JK-17；社区便民商业服务设施覆盖率 JK-18；社区老年服务站覆盖率 JK-19；
        普惠性幼儿园覆盖率 JK-20；社区卫生服务中心门诊分担率 JK-21；人均社区体育场地面积 JK-22；
        社区托育服务设施覆盖率 JK-23；老旧小区改造达标率 JK-24；既有住宅加装电梯完成率 JK-10；停车泊位缺口 JK-05；
        充电桩缺口 JK-06；养老未达标小区数 JK-01；托育未达标小区数 JK-02；幼儿园未达标小区数 JK-11；
        活动场地未达标小区数 JK-07""",
    "安全韧性": """城市内涝积水点密度 AQ-20；可渗透地面面积比例 AQ-21；道路交通事故万车死亡率 AQ-10；
        城市年安全事故死亡率 AQ-22；人均避难场所面积 AQ-08；二级及以上医院覆盖率 AQ-23；
        标准消防站及小型普通消防站覆盖率 AQ-17；结构安全隐患 AQ-01；燃气安全隐患 AQ-02；楼道安全隐患 AQ-03；
        围护安全隐患 AQ-04；管线管道破损住宅 AQ-12；燃气老旧管网改造完成率 AQ-05；电梯安全评估整改率 AQ-06；
        限额以下工程纳管率 SJ-20""",
    "交通便捷": """建成区高峰期平均机动车速度 JT-02；城市道路网密度 JT-01；平均单程通勤时间 JT-05；
        通勤距离小于5公里人口比例 JT-09；轨道站点周边覆盖通勤比例 JT-08；绿色出行分担率 JT-10；
        专用自行车道密度 JT-11；公交站点500米覆盖率 JT-03；道路技术状况指标优良率 SJ-01；公交车新能源比例 SJ-11""",
    "风貌特色": """当年获国际国内建筑奖文化奖项目数 FM-12；万人城市文化建筑面积 FM-04；历史风貌破坏负面事件数 FM-09；
        历史文化街区保护修缮率 FM-13；历史建筑空置率 FM-01；城市国内外游客量 FM-14；文物建筑活化利用率 FM-03；
        美丽街区覆盖率 FM-05""",
    "整洁有序": """门前责任区制定履约率 ZJ-05；街道立杆空中线路规整性 ZJ-14；街道车辆停放有序性 ZJ-15；
        重要管网监测监控覆盖率 ZJ-08；窨井盖完好率 ZJ-16；实施专业化物业管理的住宅小区占比 ZJ-17；道路机扫率 SJ-05；
        星级公厕达标率 SJ-06；户外广告审批率 SJ-08；户外招牌审批率 SJ-09；生活垃圾分类达标率 SJ-18；
        存量违法建筑治理率 ZJ-18""",
    "多元包容": """道路无障碍设施设置率 DY-01；常住人口基本公共服务覆盖率 DY-10；住房支出超过收入50%的家庭占比 DY-05；
        居民最低生活保障标准占上年度人均消费支出比例 DY-11；新市民青年人保障性租赁住房覆盖率 DY-04；
        居住在棚户区和城中村人口数量占比 DY-03；适老化改造率 DY-02""",
    "创新活力": """城市人口年龄中位数 CX-15；城市小学生入学增长率 CX-07；政府负债率 CX-16；
        新增商品住宅与新增人口住房需求比 CX-17；全社会R&D支出占GDP比重 CX-06；非公经济增长率 CX-05；
        万人新增中小微企业数 CX-01；万人高新技术企业数 CX-02；万人上市公司数 CX-03；社区众创空间覆盖率 CX-18""",
}  # fmt: skip
LINES = [
    (dimension, *line.split())
    for dimension, text in TABLE.items()
    for line in text.replace("\n", "").split("；")
]  # (dimension, name in the papers, code)


INPUTS = tuple(sample_project().inputs)


@cache
def load(*sets: str) -> tuple[Library, list[str]]:
    """The library of ``sets`` for the sample's inputs, and what was found, as messages."""
    findings = Findings()
    library = load_indicators(sets, Path("/nonexistent"), findings, inputs=INPUTS)
    return library, [f"{f.place} {f.message}" for f in findings]


# ---- national-2022 --------------------------------------------------------------------------------


def test_national_2022_alone_is_the_whole_eight_dimension_system() -> None:
    library, found = load("national-2022")
    assert found == []
    assert library.dimension_names == DIMENSIONS
    per_dimension = Counter(i.dimension for i in library.indicators)
    assert all(per_dimension[d] >= 7 for d in DIMENSIONS), per_dimension


@pytest.fixture(scope="module")
def both() -> Library:
    library, found = load("national-2022", "songjiang")
    assert found == []
    return library


@pytest.mark.parametrize(("dimension", "name", "code"), LINES)
def test_every_line_of_the_table_is_an_indicator_of_its_dimension(
    both: Library, dimension: str, name: str, code: str
) -> None:
    indicator = both.get(code)
    assert indicator is not None, name
    assert indicator.dimension == dimension
    assert (both.origin[code, "code"] == "songjiang") == code.startswith("SJ-")


def test_what_national_2022_takes_over_reads_as_in_national_2025() -> None:
    borrowing, _ = load("national-2022")
    lending, _ = load("national-2025")
    taken = [i for i in borrowing.indicators if borrowing.origin[i.code, "code"] == "national-2025"]
    assert len(taken) >= 20
    assert [i for i in taken if lending.get(i.code) != i] == []


def test_what_is_not_read_in_a_source_is_marked() -> None:
    library, _ = load("national-2022")
    confirmed = {
        code for _, _, code in LINES
        if not code.startswith("SJ-") and library.origin[code, "code"] == "national-2022" and library.get(code).confirmed
    }  # fmt: skip
    of_2021 = {"ST-06", "ST-11", "ST-12", "ST-13", "ST-14", "ST-16"}
    assert confirmed <= of_2021 | {"JT-03"}  # JT-03: GB/T 51328-2018
    assert of_2021 <= confirmed


def test_growth_has_last_years_value_beside_this_years() -> None:
    library, _ = load("national-2022")
    growing = [i for i in library.indicators if "增长" in i.name or "降低" in i.name]
    assert {i.code for i in growing} >= {"CX-05", "CX-07", "ST-21"}
    for indicator in growing:
        assert isinstance(indicator.measure, Ratio), indicator.code
        form = library.forms[indicator.measure.of]
        earlier = [i for i in form.item if i.last_year_of and i.name in indicator.measure.numerator]
        assert earlier, indicator.code
        assert all(i.last_year_of in indicator.measure.numerator for i in earlier), indicator.code


def test_a_change_may_be_negative_and_a_quotient_of_two_things_above_a_hundred() -> None:
    library, _ = load("national-2022")
    no_part = {i.code for i in library.indicators if i.unit == "%" and not i.is_share}
    assert no_part == {"CX-05", "CX-07", "ST-21", "CX-16", "CX-17"}


# ---- national-2025, songjiang, all ----------------------------------------------------------------


def test_national_2025_alone_has_the_sixty_base_indicators_once_each() -> None:
    library, found = load("national-2025")
    assert found == []
    assert sorted(i.number or 0 for i in library.indicators) == list(range(1, 61))
    for scale, numbers in SCALES.items():
        there = sorted(i.number or 0 for i in library.indicators if i.scale == scale and i.number != 60)
        assert there == list(numbers), scale


def test_songjiang_has_no_dimensions_of_its_own_and_says_so_when_it_stands_alone() -> None:
    library, found = load("songjiang")
    assert library.indicators == ()
    assert len(found) == 1
    assert "维度" in found[0]


def test_songjiang_goes_with_either_national_set() -> None:
    for national in ("national-2025", "national-2022"):
        library, found = load(national, "songjiang")
        assert found == []
        assert sum(i.code.startswith("SJ-") for i in library.indicators) >= 19


def test_all_sets_together_have_at_least_140_indicators() -> None:
    library, found = load("national-2025", "national-2022", "songjiang")
    assert found == []
    assert len(library.indicators) >= 140


def test_a_set_and_the_set_it_borrows_from_go_together_in_either_order() -> None:
    forward, found = load("national-2025", "national-2022")
    backward, found_backward = load("national-2022", "national-2025")
    assert (found, found_backward) == ([], [])
    assert {i.code for i in forward.indicators} == {i.code for i in backward.indicators}
    assert forward.origin == backward.origin
