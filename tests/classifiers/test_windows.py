"""What the encoder is given to read: names between quotation marks, nothing lost that fits."""

from hypothesis import given
from hypothesis import strategies as st

from classifiers.features import MarkedText, Passage
from classifiers.windows import BEFORE_NAME, BODY_WINDOWS, WINDOW_CHARS, Window, window, windows


def passage(text: str) -> Passage:
    """Return a passage whose names are written [so]."""
    plain, own = "", []
    for at, piece in enumerate(text.replace("]", "[").split("[")):
        if at % 2:
            own.append((len(plain), len(plain) + len(piece)))
        plain += piece
    return Passage(text=plain, own=tuple(own))


def marked(title: str, lead: str = "", *body: str) -> MarkedText:
    return MarkedText(
        unit="cao-bang",
        title=passage(title),
        lead=passage(lead),
        body=tuple(map(passage, body)),
        has_text=bool(body),
    )


def names(found: Window) -> list[str]:
    return [found.text[start:end] for start, end in found.own]


def test_title_and_lead_are_one_window_with_names_in_quotation_marks() -> None:
    (found,) = windows(marked("[Cao Bằng] mở đường", "UBND tỉnh [Cao Bằng], sáng nay."))
    assert found.text == "query: « Cao Bằng » mở đường. UBND tỉnh « Cao Bằng » , sáng nay."
    assert names(found) == ["« Cao Bằng »", "« Cao Bằng »"]


def test_a_title_that_ends_a_sentence_gets_no_second_full_stop() -> None:
    assert window(passage("Vì sao?"), passage("Vì thế.")).text == "query: Vì sao? Vì thế."


def test_a_name_inside_another_is_marked_once() -> None:
    overlapping = Passage(text="TP Cao Bằng", own=((0, 11), (3, 11)))
    assert names(window(overlapping)) == ["« TP Cao Bằng »"]


def test_sentences_of_the_body_share_windows_after_the_title() -> None:
    first, second = windows(marked("Mưa", "Cả ngày.", "Ở [Cao Bằng] lũ lớn.", "Dân [Cao Bằng] sơ tán."))
    assert first.text == "query: Mưa. Cả ngày."
    assert first.own == ()
    assert second.text == "query: Mưa. Ở « Cao Bằng » lũ lớn. Dân « Cao Bằng » sơ tán."


def test_without_a_lead_the_body_takes_its_place() -> None:
    (found,) = windows(marked("Mưa", "", "Ở [Cao Bằng] lũ lớn."))
    assert found.text == "query: Mưa. Ở « Cao Bằng » lũ lớn."


def test_a_long_text_makes_few_windows() -> None:
    sentence = "Nông dân [Cao Bằng] " + "thu hoạch lúa " * 10
    assert len(windows(marked("Mùa vàng", "Vụ mới.", *[sentence] * 30))) == 1 + BODY_WINDOWS


def test_of_an_endless_sentence_the_part_around_the_name_is_kept() -> None:
    found = windows(marked("Tin", "Dẫn.", "x " * 500 + "[Cao Bằng]" + " y" * 500))[1]
    assert names(found) == ["« Cao Bằng »"]
    assert len(found.text) < WINDOW_CHARS + BEFORE_NAME
    assert found.text.index("«") > BEFORE_NAME


@given(st.lists(st.tuples(st.text(max_size=8).filter(lambda text: "[" not in text and "]" not in text), st.booleans())))
def test_marks_are_where_the_offsets_say_and_no_text_is_lost(pieces: list[tuple[str, bool]]) -> None:
    given_text = "".join(f"[{text}]" if name and text else text for text, name in pieces)
    found = window(passage("Tin"), passage(given_text))
    expected = [text for text, name in pieces if name and text]
    assert [each.removeprefix("« ").removesuffix(" »") for each in names(found)] == expected
    kept = found.text.removeprefix("query: Tin. ")
    for text, _ in pieces:
        assert text in kept
