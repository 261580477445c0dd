"""The clauses of a verdict, each where a person meets it: what came, and what is said about it."""

from __future__ import annotations

import hmac

import pytest

import inspector
from inspector.models import Message, Secret, Verification
from inspector.signing import check, find_scheme

NOW = 1_735_891_210
BODY = b'{"status_code":200,"response_body":"ok"}'
SECRET = "q7x2m9k4v1b8n3c6z0l5j2h7g4f1d8s3"
WHSEC = "whsec_c3RhbmRhcmQtd2ViaG9va3MtbG9jYWwta2V5LTAxMjM="

Headers = list[tuple[str, str]]
Secrets = str | list[str] | dict[str, str]


def digest(body: bytes = BODY, secret: str = SECRET, hash_name: str = "sha256") -> str:
    return hmac.digest(secret.encode(), body, hash_name).hex()


def blaxel(signature: str | None = None, timestamp: str | None = str(NOW - 1)) -> Headers:
    """A callback's two headers, signed with ``SECRET`` unless told otherwise."""
    headers = [("X-Blaxel-Signature", f"sha256={digest()}" if signature is None else signature)]
    return headers if timestamp is None else [*headers, ("X-Blaxel-Timestamp", timestamp)]


def verify(
    headers: Headers, secret: Secrets = SECRET, *, body: bytes = BODY, scheme: str = "blaxel"
) -> Verification:
    return inspector.verify(body, headers, secret, scheme=scheme, now=NOW)


def facts(verdict: Verification) -> tuple[str, str, str, str]:
    return verdict.status, verdict.signature, verdict.timestamp, verdict.cause


class TestValid:
    def test_says_whose_secret_and_how_old(self) -> None:
        verdict = verify(blaxel())
        assert facts(verdict) == ("valid", "match", "fresh", "ok")
        assert verdict.reason == "Signed with key-1, 1 s old when it arrived."
        assert (verdict.secret, verdict.age_seconds, verdict.warned) == ("key-1", 1, False)
        assert verdict.sdk is not None
        assert (verdict.sdk.python, verdict.sdk.typescript) == (True, True)

    def test_warns_of_what_blaxel_never_covers_without_blaming_this_delivery(self) -> None:
        verdict = verify(blaxel())
        assert any("X-Blaxel-Timestamp" in w and "not covered" in w for w in verdict.warnings)
        assert not verdict.warned

    def test_names_the_secret_that_matches(self) -> None:
        verdict = verify(blaxel(), {"old": "gone", "new": SECRET})
        assert verdict.secret == "new"
        assert "Signed with new" in verdict.reason

    def test_a_timestamp_a_little_ahead_is_dated_after_its_arrival(self) -> None:
        verdict = verify(blaxel(timestamp=str(NOW + 3)))
        assert verdict.age_seconds == -3
        assert "3 s after it arrived" in verdict.reason

    def test_header_names_in_any_letter_case(self) -> None:
        assert verify([(name.swapcase(), value) for name, value in blaxel()])

    @pytest.mark.parametrize("timestamp", [None, ""])
    def test_without_a_timestamp_blaxel_is_valid_and_warned(self, timestamp: str | None) -> None:
        verdict = verify(blaxel(timestamp=timestamp))
        assert facts(verdict) == ("valid", "match", "missing", "ok")
        assert verdict.warned
        assert any("no X-Blaxel-Timestamp" in w and "accept" in w for w in verdict.warnings)
        assert verdict.age_seconds is None

    def test_a_digest_without_its_prefix_is_warned_of(self) -> None:
        verdict = verify(blaxel(digest()))
        assert verdict
        assert verdict.warned
        assert any('prefix "sha256="' in w for w in verdict.warnings)


