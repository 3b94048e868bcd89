"""The Elasticsearch index: what analysts search in Kibana, and this program through the same protocol."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from elasticsearch import Elasticsearch, NotFoundError

from config.errors import IndexUnavailableError
from pipeline.index.elastic_bulk import BulkAnswer, Write, in_requests, put_write, remove_write, send
from pipeline.index.elastic_client import SEARCH_TIMEOUT_S, errors_translated
from pipeline.index.elastic_document import OwnView, external_version, to_source
from pipeline.index.elastic_indices import ALIAS, ElasticIndices
from pipeline.index.elastic_query import facet_counts, preference, search_body
from pipeline.index.highlights import highlights
from pipeline.index.nodes import Words
from pipeline.index.protocol import Hit, SearchRequest, SearchResult
from pipeline.records import Document


class ElasticIndex:
    """An `ArticleIndex` on an Elasticsearch server. May be used from several threads; connects when first used.

    `put` and `remove` make the index when there is none, and let the change be found at once. The feeder
    (`pipeline.index.elastic_feed`) sends many documents faster, and numbers the writes.
    """

    def __init__(self, client: Elasticsearch, where: str, *, own: OwnView | None = None, alias: str = ALIAS) -> None:
        self.indices = ElasticIndices(client, where, alias)
        self._client = client
        self._where = where
        self._own = own or OwnView()

    # ---- writing ----------------------------------------------------------------------------------------------------

    def put(self, docs: Sequence[Document]) -> None:
        """Add or replace documents by id; an older version never replaces a newer one."""
        self._write_now(
            [
                put_write(
                    doc.id,
                    to_source(doc, self._own),
                    seq=0,
                    version=external_version(doc),
                    version_type="external_gte",
                )
                for doc in docs
            ]
        )

    def remove(self, ids: Sequence[str]) -> None:
        """Forget documents; unknown ids are ignored."""
        self._write_now([remove_write(document_id, seq=0, version=None) for document_id in ids])

    def clear(self) -> None:
        """Forget everything: a new, empty index takes the place of the old one."""
        name = self.indices.create()
        self.indices.swap(name)
        self.indices.drop_others(name)

    def numbered_put(self, doc: Document, seq: int) -> Write:
        """Return the write of a document as the outbox numbers it."""
        version = external_version(doc, seq)
        return put_write(doc.id, to_source(doc, self._own), seq=seq, version=version, version_type="external")

    def send(self, writes: Sequence[Write], name: str | None = None) -> BulkAnswer:
        """Send writes in one request, to an index under construction when it is named."""
        return send(self._client, name or self.indices.write_alias, writes, self._where, alias=name is None)

    def _write_now(self, writes: Sequence[Write]) -> None:
        if not self.indices.current():
            self.clear()
        answer = BulkAnswer()
        for some in in_requests(writes):
            answer.add(self.send(some))
        self.indices.refresh(self.indices.write_alias)
        if answer.problem:
            raise answer.problem
        for refusal in answer.refused:
            raise IndexUnavailableError(
                "index.elastic_document", url=self._where, document=refusal.document_id, detail=refusal.reason
            )

    # ---- reading ----------------------------------------------------------------------------------------------------

    def search(self, request: SearchRequest) -> SearchResult:
        """Return hits, best first: by score, then newest. Raises QuerySyntaxError and IndexUnavailableError."""
        body, sought = search_body(request)
        with errors_translated(self._where):
            found = self._client.options(request_timeout=SEARCH_TIMEOUT_S).search(
                index=self.indices.alias,
                preference=preference(request),
                allow_partial_search_results=False,
                body=body,
            )
        return SearchResult(
            total=found["hits"]["total"]["value"],
            hits=tuple(_hit(hit, sought) for hit in found["hits"]["hits"]),
            facets={name: facet_counts(name, found["aggregations"][name]) for name in request.facets},
        )

    def count(self) -> int:
        """Return how many documents it holds; 0 when there is no index yet."""
        with errors_translated(self._where):
            try:
                found = self._client.options(request_timeout=SEARCH_TIMEOUT_S).count(index=self.indices.alias)
            except NotFoundError:
                return 0
        return int(found["count"])

    def close(self) -> None:
        """Release the connections."""
        self._client.close()


def _hit(found: Mapping[str, Any], sought: Sequence[Words]) -> Hit:
    source = found["_source"]
    assessments = source.get("assessments", ())
    return Hit(
        id=source["id"],
        score=found["_score"],
        url=source["url"],
        title=source["title"],
        lead=source["lead"],
        outlet=source["outlet"]["name"],
        outlet_id=source["outlet"]["id"],
        language=source["language"],
        published_at=datetime.fromisoformat(source["published_at"]),
        tones={one["unit"]: one["tone"] for one in assessments if "tone" in one},
        topics=tuple(source["topics"]),
        marks=tuple(source.get("marks", ())),
        highlights=highlights(source["title"], source["lead"], source["text"], sought),
    )
