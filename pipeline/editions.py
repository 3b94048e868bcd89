"""One installation's digests: drafted, issued and written to files. Wired by `pipeline.app`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal, get_args

from config.calendar import load_calendar
from config.settings import Settings
from pipeline.alert_desk import AlertDesk
from pipeline.digest.draft_file import WrittenDraft, draft_path, edition_name, read_draft, write_draft
from pipeline.digest.issue import IssuedDigest, Newsroom, issue_edition, preview_in_full
from pipeline.digest.period import Period, period_of
from pipeline.digest.window import last_closed
from pipeline.records import Digest, Source
from pipeline.store import Store

# ruff: noqa: PLC0415 - the chart library is imported when a digest is drawn

DigestFormat = Literal["html", "text", "eml", "json"]
DIGEST_FORMATS: tuple[DigestFormat, ...] = get_args(DigestFormat)


@dataclass(frozen=True, slots=True, kw_only=True)
class Editions:
    """The newsroom of one home folder; nothing is read before it is asked for."""

    home: Path
    settings: Settings
    store: Store
    sources: Sequence[Source]
    alerts: AlertDesk
    software: str
    """Version, for the digest's colophon."""
    now: Callable[[], datetime]

    def due_day(self) -> date:
        """Return the day of the edition whose window closed last."""
        return last_closed(self.now(), self.settings.digest.window_hour)

    def issue(self, period: Period, *, revise: bool = False) -> IssuedDigest:
        """Return the sealed edition of a period, built first as its editor's draft asks for. Raises DraftError."""
        edits = read_draft(self.home, self.settings.province, period)
        alerts = self.alerts.for_digest(period)
        return issue_edition(self._newsroom(), period, now=self.now(), revise=revise, edits=edits, alerts=alerts)

    def is_sealed(self, period: Period) -> bool:
        """Tell whether the edition of a period was issued for good."""
        return self.store.sealed_digest(self.settings.province, period.last, edition=period.name) is not None

    def draft(self, period: Period, *, command: str, by: str = "") -> WrittenDraft:
        """Write the draft that an editor changes, or put into it what came since. Raises DraftError."""
        from dashboards.digest.draft import draft_text

        province, newsroom = self.settings.province, self._newsroom()
        edits = read_draft(self.home, province, period)
        plain = preview_in_full(newsroom, period, now=self.now())
        digest = preview_in_full(newsroom, period, now=self.now(), edits=edits) if edits else plain
        name = edition_name(province, period)
        text = draft_text(digest, plain, edition=name, command=command, by=edits.by if edits else by)
        return write_draft(self.draft_path(period), digest, edits, text)

    def draft_path(self, period: Period) -> Path:
        """Return where the draft of an edition lies, or would lie."""
        return draft_path(self.home, self.settings.province, period)

    def write(
        self, digest: Digest, *, folder: Path | None = None, formats: Sequence[DigestFormat] = DIGEST_FORMATS
    ) -> list[Path]:
        """Write a digest in the wanted formats and return the files. Each revision has a folder of its own."""
        from dashboards.digest.mail import render_eml
        from dashboards.digest.render import render_html, render_json, render_text

        renderers: Mapping[DigestFormat, tuple[str, Callable[[Digest], bytes]]] = {
            "html": ("digest.html", lambda digest: render_html(digest).encode()),
            "text": ("digest.txt", lambda digest: render_text(digest).encode()),
            "eml": ("digest.eml", render_eml),
            "json": ("digest.json", lambda digest: render_json(digest).encode()),
        }
        period = period_of(digest)
        edition = period.last.isoformat() if period.kind == "daily" else f"{period.last.isoformat()}.{period.name}"
        name = edition if digest.revision <= 1 else f"{edition}-{digest.revision}"
        folder = folder or self.home / "digests" / name
        folder.mkdir(parents=True, exist_ok=True)
        paths = []
        for wanted in formats:
            file_name, render = renderers[wanted]
            path = folder / file_name
            path.write_bytes(render(digest))
            paths.append(path)
        return paths

    def _newsroom(self) -> Newsroom:
        return Newsroom(
            store=self.store,
            settings=self.settings,
            sources=self.sources,
            calendar=load_calendar(self.home),
            software=self.software,
        )
