"""Indicator definitions: SQL that reaches out of its sandbox, changes settings or cannot end; entries that are none."""

from __future__ import annotations

from .cases import case
from .small_project import Small

FILE = "indicators/tiny/all.toml"
NUMERATOR, DENOMINATOR = 'numerator = "sum(good)"', 'denominator = "sum(estates)"'


def numerator(small: Small, sql: str) -> None:
    """Another numerator for AQ-02; the SQL stands in a TOML literal string."""
    small.replace(FILE, NUMERATOR, f"numerator = '''{sql}'''")


def query(small: Small, sql: str) -> None:
    """AQ-02 by a query of its own."""
    text = small.path(FILE).read_text(encoding="utf-8")
    old = text[
        text.index('  method = "ratio"\n  of = "estates"') : text.index(
            "  scale = 100", text.index('of = "estates"')
        )
    ]
    small.replace(FILE, old, f"  method = \"sql\"\n  of = [\"estates\"]\n  query = '''{sql}'''\n")


@case(
    "SQL that reads a file",
    ("indicators/tiny/all.toml", "指标 AQ-02", None, "measure.numerator", "I011"),
)
def sql_reads_a_file(small: Small) -> None:
    numerator(small, "(SELECT count(*) FROM read_csv('/etc/passwd'))")


@case(
    "SQL that reads a file by its name alone",
    ("indicators/tiny/all.toml", "指标 AQ-02", None, "measure.query", "I011"),
)
def sql_reads_by_name(small: Small) -> None:
    query(small, "SELECT unit, 1 AS numerator, 1 AS denominator FROM '/etc/passwd'")


@case(
    "SQL that reads text by a function",
    ("indicators/tiny/all.toml", "指标 AQ-02", None, "measure.query", "I011"),
)
def sql_reads_text(small: Small) -> None:
    query(
        small,
        "SELECT unit, length(content) AS numerator, 1 AS denominator FROM estates, read_text('/etc/passwd')",
    )


@case(
    "SQL that lists the files of the machine",
    ("indicators/tiny/all.toml", "指标 AQ-02", None, "measure.query", "I011"),
)
def sql_lists_files(small: Small) -> None:
    query(small, "SELECT file AS unit, 1 AS numerator, 1 AS denominator FROM glob('/etc/*')")


@case(
    "SQL that asks for what the environment holds",
    ("indicators/tiny/all.toml", "指标 AQ-02", None, "measure.numerator", "I011"),
)
def sql_reads_the_environment(small: Small) -> None:
    numerator(small, "length(getenv('HOME'))")


@case(
    "SQL that writes a file",
    ("indicators/tiny/all.toml", "指标 AQ-02", None, "measure.query", "I011"),
)
def sql_copies(small: Small) -> None:
    query(small, "COPY estates TO '/tmp/逃.csv'")


@case(
    "SQL that attaches a database",
    ("indicators/tiny/all.toml", "指标 AQ-02", None, "measure.query", "I011"),
)
def sql_attaches(small: Small) -> None:
    query(small, "ATTACH '/tmp/逃.duckdb' AS other")


@case(
    "SQL that installs an extension",
    ("indicators/tiny/all.toml", "指标 AQ-02", None, "measure.query", "I011"),
)
def sql_installs(small: Small) -> None:
    query(small, "INSTALL httpfs")


@case(
    "SQL that loads an extension",
    ("indicators/tiny/all.toml", "指标 AQ-02", None, "measure.query", "I011"),
)
def sql_loads(small: Small) -> None:
    query(small, "LOAD '/tmp/逃.duckdb_extension'")


@case(
    "SQL that changes a setting",
    ("indicators/tiny/all.toml", "指标 AQ-02", None, "measure.query", "I011"),
)
def sql_sets(small: Small) -> None:
    query(small, "SET enable_external_access = true")


@case(
    "SQL that changes a setting by a pragma",
    ("indicators/tiny/all.toml", "指标 AQ-02", None, "measure.query", "I011"),
)
def sql_pragma(small: Small) -> None:
    query(small, "PRAGMA memory_limit='100GB'")


