import json
import lzma
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classifiers.encoder import NETWORK, PIECES, Encoder
from classifiers.linear import Floats, load_models
from classifiers.memory import Memory
from classifiers.model_files import MANIFEST, MODELS, checked_file, write_files
from classifiers.topics import topics
from classifiers.training import linear
from classifiers.training.__main__ import FIGURES, HELD_OUT, main, scores_file
from classifiers.training.abroad import ABROAD, read_abroad
from classifiers.training.added import ADDED, CLASSES, for_linear, read_added
from classifiers.training.examples import BRANCHES, STREAM, mark_row, read_examples
from classifiers.training.full_text import ADDED_FULL_TEXTS, learn_full_text
from classifiers.training.linear import FOLDS, RECIPES, AddedRows, Features, calibrate, fit, fold_of, learn
from classifiers.training.rows import added_rows, example_rows, held_titles
from classifiers.training.unlabelled import measured_titles, pairs_to_judge, texts_to_read
from classifiers.training.vote import SURE_PRECISION, TaskRows, learn_vote, sure_threshold
from classifiers.vote import TaskVote, load_votes
from classifiers.windows import windows
from config.errors import InputError
from config.units import unit_names

TONES = {
    "negative": "{unit} để dự án chậm tiến độ, dân bức xúc vì ô nhiễm số {n}",
    "positive": "{unit} đón thêm nhà đầu tư, được khen dẫn đầu số {n}",
    "neutral": "{unit} họp phiên thường kỳ tháng {n}",
}


def rows() -> list[dict[str, object]]:
    """Return labelled rows with plain differences, so that a model trained on them must tell them apart."""
    labelled: list[dict[str, object]] = []
    for n in range(24):
        for slug, unit in (("cao-bang", "Cao Bằng"), ("lang-son", "Lạng Sơn")):
            labelled += [
                row(f"{slug}{n}{tone}", slug, unit, text.format(unit=unit, n=n), "about", tone)
                for tone, text in TONES.items()
            ]
            labelled.append(row(f"{slug}{n}m", slug, unit, f"Ca sĩ quê {unit} ra đĩa nhạc {n}", "mention", None))
            labelled.append(row(f"{slug}{n}x", slug, unit, f"Quán cơm phố {unit} ở Huế mở cửa {n}", "not_it", None))
    return labelled


def row(name: str, slug: str, unit: str, title: str, relevance: str, tone: str | None) -> dict[str, object]:
    return {
        "id": name,
        "unit": slug,
        "named": unit,
        "title": title,
        "summary": "",
        "published_at": "2026-03-01",
        "relevance": relevance,
        "tone": tone,
        "bad_event": tone == "negative",
        "topics": [sorted(topics())[int("".join(filter(str.isdigit, name))) % len(topics())]],
        "uncertain": False,
        "sampling": "random",
    }


def full_texts() -> list[dict[str, object]]:
    """Return full texts that name a unit once, and texts that come back to it."""
    filler = "Trời hôm nay nắng nhẹ. "
    sentence = "Nông dân Cao Bằng thu hoạch lúa. "
    texts = [(relevance, filler + sentence * times) for relevance, times in (("mention", 1), ("about", 5))]
    return [
        row(f"full{n}", "cao-bang", "Cao Bằng", f"Mùa vàng {n}", relevance, "neutral") | {"text": text}
        for n in range(12)
        for relevance, text in texts
    ]


def write(folder: Path, lines: list[str]) -> Path:
    path = folder / "gold" / "train.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    text = "".join(f"{json.dumps(each, ensure_ascii=False)}\n" for each in full_texts())
    path.with_name("fulltext.jsonl").write_text(text, encoding="utf-8")
    write_stories(folder)
    return path


