"""Both languages say the same things, and every message that code names exists."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest
import yaml

from config.errors import ConfigError, DiembaoError
from config.files import DATA_ROOT
from config.messages import LANGS, catalogue, message

DOMAINS = sorted(path.name.removesuffix(".vi.yaml") for path in (DATA_ROOT / "messages").glob("*.vi.yaml"))
ROOT = Path(__file__).parent.parent.parent
PACKAGES = ("config", "crawlers", "classifiers", "pipeline", "dashboards")


def fields(text: str) -> set[str]:
    return {name.partition(".")[0].partition("[")[0] for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("domain", DOMAINS)
def test_both_languages_hold_the_same_keys_and_fields(domain: str) -> None:
    vi, en = (catalogue(domain, lang) for lang in LANGS)
    assert vi.keys() == en.keys()
    assert {key: fields(text) for key, text in vi.items()} == {key: fields(text) for key, text in en.items()}


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("lang", LANGS)
def test_no_key_stands_twice(domain: str, lang: str) -> None:
    text = (DATA_ROOT / f"messages/{domain}.{lang}.yaml").read_text(encoding="utf-8")
    keys = re.findall(r"^([\w-]+):", text, flags=re.MULTILINE)
    assert len(keys) == len(set(keys)) == len(yaml.safe_load(text))


def raised_codes() -> set[str]:
    """Message ids that stand as the first argument of an error in the code."""
    names = {cls.__name__ for cls in subclasses(DiembaoError)}
    found = set()
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in names and node.args:
                    first = node.args[0]
                    if isinstance(first, ast.Constant) and isinstance(first.value, str):
                        found.add(first.value)
    return found


def subclasses(cls: type) -> set[type]:
    return {cls}.union(*map(subclasses, cls.__subclasses__()))


@pytest.mark.parametrize("code", sorted(raised_codes()))
def test_every_error_raised_has_its_sentence(code: str) -> None:
    domain, _, key = code.partition(".")
    assert key in catalogue(domain, "vi")


def test_an_error_within_an_error_speaks_the_same_language() -> None:
    inner = ConfigError("settings.unknown_unit", unit="x")
    outer = ConfigError("settings.bad_value", path="p", key="province", value="x", detail=inner)
    assert inner.text("vi") in outer.text("vi")
    assert inner.text("en") in str(outer)


def test_a_message_that_does_not_exist_is_a_defect() -> None:
    with pytest.raises(KeyError):
        message("settings.no_such_key")
