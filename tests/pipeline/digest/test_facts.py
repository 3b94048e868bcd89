import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from config.errors import StoreError
from dashboards.digest.render import render_json
from pipeline.digest.build import Background, build_edition
from pipeline.digest.facts import digest_of, facts_of
from pipeline.digest.period import Period
from pipeline.records import Copy, Digest
from tests.dashboards.editions import edited_edition, foreign_week, full_edition
from tests.dashboards.specimen import DAY, NON_CAO, PLAN, document, specimen
from tests.pipeline.digest.daily import build_digest

CONTRACT_ITEM_KEYS = [
    "id",
    "url",
    "title",
    "original_title",
    "outlet",
    "outlet_id",
    "country",
    "language",
    "published_at",
    "tone",
    "tone_score",
    "bad_event",
    "topics",
    "units",
    "why",
    "summary",
    "copies",
    "late",
]
CONTRACT_COUNT_KEYS = [
    "total",
    "positive",
    "neutral",
    "negative",
    "articles",
    "stories",
    "outlets",
    "foreign",
    "previous_day",
    "mean_28d",
]


def with_copies() -> Digest:
    digest = specimen()
    first, *rest = digest.sections
    item, *others = first.items
    copied = replace(item, copies=(Copy(outlet="Báo Khác", url="https://khac.example/1"),))
    return replace(digest, sections=(replace(first, items=(copied, *others)), *rest))


def with_marks() -> Digest:
    doc = document(NON_CAO, "Cầu sập", doc_id="cau-sap")
    marked = replace(doc, corrected=("tone", "before_edit"), disappeared_at=doc.fetched_at)
    return build_digest(PLAN, DAY, [marked])


DIGESTS = {
    "specimen": specimen(),
    "empty": build_digest(PLAN, DAY, []),
    "folded": build_digest(
        PLAN, DAY, [document(NON_CAO, f"Tin {n}", doc_id=str(n), topic="society") for n in range(20)]
    ),
    "copies": with_copies(),
    "full": full_edition(),
    "edited": edited_edition(),
    "foreign week": foreign_week(),
    "range": build_edition(PLAN, Period.of_days(DAY, DAY), [], Background(previous_period=0)),
    "marks": with_marks(),
    "english": build_digest(replace(PLAN, language="en", province="tien-giang"), DAY, [], revision=3),
}


SEALED = Path(__file__).parents[2] / "dashboards/sealed_before_stories.json"
"""The facts of `specimen` as they were sealed before digests knew stories, kinds, alerts and editors."""


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    text = (files("dashboards.digest") / "digest.schema.json").read_text(encoding="utf-8")
    parsed: dict[str, Any] = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(parsed)
    return parsed


@pytest.mark.parametrize("name", DIGESTS)
def test_facts_are_valid_and_lead_back_to_the_digest(name: str, schema: dict[str, Any]) -> None:
    facts = json.loads(json.dumps(facts_of(DIGESTS[name])))
    jsonschema.Draft202012Validator(schema).validate(facts)
    assert digest_of(facts) == DIGESTS[name]


def test_an_edition_sealed_before_stories_stays_as_it_was(schema: dict[str, Any]) -> None:
    text = SEALED.read_text(encoding="utf-8")
    jsonschema.Draft202012Validator(schema).validate(json.loads(text))
    assert render_json(digest_of(json.loads(text))) == text


def test_keys_are_those_of_the_contract() -> None:
    facts = facts_of(specimen())
    assert list(facts)[:9] == [
        "version",
        "province",
        "date",
        "window",
        "revision",
        "counts",
        "coverage",
        "alerts",
        "sections",
    ]
    assert list(facts["counts"]) == CONTRACT_COUNT_KEYS
    item = facts["sections"][1]["items"][0]
    assert list(item)[: len(CONTRACT_ITEM_KEYS)] == CONTRACT_ITEM_KEYS
    assert facts["window"] == {"from": "2026-03-04T07:00:00+07:00", "to": "2026-03-05T07:00:00+07:00"}


def test_marks_are_written_only_where_there_are_any() -> None:
    items = [item for section in facts_of(with_marks())["sections"] for item in section["items"]]
    assert [item["marks"] for item in items] == [["corrected_before_edit", "removed"]]
    assert not any("marks" in item for section in facts_of(specimen())["sections"] for item in section["items"])


def test_an_unknown_key_does_not_pass_the_schema(schema: dict[str, Any]) -> None:
    facts = facts_of(specimen())
    facts["sections"][1]["items"][0]["text"] = "cả bài"
    with pytest.raises(jsonschema.ValidationError, match="text"):
        jsonschema.Draft202012Validator(schema).validate(facts)


def test_another_version_is_refused_in_one_sentence() -> None:
    with pytest.raises(StoreError, match="format version 2"):
        digest_of(facts_of(specimen()) | {"version": 2})
