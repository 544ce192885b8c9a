"""Write forms as books (填报表成文件): a row per unit or per thing, in the look of the office that fills it in.

Which columns there are, under which headers, comes from the completed project; every value from what special code made
or from the tables of values. The last row of a form of towns is 合计, which agrees with the rows above it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...engine.intake.measures import looks_like_unit
from ...engine.settings.project import Input
from .asked import Asked
from .draw import Drawing, Things
from .looks import TOWN_YES_NO, Look, look_of, stem
from .messy import Book, Cell, Sheet, leave_blank, type_numbers_oddly
from .places import DISTRICT_CODE, DISTRICT_NAME
from .values import Row, Values
from .world import Array, World

NUMBERS = ("number", "integer")


@dataclass(frozen=True)
class Office:
    """What is at hand for filling in the forms of one year; ``first`` is the first year of the sample."""

    world: World
    asked: Asked
    values: Values
    year: int
    first: int

    def rows(self, name: str) -> dict[str, Row]:
        """The rows of an input in the tables of values, by item."""
        return dict(self.values.get(name, {}))

    def drawing(self, name: str, things: Things) -> Drawing:
        """What draws the columns of an input for ``things``."""
        look, form = look_of(name, self.asked.forms[name].kind), self.asked.forms[name]
        units = {i.name: look.units.get(i.name, look.units.get(i.unit, i.unit)) for i in form.item}
        return Drawing(self.world, form, self.rows(name), things, self.year, self.first, units)


def units_book(world: World) -> Book:
    """单元名录: the whole tree with people and area, in code order."""
    area = world.town_area.round(2)
    rows: list[list[Cell]] = [
        [
            DISTRICT_CODE,
            DISTRICT_NAME,
            "区",
            None,
            int(world.town_people.sum()),
            float(area.sum().round(2)),
            "区",
        ]
    ]
    for t, (town, code) in enumerate(zip(world.towns, world.town_codes, strict=True)):
        rows.append(
            [code, town.name, "街镇", DISTRICT_CODE, int(world.town_people[t]), float(area[t]), town.zone]
        )
        for row in world.communities.filter(world.communities["town"] == t).iter_rows(named=True):
            rows.append(
                [row["code"], row["name"], "社区", code, row["population"], row["area_km2"], row["kind"]]
            )
    headers = ["统计用区划代码", "名称", "层级", "上级代码", "常住人口（人）", "面积（平方公里）", "类型"]
    return Book("单元名录.xlsx", [Sheet("名录", f"{DISTRICT_NAME}体检单元名录", headers, rows)])


def units_of(world: World, level: str) -> Things:
    """The units of a level, as what a row of a form is about."""
    if level == "district":
        people, area = world.town_people.sum(), world.town_area.sum()
        return Things([DISTRICT_CODE], None, people=np.array([people]), area_km2=np.array([area]))
    if level == "town":
        place = np.arange(len(world.towns))
        return Things(list(world.town_codes), place, people=world.town_people, area_km2=world.town_area)
    frame = world.communities
    return Things(frame["code"].to_list(), world.town_of, np.arange(frame.height),
                  people=frame["population"].to_numpy(), area_km2=frame["area_km2"].to_numpy())  # fmt: skip


def figures_book(office: Office, name: str, made: dict[str, Array]) -> Book:
    """A form with a row per unit of its level; ``made`` are the columns that are known already."""
    source, look = office.asked.inputs[name], look_of(name, "figures")
    things = replace(units_of(office.world, source.level or "town"), columns=made)
    if source.layout == "long":
        return _long_book(office, name, things, look)
    return things_book(office, name, things)


def _add_total(office: Office, name: str, sheet: Sheet) -> None:
    """A last row 合计: the sum of each column of amounts; what is measured or rated cannot be added up."""
    source, form, rows = office.asked.inputs[name], office.asked.forms[name], office.rows(name)
    total: list[Cell] = [None] * len(sheet.headers)
    total[sheet.column(source.unit or "")] = "合计"
    for item, header in source.columns.items():
        wanted, row = form.get(item), rows.get(item)
        c = sheet.column(header)
        numbers = [v for cells in sheet.rows if isinstance(v := cells[c], int | float)]
        limit = wanted.high if wanted is not None else None
        if source.types.get(item) in NUMBERS and (row is None or row.shape != "range") and limit is None:
            total[c] = _plain(sum(numbers))
    sheet.rows.append(total)


def _long_book(office: Office, name: str, things: Things, look: Look) -> Book:
    """A form in long layout: a row per unit and item."""
    source = office.asked.inputs[name]
    drawing = office.drawing(name, things)
    columns = {header: _cells(drawing, item) for item, header in source.columns.items()}
    unit = {header: drawing.units[item] for item, header in source.columns.items()}
    names = place_cells(office.world, source, things, look)[-1][1]
    rows: list[list[Cell]] = [
        [names[n], header, _shown(cells[n], look), unit[header]]
        for n in range(len(things.ids))
        for header, cells in columns.items()
    ]
    headers = [source.unit or "", source.item or "", source.value or "", "计量单位"]
    sheet = _sheet(office, name, look, headers, rows, {})
    type_numbers_oddly(sheet, (headers[2],), office.world.rng("odd", name, office.year), look.odd)
    return Book(office.asked.path(name, office.year), [sheet])


def things_book(office: Office, name: str, things: Things, look: Look | None = None) -> Book:
    """A table with a row per thing (or unit), on one sheet."""
    look = look or look_of(name, office.asked.forms[name].kind)
    table = _table(office, name, things, look)
    sheet = _finished(
        office, name, look, table, list(range(len(things.ids))), office.world.rng("odd", name, office.year)
    )
    path = office.asked.path(name, office.year)
    return Book(path, [sheet], encoding=look.encoding if path.endswith(".csv") else "")


def town_sheets_book(office: Office, name: str, things: Things) -> Book:
    """A table with a sheet per town, each with its own words for yes and no."""
    look = look_of(name, "records")
    rng = office.world.rng("odd", name, office.year)
    table, sheets = _table(office, name, things, look), []
    for t, town in enumerate(office.world.towns):
        own = replace(look, sheet=town.name, title=town.name + look.title, filled_by=town.name,
                      yes_no=TOWN_YES_NO[t % len(TOWN_YES_NO)])  # fmt: skip
        mine = np.flatnonzero(things.town == t).tolist()
        sheets.append(_finished(office, name, own, table, mine, rng))
    return Book(office.asked.path(name, office.year), sheets)


Table = list[tuple[str, list[Cell]]]  # header → the cells below it; yes and no still True and False


def _table(office: Office, name: str, things: Things, look: Look) -> Table:
    """Every column of a table: the places, the items in the order of the form, the coordinates."""
    source = office.asked.inputs[name]
    drawing = office.drawing(name, things)
    columns = place_cells(office.world, source, things, look)
    columns += [(header, _cells(drawing, item)) for item, header in source.columns.items()]
    if source.x and source.y and things.xy is not None:
        degrees = office.world.lonlat(things.xy, source.crs or "EPSG:4490").round(6)
        columns += [(source.x, degrees[:, 0].tolist()), (source.y, degrees[:, 1].tolist())]
    return columns


def place_cells(world: World, source: Input, things: Things, look: Look) -> Table:
    """The columns that name the unit of each row, as the office writes it: none, one, or the parent before it."""
    if source.unit is None:
        return []
    if things.town is None:
        return [(source.unit, [DISTRICT_NAME] * len(things.ids))]
    towns: list[Cell] = [look.town(world.towns[t].name) for t in things.town.tolist()]
    if source.level != "community" or things.community is None:
        return [(source.unit, towns)]
    names = world.communities["name"].to_list()
    if look.town is stem:  # the same office writes communities at full length
        ends = {"居委会": "居民委员会", "村委会": "村民委员会"}
        kinds = world.communities["kind"].to_list()
        names = [
            base + ends[kind] for base, kind in zip(world.communities["base"].to_list(), kinds, strict=True)
        ]
    communities: list[Cell] = [names[c] for c in things.community.tolist()]
    return (
        [(source.within, towns), (source.unit, communities)]
        if source.within
        else [(source.unit, communities)]
    )


def _cells(drawing: Drawing, item: str) -> list[Cell]:
    """A column as it stands in the sheet: in the office's unit, whole numbers without a point."""
    values = drawing.column(item)
    wanted = drawing.form.get(item)
    if wanted is None or wanted.type not in NUMBERS:
        return list(values.tolist())
    factor = drawing.factor(item)
    return [None if v is None else _plain(float(v) / factor) for v in values.tolist()]


