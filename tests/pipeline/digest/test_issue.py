"""Editions issued from a real store: sealed once each, with the draft of the day, whatever comes after."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.calendar import load_calendar
from config.errors import DraftError, UsageError
from config.settings import Settings
from dashboards.digest.draft import draft_text
from pipeline.digest.draft_file import WrittenDraft, draft_path, edition_name, read_draft, write_draft
from pipeline.digest.events import events_around
from pipeline.digest.issue import IssuedDigest, Newsroom, issue_edition, preview_in_full
from pipeline.digest.period import LONGEST_DAYS, Period
from pipeline.records import DigestEvent, Document
from pipeline.store import Store, open_store
from pipeline.store.stories import StoryAssignment
from pipeline.story_search import StoryDesk
from tests.dashboards.editions import ALERTS
from tests.dashboards.specimen import DAY, GUANGXI, NON_CAO, WINDOW_END, document, specimen_documents
from tests.pipeline.digest.told import bridge, told

NOW = WINDOW_END + timedelta(minutes=20)
ONE_DAY = timedelta(days=1)
TODAY = Period.daily(DAY)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    yield opened
    opened.close()


@pytest.fixture
def room(store: Store) -> Newsroom:
    settings = Settings(province="cao-bang", contact="diemtin@caobang.example")
    return Newsroom(store=store, settings=settings, sources=(), calendar=load_calendar(), software="1.2.3")


def put(store: Store, docs: list[Document]) -> None:
    store.put_documents(docs, targets=())
    told_of = [StoryAssignment(document_id=doc.id, story=doc.story) for doc in docs if doc.story]
    store.assign_stories(told_of, targets=())


def issue(room: Newsroom, period: Period = TODAY, *, home: Path | None = None, revise: bool = False) -> IssuedDigest:
    edits = read_draft(home, "cao-bang", period) if home else None
    return issue_edition(room, period, now=NOW, revise=revise, edits=edits)


def draft(room: Newsroom, home: Path, period: Period = TODAY) -> WrittenDraft:
    edits = read_draft(home, "cao-bang", period)
    plain = preview_in_full(room, period, now=NOW)
    digest = preview_in_full(room, period, now=NOW, edits=edits)
    text = draft_text(digest, plain, edition=edition_name("cao-bang", period), command="diembao digest", by="Lan")
    return write_draft(draft_path(home, "cao-bang", period), digest, edits, text)


def save(path: Path, text: str, at: datetime = NOW) -> None:
    """Save a draft as an editor would, at a moment of the test's own clock."""
    path.write_text(text, encoding="utf-8")
    os.utime(path, (at.timestamp(), at.timestamp()))


# ---- sealing --------------------------------------------------------------------------------------------------------


def test_editions_of_one_day_are_sealed_apart(room: Newsroom) -> None:
    put(room.store, [*specimen_documents(), *bridge()])
    periods = (TODAY, Period.foreign_week(DAY), Period.of_days(DAY - 2 * ONE_DAY, DAY), Period.of_days(DAY, DAY))
    first = [issue(room, period) for period in periods]
    assert all(issued.sealed_at == NOW and issued.digest.revision == 1 for issued in first)
    put(room.store, [document(NON_CAO, "Tin thu được sau", doc_id="sau")])
    assert [issue(room, period).digest for period in periods] == [issued.digest for issued in first]
    revised = issue(room, periods[2], revise=True).digest
    assert (revised.revision, revised.counts.total) == (2, first[2].digest.counts.total + 1)
    assert issue(room).digest.revision == 1
    assert [issued.digest.kind for issued in first] == ["daily", "foreign-weekly", "range", "range"]