def write_stories(folder: Path) -> None:
    """Write pairs of articles that tell one story or two, and the headlines that show which words are rare."""
    things = ["cầu", "chợ", "trường", "đập", "rừng", "bến", "kho", "lúa", "mỏ", "đền"]

    def side(thing: str, village: int, hour: int) -> dict[str, str]:
        title = f"Khánh thành {thing} mới ở bản Mẫu {village}, Cao Bằng"
        at = f"2026-03-01T{hour:02}:00:00+07:00"
        return {
            "id": f"{village}-{thing}",
            "title": title,
            "summary": f"Bà con bản Mẫu {village} đón {thing} mới.",
            "outlet": "A",
            "published_at": at,
        }

    pairs = []
    for number in range(60):
        thing, same = things[number % len(things)], number // 2 % 2 == 0
        other = side(thing, number, 9) if same else side(things[(number + 3) % len(things)], number + 500, 20)
        pair = {"id": f"p{number:04}", "a": side(thing, number, 8), "b": other, "same_story": same, "uncertain": False}
        pairs.append(json.dumps(pair, ensure_ascii=False) + "\n")
    (folder / "gold" / "story_pairs.jsonl").write_text("".join(pairs), encoding="utf-8")
    headlines = [side(things[number % len(things)], number, 8) for number in range(100)]
    sentences = [{"sentence": f"The town opened bridge {number}."} for number in range(20)]
    for name, found in (("stream.jsonl.xz", headlines), ("newsmtsc/rw-train.jsonl.xz", sentences)):
        (folder / name).parent.mkdir(exist_ok=True)
        with lzma.open(folder / name, "wt", encoding="utf-8") as stream:
            stream.writelines(json.dumps(each, ensure_ascii=False) + "\n" for each in found)


def keep_encoder(data: Path, output: Path) -> None:
    """Put the committed encoder where it is kept, with what it says of the held-out rows."""
    held = [each for each in read_examples(data / "gold" / "train.jsonl") if each.held_by is not None]
    scores = Encoder.load().read([windows(each.marked)[0] for each in held])
    files = {name: checked_file(MODELS, name) for name in (NETWORK, PIECES)}
    write_files(output, {**files, HELD_OUT: scores_file(scores)})


def test_training_twice_gives_the_same_models_and_they_tell_the_classes_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, [json.dumps(each, ensure_ascii=False) for each in rows()])
    for output in ("first", "second"):
        keep_encoder(tmp_path, tmp_path / output)
        assert main(["--data", str(tmp_path), "--output", str(tmp_path / output), "--keep-encoder"]) == 0
    assert (tmp_path / "first" / MANIFEST).read_bytes() == (tmp_path / "second" / MANIFEST).read_bytes()
    figures = json.loads((tmp_path / "first" / FIGURES).read_text())
    printed, _ = json.JSONDecoder().raw_decode(capsys.readouterr().out)
    assert printed == figures
    assert figures["linear"]["tone"]["all"]["accuracy"] > 0.95
    assert figures["vote"]["tone"]["accuracy"] > 0.95
    assert figures["vote"]["full_text"] == {"rows": 24, "macro_f1": 1.0}
    assert figures["stories"]["pairs"] == 30, "pairs with odd numbers are kept for checking"
    assert figures["stories"]["alike"]["f1"] > 0.9
    assert load_votes(tmp_path / "first").tasks["tone"].classes == ("negative", "neutral", "positive")
    models = load_models(tmp_path / "first")
    for each in rows():
        marked = mark_row(each)
        vectors = models.read_unit(marked, models.read_document(marked.title.text, ""))
        model = models.tasks["relevance"]
        assert model.classes[model.probabilities(vectors).argmax()] == each["relevance"]


def test_an_encoder_of_other_classes_is_not_kept(tmp_path: Path) -> None:
    few = [each for each in rows() if each["topics"] != ["economy"]]
    write(tmp_path, [json.dumps(each, ensure_ascii=False) for each in few])
    keep_encoder(tmp_path, tmp_path / "out")
    with pytest.raises(InputError, match="other classes of topics"):
        main(["--data", str(tmp_path), "--output", str(tmp_path / "out"), "--keep-encoder"])


def test_a_bad_row_is_named_with_its_line(tmp_path: Path) -> None:
    good = json.dumps(rows()[0])
    path = write(tmp_path, [good, "", '{"id": "2"}'])
    with pytest.raises(InputError, match=r"line 3") as caught:
        list(read_examples(path))
    assert str(path) in caught.value.text("vi")


def test_a_folder_without_training_data_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no training data"):
        list(read_examples(tmp_path / "gold" / "train.jsonl"))


