"""Expressions: the one language of branches, requirements, guards and filters (docs/expr.md).

    >>> from hotline.expr import Environment, Program
    >>> names = Environment({"level": "int", "contact.region": "string"})
    >>> program = Program("level >= 3 && contact.region in ['east', 'north']", names)
    >>> program.test(level=4, contact={"region": "east"})
    True

Types are written ``bool``, ``int``, ``uint``, ``double``, ``string``, ``bytes``, ``null_type``, ``timestamp``,
``duration``, ``dyn``, ``list(T)`` and ``map(K, V)``. In Python their values are ``bool``, ``int``, ``int``, ``float``,
``str``, ``bytes``, ``None``, an aware ``datetime``, ``timedelta``, anything, ``list`` and ``dict``; a timestamp may also
be given as nanoseconds or RFC 3339 text, a duration as nanoseconds or text such as ``"90s"``. ``None`` for a variable
means that it has no value. An expression that does not compile, or has no value, raises ``hotline.InvalidError`` with
``line``, ``column`` and ``remedy``.
"""

from __future__ import annotations

from typing import Any

from ._core.expr import Environment, Program

__all__ = ["Environment", "Program", "evaluate"]


def evaluate(source: str, /, **variables: Any) -> Any:
    """Compiles and evaluates at once, every variable being dyn: for trying things out."""
    return Program(source, dict.fromkeys(variables, "dyn")).evaluate(variables)
