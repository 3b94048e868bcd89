"""A document as Elasticsearch keeps it; no server."""

from dataclasses import replace
from datetime import UTC, datetime

from pipeline.index.elastic_document import OwnView, external_version, segmented, template, to_source
from pipeline.records import Annotation, Assessment, Document
from tests.pipeline.documents import judged, make_document


def own(doc: Document) -> Assessment | None:
    return next((one for one in (doc.annotation or Annotation(language="vi")).assessments if one.unit == "hue"), None)


def test_every_field_is_declared_by_the_template() -> None:
    annotation = replace(judged("hue", mentions=("da-nang",)), compounds=("khánh thành",))
    source = to_source(make_document(text="Toàn văn.", annotation=annotation), OwnView(judge=own))
    declared = template()["mappings"]["properties"]
    assert source.keys() <= declared.keys()
    for name in ("outlet", "search", "assessments"):
        found = source[name][0] if isinstance(source[name], list) else source[name]
        assert found.keys() <= declared[name]["properties"].keys()
    assert set(declared) - source.keys() == {"copy_of", "marks"}, "of a reprint, and of one that a person corrected"


def test_the_own_province_lies_flat_beside_all_judgements() -> None:
    about = to_source(make_document(annotation=judged("hue", mentions=("da-nang",))), OwnView(judge=own))
    flat = ("unit", "relevance", "tone", "tone_score")
    assert [about[name] for name in flat] == ["hue", "about", "negative", 0.75]
    assert [(one["unit"], one["relevance"], one.get("tone")) for one in about["assessments"]] == [
        ("hue", "about", "negative"),
        ("da-nang", "mention", None),
    ]
    other = to_source(make_document(annotation=judged("da-nang", mentions=("hue",))), OwnView(judge=own))
    assert (other["unit"], other["relevance"], "tone" in other) == ("hue", "mention", False)
    thin = to_source(make_document(), OwnView(judge=own))
    assert not {"unit", "relevance", "tone", "bad_event", "topic"} & thin.keys()


def test_marks_are_kept_and_a_dropped_document_is_counted_nowhere() -> None:
    doc = make_document(annotation=judged("hue"))
    corrected = to_source(replace(doc, corrected=("tone",)), OwnView(judge=own))
    assert (corrected["marks"], corrected["tone"]) == (["corrected"], "negative")
    dropped = to_source(replace(doc, corrected=("dropped",)), OwnView(judge=own))
    assert dropped["marks"] == ["dropped"]
    assert not {"unit", "relevance", "tone"} & dropped.keys()
    assert "marks" not in to_source(doc, OwnView(judge=own))


def test_half_past_midnight_belongs_to_the_new_day() -> None:
    at = datetime(2026, 3, 4, 17, 30, tzinfo=UTC)
    source = to_source(make_document(published_at=at), OwnView())
    assert (source["day"], source["published_at"]) == ("2026-03-05", "2026-03-04T17:30:00+00:00")


def test_words_of_several_syllables_are_joined_the_longest_first() -> None:
    def joined(text: str, *compounds: str) -> str:
        return segmented(text, compounds)

    assert joined("Giữ an ninh. Ninh An yên.", "an ninh", "ninh an") == "giữ an_ninh ninh_an yên"
    assert joined("Công an tỉnh Cao Bằng", "công an", "công an tỉnh", "cao bằng") == "công_an_tỉnh cao_bằng"
    assert joined("Thuỷ điện", "thủy điện") == "thuỷ_điện", "both ways to place the tone are one word, kept as written"
    assert joined("An, ninh", "an ninh") == "an_ninh"
    assert joined("không gì", "an ninh") == "không gì"


def test_a_purged_text_leaves_no_words() -> None:
    annotation = replace(judged("hue"), compounds=("cây cầu", "toàn văn"))
    source = to_source(make_document(text="", annotation=annotation), OwnView())
    assert any("cây_cầu" in part for part in source["words"])
    assert not any("toàn" in part for part in source["words"])


def test_versions_rise_with_edits_and_with_writes() -> None:
    first, edited = make_document(), make_document(version=2)
    rising = [external_version(first), external_version(first, 1), external_version(first, 10**9)]
    rising += [external_version(edited), external_version(edited, 5)]
    assert rising == sorted(set(rising))
    assert rising[-1] < 2**63
