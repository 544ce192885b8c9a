"""The small parts of a Word document: elements, paragraphs, fields; and the same document as the same bytes."""

from __future__ import annotations

import io
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx.document import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.text.paragraph import Paragraph

from ..templating import printable

TWIPS_PER_MM = 1440 / 25.4
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment a zip archive knows


def element(tag: str, *inside: BaseOxmlElement, text: str = "", **attributes: object) -> BaseOxmlElement:
    """``<w:tag w:name="value">`` around other elements; a None among the attributes is left out."""
    made = OxmlElement(f"w:{tag}")
    for name, value in attributes.items():
        if value is not None:
            made.set(qn(f"w:{name}"), str(value))
    if text:
        made.text = text
        if text != text.strip():
            made.set(qn("xml:space"), "preserve")
    made.extend(inside)
    return made


def run(text: str, *looks: BaseOxmlElement) -> BaseOxmlElement:
    """A run of text with its properties; characters that no file can hold are left out."""
    held = [element("rPr", *looks)] if looks else []
    return element("r", *held, element("t", text=printable(text)))


def paragraph(style: str, text: str, *looks: BaseOxmlElement, align: str | None = None) -> BaseOxmlElement:
    """A paragraph of the style with this id (for the cells of tables, which are built by the thousand)."""
    properties = element("pPr", element("pStyle", val=style))
    if align is not None:
        properties.append(element("jc", val=align))
    return element("p", properties, *([run(text, *looks)] if text else []))


def add_field(to: Paragraph, code: str, shown: str) -> None:
    """A field (PAGE, NUMPAGES) that shows ``shown`` until a program works it out."""
    to._p.append(element("fldSimple", run(shown), instr=f" {code} "))


def fixed_bytes(document: Document) -> bytes:
    """The document as a file whose parts carry no time of writing, so that equal documents are equal bytes."""
    drafted = io.BytesIO()
    document.save(drafted)
    packed = io.BytesIO()
    with ZipFile(drafted) as parts, ZipFile(packed, "w", ZIP_DEFLATED) as out:
        for name in parts.namelist():
            part = ZipInfo(name, _EPOCH)
            part.compress_type = ZIP_DEFLATED
            out.writestr(part, parts.read(name))
    return packed.getvalue()
