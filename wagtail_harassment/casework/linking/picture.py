"""A small picture of a case, those linked with it, and those linked with these: numbers for a template to draw with.

Whoever looks at it sees no case that the list beside it does not name, and the list says all that the picture shows.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.utils.translation import ngettext

from wagtail_harassment.casework.linking.reading import Links

__all__ = ["Line", "Node", "Picture", "picture"]

WIDTH, HEIGHT = 96, 28
LEFT, STEP, ROW, TOP = 2, 130, 42, 6
#: Cases drawn in a column: more stand in the list alone.
MOST = 8


@dataclass(frozen=True)
class Node:
    """A box with a reference in it."""

    reference: str
    x: int
    y: int
    here: bool = False
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def text_x(self) -> int:
        return self.x + WIDTH // 2

    @property
    def text_y(self) -> int:
        return self.y + HEIGHT // 2 + 5


@dataclass(frozen=True)
class Line:
    """From the right side of a box to the left side of another, or down from one to the next of its column."""

    x1: int
    y1: int
    x2: int
    y2: int


@dataclass(frozen=True)
class Picture:
    """All of it, and in words how many there are."""

    nodes: list[Node]
    lines: list[Line]
    height: int
    width: int
    title: str


def picture(links: Links) -> Picture | None:
    """The picture of the links that stand; ``None`` without one."""
    near = {row.other_id: row.other.reference for row in links.live}
    if not near:
        return None
    pairs = [(row.case_id, row.other_id) for row in links.further]
    far = {row.other_id: row.other.reference for row in links.further if row.other_id not in near}
    here = Node(links.case.reference, LEFT, TOP, here=True)
    nodes = {links.case.pk: here}
    for column, some in ((1, near), (2, far)):
        for row, (pk, reference) in enumerate(list(some.items())[:MOST]):
            nodes[pk] = Node(reference, LEFT + column * STEP, TOP + row * ROW)
    drawn = {frozenset((links.case.pk, pk)) for pk in near} | {frozenset(pair) for pair in pairs}
    lines = [_line(*(nodes[pk] for pk in pair)) for pair in drawn if pair <= nodes.keys()]
    rows = max(min(len(some), MOST) for some in (near, far))
    return Picture(
        list(nodes.values()),
        sorted(lines, key=lambda line: (line.x1, line.y1, line.x2, line.y2)),
        height=TOP * 2 + (rows - 1) * ROW + HEIGHT,
        width=LEFT * 2 + STEP * (2 if far else 1) + WIDTH,
        title=_title(links.case.reference, near, far),
    )


def _line(one: Node, another: Node) -> Line:
    first, second = sorted((one, another), key=lambda node: (node.x, node.y))
    if first.x == second.x:
        return Line(first.text_x, first.y + HEIGHT, second.text_x, second.y)
    middle = HEIGHT // 2
    return Line(first.x + WIDTH, first.y + middle, second.x, second.y + middle)


def _title(reference: str, near: dict[uuid.UUID, str], far: dict[uuid.UUID, str]) -> str:
    words = ngettext(
        "Picture: %(reference)s is linked with %(count)s case.",
        "Picture: %(reference)s is linked with %(count)s cases.",
        len(near),
    ) % {"reference": reference, "count": len(near)}
    if not far:
        return words
    further = ngettext(
        "%(count)s more is linked with these.", "%(count)s more are linked with these.", len(far)
    )
    return f"{words} {further % {'count': len(far)}}"