class TestUnconfigured:
    @pytest.mark.parametrize("secret", ["", [], {}, {"empty": ""}])
    def test_no_secret_names_scheme_and_header_and_judges_the_time(self, secret: Secrets) -> None:
        for scheme in ("auto", "blaxel"):
            verdict = verify(blaxel(), secret, scheme=scheme)
            assert facts(verdict) == ("unconfigured", "not_checked", "fresh", "no_secret")
            assert verdict.scheme == "blaxel"
            assert "X-Blaxel-Signature" in verdict.reason

    def test_nothing_is_said_of_the_scheme_or_the_sdks_where_nothing_was_judged(self) -> None:
        verdict = verify(blaxel(), [])
        assert verdict.warnings == ()
        assert verdict.sdk is None

    def test_unsigned_and_no_secret(self) -> None:
        verdict = verify([], "", scheme="auto")
        assert facts(verdict) == ("unconfigured", "missing", "not_used", "no_secret")
        assert verdict.scheme == "auto"

    def test_the_header_of_a_sender_not_known_here_is_named_too(self) -> None:
        verdict = verify([("X-Acme-Signature", "abc")], "", scheme="auto")
        assert verdict.status == "unconfigured"
        assert "X-Acme-Signature" in verdict.reason

    def test_the_scheme_none_checks_nothing_whatever_secrets_there_are(self) -> None:
        verdict = verify(blaxel(), scheme="none")
        assert facts(verdict) == ("unconfigured", "not_checked", "not_used", "scheme_none")
        assert "X-Blaxel-Signature" in verdict.reason

    def test_an_empty_secret_is_passed_over(self) -> None:
        assert verify(blaxel(), {"empty": "", "good": SECRET}).secret == "good"


class TestMissing:
    def test_under_auto_with_a_secret(self) -> None:
        verdict = verify([("Content-Type", "text/plain")], scheme="auto")
        assert facts(verdict) == ("missing", "missing", "not_used", "no_signature_header")
        assert verdict.scheme == "auto"

    def test_the_sender_is_told_by_its_timestamp_header_alone(self) -> None:
        verdict = verify([("X-Blaxel-Timestamp", str(NOW))], scheme="auto")
        assert facts(verdict) == ("missing", "missing", "fresh", "no_signature_header")
        assert verdict.scheme == "blaxel"

    def test_another_senders_header_is_named(self) -> None:
        verdict = verify([("X-Hub-Signature-256", f"sha256={digest()}")])
        assert facts(verdict) == ("missing", "missing", "missing", "other_scheme:github")
        assert "X-Hub-Signature-256" in verdict.reason
        assert "github" in verdict.reason

    @pytest.mark.parametrize("absent", ["webhook-id", "webhook-timestamp"])
    def test_a_header_that_is_part_of_what_is_signed(self, absent: str) -> None:
        headers = inspector.sign(BODY, WHSEC, scheme="standard-webhooks", timestamp=NOW)
        verdict = verify([h for h in headers if h[0] != absent], WHSEC, scheme="standard-webhooks")
        assert verdict.status == "missing"
        assert verdict.signature == "not_checked"
        assert verdict.cause == f"no_{absent}"
        assert absent in verdict.reason

    def test_a_timestamp_that_the_sender_always_writes(self) -> None:
        scheme = find_scheme("hmac", {"timestamp_header": "X-Time"})
        verdict = inspector.verify(BODY, [("X-Signature", digest())], SECRET, scheme=scheme, now=NOW)
        assert facts(verdict) == ("missing", "match", "missing", "no_x-time")

    def test_a_bad_timestamp_is_warned_of_although_something_else_decides(self) -> None:
        verdict = verify([("X-Blaxel-Timestamp", f"{NOW}000")])
        assert verdict.status == "missing"
        assert verdict.timestamp == "future"
        assert any("milliseconds" in w for w in verdict.warnings)


