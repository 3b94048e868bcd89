"""Installing: against a server on loopback that answers as Kibana's import does (`server.py`)."""

import json
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.errors import KibanaError, UsageError
from dashboards.kibana.connection import Access
from dashboards.kibana.export import build_objects, export_ndjson
from dashboards.kibana.install import Failure, InstallReport, install
from tests.dashboards.kibana.server import API_KEY, NOT_READY, PASSWORD, USER, Answer, KibanaLike, kibana_like
from tests.press.certificate import self_signed

NDJSON = export_ndjson("vi")
OBJECTS = len(build_objects("vi"))
ZONE = "dateFormat:tz"
SECRET = "secret-of-the-office"


@pytest.fixture
def kibana() -> Iterator[KibanaLike]:
    with kibana_like() as server:
        yield server


def access(server: KibanaLike, **changes: str) -> Access:
    return Access(**({"url": server.url, "api_key": API_KEY} | changes))  # type: ignore[arg-type]


def refusal(server: KibanaLike, ndjson: str = NDJSON, **changes: str) -> KibanaError:
    with pytest.raises(KibanaError) as caught:
        install(access(server, **changes), ndjson, tries=2)
    for lang in ("vi", "en"):
        assert API_KEY not in caught.value.text(lang)
        assert SECRET not in caught.value.text(lang)
    return caught.value


# ---- what Kibana takes ----------------------------------------------------------------------------------------------


def test_everything_is_taken_and_the_time_zone_set(kibana: KibanaLike) -> None:
    report = install(access(kibana), NDJSON)
    assert report == InstallReport(installed=OBJECTS, failures=(), renamed=(), zone="set")
    assert len(kibana.objects) == OBJECTS
    assert kibana.objects["dashboard", "diembao-dashboard"]["attributes"]["title"] == "Điểm báo"
    assert kibana.settings[ZONE]["userValue"] == "Asia/Ho_Chi_Minh"


def test_a_second_time_changes_nothing(kibana: KibanaLike) -> None:
    install(access(kibana), NDJSON)
    held = json.dumps(list(kibana.objects.values()))
    report = install(access(kibana), NDJSON)
    assert report == InstallReport(installed=OBJECTS, failures=(), renamed=(), zone="already")
    assert json.dumps(list(kibana.objects.values())) == held


def test_what_analysts_made_themselves_stays(kibana: KibanaLike) -> None:
    theirs = {"type": "dashboard", "id": "theirs", "attributes": {"title": "Của tôi"}, "references": []}
    kibana.objects["dashboard", "theirs"] = theirs
    install(access(kibana), export_ndjson("en"))
    assert kibana.objects["dashboard", "theirs"] == theirs
    assert kibana.objects["dashboard", "diembao-dashboard"]["attributes"]["title"] == "Press review"


def test_a_space_has_an_address_of_its_own() -> None:
    with kibana_like(space="/base/s/diembao") as server:
        assert install(access(server, url=server.url + "/"), NDJSON).installed == OBJECTS
        assert {urlsplit_path(seen.path) for seen in server.seen} == {
            "/base/s/diembao/api/saved_objects/_import",
            "/base/s/diembao/api/kibana/settings",
        }


def urlsplit_path(path: str) -> str:
    return path.partition("?")[0]


def test_the_time_zone_is_left_alone_when_asked(kibana: KibanaLike) -> None:
    assert install(access(kibana), NDJSON, set_zone=False).zone == "left"
    assert kibana.settings == {}


@pytest.mark.parametrize("held", [{}, {"userValue": "UTC", "isOverridden": True}])
def test_a_time_zone_that_cannot_be_set_is_told(kibana: KibanaLike, held: dict[str, object]) -> None:
    kibana.settings[ZONE] = held
    kibana.may_set = False
    report = install(access(kibana), NDJSON)
    assert (report.installed, report.zone) == (OBJECTS, "refused")


