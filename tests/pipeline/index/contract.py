"""What every search index must do. An implementation plugs in with a class that inherits these tests:

class TestElastic(ArticleIndexContract):
    @pytest.fixture
    def index(self) -> Iterator[ArticleIndex]: ...
"""

import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.errors import QuerySyntaxError
from pipeline.index.protocol import ArticleIndex, FacetName, Filters, SearchRequest
from pipeline.records import Document
from tests.pipeline.documents import NOON, document_id, judged, make_document

DAY = timedelta(days=1)
FACETS: tuple[FacetName, ...] = ("day", "tone", "topic", "outlet")

FLOOD = make_document(
    "flood",
    title="Lũ quét ở Cao Bằng cuốn trôi cầu treo",
    lead="Mưa lớn suốt đêm làm nước suối dâng nhanh.",
    text="Sáng nay, chính quyền xã đã đến hiện trường.\nThủy điện phía trên không xả nước.",
    annotation=judged("cao-bang", topics=("environment.natural_disaster", "society")),
)
BRIDGE = make_document(
    "bridge",
    title="Đà Nẵng khánh thành cầu mới",
    lead="Cây cầu nối hai bờ sông Hàn, vốn một tỷ đồng.",
    published_at=NOON + DAY,
    outlet="Tuổi Trẻ",
    source_id="tuoi-tre",
    annotation=judged("da-nang", tone="positive", mentions=("cao-bang",), topics=("economy.transport_infrastructure",)),
)
MARKET = make_document(
    "market",
    title="Giá vàng cao, người dân xếp hàng",
    lead="Cửa hàng treo bảng tạm hết hàng từ sáng sớm, cả phố đông nghịt.",
    published_at=NOON + 2 * DAY,
    outlet="Tuổi Trẻ",
    source_id="tuoi-tre",
    annotation=judged("ha-noi", tone="neutral", topics=("economy",)),
)
UNACCENTED = make_document(
    "unaccented",
    title="Tin nhanh: cao bang don khach quoc te",
    lead="",
    published_at=NOON + 3 * DAY,
    annotation=judged("cao-bang", tone="positive", topics=("tourism_sport",)),
)
ENGLISH = make_document(
    "english",
    title="Flash floods hit Cao Bang, Da Nang spared",
    lead="The don't-miss story from Vietnam's north, with A.B. Smith.",
    published_at=NOON + 4 * DAY,
    outlet="The Delta Post",
    source_id="delta-post",
    language="en",
    annotation=judged("cao-bang", mentions=("da-nang",)),
)
LATIN = (FLOOD, BRIDGE, MARKET, UNACCENTED, ENGLISH)

FOREIGN = {
    "高平": make_document("zh", title="越南高平省发生山洪", lead="", language="zh"),
    "カオバン": make_document("ja", title="ベトナム北部カオバン省で洪水", lead="", language="ja"),
    "까오방": make_document("ko", title="베트남 까오방성에서 홍수 발생", lead="", language="ko"),
    "กาวบั่ง": make_document("th", title="น้ำท่วมจังหวัดกาวบั่งของเวียดนาม", lead="", language="th"),
    "ກາວບັ່ງ": make_document("lo", title="ນ້ຳຖ້ວມແຂວງກາວບັ່ງຂອງຫວຽດນາມ", lead="", language="lo"),
    "កៅបាំង": make_document("km", title="ទឹកជំនន់នៅខេត្តកៅបាំងប្រទេសវៀតណាម", lead="", language="km"),
    "Каобанг": make_document("ru", title="Наводнение в Каобанге и провинция Каобанг", lead="", language="ru"),
}

