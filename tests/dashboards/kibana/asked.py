"""What Kibana asks of Elasticsearch for a saved object: queries and aggregations read from the object alone.

Written from how Lens and Discover turn their state into requests; it knows only what our objects use, and fails on
anything else, so that nothing is left unasked.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from config.localtime import LOCAL_ZONE

SIMPLE_KQL = re.compile(r'"?(?P<field>[\w.]+)"?: (?P<value>[\w-]+|\*)')
MOST_HITS = 500
"""What Discover loads of a list by default."""


@dataclass(frozen=True, slots=True)
class Span:
    """The time picker. Both ends belong to it."""

    from_at: datetime
    to_at: datetime

    def query(self, field: str) -> dict[str, Any]:
        ends = {"gte": self.from_at.isoformat(), "lte": self.to_at.isoformat()}
        return {"range": {field: {**ends, "format": "strict_date_optional_time"}}}


def span_of(from_text: str, to_text: str, now: datetime) -> Span:
    """Return what ``now-7d/d`` to ``now`` means for people in Viet Nam."""
    return Span(_moment(from_text, now), _moment(to_text, now))


def _moment(text: str, now: datetime) -> datetime:
    found = re.fullmatch(r"now(?:-(\d+)d)?(/d)?", text)
    if not found:
        return datetime.fromisoformat(text)
    then = now.astimezone(LOCAL_ZONE) - timedelta(days=int(found[1] or 0))
    return then.replace(hour=0, minute=0, second=0, microsecond=0) if found[2] else then


def kql(condition: Mapping[str, str]) -> dict[str, Any]:
    """Return the query that Kibana makes of a condition."""
    assert condition["language"] == "kuery"
    if condition["query"] == "":
        return {"match_all": {}}
    found = SIMPLE_KQL.fullmatch(condition["query"])
    assert found, condition
    one = (
        {"exists": {"field": found["field"]}} if found["value"] == "*" else {"match": {found["field"]: found["value"]}}
    )
    return {"bool": {"should": [one], "minimum_should_match": 1}}


def whole_query(pills: Sequence[Mapping[str, Any]], search: Mapping[str, str], time: dict[str, Any]) -> dict[str, Any]:
    """Return filters, search bar and time range as one query."""
    assert all(pill["meta"]["disabled"] is False and pill["meta"]["negate"] is False for pill in pills)
    return {"bool": {"filter": [kql(search), *(pill["query"] for pill in pills), time]}}


# ---- lists ----------------------------------------------------------------------------------------------------------


def list_request(search: Mapping[str, Any], span: Span, time_field: str) -> dict[str, Any]:
    """Return the request of a saved search: its hits, and the bars above them."""
    attributes = search["attributes"]
    source = json.loads(attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])
    histogram: dict[str, Any] = {"days": {"date_histogram": _by_day(time_field)}}
    if split := attributes.get("breakdownField"):
        histogram["days"]["aggs"] = {"split": {"terms": {"field": split, "size": 10}}}
    return {
        "size": MOST_HITS,
        "track_total_hits": True,
        "query": whole_query(source["filter"], source["query"], span.query(time_field)),
        "sort": [{field: {"order": order}} for field, order in attributes["sort"]],
        "fields": [*attributes["columns"], time_field],
        "_source": False,
        "highlight": {"fields": {"*": {}}},
        "aggs": histogram,
    }


# ---- visualisations -------------------------------------------------------------------------------------------------


def lens_request(lens: Mapping[str, Any], span: Span, time_field: str) -> dict[str, Any]:
    """Return the request of a visualisation: buckets in each other, metrics in the innermost."""
    state = lens["attributes"]["state"]
    (layer,) = state["datasourceStates"]["formBased"]["layers"].values()
    order = [(column_id, layer["columns"][column_id]) for column_id in layer["columnOrder"]]
    buckets = [pair for pair in order if pair[1]["isBucketed"]]
    metrics = [pair for pair in order if not pair[1]["isBucketed"]]
    aggs = {column_id: agg for column_id, column in metrics if (agg := _metric(column))}
    for column_id, column in reversed(buckets):
        aggs = {column_id: {**_bucket(column, dict(metrics), span), **({"aggs": aggs} if aggs else {})}}
    query = whole_query(state["filters"], state["query"], span.query(time_field))
    return {"size": 0, "track_total_hits": True, "query": query, "aggs": aggs}


def lens_rows(lens: Mapping[str, Any], answer: Mapping[str, Any]) -> dict[tuple[str, ...], tuple[Any, ...]]:
    """Return the table behind a visualisation, in its order: keys of the buckets to values of the metrics."""
    (layer,) = lens["attributes"]["state"]["datasourceStates"]["formBased"]["layers"].values()
    columns = layer["columns"]
    buckets = [column_id for column_id in layer["columnOrder"] if columns[column_id]["isBucketed"]]
    metrics = {column_id: columns[column_id] for column_id in layer["columnOrder"] if column_id not in buckets}
    whole = {"doc_count": answer["hits"]["total"]["value"], **answer.get("aggregations", {})}
    return {
        keys: tuple(_value(column_id, column, bucket) for column_id, column in metrics.items())
        for keys, bucket in _leaves(whole, buckets)
    }


def _leaves(bucket: Mapping[str, Any], names: Sequence[str]) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    if not names:
        yield (), bucket
        return
    found = bucket[names[0]]["buckets"]
    pairs = found.items() if isinstance(found, dict) else ((_key(one), one) for one in found)
    for key, inner in pairs:
        yield from (((key, *keys), leaf) for keys, leaf in _leaves(inner, names[1:]))


def _key(bucket: Mapping[str, Any]) -> str:
    """Return a bucket's value; of a day its date."""
    return str(bucket["key"]) if "key_as_string" not in bucket else str(bucket["key_as_string"])[:10]


