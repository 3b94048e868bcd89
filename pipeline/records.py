"""The records that travel from left to right. Instants end in ``_at`` and are aware UTC; durations carry their unit."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, get_args

from config.localtime import local_day

Tone = Literal["negative", "neutral", "positive"]
Relevance = Literal["about", "mention"]
SourceKind = Literal["central", "local", "ministry", "foreign"]
SectionId = Literal["negative", "foreign", "prominent", "positive", "related", "neutral"]
AlertKind = Literal["spike", "grave"]
AlertLevel = Literal[0, 1, 2, 3]
"""0: to be watched («theo dõi»); 3: the gravest."""
ALERT_LEVELS: tuple[AlertLevel, ...] = get_args(AlertLevel)
AlertState = Literal["open", "acknowledged", "closed"]
AlertEventKind = Literal[
    "opened", "updated", "raised", "acknowledged", "handed_back", "escalated", "closed", "reopened"
]
DayState = Literal["ok", "alert", "insufficient_data", "learning"]
Qualifier = Literal["sensitive", "foreign", "tier_1"]
EditionKind = Literal["daily", "foreign-weekly", "range"]
"""One day; seven days of the foreign press by country; any days in a row («gói giao ban»)."""
CorrectionKind = Literal["relevance", "tone", "bad_event", "topics", "dropped", "before_edit"]
Mark = Literal["corrected", "corrected_before_edit", "dropped", "removed", "regrouped"]


# ---- collecting -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionPage:
    """A page that lists an outlet's articles, for outlets without a feed."""

    url: str
    links: str
    """CSS selector of the ``<a>`` elements that lead to articles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One press outlet of the catalogue."""

    id: str
    """Slug, unique in the catalogue."""
    name: str
    kind: SourceKind
    tier: int
    """1 (national or world reach) to 3 (local or narrow)."""
    country: str
    """ISO 3166-1 alpha-2, upper case."""
    language: str
    """ISO 639-1."""
    timezone: str = "Asia/Ho_Chi_Minh"
    """IANA zone of dates that carry none."""
    unit: str | None = None
    """Slug of the province whose own outlet it is; None for all others."""
    domains: tuple[str, ...] = ()
    """Hosts of the outlet's articles without ``www.``, or ``host/folder`` where outlets share one; recognises items."""
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    """News sitemaps or sitemap indexes."""
    sections: tuple[SectionPage, ...] = ()
    verified: bool = False
    """True once the addresses were seen to answer on a real network."""
    enabled: bool = True

    @property
    def foreign(self) -> bool:
        """True when the outlet is not Vietnamese, whatever language it writes in."""
        return self.country != "VN"

    @property
    def endpoints(self) -> tuple[str, ...]:
        """Every address that is polled."""
        return self.feeds + self.sitemaps + tuple(section.url for section in self.sections)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """What a feed, sitemap or section page says about one article."""

    url: str
    """As listed, absolute; not yet canonical."""
    title: str = ""
    summary: str = ""
    """Plain text; never stored as full text."""
    author: str = ""
    section: str = ""
    language: str = ""
    published_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One response from the network, as it came."""

    url: str
    """Final address, after redirects."""
    requested_url: str
    status: int
    content_type: str
    """Value of the header, with its charset; empty when absent."""
    body: bytes
    """Decoded from transfer and content encodings."""
    fetched_at: datetime
    source_id: str | None = None
    """None when replayed from a WARC of unknown origin."""
    entry: FeedEntry | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An article known by its headline and, perhaps, its text: what `import` and `annotate` read."""

    id: str
    title: str
    summary: str = ""
    text: str = ""
    url: str = ""
    outlet: str = ""
    language: str = ""
    published_at: datetime | None = None
    fetched_at: datetime | None = None
    section: str = ""

    @property
    def published_on(self) -> date | None:
        """The local day of publication; None when that is not known."""
        return local_day(self.published_at) if self.published_at else None


