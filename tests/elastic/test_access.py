"""Elasticsearch behind TLS and accounts: who is let in, whom the program trusts, and that no secret is ever shown."""

import base64
import json
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.elastic.cluster import Cluster
from tests.elastic.gateway import Gateway, opened
from tests.pipeline.cli.conftest import Diembao
from tests.pipeline.cli.items import write_items

KEY = "S0VZOmtob25nLWFpLWR1b2MtdGhheQ=="
USER, PASSWORD = "diembao", "mat-khau-khong-ai-duoc-thay"
BASIC = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
CREDENTIALS = {f"ApiKey {KEY}", f"Basic {BASIC}"}


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def gateway(elastic: Cluster, authority: trustme.CA) -> Iterator[Gateway]:
    """The way in: a certificate for 127.0.0.1, one key, one user."""
    with opened(elastic.url, tls=server_side(authority, "127.0.0.1"), credentials=CREDENTIALS) as gateway:
        yield gateway


def server_side(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


@pytest.fixture
def installation(diembao: Diembao, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Diembao:
    """Three articles about the province in an installation that is about to use Elasticsearch."""
    diembao("init", "--province", "cao-bang", "--contact", "press@caobang.example")
    diembao("import", str(write_items(tmp_path / "items.jsonl")))
    monkeypatch.setenv("DIEMBAO_INDEX__KIND", "elastic")
    (home / "key").write_text(KEY + "\n", encoding="utf-8")
    (home / "password").write_text(PASSWORD, encoding="utf-8")
    return diembao


def point_at(monkeypatch: pytest.MonkeyPatch, home: Path, gateway: Gateway, authority: trustme.CA, **more: str) -> None:
    authority.cert_pem.write_to_path(home / "ca.pem")
    settings = {"urls": json.dumps([gateway.url]), "ca_file": "ca.pem", **more}
    for name, value in settings.items():
        monkeypatch.setenv(f"DIEMBAO_INDEX__{name.upper()}", value)


@pytest.mark.parametrize(
    ("sign_in", "header"),
    [
        ({"api_key_file": "key"}, f"ApiKey {KEY}"),
        ({"user": USER, "password_file": "password"}, f"Basic {BASIC}"),
    ],
    ids=["key", "password"],
)
def test_a_key_or_a_password_opens_a_server_behind_tls(
    installation: Diembao,
    home: Path,
    gateway: Gateway,
    authority: trustme.CA,
    monkeypatch: pytest.MonkeyPatch,
    sign_in: dict[str, str],
    header: str,
) -> None:
    point_at(monkeypatch, home, gateway, authority, **sign_in)
    synced = installation("index", "sync")
    assert synced.code == 0, synced.err
    found = json.loads(installation("search", "cao bang", "--json").out)
    assert (found["total"], found["standby_because"]) == (3, None)
    assert {seen.authorization for seen in gateway.seen} == {header}


@pytest.mark.parametrize("name", ["127.0.0.1", "elasticsearch.example"])
def test_a_certificate_of_a_stranger_or_for_another_name_is_refused(
    installation: Diembao,
    elastic: Cluster,
    home: Path,
    authority: trustme.CA,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    stranger = trustme.CA() if name == "127.0.0.1" else authority
    with opened(elastic.url, tls=server_side(stranger, name), credentials=CREDENTIALS) as gateway:
        point_at(monkeypatch, home, gateway, authority, api_key_file="key")
        synced = installation("index", "sync")
        assert synced.code == 1
        assert "certificate" in synced.err
        assert gateway.seen == []  # nothing was said to it, the key least of all

        found = installation("search", "cao bang")
        assert (found.code, gateway.seen) == (0, [])
        assert "The embedded index answers instead" in found.err

        monkeypatch.setenv("DIEMBAO_INDEX__VERIFY", "false")
        assert installation("index", "sync").code == 0
        assert "index.verify is off" in installation("doctor").out


def test_the_system_s_authorities_are_asked_without_a_ca_file(
    installation: Diembao, home: Path, gateway: Gateway, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    point_at(monkeypatch, home, gateway, authority, api_key_file="key")
    monkeypatch.delenv("DIEMBAO_INDEX__CA_FILE")
    assert "certificate" in installation("index", "sync").err
    monkeypatch.setenv("SSL_CERT_FILE", str(home / "ca.pem"))
    assert installation("index", "sync").code == 0


def test_no_secret_is_shown_or_logged(
    installation: Diembao, home: Path, gateway: Gateway, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the wrong ones, which may be right elsewhere, nor the right ones while the server fails."""
    wrong = "bWEta2hvYS1zYWk6a2hvYS1zYWk="
    signs_in: list[dict[str, str]] = [
        {"DIEMBAO_INDEX_API_KEY": wrong},
        {"DIEMBAO_INDEX_API_KEY": KEY},
        {"DIEMBAO_INDEX__USER": USER, "DIEMBAO_INDEX_PASSWORD": wrong},
        {"DIEMBAO_INDEX__USER": USER, "DIEMBAO_INDEX_PASSWORD": PASSWORD},
    ]
    said = ""
    for sign_in in signs_in:
        with monkeypatch.context() as environment:
            point_at(environment, home, gateway, authority)
            for variable, value in sign_in.items():
                environment.setenv(variable, value)
            for command in (("index", "sync"), ("index", "status"), ("status",), ("doctor",), ("search", "x")):
                ran = installation(*command)
                said += ran.out + ran.err
    said += "".join(path.read_text(encoding="utf-8", errors="replace") for path in home.glob("*.log"))
    assert "does not let us in (status 401)" in said
    basic = base64.b64encode(f"{USER}:{wrong}".encode()).decode()
    for secret in (KEY, PASSWORD, BASIC, wrong, basic):
        assert secret not in said
