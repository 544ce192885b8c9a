"""What a field of an indicator file means (字段的含义): written once, with a good and where it helps a bad example.

Loader messages (``faults.py``), the editor schema (``schema.py``) and the reference page (``reference.py``) are made from it.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

LevelName = Literal["district", "town", "community"]


def described(meaning: str, good: str, bad: str = "", **constraints: Any) -> Any:
    """A field with its meaning, a good example as written in TOML, and what people wrongly write instead."""
    extra: dict[str, Any] | None = {"bad": bad} if bad else None
    return Field(description=meaning, examples=[good], json_schema_extra=extra, **constraints)


class Strict(BaseModel):
    """A frozen part of a definition or a project that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")