def test_what_is_read_after_the_sealing_is_told_once_by_a_revision_or_the_next_edition(room: Newsroom) -> None:
    hour, tomorrow = timedelta(hours=1), Period.daily(DAY + ONE_DAY)
    put(room.store, specimen_documents())
    first = issue(room).digest
    room.store.put_documents([document(NON_CAO, "Tin đọc muộn", doc_id="muộn-1")], targets=(), at=NOW + hour)
    assert issue(room).digest == first
    revised = issue_edition(room, TODAY, now=NOW + 2 * hour, revise=True).digest
    assert revised.counts.total == first.counts.total + 1
    later = document(NON_CAO, "Tin đọc muộn hơn", doc_id="muộn-2")
    of_tomorrow = document(NON_CAO, "Tin hôm sau", doc_id="hôm-sau", hours_before_close=-5)
    room.store.put_documents([later, of_tomorrow], targets=(), at=NOW + 6 * hour)
    following = issue_edition(room, tomorrow, now=NOW + ONE_DAY).digest
    told_of = {item.id: item.late for section in following.sections for item in section.items}
    assert told_of == {"muộn-2": True, "hôm-sau": False}
    again = issue_edition(room, TODAY, now=NOW + 2 * ONE_DAY, revise=True).digest
    assert again.counts.total == revised.counts.total, "what the next edition told is not told twice"


def test_a_story_that_a_person_merged_is_marked(room: Newsroom) -> None:
    put(room.store, [*specimen_documents(), *bridge()])
    put(room.store, [told(NON_CAO, f"Tin rời {n}", story=f"rời{n}", doc_id=f"tin{n}") for n in (1, 2)])
    StoryDesk(store=room.store, targets=(), now=lambda: NOW).merge("rời1", "rời2", by="Lan")
    items = [item for section in preview_in_full(room, TODAY, now=NOW).sections for item in section.items]
    assert {item.story for item in items if "regrouped" in item.marks} == {"rời1"}


def test_a_range_whose_last_window_is_open_is_a_preview(room: Newsroom) -> None:
    put(room.store, specimen_documents())
    issued = issue(room, Period.of_days(DAY - ONE_DAY, DAY + ONE_DAY))
    assert (issued.sealed_at, issued.open_because, issued.digest.revision) == (None, "window_open", 0)


@pytest.mark.parametrize(
    ("period", "code"),
    [
        (Period.daily(DAY + 2 * ONE_DAY), "cli.future_day"),
        (Period.of_days(DAY - LONGEST_DAYS * ONE_DAY, DAY), "cli.too_many_days"),
        (Period.foreign_week(DAY.replace(year=1999)), "cli.ancient_day"),
    ],
)
def test_days_that_no_edition_can_be_about(room: Newsroom, period: Period, code: str) -> None:
    with pytest.raises(UsageError) as caught:
        issue(room, period)
    assert caught.value.code == code


def test_a_story_is_known_from_the_days_before(room: Newsroom) -> None:
    put(room.store, [told(NON_CAO, "Hôm qua", doc_id="1", hours_before_close=30), *bridge()])
    digest = issue(room).digest
    (item,) = (item for section in digest.sections for item in section.items)
    assert item.since == DAY - ONE_DAY
    assert item.first_seen_at == WINDOW_END - timedelta(hours=30)


def test_days_before_count_as_they_were_sealed(room: Newsroom) -> None:
    yesterday = [document(NON_CAO, f"Tin {n}", doc_id=f"y{n}", hours_before_close=30 + n / 10) for n in range(3)]
    put(room.store, [*yesterday, *specimen_documents()])
    assert issue_edition(room, Period.daily(DAY - ONE_DAY), now=NOW).digest.counts.total == 4  # with the specimen's one
    put(room.store, [document(NON_CAO, "Nhập sau", doc_id="y9", hours_before_close=31)])
    assert issue(room).digest.counts.previous_day == 4


def test_the_period_before_is_compared_when_all_of_it_was_collected(room: Newsroom) -> None:
    put(room.store, [document(NON_CAO, f"Ngày {n}", doc_id=f"d{n}", hours_before_close=24 * n + 3) for n in range(4)])
    assert issue(room, Period.of_days(DAY - ONE_DAY, DAY)).digest.counts.previous_period == 2
    assert issue(room, Period.of_days(DAY - 2 * ONE_DAY, DAY)).digest.counts.previous_period is None


def test_alerts_are_sealed_gravest_first(room: Newsroom) -> None:
    put(room.store, specimen_documents())
    issued = issue_edition(room, TODAY, now=NOW, alerts=tuple(reversed(ALERTS)))
    assert issued.digest.alerts == ALERTS
    assert issue(room).digest.alerts == ALERTS


# ---- the draft ------------------------------------------------------------------------------------------------------


