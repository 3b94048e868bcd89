"""How people name an article or a story: by its id, by the first characters of it, an article also by its address."""

import re

from config.errors import ParseError, UsageError
from crawlers.urls import canonical_url, document_id
from pipeline.records import Document
from pipeline.store import Store

ID_PREFIX = re.compile(r"[0-9a-f]{1,20}")
SHOWN = 4
"""Of several articles or stories that a prefix fits."""


def find_document(store: Store, reference: str) -> Document:
    """Return the one article that a reference means. Raises UsageError when there is none, or more than one."""
    reference = reference.strip()
    if ID_PREFIX.fullmatch(reference):
        found = store.documents_starting(reference, SHOWN)
    else:
        found = _by_address(store, reference)
    if not found:
        raise UsageError("corrections.no_such_document", reference=reference)
    if len(found) > 1:
        ids = ", ".join(doc.id for doc in found)
        raise UsageError("corrections.ambiguous", reference=reference, found=ids)
    return found[0]


def find_story(store: Store, reference: str) -> str:
    """Return the id of the one story that a reference means, of one that was taken in that of the story it leads to.

    Raises UsageError when there is none, or more than one.
    """
    reference = reference.strip()
    leads = store.stories_starting(reference) if reference else {}
    found = {leads[reference]} if reference in leads else set(leads.values())  # ``…-2`` begins like another id
    if not found:
        raise UsageError("stories.unknown", story=reference)
    if len(found) > 1:
        raise UsageError("stories.ambiguous", story=reference, found=", ".join(sorted(found)[:SHOWN]))
    return found.pop()


def _by_address(store: Store, address: str) -> list[Document]:
    try:
        found = store.document(document_id(canonical_url(address)))
    except ParseError:
        return []
    return [] if found is None else [found]
