"""Which certificates are trusted: the system's, or those of a file where an office issues its own."""

import ssl
from pathlib import Path

from config.errors import ConfigError


def trusting(home: Path, ca_file: Path | None) -> ssl.SSLContext:
    """Return a context that verifies certificates and host names. Raises ConfigError for a file that holds none."""
    path = home / ca_file.expanduser() if ca_file else None
    try:
        return ssl.create_default_context(cafile=path)
    except OSError as exc:  # also what ssl raises for a file without a certificate
        raise ConfigError("deliver.no_ca_file", path=path, detail=exc.strerror) from exc
