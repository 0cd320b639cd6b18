from __future__ import annotations

import pytest

from k8stui.kube.wire import BARE, WITH_METADATA, Include, columns_of, format_of, harmless


@pytest.mark.parametrize(
    ("data", "safe"),
    [
        (b'{"cells":["web-1","Running",3,true,null]}', True),
        (rb'{"cells":["\u003cnone\u003e","a \u0026 b"]}', True),
        (b'["caf\xc3\xa9"]', False),
        (rb'["\u001b[31m"]', False),
        (rb'["\\u003c"]', False),
        (rb'["say \"hi\""]', False),
        (b'["\x7f"]', False),
    ],
)
def test_only_bytes_that_cannot_hold_harm_are_trusted(data: bytes, safe: bool) -> None:
    assert harmless(data) is safe


def test_every_field_may_be_missing_or_null() -> None:
    for data in (b"{}", b'{"metadata":null,"rows":null,"columnDefinitions":null,"items":null,"kind":null}'):
        body = BARE.body.decode(data)
        assert (body.kind, body.rows, body.items) == (None, None, None)
    full = WITH_METADATA.body.decode(
        b'{"kind":"Table","rows":[{"cells":null,"object":null},{"object":{"metadata":null}},'
        b'{"object":{"metadata":{"name":null,"creationTimestamp":null,"labels":null}}}]}'
    )
    assert [row.cells for row in full.rows or []] == [None, None, None]


def test_an_event_with_a_status_is_an_event() -> None:
    line = b'{"type":"ERROR","object":{"kind":"Status","metadata":{},"code":410,"details":{"causes":[]}}}'
    assert BARE.events.decode(line).type == "ERROR"


def test_formats_decode_no_more_than_was_asked_for() -> None:
    data = b'[{"cells":["a"],"object":{"metadata":{"name":"a"}}}]'
    assert not hasattr(format_of(Include.NONE).rows.decode(data)[0], "object")
    assert bytes(format_of(Include.OBJECT).rows.decode(data)[0].object) == b'{"metadata":{"name":"a"}}'  # type: ignore[union-attr,arg-type]


def test_column_words_are_one_harmless_line() -> None:
    definitions = BARE.body.decode(
        b'{"columnDefinitions":[{"name":"A\\u001b","description":"one\\n\\ntwo","priority":1},{"format":null}]}'
    ).column_definitions
    first, second = columns_of(definitions or [])
    assert (first.name, first.description, first.priority) == ("A\ufffd", "one two", 1)
    assert (second.name, second.type, second.format) == ("", "string", "")