def test_a_row_whose_name_is_no_place_is_marked_as_written() -> None:
    marked = mark_row(row("1", "thai-binh", "Thái Bình", "Tàu chìm ở Thái Bình Dương", "not_it", None))
    assert [marked.title.text[start:end] for start, end in marked.title.own] == ["Thái Bình"]


def test_calibration_finds_how_much_too_sure_decisions_are() -> None:
    """Decisions three times too large, for labels drawn from the right probabilities."""
    random = np.random.default_rng(7)
    right = random.normal(size=(4000, 3)).astype(np.float32)
    chances = np.exp(right) / np.exp(right).sum(axis=1, keepdims=True)
    truth = np.array([random.choice(3, p=each) for each in chances])
    slope, shift = calibrate(right * 3, truth)
    assert slope == pytest.approx(1 / 3, abs=0.04)
    assert shift - shift.mean() == pytest.approx([0, 0, 0], abs=0.1)


def test_the_sure_threshold_keeps_its_promise_and_no_more() -> None:
    random = np.random.default_rng(3)
    scores = random.uniform(size=2000).astype(np.float32)
    right = random.uniform(size=2000) < scores
    threshold = sure_threshold(scores, right)
    assert right[scores >= threshold].mean() >= SURE_PRECISION - 0.005
    assert right[scores >= threshold - 0.1].mean() < SURE_PRECISION


def test_where_nothing_is_sure_no_score_is_high_enough() -> None:
    assert sure_threshold(np.linspace(0, 0.9, 50, dtype=np.float32), np.zeros(50, bool)) == 1.0


def test_full_texts_of_a_collection_teach_the_tone_and_a_collection_that_is_missing_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, [json.dumps(rows()[0])])
    (tmp_path / "fulltext").mkdir()
    with lzma.open(tmp_path / "fulltext" / "dantri2021.jsonl.xz", "wt", encoding="utf-8") as stream:
        for n in range(9):
            body = "Dân Cao Bằng bức xúc vì dự án chậm tiến độ. " * 3
            stream.write(json.dumps({"id": n, "date": "20210401", "title": "Ngổn ngang", "body": body}) + "\n")
    path = tmp_path / "tones.tsv"

    def learnt(*labels: str) -> tuple[TaskVote, int]:
        path.write_text("id\tunit\tfirst\tsecond\n" + "".join(f"{each}\n" for each in labels), encoding="utf-8")
        relevance = load_votes().tasks["relevance"]
        _, tone, figures = learn_full_text(
            tmp_path, Encoder.load(), load_models(), Memory.load(), relevance, 0.5, labels=path
        )
        return tone, figures["full_text_tone"]["rows"]

    neutral, without = learnt("baomoi2017/1\tcao-bang\tnegative\t", "dantri2021/2\thue\tnegative\t")
    blamed, rows_read = learnt(*(f"dantri2021/{n}\tcao-bang\tnegative\t" for n in range(9)))
    assert (without, rows_read) == (12, 21), "what names another unit is left out too"
    assert blamed.both.shift[0] > neutral.both.shift[0]
    with pytest.raises(InputError, match="line 2"):
        learnt("dantri2021/1\tcao-bang\tbad\t")


def add(folder: Path, *labels: str) -> Path:
    """Write a stream of two texts, and the tones told of some; return the file of these."""
    with lzma.open(folder / STREAM, "wt", encoding="utf-8") as stream:
        for name, title in (("1", "Cao Bằng khen Lạng Sơn chống hạn"), ("2", "Trời đẹp")):
            stream.write(json.dumps({"id": name, "title": title, "published_at": "2026-03-01"}) + "\n")
    path = folder / "tones.tsv"
    path.write_text("id\tunit\tfirst\tsecond\n" + "".join(f"{label}\n" for label in labels), encoding="utf-8")
    return path


