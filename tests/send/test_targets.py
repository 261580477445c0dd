"""Which targets can be read, and which addresses are let through, without any network."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.errors import InvalidInput, TargetRefused
from inspector.send.targets import Address, Rules, judge, plain, read_target

INSPECTOR_PORT = 2256


def address(text: str) -> Address:
    return plain(ipaddress.ip_address(text))


def judge_literal(host: str, rules: Rules, *, port: int = 3000, is_here: bool = False) -> None:
    target = read_target(f"http://{host}:{port}/")
    assert target.address is not None
    judge(target.address, target, rules, is_here=is_here)


class TestReading:
    @pytest.mark.parametrize(
        ("url", "authority", "target"),
        [
            ("http://localhost:3000/a/b?c=d", "localhost:3000", b"/a/b?c=d"),
            ("HTTP://LocalHost:3000", "localhost:3000", b"/"),
            ("http://localhost:80/", "localhost", b"/"),
            ("https://example.test:443/x", "example.test", b"/x"),
            ("https://example.test:/x", "example.test", b"/x"),
            ("http://localhost:443/", "localhost:443", b"/"),
            ("http://localhost?a", "localhost", b"/?a"),
            ("http://localhost/a/../%2e%2e//b#c", "localhost", b"/a/../%2e%2e//b"),
            ("http://[::1]:3000/", "[::1]:3000", b"/"),
            ("http://[0:0:0:0:0:0:0:1]/", "[::1]", b"/"),
            ("http://[::ffff:127.0.0.1]:3000/", "127.0.0.1:3000", b"/"),
            ("http://a_b.test/", "a_b.test", b"/"),
            ("http://xn--bcher-kva.example/", "xn--bcher-kva.example", b"/"),
        ],
    )
    def test_path_and_host_stay_as_written(self, url: str, authority: str, target: bytes) -> None:
        read = read_target(url)
        assert (read.authority, read.target) == (authority, target)

    @pytest.mark.parametrize(
        "url",
        [
            "file:///etc/passwd",
            "gopher://localhost/",
            "ftp://localhost/",
            "javascript://localhost/",
            "http://user@localhost/",
            "http://user:secret@localhost/",
            "http://localhost:1@169.254.169.254/",
            "http://localhost\\@evil/",
            "http://localhost:0/",
            "http://localhost./",
            "http://127.0.0.1./",
            "http://bücher.example/",
            "http://\uff11\uff12\uff17.0.0.1/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0x7f.1/",
            "http://127.1/",
            "http://127.0.1/",
            "http://0177.0.0.1/",
            "http://127.000.000.001/",
            "http://0x7f.0x0.0x0.0x1/",
            "http://256.0.0.1/",
            "http://a.b.1/",
            "http://[fe80::1%25eth0]/",
            "http://metadata.google.internal/computeMetadata/v1/",
            "http://METADATA/",
            "http://instance-data/latest/",
        ],
    )
    def test_what_is_never_a_target(self, url: str) -> None:
        with pytest.raises(TargetRefused) as refused:
            read_target(url)
        assert refused.value.code == "target-refused"
        assert str(refused.value).endswith(".")
        assert "secret" not in str(refused.value)

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "localhost:3000",
            "//localhost/",
            "http:/localhost/",
            "http:///path",
            "http://localhost:65536/",
            "http://localhost:99999999999999999999/",
            "http://localhost:x/",
            "http://localhost:-1/",
            "http://::1/",
            "http://[::1/",
            "http://[::g]/",
            "http://[127.0.0.1]/",
            "http://[::1]x/",
            "http://a..b/",
            "http://-a/",
            f"http://{'a' * 64}/",
            f"http://{'a.' * 130}b/",
            "http://local host/",
            "http://localhost\\evil/",
            "http://local%68ost/",
            "http://localhost/a b",
            "http://localhost/ä",
            "http://localhost/\r\nX: y",
            "http://localhost\r\n/",
            "http://local\thost/",
            " http://localhost/",
            "http://localhost/\n",
        ],
    )
    def test_what_is_no_url(self, url: str) -> None:
        with pytest.raises(InvalidInput) as invalid:
            read_target(url)
        assert [error.field for error in invalid.value.errors] == ["target"]

    @given(
        st.one_of(st.text(), st.text(alphabet="htps:/[]@.0123456789abcdefx%#?\\\r\n ").map("http://".__add__))
    )
    def test_any_text_is_read_or_refused(self, text: str) -> None:
        try:
            target = read_target(text)
        except (InvalidInput, TargetRefused):
            return
        assert read_target(target.url) == target


class TestJudging:
    @pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "[::1]", "[::ffff:127.0.0.1]"])
    def test_loopback_needs_no_permission(self, host: str) -> None:
        judge_literal(host, Rules())

    @pytest.mark.parametrize("host", ["10.0.0.5", "192.168.1.1", "100.64.0.1", "93.184.216.34", "[fd00::1]"])
    def test_others_need_it_by_host_and_port(self, host: str) -> None:
        with pytest.raises(TargetRefused, match="nobody permitted"):
            judge_literal(host, Rules())
        typed = read_target(f"http://{host}:3000/")
        judge_literal(host, Rules().permit(typed))
        with pytest.raises(TargetRefused):
            judge_literal(host, Rules().permit(typed), port=3001)

    def test_a_name_that_is_permitted_may_stand_for_any_ordinary_address(self) -> None:
        target = read_target("https://agent.example/")
        judge(address("10.0.0.5"), target, Rules().permit(target), is_here=False)
        with pytest.raises(TargetRefused):
            judge(address("10.0.0.5"), target, Rules(), is_here=False)

    @pytest.mark.parametrize(
        "host",
        [
            "169.254.169.254",
            "169.254.170.2",
            "100.100.100.200",
            "192.0.0.192",
            "168.63.129.16",
            "0.0.0.0",
            "0.1.2.3",
            "224.0.0.1",
            "239.255.255.250",
            "255.255.255.255",
            "[::]",
            "[::ffff:0.0.0.0]",
            "[fe80::1]",
            "[ff02::1]",
            "[fd00:ec2::254]",
            "[fd20:ce::254]",
            "[::ffff:169.254.169.254]",
            "[::ffff:a9fe:a9fe]",
            "[::a9fe:a9fe]",
            "[64:ff9b::a9fe:a9fe]",
            "[64:ff9b::169.254.169.254]",
            "[64:ff9b::100.100.100.200]",
            "[64:ff9b:1::a9fe:a9fe]",
            "[2002:a9fe:a9fe::]",
            "[2001:0:a9fe:a9fe::1]",
            "[2001:0:1:1:0:0:5601:5601]",
            "[2001:db8::5efe:a9fe:a9fe]",
            "[2001:db8::200:5efe:a9fe:a9fe]",
        ],
    )
    def test_some_are_refused_whoever_permits_them(self, host: str) -> None:
        typed = read_target(f"http://{host}:3000/")
        with pytest.raises(TargetRefused, match="never a target"):
            judge_literal(host, Rules().permit(typed))

    @given(st.ip_addresses(v=4, network="169.254.0.0/16"))
    def test_link_local_in_no_disguise(self, hidden: ipaddress.IPv4Address) -> None:
        number = int(hidden)
        for prefix, shift in (
            ("::ffff:0:0", 0),
            ("::", 0),
            ("64:ff9b::", 0),
            ("2002::", 80),
            ("2001::", 64),
            ("2001:db8::5efe:0:0", 0),
        ):
            disguised = ipaddress.IPv6Address(int(ipaddress.IPv6Address(prefix)) | number << shift)
            target = read_target(f"http://[{disguised}]/")
            with pytest.raises(TargetRefused, match="never a target"):
                judge(plain(disguised), target, Rules().permit(target), is_here=False)

    @pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "[::1]", "[::ffff:127.0.0.1]", "192.168.1.7"])
    def test_our_own_inspector_is_refused_whoever_permits_it(self, host: str) -> None:
        typed = read_target(f"http://{host}:{INSPECTOR_PORT}/")
        rules = Rules(inspector_ports=frozenset((INSPECTOR_PORT,))).permit(typed)
        with pytest.raises(TargetRefused, match="the inspector itself"):
            judge_literal(host, rules, port=INSPECTOR_PORT, is_here=True)
        judge_literal(host, rules.permit(read_target(f"http://{host}:3000/")), is_here=True)
