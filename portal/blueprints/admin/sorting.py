"""The heads of lists: links that sort by their column, once more the other way round."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ListHead:
    """The head of a column: its words, the list sorted by it, and how it is sorted now ("" or as `aria-sort` says)."""

    label: str
    address: str
    direction: str


def list_heads(labels: Mapping[str, str], sort: str, address: Callable[[str], str]) -> dict[str, ListHead]:
    """The heads by the keys of `labels`; `sort` is the key in use, with "-" in front where the list is turned round.

    `address` gives the list in an order.
    """
    key = sort.removeprefix("-")
    directions = {key: "descending" if sort.startswith("-") else "ascending"}
    return {one: ListHead(label, address(f"-{one}" if one == sort else one), directions.get(one, ""))
            for one, label in labels.items()}


def read_sort_order(asked: str, labels: Mapping[str, str]) -> str:
    """The order that an address asks for; the first of `labels` where it asks for none that there is."""
    return asked if asked.removeprefix("-") in labels else next(iter(labels))
