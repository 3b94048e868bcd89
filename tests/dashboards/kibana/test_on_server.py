"""Every query, filter and aggregation of the exported file, asked of a real Elasticsearch that holds the demo.

What the server counts is compared with what the store says, counted here in plain Python from its documents.
"""

import json
import os
import re
import subprocess
import sys
from base64 import b64encode
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import rison

from classifiers.topics import sensitive_topics
from config.localtime import LOCAL_ZONE
from config.units import members
from dashboards.digest.kibana import edition_link, section_link
from dashboards.kibana import charts, searches
from dashboards.kibana.export import export_ndjson
from pipeline.app import Installation
from pipeline.correcting import Wish
from pipeline.digest.judgement import judgement_of
from pipeline.digest.period import Period
from pipeline.digest.ranking import has_sensitive_topic
from pipeline.digest.window import last_closed
from pipeline.records import Digest, Document, SectionId, Tone
from tests.dashboards.kibana.asked import Span, kql, lens_request, lens_rows, list_request, span_of, whole_query
from tests.dashboards.kibana.server import kibana_like
from tests.elastic.cluster import Cluster
from tests.press.demo import demo_site
from tests.press.run_demo import PROVINCE, WINDOW_HOUR
from tests.press.server import Press
from tests.press.site import Article

TIME_FIELD = "published_at"
NOW = datetime.now(UTC)
OBJECTS = [json.loads(line) for line in export_ndjson("vi").splitlines()]
BY_ID = {one["id"]: one for one in OBJECTS}
TONES: tuple[Tone, ...] = ("positive", "neutral", "negative")
Rows = Mapping[tuple[str, ...], tuple[Any, ...]]

pytestmark = pytest.mark.timeout(600)  # the server, the classifiers and the articles are set up by the first test


@dataclass(frozen=True)
class Store:
    """What the store says of the time span: the yardstick."""

    documents: tuple[Document, ...]
    """Those that name a province that is watched."""
    span: Span

    @cached_property
    def named(self) -> list[Document]:
        from_at, to_at = self.span.from_at, self.span.to_at
        kept = (doc for doc in self.documents if not doc.dropped)
        return [doc for doc in kept if from_at <= doc.article.published_at <= to_at]

    @cached_property
    def about(self) -> list[Document]:
        return [doc for doc in self.named if judgement_of(doc, members(PROVINCE))]

    def tone(self, doc: Document) -> Tone | None:
        own = judgement_of(doc, members(PROVINCE))
        return own.tone if own else None

    def tones(self, documents: list[Document]) -> tuple[int, ...]:
        counted = Counter(self.tone(doc) for doc in documents)
        return tuple(counted[tone] for tone in TONES)

    def grouped(self, key: Callable[[Document], str]) -> dict[str, list[Document]]:
        groups: dict[str, list[Document]] = defaultdict(list)
        for doc in self.about:
            groups[key(doc)].append(doc)
        return groups


def bad_event(doc: Document) -> bool:
    return bool(doc.annotation and doc.annotation.bad_event)


def topics(doc: Document) -> list[str]:
    return [topic.id for topic in doc.annotation.topics] if doc.annotation else []


def local_day(at: datetime) -> str:
    return at.astimezone(LOCAL_ZONE).date().isoformat()


def is_sensitive(doc: Document) -> bool:
    return has_sensitive_topic(doc, sensitive_topics())


# ---- what each visualisation must show ------------------------------------------------------------------------------


def days(store: Store) -> Rows:
    first, last = (at.astimezone(LOCAL_ZONE).date() for at in (store.span.from_at, store.span.to_at))
    groups = store.grouped(lambda doc: local_day(doc.article.published_at))
    every = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return {(day.isoformat(),): store.tones(groups.get(day.isoformat(), [])) for day in every}


def outlets(store: Store) -> Rows:
    groups = store.grouped(lambda doc: doc.outlet)
    return {(name,): (len(documents), *store.tones(documents)) for name, documents in groups.items()}


def leading_topics(store: Store) -> Rows:
    counted = Counter(topics(doc)[0].partition(".")[0] for doc in store.about if topics(doc))
    return {(topic,): (count,) for topic, count in counted.items()}