QUERIES = {
    # words: every one must occur, in title, lead or text
    "cầu": {"flood", "bridge"},
    "CẦU treo": {"flood"},
    "lũ nước": {"flood"},
    "": {"flood", "bridge", "market", "unaccented", "english"},
    # accents: an unaccented word means its accented forms too, an accented word only itself
    "cao bang": {"flood", "market", "unaccented", "english"},
    "cao bằng": {"flood"},
    "bảng": {"market"},
    "da nang": {"bridge", "english"},
    "Đà Nẵng": {"bridge"},
    "don khach": {"unaccented"},
    "đón khách": set(),
    # one word, both ways to place the tone and both Unicode forms
    "thủy điện": {"flood"},
    "thuỷ điện": {"flood"},
    unicodedata.normalize("NFD", "Thủy điện"): {"flood"},
    # phrases
    '"cao bang"': {"flood", "unaccented", "english"},
    '"Cao Bằng"': {"flood"},
    "“cầu treo”": {"flood"},
    '"treo cầu"': set(),
    '"quét ở Cao"': {"flood"},
    "don't-miss": {"english"},
    "a.b.": {"english"},
    # operators
    "cầu AND lũ": {"flood"},
    "lũ OR vàng": {"flood", "market"},
    "cầu NOT lũ": {"bridge"},
    "cầu -lũ": {"bridge"},
    'cầu -"cầu treo"': {"bridge"},
    "-cầu": {"market", "unaccented", "english"},
    "NOT (cầu OR vàng)": {"unaccented", "english"},
    "(lũ OR khánh) cầu": {"flood", "bridge"},
    "lũ OR khánh thành": {"flood", "bridge"},
    "-(-lũ)": {"flood"},
    "cao - bằng": {"flood"},
    "quét: cao bằng": {"flood"},
    # fields
    "tựa:cầu": {"flood", "bridge"},
    "tua:nước": set(),
    "nước": {"flood"},
    "title:(lũ OR vàng)": {"flood", "market"},
    'tựa:"cầu mới"': {"bridge"},
    "báo:tuoi-tre": {"bridge", "market"},
    'bao:"Tuổi Trẻ"': {"bridge", "market"},
    "outlet:delta-post": {"english"},
    "-báo:tuoitre cầu": {"flood"},
    "tone:negative": {"flood", "english"},
    'tone:"tích cực"': {"bridge", "unaccented"},
    "tone:positive tỉnh:cao-bang": {"unaccented"},
    "tỉnh:cao-bang": {"flood", "bridge", "unaccented", "english"},
    'tinh:"Cao Bằng" -tone:negative': {"bridge", "unaccented"},
    "unit:da-nang": {"bridge", "english"},
    "chủđề:economy": {"bridge", "market"},
    'chủđề:"kinh tế"': {"bridge", "market"},
    "chude:economy.transport_infrastructure": {"bridge"},
    "topic:environment OR topic:tourism_sport": {"flood", "english", "unaccented"},
    "từ:2026-03-03": {"market", "unaccented", "english"},
    "tu:3/3/2026 đến:4/3/2026": {"market", "unaccented"},
    "since:2026-03-01 until:2026-03-01": {"flood"},
}

MISTAKES = {
    "cầu AND": 7,
    "OR cầu": 0,
    "cầu OR OR lũ": 7,
    "(cầu": 4,
    "cầu)": 3,
    'cầu "treo': 4,
    "cầu tone:xấu": 9,
    "từ:hôm-qua": 3,
    "tỉnh:atlantis": 5,
    "màu:đỏ": 0,
    "chủđề:thời_trang": 6,
    "cầu ()": 5,
    "tựa:!!": 4,
    "tone:(negative)": 5,
    "cầu tone: negative": 9,
    "!!! ...": 0,
}


HOSTILE = (
    "'; DROP TABLE doc; --",
    '" OR 1=1 --',
    "words MATCH 'x'",
    "NEAR(a b)",
    "title : cầu",
    "{title} : cầu",
    "^cầu",
    "cầu*",
    "a + b",
    "\x00cầu",
    "cầu \ud83d",
    "(" * 500,
    "(" * 15 + "cầu" + ")" * 15,
    "-" * 300 + "cầu",
    "NOT " * 200 + "cầu",
    "a OR " * 150 + "b",
    "-a " * 300,
    "cầu " * 1000,
    "𠀀" * 400,
    "\u0301\u0302",
    "ﬁ ǆ İ ß ŉ ½ ℀ ㎏",
    "/* x */ cầu",
    "$where[0]={}",
    "_id:* OR _exists_:x",
)
"""Things that mean something to SQLite, FTS5, Elasticsearch or the parser, not to this query language."""

