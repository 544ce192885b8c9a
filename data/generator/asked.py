"""What the sample's own project file asks for (要填的表): its inputs as completed from the forms in force.

The generator writes exactly these files with exactly these columns, so that a form that gains an item is followed
by the sample without a line of code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from ...engine.findings import Findings
from ...engine.settings.forms import complete_inputs, tell_unknown
from ...engine.settings.project import Input, Project, load_project
from ...indicators.form_model import Form, Item
from ...indicators.loader import Library, load_indicators

SAMPLE = Path(str(resources.files("tijian.data").joinpath("sample")))


@dataclass(frozen=True)
class Asked:
    """The sample's project, completed, and the library of its indicator sets."""

    project: Project
    library: Library

    @property
    def inputs(self) -> Mapping[str, Input]:
        """Every input the project declares, by name."""
        return self.project.inputs

    @property
    def forms(self) -> Mapping[str, Form]:
        """The forms in force, by input."""
        return self.library.forms

    def item(self, name: str, column: str) -> Item:
        """The item of a form. Raises ValueError when there is none."""
        item = self.forms[name].get(column)
        if item is None:
            raise ValueError(f"{name}：tijian.toml 的列 {column} 不是填报表中的项")
        return item

    def path(self, name: str, year: int) -> str:
        """Where the input's file of a year lies."""
        return self.inputs[name].files[0].replace("{year}", str(year))


def ask(folder: Path = SAMPLE) -> Asked:
    """Read the project file and its indicator sets. Raises ValueError, with every fault, when one is unsound."""
    findings = Findings()
    project = load_project(folder, findings)
    if project is not None:
        library = load_indicators(project.project.indicators, folder, findings)
        tell_unknown(project, library, findings)
        project = complete_inputs(project, library, findings)
    if project is None or findings.errors:
        faults = findings.frame().filter(level="error")["message"]
        raise ValueError("演示项目的项目文件或指标体系有错：\n" + "\n".join(faults))
    return Asked(project, library)