class TestMalformed:
    @pytest.mark.parametrize(
        ("value", "cause", "words"),
        [
            ("", "signature_format", "empty"),
            ("sha256=", "signature_format", "hex"),
            ("sha256=caf\xe9\xff", "signature_format", "not ASCII"),
            (f"sha256= {digest()}", "signature_format", "white space"),
            (f"SHA256={digest()}", "signature_format", "sha256="),
            (f"sha256={digest()},sha256={digest()}", "signature_format", "more than one value"),
            (f"sha256={digest()[:-2]}", "signature_length", "62 characters"),
        ],
    )
    def test_nothing_to_read(self, value: str, cause: str, words: str) -> None:
        verdict = verify(blaxel(value))
        assert facts(verdict) == ("malformed", "malformed", "fresh", cause)
        assert words in verdict.reason

    def test_two_headers_are_both_shown(self) -> None:
        wrong = f"sha256={'0' * 64}"
        verdict = verify([*blaxel(), ("x-blaxel-signature", wrong)])
        assert facts(verdict) == ("malformed", "malformed", "fresh", "signature_repeated")
        assert verdict.reason.startswith("Two X-Blaxel-Signature headers")
        assert digest()[:16] in verdict.reason
        assert "0000" in verdict.reason
        assert verdict.sdk is not None
        assert (verdict.sdk.python, verdict.sdk.typescript) == (False, True)

    def test_two_timestamps_are_believed_neither(self) -> None:
        verdict = verify([*blaxel(), ("X-Blaxel-Timestamp", str(NOW))])
        assert facts(verdict) == ("malformed", "match", "malformed", "timestamp_format")

    def test_github_without_its_prefix(self) -> None:
        verdict = verify([("X-Hub-Signature-256", digest())], scheme="github")
        assert facts(verdict) == ("malformed", "malformed", "not_used", "prefix_missing")
        assert 'behind "sha256="' in verdict.reason

    def test_a_blank_behind_githubs_prefix_is_named(self) -> None:
        verdict = verify([("X-Hub-Signature-256", f"sha256= {digest()}")], scheme="github")
        assert verdict.status == "malformed"
        assert "white space" in verdict.reason

    @pytest.mark.parametrize("timestamp", ["123abc", "1735891200.0", "+1735891200", "\xb9", " ", "1" * 5000])
    def test_a_right_digest_with_an_unreadable_timestamp(self, timestamp: str) -> None:
        verdict = verify(blaxel(timestamp=timestamp))
        assert facts(verdict) == ("malformed", "match", "malformed", "timestamp_format")
        assert "not a whole number of seconds" in verdict.reason
        assert len(verdict.reason) < 200
        assert verdict.reason.isprintable()


class TestInvalid:
    def test_another_secret(self) -> None:
        verdict = verify(blaxel(), "another")
        assert facts(verdict) == ("invalid", "mismatch", "fresh", "unknown")
        assert "key-1" in verdict.reason
        assert verdict.secret is None

    def test_of_several_secrets_none(self) -> None:
        assert "none of the 2 secrets" in verify(blaxel(), ["one", "two"]).reason

    def test_upper_case_is_a_match_that_is_refused(self) -> None:
        verdict = verify(blaxel(f"sha256={digest().upper()}"))
        assert facts(verdict) == ("invalid", "match", "fresh", "signature_case")
        assert "upper case" in verdict.reason
        assert verdict.secret == "key-1"

    def test_an_empty_body_is_a_match_that_is_refused(self) -> None:
        verdict = verify(blaxel(f"sha256={digest(b'')}"), body=b"")
        assert facts(verdict) == ("invalid", "match", "fresh", "empty_body")
        assert "empty" in verdict.reason

    def test_a_match_with_white_space_around_the_secret_warns(self) -> None:
        headers = inspector.sign(BODY, f" {SECRET}\n", timestamp=NOW)
        verdict = verify(headers, f" {SECRET}\n")
        assert verdict.status == "valid"
        assert verdict.warned
        assert "white space around key-1" in verdict.warnings[0]

    @pytest.mark.parametrize("around", [f"{SECRET}\n", f" {SECRET}", f"\t{SECRET} "])
    def test_a_secret_with_white_space_around_it(self, around: str) -> None:
        verdict = verify(blaxel(), around)
        assert facts(verdict) == ("invalid", "mismatch", "fresh", "secret_whitespace")
        assert "white space around key-1" in verdict.reason

    def test_the_timestamp_signed_along(self) -> None:
        signed = digest(str(NOW - 1).encode() + b"." + BODY)
        verdict = verify(blaxel(f"sha256={signed}"))
        assert facts(verdict) == ("invalid", "mismatch", "fresh", "content_ts_dot_body")
        assert "timestamp.body" in verdict.reason

    def test_another_hash(self) -> None:
        verdict = verify(blaxel(f"sha256={digest(hash_name='sha512')}"))
        assert facts(verdict) == ("invalid", "mismatch", "fresh", "hash_sha512")
        assert "SHA-512" in verdict.reason

    def test_a_stale_timestamp_is_warned_of_beside_a_wrong_digest(self) -> None:
        verdict = verify(blaxel(timestamp=str(NOW - 412)), "another")
        assert verdict.status == "invalid"
        assert any("412 s old" in w for w in verdict.warnings)

    def test_an_unusable_secret_is_told_and_never_guessed(self) -> None:
        headers = inspector.sign(BODY, WHSEC, scheme="svix", timestamp=NOW)
        verdict = verify(headers, "whsec_!!!!", scheme="svix")
        assert facts(verdict) == ("invalid", "not_checked", "fresh", "secret_unusable")
        assert "not base64" in verdict.reason

    def test_a_secret_copied_with_the_prefix_of_signatures(self) -> None:
        headers = inspector.sign(BODY, WHSEC, scheme="svix", timestamp=NOW)
        verdict = verify(headers, f"v1,{WHSEC}", scheme="svix")
        assert facts(verdict) == ("invalid", "not_checked", "fresh", "secret_v1_prefix")
        assert '"v1,"' in verdict.reason
        assert verdict.warnings

    def test_an_unusable_secret_does_not_stand_in_the_way_of_a_good_one(self) -> None:
        headers = inspector.sign(BODY, WHSEC, scheme="svix", timestamp=NOW)
        assert verify(headers, {"bad": "whsec_!!!!", "good": WHSEC}, scheme="svix").secret == "good"

    def test_a_decoded_secret_with_white_space_around_it(self) -> None:
        headers = inspector.sign(BODY, WHSEC, scheme="svix", timestamp=NOW)
        assert verify(headers, f"{WHSEC}\n", scheme="svix").cause == "secret_whitespace"

    def test_a_large_body_is_not_hashed_again_to_find_out_why(self) -> None:
        large = b"x" * ((1 << 20) + 1)
        verdict = verify(blaxel(f"sha256={digest(large, hash_name='sha1')}"), body=large)
        assert (verdict.status, verdict.cause) == ("invalid", "unknown")
        assert verify(blaxel(f"sha256={digest(large)}"), body=large)


