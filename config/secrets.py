"""Keys and passwords: from the environment or a file of their own, never from ``diembao.yaml``, which is backed up."""

from collections.abc import Mapping
from pathlib import Path

from config.errors import ConfigError


def read_secret(key: str, path: Path | None, *, variable: str, environment: Mapping[str, str]) -> str:
    """Return what the environment ``variable`` says, else the file's text; empty when there is neither.

    Raises ConfigError naming the settings' ``key`` when the file cannot be read or is empty. Nothing of its content is
    part of an error.
    """
    if found := environment.get(variable, "").strip():
        return found
    if path is None:
        return ""
    try:
        text = path.read_text(encoding="utf-8").strip()
    except OSError as exc:
        raise ConfigError("settings.secret_unreadable", path=path, key=key, detail=exc.strerror) from exc
    except UnicodeDecodeError:
        raise ConfigError("settings.secret_not_text", path=path, key=key) from None
    if not text or "\n" in text:
        raise ConfigError("settings.secret_not_one_line", path=path, key=key)
    return text