def _by_day(field: str) -> dict[str, Any]:
    """Kibana sends its own time zone (``dateFormat:tz``)."""
    return {"field": field, "calendar_interval": "1d", "time_zone": LOCAL_ZONE.key, "min_doc_count": 0}


def _bucket(column: Mapping[str, Any], metrics: Mapping[str, Any], span: Span) -> dict[str, Any]:
    params = column["params"]
    match column["operationType"]:
        case "terms":
            assert params["otherBucket"] is params["missingBucket"] is False
            by = params["orderBy"]["columnId"]
            key = by if _metric(metrics[by]) else "_count"
            order = {key: params["orderDirection"]}
            return {"terms": {"field": column["sourceField"], "size": params["size"], "order": order}}
        case "date_histogram":
            assert (params["interval"], params["includeEmptyRows"]) == ("1d", True)
            bounds = {"min": _milliseconds(span.from_at), "max": _milliseconds(span.to_at)}
            return {"date_histogram": {**_by_day(column["sourceField"]), "extended_bounds": bounds}}
        case "filters":
            return {"filters": {"filters": {one["label"]: kql(one["input"]) for one in params["filters"]}}}
        case other:
            raise AssertionError(other)


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _metric(column: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the aggregation of a metric; None for the count of a bucket, which needs none."""
    match column["operationType"]:
        case "count":
            assert column["sourceField"] == "___records___"
            return {"filter": kql(column["filter"])} if "filter" in column else None
        case "unique_count":
            return {"cardinality": {"field": column["sourceField"]}}
        case "last_value":
            params = column["params"]
            newest = {
                "size": 1,
                "_source": False,
                "fields": [column["sourceField"]],
                "sort": [{params["sortField"]: {"order": "desc"}}],
            }
            return {"filter": kql(column["filter"]), "aggs": {"newest": {"top_hits": newest}}}
        case other:
            raise AssertionError(other)


def _value(column_id: str, column: Mapping[str, Any], bucket: Mapping[str, Any]) -> Any:
    match column["operationType"]:
        case "count":
            return bucket[column_id]["doc_count"] if "filter" in column else bucket["doc_count"]
        case "unique_count":
            return bucket[column_id]["value"]
        case _:
            (hit,) = bucket[column_id]["newest"]["hits"]["hits"]
            (value,) = hit["fields"][column["sourceField"]]
            return value