def test_a_draft_is_followed_and_sealed(room: Newsroom, tmp_path: Path) -> None:
    put(room.store, [*specimen_documents(), *bridge()])
    written = draft(room, tmp_path)
    assert (written.path, written.new_items) == (tmp_path / "drafts/cao-bang.2026-03-05.yaml", None)
    text = written.path.read_text(encoding="utf-8")
    text = text.replace("outlook: |\n", "outlook: |\n  Báo chí sẽ hỏi tiếp.\n")
    text = text.replace('    title: ""\n', '    title: "Tựa tiếng Việt"\n', 1)
    save(written.path, text.replace("    # drop: true\n", "    drop: true\n", 1))
    plain, digest = issue_edition(room, Period.of_days(DAY, DAY), now=NOW).digest, issue(room, home=tmp_path).digest
    assert digest.editor
    assert (digest.editor.by, digest.editor.edited_at, digest.editor.outlook) == ("Lan", NOW, ("Báo chí sẽ hỏi tiếp.",))
    assert len(digest.editor.left_out) == 1
    assert "Tựa tiếng Việt" in [item.title for section in digest.sections for item in section.items]
    assert digest.counts == replace(plain.counts, previous_day=digest.counts.previous_day, previous_period=None)
    written.path.unlink()
    assert issue(room, home=tmp_path).digest == digest


def test_an_untouched_draft_changes_nothing(room: Newsroom, tmp_path: Path) -> None:
    put(room.store, [*specimen_documents(), *bridge()])
    draft(room, tmp_path)
    assert issue(room, home=tmp_path).digest == replace(issue(room).digest, editor=None)


def test_a_draft_again_keeps_what_was_written_and_takes_in_what_came(room: Newsroom, tmp_path: Path) -> None:
    put(room.store, specimen_documents())
    path = draft(room, tmp_path).path
    text = path.read_text(encoding="utf-8").replace("outlook: |\n", "outlook: |\n  Mưa: còn lớn.\n")
    first, *rest = text.split("    # drop: true\n")
    edited = first + '    drop: true\n    why: "trùng"\n' + "    # drop: true\n".join(rest)
    save(path, edited.replace('# title: "Dự án chợ', 'title: "Sửa: dự án chợ', 1))
    before = read_draft(tmp_path, "cao-bang", TODAY)
    assert draft(room, tmp_path).new_items == 0
    put(room.store, [document(GUANGXI, "新消息", doc_id="moi", hours_before_close=1)])
    assert draft(room, tmp_path).new_items == 1
    after = read_draft(tmp_path, "cao-bang", TODAY)
    assert before
    assert after
    assert (after.outlook, after.by, after.edited_at) == (("Mưa: còn lớn.",), before.by, before.edited_at)
    changes = {entry.id: entry.texts for entries in before.sections.values() for entry in entries if entry.changes}
    assert len(changes) == 2
    kept = {entry.id: entry.texts for entries in after.sections.values() for entry in entries if entry.changes}
    assert kept == changes
    assert "moi" in [entry.id for entry in after.sections["foreign"]]
    assert "Mưa: còn lớn." in path.with_name(path.name + ".bak").read_text(encoding="utf-8")


def test_changes_after_sealing_wait_for_the_next_revision(room: Newsroom, tmp_path: Path) -> None:
    put(room.store, specimen_documents())
    path = draft(room, tmp_path).path
    assert not issue(room, home=tmp_path).edits_wait
    save(path, path.read_text(encoding="utf-8").replace("outlook: |\n", "outlook: |\n  Thêm.\n"), NOW + ONE_DAY)
    waiting = issue(room, home=tmp_path)
    assert (waiting.edits_wait, waiting.digest.editor) == (True, None)
    revised = issue(room, home=tmp_path, revise=True)
    assert revised.digest.editor
    assert (revised.digest.revision, revised.digest.editor.outlook) == (2, ("Thêm.",))
    assert not issue(room, home=tmp_path).edits_wait


