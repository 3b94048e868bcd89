"""recipients.yaml: what it says, and mistakes that name their line."""

import re
from pathlib import Path

import pytest

from config.errors import ConfigError
from config.files import data_path
from config.messages import LANGS
from pipeline.deliver.recipients import Recipient, load_recipients, named

FILE = """\
groups:
  lanh-dao: {hour: 8, editions: [daily, alerts], alert_level: 2, min_tone: negative}
  tieng-anh: {language: en, hour: 9}
recipients:
  - {name: Nguyễn Thị Mẫu, to: mau@tinh.example, groups: [lanh-dao, tieng-anh], min_tone: neutral}
  - {name: Phòng Kinh tế, to: kinhte@tinh.example, topics: [economy], units: [Hòa Bình]}
  - {name: ioc, webhook: "https://ioc.tinh.example/h", secret_file: ioc.secret, editions: [alerts]}
  - {name: nhom-truc, apprise_file: nhom.url}
"""


def loaded(home: Path, text: str = FILE, **options: int) -> tuple[Recipient, ...]:
    (home / "recipients.yaml").write_text(text, encoding="utf-8")
    return load_recipients(home, **options)


def test_a_recipient_says_what_its_groups_do_not(tmp_path: Path) -> None:
    first, second, hook, chat = loaded(tmp_path)
    assert (first.channel, first.address, first.hour, first.language) == ("email", "mau@tinh.example", 8, "en")
    assert (first.min_tone, first.alert_level, first.editions) == ("neutral", 2, ("daily", "alerts"))
    assert (second.topics, second.units, second.editions) == (("economy",), ("hoa-binh",), ("daily",))
    assert (hook.channel, hook.address) == ("webhook", "ioc")
    assert hook.webhook
    assert hook.webhook.secret_file == Path("ioc.secret")
    assert (chat.channel, chat.address, chat.filtered) == ("apprise", "nhom-truc", False)


def test_a_home_without_recipients_has_none(tmp_path: Path) -> None:
    assert load_recipients(tmp_path) == ()
    assert loaded(tmp_path, "# recipients:\n") == ()


def test_a_name_an_address_or_a_group_chooses(tmp_path: Path) -> None:
    recipients = loaded(tmp_path)
    assert [one.name for one in named(recipients, "ioc")] == ["ioc"]
    assert named(recipients, "mau@tinh.example") == named(recipients, "lanh-dao") == recipients[:1]
    with pytest.raises(ConfigError, match="nhom-truc"):
        named(recipients, "vô danh")
    with pytest.raises(ConfigError, match="template"):
        named((), "mau@tinh.example")


@pytest.mark.parametrize(
    ("text", "named_words"),
    [
        ("recipients:\n  - name: A\n    too: a@b.example\n", ["line 3", "too", "to"]),
        ("recipients:\n  - to: a@b.example\n", ["line 2", "recipients.1.name", "missing"]),
        ("recipients:\n  - {name: A, to: a@b.example}\n  - name: B\n    to: b\n", ["line 4", "recipients.2.to", "“b”"]),
        ('recipients:\n  - {name: A, to: "a@b.example\\r\\nBcc: c@d.example"}\n', ["line 2", "recipients.1.to"]),
        ('recipients:\n  - {name: "A\\nB", to: a@b.example}\n', ["line 2", "recipients.1.name", "one line"]),
        ("recipients:\n  - {name: A, to: a@b.example, topics: [econmy]}\n", ["line 2", "topics.1", "economy"]),
        ("recipients:\n  - {name: A, to: a@b.example, units: [hoa-bin]}\n", ["line 2", "units.1", "hoa-binh"]),
        ("recipients:\n  - {name: A, to: a@b.example, hour: 25}\n", ["line 2", "hour"]),
        ("recipients:\n  - {name: A, to: a@b.example, hour: 5}\n", ["line 2", "hour", "closes at 7"]),
        ("groups:\n  g:\n    hour: 5\n", ["line 3", "groups.g.hour", "closes at 7"]),
        ("groups:\n  g: {to: a@b.example}\n", ["line 2", "groups.g.to"]),
        ("recipients:\n  - {name: A}\n", ["line 2", "recipients.1", "exactly one"]),
        ("recipients:\n  - {name: A, to: a@b.example, webhook: 'http://h/'}\n", ["exactly one"]),
        ("recipients:\n  - {name: A, webhook: 'https://h.example/'}\n", ["line 2", "secret_file"]),
        ("recipients:\n  - {name: A, webhook: 'ftp://h.example/', secret_file: x}\n", ["line 2", "webhook"]),
        ("recipients:\n  - {name: A, to: a@b.example, groups: [g]}\n", ["line 2", "“g”"]),
        ("recipients:\n  - {name: A, to: a@b.example}\n  - {name: a, to: c@b.example}\n", ["line 3", "name", "“a”"]),
        (
            "recipients:\n  - {name: A, to: a@b.example}\n  - {name: B, to: A@b.example}\n",
            ["line 3", "recipients.2.to"],
        ),
        ("recipients:\n  - {name: A, to: a@b.example,\n     to: c@b.example}\n", ["line 3", "“to”", "once"]),
        ("recipients: [unclosed\n", ["line 2", "YAML"]),
        ("- a\n", ["recipients.yaml"]),
        ("people: []\n", ["line 1", "people", "recipients"]),
    ],
)
def test_a_mistake_names_file_line_and_key(tmp_path: Path, text: str, named_words: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, text, earliest_hour=7)
    for lang in LANGS:
        assert "recipients.yaml" in caught.value.text(lang)
    assert all(word in str(caught.value) for word in named_words), str(caught.value)


def test_a_password_in_an_address_is_refused_and_not_repeated(tmp_path: Path) -> None:
    text = "recipients:\n  - {name: A, webhook: 'https://u:hush-hush@h.example/', secret_file: x}\n"
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, text)
    assert "hush" not in caught.value.text("vi") + str(caught.value)


@pytest.mark.parametrize("lang", LANGS)
def test_the_template_works_once_its_lines_are_taken_in(tmp_path: Path, lang: str) -> None:
    text = data_path(f"templates/recipients.{lang}.yaml").read_text(encoding="utf-8")
    assert loaded(tmp_path, text) == (), "as it comes, it names nobody"
    used = re.sub(r"^# ?", "", text.split("\n#\n", 1)[1], flags=re.MULTILINE)
    assert [one.channel for one in loaded(tmp_path, used, earliest_hour=7)] == ["email", "email", "webhook", "apprise"]