def test_a_time_zone_that_kibana_yml_fixes_is_fine(kibana: KibanaLike) -> None:
    kibana.settings[ZONE] = {"userValue": "Asia/Ho_Chi_Minh", "isOverridden": True}
    assert install(access(kibana), NDJSON).zone == "already"


# ---- signing in -----------------------------------------------------------------------------------------------------


def test_a_key_as_kibana_shows_it_or_as_id_and_key(kibana: KibanaLike) -> None:
    install(access(kibana, api_key="viet-nam:khoa-bi-mat"), NDJSON)
    assert {seen.authorization for seen in kibana.seen} == {f"ApiKey {API_KEY}"}


def test_user_and_password_with_accents(kibana: KibanaLike) -> None:
    assert install(access(kibana, api_key="", user=USER, password=PASSWORD), NDJSON).installed == OBJECTS


def test_a_kibana_without_security_is_sent_no_header() -> None:
    with kibana_like(secured=False) as server:
        install(access(server, api_key=""), NDJSON)
        assert {seen.authorization for seen in server.seen} == {""}


@pytest.mark.parametrize("given", [{"api_key": "wrong-" + SECRET}, {"api_key": "", "user": USER, "password": SECRET}])
def test_a_wrong_secret_is_told_and_not_shown(kibana: KibanaLike, given: dict[str, str]) -> None:
    assert refusal(kibana, **given).code == "kibana.refused"
    assert len(kibana.seen) == 1


@pytest.mark.parametrize("key", ["khóa", "one\nX-Header: two", "\x00"])
def test_what_cannot_be_a_key_is_told_before_it_is_sent(kibana: KibanaLike, key: str) -> None:
    with pytest.raises(UsageError) as caught:
        access(kibana, api_key=key)
    assert key not in str(caught.value)


def test_secrets_are_in_no_text_form(kibana: KibanaLike) -> None:
    assert SECRET not in repr(access(kibana, api_key=SECRET))
    assert SECRET not in repr(access(kibana, api_key="", user=USER, password=SECRET))


def test_a_secret_that_comes_back_is_left_out(kibana: KibanaLike) -> None:
    echoed = {"statusCode": 400, "message": f"bad header ApiKey {API_KEY}"}
    kibana.answers = [Answer(status=400, body=json.dumps(echoed))]
    error = refusal(kibana)
    assert error.code == "kibana.failed"
    assert "bad header ApiKey ***" in str(error)


# ---- what Kibana does not take --------------------------------------------------------------------------------------


def test_an_object_that_is_refused_is_named_and_the_others_are_taken(kibana: KibanaLike) -> None:
    kibana.refuses["diembao-lens-days"] = {
        "type": "unknown",
        "message": "mapper [x] cannot be changed",
        "statusCode": 400,
    }
    report = install(access(kibana), NDJSON)
    assert report.installed == OBJECTS - 1
    assert report.failures == (
        Failure(type="lens", id="diembao-lens-days", reason="unknown mapper [x] cannot be changed"),
    )


def test_a_missing_reference_keeps_everything_out_and_is_named(kibana: KibanaLike) -> None:
    without_data_view = "".join(NDJSON.splitlines(keepends=True)[1:])
    report = install(access(kibana), without_data_view)
    assert report.installed == 0
    assert kibana.objects == {}
    assert all("missing_references" in failure.reason for failure in report.failures)
    assert all("index-pattern:diembao-articles" in failure.reason for failure in report.failures)


def test_an_older_kibana_says_so(kibana: KibanaLike) -> None:
    report = install(
        access(kibana), NDJSON.replace('"typeMigrationVersion":"10.1.0"', '"typeMigrationVersion":"11.0.0"')
    )
    assert {failure.type for failure in report.failures} == {"search", "dashboard"}
    assert all("more recent version" in failure.reason for failure in report.failures)