def origin(store: Store) -> Rows:
    foreign = sum(doc.foreign for doc in store.about)
    return {("Trong nước",): (len(store.about) - foreign,), ("Nước ngoài",): (foreign,)}


def units(store: Store) -> Rows:
    found: dict[str, list[Document]] = defaultdict(list)
    for doc in store.named:
        assert doc.annotation
        for unit in {one.unit for one in doc.annotation.assessments}:
            found[unit].append(doc)
    return {
        (unit,): (len(documents), len({doc.source_id for doc in documents}), sum(doc.foreign for doc in documents))
        for unit, documents in found.items()
    }


def stories(store: Store) -> Rows:
    """Those that most outlets tell, ties by the key; each as its latest article puts it."""
    told = store.grouped(lambda doc: doc.story or doc.id)
    widest = sorted(told, key=lambda story: (-len({doc.source_id for doc in told[story]}), story))
    rows: dict[tuple[str, ...], tuple[Any, ...]] = {}
    for story in widest[: charts.STORIES_SHOWN]:
        latest = max(told[story], key=lambda doc: doc.article.published_at).article
        outlets = len({doc.source_id for doc in told[story]})
        negative = sum(store.tone(doc) == "negative" for doc in told[story])
        rows[story,] = (latest.title, outlets, len(told[story]), negative, latest.url)
    return rows


LENS: Mapping[str, Callable[[Store], Rows]] = {
    charts.FIGURE_TOTAL: lambda store: {(): (len(store.about),)},
    charts.FIGURE_NEGATIVE: lambda store: {(): (store.tones(store.about)[2],)},
    charts.FIGURE_POSITIVE: lambda store: {(): (store.tones(store.about)[0],)},
    charts.FIGURE_FOREIGN: lambda store: {(): (sum(doc.foreign for doc in store.about),)},
    charts.BY_DAY: days,
    charts.BY_OUTLET: outlets,
    charts.BY_TOPIC: leading_topics,
    charts.BY_ORIGIN: origin,
    charts.BY_UNIT: units,
    charts.STORIES: stories,
}
LISTS: Mapping[str, Callable[[Store, Document], bool]] = {
    searches.NEGATIVE_SEARCH: lambda store, doc: store.tone(doc) == "negative",
    searches.FOREIGN_SEARCH: lambda _, doc: doc.foreign,
    searches.VERIFY_SEARCH: lambda store, doc: store.tone(doc) == "negative" or bad_event(doc),
    searches.SENSITIVE_SEARCH: lambda _, doc: is_sensitive(doc),
}
SECTIONS: Mapping[SectionId, Callable[[Store, Document], bool]] = {
    "negative": lambda store, doc: store.tone(doc) == "negative",
    "positive": lambda store, doc: store.tone(doc) == "positive",
    "neutral": lambda store, doc: store.tone(doc) == "neutral",
    "foreign": lambda _, doc: doc.foreign,
    "prominent": lambda _, doc: is_sensitive(doc) or (bad_event(doc) and doc.tier == 1),
}


# ---- the demo, once -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation that took in the articles of the demo press; the crawl has tests of its own."""
    home = tmp_path_factory.mktemp("kibana")
    site = demo_site(last_closed(NOW, WINDOW_HOUR))
    with Press(site) as press:
        (home / "sources.yaml").write_text(press.sources_yaml(), encoding="utf-8")
        items = [_item(article, site.outlet(article.outlet_id).name, press) for article in site.articles]
    (home / "diembao.yaml").write_text(f"province: {PROVINCE}\nwatch: [lang-son, ha-noi, da-nang]\n", encoding="utf-8")
    lines = "\n".join(json.dumps(item, ensure_ascii=False) for item in items)
    (home / "items.jsonl").write_text(lines, encoding="utf-8")
    with closing(Installation(home)) as installation:
        report, file = installation.import_items(home / "items.jsonl", (None, None))
        span = (NOW - timedelta(days=3), NOW)
        for doc in list(installation.store.documents(*span, units=members(PROVINCE)))[:2]:
            installation.desk.correct(doc.id, Wish(dropped=True), by="Lan")
    assert (report.counts()["new"], file.bad) == (len(items), [])
    return home


