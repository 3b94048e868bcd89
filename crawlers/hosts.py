"""How the hosts behave in one crawl: whom to leave alone for the rest of it, and whose fault a failure is."""

from collections import Counter
from urllib.parse import urlsplit

from crawlers.failures import TRANSPORT_FAILURES, Failure

STRIKES = 2
"""So many failures of a host in a row, and it rests until the next crawl."""


OFFLINE_HOSTS = 3
"""So many hosts out of reach and none within: it is our own network that is down."""


class Hosts:
    """Keeps strikes by host and port. What was not asked of a resting host stays due and queued."""

    def __init__(self) -> None:
        self._strikes: Counter[str] = Counter()
        self._resting: set[str] = set()
        self._answered: set[str] = set()
        self._reached: set[str] = set()
        self._unreachable: set[str] = set()

    def note_answer(self, url: str) -> None:
        """The host answered, if only to say that a page is gone."""
        host = urlsplit(url).netloc
        self._strikes[host] = 0
        self._answered.add(host)
        self._reached.add(host)

    def note_failure(self, url: str, failure: Failure) -> None:
        """Count a strike when the whole host seems down; with ``Retry-After`` it rests at once."""
        host = urlsplit(url).netloc
        if not failure.of_the_host:
            if failure.status is not None:
                self.note_answer(url)
            return
        (self._unreachable if failure.reason in TRANSPORT_FAILURES else self._reached).add(host)
        self._strikes[host] += 1
        if failure.retry_after is not None or self._strikes[host] >= STRIKES:
            self._resting.add(host)

    def is_resting(self, url: str) -> bool:
        """True when nothing more should be asked of the host in this crawl."""
        return urlsplit(url).netloc in self._resting

    @property
    def anyone_reached(self) -> bool:
        """True once any host said anything, if only that it is busy."""
        return bool(self._reached)

    @property
    def we_are_offline(self) -> bool:
        """True when nobody can be reached; then no outlet is to blame."""
        return not self._reached and len(self._unreachable) >= OFFLINE_HOSTS

    def blames_page(self, url: str, failure: Failure) -> bool:
        """True when a failure counts against the page: the host answered others, so it was not down.

        Without this an outage of an hour would use up the attempts of every page that waits.
        """
        return not failure.of_the_host or urlsplit(url).netloc in self._answered
