"""Bodies that were signed in another form than they came in: which form it was is proven."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.diagnoses import BODY, VALUE, blaxel, diagnosed, digest, facts, proven, signed


def escaped(*characters: str, digits: str = "04x") -> Callable[[str], str]:
    def escape(text: str) -> str:
        for character in characters:
            text = text.replace(character, f"\\u{ord(character):{digits}}")
        return text

    return escape


def dumped(**options: Any) -> str:
    return json.dumps(VALUE, **options)


JSON_FORMS = {
    "body_json_compact_ascii": dumped(separators=(",", ":")),
    "body_json_spaced": dumped(ensure_ascii=False),
    "body_json_spaced_ascii": dumped(),
    "body_json_indent2": dumped(indent=2, ensure_ascii=False),
    "body_json_indent2_ascii": dumped(indent=2),
    "body_json_indent4": dumped(indent=4, ensure_ascii=False),
    "body_json_indent4_ascii": dumped(indent=4),
    "body_json_indent_tab": dumped(indent="\t", ensure_ascii=False),
    "body_json_sorted_compact": dumped(separators=(",", ":"), sort_keys=True, ensure_ascii=False),
    "body_json_sorted_compact_ascii": dumped(separators=(",", ":"), sort_keys=True),
    "body_json_sorted_spaced": dumped(sort_keys=True, ensure_ascii=False),
    "body_json_sorted_spaced_ascii": dumped(sort_keys=True),
    "body_json_sorted_indent2": dumped(sort_keys=True, indent=2, ensure_ascii=False),
    "body_json_slash_escaped": dumped(separators=(",", ":")).replace("/", "\\/"),
    "body_json_html_escaped": escaped("<", ">", "&")(dumped(separators=(",", ":"), ensure_ascii=False)),
    "body_json_indent4_slash_escaped": dumped(indent=4).replace("/", "\\/"),
    "body_json_indent2_html_escaped": escaped("<", ">", "&")(dumped(indent=2, ensure_ascii=False)),
}


class TestBodies:
    @pytest.mark.parametrize("code", JSON_FORMS)
    def test_json_that_was_written_again(self, code: str) -> None:
        form = JSON_FORMS[code].encode()
        assert proven(diagnosed(BODY, signed(form))) == [code]
        assert proven(diagnosed(BODY, signed(form + b"\n"))) == [f"{code}_newline"]
        if "sorted" not in code:  # the order of keys cannot be restored
            assert proven(diagnosed(form, signed(BODY))) == ["body_json_compact"]

    @pytest.mark.parametrize(
        "text",
        [
            escaped("<", "%", "@", digits="04X")(dumped(separators=(",", ":"))).replace("/", "\\/"),
            escaped("<", ">", "&", "=", "'")(dumped(separators=(",", ":"), ensure_ascii=False)),
            escaped("<", ">", "&", "'", "+", "`", digits="04X")(
                JSON_FORMS["body_json_compact_ascii"]
                .replace("00e7", "00E7")
                .replace("d83d", "D83D")
                .replace("de00", "DE00")
                .replace('\\"', "\\u0022")
            ),
        ],
        ids=["Meta", "Gson", ".NET"],
    )
    def test_escapes_of_other_senders(self, text: str) -> None:
        assert json.loads(text) == VALUE
        assert proven(diagnosed(BODY, signed(text.encode()))) == ["body_json_html_escaped"]

    def test_numbers_and_twice_standing_keys_survive_a_change_of_layout(self) -> None:
        sent = b'{"price":1.50,"large":12345678901234567890,"a":1,"a":2,"e":1E2}'
        pretty = b'{\n  "price": 1.50,\n  "large": 12345678901234567890,\n  "a": 1,\n  "a": 2,\n  "e": 1E2\n}'
        assert proven(diagnosed(pretty, signed(sent))) == ["body_json_compact"]
        assert proven(diagnosed(sent, signed(pretty))) == ["body_json_indent2"]

    def test_numbers_as_serialisers_write_them(self) -> None:
        came = b'{"price": 1.50, "whole": 2.0}'
        assert proven(diagnosed(came, signed(b'{"price":1.5,"whole":2.0}'))) == ["body_json_compact_parsed"]
        assert proven(diagnosed(came, signed(b'{"price":1.5,"whole":2}'))) == ["body_json_compact_numbers"]

    def test_what_a_number_looked_like_cannot_be_restored_and_that_is_said(self) -> None:
        diagnosis = diagnosed(b'{"price": 1.5}', signed(b'{"price":1.50}'))
        assert diagnosis.cause == "unknown"
        assert "1.50 or 1.5" in facts(diagnosis)["numbers_not_restorable"]

    def test_keys_that_stand_twice_are_pointed_out(self) -> None:
        diagnosis = diagnosed(b'{"a": 1, "a": 2}', signed(b"other"))
        assert "duplicate_keys" in facts(diagnosis)

    @pytest.mark.parametrize(
        ("came", "sent", "code"),
        [
            (b"a\n", b"a", "body_newline_added"),
            (b"a\r\n", b"a", "body_newline_added_crlf"),
            (b"a", b"a\n", "body_newline_removed"),
            (b"a", b"a\r\n", "body_newline_removed_crlf"),
            (b"a\r\nb", b"a\nb", "body_crlf_to_lf"),
            (b"a\nb", b"a\r\nb", "body_lf_to_crlf"),
            (b"a\nb\n", b"ab", "body_newlines_removed"),
            (b" \ta ", b"a", "body_whitespace_trimmed"),
            (b"\xef\xbb\xbfa", b"a", "body_bom"),
            (b"a", b"\xef\xbb\xbfa", "body_bom_removed"),
            ("é€".encode("cp1252"), "é€".encode(), "body_charset"),
            ("é€".encode(), "é€".encode("cp1252"), "body_charset"),
            ("é".encode().decode("latin-1").encode(), "é".encode(), "body_charset"),
            ("é".encode(), "é".encode().decode("latin-1").encode(), "body_charset"),
            ("é".encode("utf-16"), "é".encode(), "body_charset"),
            ("é".encode(), b"?", "body_charset"),
            ("é".encode(), "e\u0301".encode(), "body_unicode_form"),
            (json.dumps(BODY.decode()).encode(), BODY, "body_json_double_encoded"),
            (BODY, json.dumps(BODY.decode(), ensure_ascii=False).encode(), "body_json_string"),
            (base64.b64encode(BODY), BODY, "body_base64"),
            (BODY, base64.b64encode(BODY), "body_base64_encoded"),
            (gzip.compress(BODY, mtime=0), BODY, "body_compressed"),
            (json.dumps({"body": "x=1", "isBase64Encoded": False}).encode(), b"x=1", "body_gateway_event"),
            (json.dumps({"body": base64.b64encode(BODY).decode()}).encode(), BODY, "body_gateway_event"),
            (BODY, b"payload=" + quote_plus(BODY).encode(), "body_form_decoded"),
            (b"payload=" + quote_plus(BODY).encode(), BODY, "body_form_encoded"),
            (b"a=1+2&b=%2F", b"a=1%202&b=%2F", "body_form_rewritten"),
            (b"b=1&a=2", b"a=2&b=1", "body_form_sorted"),
            (b"a=1&b=x%20y", b'{"a":"1","b":"x y"}', "body_form_as_json"),
            (b"a=%7B%7D+c", b"a={} c", "body_percent_decoded"),
            (b"a &amp; b &lt;", b"a & b <", "body_html_entities"),
            (BODY, b"", "body_empty"),
            (BODY, b"[object Object]", "body_as_object"),
            (BODY, str(VALUE).encode(), "body_as_object"),
            (BODY, str(BODY).encode(), "body_as_object"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_other_changes(self, came: bytes, sent: bytes, code: str) -> None:
        headers = blaxel(f"sha256={digest(sent).hex()}")
        diagnosis = diagnosed(came, headers)
        assert proven(diagnosis) == [code]
        difference = diagnosis.causes[0].difference
        assert difference is not None
        assert (difference.here_bytes, difference.signed_bytes) == (len(came), len(sent))
        assert came[: difference.offset] == sent[: difference.offset]
        assert (
            came[difference.offset : difference.offset + 1] != sent[difference.offset : difference.offset + 1]
        )

    @settings(deadline=None, max_examples=150)
    @given(
        value=st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=8),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
            ),
            max_leaves=8,
        ),
        options=st.sampled_from(
            [
                {"separators": (",", ":")},
                {},
                {"indent": 2},
                {"indent": 4},
                {"indent": "\t"},
                {"sort_keys": True},
            ]
        ),
        ascii_only=st.booleans(),
        came=st.sampled_from([{"separators": (",", ":")}, {}, {"indent": 2}]),
    )
    def test_any_json_in_any_form(
        self, value: object, options: dict[str, Any], ascii_only: bool, came: dict[str, Any]
    ) -> None:
        ascii_only = ascii_only and options.get("indent") != "\t"  # nobody writes that
        sent = json.dumps(value, ensure_ascii=ascii_only, **options).encode("utf-8", "surrogatepass")
        body = json.dumps(value, ensure_ascii=False, **came).encode("utf-8", "surrogatepass")
        diagnosis = diagnosed(body, blaxel(f"sha256={digest(sent).hex()}"))
        if sent == body:
            assert diagnosis.cause == "ok"
        else:
            proven(diagnosis)
