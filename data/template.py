"""`tijian init`: the files a new project begins with."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path

from ..engine.findings import Findings
from ..engine.settings.forms import form_file
from ..engine.settings.project import FILE_NAME, ProjectHead
from ..indicators.asking import forms_asked
from ..indicators.loader import load_indicators
from ..indicators.schema import SCHEMA_FILE, schema_text
from .fresh import YEAR_FOLDER, fresh_folder

FILES = (FILE_NAME, "单元名录.csv", "names.csv", "corrections.toml", "indicators/本区指标.toml")
FOLDERS = ("indicators", "history")
INPUTS = "{inputs}"  # stands in the template where the lines of the inputs go


def write_template(folder: Path) -> list[Path]:
    """Write the template into ``folder``. Returns what was written, and the folder that the year's inputs go into; it is
    empty, because whatever stands in it should be an input. Raises FolderNotEmptyError unless ``folder`` is absent or empty.

    Text that Excel opens (CSV) gets a byte-order mark, so that Chinese is read right there.
    """
    with fresh_folder(folder):
        return _fill(folder)


def _fill(folder: Path) -> list[Path]:
    for name in FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)
    written = []
    for name in FILES:
        text = resources.files(__package__).joinpath("new_project", name).read_text(encoding="utf-8")
        path = folder / name
        text = text.replace(INPUTS, "\n".join(input_lines(folder)), 1) if name == FILES[0] else text
        path.write_text(text, encoding="utf-8-sig" if name.endswith(".csv") else "utf-8")
        written.append(path)
    schema = folder / "indicators" / SCHEMA_FILE
    schema.write_text(schema_text(), encoding="utf-8")
    year = tomllib.loads((folder / FILE_NAME).read_text(encoding="utf-8"))["project"]["year"]
    inputs = folder / YEAR_FOLDER.format(year=year)
    inputs.mkdir(parents=True)
    return [*written, schema, inputs]


def input_lines(folder: Path) -> list[str]:
    """One line of `[inputs]` for each form that the usual sets need, saying which file it is and who provides it."""
    sets = ProjectHead.model_fields["indicators"].default
    library = load_indicators(sets, folder, Findings())
    asked = forms_asked(library)
    providers = list(dict.fromkeys(form.provider for form in asked))
    lines = [
        (f"{form.input}.optional = true", Path(form_file(form)).name, form.provider)
        for form in sorted(asked, key=lambda form: providers.index(form.provider))
    ]
    width = max(len(setting) for setting, _, _ in lines)
    return [f"{setting:<{width}}  # {file}，{provider}" for setting, file, provider in lines]