def test_objects_that_another_space_holds_are_told(kibana: KibanaLike) -> None:
    results = [
        {"type": "dashboard", "id": "diembao-dashboard", "destinationId": "6f1"},
        {"type": "search", "id": "diembao-search-verify", "destinationId": "diembao-search-verify"},
    ]
    body = {"success": True, "successCount": 2, "successResults": results, "warnings": []}
    kibana.answers = [Answer(status=200, body=json.dumps(body))]
    assert install(access(kibana), NDJSON).renamed == ("diembao-dashboard",)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(status=403, body='{"message": "Forbidden"}'), "kibana.forbidden"),
        (Answer(status=404, body='{"message": "Not Found"}'), "kibana.not_kibana"),
        (Answer(status=409, body='{"message": "conflict"}'), "kibana.failed"),
        (Answer(status=413, body="too large"), "kibana.too_large"),
        (Answer(status=500, body='{"message": "An internal server error occurred"}'), "kibana.failed"),
        (Answer(status=200, body="<html>Trang chủ</html>"), "kibana.not_kibana"),
        (Answer(status=200, body="[]"), "kibana.not_kibana"),
        (Answer(status=302, headers={"Location": "https://login.example/?next=/"}), "kibana.not_kibana"),
        (Answer(status=307, body="{}", headers={"Location": "https://login.example/"}), "kibana.not_kibana"),
    ],
)
def test_other_answers_are_one_sentence_each(kibana: KibanaLike, answer: Answer, code: str) -> None:
    kibana.answers = [answer]
    assert refusal(kibana).code == code
    assert len(kibana.seen) == 1


# ---- a Kibana that is not there, or not yet -------------------------------------------------------------------------


def test_a_kibana_that_still_starts_is_waited_for(kibana: KibanaLike) -> None:
    kibana.answers = [Answer(status=503, body=NOT_READY), Answer(status=429, headers={"Retry-After": "1"})]
    started = time.monotonic()
    assert install(access(kibana), NDJSON).installed == OBJECTS
    assert time.monotonic() - started >= 1
    assert [seen.status for seen in kibana.seen][:3] == [503, 429, 200]


def test_a_kibana_that_never_starts_is_told(kibana: KibanaLike) -> None:
    kibana.answers = [Answer(status=503, body=NOT_READY)] * 3
    error = refusal(kibana)
    assert error.code == "kibana.not_ready"
    assert "503" in str(error)
    assert kibana.answers == []


def test_nobody_there(kibana: KibanaLike) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    error = refusal(kibana, url=f"http://127.0.0.1:{port}")
    assert error.code == "kibana.unreachable"
    assert "refused" in str(error)
    assert error.text("en").count("HTTPConnection") == 0


# ---- certificates ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return self_signed(tmp_path_factory.mktemp("tls") / "kibana.pem")


@pytest.fixture
def secured(certificate: Path) -> Iterator[KibanaLike]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with kibana_like(tls=context) as server:
        yield server


def test_a_certificate_of_the_office_is_trusted_when_named(secured: KibanaLike, certificate: Path) -> None:
    trusting = Access(url=secured.url, api_key=API_KEY, ca_file=certificate)
    assert install(trusting, NDJSON).installed == OBJECTS


def test_an_unknown_certificate_is_not_trusted_and_gets_no_key(secured: KibanaLike) -> None:
    error = refusal(secured)
    assert error.code == "kibana.untrusted"
    assert "--ca-file" in str(error)
    assert "(self-signed certificate)" in str(error)
    assert secured.seen == []


@pytest.mark.parametrize("content", [None, "", "no certificate\n"])
def test_a_ca_file_that_is_none(secured: KibanaLike, tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(KibanaError) as caught:
        install(Access(url=secured.url, api_key=API_KEY, ca_file=path), NDJSON, tries=1)
    assert caught.value.code == "kibana.no_ca_file"
    assert "ca.pem" in str(caught.value)
