"""The commands, one after another, as the README promises them."""

import gzip
import json
import lzma
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args
from uuid import uuid4

import pytest
import yaml
from filelock import FileLock

from classifiers import model_files
from config.localtime import LOCAL_ZONE
from config.messages import LANGS, Lang, message
from crawlers.inbox import InboxWriter
from pipeline.process import ProcessReport
from pipeline.rechecking import RecheckReport
from pipeline.records import Page
from pipeline.service.steps import Outcome
from tests.pipeline.cli.conftest import Diembao
from tests.pipeline.cli.items import ITEMS, write_items
from tests.pipeline.store.postgres import new_schema


def test_init_writes_settings_once(diembao: Diembao, home: Path) -> None:
    assert diembao("init", "--province", "Cao Bằng", "--contact", "press@caobang.example").code == 0
    settings = yaml.safe_load((home / "diembao.yaml").read_text(encoding="utf-8"))
    assert (settings["province"], settings["contact"]) == ("cao-bang", "press@caobang.example")
    (home / "diembao.yaml").write_text("province: hue\n", encoding="utf-8")
    again = diembao("init", "--province", "cao-bang")
    assert again.code == 2
    assert "diembao.yaml exists already" in again.err
    assert (home / "diembao.yaml").read_text(encoding="utf-8") == "province: hue\n"


def test_init_suggests_the_nearest_province(diembao: Diembao, home: Path) -> None:
    ran = diembao("init", "--province", "cao-bag")
    assert ran.code == 2
    assert "cao-bang" in ran.err
    assert not home.exists()


@pytest.mark.parametrize("args", [("status",), ("process",), ("digest",), ("search", "x"), ("doctor",)])
def test_a_home_without_settings_is_one_sentence(diembao: Diembao, args: tuple[str, ...]) -> None:
    ran = diembao(*args)
    assert ran.code == 2
    assert ran.err.count("\n") == 1
    assert "init --province" in ran.err


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, diembao: Diembao, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    """Let the commands keep their store in the one and in the other."""
    if request.param == "postgresql":
        monkeypatch.setenv("DIEMBAO_STORE__URL", new_schema(request.getfixturevalue("postgres")))


@pytest.mark.usefixtures("database")
def test_import_digest_search(diembao: Diembao, tmp_path: Path) -> None:
    diembao("init", "--province", "cao-bang")
    items = write_items(tmp_path / "items.jsonl")
    first = diembao("import", str(items))
    assert first.code == 0
    assert "new 5 · changed 0 · known 0" in first.out

    again = diembao("import", str(items))
    assert "new 0 · changed 0 · known 5" in again.out

    digest = diembao("digest", "--date", "2026-03-05", "--output", str(tmp_path / "out"))
    assert digest.code == 0
    facts = json.loads((tmp_path / "out/digest.json").read_text(encoding="utf-8"))
    assert facts["counts"]["total"] == 3
    shown = {item["url"] for section in facts["sections"] for item in section["items"]}
    assert shown == {
        "https://nuirung.example/duong-cham-1.html",
        "https://bienxanh.example/thac-ban-gioc.html",
        "https://nuirung.example/hop-dinh-ky.html",
    }
    sealed = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert sealed.keys() == {"digest.html", "digest.txt", "digest.eml", "digest.json"}
    diembao("digest", "--date", "2026-03-05", "--output", str(tmp_path / "again"))
    assert {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()} == sealed

    found = json.loads(diembao("search", "thac ban gioc", "--json").out)
    assert [hit["url"] for hit in found["hits"]] == ["https://bienxanh.example/thac-ban-gioc.html"]
    assert json.loads(diembao("search", "pháo hoa", "--json").out)["total"] == 0, "only assessed items are indexed"


