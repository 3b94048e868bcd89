"""The saved objects keep the form of Kibana's own exports: references resolve, ids are unique, versions named."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.messages import LANGS, Lang
from config.units import unit_names
from dashboards.kibana.data_view import DATA_VIEW, TIME_FIELD
from dashboards.kibana.export import build_objects, export_ndjson
from dashboards.kibana.objects import CORE_MIGRATION_VERSION, TYPE_MIGRATION_VERSIONS
from dashboards.kibana.wording import field_names, value_names

TEMPLATE = Path(__file__).parents[3] / "pipeline/index/elastic_template.json"
TOP_LEVEL = {"attributes", "coreMigrationVersion", "id", "managed", "references", "type", "typeMigrationVersion"}
ATTRIBUTES = {
    "index-pattern": {
        "fieldAttrs",
        "fieldFormatMap",
        "fields",
        "name",
        "runtimeFieldMap",
        "sourceFilters",
        "timeFieldName",
        "title",
    },
    "search": {
        "breakdownField",
        "columns",
        "description",
        "grid",
        "hideChart",
        "isTextBasedQuery",
        "kibanaSavedObjectMeta",
        "sort",
        "timeRange",
        "timeRestore",
        "title",
        "usesAdHocDataView",
    },
    "lens": {"description", "state", "title", "visualizationType"},
    "dashboard": {
        "description",
        "kibanaSavedObjectMeta",
        "optionsJSON",
        "panelsJSON",
        "refreshInterval",
        "timeFrom",
        "timeRestore",
        "timeTo",
        "title",
        "version",
    },
}
"""What the schemas of these versions allow; Kibana refuses a dashboard or search that says more."""


@pytest.fixture(params=LANGS)
def objects(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    return [json.loads(line) for line in export_ndjson(request.param).splitlines()]


def of_type(objects: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [one for one in objects if one["type"] == kind]


def mapped_fields(properties: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield (path, type) of every field of a mapping that Kibana can use: none inside nested objects."""
    for name, field in properties.items():
        kind = field.get("type", "object")
        if kind == "object":
            yield from mapped_fields(field["properties"], f"{prefix}{name}.")
        elif kind != "nested":
            yield prefix + name, kind
            yield from ((f"{prefix}{name}.{sub}", value["type"]) for sub, value in field.get("fields", {}).items())


FIELDS = dict(mapped_fields(json.loads(TEMPLATE.read_text(encoding="utf-8"))["mappings"]["properties"]))


# ---- all of them ----------------------------------------------------------------------------------------------------


def test_what_there_is(objects: list[dict[str, Any]]) -> None:
    assert Counter(one["type"] for one in objects) == {"index-pattern": 1, "search": 4, "lens": 10, "dashboard": 1}
    assert len({one["id"] for one in objects}) == len(objects)


def test_each_has_the_form_and_versions_of_an_export(objects: list[dict[str, Any]]) -> None:
    for one in objects:
        assert one.keys() == TOP_LEVEL
        assert one["attributes"].keys() <= ATTRIBUTES[one["type"]], one["id"]
        assert one["coreMigrationVersion"] == CORE_MIGRATION_VERSION
        assert one["typeMigrationVersion"] == TYPE_MIGRATION_VERSIONS[one["type"]]


def test_references_resolve_and_come_first(objects: list[dict[str, Any]]) -> None:
    before: set[tuple[str, str]] = set()
    for one in objects:
        assert {(ref["type"], ref["id"]) for ref in one["references"]} <= before, one["id"]
        names = [ref["name"] for ref in one["references"]]
        assert len(names) == len(set(names))
        before.add((one["type"], one["id"]))


def test_ids_do_not_depend_on_the_language() -> None:
    keys = [[(one.type, one.id, one.references) for one in build_objects(lang)] for lang in LANGS]
    assert keys[0] == keys[1]
    assert [one.attributes for one in build_objects("vi")] != [one.attributes for one in build_objects("en")]


def test_the_same_bytes_every_time() -> None:
    assert export_ndjson("vi") == export_ndjson("vi")


def test_nothing_needs_a_script_or_runtime_field(objects: list[dict[str, Any]]) -> None:
    assert '"script"' not in json.dumps(objects).replace("\\", "")
    assert of_type(objects, "index-pattern")[0]["attributes"]["runtimeFieldMap"] == "{}"


# ---- the data view --------------------------------------------------------------------------------------------------


def test_the_data_view_reads_the_alias_by_time(objects: list[dict[str, Any]]) -> None:
    attributes = of_type(objects, "index-pattern")[0]["attributes"]
    assert (attributes["title"], attributes["timeFieldName"]) == (DATA_VIEW, TIME_FIELD)
    assert FIELDS[TIME_FIELD] == "date"


