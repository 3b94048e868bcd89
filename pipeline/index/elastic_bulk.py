"""One bulk request: what is sent, and what the server says about each document of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson
from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch, UnsupportedProductError

from config.errors import IndexUnavailableError
from pipeline.index.elastic_client import BUSY, translated

MAX_BYTES = 5 * 1024 * 1024
"""Of one request; larger ones only cost memory, and a server refuses those beyond 100 MB."""
SPLIT = (400, 413)
"""Statuses of a whole request that one document may be to blame for: not well-formed, too large."""
GONE = 404
CONFLICT = 409
SERVER_FAULT = 500

VersionType = Literal["external", "external_gte"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One document to index or to delete, as the lines of a bulk request."""

    seq: int
    """Number in the outbox; 0 when it does not come from there."""
    document_id: str
    lines: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A document that the server will never take as it is."""

    seq: int
    document_id: str
    reason: str


@dataclass(slots=True, kw_only=True)
class BulkAnswer:
    """Every write of a request is in exactly one of the three lists."""

    done: list[Write] = field(default_factory=list)
    """The server has it, or already had something newer."""
    refused: list[Refusal] = field(default_factory=list)
    later: list[Write] = field(default_factory=list)
    """To be sent again."""
    faults: list[Refusal] = field(default_factory=list)
    """Those of ``later`` that the server stumbled over (5xx), which may be the document's doing."""
    problem: IndexUnavailableError | None = None
    """Why there is something in ``later``."""

    def add(self, other: "BulkAnswer") -> None:
        self.done += other.done
        self.refused += other.refused
        self.later += other.later
        self.faults += other.faults
        self.problem = self.problem or other.problem


def put_write(
    document_id: str, source: Mapping[str, Any], *, seq: int, version: int, version_type: VersionType
) -> Write:
    """Return the write that indexes a document unless the server holds a newer version."""
    action = b'{"index":{"_id":%b,"version":%d,"version_type":"%b"}}\n' % (
        orjson.dumps(document_id),
        version,
        version_type.encode(),
    )
    return Write(seq=seq, document_id=document_id, lines=action + _line(source))


def remove_write(document_id: str, *, seq: int, version: int | None) -> Write:
    """Return the write that deletes a document; without a version, whatever the server holds."""
    action: dict[str, Any] = {"_id": document_id}
    if version is not None:
        action |= {"version": version, "version_type": "external"}
    return Write(seq=seq, document_id=document_id, lines=_line({"delete": action}))


def in_requests(writes: Iterable[Write]) -> Iterator[list[Write]]:
    """Yield the writes in lists small enough for one request."""
    some: list[Write] = []
    size = 0
    for write in writes:
        if some and size + len(write.lines) > MAX_BYTES:
            yield some
            some, size = [], 0
        some.append(write)
        size += len(write.lines)
    if some:
        yield some


def send(client: Elasticsearch, index: str, writes: Sequence[Write], where: str, *, alias: bool) -> BulkAnswer:
    """Send one request and sort its writes by what became of them.

    ``alias``: the index must be an alias; else a server would make an index of that name, with a guessed mapping.
    Raises IndexUnavailableError when trying again is of no use before a person acts: no access, no index.
    """
    lines: list[Any] = [write.lines for write in writes]
    try:
        reply = client.bulk(
            index=index,
            operations=lines,
            require_alias=alias,
            filter_path="items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by.reason",
        )
    except ApiError as exc:
        if exc.status_code in BUSY:
            return BulkAnswer(later=list(writes), problem=translated(exc, where))
        if exc.status_code in SPLIT:
            return _halved(client, index, writes, where, alias, exc)
        raise translated(exc, where) from exc
    except TransportError as exc:
        return BulkAnswer(later=list(writes), problem=translated(exc, where))
    except UnsupportedProductError as exc:
        raise translated(exc, where) from exc
    return sort_items(writes, reply["items"], where)


def sort_items(writes: Sequence[Write], items: Sequence[Mapping[str, Any]], where: str) -> BulkAnswer:
    """Return what became of each write, from the items of the server's answer."""
    answer = BulkAnswer()
    for write, item in zip(writes, items, strict=True):
        ((action, result),) = item.items()
        status, error = result["status"], result.get("error") or {}
        kind, reason = error.get("type", ""), _reason(error)
        if status < 300 or status == CONFLICT or (action == "delete" and status == GONE and not error):
            answer.done.append(write)
        elif kind == "index_not_found_exception":
            raise IndexUnavailableError("index.elastic_missing", url=where)
        elif kind == "security_exception":
            raise IndexUnavailableError("index.elastic_refused", url=where, status=status)
        elif kind == "cluster_block_exception":
            answer.later.append(write)
            answer.problem = IndexUnavailableError("index.elastic_blocked", url=where, detail=reason)
        elif status in BUSY or status >= SERVER_FAULT:
            answer.later.append(write)
            answer.problem = IndexUnavailableError("index.elastic_busy", url=where, status=status, detail=reason)
            if status not in BUSY:
                answer.faults.append(Refusal(seq=write.seq, document_id=write.document_id, reason=reason))
        else:
            answer.refused.append(Refusal(seq=write.seq, document_id=write.document_id, reason=reason))
    return answer


def _halved(
    client: Elasticsearch, index: str, writes: Sequence[Write], where: str, alias: bool, error: ApiError
) -> BulkAnswer:
    """Send a refused request in two halves, until the document that is at fault stands alone."""
    if len(writes) == 1:
        (write,) = writes
        reason = str(translated(error, where))
        return BulkAnswer(refused=[Refusal(seq=write.seq, document_id=write.document_id, reason=reason)])
    answer = BulkAnswer()
    middle = len(writes) // 2
    for half in (writes[:middle], writes[middle:]):
        answer.add(send(client, index, half, where, alias=alias))
    return answer


def _reason(error: Mapping[str, Any]) -> str:
    cause = (error.get("caused_by") or {}).get("reason")
    return ": ".join(str(part) for part in (error.get("type"), error.get("reason"), cause) if part)


def _line(value: Mapping[str, Any]) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
