from classifiers.features import OTHER, OWN, document_terms, mark, opening, unit_terms
from pipeline.records import Item, PlaceMention


def mention(item: Item, field: str, name: str, unit: str) -> PlaceMention:
    start = getattr(item, field).index(name)
    assert field in ("title", "summary", "text")
    return PlaceMention(
        field=field,  # type: ignore[arg-type]
        start=start,
        end=start + len(name),
        text=name,
        unit=unit,
        kind="province",
        why="province",
    )


ITEM = Item(
    id="1",
    title="Cao Bằng hỗ trợ Lạng Sơn dập lửa",
    summary="Đội cứu hộ sang giúp. Lạng Sơn cảm ơn.",
    text="Sáng nay trời mưa. Lửa tắt ở Cao Bằng lúc chín giờ. Không ai bị thương.",
)
CAO_BANG = [mention(ITEM, "title", "Cao Bằng", "cao-bang"), mention(ITEM, "text", "Cao Bằng", "cao-bang")]
LANG_SON = [mention(ITEM, "title", "Lạng Sơn", "lang-son"), mention(ITEM, "summary", "Lạng Sơn", "lang-son")]
SENTENCES = [(0, 18), (19, 51), (52, 71)]


def test_one_item_reads_differently_for_each_unit() -> None:
    for_cao_bang = unit_terms(mark(ITEM, "cao-bang", CAO_BANG, LANG_SON))
    for_lang_son = unit_terms(mark(ITEM, "lang-son", LANG_SON, CAO_BANG))
    assert f"{OWN} hỗ" in for_cao_bang["marked_title"]
    assert f"{OTHER} hỗ" in for_lang_son["marked_title"]
    assert f"trợ {OWN}" in for_lang_son["marked_title"]
    assert "opens=True" in for_cao_bang["position"]
    assert "other_first=True" in for_lang_son["position"]


def test_words_around_the_name_keep_their_side_and_distance() -> None:
    context = unit_terms(mark(ITEM, "lang-son", LANG_SON[:1], CAO_BANG))["context"]
    assert "-1=trợ" in context
    assert "+1=dập" in context
    assert f"-3={OTHER.lower()}" not in context
    assert f"-3={OTHER}" in context


def test_only_the_sentence_around_the_name_is_its_sentence() -> None:
    sentence = unit_terms(mark(ITEM, "lang-son", LANG_SON[1:]))["sentence"]
    assert f"{OWN} cảm" in sentence
    assert "cứu" not in sentence


def test_of_a_full_text_the_sentences_that_hold_the_unit_are_kept() -> None:
    marked = mark(ITEM, "cao-bang", CAO_BANG, LANG_SON, SENTENCES)
    assert [passage.text for passage in marked.body] == ["Lửa tắt ở Cao Bằng lúc chín giờ."]
    ((start, end),) = marked.body[0].own
    assert marked.body[0].text[start:end] == "Cao Bằng"
    assert marked.has_text
    assert marked.lead_and_body == f"{ITEM.summary} Lửa tắt ở Cao Bằng lúc chín giờ."
    assert mark(ITEM, "lang-son", LANG_SON, CAO_BANG, SENTENCES).body == ()


def test_document_terms_do_not_depend_on_case_or_on_how_accents_are_composed() -> None:
    composed, decomposed = "Cao Bằng", "CAO BẰNG"
    assert document_terms(composed, "") == document_terms(decomposed, "")


def test_an_empty_item_has_terms_without_names() -> None:
    terms = unit_terms(mark(Item(id="1", title=""), "cao-bang", []))
    assert terms["sentence"] == terms["window"] == terms["context"] == []
    assert "no_lead=True" in terms["position"]


def test_a_short_lead_is_filled_up_with_the_text() -> None:
    assert opening(ITEM) == f"{ITEM.summary}\n{ITEM.text}"
    long_lead = "dài " * 100
    assert opening(Item(id="1", title="", summary=long_lead, text="thân bài")) == long_lead.strip()
    assert opening(Item(id="1", title="", text="x" * 1000)) == "x" * 300
