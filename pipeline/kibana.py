"""Handing the saved objects of `dashboards.kibana` to a file or to a Kibana."""

import os
from collections.abc import Mapping
from pathlib import Path

from config.messages import Lang
from config.settings import SETTINGS_FILE, KibanaSettings, kibana_url, load_settings
from dashboards.kibana.connection import Access
from dashboards.kibana.export import export_ndjson
from dashboards.kibana.install import InstallReport, install


def export_kibana(path: Path, lang: Lang) -> int:
    """Write what Kibana imports (NDJSON) and return how many objects it holds."""
    text = export_ndjson(lang)
    path.write_text(text, encoding="utf-8")
    return text.count("\n")


def kibana_access(home: Path, given: Mapping[str, object]) -> Access:
    """Return where Kibana is and how to sign in: what is given, else the settings of the home, if it has any.

    One way to sign in that is given replaces all that the settings say of signing in. Raises UsageError.
    """
    settings = load_settings(home).kibana if (home / SETTINGS_FILE).is_file() else KibanaSettings()
    files = {name: home / value.expanduser() for name, value in settings if isinstance(value, Path)}
    settings = settings.model_copy(update=files)
    if "url" in given:
        kibana_url(str(given["url"]))
    if given.keys() & {"api_key_file", "user"}:
        settings = settings.model_copy(update={"api_key_file": None, "user": "", "password_file": None})
    return Access.of(settings.model_copy(update=dict(given)), os.environ)


def install_kibana(access: Access, lang: Lang, *, set_zone: bool) -> InstallReport:
    """Hand data view, saved searches and dashboard to Kibana. Raises KibanaError."""
    return install(access, export_ndjson(lang), set_zone=set_zone)