def test_added_tones_are_of_the_unit_that_was_judged_and_differing_readings_count_half(tmp_path: Path) -> None:
    features = Features.fit(list(read_examples(write(tmp_path, [json.dumps(each) for each in rows()]))))
    labels = [
        "1\tlang-son\tpositive\tneutral",
        "9\tlang-son\tpositive\tpositive",
        "1\tcao-bang\tneutral\t",
        "2\thue\tneutral\tneutral",
    ]
    added = list(read_added(tmp_path, {"tone": add(tmp_path, *labels)}))
    assert [each.told for each in added] == [{"tone": ["positive", "neutral"]}, {"tone": ["neutral"]}]
    taught = for_linear(added, features)
    assert set(taught) == {"tone"}
    assert taught["tone"].shares.tolist() == [[0, 0.5, 0.5], [0, 1, 0]]
    praised, praising = taught["tone"].rows["name"].toarray()
    assert (praised != praising).any(), "another name is marked"
    assert [(row.labels["tone"], row.held_by) for row in added_rows(added, {"Trời đẹp": 1})] == [
        (["positive", "neutral"], None),
        (["neutral"], None),
    ]
    assert [row.held_by for row in added_rows(added, {added[0].group: 2})] == [2, 2], "as a labelled text of its title"
    none = list(read_added(tmp_path, {"tone": add(tmp_path, labels[1])}))
    assert (none, for_linear(none, features)) == ([], {})


def test_what_is_told_of_one_pair_for_two_tasks_is_one_pair(tmp_path: Path) -> None:
    tones = add(tmp_path, "1\tlang-son\tpositive\t")
    events = tmp_path / "events.tsv"
    events.write_text("id\tunit\tfirst\tsecond\n1\tlang-son\tTrue\tFalse\n", encoding="utf-8")
    (pair,) = read_added(tmp_path, {"tone": tones, "bad_event": events})
    assert pair.told == {"tone": ["positive"], "bad_event": ["True", "False"]}


def test_of_a_full_text_the_headline_is_judged_with_the_beginning_of_its_first_paragraph(tmp_path: Path) -> None:
    labels = add(tmp_path, "dantri2021/7\tcao-bang\tnegative\t", "1\tlang-son\tpositive\t")
    (tmp_path / "fulltext").mkdir()
    body = "Cao Bằng: đường hỏng nhiều năm. " * 20 + "\nĐoạn hai."
    with lzma.open(tmp_path / "fulltext" / "dantri2021.jsonl.xz", "wt", encoding="utf-8") as stream:
        stream.write(json.dumps({"id": "7", "date": "20210401", "title": "Ổ gà ổ voi", "body": body}) + "\n")
    of_stream, of_text = read_added(tmp_path, {"tone": labels})
    assert of_stream.group == "Cao Bằng khen Lạng Sơn chống hạn"
    assert (of_text.group, of_text.told) == ("Ổ gà ổ voi", {"tone": ["negative"]})
    assert (of_text.marked.lead.text, of_text.marked.body) == (body[:300], ())


def test_a_pair_of_a_text_that_a_branch_must_not_see_is_kept_from_it_whatever_its_unit(tmp_path: Path) -> None:
    example = next(read_examples(write(tmp_path, [json.dumps(each) for each in rows()])))
    natural = (replace(example, natural=True, group=f"Cao Bằng {number}") for number in range(99))
    held = next(each for each in natural if each.held_by == 1)
    other = replace(held, natural=False)
    assert other.held_by is None
    given = [other, held, example]
    assert [each.held_by for each in example_rows(given, held_titles(given))] == [1, 1, None]


@pytest.mark.parametrize(
    "label",
    [
        "1\tcao-bang\tpositive\t",
        "1\tlang-son\tpositive\tgood",
        "1\tlang-son",
        "1\tlang-son\tpositive",
        "1\tlang-son\t\t",
        "1\tlang-son\t\tpositive",
    ],
)
def test_an_added_tone_that_cannot_be_read_is_named_with_its_line(tmp_path: Path, label: str) -> None:
    labels = add(tmp_path, "1\tcao-bang\tneutral\tneutral", label)
    with pytest.raises(InputError, match="line 3") as caught:
        list(read_added(tmp_path, {"tone": labels}))
    assert str(labels) in caught.value.text("vi")


