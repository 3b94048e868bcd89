"""``diembao kibana``: against a server on loopback that answers as Kibana does."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboards.kibana.export import build_objects, export_ndjson
from tests.dashboards.kibana.server import API_KEY, PASSWORD, USER, KibanaLike, kibana_like
from tests.pipeline.cli.conftest import Diembao

OBJECTS = len(build_objects("vi"))
SECRET = "secret-of-the-office"


@pytest.fixture
def kibana() -> Iterator[KibanaLike]:
    with kibana_like() as server:
        yield server


def test_install_by_options_without_a_home(diembao: Diembao, kibana: KibanaLike, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(API_KEY + "\n", encoding="utf-8")
    ran = diembao("kibana", "install", "--url", kibana.url, "--api-key-file", str(tmp_path / "key"))
    assert ran.code == 0, ran.err
    assert f"{kibana.url}/app/dashboards#/view/diembao-dashboard" in ran.out
    assert "Asia/Ho_Chi_Minh" in ran.out
    assert API_KEY not in ran.out + ran.err
    assert kibana.objects["dashboard", "diembao-dashboard"]["attributes"]["title"] == "Press review"


def test_install_by_settings_and_environment(
    diembao: Diembao, home: Path, kibana: KibanaLike, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.mkdir()
    (home / "password").write_text(PASSWORD, encoding="utf-8")
    settings = f"province: hue\nkibana: {{url: '{kibana.url}', user: {USER}, password_file: password}}\n"
    (home / "diembao.yaml").write_text(settings, encoding="utf-8")
    assert diembao("kibana", "install", "--no-time-zone", lang="vi").code == 0
    assert kibana.objects["dashboard", "diembao-dashboard"]["attributes"]["title"] == "Điểm báo"
    assert kibana.settings == {}
    monkeypatch.setenv("DIEMBAO_KIBANA_PASSWORD", SECRET)
    wrong = diembao("kibana", "install")
    assert wrong.code == 1
    assert SECRET not in wrong.out + wrong.err


def test_a_part_that_is_missing_has_its_exit_code(diembao: Diembao, kibana: KibanaLike, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(API_KEY, encoding="utf-8")
    signed = ("kibana", "install", "--url", kibana.url, "--api-key-file", str(tmp_path / "key"))
    kibana.refuses["diembao-lens-days"] = {"type": "unknown", "message": "no", "statusCode": 400}
    ran = diembao(*signed)
    assert ran.code == 3
    assert "lens diembao-lens-days: unknown no" in ran.err
    kibana.refuses = {one.id: {"type": "unsupported_type"} for one in build_objects("en")}
    assert diembao(*signed).code == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "--url"),
        (("--url", "kibana.example"), "https://"),
        (("--url", "https://elastic:secret-of-the-office@kibana.example"), "without a password"),
        (("--url", "https://kibana.example", "--api-key-file", "nowhere"), "nowhere"),
    ],
)
def test_wrong_use_is_one_sentence(diembao: Diembao, options: tuple[str, ...], said: str) -> None:
    ran = diembao("kibana", "install", *options)
    assert ran.code == 2
    assert said in ran.err
    assert SECRET not in ran.err
    assert ran.err.count("\n") == 1


def test_one_way_to_sign_in(diembao: Diembao, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIEMBAO_KIBANA_API_KEY", SECRET)
    ran = diembao("kibana", "install", "--url", "http://127.0.0.1:9", "--user", USER)
    assert (ran.code, SECRET in ran.err) == (2, False)


def test_export_writes_what_install_sends(diembao: Diembao, kibana: KibanaLike, tmp_path: Path) -> None:
    path = tmp_path / "diembao.ndjson"
    assert f"{OBJECTS} objects" in diembao("kibana", "export", "--output", str(path)).out
    assert path.read_text(encoding="utf-8") == export_ndjson("en")
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert kibana.take(lines, overwrite=False)["success"] is True
