"""What a case of bad input is, and the list of all of them in the order they are written.

A case is a function that plants one fault into the small project; beside it stands everything that must be told of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .small_project import Small

Told = tuple[str, str, int | None, str, str]  # file, sheet, row, column, code
Plant = Callable[[Small], None]


@dataclass(frozen=True)
class Case:
    """One fault: what it is, where and as what it must be told (every finding, in order), and words that must be said."""

    group: str
    title: str
    told: tuple[Told, ...]
    says: tuple[str, ...]
    plant: Plant

    @property
    def name(self) -> str:
        """The function's name, which no other case has."""
        return self.plant.__name__


CASES: list[Case] = []


def case(title: str, *told: Told, says: str | tuple[str, ...] = ()) -> Callable[[Plant], Plant]:
    """Declare a case. ``told`` are all the findings; ``says`` is what their value, message and expectation must hold."""

    def declare(plant: Plant) -> Plant:
        words = (says,) if isinstance(says, str) else says
        CASES.append(Case(plant.__module__.rpartition(".")[2], title, told, words, plant))
        return plant

    return declare
