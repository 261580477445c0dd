"""XML and HTML as indented text: nothing resolved, nothing run, nothing slow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.content.markup import read_markup


def shown(text: str, *, html: bool = False) -> list[str]:
    return ["  " * line.depth + line.text for line in read_markup(text, html=html).lines]


def test_elements_are_indented_and_short_ones_stay_on_a_line() -> None:
    text = (
        '<?xml version="1.0"?>\r\n<a x="1 > 0"><b>text</b><c/><d></d>\n\n<!-- no --><e><f>1</f></e>tail</a>'
    )
    assert shown(text) == [
        '<?xml version="1.0"?>',
        '<a x="1 > 0">',
        "  <b>text</b>",
        "  <c/>",
        "  <d></d>",
        "  <!-- no -->",
        "  <e>",
        "    <f>1</f>",
        "  </e>",
        "  tail",
        "</a>",
    ]


def test_entities_and_declarations_stand_as_sent() -> None:
    text = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><x>&e;<![CDATA[<raw>]]></x>'
    assert shown(text) == [
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>',
        "<x>",
        "  &e;",
        "  <![CDATA[<raw>]]>",
        "</x>",
    ]


def test_html_has_void_elements_and_raw_text() -> None:
    text = "<p>one<br>two</p><script>if (a < b) { '<i>' }</script><img src=x>"
    assert shown(text, html=True) == [
        "<p>",
        "  one",
        "  <br>",
        "  two",
        "</p>",
        "<script>if (a < b) { '<i>' }</script>",
        "<img src=x>",
    ]


def test_tags_that_do_not_close_are_told() -> None:
    assert read_markup("<a><b></b></a>").balanced
    assert not read_markup("<a><b>").balanced
    assert not read_markup("</a>").balanced


@given(text=st.text(alphabet="<>/!-[]?ab \"'=&;\n", max_size=60))
def test_nothing_is_lost_but_white_space(text: str) -> None:
    found = "".join(line.text for line in read_markup(text).lines)
    assert "".join(found.split()) == "".join(text.split())


@pytest.mark.parametrize(
    "piece",
    [
        "<!DOCTYPE x [",
        '<a "',
        "<a '\"",
        "<a>",
        "<!--",
        "</",
        "<![CDATA[",
        "<a ",
        "<a b='",
        "<!a",
        "<!D[]",
        "<script>",
    ],
)
def test_no_text_takes_long(piece: str, within_a_second: None) -> None:
    text = piece * (1_000_000 // len(piece))
    assert len(read_markup(text, html=True).lines) <= 2_000
    assert len(read_markup(text).lines) <= 2_000
