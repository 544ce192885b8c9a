"""One thing that was looked at (体检本机的一项), and how all of them are told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

SIGNS = {"well": "✓", "note": "!", "bad": "✗"}


@dataclass(frozen=True)
class Check:
    """``state``: well, note (works, but look at it), bad (something needed is missing). ``todo`` says what to do about it.

    ``steady`` stands in place of ``told`` where the same machine must say the same twice: no figures of this minute.
    """

    state: Literal["well", "note", "bad"]
    name: str
    told: str
    todo: str = ""
    steady: str | None = None


def lines_of(checks: Iterable[Check], *, steady: bool = False) -> str:
    """One line for each: ✓ 内存：共 16 GB，可用 9.2 GB; what to do stands below what is not well."""
    return "\n".join(
        _lines(check, check.told if check.steady is None or not steady else check.steady) for check in checks
    )


def _lines(check: Check, told: str) -> str:
    line = f"{SIGNS[check.state]} {check.name}：{told}"
    return f"{line}\n  → {check.todo}" if check.todo else line


def something_missing(checks: Iterable[Check]) -> bool:
    """Whether something needed is missing."""
    return any(check.state == "bad" for check in checks)
