"""The errors people meet: each is one sentence that names what is wrong and what to do.

DiembaoError                 the root; exit code 1
├── UsageError               the command line is off; exit code 2
│   ├── ConfigError          a settings file, key or environment variable is off
│   │   └── SourceError      an outlet's entry in the catalogue cannot be used
│   └── DraftError           what an editor wrote for a digest cannot be followed; names the line
├── InputError               a file given to a command cannot be read
├── ParseError               bytes from outside are not what they claim (feed, sitemap, WARC, page)
├── ModelError               a model file is missing or damaged
├── StoreError               the store cannot be opened, migrated, written
├── IndexUnavailableError         the search index does not answer
├── KibanaError              Kibana does not answer, or does not take what it is given
└── QuerySyntaxError         a search query cannot be understood; points at the place
"""

from functools import partial
from typing import Any

from config.messages import Lang, message


class DiembaoError(Exception):
    """An expected failure. ``code`` is a message id (``domain.key``), ``fields`` fill its text."""

    exit_code = 1

    def __init__(self, code: str, /, **fields: object) -> None:
        super().__init__(code, fields)
        self.code = code
        self.fields = fields

    def text(self, lang: Lang = "vi") -> str:
        """Return the sentence in ``lang``."""
        return message(self.code, lang, **self.fields)

    def __str__(self) -> str:
        return self.text("en")

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(type(self), **self.fields), (self.code,)  # so that it crosses process boundaries whole


class UsageError(DiembaoError):
    exit_code = 2


class ConfigError(UsageError):
    pass


class SourceError(ConfigError):
    pass


class DraftError(UsageError):
    pass


class InputError(DiembaoError):
    pass


class ParseError(DiembaoError):
    pass


class ModelError(DiembaoError):
    pass


class StoreError(DiembaoError):
    pass


class IndexUnavailableError(DiembaoError):
    pass


class KibanaError(DiembaoError):
    pass


class QuerySyntaxError(UsageError):
    """``fields`` hold ``query`` and ``position`` (0-based character offset of the first thing not understood)."""