@case(
    "SQL that calls a pragma's function",
    ("indicators/tiny/all.toml", "指标 AQ-02", None, "measure.query", "I011"),
)
def sql_calls(small: Small) -> None:
    query(small, "CALL pragma_database_list()")


@case(
    "SQL that asks what settings and tables there are",
    ("indicators/tiny/all.toml", "指标 AQ-02", None, "measure.query", "I011"),
)
def sql_reads_the_catalogue(small: Small) -> None:
    query(small, "SELECT name AS unit, 1 AS numerator, 1 AS denominator FROM duckdb_settings()")


@case(
    "SQL that asks the information schema",
    ("indicators/tiny/all.toml", "指标 AQ-02", None, "measure.query", "I011"),
)
def sql_reads_the_schema(small: Small) -> None:
    query(small, "SELECT table_name AS unit, 1 AS numerator, 1 AS denominator FROM information_schema.tables")


@case(
    "two statements where one is wanted",
    ("indicators/tiny/all.toml", "指标 AQ-02", None, "measure.numerator", "I011"),
)
def sql_two_statements(small: Small) -> None:
    numerator(small, "1); DROP TABLE estates; SELECT (1")


@case(
    "a comment that hides the rest of a query",
    ("indicators/tiny/all.toml", "指标 AQ-02", None, "measure.numerator", "I011"),
)
def sql_hides_by_a_comment(small: Small) -> None:
    numerator(small, "1) FROM estates --")


@case(
    "a comment in the middle",
    ("indicators/tiny/all.toml", "指标 AQ-02", None, "measure.numerator", "I011"),
)
def sql_hides_in_a_comment(small: Small) -> None:
    numerator(small, "sum(good) /* read_csv('/etc/passwd') */")


@case(
    "quotes made of dollars",
    ("indicators/tiny/all.toml", "指标 AQ-02", None, "measure.numerator", "I011"),
)
def sql_dollar_quotes(small: Small) -> None:
    numerator(small, "length($$/etc/passwd$$)")


@case(
    "a query within a query, run from text",
    ("indicators/tiny/all.toml", "指标 AQ-02", None, "measure.query", "I011"),
)
def sql_runs_text(small: Small) -> None:
    query(small, "SELECT unit, 1 AS numerator, 1 AS denominator FROM query('SELECT * FROM estates')")


@case(
    "SQL that reads another input than it says",
    ("indicators/tiny/all.toml", "指标 AQ-02", None, "measure.query", "I011"),
)
def sql_reads_another_input(small: Small) -> None:
    query(small, "SELECT unit, 1 AS numerator, 1 AS denominator FROM tickets")


@case(
    "SQL that deletes",
    ("indicators/tiny/all.toml", "指标 AQ-02", None, "measure.query", "I011"),
)
def sql_deletes(small: Small) -> None:
    query(small, "DELETE FROM estates")


@case(
    "SQL that changes from run to run",
    ("indicators/tiny/all.toml", "指标 AQ-02", None, "measure.numerator", "I011"),
)
def sql_by_chance(small: Small) -> None:
    numerator(small, "sum(good) * random()")


@case(
    "SQL that asks for the time",
    ("indicators/tiny/all.toml", "指标 AQ-02", None, "measure.numerator", "I011"),
)
def sql_by_the_clock(small: Small) -> None:
    numerator(small, "sum(good) + year(now())")


@case(
    "SQL that is none",
    ("indicators/tiny/all.toml", "指标 AQ-02", None, "measure.numerator", "I011"),
)
def sql_of_words(small: Small) -> None:
    numerator(small, "达标小区数之和 除以")


@case(
    "SQL with a column that the input does not have",
    ("tijian.toml", "", None, "columns", "M006"),
    ("inputs/项目库.xlsx", "", 2, "指标", "B006"),
    ("inputs/项目库.xlsx", "", 3, "指标", "B006"),
)
def sql_unknown_column(small: Small) -> None:
    numerator(small, "sum(goood)")


@case(
    "SQL that divides words by numbers",
    ("指标 AQ-02", "", None, "", "M001"),
    ("inputs/项目库.xlsx", "", 2, "指标", "B006"),
    ("inputs/项目库.xlsx", "", 3, "指标", "B006"),
)
def sql_of_wrong_types(small: Small) -> None:
    numerator(small, "sum(unit / 2)")


