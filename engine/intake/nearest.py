"""Which known names come nearest to one that nobody knows (相近的名称): as ``difflib`` judges, thousands in a second.

``difflib`` compares one pair after another. Here every known name is first measured at once, by the letters it shares with
the unknown one whatever their order; that is the most difflib can find, so only the best few need its judgement.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Sequence

import numpy as np

SHOWN, CUTOFF = 3, 0.3


class Nearest:
    """Finds the nearest of a fixed list of names."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = sorted(set(names))
        letters = sorted(set("".join(self.names)))
        self._column = {letter: i for i, letter in enumerate(letters)}
        self._counts = np.zeros((len(self.names), len(letters)), dtype=np.int16)
        for row, name in zip(self._counts, self.names, strict=True):
            for letter, count in Counter(name).items():
                row[self._column[letter]] = count
        self._lengths = np.array([len(name) for name in self.names], dtype=np.int64)

    def __call__(self, word: str) -> list[str]:
        """Up to three names, the nearest first; none where nothing is near."""
        own = {self._column[letter]: n for letter, n in Counter(word).items() if letter in self._column}
        if not own:
            return []
        shared = np.minimum(self._counts[:, list(own)], list(own.values())).sum(axis=1)
        at_most = 2.0 * shared / (self._lengths + len(word))
        judge = difflib.SequenceMatcher(b=word)
        judged: list[tuple[float, str]] = []
        for i in np.argsort(-at_most, kind="stable"):
            if at_most[i] < CUTOFF or (len(judged) == SHOWN and at_most[i] < judged[-1][0]):
                break
            judge.set_seq1(self.names[i])
            if (ratio := judge.ratio()) >= CUTOFF:
                judged = sorted([*judged, (ratio, self.names[i])], reverse=True)[:SHOWN]
        return [name for _, name in judged]
