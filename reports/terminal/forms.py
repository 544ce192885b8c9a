"""Writing the forms from the terminal (写出填报表): for which departments, with what is known already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from ...engine.findings import InputError
from ...engine.review.prefill import know_before
from ...engine.storage.store import StoreError
from ...indicators.forms import in_year
from ..forms.books import all_books, departments
from ..forms.judgements import write_judgements
from ..forms.workbook import Issue, write_forms
from .session import EXIT_STATE, StoppedError, all_known, load_library, open_project, stopped_by


def write_all_forms(
    project: Path,
    year: int | None,
    asked: Sequence[str] | None,
    blank: bool,
    tell: Callable[[str, int, int, str], None],
) -> list[Path]:
    """Write the books of the departments asked for (all, with the matrices of the experts, where none is); their paths.

    ``blank`` leaves out what is known of last year and of the units. Raises StoppedError when the project cannot be read.
    """
    loaded = open_project(project, year)
    library = load_library(loaded)
    library = replace(library, forms=in_year(library.forms, loaded.year))
    chosen = all_known(asked, departments(library), "填报单位")
    try:
        known = know_before(loaded, library, partial(tell, "intake"), blank=blank)
    except InputError as fault:
        raise stopped_by(fault.findings) from None
    except StoreError as fault:
        raise StoppedError(str(fault), EXIT_STATE) from None
    issue = Issue(loaded.project.name, loaded.year, loaded.project.synthetic)
    books = all_books(loaded, library, known, chosen)
    written = write_forms(books, loaded.out, issue, partial(tell, "forms"))
    return written + ([] if chosen else write_judgements(loaded, library, loaded.out, issue))
