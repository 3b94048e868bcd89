"""alerts check, list, show, ack and replay, as a person runs them."""

import json
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.localtime import LOCAL_ZONE
from pipeline.app import Installation
from pipeline.digest.period import Period
from tests.pipeline.alerts.newsroom import UNIT, burst, put, quiet_weeks
from tests.pipeline.cli.conftest import Diembao

TODAY = datetime.now(UTC).astimezone(LOCAL_ZONE).date()
"""Commands go by the real clock, so the weeks lie before it."""
YESTERDAY = TODAY - timedelta(days=1)
ALERT = f"{UNIT}-{YESTERDAY:%Y%m%d}"


@pytest.fixture
def quiet_home(home: Path, diembao: Diembao) -> Path:
    """A home with forty quiet days and a burst yesterday."""
    diembao("init", "--province", UNIT)
    with closing(Installation(home)) as installation:
        put(installation.store, [*quiet_weeks(start=TODAY - timedelta(days=41)), *burst(YESTERDAY, 9)])
    return home


def test_an_alert_is_found_listed_shown_and_taken_on(quiet_home: Path, diembao: Diembao) -> None:
    assert diembao("alerts", "list").out == "There are no alerts.\n"
    first = diembao("alerts", "check", "--assume-complete")
    assert (first.code, first.out.splitlines()[0]) == (0, f"opened (level 3): {ALERT}")
    again = diembao("alerts", "check", "--assume-complete")
    assert "opened" not in again.out
    listed = diembao("alerts", "list")
    assert listed.out.startswith(f"{ALERT}  level 3 · Cao Bằng, {YESTERDAY:%d/%m/%Y}: 9 negative, some 1.")
    assert listed.out.splitlines()[0].endswith("open")
    shown = diembao("alerts", "show", ALERT)
    assert f"Chuyện mới-{YESTERDAY}-0" in shown.out
    assert "needs checking and clarifying" in " ".join(shown.out.split())
    taken = diembao("alerts", "ack", ALERT, "--by", "Lê Thị Thử", "--note", "đã gọi xã")
    assert taken.out == f"Noted: Lê Thị Thử has taken on {ALERT}.\n"
    row = json.loads(diembao("alerts", "list", "--json").out)["alerts"][0]
    assert (row["id"], row["state"], row["acknowledged"]["by"]) == (ALERT, "acknowledged", "Lê Thị Thử")
    history = json.loads(diembao("alerts", "show", ALERT, "--json").out)["history"]
    assert [(step["event"], step["by"], step["note"]) for step in history] == [
        ("opened", "", ""),
        ("acknowledged", "Lê Thị Thử", "đã gọi xã"),
    ]
    back = diembao("alerts", "ack", ALERT, "--undo", "--by", "Trần Văn Thử", "--note", "nhầm")
    assert back.out == f"Noted by Trần Văn Thử: {ALERT} waits for somebody again.\n"
    row = json.loads(diembao("alerts", "show", ALERT, "--json").out)
    assert (row["state"], row["acknowledged"]) == ("opened", None)
    assert [row["history"][-1][key] for key in ("event", "by", "note")] == ["handed_back", "Trần Văn Thử", "nhầm"]
    page = quiet_home / "alert.html"
    assert diembao("alerts", "show", ALERT, "--html", str(page)).code == 0
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("show", "no-such"), "There is no alert “no-such”"),
        (("ack", "no-such", "--by", "A"), "There is no alert “no-such”"),
        (("ack", ALERT, "--by", " "), "Say who takes the alert on"),
        (("ack", ALERT, "--by", "B"), "A has taken the alert"),
        (("replay", "--since", "2026-03-02", "--until", "2026-03-01"), "2026-03"),
        (("replay", "--since", "2026-03-02", "--until", str(TODAY + timedelta(days=1))), f"up to {TODAY}"),
    ],
)
@pytest.mark.usefixtures("quiet_home")
def test_what_cannot_be_done_is_said(diembao: Diembao, args: tuple[str, ...], says: str) -> None:
    diembao("alerts", "check", "--assume-complete")
    diembao("alerts", "ack", ALERT, "--by", "A")
    ran = diembao("alerts", *args)
    assert ran.code == 2
    assert says in ran.err


def test_a_lasting_matter_of_an_unknown_topic_is_refused_by_name(quiet_home: Path, diembao: Diembao) -> None:
    rules = "grave: {lasting: {smell: {topic: environment.polution, phrases: [mùi hôi]}}}"
    (quiet_home / "alerts.yaml").write_text(rules, encoding="utf-8")
    ran = diembao("alerts", "check")
    assert ran.code == 2
    assert "alerts.yaml: the value “environment.polution” of “grave.lasting.smell.topic”" in ran.err
    assert "environment.pollution" in ran.err


@pytest.mark.usefixtures("quiet_home")
def test_what_nobody_took_on_cannot_be_handed_back(diembao: Diembao) -> None:
    diembao("alerts", "check", "--assume-complete")
    ran = diembao("alerts", "ack", ALERT, "--undo", "--by", "B")
    assert (ran.code, "Nobody has taken the alert" in ran.err) == (2, True)


@pytest.mark.usefixtures("quiet_home")
def test_without_a_ledger_nothing_is_said_of_a_day(diembao: Diembao) -> None:
    checked = diembao("alerts", "check")
    assert "Cao Bằng: not enough data today, neither alarm nor all-clear." in checked.out
    assert "not enough data" in diembao("alerts", "list").out


@pytest.mark.usefixtures("quiet_home")
def test_a_replay_keeps_nothing(diembao: Diembao) -> None:
    span = ("--since", str(YESTERDAY), "--until", str(TODAY))
    ran = diembao("alerts", "replay", *span, "--assume-complete")
    assert ran.out.startswith(f"{ALERT}  level 3")
    assert f"Chuyện mới-{YESTERDAY}-0 (Báo 0)" in ran.out
    assert diembao("alerts", "list").out == "There are no alerts.\n"


def test_a_digest_tells_of_an_open_alert_long_after_its_last_alarm(quiet_home: Path, diembao: Diembao) -> None:
    diembao("alerts", "check", "--assume-complete")
    with closing(Installation(quiet_home)) as installation:
        for days in (0, 5):
            period = Period.daily(TODAY + timedelta(days=days))
            assert [one.id for one in installation.alerts.for_digest(period)] == [ALERT]


def test_a_digest_tells_of_the_alert(quiet_home: Path, diembao: Diembao) -> None:
    diembao("alerts", "check", "--assume-complete")
    folder = quiet_home / "out"
    ran = diembao("digest", "--date", str(TODAY), "--format", "json", "--output", str(folder))
    assert ran.code == 0, ran.err
    (alert,) = json.loads((folder / "digest.json").read_text(encoding="utf-8"))["alerts"]
    assert (alert["id"], alert["level"], alert["day"], alert["observed"]) == (ALERT, 3, str(YESTERDAY), 9)
    assert alert["title"] == f"Chuyện mới-{YESTERDAY}-0"
