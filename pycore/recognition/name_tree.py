"""The tree of names: the namer's classes at its leaves, what a person would call them above.

models/photo/names.json holds it. Its first nodes are the namer's classes in their order, the rest
are the words above them that are worth saying: "an animal", "a bird", not "a chordate".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pycore.errors import AssetError
from pycore.recognition.english import Noun

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CLASSES = 1000
"""Of the namer: ImageNet's, in the order of their synset numbers."""

Beliefs = NDArray[np.float64]
"""One number for each node."""


@dataclass(frozen=True)
class NameTree:
    """Nodes by number; a node's parent may stand anywhere.

    Attributes:
        nouns: how to call each node; None where only what is above it is said.
        parents: of each node; -1 for none.
        detector: the node of each of the detector's classes.
        related: for some of the detector's nodes, others that its box may show as well: a cup may
            turn out to be an espresso.
        person: the node about which nothing is said but itself and how many.
        worn: the node of clothes and the like, of which nothing is said where a person may be.
    """

    nouns: tuple[Noun | None, ...]
    parents: tuple[int, ...]
    detector: tuple[int, ...]
    related: Mapping[int, tuple[int, ...]]
    person: int
    worn: int

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> NameTree:
        """Read names.json.

        Raises:
            AssetError: when it has not the shape that this version understands.
        """
        try:
            tree = cls(
                nouns=tuple(Noun.parse(text) if text else None for text in data["nouns"]),
                parents=tuple(data["parents"]),
                detector=tuple(data["detector"]),
                related={int(node): tuple(others) for node, others in data["related"].items()},
                person=data["person"],
                worn=data["worn"],
            )
            tree.sizes.sum()  # walks every way up
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            raise AssetError(
                "The names for photographs cannot be read. Reload the page.", detail=repr(error)
            ) from error
        return tree

    def upward(self, node: int) -> Iterator[int]:
        """Yield a node and everything above it."""
        while node >= 0:
            yield node
            node = self.parents[node]

    def is_in(self, node: int, family: int) -> bool:
        """Whether a node is another one or below it."""
        return family in self.upward(node)

    def same_name(self, one: int, other: int) -> bool:
        """Whether two nodes are called the same; in everyday words, two classes may be."""
        return one == other or self.nouns[one] == self.nouns[other]

    def related_to(self, family: int, node: int) -> bool:
        """Whether a node may be what is otherwise called by another: one is in the other."""
        return (
            self.is_in(node, family)
            or self.is_in(family, node)
            or self.same_name(family, node)
            or any(self.is_in(node, other) for other in self.related.get(family, ()))
        )

    def common(self, one: int, other: int) -> int:
        """Return the lowest node above two nodes; -1 for none."""
        above = set(self.upward(one))
        return next((node for node in self.upward(other) if node in above), -1)

    def said(self, node: int) -> int:
        """Return the node itself, or the next above it that has a name; -1 for none."""
        return next((above for above in self.upward(node) if self.nouns[above]), -1)

    def noun(self, node: int) -> Noun:
        """Return the name of a node that has one.

        Raises:
            ValueError: it has none.
        """
        noun = self.nouns[node]
        if noun is None:
            raise ValueError(f"node {node} has no name")
        return noun

    def sums(self, shares: Beliefs) -> Beliefs:
        """Add to each node the shares of all nodes below it; shape (nodes,), float64."""
        total = np.array(shares, np.float64)
        for level in reversed(self._levels[1:]):
            np.add.at(total, self._above[level], total[level])
        return total

    def members(self, family: int) -> NDArray[np.bool_]:
        """Tell of each node whether it is another node or below it; bool, shape (nodes,)."""
        found = np.zeros(len(self.nouns), np.bool_)
        found[family] = True
        for level in self._levels[1:]:
            found[level] |= found[self._above[level]]
        return found

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """How many of the namer's classes each node holds; int64, shape (nodes,)."""
        classes = np.arange(len(self.nouns)) < CLASSES
        return self.sums(classes.astype(np.float64)).astype(np.int64)

    @cached_property
    def depths(self) -> tuple[int, ...]:
        """How many nodes each node has above it, itself included.

        Raises:
            ValueError: when a node is above itself, or has no parent noted.
        """
        count = len(self.nouns)
        if len(self.parents) != count or count < CLASSES:
            raise ValueError("nouns and parents do not belong together")
        depths = []
        for node in range(count):
            steps = 0
            for steps, _ in enumerate(self.upward(node), 1):
                if steps > count:
                    raise ValueError(f"node {node} is above itself")
            depths.append(steps)
        return tuple(depths)

    @cached_property
    def has_general(self) -> NDArray[np.bool_]:
        """Tell of each node whether there is a more general word for it; bool, shape (nodes,)."""
        return np.array([parent >= 0 and self.said(parent) >= 0 for parent in self.parents])

    @cached_property
    def _above(self) -> NDArray[np.int64]:
        return np.array(self.parents, np.int64)

    @cached_property
    def _levels(self) -> list[NDArray[np.int64]]:
        """The nodes of each depth, from the top down."""
        depths = np.array(self.depths)
        return [np.flatnonzero(depths == depth) for depth in range(1, depths.max() + 1)]
