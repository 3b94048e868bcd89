"""The data view: the articles' alias, its time field, and how its values are shown. No runtime fields."""

from typing import Any

from config.messages import Lang
from dashboards.kibana.objects import SavedObject, dump_json
from dashboards.kibana.wording import field_names, say, value_names

DATA_VIEW = "diembao-articles"
"""Id of the data view, and the alias in Elasticsearch that it reads."""
TIME_FIELD = "published_at"


def build_data_view(lang: Lang) -> SavedObject:
    """Return the data view with names in one language."""
    formats: dict[str, Any] = {
        field: {
            "id": "static_lookup",
            "params": {"lookupEntries": [{"key": key, "value": name} for key, name in names.items()]},
        }
        for field, names in value_names(lang).items()
    }
    formats["url"] = {"id": "url", "params": {"labelTemplate": say("open", lang), "type": "a"}}
    for field in ("tone_score", "relevance_score", "bad_event_score"):
        formats[field] = {"id": "percent", "params": {"pattern": "0%"}}
    return SavedObject(
        type="index-pattern",
        id=DATA_VIEW,
        attributes={
            "fieldAttrs": dump_json({field: {"customLabel": name} for field, name in field_names(lang).items()}),
            "fieldFormatMap": dump_json(formats),
            "fields": "[]",
            "name": say("data_view", lang),
            "runtimeFieldMap": "{}",
            "sourceFilters": "[]",
            "timeFieldName": TIME_FIELD,
            "title": DATA_VIEW,
        },
    )
