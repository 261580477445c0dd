"""What happened around an endpoint at which nothing came: what went elsewhere, and what came late."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from inspector.client import Client, Json
from inspector.testing.plain import plain

ROWS_READ = 500
ROWS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Ended:
    """An endpoint whose test was over at *at*: what comes to it later is late."""

    name: str
    at: datetime


@dataclass(slots=True)
class Surroundings:
    """The server around an endpoint, as far as this process used it.

    ``ended`` are the endpoints of tests that are over, by id.
    """

    callback_url: str
    ended: dict[str, Ended] = field(default_factory=dict)

    def hints(self, client: Client, made_at: datetime) -> Iterator[tuple[str, list[str]]]:
        """Labels and lines for the report of an endpoint, made at *made_at*, at which nothing came."""
        rows: list[Json] = client.get("/api/deliveries", limit=ROWS_READ)["deliveries"]
        others = [row for row in rows if _moment(row) >= made_at]
        late = [row for row in others if self._is_late(row)]
        elsewhere = [row for row in others if row["endpoint_id"] not in self.ended]
        if elsewhere:
            yield "elsewhere", [*self._places(client, elsewhere)]
        if late:
            yield "late", [self._late_row(row) for row in late[:ROWS_SHOWN]]
        malformed = self._malformed(client, made_at)
        if malformed:
            yield "no HTTP", malformed
        yield (
            "check",
            [
                "that the code under test was given the URL above and really calls it",
                "that it does not run in a container, where localhost is the container itself",
            ],
        )

    def _is_late(self, row: Json) -> bool:
        ended = self.ended.get(row["endpoint_id"])
        return ended is not None and _moment(row) > ended.at

    def _places(self, client: Client, rows: list[Json]) -> Iterator[str]:
        """Where callbacks of no other test went, by path: the URL may have been spelt wrong."""
        paths = {each["id"]: each["path"] for each in client.get("/api/endpoints")["endpoints"]}
        counted = Counter(
            f"{plain(row['method'], 20)} {plain(row['path'], 80)}, caught by the endpoint "
            f"{plain(str(paths.get(row['endpoint_id'], 'that is gone')), 60)}"
            for row in rows
        )
        for text, count in counted.most_common(ROWS_SHOWN):
            yield f"{count:,} x {text}"

    def _late_row(self, row: Json) -> str:
        name = self.ended[row["endpoint_id"]].name
        return f"#{row['id']} {plain(row['method'], 20)} came to {plain(name, 80)} after its end"

    def _malformed(self, client: Client, made_at: datetime) -> list[str]:
        """What came that was no HTTP request: TLS on a plain port, mostly."""
        found: list[Json] = client.get("/api/malformed", limit=ROWS_SHOWN)["malformed"]
        return [plain(str(each["reason"]), 200) for each in found if _moment(each) >= made_at]


def _moment(row: Json) -> datetime:
    return datetime.fromisoformat(row["received_at"])
