"""The batch command `stories`, and the analyst's merges and splits."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.pipeline.cli.conftest import Diembao

BRIDGE = {
    "id": "cau-1",
    "title": "Sập cầu treo Nà Thử ở Cao Bằng, hai người bị thương",
    "summary": "Sáng 1/3, cầu treo Nà Thử bắc qua sông Mẫu ở Cao Bằng đổ sập khi hai người đi qua.",
    "outlet": "Báo Núi Rừng",
    "url": "https://nuirung.example/cau-1.html",
    "published_at": "2026-03-01T09:15:00+07:00",
}
REPRINT = BRIDGE | {
    "id": "cau-2",
    "outlet": "Báo Biển Xanh",
    "url": "https://bienxanh.example/cau-2.html",
    "published_at": "2026-03-01T08:40:00+07:00",
}
FESTIVAL = {
    "id": "hoi",
    "title": "Cao Bằng khai hội Thác Mẫu, đón hàng nghìn du khách",
    "summary": "Tối 1/3, lễ hội Thác Mẫu khai mạc tại huyện Trùng Thử với màn trình diễn hát then.",
    "outlet": "Báo Núi Rừng",
    "url": "https://nuirung.example/hoi.html",
    "published_at": "2026-03-01T21:00:00+07:00",
}


def write(path: Path, *lines: object) -> Path:
    texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_batch_command_keeps_the_order_and_needs_no_home(diembao: Diembao, tmp_path: Path) -> None:
    given, out = write(tmp_path / "in.jsonl", BRIDGE, FESTIVAL, REPRINT), tmp_path / "out.jsonl"
    assert diembao("stories", str(given), "--output", str(out)).code == 0
    assert read(out) == [
        {"id": "cau-1", "story_id": "cau-2", "copy_of": "cau-2"},
        {"id": "hoi", "story_id": "hoi", "copy_of": None},
        {"id": "cau-2", "story_id": "cau-2", "copy_of": None},
    ]


def test_items_may_be_named_by_their_address(diembao: Diembao, tmp_path: Path) -> None:
    unnamed = {key: value for key, value in REPRINT.items() if key != "id"}
    given, out = write(tmp_path / "in.jsonl", BRIDGE, unnamed), tmp_path / "out.jsonl"
    assert diembao("stories", str(given), "--output", str(out)).code == 0
    assert [(row["id"], row["copy_of"]) for row in read(out)] == [("cau-1", REPRINT["url"]), (REPRINT["url"], None)]


def test_options_may_come_first_and_bad_lines_are_named(diembao: Diembao, tmp_path: Path) -> None:
    undated = {key: value for key, value in BRIDGE.items() if key != "published_at"}
    given = write(tmp_path / "in.jsonl", BRIDGE, "{", undated | {"id": 7}, {"id": "x"}, "")
    out = tmp_path / "out.jsonl"
    ran = diembao("stories", "--output", str(out), str(given))
    assert ran.code == 3
    assert [row["id"] for row in read(out)] == ["cau-1", "7"]
    assert "2" in ran.err
    assert "4" in ran.err


def test_no_file_is_wrong_use(diembao: Diembao, tmp_path: Path) -> None:
    ran = diembao("stories", str(tmp_path / "none.jsonl"), "--output", "-")
    assert (ran.code, "none.jsonl" in ran.err) == (2, True)


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_help_names_the_batch_form(diembao: Diembao, lang: str) -> None:
    assert "IN.jsonl --output OUT.jsonl" in " ".join(diembao("stories", "--help", lang=lang).out.split())


def test_stories_are_listed_merged_split_and_undone(diembao: Diembao, tmp_path: Path) -> None:
    assert diembao("init", "--province", "cao-bang").code == 0
    items = write(tmp_path / "items.jsonl", BRIDGE, FESTIVAL, REPRINT)
    assert diembao("import", str(items)).code == 0
    days = ("--since", "2026-03-01", "--until", "2026-03-01")

    def listed() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(diembao("stories", "list", *days, "--json").out)
        return found

    bridge, festival = listed()
    assert (bridge["articles"], bridge["outlets"]["domestic"], bridge["first"]["outlet"]) == (2, 2, "Báo Biển Xanh")
    assert bridge["reports"][1]["copy_of"] == bridge["reports"][0]["document"]
    assert bridge["first"]["at"] == "2026-03-01T08:40:00+07:00"
    assert FESTIVAL["title"] in diembao("stories", "list", *days).out

    short = (bridge["id"][:6], festival["id"][:6])
    assert diembao("stories", "merge", *short, "--by", "Lan", "--note", "một chuyến đi").code == 0
    (merged,) = listed()
    assert (merged["articles"], merged["edited"]) == (3, True)
    assert diembao("stories", "split", bridge["id"], FESTIVAL["url"], "--by", "Lan").code == 0
    assert len(listed()) == 2
    out = tmp_path / "pairs.jsonl"
    assert diembao("stories", "export", "--output", str(out)).code == 0
    assert [(row["same_story"], row["by"]) for row in read(out)] == [(False, "Lan")] * 2
    assert diembao("stories", "undo", "2", "--by", "Minh").code == 0
    assert diembao("stories", "undo", "1", "--by", "Minh").code == 0
    assert [story["id"] for story in listed()] == [bridge["id"], festival["id"]]
    first, second = json.loads(diembao("stories", "edits", "--json").out)
    assert (first["kind"], first["by"], first["note"], first["undone_by"]) == ("merge", "Lan", "một chuyến đi", "Minh")
    assert second["kind"] == "split"
    assert "Lan" in diembao("stories", "edits").out
    assert diembao("stories", "merge", bridge["id"], "none", "--by", "Lan").code == 2
    assert diembao("stories", "merge", bridge["id"], festival["id"]).code == 2, "who decides must be said"
