"""Is there anything for a job to do? Asked in the service itself, so that no process is started for nothing."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from crawlers.polling import PAGE_RETRY_S
from pipeline.app import Installation
from pipeline.index.feed import ELASTIC, EMBEDDED
from pipeline.schedule.plan import JobId


def polls_are_due(installation: Installation) -> bool:
    """An address is due, or pages wait of an outlet that answered last."""
    now, ledger = installation.now(), installation.store.ledger
    states = ledger.poll_states()
    waiting = ledger.sources_waiting(now - timedelta(seconds=PAGE_RETRY_S))
    for source in installation.sources:
        if not source.enabled:
            continue
        for url in source.endpoints:
            state = states.get(url)
            if state is None or state.next_due_at is None or state.next_due_at <= now:
                return True
            if source.id in waiting and not state.failures:
                return True
    return False


def index_is_behind(installation: Installation) -> bool:
    store = installation.store
    if store.outbox_size(EMBEDDED):
        return True
    if installation.elastic is None:
        return False
    begun = store.index_fed(ELASTIC) and not store.index_building(ELASTIC)
    return not begun or bool(store.outbox_size(ELASTIC))


def messages_are_due(installation: Installation) -> bool:
    """A message is due, one was interrupted, or an edition was sealed beside the service."""
    store = installation.store
    if store.due_deliveries(installation.now()) or store.interrupted_deliveries():
        return True
    return installation.has_unplanned_editions()


DUE: Mapping[JobId, Callable[[Installation], bool]] = {
    "crawl": polls_are_due,
    "process": Installation.has_unread_pages,
    "index": index_is_behind,
    "deliver": messages_are_due,
}
"""A job that is not named always has something to do."""
