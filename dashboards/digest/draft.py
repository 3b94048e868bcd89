"""A digest as a draft: YAML that an editor changes, comments telling how, and that `pipeline.digest.draft` reads."""

import json
from collections.abc import Iterator

from config.messages import Lang, message
from dashboards.digest.overview import edition_title
from dashboards.digest.section_view import ONE_LINERS
from dashboards.digest.typography import moment
from dashboards.digest.wording import language_name, more_outlets, tone_name, unit_title
from pipeline.digest.ranking import SECTION_CAPS
from pipeline.records import Digest, DigestItem, DigestSection, LeftOut


def draft_text(digest: Digest, plain: Digest, *, edition: str, command: str, by: str = "") -> str:
    """Return the draft of an edition that was built in full; ``plain`` is the same one as no editor touched it.

    ``edition`` is the name that the draft must bear, ``command`` what issues the edition, ``by`` whose draft it is.
    What an editor changed already stands in it as changed.
    """
    return "\n".join((*_lines(digest, edition, command, by), *_drafted(plain))) + "\n"


def _lines(digest: Digest, edition: str, command: str, by: str) -> Iterator[str]:
    lang, editor = digest.language, digest.editor
    yield f"# {unit_title(digest.province, lang)} – {edition_title(digest)}"
    yield from _comments("draft.how", lang, command=command)
    yield f"edition: {edition}"
    yield ""
    yield from _comments("draft.how_by", lang)
    yield f"by: {_quoted(editor.by if editor else by)}"
    yield ""
    yield from _comments("draft.how_remarks" if digest.kind == "foreign-weekly" else "draft.how_outlook", lang)
    yield "outlook: |"
    yield from (f"  {paragraph}" for paragraph in (editor.outlook if editor else ()))
    yield ""
    yield from _comments("draft.how_proposals", lang)
    yield "proposals:"
    yield from (f"  - {_quoted(one)}" for one in (editor.proposals if editor else ()))
    yield ""
    yield from _comments("draft.how_items", lang)
    yield "sections:"
    left_out = editor.left_out if editor else ()
    for section in digest.sections:
        yield from _section(section, digest, [one for one in left_out if one.section == section.id])


def _drafted(plain: Digest) -> Iterator[str]:
    """Yield how the items stand without an editor, which tells his wishes from what only came later."""
    yield ""
    yield from _comments("draft.how_drafted", plain.language)
    yield "drafted:"
    for section in plain.sections:
        yield f"  {section.id}: [{', '.join(item.id for item in section.items[: SECTION_CAPS[plain.kind]])}]"


def _section(section: DigestSection, digest: Digest, left_out: list[LeftOut]) -> Iterator[str]:
    cap = SECTION_CAPS[digest.kind]
    if not (section.items or left_out):
        return
    yield ""
    yield f"  # ---- {section.title} ----"
    yield f"  {section.id}:"
    for item in section.items[:cap]:
        yield from _item(item, section, digest.language)
    for one in left_out:
        yield f"  - id: {one.id} # {one.outlet}"
        yield f"    # title: {_quoted(one.title)}"
        yield "    drop: true"
        yield f"    why: {_quoted(one.why)}"
    if folded := section.items[cap:]:
        yield from _comments("draft.how_folded", digest.language, indent="  ")
        yield from (f"  # - id: {item.id} # {_label(item, digest.language)}: {item.title}" for item in folded)


def _item(item: DigestItem, section: DigestSection, lang: Lang) -> Iterator[str]:
    was = {text.field: text.was for text in item.edited}
    yield f"  - id: {item.id} # {_label(item, lang)}"
    if item.original_title and "title" not in was:
        original = message("draft.original", lang, language=language_name(item.language, lang))
        yield f"    # {original}: {item.title}"
        yield '    title: ""'
    else:
        yield from _text("title", item.title, was.get("title"))
    if section.id not in ONE_LINERS:
        yield from _text("summary", item.summary, was.get("summary"))
    yield "    # drop: true"


def _text(key: str, text: str, was: str | None) -> Iterator[str]:
    """What was found stands as a comment, to be changed after the ``#`` is taken away; what was edited stands as is."""
    if was is None:
        yield f"    # {key}: {_quoted(text)}"
    else:
        yield f"    # {was}"
        yield f"    {key}: {_quoted(text)}"


def _label(item: DigestItem, lang: Lang) -> str:
    told = f"[{tone_name(item.tone, lang)}] {item.outlet}, {moment(item.published_at, lang)}"
    return ", ".join(filter(None, (told, more_outlets(item, lang))))


def _comments(key: str, lang: Lang, *, indent: str = "", **fields: object) -> Iterator[str]:
    yield from (f"{indent}# {line}" for line in message(key, lang, **fields).splitlines())


def _quoted(text: str) -> str:
    """Return a double-quoted YAML scalar: what JSON writes is one."""
    return json.dumps(text, ensure_ascii=False)