@pytest.mark.parametrize("lang", LANGS)
def test_every_field_that_is_named_exists(lang: Lang) -> None:
    assert field_names(lang).keys() <= FIELDS.keys()
    lookups = value_names(lang)
    assert lookups.keys() <= FIELDS.keys()
    assert {FIELDS[field] for field in lookups} <= {"keyword", "boolean"}
    formats = json.loads(build_objects(lang)[0].attributes["fieldFormatMap"])
    assert formats.keys() <= FIELDS.keys()


@pytest.mark.parametrize("lang", LANGS)
def test_every_value_has_a_name(lang: Lang) -> None:
    names = value_names(lang)
    assert names["tone"].keys() == {"positive", "neutral", "negative"}
    assert names["units"] == unit_names()
    topics = json.loads((TEMPLATE.parents[2] / "config/topics.json").read_text(encoding="utf-8"))
    known = {topic["id"] for topic in topics} | {child["id"] for topic in topics for child in topic["children"]}
    assert names["topics"].keys() == known
    assert names["outlet.kind"].keys() == {"central", "local", "ministry", "foreign"}


# ---- searches -------------------------------------------------------------------------------------------------------


def test_searches_name_fields_and_references_that_exist(objects: list[dict[str, Any]]) -> None:
    for search in of_type(objects, "search"):
        attributes = search["attributes"]
        source = json.loads(attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])
        named = {source["indexRefName"], *(pill["meta"]["indexRefName"] for pill in source["filter"])}
        assert named == {ref["name"] for ref in search["references"]}
        assert {*attributes["columns"], attributes["sort"][0][0], *attributes["grid"]["columns"]} <= FIELDS.keys()
        assert attributes.get("breakdownField", "tone") in FIELDS
        assert "url" in attributes["columns"]


# ---- visualisations -------------------------------------------------------------------------------------------------


def test_visualisations_draw_columns_that_exist(objects: list[dict[str, Any]]) -> None:
    for lens in of_type(objects, "lens"):
        state = lens["attributes"]["state"]
        ((layer_id, layer),) = state["datasourceStates"]["formBased"]["layers"].items()
        columns = layer["columns"]
        assert layer["columnOrder"] == sorted(layer["columnOrder"], key=lambda name: not columns[name]["isBucketed"])
        assert set(layer["columnOrder"]) == columns.keys()
        drawn = json.dumps(state["visualization"])
        assert all(f'"{column}"' in drawn for column in columns), lens["id"]
        assert f'"layerId": "{layer_id}"' in drawn
        names = {f"indexpattern-datasource-layer-{layer_id}", *(pill["meta"]["index"] for pill in state["filters"])}
        assert names == {ref["name"] for ref in lens["references"]}


def test_columns_count_and_group_by_fields_of_the_right_type(objects: list[dict[str, Any]]) -> None:
    fitting = {
        "terms": {"keyword", "boolean"},
        "unique_count": {"keyword"},
        "last_value": {"keyword"},
        "date_histogram": {"date"},
    }
    for lens in of_type(objects, "lens"):
        (layer,) = lens["attributes"]["state"]["datasourceStates"]["formBased"]["layers"].values()
        for column in layer["columns"].values():
            field = column.get("sourceField")
            if column["operationType"] in fitting:
                assert FIELDS[field] in fitting[column["operationType"]], (lens["id"], field)
            else:
                assert field in (None, "___records___")
            if column["operationType"] == "terms":
                by = layer["columns"][column["params"]["orderBy"]["columnId"]]
                assert not by["isBucketed"]


# ---- the dashboard --------------------------------------------------------------------------------------------------


def test_panels_are_unique_refer_to_what_they_show_and_do_not_overlap(objects: list[dict[str, Any]]) -> None:
    (dashboard,) = of_type(objects, "dashboard")
    panels = json.loads(dashboard["attributes"]["panelsJSON"])
    ids = [panel["panelIndex"] for panel in panels]
    assert len(ids) == len(set(ids)) == 12
    assert ids == [panel["gridData"]["i"] for panel in panels]
    references = {ref["name"]: ref for ref in dashboard["references"]}
    for panel in panels:
        assert references[f"{panel['panelIndex']}:{panel['panelRefName']}"]["type"] == panel["type"]
    assert len(references) == len(panels)
    cells: Counter[tuple[int, int]] = Counter()
    for grid in (panel["gridData"] for panel in panels):
        assert grid["x"] + grid["w"] <= 48
        cells.update(
            (x, y) for x in range(grid["x"], grid["x"] + grid["w"]) for y in range(grid["y"], grid["y"] + grid["h"])
        )
    assert set(cells.values()) == {1}
    assert len(cells) == 48 * (1 + max(y for _, y in cells))


def test_every_visualisation_is_on_the_dashboard(objects: list[dict[str, Any]]) -> None:
    (dashboard,) = of_type(objects, "dashboard")
    shown = {ref["id"] for ref in dashboard["references"]}
    assert {lens["id"] for lens in of_type(objects, "lens")} <= shown
    assert {"diembao-search-negative", "diembao-search-verify"} <= shown
