"""tijian.toml: keys mistyped, values of the wrong kind, files that are not there or lie elsewhere."""

from __future__ import annotations

from .cases import case
from .small_project import SETTINGS, Small

FILE = "tijian.toml"


@case(
    "no project file",
    ("tijian.toml", "", None, "", "P001"),
)
def no_project_file(small: Small) -> None:
    small.path(FILE).unlink()


@case(
    "a folder in the place of the project file",
    ("tijian.toml", "", None, "", "P001"),
)
def project_file_a_folder(small: Small) -> None:
    small.path(FILE).unlink()
    small.path(FILE).mkdir()


@case(
    "an empty project file",
    ("tijian.toml", "", None, "project", "P003"),
    ("tijian.toml", "", None, "units", "P003"),
)
def project_file_empty(small: Small) -> None:
    small.text(FILE, "")


@case(
    "a project file of bytes",
    ("tijian.toml", "", 2, "", "P002"),
)
def project_file_of_bytes(small: Small) -> None:
    small.raw(FILE, bytes(range(256)))


@case(
    "a project file of another encoding",
    ("tijian.toml", "", 3, "", "P002"),
)
def project_file_in_gbk(small: Small) -> None:
    small.text(FILE, SETTINGS, "gb18030")


@case(
    "a quote that is not closed",
    ("tijian.toml", "", 4, "", "P002"),
)
def quote_not_closed(small: Small) -> None:
    small.settings('district = "310199"', 'district = "310199')


@case(
    "a key twice",
    ("tijian.toml", "", 6, "", "P002"),
)
def key_twice(small: Small) -> None:
    small.settings("year = 2026", "year = 2026\nyear = 2027")


@case(
    "a Windows path with backslashes",
    ("tijian.toml", "", 21, "", "P002"),
)
def backslashes(small: Small) -> None:
    small.settings('"inputs/楼栋.xlsx"', '"inputs\\楼栋.xlsx"')


@case(
    "Chinese quotes",
    ("tijian.toml", "", 21, "", "P002"),
)
def chinese_quotes(small: Small) -> None:
    small.settings('"inputs/楼栋.xlsx"', "“inputs/楼栋.xlsx”")


@case(
    "a key mistyped",
    ("tijian.toml", "", None, "project.district", "P003"),
    ("tijian.toml", "", None, "project.distrct", "P003"),
    says="相近的是“district”",
)
def key_mistyped(small: Small) -> None:
    small.settings("district =", "distrct =")


@case(
    "a key of an input mistyped",
    ("tijian.toml", "", None, "inputs.buildings.colums", "P003"),
    says="相近的是“columns”",
)
def key_of_an_input_mistyped(small: Small) -> None:
    small.settings("columns =", "colums =")


@case(
    "a key of the weighting mistyped",
    ("tijian.toml", "", None, "scoring.weighting.judgement", "P003"),
    says="相近的是“judgements”",
)
def key_deep_mistyped(small: Small) -> None:
    small.settings("[robustness]", '[scoring.weighting]\njudgement = "甲.xlsx"\n[robustness]')


@case(
    "a table nobody knows",
    ("tijian.toml", "", None, "scorring", "P003"),
    says="相近的是“scoring”",
)
def table_mistyped(small: Small) -> None:
    small.settings("[scoring]", "[scorring]")


@case(
    "a table in the place of text",
    ("tijian.toml", "", None, "project.name", "P003"),
)
def table_for_text(small: Small) -> None:
    small.settings('name = "试验区2026年城市体检"', "name = { a = 1 }")


@case(
    "text in the place of a table",
    ("tijian.toml", "", None, "project.units", "P003"),
)
def text_for_a_table(small: Small) -> None:
    small.settings('[units]\nfile = "单元名录.csv"', 'units = "单元名录.csv"')


@case(
    "text in the place of a list",
    ("tijian.toml", "", None, "project.indicators", "P003"),
)
def text_for_a_list(small: Small) -> None:
    small.settings('indicators = ["tiny"]', 'indicators = "tiny"')


@case(
    "a number in the place of text",
    ("tijian.toml", "", None, "project.district", "P003"),
)
def number_for_text(small: Small) -> None:
    small.settings('district = "310199"', "district = 310199")


@case(
    "a year as text",
    ("tijian.toml", "", None, "project.year", "P003"),
)
def year_as_words(small: Small) -> None:
    small.settings("year = 2026", 'year = "二〇二六"')


@case(
    "a year long past",
    ("tijian.toml", "", None, "project.year", "P003"),
)
def year_long_past(small: Small) -> None:
    small.settings("year = 2026", "year = 1926")


@case(
    "no district",
    ("tijian.toml", "", None, "project.district", "P003"),
)
def no_district(small: Small) -> None:
    small.settings('district = "310199"\n', "")


@case(
    "a kind of input that is none",
    ("tijian.toml", "", None, "inputs.buildings.kind", "P003"),
)
def kind_unknown(small: Small) -> None:
    small.settings('kind = "records"', 'kind = "excel"')


@case(
    "an input that does not say what it is",
    ("tijian.toml", "", None, "inputs.buildings", "P005"),
)
def kind_left_out(small: Small) -> None:
    small.settings('kind = "records"\n', "")


@case(
    "an input without a file",
    ("tijian.toml", "", None, "inputs.buildings", "P005"),
)
def file_left_out(small: Small) -> None:
    small.settings('file = "inputs/楼栋.xlsx"\n', "")


