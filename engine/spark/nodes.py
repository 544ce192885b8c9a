"""Nodes of SQL made anew (语法树的零件), and the refusal of what has no equal in Spark."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from .kinds import NULL, UNKNOWN, Node

Known = dict[int, str]  # id of a node → the kind of its value
#: What stands for a node in Spark; the node itself where it means the same.
Rule = Callable[[Node, Known], Node]
Rules = tuple[tuple[type | tuple[type, ...], Rule], ...]


class UntranslatableError(Exception):
    """A piece of SQL would not come to the same on Spark; the message says why, for its author."""


def cast(node: Node, to: str) -> Node:
    """CAST(… AS …)."""
    return exp.Cast(this=node.copy(), to=exp.DataType.build(to))


def call(name: str, *given: Node) -> Node:
    """A function of Spark's."""
    return exp.Anonymous(this=name, expressions=[one.copy() for one in given])


def number(text: str) -> Node:
    """A number written out."""
    return exp.Literal.number(text)


def text(said: str) -> Node:
    """A text written out."""
    return exp.Literal.string(said)


def within(node: Node) -> Node:
    """A node in brackets where it is made of several."""
    return exp.Paren(this=node.copy()) if isinstance(node, exp.Binary) else node.copy()


def choice(*branches: tuple[Node, Node], otherwise: Node | None = None) -> Node:
    """CASE WHEN … THEN … ELSE … END."""
    ifs = [exp.If(this=when, true=then) for when, then in branches]
    return exp.Case(ifs=ifs, default=otherwise)


def of_kind(node: Node, kinds: Known, *allowed: str, says: str) -> str:
    """The kind of a node. Raises UntranslatableError where it is not among ``allowed``."""
    kind = kinds.get(id(node), UNKNOWN)
    if kind not in (*allowed, NULL):
        raise UntranslatableError(says)
    return kind