@case(
    "a code that is none",
    ("indicators/tiny/all.toml", "指标 3", None, "code", "I005"),
)
def code_of_nothing(small: Small) -> None:
    small.replace(FILE, 'code = "AQ-02"', 'code = "3"')


@case(
    "the same code twice",
    ("indicators/tiny/all.toml", "指标 AQ-01", None, "", "I006"),
)
def code_twice(small: Small) -> None:
    small.replace(FILE, 'code = "AQ-02"', 'code = "AQ-01"')


@case(
    "a key that is none, almost like one",
    ("indicators/tiny/all.toml", "指标 AQ-01", None, "direction", "I004"),
    ("indicators/tiny/all.toml", "指标 AQ-01", None, "directon", "I003"),
)
def key_mistyped(small: Small) -> None:
    small.replace(FILE, "direction =", "directon =")


@case(
    "a dimension that the system does not have",
    ("indicators/tiny/all.toml", "指标 AQ-01", None, "dimension", "I007"),
)
def dimension_unknown(small: Small) -> None:
    small.replace(FILE, 'dimension = "安全"', 'dimension = "安金"')


@case(
    "a direction that is none",
    ("indicators/tiny/all.toml", "指标 AQ-01", None, "direction", "I005"),
)
def direction_unknown(small: Small) -> None:
    small.replace(FILE, 'direction = "higher"', 'direction = "up"')


@case(
    "a method that is none",
    ("indicators/tiny/all.toml", "指标 AQ-01", None, "measure", "I005"),
)
def method_unknown(small: Small) -> None:
    small.replace(FILE, 'method = "ratio"', 'method = "python"')


@case(
    "a definition cut in the middle",
    ("indicators/tiny/all.toml", "指标 BM-01", None, "measure.of", "I004"),
    ("indicators/tiny/all.toml", "指标 BM-01", None, "measure.numerator", "I004"),
)
def toml_cut(small: Small) -> None:
    text = small.path(FILE).read_text(encoding="utf-8")
    small.text(FILE, text[: len(text) // 2])


@case(
    "a definition of another encoding",
    ("indicators/tiny/all.toml", "", 4, "", "I002"),
)
def toml_in_gbk(small: Small) -> None:
    small.text(FILE, small.path(FILE).read_text(encoding="utf-8"), "gb18030")


@case(
    "a set whose system file is gone",
    ("tijian.toml", "", None, "project.indicators", "I001"),
    ("indicators/tiny/all.toml", "", None, "", "I019"),
)
def system_gone(small: Small) -> None:
    small.path("indicators/tiny/system.toml").unlink()


@case(
    "a folder in the place of a set's system file",
    ("tijian.toml", "", None, "project.indicators", "I001"),
    ("indicators/tiny/all.toml", "", None, "", "I019"),
)
def system_a_folder(small: Small) -> None:
    small.path("indicators/tiny/system.toml").unlink()
    small.path("indicators/tiny/system.toml").mkdir()


@case("a set that builds on itself")
def set_on_itself(small: Small) -> None:
    small.replace("indicators/tiny/system.toml", "dimensions", 'builds_on = ["tiny"]\ndimensions')


@case(
    "a set with the name of a way up the folders",
    ("tijian.toml", "", None, "project.indicators", "I001"),
)
def set_up_the_folders(small: Small) -> None:
    small.settings('indicators = ["tiny"]', 'indicators = ["../../etc"]')


@case(
    "an override of an indicator that is not there",
    ("indicators/改.toml", "指标 AQ-99", None, "", "I008"),
)
def override_of_nothing(small: Small) -> None:
    small.text(
        "indicators/改.toml",
        '[[override]]\ncode = "AQ-99"\nfield = "name"\nvalue = "别名"\nreason = "试验"\n',
    )


@case(
    "an override with SQL that reads a file",
    ("indicators/改.toml", "指标 AQ-02", None, "measure.numerator", "I011"),
)
def override_with_a_file(small: Small) -> None:
    small.text(
        "indicators/改.toml",
        '[[override]]\ncode = "AQ-02"\nfield = "measure.numerator"\nvalue = "sum(length(getenv(\'HOME\')))"\nreason = "试验"\n',
    )
