"""The words for the named reasons of polls and refusals."""

from config.messages import Lang, catalogue, message


def describe_reason(reason: str, lang: Lang = "vi") -> str:
    """Return what people read for a reason such as ``http_503`` or ``timeout``; a name without words stays as it is."""
    status = reason.removeprefix("http_")
    if status != reason and status.isdecimal():
        return message("fetch.http", lang, status=status)
    return catalogue("fetch", lang).get(reason, reason)