@pytest.mark.parametrize(
    ("task", "path", "least"),
    [
        ("tone", ADDED["tone"], 10_000),
        ("bad_event", ADDED["bad_event"], 7_000),
        ("tone", ADDED_FULL_TEXTS, 250),
    ],
)
def test_the_added_labels_of_this_project_can_be_read_and_name_a_pair_once(task: str, path: Path, least: int) -> None:
    lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    assert len({(name, unit) for name, unit, *_ in lines}) == len(lines) > least
    assert {unit for _, unit, *_ in lines} <= unit_names().keys()
    assert (
        {label for _, _, *labels in lines for label in labels} - {""}
        == set(CLASSES[task])
        == set(load_models().tasks[task].classes)
    )


def test_the_linear_model_learns_what_is_added(tmp_path: Path) -> None:
    """A word that the labelled rows use of every tone comes to speak for one."""
    examples = list(read_examples(write(tmp_path, [json.dumps(each) for each in rows()])))
    features = Features.fit(examples)
    pairs = [mark_row(row(f"t{n}", "cao-bang", "Cao Bằng", f"Cao Bằng số {n}", "about", None)) for n in range(24)]
    added = AddedRows(
        groups=[f"Cao Bằng số {n}" for n in range(24)],
        rows=features.read(pairs),
        shares=np.tile(np.array([0.9, 0.1, 0.0], np.float32), (len(pairs), 1)),
    )
    weights = [learn(RECIPES["tone"], examples, features, each).model.weights["words"] for each in (None, added)]
    number = features.terms()["words"].index("số")
    before, after = (each[number, 0] - each[number, 2] for each in weights)
    assert after > before + 0.1


def test_what_is_added_of_a_text_is_kept_from_the_fold_that_holds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    examples = list(read_examples(write(tmp_path, [json.dumps(each) for each in rows()])))
    features = Features.fit(examples)
    groups = [example.group for example in examples]
    shares = np.random.default_rng(1).dirichlet([1, 1, 1], len(groups)).astype(np.float32)
    added = AddedRows(groups=groups, rows=features.read([example.marked for example in examples]), shares=shares)
    seen: list[set[str]] = []

    def watch(*given: Any) -> tuple[Floats, Floats]:
        taught: AddedRows = given[-1]
        at = [groups.index(group) for group in taught.groups]
        assert taught.shares.tolist() == shares[at].tolist()
        assert all((each != added.rows[block][at]).nnz == 0 for block, each in taught.rows.items())
        seen.append(set(taught.groups))
        return fit(*given)

    monkeypatch.setattr(linear, "fit", watch)
    learn(RECIPES["tone"], examples, features, added)
    of_fold = [{group for group in groups if fold_of(group) == fold} for fold in range(FOLDS)]
    assert all(of_fold)
    assert seen == [*(set(groups) - held for held in of_fold), set(groups)]


def test_items_of_other_languages_are_marked_as_their_language_writes_the_unit(tmp_path: Path) -> None:
    path = tmp_path / "abroad.tsv"
    head = "language\tunit\trelevance\ttone\tbad_event\ttopics\ttitle\tsummary\n"
    path.write_text(
        head
        + "ru\tcao-bang\tabout\tnegative\tTrue\tenvironment\tВ Каобанге ждут воды\tВьетнам.\n"
        + "fr\thue\tmention\t\tFalse\tculture\tUn vol part de Lyon\t\n",
        encoding="utf-8",
    )
    (found,) = read_abroad(["environment", "culture"], path)
    assert found.told == {
        "relevance": ["about"],
        "tone": ["negative"],
        "bad_event": ["True"],
        "topics": ["environment"],
    }
    assert windows(found.marked)[0].text == "query: В « Каобанге » ждут воды. Вьетнам."
    for wrong in (
        "about\t\tTrue",
        "mention\tneutral\tTrue",
        "not_it\t\tTrue",
        "about\tgood\tTrue",
        "about\tneutral\tyes",
    ):
        path.write_text(f"{head}ru\tcao-bang\t{wrong}\tculture\tВ Каобанге\t\n", encoding="utf-8")
        with pytest.raises(InputError, match="line 2") as caught:
            list(read_abroad(["culture"], path))
        assert str(path) in caught.value.text("vi")


def test_the_items_of_other_languages_can_be_read_and_nearly_all_name_their_unit() -> None:
    lines = [line.split("\t") for line in ABROAD.read_text(encoding="utf-8").splitlines()[1:]]
    assert {unit for _, unit, *_ in lines} <= unit_names().keys()
    assert len({title for *_, title, _ in lines}) == len(lines) > 1100
    assert len(list(read_abroad(load_models().tasks["topics"].classes))) > 0.95 * len(lines)