# ---- understanding --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """The text of one page, cleaned (Unicode NFC)."""

    url: str
    """Canonical."""
    title: str
    lead: str
    text: str
    """Full text, paragraphs joined by a line break; empty when only the headline is known."""
    published_at: datetime
    fetched_at: datetime
    published_raw: str = ""
    """The date with the page's own offset (ISO 8601), when the page gave one."""
    author: str = ""
    section: str = ""
    outlet: str = ""
    """Outlet's name as the page gives it; the catalogue's name wins where the source is known."""
    language: str = ""
    """As declared by the page; detection decides."""
    flags: tuple[str, ...] = ()
    """Of: future_date, no_date, paywalled, empty_text."""
    rules: Mapping[str, str] = field(default_factory=dict)
    """Field to the rule that chose it, such as ``title: json-ld``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceMention:
    """One place name in a text, read as one unit."""

    field: Literal["title", "summary", "text"]
    start: int
    end: int
    """Character offsets in the field; end is exclusive."""
    text: str
    unit: str
    """Slug of the historic unit it speaks of."""
    kind: Literal["province", "district", "commune", "landmark"]
    why: str
    """The rule or feature that decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicScore:
    """A topic or subtopic (``security`` or ``security.border_crime``) and how sure it is, 0..1."""

    id: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What one document says about one unit."""

    unit: str
    """Slug of the unit as named."""
    current: str
    """Slug of its successor of today."""
    relevance: Relevance
    score: float
    """Probability of the relevance, 0..1."""
    tone: Tone | None = None
    """Toward the unit; None unless relevance is ``about``."""
    tone_score: float | None = None
    evidence: tuple[str, ...] = ()
    """The one or two sentences that carried the tone, verbatim."""
    matched: tuple[str, ...] = ()
    """The names that were read as the unit, verbatim."""
    why: tuple[str, ...] = ()
    """The rules and features that decided, in words a person can check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """Everything the classifiers say about one item."""

    language: str
    topics: tuple[TopicScore, ...] = ()
    """Best first."""
    bad_event: bool = False
    bad_event_score: float = 0.0
    assessments: tuple[Assessment, ...] = ()
    compounds: tuple[str, ...] = ()
    """Vietnamese words of several syllables that occur in the item (``an ninh``), lower case, each once, sorted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One stored article: its text, where it came from, and what it says about whom."""

    id: str
    """`crawlers.urls.document_id` of the canonical URL."""
    article: Article
    source_id: str
    """Id in the catalogue, or the slug of the outlet's name when it is not listed."""
    outlet: str
    """Name people read."""
    country: str
    """Of the outlet, ISO 3166-1 alpha-2."""
    tier: int
    kind: SourceKind
    language: str = ""
    gate_units: tuple[str, ...] = ()
    """Units whose names the gate saw, right or wrong; what a change of the watched units starts from."""
    annotation: Annotation | None = None
    """None for a thin document: no own or watched unit is named in it."""
    story: str | None = None
    """Id of the story it tells; None until stories were looked for."""
    copy_of: str | None = None
    """Id of the document it reprints; None for an original."""
    copies: int = 0
    """Documents that reprint it."""
    corrected: tuple[CorrectionKind, ...] = ()
    """What persons said of it in place of the machine; with ``before_edit`` one of them read an earlier version."""
    disappeared_at: datetime | None = None
    """When its outlet no longer had it; None while it is there, or nobody looked."""
    version: int = 1
    """1 for the first text seen, one more for each edit."""
    fetched_at: datetime
    """When the first version was fetched."""
    stored_at: datetime | None = None
    """When the first version came into the store; None where nobody noted it."""

    @property
    def foreign(self) -> bool:
        """True when the outlet is not Vietnamese."""
        return self.country != "VN"

    @property
    def dropped(self) -> bool:
        """True when a person said that the article is no matter of ours."""
        return "dropped" in self.corrected

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What readers are told beside its labels: who judged it last, and whether it is still there."""
        relabelled = bool(set(self.corrected) - {"dropped", "before_edit"})
        edited_since = "before_edit" in self.corrected
        marks: dict[Mark, bool] = {
            "corrected": relabelled and not edited_since,
            "corrected_before_edit": relabelled and edited_since,
            "dropped": self.dropped,
            "removed": self.disappeared_at is not None,
        }
        return tuple(mark for mark, holds in marks.items() if holds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """An expected discard: counted under its reason, the loop goes on."""

    reason: str
    """snake_case, one of a small set."""
    url: str = ""
    detail: str = ""


# ---- reporting ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryReport:
    """What one outlet published about a story."""

    document_id: str
    """Of the outlet's first article on it."""
    url: str
    title: str
    source_id: str
    outlet: str
    """Name people read."""
    tier: int
    country: str
    language: str
    published_at: datetime
    copy_of: str | None = None
    """Id of the document that its first article reprints; None for work of its own."""
    articles: int = 1
    """Articles of the outlet on the story."""

    @property
    def foreign(self) -> bool:
        """True when the outlet is not Vietnamese."""
        return self.country != "VN"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitTone:
    """How the reports of a story speak of one unit; an outlet counts once."""

    unit: str
    """Slug of the unit as named."""
    current: str
    """Slug of its successor of today."""
    negative: int = 0
    neutral: int = 0
    positive: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One event as the press told it."""

    id: str
    title: str
    """The first headline without a sign of click-bait, Vietnamese where there is one."""
    reports: tuple[StoryReport, ...]
    """One an outlet, by publication; the chain of reprints is read from their ``copy_of``. Never empty."""
    last_at: datetime
    """Publication of the latest article."""
    tones: tuple[UnitTone, ...] = ()
    """By unit; units that no article is about are left out."""
    edited: bool = False
    """True when a person merged it or split something off."""

    @property
    def first(self) -> StoryReport:
        """The report that came first; of equal times that of the wider outlet."""
        return self.reports[0]

    @property
    def articles(self) -> int:
        return sum(report.articles for report in self.reports)

    @property
    def domestic(self) -> tuple[StoryReport, ...]:
        """Reports of Vietnamese outlets."""
        return tuple(report for report in self.reports if not report.foreign)

    @property
    def foreign(self) -> tuple[StoryReport, ...]:
        """Reports of outlets abroad."""
        return tuple(report for report in self.reports if report.foreign)

    @property
    def tiers(self) -> Mapping[int, int]:
        """Tier to its number of outlets, widest reach first."""
        return dict(sorted(Counter(report.tier for report in self.reports).items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedSource:
    """A proven source that did not answer in a window."""

    id: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Proven sources that answered over proven sources that were due, in one window."""

    healthy: int
    due: int
    failed: tuple[FailedSource, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """Another outlet's report of the same story."""

    outlet: str
    url: str
    tone: Tone | None = None
    """Toward the province; None in editions from before stories were found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedText:
    """A text of an item that a person replaced."""

    field: Literal["title", "summary"]
    was: str
    """What stood there before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestItem:
    """One story as its leading report tells it, with the reports of other outlets; the keys of ``digest.json``."""

    id: str
    url: str
    title: str
    """What people read: Vietnamese where there is one, else the original."""
    original_title: str | None
    """The headline in its own language, when that is not Vietnamese."""
    outlet: str
    outlet_id: str
    country: str
    language: str
    published_at: datetime
    tone: Tone
    tone_score: float
    bad_event: bool
    topics: tuple[str, ...]
    units: tuple[str, ...]
    why: tuple[str, ...]
    summary: str
    copies: tuple[Copy, ...] = ()
    late: bool = False
    """True for «bổ sung»: published in an earlier, closed window."""
    also: tuple[SectionId, ...] = ()
    """Other sections that it would belong to; they refer to it."""
    story: str = ""
    """Id of the story; empty when nobody looked for stories."""
    first_seen_at: datetime | None = None
    """Earliest publication of the story in any outlet, where that is before this report."""
    since: date | None = None
    """Day of the first edition that told of the story; None: this one."""
    edited: tuple[EditedText, ...] = ()
    articles: int = 0
    """Articles that tell the story in this edition, where outlets wrote several; 0: one each."""
    sure: bool | None = None
    """Whether a negative tone is sure enough to ask for an answer; None for other tones, and in editions of old."""
    copies_folded: tuple[Copy, ...] = ()
    """More copies that are counted; only where an item is printed with less than it holds."""

    @property
    def reports(self) -> int:
        """How many reports the item stands for."""
        return 1 + len(self.copies) + len(self.copies_folded)

    @property
    def tones(self) -> Mapping[Tone, int]:
        """How many of its reports have each tone."""
        return Counter((self.tone, *(copy.tone for copy in self.copies + self.copies_folded if copy.tone)))

    marks: tuple[Mark, ...] = ()
    """That a person corrected its labels or merged or split its story, that its outlet removed it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicCount:
    """How many of some reports have this topic first."""

    topic: str
    """Id of the first level; ``other`` when no topic is known."""
    reports: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestSection:
    """One section; an item is owned by one section only."""

    id: SectionId
    title: str
    items: tuple[DigestItem, ...] = ()
    folded: int = 0
    """Reports that the section owns but does not print («và N tin khác»)."""
    folded_topics: tuple[TopicCount, ...] = ()
    """What the folded reports are about, most frequent first; sums to ``folded``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestCounts:
    """Reports by tone and what they rest on. total = positive + neutral + negative."""

    total: int
    positive: int
    neutral: int
    negative: int
    articles: int
    stories: int
    outlets: int
    foreign: int
    previous_day: int | None
    """Total of the edition of the day before; None when it was never collected."""
    mean_28d: float | None
    """Mean of the same weekday in the last 28 days; None while the history is shorter."""
    previous_period: int | None = None
    """Total of the same number of days before an edition of several days; None when they were not all collected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletTone:
    """A row of the table outlet × tone."""

    outlet: str
    positive: int
    neutral: int
    negative: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """Reports of one edition day, for the seven-day chart."""

    day: date
    positive: int
    neutral: int
    negative: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertStory:
    """One story behind an alert, as a day's negative reports told it."""

    id: str
    day: date
    """Local."""
    title: str
    """Of the first negative report on it."""
    url: str
    outlet: str
    """Who reported it first."""
    country: str
    language: str
    published_at: datetime
    outlets: int
    """Outlets with a negative report."""
    sentence: str
    """What carried the tone in the surest report, shortened; empty: the headline itself."""
    tone_score: float
    """Of that report."""
    marks: tuple[Qualifier, ...] = ()
    """What makes it weigh more: a sensitive topic, foreign press, tier-1 outlets (any number)."""
    documents: tuple[str, ...] = ()
    """Ids of the negative reports, by publication."""
    matter: str = ""
    """Name in ``alerts.yaml`` of the lasting matter that all of them are about; empty: none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertDay:
    """One day in an alert's chart."""

    day: date
    observed: int | None
    """None: too little of the press was watched."""
    expected: float | None
    """None: nothing could be expected yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Unusual negative coverage of a unit: what was found, and what people did about it."""

    id: str
    unit: str
    """Slug as chosen."""
    kind: AlertKind
    """``spike``: more negative reports than usual; ``grave``: one article that weighs enough alone."""
    level: AlertLevel
    """The gravest that was reached."""
    state: AlertState = "open"
    day: date
    """First local day with an alarm."""
    last_day: date
    peak_day: date
    """The gravest day; the four figures below are of it."""
    observed: int
    expected: float | None
    p_value: float | None
    """Both None where nothing could be expected yet, which a grave article does not ask for."""
    outlets: int
    """Different outlets with a negative report on that day."""
    qualifiers: tuple[Qualifier, ...] = ()
    stories: tuple[AlertStory, ...] = ()
    """Of all its days, those with most outlets first."""
    days: tuple[AlertDay, ...] = ()
    """What led to it, oldest first; ends with the last day."""
    events: tuple[str, ...] = ()
    """Expected events that were reckoned with, in the installation's language."""
    opened_at: datetime
    raised_at: datetime
    """When it reached its level, or was reopened or handed back: from then on it waits for somebody."""
    updated_at: datetime
    acknowledged_at: datetime | None = None
    """When somebody took it on; None again when it is raised, reopened or handed back, as are the next two."""
    acknowledged_by: str = ""
    escalated_at: datetime | None = None
    """When nobody had acknowledged it in time."""
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertEvent:
    """One step in the life of an alert."""

    alert_id: str
    kind: AlertEventKind
    level: AlertLevel
    at: datetime
    by: str = ""
    """Who did it; empty: the program."""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestAlert:
    """An alert as the edition of its day tells it."""

    id: str
    kind: str
    """``spike``: more than is usual; else what makes one report grave."""
    level: int
    """0 (to be watched) to 3."""
    unit: str
    """Slug."""
    day: date
    """Local calendar day it is about."""
    observed: int
    """Negative reports of that day."""
    expected: float | None
    """What was to be expected of such a day; None: nothing could be."""
    title: str
    """In words, in the digest's language."""
    state: str
    """``open``, ``acknowledged`` or ``closed``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestEvent:
    """Something on the calendar that the press is expected to write about."""

    day: date
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """An item that the editor took out; its reports stay counted."""

    id: str
    title: str
    outlet: str
    url: str
    section: SectionId
    reports: int
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorsPart:
    """What a person wrote into an edition or changed in it; replaced texts are with their items."""

    by: str
    edited_at: datetime
    outlook: tuple[str, ...] = ()
    """Paragraphs of «Dự báo»; in the weekly foreign edition «Nhận xét»."""
    proposals: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    arranged: tuple[SectionId, ...] = ()
    """Sections whose items the editor put in order, moved in or out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """What one recipient asked for of an edition; the counts stay those of the whole."""

    units: tuple[str, ...] = ()
    """Slugs; empty: all."""
    topics: tuple[str, ...] = ()
    """Ids of topics and subtopics; empty: all."""
    min_tone: Tone = "positive"
    """The mildest tone that is printed; ``positive``: all tones."""
    shown: int
    """Reports that are printed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """One edition for one province: facts only, rendered elsewhere."""

    province: str
    """Slug."""
    date: date
    """The day it is issued for; the last one of several."""
    window_from_at: datetime
    window_to_at: datetime
    revision: int
    counts: DigestCounts
    coverage: Coverage | None
    """None: «không rõ» (imports and replays have no ledger)."""
    sections: tuple[DigestSection, ...]
    outlet_tones: tuple[OutletTone, ...] = ()
    last_days: tuple[DayCount, ...] = ()
    """The seven days that end with this edition, oldest first; a day that was never collected is missing."""
    language: Literal["vi", "en"] = "vi"
    muted: int = 0
    """Reports left out by the installation's mute settings."""
    internal: bool = False
    """Print «LƯU HÀNH NỘI BỘ»."""
    contact: str = ""
    """Address or URL readers can turn to; empty when none is set."""
    software: str = ""
    """Version of the program that built it."""
    kibana_url: str = ""
    """Where its links into Kibana lead; empty: it has none."""
    kind: EditionKind = "daily"
    alerts: tuple[DigestAlert, ...] = ()
    """Gravest first."""
    events: tuple[DigestEvent, ...] = ()
    """In the order of their days."""
    editor: EditorsPart | None = None
    """None: nobody touched it."""
    excerpt: Excerpt | None = None
    """None: everything; an edition is sealed whole, and excerpted for a recipient only."""


# ---- sending --------------------------------------------------------------------------------------------------------

Channel = Literal["email", "webhook", "apprise"]
"""A way out of the system; each has one sender in `pipeline.deliver`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message to one recipient, complete: what is sent is exactly its payload, however often that is tried."""

    key: str
    """What it is and for whom: ``digest/cao-bang/2026-03-05/1/an@tinh.example``. Planned twice, it is sent once."""
    kind: str
    """``digest``, ``weekly``, ``alert``, ``test``, …; what people filter the list by."""
    channel: Channel
    recipient: str
    """A mail address, or the name of a channel in ``recipients.yaml``, whose address may be a secret."""
    payload: bytes
    """A mail (RFC 5322, CRLF) for ``email``, one JSON object (UTF-8) for the other channels."""
    not_before_at: datetime
    replaces: tuple[str, ...] = ()
    """Keys of messages that this one makes needless; those that were not sent yet are withdrawn."""