SUPPRESSED = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.differing_executors)
"""A server may share the machine with the test, and one contract is inherited by several tests on purpose."""

QUERY_TEXTS = st.one_of(
    st.text(max_size=60), st.lists(st.sampled_from(sorted({*QUERIES, *MISTAKES, *HOSTILE})), max_size=4).map(" ".join)
)


def names(index: ArticleIndex, query: str = "", filters: Filters | None = None) -> set[str]:
    """Return the names of the documents found, of those in this file."""
    result = index.search(SearchRequest(query=query, filters=filters or Filters(), size=100))
    assert result.total == len(result.hits)
    return {hit.url.rpartition("/")[-1].removesuffix(".html") for hit in result.hits}


def fill(index: ArticleIndex, *docs: Document) -> ArticleIndex:
    index.put(docs or LATIN)
    return index


def search_unharmed(index: ArticleIndex, query: str) -> None:
    """Search an index that holds `LATIN`; it must answer, or point into the query."""
    try:
        result = index.search(SearchRequest(query=query, facets=FACETS))
    except QuerySyntaxError as error:
        position = error.fields["position"]
        assert isinstance(position, int)
        assert 0 <= position <= len(str(error.fields["query"]))
    else:
        assert 0 <= result.total <= len(LATIN)
    assert index.count() == len(LATIN)


