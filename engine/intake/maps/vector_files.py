"""Opening vector files (图层文件): GPKG, GeoJSON, Shapefile and zipped Shapefile → attributes, shapes, stated CRS.

Shapefile text comes without a reliable statement of its encoding. It is read as bytes and decoded here: with what
the .cpg states if every value can be read that way, else as UTF-8, else as GB18030 (which holds GBK and GB2312). A
GeoJSON without a ``crs`` member is WGS84 by its standard (RFC 7946), which is not a statement by its maker.
"""

from __future__ import annotations

import codecs
import json
import tempfile
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from glob import escape
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import polars.selectors as cs
import pyarrow as pa
import pyogrio
import pyogrio.raw
import shapely
from pyogrio.errors import DataLayerError, DataSourceError

from ...findings import Findings, Place
from ...plain_words import in_plain_words

LATIN = "ISO-8859-1"  # every byte is one character, so nothing is lost before we decode
CODECS = ("utf-8", "gb18030")
MOST_UNPACKED = 4 << 30  # bytes a zipped layer may unpack to
JSON = (".geojson", ".json")
PARTS = (".shp", ".dbf", ".shx", ".prj", ".cpg")


@dataclass(frozen=True)
class Vector:
    """One layer as it stands in its file: the wanted columns, the shapes, and what the file says of its CRS.

    ``sheet`` is the layer's name in a format that holds several, else empty. ``crs`` is a name or WKT, None when the
    file has none; ``stated`` says whether the file itself gives it.
    """

    frame: pl.DataFrame
    shapes: npt.NDArray[np.object_]
    crs: str | None
    stated: bool
    sheet: str


@dataclass(frozen=True)
class _Source:
    path: Path
    layer: str
    sheet: str
    is_shapefile: bool


def read_vector(
    path: Path, layer: str | None, wanted: Iterable[str], place: Place, findings: Findings
) -> Vector | None:
    """Read one layer's ``wanted`` columns; None, with findings G007, G008, G009 or G016, when that cannot be.

    G017 warns of a layer without features.
    """
    with _gdal_warnings() as said, _opened(path, layer, place, findings) as source:
        if source is None:
            return None
        place = place.at(sheet=source.sheet)
        encoding = LATIN if source.is_shapefile else None
        try:
            info = pyogrio.read_info(source.path, layer=source.layer, encoding=encoding)
            if not info["features"]:
                findings.add("G017", place, expected="至少一个图形")
                if not len(info["fields"]):  # a GeoJSON without features has no columns to find either
                    return None
            columns = _find_columns(list(info["fields"]), list(wanted), source, place, findings)
            if columns is None:
                return None
            meta, table = pyogrio.raw.read_arrow(
                source.path, layer=source.layer, encoding=encoding, columns=list(columns.values())
            )
        except (DataSourceError, DataLayerError, UnicodeDecodeError, ValueError) as fault:
            detail = in_plain_words(fault, source.path, source.path.parent)
            findings.add("G007", place, detail=detail, expected="能打开的图层文件")
            return None
        for text in sorted({str(w.message).replace(str(source.path), place.file) for w in said}):
            findings.add("G024", place, detail=text)
        return _vector(meta, table, columns, source, place, findings)