def _item(article: Article, outlet: str, press: Press) -> dict[str, str]:
    return {
        "id": article.id,
        "title": article.title,
        "summary": article.lead,
        "text": "\n".join(article.paragraphs),
        "url": press.article_url(article.id),
        "outlet": outlet,
        "published_at": article.published_at.isoformat(),
        "fetched_at": (article.published_at + timedelta(minutes=30)).isoformat(),
    }


@dataclass(frozen=True)
class Filled:
    """Elasticsearch with what the store holds."""

    server: Cluster
    documents: tuple[Document, ...]
    digest: Digest

    def search(self, body: dict[str, Any]) -> Any:
        return self.server.request("POST", "/diembao-articles/_search", body)

    def store(self, span: Span) -> Store:
        return Store(self.documents, span)


@pytest.fixture(scope="module")
def filled(home: Path, elastic_server: Cluster) -> Iterator[Filled]:
    """The demo in Elasticsearch, by the program's own way; these tests only read it."""
    settings = {"KIND": "elastic", "URLS": json.dumps([elastic_server.url])}
    with pytest.MonkeyPatch.context() as environment:
        for name, value in settings.items():
            environment.setenv(f"DIEMBAO_INDEX__{name}", value)
        environment.setenv("DIEMBAO_KIBANA__URL", "https://kibana.tinh.example/s/diembao")
        with closing(Installation(home)) as installation:
            installation.indexes.rebuild()
            documents = tuple(installation.store.all_documents(assessed_only=True))
            digest = installation.editions.issue(Period.daily(last_closed(NOW, WINDOW_HOUR)), revise=True).digest
            assert installation.elastic
            assert installation.elastic.count() == len(documents) > 50
        yield Filled(elastic_server, documents, digest)
    elastic_server.wipe()


def test_every_object_has_its_expectation() -> None:
    asking = {one["id"] for one in OBJECTS if one["type"] in ("lens", "search")}
    assert asking == LENS.keys() | LISTS.keys()


def spans(filled: Filled) -> list[Span]:
    """The dashboard's own week, the window of the edition, and a span from midnight to noon of one day."""
    dashboard = BY_ID["diembao-dashboard"]["attributes"]
    midnight = filled.digest.window_to_at.astimezone(LOCAL_ZONE).replace(hour=0)
    return [
        span_of(dashboard["timeFrom"], dashboard["timeTo"], NOW),
        Span(filled.digest.window_from_at, filled.digest.window_to_at - timedelta(milliseconds=1)),
        Span(midnight - timedelta(days=1), midnight - timedelta(hours=12)),
    ]


def test_every_visualisation_shows_what_the_store_says(filled: Filled) -> None:
    for span in spans(filled):
        store = filled.store(span)
        assert store.about
        for lens_id, expected in LENS.items():
            lens = BY_ID[lens_id]
            rows = lens_rows(lens, filled.search(lens_request(lens, span, TIME_FIELD)))
            assert rows == expected(store), (lens_id, span)
            assert len(rows) < 63, lens_id  # nothing was cut off


def test_top_values_stand_in_order(filled: Filled) -> None:
    span = spans(filled)[0]
    for lens_id in (charts.BY_OUTLET, charts.BY_TOPIC, charts.BY_UNIT):
        lens = BY_ID[lens_id]
        counts = [row[0] for row in lens_rows(lens, filled.search(lens_request(lens, span, TIME_FIELD))).values()]
        assert counts == sorted(counts, reverse=True)
        assert len(counts) > 2


def test_every_list_holds_what_the_store_says_with_its_columns(filled: Filled) -> None:
    for search_id, fits in LISTS.items():
        search = BY_ID[search_id]
        chosen = search["attributes"]["timeRange"]
        span = span_of(chosen["from"], chosen["to"], NOW)
        store = filled.store(span)
        answer = filled.search(list_request(search, span, TIME_FIELD))
        expected = sorted(
            (doc for doc in store.about if fits(store, doc)), key=lambda doc: doc.article.published_at, reverse=True
        )
        hits = answer["hits"]["hits"]
        assert {hit["_id"] for hit in hits} == {doc.id for doc in expected} != set(), search_id
        assert [hit["fields"][TIME_FIELD][0] for hit in hits] == sorted(
            (hit["fields"][TIME_FIELD][0] for hit in hits), reverse=True
        )
        by_day = Counter(local_day(doc.article.published_at) for doc in expected)
        bars = {bar["key_as_string"][:10]: bar["doc_count"] for bar in answer["aggregations"]["days"]["buckets"]}
        assert {day: count for day, count in bars.items() if count} == by_day
        needed = {"title", "outlet.name", "url"}
        assert all(needed <= hit["fields"].keys() <= {*search["attributes"]["columns"], TIME_FIELD} for hit in hits)


