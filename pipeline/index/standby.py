"""Search that goes on when the server is away: the embedded index answers, and the result says so."""

from dataclasses import replace

import structlog

from config.errors import IndexUnavailableError
from pipeline.index.protocol import ArticleIndex, SearchRequest, SearchResult

log = structlog.get_logger()


def search_with_standby(index: ArticleIndex, standby: ArticleIndex, request: SearchRequest) -> SearchResult:
    """Search ``index``; where it does not answer, ``standby``, with the reason in ``standby_because``.

    Raises QuerySyntaxError, and IndexUnavailableError when neither answers.
    """
    try:
        return index.search(request)
    except IndexUnavailableError as problem:
        log.warning("search_on_standby", problem=str(problem))
        return replace(standby.search(request), standby_because=problem)
