"""Corrections as labelled items, read back as `diembao evaluate` reads them."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from classifiers.labelled import LabelledItem, UnitLabels, read_labelled
from pipeline.corrections import Correction
from pipeline.labels import labelled_rows
from pipeline.records import Document
from pipeline.store.documents import OlderVersion
from tests.pipeline.documents import NOON, judged, make_document

AT = datetime(2026, 3, 5, 2, tzinfo=UTC)
OWN = frozenset({"cao-bang"})
DOC = make_document(text="Toàn văn.", annotation=judged("ha-noi", "cao-bang"), version=2)
OLDER = OlderVersion(version=1, title="Tựa cũ", lead="Dẫn cũ", text="Văn cũ.", fetched_at=NOON)


def said(number: int, **values: Any) -> Correction:
    known: dict[str, Any] = {"document_id": DOC.id, "version": 2, "made_by": "Lan", "made_at": AT}
    return Correction(number=number, **(known | values))


def read(*corrections: Correction, doc: Document = DOC) -> list[LabelledItem]:
    rows = [json.dumps(row, ensure_ascii=False) for row in labelled_rows(doc, [OLDER], corrections, OWN)]
    found = list(read_labelled(rows))
    assert all(isinstance(one, LabelledItem) for one in found), rows
    return [one for one in found if isinstance(one, LabelledItem)]


def test_each_unit_is_a_row_and_what_is_of_the_whole_stands_once() -> None:
    first, second = read(
        said(1, unit="cao-bang", relevance="about", tone="negative"),
        said(2, unit="hoa-binh", relevance="none"),
        said(3, bad_event=False, topics=("economy.fdi_investment",)),
    )
    assert first.judged == UnitLabels(
        unit="cao-bang", relevance="about", tone="negative", bad_event=False, topics=("economy",), corrected=True
    )
    assert second.judged == UnitLabels(unit="hoa-binh", relevance="not_it", corrected=True)
    assert (first.item.title, first.item.text) == (DOC.article.title, "Toàn văn.")


def test_labels_go_with_the_text_that_was_read() -> None:
    older, now = read(
        said(1, version=1, unit="cao-bang", relevance="about", tone="negative"), said(2, topics=("society",))
    )
    assert (older.item.title, older.item.text) == ("Tựa cũ", "Văn cũ.")
    assert now.item.title == DOC.article.title
    assert now.judged == UnitLabels(unit="cao-bang", topics=("society",), corrected=True)


def test_what_was_undone_or_dropped_is_no_label() -> None:
    assert read(said(1, dropped=True), said(2, bad_event=True, undone_at=AT)) == []


def test_an_article_that_was_judged_for_no_unit_goes_with_the_own_one() -> None:
    (one,) = read(said(1, topics=("society",)), doc=replace(DOC, annotation=None))
    assert one.judged
    assert one.judged.unit == "cao-bang"
