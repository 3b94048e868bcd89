"""Settings: the file, the environment over it, and errors that name the key."""

import traceback
from functools import partial
from pathlib import Path

import pytest
import yaml

from config.errors import ConfigError
from config.files import data_path
from config.secrets import read_secret
from config.settings import Settings, load_settings


def written(home: Path, text: str) -> Path:
    (home / "diembao.yaml").write_text(text, encoding="utf-8")
    return home


def test_the_file_is_read_and_the_rest_has_defaults(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, "province: Cao Bằng\nwatch: [dong-thap]\n"))
    assert settings.province == "cao-bang"
    assert settings.units == {"cao-bang", "dong-thap", "tien-giang"}
    assert settings.crawl.per_host == 1
    assert not settings.crawl.allow_loopback


def test_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIEMBAO_PROVINCE", "da-nang")
    monkeypatch.setenv("DIEMBAO_CRAWL__PER_HOST", "3")
    settings = load_settings(written(tmp_path, "province: cao-bang\ncrawl: {per_host: 2, max_page_mb: 4}\n"))
    assert (settings.province, settings.crawl.per_host, settings.crawl.max_page_mb) == ("da-nang", 3, 4)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("province: cao-bag\n", ["diembao.yaml", "province", "cao-bang"]),
        ("watch: []\n", ["diembao.yaml", "province", "missing"]),
        ("province: hue\nprovnce: x\n", ["provnce", "province"]),
        ("province: hue\ncrawl: {prxy: x}\n", ["crawl.prxy", "proxy"]),
        ("province: hue\ncrawl: {per_host: 99}\n", ["crawl.per_host", "99"]),
        ("province: hue\ndigest: {window_hour: soon}\n", ["digest.window_hour", "soon"]),
        ("province: hue\nkibana: {url: kibana.example}\n", ["kibana.url", "kibana.example", "https://"]),
        ("province: hue\nkibana: {url: 'https://[::1'}\n", ["kibana.url"]),
        ("province: hue\nindex: {kind: elastic}\n", ["diembao.yaml", "index.urls"]),
        ("province: hue\nindex: {kind: elastik}\n", ["index.kind", "elastik"]),
        ("province: hue\nindex: {urls: [es1.example]}\n", ["index.urls.0", "es1.example", "https://"]),
        ("province: hue\nindex: {urls: ['https://es1.example']}\n", ["index.urls.0", "port"]),
        ("province: hue\nindex: {user: a, api_key_file: b}\n", ["index.api_key_file", "index.user"]),
        ("province: hue\ndigest: {hour: 5}\n", ["digest", "closes at 7"]),
        ("province: hue\nsmtp: {host: mail.example}\n", ["smtp.host", "smtp.sender"]),
        ("province: hue\nsmtp: {sender: 'a@b.example, c@d.example'}\n", ["smtp.sender", "c@d.example"]),
        ('province: hue\nsmtp: {sender: "a@b.example\\r\\nBcc: c@d.example"}\n', ["smtp.sender"]),
        ("province: hue\nsmtp: {host: h, sender: a@b, user: u, security: none}\n", ["password", "starttls"]),
        ("province: hue\nsmtp: {port: 0}\n", ["smtp.port", "0"]),
        ("province: hue\npublic_url: http://bao.example\n", ["public_url", "https://"]),
        ("province: hue\npublic_url: https://điểmbáo.example\n", ["public_url", "https://"]),
        ("province: hue\ndigest: {window_hour: 9, foreign_hour: 8}\n", ["digest.foreign_hour is 8", "from 9 on"]),
        ("province: [unclosed\n", ["diembao.yaml", "YAML"]),
        ("- a\n- b\n", ["diembao.yaml", "key: value"]),
        ("province: hue\nwatch: []\nprovince: da-nang\n", ["diembao.yaml", "line 3", "province"]),
        ("\ufffe\x00", ["diembao.yaml", "YAML"]),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, named: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(written(tmp_path, text))
    assert all(word in str(caught.value) for word in named), str(caught.value)
    assert caught.value.exit_code == 2


def test_a_wrong_environment_variable_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIEMBAO_CRAWL__PRXY", "x")
    with pytest.raises(ConfigError, match=r"crawl\.prxy"):
        load_settings(written(tmp_path, "province: hue\n"))


def test_a_home_without_settings_says_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="init --province"):
        load_settings(tmp_path)


def test_a_password_in_an_address_is_refused_and_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(written(tmp_path, "province: hue\nkibana: {url: 'https://elastic:hush-hush@kibana.example/x'}\n"))
    assert "kibana.example" in str(caught.value)
    assert "hush" not in str(caught.value)


def test_settings_are_frozen(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, "province: hue\n"))
    with pytest.raises(ValueError, match="frozen"):
        settings.province = "da-nang"


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_template_documents_every_key(lang: str) -> None:
    template = data_path(f"templates/diembao.{lang}.yaml").read_text(encoding="utf-8").replace("{province}", "hue")
    keys = yaml.safe_load(template)
    assert keys.keys() == Settings.model_fields.keys()
    for name, value in keys.items():
        if isinstance(value, dict):
            assert value.keys() == type(getattr(Settings(**keys), name)).model_fields.keys(), name


def test_urls_of_the_environment_are_a_json_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = written(tmp_path, "province: hue\n")
    monkeypatch.setenv("DIEMBAO_INDEX__KIND", "elastic")
    monkeypatch.setenv("DIEMBAO_INDEX__URLS", '["https://es1.example:9200/", "http://127.0.0.1:9200"]')
    assert load_settings(home).index.urls == ("https://es1.example:9200", "http://127.0.0.1:9200")
    monkeypatch.setenv("DIEMBAO_INDEX__URLS", "https://es1.example:9200")
    with pytest.raises(ConfigError, match="DIEMBAO_INDEX__URLS"):
        load_settings(home)


@pytest.mark.parametrize(
    "text",
    [
        "province: hue\nindex: {urls: ['https://elastic:S3cret@es1.example:9200']}\n",
        "province: hue\nindex: {kind: elastic, password: S3cret}\n",
        "province: hue\nindex: {api_key: S3cret}\n",
    ],
)
def test_a_password_in_the_wrong_place_is_not_repeated(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(written(tmp_path, text))
    printed = "".join(traceback.format_exception(caught.value))
    assert "index" in str(caught.value)
    assert "S3cret" not in printed


def test_secrets_come_from_the_environment_or_a_file(tmp_path: Path) -> None:
    path = tmp_path / "elastic.key"
    path.write_text("from-the-file\n", encoding="utf-8")
    from_file = partial(read_secret, "index.api_key_file", variable="KEY")
    assert from_file(path, environment={}) == "from-the-file"
    assert from_file(path, environment={"KEY": " from-the-environment"}) == "from-the-environment"
    assert from_file(None, environment={}) == ""
    for content in (b"", b"two\nlines", b"\xff\xfe"):
        path.write_bytes(content)
        with pytest.raises(ConfigError, match=r"index\.api_key_file"):
            from_file(path, environment={})
    with pytest.raises(ConfigError, match="No such file"):
        from_file(tmp_path / "none", environment={})
