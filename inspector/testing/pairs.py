"""Headers, query parameters and form fields: pairs in the order sent, that can be asked by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping


class Pairs(Mapping[str, str]):
    """Pairs of text in the order received, repeats kept.

    As a mapping it has the first value of each name; ``get_all`` has every one, and ``pairs`` everything as
    it came. With *fold* the letter case of names does not matter, as in headers.
    """

    __slots__ = ("_fold", "pairs")

    def __init__(self, pairs: Iterable[tuple[str, str]], *, fold: bool = False) -> None:
        self.pairs: tuple[tuple[str, str], ...] = tuple(pairs)
        self._fold = fold

    def get_all(self, name: str) -> list[str]:
        """Every value of *name*, in order; empty when there is none."""
        wanted = self._key(name)
        return [value for key, value in self.pairs if self._key(key) == wanted]

    def __getitem__(self, name: str) -> str:
        values = self.get_all(name)
        if not values:
            raise KeyError(name)
        return values[0]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(self._key(name) for name, _ in self.pairs))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return f"Pairs({list(self.pairs)!r})"

    def _key(self, name: str) -> str:
        return name.lower() if self._fold else name
