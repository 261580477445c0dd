"""Endpoints: the longest path that fits, on a slash's boundary, and rules about what may be registered."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.deliveries import add, new_delivery, opened

from inspector.errors import Conflict, NotFound
from inspector.models import Endpoint
from inspector.store import Store
from inspector.store.endpoints import EndpointTable

NOW = datetime(2025, 11, 25, tzinfo=UTC)
ROOT = Endpoint("root", "/", NOW)


def table(*paths: str) -> EndpointTable:
    return EndpointTable([ROOT, *[Endpoint(path, path, NOW) for path in paths]])


@pytest.mark.parametrize(
    ("path", "endpoint"),
    [
        (b"/agents", "/agents"),
        (b"/agents/", "/agents"),
        (b"/agents/a/b", "/agents"),
        (b"/agents/deep", "/agents/deep"),
        (b"/agents/deep/er", "/agents/deep"),
        (b"/agents/deeper", "/agents"),
        (b"/agentsx", "/"),
        (b"/Agents", "/"),
        (b"/%61gents", "/"),
        (b"/agent", "/"),
        (b"//agents", "/"),
        (b"/slash", "/"),
        (b"/slash/", "/slash/"),
        (b"/slash/more", "/slash/"),
        (b"/", "/"),
        (b"", "/"),
        (b"*", "/"),
        (b"agents", "/"),
        (b"http://host/agents", "/"),
        ("/höök/x".encode(), "/höök"),
        (b"/\xff\x00", "/"),
    ],
)
def test_the_longest_path_that_fits_wins(path: bytes, endpoint: str) -> None:
    paths = table("/agents", "/agents/deep", "/slash/", "/höök", "/agents/deep/er/and/more")
    assert paths.match(path).path == endpoint


segments = st.lists(st.sampled_from(["a", "b", "ab", ""]), max_size=4)


@given(registered=st.lists(segments, max_size=6), path=segments)
def test_matching_is_what_the_words_say(registered: list[list[str]], path: list[str]) -> None:
    def fits(candidate: str) -> bool:
        return asked == candidate or asked.startswith(
            candidate if candidate.endswith("/") else candidate + "/"
        )

    paths = {"/" + "/".join(parts) for parts in registered} - {"/"}
    asked = "/" + "/".join(path)
    wanted = max(filter(fits, {*paths, "/"}), key=len)
    assert table(*paths).match(asked.encode()).path == wanted


def test_a_new_store_has_the_root_and_nothing_else(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        [root] = store.endpoints()
        assert (root.id, root.path, root.scheme, root.reject_invalid) == ("root", "/", "auto", False)
        assert store.endpoint("/") == store.endpoint("root") == store.match(b"/any") == root
    with opened(tmp_path) as store:
        assert store.endpoints() == (root,)


def test_what_is_registered_counts_at_once_and_after_a_restart(tmp_path: Path) -> None:
    async def change() -> None:
        await store.create_endpoint(agents)
        assert store.match(b"/agents/a") == agents
        await store.replace_endpoint(renamed)
        assert store.match(b"/agents/a").id == "root"
        assert store.match(b"/workers/a") == renamed
        with pytest.raises(NotFound):
            store.endpoint("/agents")

    agents = Endpoint("e2", "/agents", NOW, name="Agents")
    renamed = replace(agents, path="/workers", scheme="blaxel", tolerance_seconds=60)
    with opened(tmp_path) as store:
        asyncio.run(change())
    with opened(tmp_path) as store:
        assert [endpoint.path for endpoint in store.endpoints()] == ["/", "/workers"]
        assert store.endpoint("/workers") == store.endpoint("e2") == renamed
        asyncio.run(store.delete_endpoint("e2"))
        assert store.match(b"/workers").id == "root"
        with pytest.raises(NotFound):
            asyncio.run(store.delete_endpoint("e2"))


def test_what_cannot_be_registered(tmp_path: Path) -> None:
    async def refuse() -> None:
        await store.create_endpoint(Endpoint("e2", "/agents", NOW))
        await store.create_endpoint(Endpoint("e3", "/others", NOW))
        with pytest.raises(Conflict, match="/agents is taken"):
            await store.create_endpoint(Endpoint("e4", "/agents", NOW))
        with pytest.raises(Conflict):
            await store.create_endpoint(Endpoint("e4", "/", NOW))
        with pytest.raises(Conflict):
            await store.create_endpoint(Endpoint("e2", "/more", NOW))
        with pytest.raises(Conflict):
            await store.replace_endpoint(Endpoint("e3", "/agents", NOW))
        with pytest.raises(NotFound):
            await store.replace_endpoint(Endpoint("e9", "/more", NOW))
        with pytest.raises(Conflict):
            await store.replace_endpoint(Endpoint("root", "/moved", NOW))
        with pytest.raises(Conflict, match="cannot be deleted"):
            await store.delete_endpoint("root")
        await store.replace_endpoint(Endpoint("root", "/", NOW, name="Everything else"))

    with opened(tmp_path) as store:
        asyncio.run(refuse())
        assert [(e.id, e.path) for e in store.endpoints()] == [
            ("root", "/"),
            ("e2", "/agents"),
            ("e3", "/others"),
        ]
        assert store.endpoint("/").name == "Everything else"
        assert store.state().fault is None


def test_two_who_want_the_same_path_at_once(tmp_path: Path) -> None:
    async def race() -> list[Endpoint | BaseException]:
        wanted = [Endpoint(f"e{number}", "/same", NOW) for number in range(5)]
        return await asyncio.gather(*map(store.create_endpoint, wanted), return_exceptions=True)

    with opened(tmp_path) as store:
        results = asyncio.run(race())
        assert [isinstance(result, Conflict) for result in results] == [False, True, True, True, True]
        assert store.endpoint("/same").id == "e0"


def test_deleting_an_endpoint_keeps_its_deliveries(tmp_path: Path) -> None:
    async def work() -> None:
        await store.create_endpoint(Endpoint("e2", "/agents", NOW))
        await store.add(new_delivery(b"kept", endpoint_id="e2"))
        await store.delete_endpoint("e2")

    with opened(tmp_path) as store:
        asyncio.run(work())
        assert store.latest(endpoint_id="e2").request.body == b"kept"
        assert store.activity()["e2"].deliveries == 1
        # One on its way when the endpoint went is kept too.
        assert add(store, new_delivery(endpoint_id="e2")) == [2]


def ten_thousand(store: Store) -> None:
    endpoints = [Endpoint(f"e{number}", f"/hooks/{number}", NOW) for number in range(10_000)]
    memory = store._writer._ledger.memory
    memory.endpoints = EndpointTable([*memory.endpoints, *endpoints])


def test_many_endpoints_and_a_hostile_path_cost_little(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        ten_thousand(store)
        assert store.match(b"/hooks/9999/x").id == "e9999"
        assert store.match(b"/" * 8192).id == "root"
        # As many lookups as there are lengths of paths, whatever is asked.
        assert len(store._writer._ledger.memory.endpoints._lengths) == 5