class TestExpired:
    def test_old(self) -> None:
        verdict = verify(blaxel(timestamp=str(NOW - 412)))
        assert facts(verdict) == ("expired", "match", "stale", "timestamp_old")
        assert "412 s old" in verdict.reason
        assert "limit is 300 s" in verdict.reason
        assert (verdict.secret, verdict.age_seconds) == ("key-1", 412)

    def test_future(self) -> None:
        verdict = verify(blaxel(timestamp=str(NOW + 301)))
        assert facts(verdict) == ("expired", "match", "future", "timestamp_future")
        assert "future" in verdict.reason
        assert verdict.age_seconds == -301

    @pytest.mark.parametrize(
        ("digits", "code", "word"),
        [("000", "ms", "milliseconds"), ("000000", "us", "microseconds"), ("000000000", "ns", "nanoseconds")],
    )
    def test_a_finer_unit_is_recognised(self, digits: str, code: str, word: str) -> None:
        verdict = verify(blaxel(timestamp=f"{NOW}{digits}"))
        assert facts(verdict) == ("expired", "match", "future", f"timestamp_unit_{code}")
        assert word in verdict.reason

    def test_a_coarser_unit_is_recognised(self) -> None:
        scheme = find_scheme("hmac", {"timestamp_header": "X-Time", "timestamp_unit": "ms"})
        headers = [("X-Signature", digest()), ("X-Time", str(NOW))]
        verdict = inspector.verify(BODY, headers, SECRET, scheme=scheme, now=NOW)
        assert facts(verdict) == ("expired", "match", "stale", "timestamp_unit_s")

    def test_tolerance_of_the_call_replaces_the_schemes(self) -> None:
        headers = blaxel(timestamp=str(NOW - 412))
        assert inspector.verify(BODY, headers, SECRET, now=NOW, tolerance=412)
        assert inspector.verify(BODY, headers, SECRET, now=NOW, tolerance=float("inf"))
        late = inspector.verify(BODY, headers, SECRET, now=NOW, tolerance=0)
        assert "limit is 0 s" in late.reason

    def test_both_clocks_are_floored_to_whole_seconds(self) -> None:
        headers = blaxel(timestamp=str(NOW - 300))
        assert inspector.verify(BODY, headers, SECRET, now=NOW + 0.999)
        assert not inspector.verify(BODY, headers, SECRET, now=NOW + 1)