def test_revise_makes_the_next_revision_and_keeps_the_first(diembao: Diembao, tmp_path: Path) -> None:
    diembao("init", "--province", "cao-bang")
    diembao("import", str(write_items(tmp_path / "items.jsonl")))
    diembao("digest", "--date", "2026-03-05", "--output", str(tmp_path / "first"))
    revised = diembao("digest", "--date", "2026-03-05", "--output", str(tmp_path / "second"), "--revise")
    assert "Revision 2" in revised.out
    one, two = (
        json.loads((tmp_path / name / "digest.json").read_text(encoding="utf-8")) for name in ("first", "second")
    )
    assert (one["revision"], two["revision"]) == (1, 2)


def test_import_sets_bad_lines_aside_and_takes_the_rest(diembao: Diembao, tmp_path: Path) -> None:
    diembao("init", "--province", "cao-bang")
    bad = ["{not json", '{"id": "x", "title": "Không có địa chỉ", "published_at": "2026-03-04"}', '["a list"]']
    ran = diembao("import", str(write_items(tmp_path / "items.jsonl", *bad)))
    assert ran.code == 3
    assert "new 5" in ran.out
    assert all(f"Line {number}:" in ran.err for number in (6, 7, 8))
    assert json.loads(diembao("status", "--json").out)["quarantined"] == 3


def test_import_takes_only_the_days_asked_for(diembao: Diembao, tmp_path: Path) -> None:
    diembao("init", "--province", "cao-bang")
    packed = tmp_path / "items.jsonl.xz"
    packed.write_bytes(lzma.compress(write_items(tmp_path / "items.jsonl").read_bytes()))
    ran = diembao("import", str(packed), "--since", "2026-03-05", "--until", "2026-03-05")
    assert "new 1" in ran.out
    assert "Outside the days asked for: 4" in ran.out


def test_import_goes_by_what_a_file_holds_not_by_its_name(diembao: Diembao, tmp_path: Path) -> None:
    diembao("init", "--province", "cao-bang")
    plain = write_items(tmp_path / "items.jsonl").read_bytes()
    for name, packed in (("tin.jsonl.gz", gzip.compress(plain)), ("tin.jsonl", lzma.compress(plain))):
        (tmp_path / name).write_bytes(packed)
        ran = diembao("import", str(tmp_path / name))
        assert (ran.code, "Looked at 5" in ran.out) == (0, True), ran.out + ran.err
    damaged = gzip.compress(plain * 400)
    for name, data in (
        ("cut.gz", damaged[:-40]),
        ("bad.gz", damaged[:500] + bytes(500) + damaged[1000:]),
        ("no.gz", b"{}"),
    ):
        (tmp_path / name).write_bytes(data)
        ran = diembao("import", str(tmp_path / name))
        assert (ran.code, name in ran.err) == (1, True), ran.err
    assert json.loads(diembao("status", "--json").out)["quarantined"] == 0


def test_import_of_a_file_cut_short_keeps_what_came_before(diembao: Diembao, tmp_path: Path) -> None:
    diembao("init", "--province", "cao-bang")
    packed = lzma.compress(write_items(tmp_path / "items.jsonl").read_bytes() * 400)
    (tmp_path / "cut.jsonl.xz").write_bytes(packed[:-40])
    ran = diembao("import", str(tmp_path / "cut.jsonl.xz"))
    assert ran.code == 1
    assert "cut.jsonl.xz" in ran.err


def test_watching_another_province_judges_stored_items_anew(diembao: Diembao, home: Path, tmp_path: Path) -> None:
    diembao("init", "--province", "cao-bang")
    diembao("import", str(write_items(tmp_path / "items.jsonl")))
    assert json.loads(diembao("search", "pháo hoa", "--json").out)["total"] == 0
    path = home / "diembao.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("watch: []", "watch: [da-nang]"), encoding="utf-8")
    diembao("process")
    assert json.loads(diembao("search", "pháo hoa", "--json").out)["total"] == 1


