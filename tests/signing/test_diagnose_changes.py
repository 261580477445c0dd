"""What was changed beside the body: secret, digest, header, layout, URL, scheme, or two things at once."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
from support.diagnoses import (
    BODY,
    NOW,
    SECRET,
    VALUE,
    Headers,
    blaxel,
    diagnosed,
    digest,
    facts,
    proven,
    signed,
)

import inspector
from inspector.signing.diagnosis import as_json


class TestSecrets:
    @pytest.mark.parametrize(
        ("registered", "key", "code"),
        [
            (f" {SECRET}\n", SECRET.encode(), "secret_whitespace"),
            (f"\ufeff{SECRET}", SECRET.encode(), "secret_whitespace"),
            (f"{SECRET[:9]} {SECRET[9:]}", SECRET.encode(), "secret_whitespace"),
            (f"'{SECRET}'", SECRET.encode(), "secret_quotes"),
            (f"\u201c{SECRET}\u201d", SECRET.encode(), "secret_quotes"),
            (f"CALLBACK_SECRET={SECRET}", SECRET.encode(), "secret_env_line"),
            (f"export CALLBACK_SECRET='{SECRET}'  # staging", SECRET.encode(), "secret_env_line"),
            (f"callback-secret: {SECRET}", SECRET.encode(), "secret_env_line"),
            (f"Bearer {SECRET}", SECRET.encode(), "secret_bearer"),
            (f"bl_{SECRET}", SECRET.encode(), "secret_prefix"),
            (SECRET, f"{SECRET}\n".encode(), "secret_newline_added"),
            ("00ff10ab", b"\x00\xff\x10\xab", "secret_hex_decoded"),
            ("c2VjcmV0LWtleQ==", b"secret-key", "secret_base64_decode"),
            ("whsec_c2VjcmV0LWtleQ", b"secret-key", "secret_base64_decode"),
            (SECRET, base64.b64encode(SECRET.encode()), "secret_base64_encoded"),
            (SECRET, SECRET.encode().hex().encode(), "secret_hex_encoded"),
            ("AbC", b"abc", "secret_case"),
            ("a%26b", b"a&b", "secret_percent_encoded"),
            ("a&b<c", b"a&amp;b&lt;c", "secret_html_escaped"),
            ("a&amp;b", b"a&b", "secret_html_escaped"),
            ("line\\nline", b"line\nline", "secret_escapes"),
        ],
    )
    def test_other_forms(self, registered: str, key: bytes, code: str) -> None:
        headers = blaxel(f"sha256={digest(BODY, key).hex()}")
        assert proven(diagnosed(BODY, headers, registered)) == [code]

    def test_a_secret_of_another_endpoint_is_named(self) -> None:
        diagnosis = diagnosed(BODY, signed(BODY, "staging"), other_secrets={"dev": "d", "staging": "staging"})
        assert proven(diagnosis) == ["other_secret:staging"]
        assert "staging" in diagnosis.causes[0].sentence
        assert [each.description for each in diagnosis.tried if each.matched] == [
            "the secret staging, registered elsewhere"
        ]

    def test_which_of_several_secrets_it_is_about_is_said(self) -> None:
        headers = signed(BODY)
        diagnosis = inspector.diagnose(
            BODY, headers, {"old": "gone", "new": f"{SECRET} "}, scheme="blaxel", now=NOW
        )
        assert proven(diagnosis) == ["secret_whitespace"]
        assert "new" in diagnosis.causes[0].sentence

    @pytest.mark.parametrize(
        ("secret", "words"),
        [("sk_live_51Habc", "Stripe API key"), ("xoxb-1-2", "Slack token"), ("https://x.example", "address")],
    )
    def test_what_a_foreign_secret_looks_like_is_told_without_telling_it(
        self, secret: str, words: str
    ) -> None:
        diagnosis = diagnosed(BODY, signed(b"other"), secret)
        assert words in facts(diagnosis)["secret_shape"]
        assert secret not in json.dumps(as_json(diagnosis))


class TestSpellings:
    @pytest.mark.parametrize(
        ("header", "code"),
        [
            (f"sha256={base64.b64encode(digest(BODY)).decode()}", "encoding_base64"),
            (f"sha256={base64.b64encode(digest(BODY).hex().encode()).decode()}", "encoding_base64_of_hex"),
            (f"sha256={digest(BODY, hash_name='sha1').hex()}", "hash_sha1"),
            (f"sha256={digest(BODY, hash_name='sha512').hex()}", "hash_sha512"),
            (f"sha256={base64.b64encode(digest(BODY, hash_name='sha384')).decode()}", "hash_sha384"),
            (f"sha256={hashlib.sha256(SECRET.encode() + BODY).hexdigest()}", "hash_without_key"),
            (f"sha256={hashlib.sha256(BODY + SECRET.encode()).hexdigest()}", "hash_without_key"),
            (f"sha256={hashlib.sha256(BODY).hexdigest()}", "hash_without_key"),
        ],
    )
    def test_a_right_digest_written_otherwise(self, header: str, code: str) -> None:
        assert proven(diagnosed(BODY, blaxel(header))) == [code]

    @pytest.mark.parametrize(
        "header",
        [
            f'"sha256={digest(BODY).hex()}"',
            f"SHA256={digest(BODY).hex()}",
            f"sha256= {digest(BODY).hex()}",
            f"HMAC-SHA256 {digest(BODY).hex()}",
            f"sha1={'0' * 40},sha256={digest(BODY).hex()}",
            f"t={NOW},v1={digest(BODY).hex()}",
        ],
    )
    def test_a_header_that_is_no_digest_holds_a_right_one(self, header: str) -> None:
        diagnosis = diagnosed(BODY, blaxel(header))
        assert diagnosis.verification.status == "malformed"
        assert proven(diagnosis) == ["signature_format"]

    def test_one_of_two_headers_is_right(self) -> None:
        headers = [*blaxel(f"sha256={'0' * 64}"), ("X-Blaxel-Signature", f"sha256={digest(BODY).hex()}")]
        assert proven(diagnosed(BODY, headers)) == ["signature_repeated"]

    def test_a_digest_that_was_cut_is_recognised(self) -> None:
        diagnosis = diagnosed(BODY, blaxel(f"sha256={digest(BODY).hex()[:50]}"))
        assert diagnosis.cause == "signature_length"
        assert "key-1" in facts(diagnosis)["digest_cut"]
        assert "digest_cut" not in facts(diagnosed(BODY, blaxel(f"sha256={digest(b'').hex()[:50]}")))


class TestContents:
    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"%d.%s", "content_ts_dot_body"),
            (b"%d:%s", "content_ts_colon_body"),
            (b"%d%s", "content_ts_body"),
            (b"v0:%d:%s", "content_v0_ts_body"),
            (b"%d\n%s", "content_ts_newline_body"),
        ],
    )
    def test_layouts(self, content: bytes, code: str) -> None:
        headers = blaxel(f"sha256={digest(content % (NOW, BODY)).hex()}")
        assert proven(diagnosed(BODY, headers)) == [code]

    def test_the_url_is_tried_too(self) -> None:
        headers = blaxel(f"sha256={digest(b'https://x.example/hook' + BODY).hex()}")
        assert proven(diagnosed(BODY, headers, url="https://x.example/hook")) == ["content_url_body"]

    def test_an_id_of_a_header_that_no_scheme_names(self) -> None:
        headers = [*blaxel(f"sha256={digest(b'm-1.%d.%s' % (NOW, BODY)).hex()}"), ("X-Event-Id", "m-1")]
        assert proven(diagnosed(BODY, headers)) == ["content_id_dot_ts_dot_body"]


class TestUrls:
    URL = "https://hooks.example.com/square?a=1"

    @pytest.mark.parametrize(
        ("url", "headers", "code"),
        [
            ("http://hooks.example.com/square?a=1", [], "url_scheme"),
            ("https://hooks.example.com:443/square?a=1", [], "url_port"),
            ("https://hooks.example.com/square/?a=1", [], "url_trailing_slash"),
            ("https://hooks.example.com/square?a=1#x", [], "url_fragment"),
            ("https://HOOKS.example.com/square?a=1", [], "url_host"),
            ("https://www.hooks.example.com/square?a=1", [], "url_host"),
            ("http://127.0.0.1:2255/square?a=1", [("Host", "hooks.example.com")], "url_proxy"),
            (
                "http://127.0.0.1:2255/square?a=1",
                [("Forwarded", 'for=1.2.3.4;host="hooks.example.com";proto=https')],
                "url_proxy",
            ),
            (
                "http://app:8080/square/?a=1",
                [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "hooks.example.com, inner")],
                "url_proxy",
            ),
            (
                "http://app:8080/rewritten",
                [
                    ("X-Forwarded-Proto", "https"),
                    ("Host", "hooks.example.com"),
                    ("X-Original-URL", "/square?a=1"),
                ],
                "url_proxy",
            ),
        ],
    )
    def test_other_urls(self, url: str, headers: Headers, code: str) -> None:
        signature = signed(BODY, scheme="square", url=self.URL)
        diagnosis = diagnosed(BODY, [*signature, *headers], scheme="square", url=url)
        assert proven(diagnosis) == [code]
        difference = diagnosis.causes[0].difference
        assert difference is not None
        assert difference.of == "url"

    def test_they_are_not_tried_where_no_url_is_signed(self) -> None:
        diagnosis = diagnosed(BODY, signed(b"x"), url="http://x.example/")
        assert not any(each.code.startswith("url_") for each in diagnosis.tried)


class TestPairs:
    @pytest.mark.parametrize(
        ("secret", "sent", "codes"),
        [
            (f"{SECRET}\n", BODY + b"\n", ["secret_whitespace", "body_newline_removed"]),
            (f'"{SECRET}"', json.dumps(VALUE).encode(), ["secret_quotes", "body_json_spaced_ascii"]),
            (f"{SECRET}\n", b"%d.%s" % (NOW, BODY), ["content_ts_dot_body", "secret_whitespace"]),
            (SECRET, b"%d.%s" % (NOW, BODY + b"\n"), ["content_ts_dot_body", "body_newline_removed"]),
        ],
    )
    def test_two_changes_at_once(self, secret: str, sent: bytes, codes: list[str]) -> None:
        assert proven(diagnosed(BODY, blaxel(f"sha256={digest(sent).hex()}"), secret)) == codes

    def test_another_secret_and_another_encoding(self) -> None:
        headers = blaxel(f"sha256={base64.b64encode(digest(BODY, b'staging')).decode()}")
        diagnosis = diagnosed(BODY, headers, other_secrets={"staging": "staging"})
        assert sorted(proven(diagnosis)) == ["encoding_base64", "other_secret:staging"]


class TestSchemes:
    def test_the_endpoint_has_another_sender_s_scheme(self) -> None:
        diagnosis = diagnosed(BODY, signed(BODY, scheme="github"))
        assert diagnosis.verification.status == "missing"
        assert proven(diagnosis) == ["other_scheme:github"]

    def test_without_proof_another_scheme_is_named_all_the_same(self) -> None:
        diagnosis = diagnosed(BODY, signed(BODY, "other", scheme="github"))
        assert diagnosis.cause == "other_scheme:github"
        assert not diagnosis.causes[0].matched

    def test_a_header_that_nobody_knows_holds_a_digest(self) -> None:
        headers = [("X-Acme-Signature", f"v7={digest(BODY).hex()}"), ("X-Acme-Time", "now")]
        diagnosis = diagnosed(BODY, headers)
        assert [cause.code for cause in diagnosis.causes] == ["no_signature_header", "scheme_guessed"]
        assert [cause.matched for cause in diagnosis.causes] == [False, True]
        assert "X-Acme-Signature" in diagnosis.causes[1].fix
        assert "v7=" in diagnosis.causes[1].fix

    def test_without_a_secret_one_of_another_endpoint_is_found(self) -> None:
        diagnosis = diagnosed(BODY, signed(BODY), "", other_secrets={"main": SECRET})
        assert [cause.code for cause in diagnosis.causes] == ["no_secret", "other_secret:main"]