class TestIncompleteBody:
    def check(self, headers: Headers, body: bytes = BODY) -> Verification:
        raw = tuple((name.encode(), value.encode()) for name, value in headers)
        message = Message(body=body, headers=raw, complete=False)
        return check(message, find_scheme("blaxel"), [Secret("key-1", SECRET)], now=NOW)

    def test_is_never_valid(self) -> None:
        verdict = self.check(blaxel())
        assert facts(verdict) == ("invalid", "match", "fresh", "body_incomplete")
        assert "incomplete" in verdict.reason

    def test_explains_a_wrong_digest(self) -> None:
        verdict = self.check(blaxel(), BODY[:10])
        assert facts(verdict) == ("invalid", "mismatch", "fresh", "body_incomplete")
        assert "incomplete" in verdict.reason

    def test_leaves_other_verdicts_alone(self) -> None:
        assert self.check(blaxel(timestamp=str(NOW - 412))).status == "expired"
        assert self.check([]).status == "missing"


class TestGitHub:
    def test_the_legacy_header_alone_is_valid_with_a_warning(self) -> None:
        headers = [("X-Hub-Signature", f"sha1={digest(hash_name='sha1')}")]
        for scheme in ("github", "auto"):
            verdict = verify(headers, scheme=scheme)
            assert facts(verdict) == ("valid", "match", "not_used", "ok")
            assert verdict.scheme == "github"
            assert verdict.warned
            assert any("SHA-1" in w for w in verdict.warnings)

    def test_the_legacy_scheme_by_name_warns_of_itself_alone(self) -> None:
        verdict = verify([("X-Hub-Signature", f"sha1={digest(hash_name='sha1')}")], scheme="github-sha1")
        assert verdict
        assert not verdict.warned
        assert any("SHA-1" in w for w in verdict.warnings)

    def test_the_newer_header_decides_where_both_came(self) -> None:
        legacy = ("X-Hub-Signature", f"sha1={digest(hash_name='sha1')}")
        good = ("X-Hub-Signature-256", f"sha256={digest()}")
        bad = ("X-Hub-Signature-256", f"sha256={'0' * 64}")
        assert verify([legacy, good], scheme="github")
        assert verify([legacy, bad], scheme="github").status == "invalid"

    def test_a_repeated_header_is_no_silent_pass(self) -> None:
        wrong, right = f"sha256={'0' * 64}", f"sha256={digest()}"
        headers = [("X-Hub-Signature-256", wrong), ("X-Hub-Signature-256", right)]
        verdict = verify(headers, scheme="github")
        assert verdict.signature == "match"
        assert verdict.warned
        assert any(
            w.startswith("Two X-Hub-Signature-256 headers") and "number 2" in w for w in verdict.warnings
        )
        assert any(w.startswith("Two") for w in verify(headers, "another", scheme="github").warnings)

    def test_upper_case_is_valid_with_a_warning(self) -> None:
        verdict = verify([("X-Hub-Signature-256", f"sha256={digest().upper()}")], scheme="github")
        assert verdict
        assert verdict.warned


class TestStandardWebhooks:
    def test_padding_may_lack_with_a_warning(self) -> None:
        headers = inspector.sign(BODY, WHSEC, scheme="standard-webhooks", timestamp=NOW)
        bare = [(name, value.rstrip("=")) for name, value in headers]
        verdict = verify(bare, WHSEC, scheme="standard-webhooks")
        assert verdict
        assert verdict.warned

    def test_the_url_safe_alphabet_is_another_encoding(self) -> None:
        for number in range(100):
            headers = inspector.sign(
                BODY, WHSEC, scheme="standard-webhooks", timestamp=NOW, message_id=f"msg_{number}"
            )
            other = [(name, value.replace("+", "-").replace("/", "_")) for name, value in headers]
            if other != headers:
                break
        verdict = verify(other, WHSEC, scheme="standard-webhooks")
        assert facts(verdict) == ("invalid", "mismatch", "fresh", "encoding_base64")

    def test_a_second_id_is_part_of_what_is_signed(self) -> None:
        headers = inspector.sign(BODY, WHSEC, scheme="standard-webhooks", timestamp=NOW)
        verdict = verify([*headers, ("webhook-id", "other")], WHSEC, scheme="standard-webhooks")
        assert facts(verdict) == ("invalid", "mismatch", "fresh", "unknown")

    def test_other_versions_are_skipped(self) -> None:
        headers = dict(inspector.sign(BODY, WHSEC, scheme="standard-webhooks", timestamp=NOW))
        headers["webhook-signature"] = f"v1a,{'x' * 86}== v2,abc {headers['webhook-signature']}"
        assert verify(list(headers.items()), WHSEC, scheme="standard-webhooks")