def test_reindex_rebuilds_a_lost_index(diembao: Diembao, home: Path, tmp_path: Path) -> None:
    diembao("init", "--province", "cao-bang")
    diembao("import", str(write_items(tmp_path / "items.jsonl")))
    before = json.loads(diembao("search", "cao bang", "--json").out)["total"]
    for path in home.glob("index.sqlite*"):
        path.unlink()
    assert "holds 3 articles" in diembao("reindex").out
    assert json.loads(diembao("search", "cao bang", "--json").out)["total"] == before == 3


@pytest.mark.parametrize(
    ("args", "named"),
    [
        (("digest", "--format", "docx"), "docx"),
        (("digest", "--date", "2099-01-01"), "2099-01-01"),
        (("search", '"không đóng'), "character 1"),
        (("search", "x", "--tone", "angry"), "angry"),
        (("search", "x", "--unit", "atlantis"), "atlantis"),
        (("search", "x", "--topic", "tourizm"), "tourism_sport"),
        (("sources", "check", "no-such-source"), "no-such-source"),
        (("import", "missing.jsonl"), "missing.jsonl"),
        (("annotate", "missing.jsonl", "--output", "-"), "missing.jsonl"),
        (("restore", "missing.tar"), "missing.tar"),
        (("search", "x", "--since", "2026-03-07", "--until", "2026-03-01"), "2026-03-07"),
        (("digest", "--date", "1999-12-31"), "1999-12-31"),
        (("sources", "add", "bao-thu", "--name", "Báo Thử"), "bao-thu"),
        (("nonsense",), "nonsense"),
    ],
)
def test_wrong_use_is_named_without_a_traceback(diembao: Diembao, args: tuple[str, ...], named: str) -> None:
    diembao("init", "--province", "cao-bang")
    ran = diembao(*args)
    assert ran.code in (1, 2)
    assert named in ran.err
    assert "Traceback" not in ran.err


def test_two_commands_do_not_work_on_one_home_at_once(diembao: Diembao, home: Path) -> None:
    diembao("init", "--province", "cao-bang")
    with FileLock(home / "diembao.lock"):
        ran = diembao("process")
    assert ran.code == 2
    assert "Another diembao command" in ran.err


def test_status_and_doctor_of_a_new_installation(diembao: Diembao) -> None:
    diembao("init", "--province", "cao-bang", "--contact", "press@caobang.example")
    assert "Nothing has run yet" in diembao("status").out
    doctor = diembao("doctor")
    assert doctor.code == 0, doctor.out
    assert "✗" not in doctor.out
    undone = [line for line in diembao("doctor", lang="vi").out.splitlines() if line.startswith("○")]
    assert ["chưa hỏi nguồn nào" in line for line in undone] == [True, False]
    assert "Chưa khai máy chủ thư và người nhận" in undone[1]


def test_doctor_finds_a_damaged_store(diembao: Diembao, home: Path) -> None:
    diembao("init", "--province", "cao-bang", "--contact", "press@caobang.example")
    (home / "store.sqlite").write_bytes(b"this is no database, whatever its name says" * 100)
    doctor = diembao("doctor")
    assert doctor.code == 1
    assert "store.sqlite" in doctor.out


def test_damaged_models_are_told_of_before_anything_is_fetched(
    diembao: Diembao, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    diembao("init", "--province", "cao-bang", "--contact", "press@caobang.example")
    shutil.copytree(model_files.MODELS, tmp_path / "models")
    (tmp_path / "models" / "tone.npz").write_bytes(b"half")
    monkeypatch.setattr(model_files.check_files, "__defaults__", (tmp_path / "models",))
    assert "tone.npz" in diembao("doctor").out
    for command in ("run", "serve"):
        ran = diembao(command)
        assert (ran.code, "tone.npz" in ran.err) == (1, True)
    assert "Nothing has run yet" in diembao("status").out


def test_annotate_needs_no_home_and_keeps_the_order(diembao: Diembao, tmp_path: Path) -> None:
    items = write_items(tmp_path / "items.jsonl", "{broken")
    ran = diembao("annotate", str(items), "--output", str(tmp_path / "out.jsonl"), "--units", "cao-bang,da-nang")
    assert ran.code == 3
    assert "Line 6" in ran.err
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in rows] == [item["id"] for item in ITEMS]
    assert [[unit["unit"] for unit in row["units"]] for row in rows] == [
        ["cao-bang"],
        ["cao-bang"],
        ["cao-bang"],
        [],
        ["da-nang"],
    ]


