"""The indices behind the aliases: one is searched and written, and another may be built beside it.

``diembao-articles`` is what people and programs search, ``diembao-articles-write`` what the feeder writes to; both
lead to one index such as ``diembao-articles-v2-000003``. ``v2`` is the format of the mapping.
"""

import re
from typing import NamedTuple

from elasticsearch import Elasticsearch, NotFoundError

from pipeline.index.elastic_client import PROBE_TIMEOUT_S, errors_translated
from pipeline.index.elastic_document import template

ALIAS = "diembao-articles"
FORMAT = 2
"""Of the mapping, also its ``_meta.format``; a new one gets indices of its own."""
TEMPLATE_PRIORITY = 500
"""Above the templates that come with the server (100 to 200)."""


class Built(NamedTuple):
    """One index; the server gives another identity to one that is made anew under the same name."""

    name: str
    uuid: str


class ElasticIndices:
    """Creating, swapping and dropping the indices of one alias. Every method raises IndexUnavailableError."""

    def __init__(self, client: Elasticsearch, where: str, alias: str = ALIAS) -> None:
        self.alias = alias
        self.write_alias = f"{alias}-write"
        self._client = client
        self._where = where
        self._stem = f"{alias}-v{FORMAT}-"

    def current(self) -> Built | None:
        """Return the index that both aliases lead to; None when there is none."""
        with errors_translated(self._where):
            try:
                found = self._client.options(request_timeout=PROBE_TIMEOUT_S).indices.get_settings(
                    index=self.write_alias, filter_path="*.settings.index.uuid"
                )
            except NotFoundError:
                return None
        names = sorted(found)
        return Built(names[-1], found[names[-1]]["settings"]["index"]["uuid"]) if names else None

    def has_our_format(self, name: str) -> bool:
        """Tell whether an index has the mapping that this program writes for."""
        return name.startswith(self._stem)

    def exists(self, name: str) -> bool:
        with errors_translated(self._where):
            return bool(self._client.indices.exists(index=name))

    def create(self) -> str:
        """Create the next index, empty and behind no alias, and return its name."""
        with errors_translated(self._where):
            self._client.indices.put_index_template(
                name=self.alias,
                index_patterns=[f"{self._stem}*"],
                priority=TEMPLATE_PRIORITY,
                version=FORMAT,
                template=template(),
            )
            numbers = [int(match[1]) for name in self._names() if (match := re.search(r"-(\d+)$", name))]
            name = f"{self._stem}{max(numbers, default=0) + 1:06d}"
            self._client.indices.create(index=name)
        return name

    def swap(self, name: str) -> Built:
        """Let both aliases lead to an index, in one step for whoever searches or writes."""
        self.refresh(name)
        with errors_translated(self._where):
            aliases = (self.alias, self.write_alias)
            every = f"{self.alias}-v*"
            self._client.indices.update_aliases(
                actions=[
                    {"remove": {"index": every, "aliases": list(aliases), "must_exist": False}},
                    *({"add": {"index": name, "alias": alias}} for alias in aliases),
                ]
            )
        built = self.current()
        assert built is not None  # noqa: S101 - the alias was just set
        return built

    def drop_others(self, name: str) -> None:
        """Delete every other index of this alias."""
        with errors_translated(self._where):
            for other in self._names():
                if other != name:
                    self._client.indices.delete(index=other, ignore_unavailable=True)

    def refresh(self, name: str) -> None:
        """Let everything written so far be found."""
        with errors_translated(self._where):
            self._client.indices.refresh(index=name)

    def _names(self) -> list[str]:
        """Return the indices of this alias, of earlier formats too."""
        return sorted(self._client.indices.get(index=f"{self.alias}-v*", filter_path="*.settings.index.uuid"))
