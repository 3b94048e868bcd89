"""The life of an article as people read it in a terminal, and as plain JSON."""

import sys
from collections.abc import Iterable, Iterator
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from config.localtime import LOCAL_ZONE, spell_local
from crawlers.reasons import describe_reason
from pipeline.cli.correction_words import (
    correction_row,
    correction_words,
    judgement_row,
    judgement_words,
    mark_words,
)
from pipeline.cli.session import Session
from pipeline.edits import Piece
from pipeline.history import History, Version

CONTEXT_CHARS: Final = 60
"""Of unchanged text that is shown on each side of a change."""
GAP: Final = " … "
PLAIN: Final = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}
"""As `wdiff` writes it, for pipes and files."""
STYLES: Final = {"same": "", "gone": "red strike", "new": "green"}


def print_history(session: Session, found: History) -> None:
    """Print versions with their edits and judgements, corrections, and disappearances."""
    console = Console(soft_wrap=True, highlight=False)
    for line in _lines(session, found, coloured=sys.stdout.isatty()):
        console.print(line, markup=False)


def history_row(found: History) -> dict[str, Any]:
    """Return the life of an article as plain JSON."""
    doc = found.doc
    return {
        "id": doc.id,
        "url": doc.article.url,
        "title": doc.article.title,
        "outlet": doc.outlet,
        "published_at": doc.article.published_at.astimezone(LOCAL_ZONE).isoformat(),
        "marks": list(doc.marks),
        "versions": [_version_row(version) for version in found.versions],
        "judgement": judgement_row(doc.annotation),
        "machine": judgement_row(found.machine),
        "corrections": [correction_row(one, doc) for one in found.corrections],
        "disappearances": [
            {
                "gone_at": one.gone_at.astimezone(LOCAL_ZONE).isoformat(),
                "reason": one.reason,
                "back_at": one.back_at.astimezone(LOCAL_ZONE).isoformat() if one.back_at else None,
            }
            for one in found.disappearances
        ],
    }


def _version_row(version: Version) -> dict[str, Any]:
    return {
        "version": version.number,
        "fetched_at": version.fetched_at.astimezone(LOCAL_ZONE).isoformat(),
        "title": version.title,
        "lead": version.lead,
        "text": version.text,
        "judgement": judgement_row(version.annotation),
        "corrected": list(version.corrected),
        "changes": {
            field: [{"kind": piece.kind, "text": piece.text} for piece in pieces]
            for field, pieces in version.changes.items()
        },
    }


def _lines(session: Session, found: History, *, coloured: bool) -> Iterator[str | Text]:
    doc, lang = found.doc, session.lang
    yield Text(doc.article.title, style="bold")
    yield session.text("history_source", outlet=doc.outlet, at=spell_local(doc.article.published_at), id=doc.id)
    yield doc.article.url
    if doc.marks:
        yield mark_words(doc.marks, lang)
    for version in found.versions:
        yield ""
        yield session.text("history_version", number=version.number, at=spell_local(version.fetched_at))
        for field, pieces in version.changes.items():
            yield Text(f"  {session.text(f'history_{field}')}: ").append(_pieces(shorten(pieces), coloured=coloured))
        yield f"  {judgement_words(version.annotation, lang)}"
    if doc.corrected:
        yield session.text("history_machine", judgement=judgement_words(found.machine, lang))
    if found.corrections:
        yield ""
    for one in found.corrections:
        line = session.text("history_correction", number=one.number, at=spell_local(one.made_at), by=one.made_by)
        yield " · ".join(part for part in (f"{line}: {correction_words(one, doc.version, lang)}", one.note) if part)
    if found.disappearances:
        yield ""
    for gone in found.disappearances:
        reason = describe_reason(gone.reason, lang)
        yield session.text("history_gone", at=spell_local(gone.gone_at), reason=reason)
        if gone.back_at:
            yield session.text("history_back", at=spell_local(gone.back_at))


def shorten(pieces: Iterable[Piece]) -> list[Piece]:
    """Return the changes with what stands next to them; the middle of long unchanged runs is left out."""
    every = list(pieces)
    last = len(every) - 1
    return [
        Piece(kind="same", text=_cut(piece.text, begins=place == 0, ends=place == last))
        if piece.kind == "same"
        else piece
        for place, piece in enumerate(every)
    ]


def _cut(text: str, *, begins: bool, ends: bool) -> str:
    """Cut an unchanged run to its ends; at the beginning or the end of a text only the side of the change counts."""
    head = "" if begins else text[:CONTEXT_CHARS]
    tail = "" if ends else text[-CONTEXT_CHARS:]
    return text if len(text) <= len(head) + len(tail) else f"{head}{GAP}{tail}"


def _pieces(pieces: Iterable[Piece], *, coloured: bool) -> Text:
    """Return changes in colour, or between signs where there is none; lines are joined."""
    line = Text()
    for piece in pieces:
        text = " ".join(piece.text.split("\n"))
        if coloured or piece.kind == "same":
            line.append(text, style=STYLES[piece.kind])
        else:
            bare = text.rstrip()
            line.append(PLAIN[piece.kind].format(bare) + text[len(bare) :])
    return line