def test_sources_can_be_listed_and_added(diembao: Diembao) -> None:
    diembao("init", "--province", "cao-bang")
    listed = json.loads(diembao("sources", "list", "--json").out)
    assert len(listed) >= 100
    added = diembao("sources", "add", "bao-thu", "--name", "Báo Thử", "--feed", "https://thu.example/rss")
    assert added.code == 0, added.err
    assert any(source["id"] == "bao-thu" for source in json.loads(diembao("sources", "list", "--json").out))
    assert diembao("sources", "add", "bao-thu", "--name", "Báo Thử", "--feed", "https://thu.example/rss").code != 0


def test_backup_and_restore(diembao: Diembao, home: Path, tmp_path: Path) -> None:
    diembao("init", "--province", "cao-bang")
    diembao("import", str(write_items(tmp_path / "items.jsonl")))
    diembao("digest", "--date", "2026-03-05", "--output", str(tmp_path / "before"))
    assert diembao("backup", "--output", str(tmp_path / "kept")).code == 0
    (archive,) = (tmp_path / "kept").iterdir()
    home.rename(tmp_path / "lost")
    restored = diembao("restore", str(archive))
    assert restored.code == 0, restored.err
    assert json.loads(diembao("search", "cao bang", "--json").out)["total"] == 3
    diembao("digest", "--date", "2026-03-05", "--output", str(tmp_path / "after"))
    assert (tmp_path / "before/digest.eml").read_bytes() == (tmp_path / "after/digest.eml").read_bytes()


def test_restore_of_what_is_no_backup_names_the_file(diembao: Diembao, home: Path, tmp_path: Path) -> None:
    (tmp_path / "holiday.tar").write_bytes(b"photographs")
    ran = diembao("restore", str(tmp_path / "holiday.tar"))
    assert ran.code == 1
    assert "holiday.tar" in ran.err
    assert not home.exists()
    diembao("init", "--province", "cao-bang")
    diembao("import", str(write_items(tmp_path / "items.jsonl")))
    diembao("backup", "--output", str(tmp_path / "kept"))
    (archive,) = (tmp_path / "kept").iterdir()
    ran = diembao("restore", str(archive))
    assert ran.code == 2
    assert "not empty" in ran.err


def warc_record(kind: str, url: str, block: bytes) -> bytes:
    """Return one gzipped record, as another crawler writes it."""
    lines = [
        "WARC/1.0",
        f"WARC-Type: {kind}",
        f"WARC-Record-ID: <urn:uuid:{uuid4()}>",
        "WARC-Date: 2026-03-05T01:00:00Z",
        f"WARC-Target-URI: {url}",
        "Content-Type: application/http; msgtype=response",
        f"Content-Length: {len(block)}",
    ]
    return gzip.compress("\r\n".join([*lines, "", ""]).encode() + block + b"\r\n\r\n")


