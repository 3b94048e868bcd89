"""Items written for the tests of commands: one province in three tones, one homonym, one of another province."""

import json
from pathlib import Path
from typing import Any

ITEMS = (
    {
        "id": "duong-cham",
        "title": "Cao Bằng: Dự án đường tỉnh chậm tiến độ, người dân bức xúc",
        "summary": "Nhiều hộ dân ở Cao Bằng phản ánh con đường thi công dở dang ba năm, chính quyền chưa trả lời.",
        "outlet": "Báo Núi Rừng",
        "url": "https://nuirung.example/duong-cham-1.html",
        "published_at": "2026-03-04T09:15:00+07:00",
    },
    {
        "id": "khen-thac",
        "title": "Thác Bản Giốc ở Cao Bằng lọt tốp điểm đến đẹp nhất châu Á",
        "summary": "Du lịch Cao Bằng được vinh danh, lượng khách tăng mạnh và tỉnh được khen ngợi về dịch vụ.",
        "outlet": "Báo Biển Xanh",
        "url": "https://bienxanh.example/thac-ban-gioc.html?utm_source=zalo",
        "published_at": "2026-03-04T15:40:00+07:00",
    },
    {
        "id": "hop-dinh-ky",
        "title": "UBND tỉnh Cao Bằng họp phiên thường kỳ tháng 3",
        "summary": "Phiên họp nghe báo cáo tình hình kinh tế - xã hội của tỉnh Cao Bằng.",
        "outlet": "Báo Núi Rừng",
        "url": "https://nuirung.example/hop-dinh-ky.html",
        "published_at": "2026-03-05T06:10:00+07:00",
    },
    {
        "id": "dam-phan",
        "title": "Đàm phán hòa bình bước vào vòng mới",
        "summary": "Các bên nối lại đàm phán hòa bình tại châu Âu.",
        "outlet": "Báo Biển Xanh",
        "url": "https://bienxanh.example/dam-phan.html",
        "published_at": "2026-03-04T11:00:00+07:00",
    },
    {
        "id": "da-nang",
        "title": "Đà Nẵng khai mạc lễ hội pháo hoa",
        "summary": "Lễ hội pháo hoa Đà Nẵng mở màn với sáu đội thi.",
        "outlet": "Báo Biển Xanh",
        "url": "https://bienxanh.example/phao-hoa.html",
        "published_at": "2026-03-04T20:00:00+07:00",
    },
)

LABELS: dict[str, dict[str, Any]] = {
    "duong-cham": {
        "unit": "cao-bang",
        "relevance": "about",
        "tone": "negative",
        "bad_event": True,
        "topics": ["economy"],
    },
    "khen-thac": {"unit": "cao-bang", "relevance": "about", "tone": "positive", "topics": ["tourism_sport"]},
    "hop-dinh-ky": {"unit": "cao-bang", "relevance": "about", "tone": "neutral"},
    "dam-phan": {"unit": "hoa-binh", "relevance": "not_it"},
}
"""Labels of some of them, by id."""


def write_items(path: Path, *extra_lines: str) -> Path:
    """Write the items as JSON Lines, then the extra lines as they are."""
    lines = [json.dumps(item, ensure_ascii=False) for item in ITEMS]
    path.write_text("\n".join([*lines, *extra_lines]) + "\n", encoding="utf-8")
    return path


def write_labelled(path: Path, *extra_lines: str, **more: Any) -> Path:
    """Write the items that have labels, each with ``more``, then the extra lines as they are."""
    rows = [item | LABELS[item["id"]] | more for item in ITEMS if item["id"] in LABELS]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join([*lines, *extra_lines]) + "\n", encoding="utf-8")
    return path