@case(
    "a type of column that is none",
    ("tijian.toml", "", None, "inputs.buildings.types.homes", "P003"),
)
def type_unknown(small: Small) -> None:
    small.settings('homes = "integer"', 'homes = "int"')


@case(
    "a file outside of the project",
    ("tijian.toml", "", None, "inputs.buildings.file", "P026"),
)
def file_outside(small: Small) -> None:
    small.settings('"inputs/楼栋.xlsx"', '"../../../../../../etc/passwd"')


@case(
    "a file by its absolute path",
    ("tijian.toml", "", None, "inputs.buildings.file", "P026"),
)
def file_absolute(small: Small) -> None:
    small.settings('"inputs/楼栋.xlsx"', '"/etc/passwd"')


@case(
    "a table of units outside of the project",
    ("tijian.toml", "", None, "units.file", "P026"),
)
def units_outside(small: Small) -> None:
    small.settings('file = "单元名录.csv"', 'file = "/etc/passwd"')


@case(
    "boundaries outside of the project",
    ("tijian.toml", "", None, "units.boundaries", "P026"),
)
def boundaries_outside(small: Small) -> None:
    small.settings('"inputs/边界.geojson"', '"../边界.geojson"')


@case(
    "names and corrections outside of the project",
    ("tijian.toml", "", None, "names", "P026"),
    ("tijian.toml", "", None, "corrections", "P026"),
)
def names_outside(small: Small) -> None:
    small.settings("\n[project]", '\nnames = "/etc/hosts"\ncorrections = "../../corrections.toml"\n[project]')


@case(
    "a workbook of judgements outside of the project",
    ("tijian.toml", "", None, "scoring.weighting.judgements", "P026"),
)
def judgements_outside(small: Small) -> None:
    small.settings("[robustness]", '[scoring.weighting]\njudgements = "../判断矩阵.xlsx"\n[robustness]')


@case(
    "an address on the net in the place of a file",
    ("tijian.toml", "", None, "inputs.parks.file", "P026"),
)
def file_on_the_net(small: Small) -> None:
    small.settings('"inputs/公园.geojson"', '"/vsicurl/http://127.0.0.1:9/公园.geojson"')


@case(
    "a way of GDAL into an archive",
    ("tijian.toml", "", None, "inputs.parks.file", "P026"),
)
def file_in_an_archive(small: Small) -> None:
    small.settings('"inputs/公园.geojson"', '"/vsizip//etc/passwd"')


@case(
    "an indicator set that is not there",
    ("tijian.toml", "", None, "project.indicators", "I001"),
)
def set_not_there(small: Small) -> None:
    small.settings('indicators = ["tiny"]', 'indicators = ["tinny"]')


@case(
    "a coordinate system of the project that is none",
    ("tijian.toml", "", None, "project.crs", "G026"),
)
def crs_of_nothing(small: Small) -> None:
    small.settings('crs = "EPSG:4549"', 'crs = "EPSG:99999"')


@case(
    "a coordinate system of the project in degrees, in which nothing can be measured",
    ("tijian.toml", "", None, "project.crs", "G026"),
)
def crs_in_degrees(small: Small) -> None:
    small.settings('crs = "EPSG:4549"', 'crs = "EPSG:4490"')


@case(
    "a weight that is negative",
    ("tijian.toml", "", None, "scoring.dimension_weights.安全", "P003"),
)
def weight_negative(small: Small) -> None:
    small.settings(
        'weights_dimensions = "ahp"', 'weights_dimensions = "given"\ndimension_weights = { "安全" = -1 }'
    )


@case(
    "a weight for a dimension that is not there",
    ("tijian.toml", "", None, "scoring.dimension_weights", "P003"),
)
def weight_of_nothing(small: Small) -> None:
    small.settings(
        'weights_dimensions = "ahp"', 'weights_dimensions = "given"\ndimension_weights = { "安金" = 1 }'
    )


@case(
    "infinity as a setting",
    ("tijian.toml", "", None, "budget.total", "P003"),
)
def setting_infinite(small: Small) -> None:
    small.settings("total = 500", "total = inf")


@case(
    "so many samples that the memory would end",
    ("tijian.toml", "", None, "robustness.samples", "P003"),
)
def samples_without_end(small: Small) -> None:
    small.settings("samples = 128", "samples = 1073741824")


@case(
    "a scheme for an indicator that is not in force",
    ("tijian.toml", "", None, "scoring.indicators.AQ-99.weight", "P003"),
)
def scheme_for_nothing(small: Small) -> None:
    small.settings("[robustness]", '[scoring.indicators]\n"AQ-99" = { weight = 2 }\n[robustness]')


@case(
    "a key that only the program uses",
    ("tijian.toml", "", None, "root", "P003"),
)
def key_root(small: Small) -> None:
    small.settings("\n[project]", '\nroot = "/"\n[project]')


@case(
    "a table five hundred deep",
    ("tijian.toml", "", None, "a", "P003"),
)
def table_too_deep(small: Small) -> None:
    small.text(FILE, SETTINGS + "\n[a" + ".a" * 500 + "]\nb = 1\n")


@case(
    "brackets ten thousand deep",
    ("tijian.toml", "", None, "", "P002"),
)
def brackets_too_deep(small: Small) -> None:
    small.text(FILE, SETTINGS + "\nx = " + "[" * 10_000 + "]" * 10_000 + "\n")