def test_any_warc_file_can_be_replayed(diembao: Diembao, tmp_path: Path) -> None:
    """No entry beside the response, real HTTP headers, other records in between."""
    text = "tỉnh Cao Bằng đưa vào sử dụng bảy cây số đường mới. " * 3
    paragraphs = "".join(f"<p>Đoạn {number}: {text}</p>" for number in range(4))
    html = f"<html lang='vi'><title>Cao Bằng thông xe</title><body><article>{paragraphs}</article></body></html>"
    address = "https://baothu.example/thong-xe.html"
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    records = [
        warc_record("request", address, b"GET /thong-xe.html HTTP/1.1\r\n\r\n"),
        warc_record("response", address, head + html.encode()),
        warc_record("response", f"{address}?2", b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\nx"),
    ]
    (tmp_path / "news.warc.gz").write_bytes(b"".join(records))
    diembao("init", "--province", "cao-bang")
    ran = diembao("crawl", "--replay", str(tmp_path / "news.warc.gz"))
    assert ran.code == 0
    assert "Looked at 2: new 1" in ran.out
    assert "answered with an error (1)" in ran.out
    assert "known 1" in diembao("crawl", "--replay", str(tmp_path / "news.warc.gz")).out
    assert json.loads(diembao("search", "thông xe", "--json").out)["total"] == 1


@pytest.mark.parametrize(("lang", "words"), [("vi", "Tùy chọn"), ("en", "Options")])
def test_help_speaks_the_language(lang: str, words: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pipeline.cli", "--lang", lang, "digest", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert words in done.stdout


def test_watching_another_province_reads_the_inbox_again(diembao: Diembao, home: Path) -> None:
    """A page about a province not watched is kept thin; its text comes from the inbox once the province is watched."""
    diembao("init", "--province", "cao-bang")
    address = "https://baothu.example/phao-hoa.html"
    text = "Đà Nẵng khai mạc lễ hội pháo hoa bên sông Hàn, sáu đội thi tranh tài suốt năm đêm của mùa hè này. " * 3
    paragraphs = "".join(f"<p>Đêm thứ {night}: {text}</p>" for night in range(1, 5))
    page = f"<html><title>Đà Nẵng khai mạc pháo hoa</title><body><article>{paragraphs}</article></body></html>"
    now = datetime(2026, 3, 5, tzinfo=UTC)
    with InboxWriter(home / "inbox", now) as inbox:
        inbox.write(
            Page(
                url=address,
                requested_url=address,
                status=200,
                content_type="text/html; charset=utf-8",
                body=page.encode(),
                fetched_at=now,
            )
        )
    assert "new 1" in diembao("process").out
    assert json.loads(diembao("search", "sông Hàn", "--json").out)["total"] == 0
    path = home / "diembao.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("watch: []", "watch: [da-nang]"), encoding="utf-8")
    diembao("process")
    (hit,) = json.loads(diembao("search", "sông Hàn", "--json").out)["hits"]
    assert hit["url"] == address
    assert "Looked at 0" in diembao("process").out


def test_a_day_of_which_nothing_was_collected_is_not_sealed(diembao: Diembao, tmp_path: Path) -> None:
    diembao("init", "--province", "cao-bang")
    ran = diembao("digest", "--date", "2026-03-05", "--output", str(tmp_path / "early"))
    assert ran.code == 0
    assert "nothing was collected" in ran.out
    diembao("import", str(write_items(tmp_path / "items.jsonl")))
    later = diembao("digest", "--date", "2026-03-05", "--output", str(tmp_path / "later"))
    assert "Revision 1" in later.out
    assert json.loads((tmp_path / "later/digest.json").read_text(encoding="utf-8"))["counts"]["total"] == 3


def test_an_open_window_gives_a_preview_that_goes_on_growing(diembao: Diembao) -> None:
    diembao("init", "--province", "cao-bang")
    tomorrow = (datetime.now(LOCAL_ZONE) + timedelta(hours=17)).date()  # the edition whose window is open now
    assert "not closed yet" in diembao("digest", "--date", tomorrow.isoformat()).out
    assert json.loads(diembao("status", "--json").out)["sealed_digests"] == 0


def test_a_contact_with_quotes_is_written_as_it_was_meant(diembao: Diembao, home: Path) -> None:
    diembao("init", "--province", "hue", "--contact", 'Phòng "Báo chí": bao@hue.example')
    settings = yaml.safe_load((home / "diembao.yaml").read_text(encoding="utf-8"))
    assert settings["contact"] == 'Phòng "Báo chí": bao@hue.example'


def test_an_output_may_be_a_link_or_a_pipe(diembao: Diembao, tmp_path: Path) -> None:
    items, real, link = write_items(tmp_path / "items.jsonl"), tmp_path / "real.jsonl", tmp_path / "link.jsonl"
    real.write_text("old", encoding="utf-8")
    link.symlink_to(real)
    assert diembao("annotate", str(items), "--output", str(link)).code == 0
    assert link.is_symlink()
    written = real.read_text(encoding="utf-8")
    assert len(written.splitlines()) == len(ITEMS)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit(pipe.read_text, encoding="utf-8")
        assert diembao("annotate", str(items), "--output", str(pipe)).code == 0
        assert read.result(timeout=30) == written
    assert not pipe.is_file()


def test_annotate_may_write_over_its_own_input(diembao: Diembao, tmp_path: Path) -> None:
    items = write_items(tmp_path / "items.jsonl")
    assert diembao("annotate", str(items), "--output", str(items)).code == 0
    rows = [json.loads(line) for line in items.read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in rows] == [item["id"] for item in ITEMS]
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["items.jsonl"]


def test_a_word_to_leave_out_may_come_first(diembao: Diembao, tmp_path: Path) -> None:
    diembao("init", "--province", "cao-bang")
    diembao("import", str(write_items(tmp_path / "items.jsonl")))
    assert json.loads(diembao("search", "-thác", "--json").out)["total"] == 2


def test_search_tells_of_outlets_that_nobody_knows_and_units_that_nobody_watches(
    diembao: Diembao, tmp_path: Path
) -> None:
    diembao("init", "--province", "cao-bang")
    diembao("import", str(write_items(tmp_path / "items.jsonl")))
    assert "Found 2 articles" in diembao("search", "", "--outlet", "Báo Núi Rừng").out, "not in the catalogue, but read"
    assert diembao("search", "", "--outlet", "VnExpress").code == 0
    wrong = diembao("search", "", "--outlet", "vnexpres")
    assert (wrong.code, "the nearest: vnexpress" in wrong.err) == (2, True)
    assert "sources list" in diembao("search", "", "--outlet", "qqqqqq").err
    unwatched = diembao("search", "", "--unit", "da-nang")
    assert (unwatched.code, "Đà Nẵng is not watched" in unwatched.err) == (0, True)
    assert "Found 0 articles" in unwatched.out
    assert diembao("search", "", "--unit", "cao-bang", "--json").err == ""


def test_a_search_without_outlets_does_not_need_the_catalogue(diembao: Diembao, home: Path, tmp_path: Path) -> None:
    diembao("init", "--province", "cao-bang")
    diembao("import", str(write_items(tmp_path / "items.jsonl")))
    (home / "sources.yaml").write_text("sources: [", encoding="utf-8")
    assert diembao("search", "").code == 0
    assert diembao("search", "", "--outlet", "vnexpress").code == 2


def test_revisions_are_kept_apart_and_said_of_the_day_before(diembao: Diembao, home: Path, tmp_path: Path) -> None:
    """What an edition said of the day before is what that day's last issued edition said."""
    diembao("init", "--province", "cao-bang")
    diembao("import", str(write_items(tmp_path / "items.jsonl")))
    diembao("digest", "--date", "2026-03-05")
    late = ITEMS[0] | {
        "url": "https://nuirung.example/tin-nhap-sau.html",
        "title": "Bệnh viện đa khoa Cao Bằng mổ thành công ca ghép thận đầu tiên",
        "summary": "Ê-kíp bác sĩ ở Cao Bằng ghép thận cho một bệnh nhân 34 tuổi sau bảy giờ phẫu thuật.",
    }
    (tmp_path / "late.jsonl").write_text(json.dumps(late), encoding="utf-8")
    diembao("import", str(tmp_path / "late.jsonl"))
    following = ITEMS[0] | {"url": "https://nuirung.example/hom-sau.html", "published_at": "2026-03-05T10:00:00+07:00"}
    (tmp_path / "next.jsonl").write_text(json.dumps(following), encoding="utf-8")
    diembao("import", str(tmp_path / "next.jsonl"))

    def counts(folder: str) -> dict[str, int]:
        facts = json.loads((home / "digests" / folder / "digest.json").read_text(encoding="utf-8"))
        return dict(facts["counts"])

    diembao("digest", "--date", "2026-03-05", "--revise")
    assert counts("2026-03-05-2")["total"] == 4
    assert counts("2026-03-05")["total"] == 3
    diembao("digest", "--date", "2026-03-06")
    assert counts("2026-03-06")["previous_day"] == 4


def test_a_run_that_fails_is_recorded_as_failed(diembao: Diembao, tmp_path: Path) -> None:
    diembao("init", "--province", "cao-bang")
    (tmp_path / "cut.jsonl.xz").write_bytes(lzma.compress(b"{}\n" * 9000)[:-20])
    assert diembao("import", str(tmp_path / "cut.jsonl.xz")).code == 1
    assert [run["outcome"] for run in json.loads(diembao("status", "--json").out)["runs"]] == ["failed"]


def test_status_says_in_words_how_runs_went(diembao: Diembao, tmp_path: Path) -> None:
    diembao("init", "--province", "cao-bang")
    diembao("import", str(write_items(tmp_path / "items.jsonl", "{not json")))
    told = diembao("status", lang="vi").out
    assert "import: xong một phần · đã xem 5 · mới 5 · sửa đổi 0 · đã có 0 · có nhắc tới tỉnh theo dõi 3" in told
    assert "import: done in part · looked at 5 · new 5" in diembao("status").out


@pytest.mark.parametrize("lang", LANGS)
def test_every_outcome_of_a_run_has_words(lang: Lang) -> None:
    for outcome in (*get_args(Outcome), "unfinished"):
        assert message(f"cli.status_outcome_{outcome}", lang)
    recheck = RecheckReport(
        asked=0, present=0, missing=0, disappeared=0, returned=0, unclear={}, unasked=0, interrupted=False
    )
    for count in (*ProcessReport().counts(), *recheck.counts(), "pages", "failed_sources"):
        assert message(f"cli.status_count_{count}", lang, count=1)


def test_a_crawl_that_reaches_nobody_is_told_by_status_and_doctor(diembao: Diembao, home: Path) -> None:
    """Ports that nobody listens on stand for a network that is down."""
    diembao("init", "--province", "cao-bang", "--contact", "press@caobang.example")
    entries = [
        {
            "id": f"bao-{n}",
            "name": f"Báo {n}",
            "kind": "central",
            "tier": 1,
            "country": "VN",
            "language": "vi",
            "feeds": [f"http://127.0.0.1:{n}/rss"],
        }
        for n in (1, 7, 9)
    ]
    (home / "sources.yaml").write_text(yaml.safe_dump({"replace": True, "sources": entries}), encoding="utf-8")
    command = [sys.executable, "-m", "pipeline.cli", "--home", str(home), "--lang", "en", "run"]
    environment = os.environ | {"DIEMBAO_CRAWL__ALLOW_LOOPBACK": "true"}
    ran = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert ran.returncode == 3
    assert "No source answered" in ran.stderr
    assert "3 sources: bao-1, bao-7, bao-9" in ran.stdout
    assert "nothing was sealed" in ran.stdout
    assert [one["source"] for one in json.loads(diembao("status", "--json").out)["sources"]["failing"]] == [
        "bao-1",
        "bao-7",
        "bao-9",
    ]
    doctor = diembao("doctor")
    assert doctor.code == 1
    assert "no source answered (3 polls)" in doctor.out
