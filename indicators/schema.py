"""The editor's schema of indicator files (JSON Schema), made from the models, so that it cannot fall behind them.

An editor that knows TOML schemas shows what each key means and marks what is wrong while one types. The file stands
beside the sets as ``indicator.schema.json``; ``tijian init`` puts a copy into the project's ``indicators/``.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from .form_model import Form, Question
from .layers import Borrow, Disable, Override
from .model import Indicator

SCHEMA_FILE = "indicator.schema.json"
_TABLES: dict[str, type[BaseModel]] = {
    "indicator": Indicator, "override": Override, "disable": Disable, "borrow": Borrow, "form": Form, "question": Question,
}  # fmt: skip


def file_schema() -> dict[str, Any]:
    """The schema of one indicator file: arrays of tables, each of its model, and nothing else."""
    references, definitions = models_json_schema(
        [(model, "validation") for model in _TABLES.values()], ref_template="#/$defs/{model}"
    )
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "城市体检指标文件",
        "type": "object",
        "properties": {
            name: {"type": "array", "items": references[model, "validation"]}
            for name, model in _TABLES.items()
        },
        "additionalProperties": False,
        "$defs": definitions["$defs"],
    }


def schema_text() -> str:
    """The schema as it stands in the file."""
    return json.dumps(file_schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