def test_the_lean_goes_half_the_way_to_even_classes_where_rare_ones_are_wanted() -> None:
    truth = np.array([0] * 10 + [1] * 30)
    scores = np.random.default_rng(1).normal(size=(40, 2)).astype(np.float32)
    natural = np.ones(40, bool)
    rows = TaskRows(classes=("a", "b"), encoder=scores, linear=scores, memory=(), truth=truth, natural=natural)
    assert learn_vote(rows, even=True).lean == pytest.approx((np.log(3) / 4, -np.log(3) / 4), abs=1e-4)
    assert learn_vote(rows, even=False).lean == (0.0, 0.0)


def test_each_branch_does_without_a_part_of_the_natural_rows_and_always_the_same(tmp_path: Path) -> None:
    path = write(tmp_path, [json.dumps(each) for each in rows()])
    first, second = (list(read_examples(path)) for _ in range(2))
    held = [example.held_by for example in first]
    assert held == [example.held_by for example in second]
    assert all(0.05 < held.count(branch) / len(held) < 0.4 for branch in range(BRANCHES))
    drawn_at_margins = [replace(example, natural=False, guided=False) for example in first]
    assert {example.held_by for example in drawn_at_margins} == {None}


def test_unlabelled_texts_are_read_once_and_none_of_those_to_be_measured_on(tmp_path: Path) -> None:
    write(tmp_path, [json.dumps(each, ensure_ascii=False) for each in rows()])
    stored = [
        {"id": "a", "title": "Cao Bằng mở cầu", "summary": "Dân Lạng Sơn cũng vui.", "published_at": "2026-03-01"},
        {"id": "b", "title": "Cao Bằng mở cầu", "summary": "Dân Lạng Sơn cũng vui.", "published_at": "2026-03-01"},
        {"id": "c", "title": "Giá vàng tăng", "summary": "", "published_at": "2026-03-01"},
        {"id": "d", "title": "Cao Bằng được đo", "summary": "", "published_at": "2026-03-01"},
        {"id": "e", "title": "Cao Bằng có nhãn", "summary": "", "published_at": "2026-03-01"},
    ]
    foreign = [{"title": "Hue reopens its citadel", "summary": "After the flood."}]
    write_lines(tmp_path / STREAM, stored)
    write_lines(tmp_path / "foreign_headlines.jsonl", foreign)
    assert measured_titles(tmp_path) == set()
    write_lines(tmp_path / "gold" / "dev.jsonl", [stored[3]])
    assert measured_titles(tmp_path) == {"Cao Bằng được đo"}
    kept_away = {"Cao Bằng được đo", "Cao Bằng có nhãn"}

    texts = [each.window.text for each in texts_to_read(tmp_path, kept_away)]
    assert texts.count("query: Cao Bằng mở cầu. Dân Lạng Sơn cũng vui.") == 1
    assert texts.count("query: Cao Bang mo cau. Dan Lang Son cung vui.") == 1
    assert "query: Hue reopens its citadel. After the flood." in texts
    assert "query: The town opened bridge 3.. " not in texts
    assert "query: The town opened bridge 3. " in texts
    assert not any(title in text for title in kept_away for text in texts)
    assert len(texts) == 2 * 2 + 20 + len(ABROAD.read_text(encoding="utf-8").splitlines()) - 1 + len(foreign)

    pairs = pairs_to_judge(tmp_path, kept_away)
    assert {each.window.text for each in pairs} == {
        "query: « Cao Bằng » mở cầu. Dân Lạng Sơn cũng vui.",
        "query: Cao Bằng mở cầu. Dân « Lạng Sơn » cũng vui.",
    }
    assert len(pairs) == 2
    assert not any(each.labels for each in pairs)


def write_lines(path: Path, stored: list[dict[str, str]]) -> None:
    opened = lzma.open if path.suffix == ".xz" else open
    with opened(path, "wt", encoding="utf-8") as stream:
        stream.writelines(json.dumps(each, ensure_ascii=False) + "\n" for each in stored)