@contextmanager
def _gdal_warnings() -> Iterator[list[warnings.WarningMessage]]:
    """What GDAL warns of while the block runs, kept from the terminal."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        yield said


def layer_head(path: Path, layer: str | None) -> tuple[str | None, tuple[float, float, float, float]] | None:
    """(CRS as the file has it, bounds in that CRS) of a layer; None when it cannot be opened or is empty."""
    quiet = Findings()  # whoever reads the layer itself tells what is wrong with it
    with _gdal_warnings(), _opened(path, layer, Place(), quiet) as source:
        if source is None:
            return None
        try:
            info = pyogrio.read_info(
                source.path, layer=source.layer, encoding=LATIN if source.is_shapefile else None,
                force_total_bounds=True,
            )  # fmt: skip
        except (DataSourceError, DataLayerError):
            return None
    bounds = info["total_bounds"]
    return None if bounds is None or not np.isfinite(bounds).all() else (info["crs"], tuple(bounds))


def _vector(
    meta: dict[str, Any],
    table: pa.Table,
    columns: dict[str, str],
    source: _Source,
    place: Place,
    findings: Findings,
) -> Vector | None:
    """The Arrow table split into attributes (under their decoded headers) and shapes."""
    if meta["geometry_type"] is None:
        findings.add("G007", place, detail="这是一张没有图形的表", expected="带图形的图层")
        return None
    wkb = table.column(meta["geometry_name"] or "wkb_geometry").to_numpy(zero_copy_only=False)
    shapes = np.asarray(shapely.from_wkb(wkb, on_invalid="fix"), dtype=object)
    frame = pl.DataFrame([_series(table.column(raw), header) for header, raw in columns.items()])
    if source.is_shapefile:
        frame = _decoded(frame, source, place, findings)
    stated = meta["crs"] is not None and (source.path.suffix.lower() not in JSON or _states_crs(source.path))
    return Vector(frame, shapes, meta["crs"], stated, source.sheet)


def _series(column: pa.ChunkedArray, name: str) -> pl.Series:
    """An Arrow column as a series; mixed GeoJSON columns (an extension type), lists and the like as text."""
    if isinstance(column.type, pa.BaseExtensionType):
        column = pa.chunked_array([chunk.storage for chunk in column.chunks], type=column.type.storage_type)
    if pa.types.is_nested(column.type) or pa.types.is_binary(column.type):
        said = [v.decode("utf-8", "replace") if isinstance(v, bytes) else v for v in column.to_pylist()]
        texts = [
            v if v is None or isinstance(v, str) else json.dumps(v, ensure_ascii=False, default=str)
            for v in said
        ]
        return pl.Series(name, texts, dtype=pl.String)
    return pl.Series(name, column)


def _states_crs(path: Path) -> bool:
    """Whether a GeoJSON has a ``crs`` member; writers put it before the features."""
    with path.open("rb") as file:
        return b'"crs"' in file.read(65536).split(b'"features"')[0]


# ---- columns and text --------------------------------------------------------------------------


def _find_columns(
    fields: list[str], wanted: list[str], source: _Source, place: Place, findings: Findings
) -> dict[str, str] | None:
    """Wanted header → the name to ask the reader for; None and a G009 for each header that is not there."""
    decode = _decoder((f.encode(LATIN) for f in fields), None) if source.is_shapefile else None
    shown = {(decode(f.encode(LATIN)) if decode else f): f for f in fields}
    missing = [header for header in wanted if header not in shown]
    for header in missing:
        near = "、".join(get_close_matches(header, shown, n=3, cutoff=0.4)) or "无"
        findings.add("G009", place.at(column=header), value=header, near=near,
                     expected="图层的列：" + "、".join(shown))  # fmt: skip
    return None if missing else {header: shown[header] for header in wanted}


def _decoded(frame: pl.DataFrame, source: _Source, place: Place, findings: Findings) -> pl.DataFrame:
    """The text columns of a Shapefile, read as Latin-1, in the encoding they were written in."""
    texts = frame.select(cs.string())
    if not texts.width:
        return frame
    values = sorted({v for column in texts for v in column.unique().drop_nulls().to_list()})
    stated = _stated_encoding(source.path)
    decode = _decoder((v.encode(LATIN) for v in values), stated)
    if stated and any(_reads(v.encode(LATIN), stated) is None for v in values):
        findings.add("G013", place, value=stated, used=decode.codec, expected=decode.codec)
    known = {v: decode(v.encode(LATIN)) for v in values}
    return frame.with_columns(cs.string().replace_strict(known, return_dtype=pl.String))


def _stated_encoding(path: Path) -> str | None:
    """What the .cpg beside a Shapefile says, as a codec Python knows; GBK and GB2312 are read as GB18030."""
    beside = [p for p in sorted(path.parent.glob(escape(path.stem) + ".*")) if p.suffix.lower() == ".cpg"]
    if not beside:
        return None
    name = beside[0].read_bytes().decode("ascii", "replace").strip()
    name = {"936": "gbk", "65001": "utf-8"}.get(name.removeprefix("CP").removeprefix("cp"), name)
    try:
        found = codecs.lookup(name).name
    except LookupError:
        return None
    return "gb18030" if found in ("gbk", "gb2312") else found


@dataclass(frozen=True)
class _Decoder:
    codec: str

    def __call__(self, raw: bytes) -> str:
        text = _reads(raw, self.codec)
        return raw.decode(self.codec, "replace") if text is None else text


def _decoder(raws: Iterable[bytes], stated: str | None) -> _Decoder:
    """The codec that reads every value, and most of them to their last byte; of equals the stated one, then UTF-8."""
    values = [raw for raw in raws if not raw.isascii()]
    order = dict.fromkeys((*((stated,) if stated else ()), *CODECS))
    possible = [codec for codec in order if all(_reads(raw, codec) is not None for raw in values)]
    if not possible:
        return _Decoder(CODECS[-1])
    return _Decoder(
        max(possible, key=lambda codec: sum(_reads(raw, codec, whole=True) is not None for raw in values))
    )


def _reads(raw: bytes, codec: str, *, whole: bool = False) -> str | None:
    """``raw`` as text, None when it is not ``codec``. Unless ``whole``, a character cut in two at the end of a full
    field is left off.
    """
    try:
        return codecs.getincrementaldecoder(codec)().decode(raw, final=whole)
    except UnicodeDecodeError:
        return None


# ---- files, layers, archives -------------------------------------------------------------------


@contextmanager
def _opened(path: Path, layer: str | None, place: Place, findings: Findings) -> Iterator[_Source | None]:
    """The file and layer to read; a zipped Shapefile is unpacked for as long as the block runs."""
    with ExitStack() as stack:
        if path.suffix.lower() == ".zip":
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tijian-")))
            yield _unpack(path, layer, folder, place, findings)
            return
        yield _choose_layer(path, layer, place, findings)


def _choose_layer(path: Path, layer: str | None, place: Place, findings: Findings) -> _Source | None:
    try:
        names = [str(name) for name, _ in pyogrio.list_layers(path)]
    except (DataSourceError, DataLayerError) as fault:
        detail = in_plain_words(fault, path, path.parent)
        findings.add("G007", place, detail=detail, expected="GPKG、GeoJSON 或 Shapefile")
        return None
    several = path.suffix.lower() not in (*JSON, ".shp")
    if layer is None and len(names) == 1:
        layer = names[0]
    if several and layer not in names:
        findings.add("G008", place, value=layer or "", expected="、".join(names) or "（没有图层）")
        return None
    if not names:
        findings.add("G007", place, detail="文件里没有图层", expected="至少一个图层")
        return None
    name = layer if several and layer else names[0]
    return _Source(path, name, name if several else "", path.suffix.lower() == ".shp")


def _unpack(path: Path, layer: str | None, folder: Path, place: Place, findings: Findings) -> _Source | None:
    """The one Shapefile of an archive (or the one named), written under plain names into ``folder``."""

    def refuse(detail: str, expected: str = "一套完整的 Shapefile") -> _Source | None:
        findings.add("G016", place, detail=detail, expected=expected)
        return None

    try:
        with zipfile.ZipFile(path) as archive:
            members = {_member_name(m): m for m in archive.infolist() if not m.is_dir()}
            stems = sorted(name[:-4] for name in members if name.lower().endswith(".shp"))
            wanted = [s for s in stems if layer is None or s.rsplit("/", 1)[-1] == layer]
            if len(wanted) != 1:
                return refuse(
                    "没有要找的 .shp" if not wanted else "有多个 .shp", "、".join(stems) or "一个 .shp"
                )
            parts = {
                n[-4:].lower(): m
                for n, m in members.items()
                if n[:-4] == wanted[0] and n[-4:].lower() in PARTS
            }
            if sum(m.file_size for m in parts.values()) > MOST_UNPACKED:
                return refuse(f"解开后超过 {MOST_UNPACKED >> 30} GB")
            for suffix, member in sorted(parts.items()):
                (folder / f"layer{suffix}").write_bytes(archive.read(member))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError):
        return refuse("损坏或没有传完")
    try:
        names = pyogrio.list_layers(folder / "layer.shp")
    except (DataSourceError, DataLayerError) as fault:
        return refuse(in_plain_words(fault, folder))
    return _Source(folder / "layer.shp", str(names[0][0]), wanted[0].rsplit("/", 1)[-1], is_shapefile=True)


def _member_name(member: zipfile.ZipInfo) -> str:
    """A member's name; Windows packs Chinese names as GBK without saying so, which zipfile reads as CP437."""
    if member.flag_bits & 0x800 or member.filename.isascii():
        return member.filename
    return _Decoder("gb18030")(member.filename.encode("cp437", "replace"))