def test_a_mistake_in_a_draft_keeps_the_edition_from_being_sealed(room: Newsroom, tmp_path: Path) -> None:
    put(room.store, specimen_documents())
    path = draft(room, tmp_path).path
    save(path, path.read_text(encoding="utf-8").replace("outlook: |", "outlok: |"))
    with pytest.raises(DraftError, match=r"cao-bang.2026-03-05.yaml, line \d+: there is no key “outlok”"):
        issue(room, home=tmp_path)
    assert room.store.sealed_digest("cao-bang", DAY) is None
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(DraftError, match="not valid YAML"):
        issue(room, home=tmp_path)


def test_a_grave_story_that_came_after_the_draft_stands_where_it_belongs(room: Newsroom, tmp_path: Path) -> None:
    """The draft lists five prominent items; a sixth, which ranks before them, comes when it is written."""
    sensitive = [
        document(NON_CAO, f"Ô nhiễm {n}", doc_id=f"o{n}", topic="environment.pollution", hours_before_close=n + 2)
        for n in range(5)
    ]
    put(room.store, sensitive)
    path = draft(room, tmp_path).path
    put(room.store, [document(NON_CAO, "Mới", doc_id="moi", topic="environment.pollution", hours_before_close=1)])
    untouched = issue(room, home=tmp_path).digest
    save(path, path.read_text(encoding="utf-8").replace("outlook: |\n", "outlook: |\n  Thêm.\n"))
    written = issue(room, home=tmp_path, revise=True).digest
    for digest in (untouched, written):
        prominent = next(section for section in digest.sections if section.id == "prominent")
        assert [item.id for item in prominent.items] == ["moi", "o0", "o1", "o2", "o3"]
    assert untouched.editor is None
    assert written.editor
    assert written.editor.arranged == ()


def test_a_draft_lists_what_is_folded_so_that_it_can_be_moved_up(room: Newsroom, tmp_path: Path) -> None:
    put(room.store, [document(NON_CAO, f"Tin {n}", doc_id=f"n{n:02d}", hours_before_close=n + 1) for n in range(18)])
    path = draft(room, tmp_path).path
    text = path.read_text(encoding="utf-8")
    folded = next(line for line in text.splitlines() if "# - id: n17 " in line)
    lines = [line for line in text.splitlines() if line != folded]
    place = next(number for number, line in enumerate(lines) if line.startswith("  - id: n00"))
    save(path, "\n".join([*lines[:place], folded.replace("# -", "-", 1), *lines[place:]]) + "\n")
    neutral = next(section for section in issue(room, home=tmp_path).digest.sections if section.id == "neutral")
    assert [item.id for item in neutral.items][:2] == ["n17", "n00"]
    assert (len(neutral.items), neutral.folded) == (15, 3)


# ---- events ---------------------------------------------------------------------------------------------------------


def test_events_of_the_days_and_the_next_three() -> None:
    calendar = load_calendar()
    national_day = datetime(2026, 9, 2, tzinfo=UTC).date()
    event = DigestEvent(day=national_day, title="Quốc khánh (1945)")
    for back in range(4):
        assert event in events_around(calendar, Period.daily(national_day - back * ONE_DAY), frozenset(), "vi")
    assert event not in events_around(calendar, Period.daily(national_day + ONE_DAY), frozenset(), "vi")
    assert event not in events_around(calendar, Period.daily(national_day - 4 * ONE_DAY), frozenset(), "vi")
    week = events_around(calendar, Period.of_days(national_day - 6 * ONE_DAY, national_day), frozenset(), "en")
    assert [one.title for one in week].count("National Day (1945)") == 1


def test_an_event_of_a_province_and_one_that_lasts_a_year() -> None:
    calendar = load_calendar()
    day = datetime(2025, 10, 3, tzinfo=UTC).date()
    titles = {
        unit: [one.title for one in events_around(calendar, Period.daily(day), frozenset({unit}), "vi")]
        for unit in ("cao-bang", "hue")
    }
    assert titles == {"cao-bang": ["Ngày giải phóng Cao Bằng (1950)", "Tết Trung thu"], "hue": ["Tết Trung thu"]}


def test_tet_is_told_on_each_of_its_days() -> None:
    calendar, first = load_calendar(), datetime(2026, 2, 17, tzinfo=UTC).date()
    for shift in (-3, 0, 5):
        day = Period.daily(first + shift * ONE_DAY)
        assert [one.title for one in events_around(calendar, day, frozenset(), "vi")] == ["Tết Nguyên đán"]
