"""Place: where one is on the deliveries page, which every link to another place there carries along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from inspector.models import Endpoint
from inspector.store import Store
from inspector.web import reading


@dataclass(frozen=True, slots=True)
class Place:
    """A list of deliveries, a window of it, and a tab of the delivery beside it.

    ``q`` is the filter as it was typed. The window lies below the id ``before``, or above ``after``; with
    neither it is the newest. ``unfolded`` is the id of the row whose earlier attempts are shown.
    """

    endpoint: Endpoint | None = None
    tab: str = ""
    q: str = ""
    before: int | None = None
    after: int | None = None
    unfolded: int | None = None

    @property
    def endpoint_id(self) -> str | None:
        return self.endpoint.id if self.endpoint else None

    @property
    def unfiltered(self) -> Place:
        """The newest window of the same list without its filter."""
        return replace(self, q="", before=None, after=None)

    def list_url(self, *, before: int | None = None, after: int | None = None) -> str:
        """The address of the list here: of the newest, unless a window is named."""
        return self._url("/", before=before, after=after)

    def unfolding_url(self, delivery_id: int | None) -> str:
        """The list as it is, with the earlier attempts of that row shown, or of none."""
        return self._url("/", before=self.before, after=self.after, open=delivery_id)

    def delivery_url(self, delivery_id: int | str, **query: str) -> str:
        """The address of a delivery here, on the current tab unless *query* names another."""
        window = {"before": self.before, "after": self.after}
        return self._url(f"/deliveries/{delivery_id}", **{"tab": self.tab, **window, **query})

    def delete_url(self) -> str:
        """Where one is asked whether to delete all that the list means."""
        return self._url("/delete")

    def _url(self, path: str, **query: str | int | None) -> str:
        parameters = {"endpoint": self.endpoint.path if self.endpoint else None, "q": self.q, **query}
        named = {name: value for name, value in parameters.items() if value not in (None, "")}
        return f"{path}?{urlencode(named, safe='/:*', quote_via=quote)}" if named else path


def read_place(store: Store, query: Mapping[str, str], tabs: Sequence[str]) -> Place:
    """Where the query string says one is. Raises NotFound for an endpoint that does not exist."""
    named = query.get("endpoint")
    tab = query.get("tab", "")
    before, after = reading.cursor(query, "before"), reading.cursor(query, "after")
    return Place(
        endpoint=store.endpoint(named) if named else None,
        tab=tab if tab in tabs else "",
        q=query.get("q", "").strip(),
        before=before,
        after=after if before is None else None,
        unfolded=reading.cursor(query, "open"),
    )