def test_each_panel_of_the_dashboard_asks_something_that_was_asked_here() -> None:
    dashboard = BY_ID["diembao-dashboard"]
    source = json.loads(dashboard["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])
    assert (source["filter"], kql(source["query"])) == ([], {"match_all": {}})
    assert {ref["id"] for ref in dashboard["references"]} <= LENS.keys() | LISTS.keys()


# ---- links from the digest ------------------------------------------------------------------------------------------


def state(link: str) -> dict[str, Any]:
    query = urlsplit(link).fragment.partition("?")[2]
    return {name: rison.loads(value) for name, (value,) in parse_qs(query).items()}


def test_links_of_a_digest_lead_to_the_articles_of_its_sections(filled: Filled) -> None:
    time = state(edition_link(filled.digest))["_g"]["time"]
    span = Span(datetime.fromisoformat(time["from"]), datetime.fromisoformat(time["to"]))
    assert span.from_at == filled.digest.window_from_at
    store = filled.store(span)
    for section, fits in SECTIONS.items():
        values = state(section_link(filled.digest, section))
        assert values["_g"]["time"] == time
        page = values["_a"]
        query = whole_query(page["filters"], page["query"], span.query(TIME_FIELD))
        hits = filled.search({"size": 500, "query": query, "_source": False})["hits"]["hits"]
        assert {hit["_id"] for hit in hits} == {doc.id for doc in store.about if fits(store, doc)}, section
        assert hits, section


def test_a_section_s_list_holds_every_report_that_the_section_prints(filled: Filled) -> None:
    for section in filled.digest.sections:
        if section.id not in SECTIONS:
            continue
        page = state(section_link(filled.digest, section.id))["_a"]
        span = Span(filled.digest.window_from_at, filled.digest.window_to_at - timedelta(milliseconds=1))
        query = whole_query(page["filters"], page["query"], span.query(TIME_FIELD))
        found = {hit["_id"] for hit in filled.search({"size": 500, "query": query, "_source": False})["hits"]["hits"]}
        assert {item.id for item in section.items if not item.late} <= found, section.id


# ---- from nothing to a dashboard ------------------------------------------------------------------------------------


def test_the_three_lines_of_the_readme(filled: Filled, home: Path, tmp_path: Path) -> None:
    """Run but for Docker: the real Elasticsearch and a server like Kibana stand where it would have put them."""
    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```shell\n(.*?)^```", readme, flags=re.MULTILINE | re.DOTALL)
    vietnamese, english = (block for block in blocks if "docker" in block)
    assert english.replace("--lang en ", "").replace("press-monitor", "diembao") == vietnamese
    passwords, *lines = vietnamese.splitlines()
    with kibana_like(secured=False) as kibana:
        script = "\n".join([passwords.partition("; docker")[0], *lines])
        for said, meant in {
            "http://127.0.0.1:9200": filled.server.url,
            "http://127.0.0.1:5601": kibana.url,
            "~/diembao": str(home),
            ".venv/bin/diembao": f"{sys.executable} -m pipeline.cli",
        }.items():
            assert said in script
            script = script.replace(said, meant)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DIEMBAO_")}
        done = subprocess.run(
            ["bash", "-ec", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert len(kibana.objects) == len(OBJECTS)
        found = dict(line.split("=") for line in (tmp_path / ".env").read_text(encoding="utf-8").splitlines())
        assert {len(value) for value in found.values()} == {32}
        assert (tmp_path / ".env").stat().st_mode & 0o077 == 0
        signed = b64encode(f"elastic:{found['ELASTIC_PASSWORD']}".encode()).decode()
        assert {seen.authorization for seen in kibana.seen} == {f"Basic {signed}"}
        assert found["ELASTIC_PASSWORD"] not in done.stdout + done.stderr
