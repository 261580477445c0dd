"""The page of malformed requests, the Wire tab, and the count of what was not seen yet, without a browser."""

from __future__ import annotations

import re

from support.malformed import deliver, keep, mishap, odd_request
from support.raw_http import RawReply
from support.servers import RunningServer

COUNT = re.compile(r'<a id="malformed"([^>]*)>.*?<span>(?:(\d+) )?<span class="noun">')


def page(server: RunningServer, target: str, cookie: str = "") -> RawReply:
    fields = [("Accept", "text/html")]
    return server.ask("GET", target, [*fields, ("Cookie", cookie)] if cookie else fields)


def count(reply: RawReply) -> int | None:
    """The number beside the link, None when it is hidden."""
    found = COUNT.search(reply.body.decode())
    assert found
    return None if "hidden" in found[1] else int(found[2] or 0)


def shown_bytes(text: str) -> str:
    """What stands in the page's blocks of captured text."""
    return "".join(re.findall(r"<pre.*?</pre>", text, re.DOTALL))


def test_the_count_is_of_those_not_seen_yet(server: RunningServer) -> None:
    assert count(page(server, "/")) is None
    keep(server.store, mishap(), mishap())
    assert count(page(server, "/")) == 2
    assert count(page(server, "/endpoints")) == 2
    seen = page(server, "/malformed")
    assert count(seen) == 0
    cookie = (seen.header("set-cookie") or "").partition(";")[0]
    assert count(page(server, "/", cookie)) is None
    keep(server.store, mishap())
    assert count(page(server, "/", cookie)) == 1
    # Whoever saw another database, or says nonsense, has seen none of this one's.
    name, _, value = cookie.partition("=")
    for other in ("x.9", value.replace(".2", ".-1"), value.replace(".2", ".x"), "", value + "9" * 40):
        assert count(page(server, "/", f"{name}={other}")) == 3
    assert count(page(server, "/", f"{name}={value.partition('.')[0]}.77")) is None


def test_the_list_opens_the_newest_and_any_other(server: RunningServer) -> None:
    assert "Everything that came was HTTP." in page(server, "/malformed").body.decode()
    keep(server.store, mishap(b"<b>one</b>", "The \x1b first."), mishap(b"two \x07", "The second.", size=99))
    text = page(server, "/malformed").body.decode()
    assert "Malformed #2" in text
    assert "74 77 6f 20 07" in text
    assert "94 bytes more are not shown." in text
    other = page(server, "/malformed?id=1&view=text").body.decode()
    assert "&lt;b&gt;one&lt;/b&gt;" in other
    assert "<b>one" not in other
    assert "\x1b" not in other
    assert page(server, "/malformed?id=3").status == 404
    assert page(server, "/malformed?before=x").status == 400


def test_long_lists_are_paged(server: RunningServer) -> None:
    keep(server.store, *[mishap(b"%d" % number, f"Number {number}.") for number in range(1, 61)])
    text = page(server, "/malformed").body.decode()
    assert text.count('class="entry"') == 50
    assert "60 came so far" in text
    assert 'href="/malformed?before=11"' in text
    rest = page(server, "/malformed?before=11").body.decode()
    assert rest.count('class="entry"') == 10
    assert 'href="/malformed?id=1&amp;before=11"' in rest


def test_deleting_all_of_them(server: RunningServer) -> None:
    server.send()
    keep(server.store, mishap())
    reply = server.ask("POST", "/malformed", [("Content-Type", "application/x-www-form-urlencoded")])
    assert (reply.status, reply.header("location")) == (303, "/malformed")
    assert server.store.malformed().rows == ()
    assert server.store.count() == 1


def test_the_wire_tab_masks_credentials_until_they_are_revealed(server: RunningServer) -> None:
    number = deliver(server.store, odd_request())
    text = page(server, f"/deliveries/{number}?tab=wire").body.decode()
    assert ".123456789 UTC" in text
    assert "chunked, in 3 chunks" in text
    assert "canary" not in shown_bytes(text)
    assert shown_bytes(text).count("[masked]") == 3
    in_hex = page(server, f"/deliveries/{number}?tab=wire&view=hex").body.decode()
    assert "50 4f 53 54" in shown_bytes(in_hex)
    assert "63 61 6e 61 72 79" not in shown_bytes(in_hex)
    revealed = page(server, f"/deliveries/{number}?tab=wire&reveal=all").body.decode()
    assert shown_bytes(revealed).count("canary") == 3


def test_the_wire_tab_says_what_is_not_known(server: RunningServer) -> None:
    unknown = odd_request(head=b"", flags=(), incomplete_reason="the sender hung up", trailers=())
    text = page(server, f"/deliveries/{deliver(server.store, unknown)}?tab=wire").body.decode()
    assert "How it came is not known exactly" in text
    assert "no: the sender hung up" in text
    later = odd_request(flags=("a-flag-of-tomorrow",))
    text = page(server, f"/deliveries/{deliver(server.store, later)}?tab=wire").body.decode()
    assert "1 thing to know" in text
    assert "which this one does not know" in text
