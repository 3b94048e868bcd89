"""Links from a digest into Kibana: present when asked for, with the edition's window and the section's judgement."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import rison

from dashboards.digest.fit import HTML_LIMIT_BYTES
from dashboards.digest.mail import render_eml
from dashboards.digest.render import render_html, render_json, render_text, size_of
from dashboards.digest.view import view_of
from pipeline.digest.facts import digest_of, facts_of
from pipeline.records import Digest
from tests.dashboards.reading import ReadPage
from tests.dashboards.specimen import COVERAGE, DAY, HISTORY, PLAN, specimen, specimen_documents
from tests.dashboards.test_digest_numbers import busy
from tests.dashboards.test_digest_render import worst
from tests.pipeline.digest.daily import build_digest

KIBANA = "https://kibana.tinh.example/s/diembao"
WINDOW = {"from": "2026-03-04T00:00:00.000Z", "to": "2026-03-04T23:59:59.999Z"}
"""7:00 to 7:00 in Viet Nam; Kibana's ranges include their end."""


def linked() -> Digest:
    plan = replace(PLAN, kibana_url=KIBANA + "/")
    return build_digest(plan, DAY, specimen_documents(), coverage=COVERAGE, earlier=HISTORY)


def state(link: str) -> tuple[str, dict[str, Any]]:
    """Return page and state of an address, as Kibana reads them: the part after ``#`` has a query of its own."""
    parts = urlsplit(link)
    page, _, query = parts.fragment.partition("?")
    values = parse_qs(query, strict_parsing=True, keep_blank_values=True)
    return f"{parts.path}#{page}", {name: rison.loads(value) for name, (value,) in values.items()}


def section_links(digest: Digest) -> dict[str, str]:
    return {section.id: section.kibana for section in view_of(digest).sections}


def test_the_edition_leads_to_the_dashboard_over_its_window() -> None:
    page, values = state(view_of(linked()).kibana)
    assert page == "/s/diembao/app/dashboards#/view/diembao-dashboard"
    assert values["_g"]["time"] == WINDOW
    assert "_a" not in values


@pytest.mark.parametrize(
    ("section", "queries"),
    [
        ("negative", [{"match_phrase": {"relevance": "about"}}, {"match_phrase": {"tone": "negative"}}]),
        ("positive", [{"match_phrase": {"relevance": "about"}}, {"match_phrase": {"tone": "positive"}}]),
        ("neutral", [{"match_phrase": {"relevance": "about"}}, {"match_phrase": {"tone": "neutral"}}]),
        ("foreign", [{"match_phrase": {"relevance": "about"}}, {"match_phrase": {"outlet.foreign": True}}]),
    ],
)
def test_a_section_leads_to_its_articles(section: str, queries: list[dict[str, Any]]) -> None:
    page, values = state(section_links(linked())[section])
    assert page == "/s/diembao/app/discover#/"
    assert values["_g"]["time"] == WINDOW
    assert [pill["query"] for pill in values["_a"]["filters"]] == queries
    assert values["_a"]["index"] == "diembao-articles"
    assert {pill["meta"]["index"] for pill in values["_a"]["filters"]} == {"diembao-articles"}


def test_a_section_that_flat_fields_cannot_tell_has_no_link() -> None:
    links = section_links(linked())
    assert links["related"] == ""
    assert all(link for section, link in links.items() if section != "related")


def test_html_text_and_mail_print_the_links() -> None:
    digest = linked()
    page = ReadPage(render_html(digest))
    printed = [link for link in page.links() if link.startswith(KIBANA)]
    assert printed == [view_of(digest).kibana, *filter(None, section_links(digest).values())]
    assert page.text("//*[@id='kibana']") == "Xem trong Kibana"
    assert f"\n  {view_of(digest).kibana}\n" in render_text(digest)
    assert b"Xem trong Kibana" in render_eml(digest)


def test_without_an_address_nothing_is_said_of_kibana() -> None:
    digest = specimen()
    assert "ibana" not in render_html(digest) + render_text(digest) + render_json(digest)


def test_a_sealed_edition_keeps_its_links_and_one_without_gets_none() -> None:
    assert digest_of(facts_of(linked())) == linked()
    assert render_html(digest_of(facts_of(linked()))) == render_html(linked())
    assert digest_of(facts_of(specimen())).kibana_url == ""


@pytest.mark.parametrize("make", [busy, worst])
def test_links_fit_in_the_fullest_mail(make: Callable[[], Digest]) -> None:
    assert size_of(render_html(replace(make(), kibana_url=KIBANA))) < HTML_LIMIT_BYTES


@pytest.mark.parametrize("sign", ["'", '"', "(", ")", "<", ">", " "])
def test_no_sign_at_which_a_mail_program_ends_a_link(sign: str) -> None:
    assert not [link for link in [view_of(linked()).kibana, *section_links(linked()).values()] if sign in link]
