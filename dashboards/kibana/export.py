"""Everything that an installation brings to Kibana, in one import file."""

from config.messages import Lang
from dashboards.kibana.charts import build_charts
from dashboards.kibana.dashboard import build_dashboard
from dashboards.kibana.data_view import DATA_VIEW, build_data_view
from dashboards.kibana.objects import SavedObject, render_ndjson
from dashboards.kibana.searches import build_searches


def build_objects(lang: Lang) -> tuple[SavedObject, ...]:
    """Return data view, saved searches, visualisations and dashboard, with names in one language."""
    return (
        build_data_view(lang),
        *(search.saved_object() for search in build_searches(lang)),
        *(chart.saved_object(DATA_VIEW) for chart in build_charts(lang)),
        build_dashboard(lang),
    )


def export_ndjson(lang: Lang) -> str:
    """Return the import file (NDJSON)."""
    return render_ndjson(build_objects(lang))
