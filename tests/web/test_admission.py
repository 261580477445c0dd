"""Who may call the inspector: every rule by itself, their order, and that no input makes them fail."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.admission import Admission, Refusal, host_entry
from inspector.errors import InvalidInput

OWN = "localhost:2256"
OURS = Admission(["localhost:2256", "127.0.0.1:2256", "[::1]:2256"])

Headers = list[tuple[str, str]]


def judged(
    *headers: tuple[str, str],
    method: str = "GET",
    path: str = "/",
    admission: Admission = OURS,
    host: str | None = OWN,
) -> str | None:
    """The code of the refusal, None when the request is let in."""
    refusal = verdict(*headers, method=method, path=path, admission=admission, host=host)
    return refusal.code if refusal else None


def verdict(
    *headers: tuple[str, str],
    method: str = "GET",
    path: str = "/",
    admission: Admission = OURS,
    host: str | None = OWN,
) -> Refusal | None:
    fields = [*([("Host", host)] if host is not None else []), *headers]
    return admission.judge(method, path, [(name.encode(), value.encode("latin-1")) for name, value in fields])


@pytest.mark.parametrize("host", ["localhost:2256", "127.0.0.1:2256", "[::1]:2256", "LOCALHOST:2256"])
def test_our_own_names_with_our_own_port_are_let_in(host: str) -> None:
    assert judged(host=host) is None


@pytest.mark.parametrize(
    "host",
    [
        "",
        "localhost",
        "localhost:",
        "localhost:80",
        "localhost:22560",
        "localhost:2256:2256",
        "localhost.:2256",
        "localhost.evil:2256",
        "evil.localhost:2256",
        "localhost:1@evil",
        "evil@localhost:2256",
        "localhost:2256@evil.test",
        "localhost:2256/",
        "localhost:2256, evil.test",
        "evil.test",
        "evil.test:2256",
        "127.1:2256",
        "127.0.0.01:2256",
        "2130706433:2256",
        "0x7f.0.0.1:2256",
        "0.0.0.0:2256",
        "[::]:2256",
        "[::ffff:127.0.0.1]:2256",
        "[0:0:0:0:0:0:0:1]:2256",
        "::1:2256",
        "\xff",
        "*",
        "\x00localhost:2256",
        "x" * 100_000,
    ],
)
def test_every_other_host_is_refused(host: str) -> None:
    refusal = verdict(host=host)
    assert refusal is not None
    assert (refusal.status, refusal.code) == (421, "host-refused")
    assert "--allow-host" in refusal.detail
    assert refusal.detail.isascii()
    assert refusal.detail.isprintable()
    assert len(refusal.detail) < 800


def test_exactly_one_host_is_needed() -> None:
    assert judged(host=None) == "host-refused"
    assert judged(("Host", OWN)) == "host-refused"
    assert judged(("hOST", "evil.test")) == "host-refused"


def test_a_host_can_be_allowed() -> None:
    admission = Admission(["Inspector.Test:8443", "plain.test:443"])
    assert judged(host="inspector.test:8443", admission=admission) is None
    assert judged(host="inspector.test", admission=admission) == "host-refused"
    assert judged(host="localhost:2256", admission=admission) == "host-refused"
    # Browsers leave the default port out.
    assert judged(host="plain.test", admission=admission) is None


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0.0:2256",
        "[::]:2256",
        "*:2256",
        "*.test:1",
        ":2256",
        "a.test",
        "a.test:",
        "a.test:0",
        "a.test:65536",
        "a.test:x",
        "a.test:²",
        "http://a.test:80",
        "a@b:80",
        "::1:80",
        "ü.test:80",
        "a b:80",
        "",
    ],
)
def test_what_names_no_single_host_cannot_be_allowed(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        host_entry(text)
    assert caught.value.errors[0].field == "allow_host"


def test_an_entry_of_the_allow_list_is_brought_into_one_form() -> None:
    assert host_entry(" Name.Test:0443 ") == "name.test:443"
    assert host_entry("[2001:db8::1]:2256") == "[2001:db8::1]:2256"


@pytest.mark.parametrize(
    "name",
    [
        "X-Forwarded-For",
        "x-forwarded-host",
        "X-Forwarded-Proto",
        "Forwarded",
        "Via",
        "CF-Connecting-IP",
        "Cf-Ray",
        "Ngrok-Trace-Id",
        "Tailscale-User-Login",
        "X-Real-IP",
        "X-Original-Host",
        "True-Client-Ip",
    ],
)
def test_a_forwarding_header_is_refused_unless_a_proxy_is_wanted(name: str) -> None:
    refusal = verdict((name, "6.6.6.6"))
    assert refusal is not None
    assert (refusal.status, refusal.code) == (403, "forwarded-refused")
    assert "--behind-proxy" in refusal.detail
    assert judged((name, "6.6.6.6"), admission=Admission([OWN], behind_proxy=True)) is None


def test_the_scheme_behind_a_proxy_is_the_one_that_it_names() -> None:
    proxied = Admission(["inspector.test:443"], behind_proxy=True)
    https = ("X-Forwarded-Proto", "https")
    assert (
        judged(https, ("Origin", "https://inspector.test"), host="inspector.test", admission=proxied) is None
    )
    plain = ("Origin", "http://inspector.test")
    assert judged(https, plain, host="inspector.test", admission=proxied) == "origin-refused"
    assert judged(plain, host="inspector.test", admission=proxied) is None
    assert judged(https, https, plain, host="inspector.test", admission=proxied) is None


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "http://evil.test",
        "http://localhost:3000",
        "http://localhost",
        "https://localhost:2256",
        "http://127.0.0.1:2256",
        "http://localhost:2256.evil.test",
        "http://localhost:2256/",
        "file://",
        "chrome-extension://abc",
    ],
)
def test_a_foreign_origin_is_refused(origin: str) -> None:
    refusal = verdict(("Origin", origin), method="POST", path="/api/endpoints")
    assert refusal is not None
    assert (refusal.status, refusal.code) == (403, "origin-refused")
    assert "--allow-host" in refusal.detail


def test_our_own_origin_is_let_in_once() -> None:
    own = ("Origin", f"http://{OWN}")
    assert judged(own, method="POST") is None
    assert judged(own, own, method="POST") == "origin-refused"
    assert judged(("Origin", "http://127.0.0.1:2256"), host="127.0.0.1:2256") is None


NAVIGATION = [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")]


@pytest.mark.parametrize(
    ("method", "path", "site", "more", "admitted"),
    [
        ("GET", "/api/deliveries", "same-origin", [], True),
        ("POST", "/api/endpoints", "same-origin", [], True),
        ("GET", "/api/deliveries", "none", [], True),
        ("HEAD", "/", "none", [], True),
        ("POST", "/", "none", [], False),
        ("DELETE", "/api/deliveries", "none", [], False),
        ("GET", "/", "cross-site", [], False),
        ("GET", "/", "same-site", [], False),
        ("GET", "/", "", [], False),
        ("GET", "/", "Same-Origin", [], False),
        ("GET", "/", "cross-site", NAVIGATION, True),
        ("HEAD", "/deliveries/7", "same-site", NAVIGATION, True),
        ("GET", "/apidocs", "cross-site", NAVIGATION, True),
        ("POST", "/", "cross-site", NAVIGATION, False),
        ("GET", "/api", "cross-site", NAVIGATION, False),
        ("GET", "/api/deliveries", "cross-site", NAVIGATION, False),
        ("GET", "//api/deliveries", "cross-site", NAVIGATION, False),
        ("GET", "/API/deliveries", "cross-site", NAVIGATION, False),
        ("GET", "/", "cross-site", NAVIGATION[:1], False),
        ("GET", "/", "cross-site", [NAVIGATION[0], ("Sec-Fetch-Dest", "iframe")], False),
        ("GET", "/", "cross-site", [("Sec-Fetch-Mode", "no-cors"), NAVIGATION[1]], False),
        ("GET", "/", "cross-site", [*NAVIGATION, ("Sec-Fetch-Dest", "document")], False),
    ],
)
def test_other_sites_may_only_link_to_pages(
    method: str, path: str, site: str, more: Headers, admitted: bool
) -> None:
    code = judged(("Sec-Fetch-Site", site), *more, method=method, path=path)
    assert code == (None if admitted else "fetch-site-refused")


def test_two_sec_fetch_sites_are_refused() -> None:
    same = ("Sec-Fetch-Site", "same-origin")
    assert judged(same, same) == "fetch-site-refused"


LENGTH = ("Content-Length", "2")
FORM = ("Content-Type", "application/x-www-form-urlencoded")
OWN_ORIGIN = ("Origin", f"http://{OWN}")


@pytest.mark.parametrize(
    ("headers", "path", "admitted"),
    [
        ([LENGTH, ("Content-Type", "application/json")], "/api/endpoints", True),
        ([LENGTH, ("Content-Type", "Application/JSON; charset=utf-8")], "/api/endpoints", True),
        ([("Transfer-Encoding", "chunked"), ("Content-Type", "application/json")], "/api/endpoints", True),
        ([LENGTH], "/api/endpoints", False),
        ([("Transfer-Encoding", "chunked")], "/api/endpoints", False),
        ([LENGTH, ("Content-Type", "text/plain")], "/api/endpoints", False),
        ([LENGTH, ("Content-Type", "text/json")], "/api/endpoints", False),
        ([LENGTH, ("Content-Type", "application/json"), FORM], "/api/endpoints", False),
        ([LENGTH, FORM, OWN_ORIGIN], "/api/endpoints", False),
        ([LENGTH, FORM, OWN_ORIGIN], "/endpoints", True),
        ([LENGTH, FORM, ("Sec-Fetch-Site", "same-origin")], "/endpoints", True),
        ([LENGTH, FORM], "/endpoints", False),
        ([LENGTH, ("Content-Type", "multipart/form-data; boundary=x"), OWN_ORIGIN], "/endpoints", False),
        ([("Content-Length", "0")], "/api/deliveries/1", True),
        ([], "/api/deliveries/1", True),
    ],
)
def test_what_a_body_may_be(headers: Headers, path: str, admitted: bool) -> None:
    refusal = verdict(*headers, method="POST", path=path)
    assert (refusal is None) == admitted
    if refusal is not None:
        assert (refusal.status, refusal.code) == (415, "content-type-refused")


def test_the_rules_hold_in_one_order() -> None:
    broken: Headers = [
        ("Content-Type", "text/plain"),
        LENGTH,
        ("Sec-Fetch-Site", "cross-site"),
        ("Origin", "null"),
        ("Via", "1.1 x"),
    ]
    codes = [
        judged(*broken[:remaining], method="POST", path="/api/endpoints") for remaining in (5, 4, 3, 2, 1)
    ]
    assert judged(*broken, method="POST", path="/api/endpoints", host="evil.test") == "host-refused"
    assert codes == [
        "forwarded-refused",
        "origin-refused",
        "fetch-site-refused",
        "content-type-refused",
        None,
    ]


NAMES = st.sampled_from(
    [
        b"host",
        b"Host",
        b"origin",
        b"sec-fetch-site",
        b"sec-fetch-mode",
        b"sec-fetch-dest",
        b"content-type",
        b"content-length",
        b"transfer-encoding",
        b"x-forwarded-proto",
        b"via",
    ]
)
VALUES = st.one_of(
    st.sampled_from(
        [b"localhost:2256", b"http://localhost:2256", b"same-origin", b"none", b"navigate", b"document"]
    ),
    st.binary(max_size=40),
)


@settings(deadline=None)
@given(
    method=st.text(max_size=8),
    path=st.text(max_size=20),
    headers=st.lists(st.tuples(st.one_of(NAMES, st.binary(max_size=12)), VALUES), max_size=6),
    behind_proxy=st.booleans(),
)
def test_no_head_makes_the_rules_fail(
    method: str, path: str, headers: list[tuple[bytes, bytes]], behind_proxy: bool
) -> None:
    refusal = Admission([OWN], behind_proxy=behind_proxy).judge(method, path, headers)
    if refusal is None:
        hosts = [value.strip(b" \t").lower() for name, value in headers if name.lower() == b"host"]
        assert hosts == [OWN.encode()]
    else:
        assert refusal.status in (403, 415, 421)
        assert refusal.detail.startswith("Rule ")
        assert refusal.detail.isprintable()
