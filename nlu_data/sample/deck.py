"""A shuffled deck: every item comes up once before any comes up again."""

from collections.abc import Sequence
from random import Random
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Deck(Generic[Item]):
    """Deals the items of a sequence in random order, shuffling again when all are dealt."""

    def __init__(self, items: Sequence[Item], random: Random) -> None:
        if not items:
            raise ValueError("a deck needs at least one item")
        self._items = list(items)
        self._random = random
        self._left: list[Item] = []

    def deal(self) -> Item:
        """Return the next item."""
        if not self._left:
            self._left = self._random.sample(self._items, len(self._items))
        return self._left.pop()