def _plain(value: float) -> Cell:
    rounded = round(float(value), 6)
    return int(rounded) if rounded == int(rounded) else rounded


def _shown(cell: Cell, look: Look) -> Cell:
    """A cell in the office's own words for yes and no."""
    return look.yes_no[0 if cell else 1] if isinstance(cell, bool) else cell


def _finished(
    office: Office, name: str, look: Look, table: Table, mine: Sequence[int], rng: np.random.Generator
) -> Sheet:
    """The rows ``mine`` of a table as a sheet, with the office's habits."""
    source, form = office.asked.inputs[name], office.asked.forms[name]
    headers = [header for header, _ in table]
    rows: list[list[Cell]] = [[_shown(cells[i], look) for _, cells in table] for i in mine]
    if look.serial:
        headers, rows = ["序号", *headers], [[n, *row] for n, row in enumerate(rows, 1)]
    if look.remarks:
        headers, rows = [*headers, "备注"], [[*row, None] for row in rows]
    units: dict[str, str] = {}
    for item, header in source.columns.items() if look.units_row else ():
        wanted = form.get(item)
        if wanted is not None and wanted.type in NUMBERS:
            unit = look.units.get(item, look.units.get(wanted.unit, wanted.unit))
            units |= {header: unit} if looks_like_unit(unit) else {}  # a row of units holds nothing else
    sheet = _sheet(office, name, look, headers, rows, units)
    if form.kind == "figures" and source.level == "town" and look.total:
        _add_total(office, name, sheet)
    labels = source.columns
    leave_blank(sheet, [labels[i] for i in look.blank if i in labels], rng, look.blank_share)
    numbers = [header for item, header in labels.items() if source.types.get(item) in NUMBERS]
    type_numbers_oddly(sheet, numbers, rng, look.odd)
    return sheet


def _sheet(
    office: Office, name: str, look: Look, headers: list[str], rows: list[list[Cell]], units: dict[str, str]
) -> Sheet:
    source, form = office.asked.inputs[name], office.asked.forms[name]
    merged = (source.within,) if look.merged and source.within else ()
    return Sheet(
        look.sheet, look.title or f"{office.year}年{form.title}", headers, rows, units=units, merged=merged,
        notes=look.notes or ("注：本表由各街镇填报、主管部门汇总。",), filled_by=look.filled_by or form.provider,
    )  # fmt: skip
