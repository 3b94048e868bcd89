"""From documents to the negative reports of a unit: one story in one outlet on one local day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from config.localtime import local_day
from config.settings import MuteSettings
from pipeline.alerts.days import DayEvidence
from pipeline.digest.judgement import judgement_of
from pipeline.digest.mute import MuteRules
from pipeline.digest.ranking import SENSITIVE_SCORE, TOP_TIER
from pipeline.records import Assessment, Document
from pipeline.stories.story import story_key


@dataclass(frozen=True, slots=True, kw_only=True)
class NegativeReport:
    """A story that one outlet told to a unit's disadvantage."""

    doc: Document
    """The outlet's first negative article on it that day."""
    own: Assessment
    """What it says about the unit."""
    sensitive_score: float
    """How sure its surest sensitive topic is, 0..1; 0: it has none."""
    sensitive_topics: frozenset[str] = frozenset()
    """Ids, however sure."""

    @property
    def sensitive(self) -> bool:
        """True when it is on a sensitive topic, as digests count it."""
        return self.sensitive_score >= SENSITIVE_SCORE

    @property
    def day(self) -> date:
        """Local day of publication, however late it was fetched."""
        return local_day(self.doc.article.published_at)

    @property
    def top_tier(self) -> bool:
        return self.doc.tier == TOP_TIER


def negative_reports(
    documents: Iterable[Document], units: frozenset[str], *, mute: MuteSettings, sensitive: frozenset[str]
) -> list[NegativeReport]:
    """Return the negative reports about any of the historic ``units``, by publication; muted articles are left out."""
    rules = MuteRules.of(mute)
    found: dict[tuple[str, str, date], NegativeReport] = {}
    for doc in sorted(documents, key=lambda one: (one.article.published_at, one.id)):
        own = judgement_of(doc, units)
        if own is None or own.tone != "negative" or rules.reason(doc):
            continue
        topics = [topic for topic in doc.annotation.topics if topic.id in sensitive] if doc.annotation else []
        report = NegativeReport(
            doc=doc,
            own=own,
            sensitive_score=max((topic.score for topic in topics), default=0.0),
            sensitive_topics=frozenset(topic.id for topic in topics),
        )
        found.setdefault((story_key(doc), doc.source_id, report.day), report)
    return list(found.values())


def evidence_of(reports: Sequence[NegativeReport]) -> DayEvidence:
    """Return what the reports of one day have in common with trouble."""
    return DayEvidence(
        outlets=len({report.doc.source_id for report in reports}),
        tier_1=len({report.doc.source_id for report in reports if report.top_tier}),
        foreign=len({report.doc.source_id for report in reports if report.doc.foreign}),
        sensitive=sum(report.sensitive for report in reports),
    )
