"""Hand the saved objects to a running Kibana, set its time zone, and report what it did with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from config.errors import KibanaError
from config.localtime import LOCAL_ZONE
from dashboards.kibana.connection import TRIES, Access, Connection

IMPORT = "/api/saved_objects/_import?overwrite=true"
SETTINGS = "/api/kibana/settings"
ZONE_SETTING = "dateFormat:tz"

ZoneOutcome = Literal["set", "already", "refused", "left"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One object that Kibana did not take."""

    type: str
    id: str
    reason: str
    """Kibana's word for it (``conflict``, ``missing_references``…), with its details."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallReport:
    """What Kibana did."""

    installed: int
    failures: tuple[Failure, ...]
    renamed: tuple[str, ...]
    """Ids that Kibana changed since another space holds them; links to them will not fit."""
    zone: ZoneOutcome


def install(access: Access, ndjson: str, *, set_zone: bool = True, tries: int = TRIES) -> InstallReport:
    """Import the objects over what is there, and set Kibana's time zone to Viet Nam's.

    Doing it again changes nothing. The time zone is a setting of the whole space, of which a dashboard can only have
    the use; one that ``kibana.yml`` fixes stays. Raises KibanaError when Kibana does not take the file at all.
    """
    with Connection(access, tries=tries) as kibana:
        answer = kibana.send_file(IMPORT, "diembao.ndjson", ndjson)
        results = answer.get("successResults", ())
        return InstallReport(
            installed=int(answer.get("successCount", 0)),
            failures=tuple(_failure(access, error) for error in answer.get("errors", ())),
            renamed=tuple(str(one["id"]) for one in results if one.get("destinationId", one["id"]) != one["id"]),
            zone=_set_zone(kibana) if set_zone else "left",
        )


def _failure(access: Access, error: Mapping[str, Any]) -> Failure:
    told = error.get("error", {})
    missing = (f"{one.get('type')}:{one.get('id')}" for one in told.get("references", ()))
    reason = " ".join((str(told.get("type", "unknown")), str(told.get("message", "")), *missing))
    return Failure(type=str(error.get("type")), id=str(error.get("id")), reason=access.without_secrets(reason))


def _set_zone(kibana: Connection) -> ZoneOutcome:
    try:
        held = kibana.get(SETTINGS).get("settings", {}).get(ZONE_SETTING, {})
        if held.get("userValue") == LOCAL_ZONE.key:
            return "already"
        kibana.send_json(SETTINGS, {"changes": {ZONE_SETTING: LOCAL_ZONE.key}})
    except KibanaError:
        return "refused"
    return "set"
