"""The status of every callback of which Blaxel's SDKs' answers are recorded, by the product's own rules."""

from __future__ import annotations

import pytest
from support.vectors import SdkVector, sdk_vectors

import inspector
from inspector.models import Verification

EXPECTED = {
    "valid match fresh": """
        ok body_trailing_newline_signed body_one_space body_ascii_zero body_utf8_non_ascii body_invalid_utf8
        body_utf8_bom body_nul_byte ts_equal_now ts_age_300 ts_future_300 ts_age_300_fractional_now
        ts_leading_zeros ts_fresh_header_old_body max_age_0_same_second secret_one_space secret_non_ascii
        secret_hex_used_as_text
    """,
    # Both SDKs accept a callback without a timestamp, so it is valid; an empty header counts as none.
    "valid match missing": "ok_no_timestamp_header ts_empty",
    "expired match stale": "ts_zero ts_age_301 max_age_0_one_second max_age_negative",
    "expired match future": "ts_future_301 ts_milliseconds",
    # Only plain ASCII digits are a timestamp, whatever the one or the other SDK makes of the rest.
    "malformed match malformed": """
        ts_space ts_exponent ts_iso8601 ts_http_date ts_infinity ts_hex ts_plus ts_minus ts_trailing_newline
        ts_trailing_unit_s ts_trailing_comma ts_duplicate_joined_node ts_duplicate_joined_wsgi
        ts_duplicate_fresh_then_stale ts_underscores ts_thousands_commas ts_fullwidth_digits ts_nbsp_padded
        ts_x1f_padded ts_x85_padded ts_5000_digits
    """,
    "missing missing fresh": "sig_missing",
    "malformed malformed fresh": """
        sig_empty sig_uppercase_prefix sig_prefix_colon sig_prefix_v1 sig_prefix_sha1 sig_prefix_after_hex
        sig_prefix_inside_hex_and_front sig_leading_space sig_trailing_space sig_trailing_newline
        sig_trailing_semicolon sig_quoted sig_duplicate_joined_node sig_duplicate_joined_wsgi
        sig_duplicate_bad_first sig_duplicate_good_first_bad_second sig_trailing_odd_hex_digit
        sig_trailing_garbage_zz sig_truncated_62 sig_truncated_63 sig_not_hex sig_non_ascii_prefix
        sig_non_ascii_suffix sig_fullwidth_digits sig_code_units_plus_0x100
    """,
    # The digest is right, and what carries it is refused.
    "invalid match fresh": "sig_uppercase_hex sig_mixed_case_hex body_empty_validly_signed",
    "invalid mismatch fresh": """
        body_one_byte_changed sig_base64 sig_sha1_digest sig_sha512_digest sig_plain_sha256
        signed_timestamp_dot_body signed_timestamp_body signed_response_body_only body_reserialised_python
        body_reserialised_sorted body_trailing_newline_added body_utf8_reescaped body_html_unescaped
        body_invalid_utf8_signed_as_fffd secret_trailing_newline_in_receiver secret_leading_space_in_receiver
        secret_quoted_in_receiver secret_non_ascii_nfd_vs_nfc secret_masked secret_hex_decoded_by_sender
    """,
    "unconfigured not_checked fresh": "secret_empty",
}
VERDICTS = {name: verdict for verdict, names in EXPECTED.items() for name in names.split()}

CAUSES = {
    "ok": "ok",
    "sig_missing": "no_signature_header",
    "sig_empty": "signature_format",
    "sig_uppercase_hex": "signature_case",
    "sig_truncated_62": "signature_length",
    "sig_base64": "encoding_base64",
    "sig_sha1_digest": "hash_sha1",
    "sig_sha512_digest": "hash_sha512",
    "signed_timestamp_dot_body": "content_ts_dot_body",
    "body_one_byte_changed": "unknown",
    "body_empty_validly_signed": "empty_body",
    "ts_age_301": "timestamp_old",
    "ts_future_301": "timestamp_future",
    "ts_milliseconds": "timestamp_unit_ms",
    "ts_iso8601": "timestamp_format",
    "secret_empty": "no_secret",
    "secret_trailing_newline_in_receiver": "secret_whitespace",
    "secret_leading_space_in_receiver": "secret_whitespace",
}


def verify(vector: SdkVector, scheme: str = "blaxel") -> Verification:
    return inspector.verify(
        vector.body, vector.headers, vector.secret, scheme=scheme, now=vector.now, tolerance=vector.max_age
    )


def test_every_vector_is_expected_once() -> None:
    named = [name for names in EXPECTED.values() for name in names.split()]
    assert sorted(named) == sorted(vector.name for vector in sdk_vectors())
    assert len(named) == 97


@pytest.mark.parametrize("vector", sdk_vectors(), ids=str)
def test_status_signature_and_timestamp(vector: SdkVector) -> None:
    verdict = verify(vector)
    assert f"{verdict.status} {verdict.signature} {verdict.timestamp}" == VERDICTS[vector.name]
    assert verdict.scheme == "blaxel"
    assert bool(verdict) is (verdict.status == "valid")


@pytest.mark.parametrize("vector", sdk_vectors(), ids=str)
def test_both_recorded_answers_stand_beside_the_verdict(vector: SdkVector) -> None:
    sdk = verify(vector).sdk
    assert sdk is not None
    assert (sdk.python, sdk.typescript) == (vector.python, vector.typescript)


@pytest.mark.parametrize("vector", sdk_vectors(), ids=str)
def test_auto_comes_to_the_same_verdict(vector: SdkVector) -> None:
    assert verify(vector, scheme="auto") == verify(vector)


@pytest.mark.parametrize("vector", [v for v in sdk_vectors() if v.name in CAUSES], ids=str)
def test_cause(vector: SdkVector) -> None:
    assert verify(vector).cause == CAUSES[vector.name]


def test_where_the_two_sdks_disagree_the_verdict_is_valid_only_for_bytes_that_are_right() -> None:
    split = [vector for vector in sdk_vectors() if vector.python is not vector.typescript]
    assert len(split) > 20
    assert [vector.name for vector in split if verify(vector)] == ["body_invalid_utf8"]