class ArticleIndexContract:
    """Inherit and give an ``index`` fixture that yields an empty one."""

    @pytest.mark.parametrize("query", QUERIES, ids=lambda query: unicodedata.normalize("NFC", query) or "everything")
    def test_a_query_finds_just_these(self, index: ArticleIndex, query: str) -> None:
        assert names(fill(index), query) == QUERIES[query]

    @pytest.mark.parametrize("name", FOREIGN)
    def test_a_name_inside_a_foreign_sentence_is_found(self, index: ArticleIndex, name: str) -> None:
        fill(index, *FOREIGN.values())
        wanted = FOREIGN[name]
        for query in (name, f'"{name}"', f"tựa:{name}"):
            (hit,) = index.search(SearchRequest(query=query)).hits
            assert hit.id == wanted.id
            assert f"[[{name}]]" in hit.highlights[0]

    @pytest.mark.parametrize("query", MISTAKES)
    def test_a_mistake_is_pointed_at(self, index: ArticleIndex, query: str) -> None:
        with pytest.raises(QuerySyntaxError) as caught:
            index.search(SearchRequest(query=query))
        assert (caught.value.fields["query"], caught.value.fields["position"]) == (query, MISTAKES[query])
        assert caught.value.text("vi") != caught.value.text("en")

    def test_filters(self, index: ArticleIndex) -> None:
        fill(index)
        assert names(index, filters=Filters(since=date(2026, 3, 2), until=date(2026, 3, 3))) == {"bridge", "market"}
        assert names(index, filters=Filters(tones=("positive", "neutral"))) == {"bridge", "market", "unaccented"}
        assert names(index, filters=Filters(topics=("economy", "tourism_sport"))) == {"bridge", "market", "unaccented"}
        assert names(index, filters=Filters(outlets=("tuoi-tre",))) == {"bridge", "market"}
        assert names(index, filters=Filters(units=("da-nang", "ha-noi"))) == {"bridge", "english", "market"}
        assert names(index, "cầu", Filters(tones=("negative",))) == {"flood"}

    def test_marks_are_filters_and_what_was_dropped_must_be_asked_for(self, index: ArticleIndex) -> None:
        marked = (
            replace(FLOOD, corrected=("tone",), disappeared_at=NOON),
            replace(MARKET, corrected=("tone", "before_edit")),
            replace(BRIDGE, corrected=("dropped",)),
        )
        fill(index, *marked, UNACCENTED)
        assert names(index) == {"flood", "market", "unaccented"}
        assert names(index, "cầu") == {"flood"}
        assert names(index, filters=Filters(marks=("dropped",))) == {"bridge"}
        assert names(index, "cầu", Filters(marks=("dropped", "removed"))) == {"bridge", "flood"}
        assert names(index, filters=Filters(marks=("corrected", "corrected_before_edit"))) == {"flood", "market"}
        (hit,) = index.search(SearchRequest(query="lũ")).hits
        assert hit.marks == ("corrected", "removed")
        assert index.search(SearchRequest(facets=("outlet",))).facets["outlet"] == {"non-nuoc": 2, "tuoi-tre": 1}
        index.put([FLOOD, BRIDGE])
        assert names(index, "cầu") == {"flood", "bridge"}
        assert names(index, filters=Filters(marks=("removed",))) == set()
        assert index.count() == 4

    def test_a_tone_beside_a_unit_is_the_tone_toward_it(self, index: ArticleIndex) -> None:
        fill(index)
        assert names(index, filters=Filters(tones=("positive",), units=("cao-bang",))) == {"unaccented"}
        assert names(index, "tone:positive", Filters(units=("cao-bang",))) == {"unaccented"}

    def test_a_unit_of_today_finds_its_predecessors(self, index: ArticleIndex) -> None:
        fill(index, *(make_document(unit, annotation=judged(unit)) for unit in ("tien-giang", "dong-thap")))
        assert names(index, filters=Filters(units=("dong-thap",))) == {"tien-giang", "dong-thap"}
        assert names(index, "tỉnh:dong-thap") == {"tien-giang", "dong-thap"}
        assert names(index, filters=Filters(units=("tien-giang",))) == {"tien-giang"}

    def test_days_are_local(self, index: ArticleIndex) -> None:
        late_evening = datetime(2026, 3, 1, 16, 59, tzinfo=UTC)
        fill(index, make_document("same", published_at=late_evening))
        index.put([make_document("next", published_at=late_evening + timedelta(minutes=1))])
        assert names(index, "từ:2026-03-02") == {"next"}
        result = index.search(SearchRequest(facets=("day",)))
        assert result.facets["day"] == {"2026-03-01": 1, "2026-03-02": 1}

    def test_facets_count_what_matches(self, index: ArticleIndex) -> None:
        facets = fill(index).search(SearchRequest(query="cầu OR vàng", size=1, facets=FACETS)).facets
        assert facets == {
            "day": {"2026-03-01": 1, "2026-03-02": 1, "2026-03-03": 1},
            "tone": {"negative": 1, "positive": 1, "neutral": 1},
            "topic": {
                "economy": 2,
                "economy.transport_infrastructure": 1,
                "environment": 1,
                "environment.natural_disaster": 1,
                "society": 1,
            },
            "outlet": {"non-nuoc": 1, "tuoi-tre": 2},
        }
        assert fill(index).search(SearchRequest()).facets == {}

    def test_the_tone_facet_is_toward_the_units_asked_for(self, index: ArticleIndex) -> None:
        filters = Filters(units=("cao-bang",))
        facets = fill(index).search(SearchRequest(filters=filters, facets=("tone",))).facets
        assert facets["tone"] == {"negative": 2, "positive": 1}

    def test_a_hit_says_what_people_need(self, index: ArticleIndex) -> None:
        (hit,) = fill(index).search(SearchRequest(query="thủy điện")).hits
        assert (hit.id, hit.url, hit.title, hit.lead) == (
            FLOOD.id,
            FLOOD.article.url,
            FLOOD.article.title,
            FLOOD.article.lead,
        )
        assert (hit.outlet, hit.outlet_id, hit.language) == ("Báo Non Nước", "non-nuoc", "vi")
        assert hit.published_at == NOON
        assert hit.tones == {"cao-bang": "negative"}
        assert hit.topics == ("environment.natural_disaster", "society")

    @pytest.mark.parametrize(
        ("query", "marked"), [("cao bang", "[[Cao Bằng]]"), ("lũ cầu", "[[Lũ]]"), ('"cầu treo"', "[[cầu treo]]")]
    )
    def test_matched_words_are_marked_as_written(self, index: ArticleIndex, query: str, marked: str) -> None:
        hits = {hit.id: hit for hit in fill(index).search(SearchRequest(query=query)).hits}
        assert marked in hits[FLOOD.id].highlights[0]

    def test_a_match_deep_in_the_text_is_shown_with_what_stands_around(self, index: ArticleIndex) -> None:
        text = "Mở đầu không liên quan gì. " * 200 + "Rồi đê vỡ lúc nửa đêm. " + "Phần kết dài dòng. " * 200
        fill(index, make_document("long", text=text))
        (hit,) = index.search(SearchRequest(query="đê vỡ -lũ")).hits
        (fragment,) = hit.highlights
        assert "Rồi [[đê vỡ]] lúc nửa đêm." in fragment
        assert len(fragment) < 300

    def test_best_first_then_newest(self, index: ArticleIndex) -> None:
        passing = make_document("passing", title="Tin vắn", lead="", text="Chuyện khác. " * 50 + "Có ghé Cao Bằng.")
        price = make_document("price", title="Chuyện giá cả", lead="Giá cao mà chưa công bằng với người mua.")
        others = [make_document(f"{n}", title="Chuyện khác", lead="") for n in range(20)]
        fill(index, passing, price, FLOOD, MARKET, *others)
        for query in ("cao bang", "cao bằng"):
            found = [hit.id for hit in index.search(SearchRequest(query=query)).hits]
            assert found[:2] == [FLOOD.id, passing.id], query
        newest_first = [hit.id for hit in index.search(SearchRequest()).hits]
        assert newest_first[0] == MARKET.id

    def test_pages_do_not_overlap_and_miss_nothing(self, index: ArticleIndex) -> None:
        docs = [make_document(f"{n:02}", published_at=NOON) for n in range(23)]
        fill(index, *docs)
        pages = [index.search(SearchRequest(query="cầu", size=10, offset=offset)) for offset in (0, 10, 20, 30)]
        assert [len(page.hits) for page in pages] == [10, 10, 3, 0]
        assert {page.total for page in pages} == {23}
        assert len({hit.id for page in pages for hit in page.hits}) == 23

    def test_a_newer_version_replaces_and_an_older_one_does_not(self, index: ArticleIndex) -> None:
        edited = replace(FLOOD, version=2, article=replace(FLOOD.article, title="Bão tan"))
        fill(index, FLOOD, edited)
        assert names(index, "bão") == {"flood"}
        assert names(index, "tựa:lũ") == set()
        index.put([FLOOD])
        assert names(index, "bão") == {"flood"}
        index.put([replace(edited, annotation=judged("ca-mau"))])
        assert names(index, "tỉnh:ca-mau") == {"flood"}, "the same version with other labels replaces"
        assert names(index, "tỉnh:cao-bang") == set()
        assert index.count() == 1

    def test_removing_and_clearing(self, index: ArticleIndex) -> None:
        fill(index)
        index.remove([FLOOD.id, document_id("unknown")])
        assert names(index, "cầu") == {"bridge"}
        assert index.count() == 4
        index.clear()
        assert index.count() == 0
        assert names(index) == set()
        fill(index, FLOOD)
        assert names(index) == {"flood"}

    def test_a_thin_document_can_be_searched(self, index: ArticleIndex) -> None:
        fill(index, make_document("thin", annotation=None))
        (hit,) = index.search(SearchRequest(query="cầu")).hits
        assert (hit.tones, hit.topics) == ({}, ())

    @pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
    def test_a_hostile_query_is_words_or_a_mistake(self, index: ArticleIndex, query: str) -> None:
        search_unharmed(fill(index), query)

    @settings(max_examples=150, deadline=None, suppress_health_check=SUPPRESSED)
    @given(query=QUERY_TEXTS)
    def test_no_query_breaks_or_changes_the_index(self, index: ArticleIndex, query: str) -> None:
        search_unharmed(index if index.count() else fill(index), query)
