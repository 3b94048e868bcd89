"""Train every model of ``classifiers/models``.

    python -m classifiers.training --data DIR [--output DIR] [--keep-encoder]

``DIR/gold/train.jsonl`` holds labelled (item, unit) pairs, ``DIR/gold/fulltext.jsonl`` such pairs of full texts,
``DIR/newsmtsc`` English sentences with a tone toward a target; texts without labels in ``DIR`` tell which pieces of the
vocabulary to keep, are read with pieces hidden, and are what teachers tell their student of; of these two none is read
whose title is in ``DIR/gold/dev.jsonl``, if that is there. ``DIR/gold/story_pairs.jsonl`` holds pairs of articles that
do or do not tell one story, and ``DIR/stream.jsonl.xz`` headlines that show which words are rare, and those that
`added` labels; ``DIR/fulltext`` the full texts that `full_text` labels, and headlines that `added` does
(``baomoi2017.jsonl.xz``, ``dantri2021.jsonl.xz``; they may be missing). Needs the extra ``train``. The linear models
and the memory take five minutes, the encoder five hours on two cores with AMX and several times as long on others;
``--keep-encoder`` keeps the one in the output folder, with what it said of the held-out pairs, and learns the rest
anew.
"""

import argparse
import dataclasses
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from classifiers.encoder import TASKS, Encoder
from classifiers.linear import Floats, load_models, save_models
from classifiers.memory import Memory, save_cases
from classifiers.model_files import MODELS, checked_file, packed_arrays, read_arrays, write_files
from classifiers.training.abroad import read_abroad
from classifiers.training.added import Added, for_linear, read_added
from classifiers.training.base import BaseModel
from classifiers.training.examples import ENGLISH, Example, read_examples
from classifiers.training.full_text import learn_full_text
from classifiers.training.linear import RECIPES, Features, Learnt, learn
from classifiers.training.memory import learn_cases, recall_held_out, told_by
from classifiers.training.rows import TrainingRows, added_rows, example_rows, held_titles, sentiment_rows
from classifiers.training.stories import train_stories
from classifiers.training.unlabelled import measured_titles, pairs_to_judge, texts_to_read
from classifiers.training.vote import learn_votes, task_rows
from classifiers.vote import VOTE, TaskVote, Votes
from classifiers.windows import windows
from config.errors import InputError

FIGURES: Final = "figures.json"
HELD_OUT: Final = "encoder.held_out.npz"
"""What the encoder's branches say of the examples that they have not seen."""
SAY_EVERY: Final = 50
SAMPLE: Final = 200
"""Held-out windows that show the ranges that the encoder's numbers lie in, before they are rounded; half as many in
other languages beside them, of two kinds."""
UNTAUGHT_SHARE: Final = 0.28
"""Of the unlabelled pairs, for the last stage of a student."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, write and report. Returns the exit code."""
    parser = argparse.ArgumentParser(description="Train the models of classifiers/models.")
    parser.add_argument("--data", type=Path, required=True, help="folder that holds gold/train.jsonl")
    parser.add_argument(
        "--output", type=Path, default=MODELS, help="folder for the models (default: the package's own)"
    )
    parser.add_argument("--keep-encoder", action="store_true", help="keep the encoder that the output folder has")
    options = parser.parse_args(arguments)
    examples = list(read_examples(options.data / "gold" / "train.jsonl"))
    features = Features.fit(examples)
    added = list(read_added(options.data))
    of_task = for_linear(added, features)
    linear = {task: learn(recipe, examples, features, of_task.get(task)) for task, recipe in RECIPES.items()}
    if not options.keep_encoder:
        train_encoder(examples, added, linear, options.data, options.output)
    models = {task: each.model for task, each in linear.items()}
    save_models(options.output, features.terms(), features.idf(), models)
    recalled = train_memory(examples, added, features, linear, options.output)
    figures: dict[str, Any] = {"linear": {task: each.figures for task, each in linear.items()}}
    figures["vote"] = train_vote(examples, linear, recalled, options.data, options.output)
    figures["stories"] = train_stories(options.data, options.output)
    (options.output / FIGURES).write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    json.dump(figures, sys.stdout, indent=1)
    sys.stdout.write("\n")
    return 0


def train_encoder(
    examples: Sequence[Example], added: Sequence[Added], linear: Mapping[str, Learnt], data: Path, output: Path
) -> None:
    """Train the encoder, and write it with what its branches say of the examples that they have not seen."""
    from classifiers.training import encoder, export, pieces  # noqa: PLC0415 -- torch, which --keep-encoder does without

    base = BaseModel.installed()
    kept = pieces.choose_pieces(base, data)
    tokenizer = pieces.build_tokenizer([base.pieces[each] for each in kept])
    classes = {task: linear[task].model.classes for task in TASKS}
    held_by = held_titles(examples)
    measured = measured_titles(data)
    labelled_titles = {example.group for example in examples} | {each.group for each in added}
    unlabelled = pairs_to_judge(data, without=measured | labelled_titles)
    untaught = int(len(unlabelled) * UNTAUGHT_SHARE)
    rows = TrainingRows(
        labelled=example_rows(examples, held_by),
        judged=added_rows(added, held_by),
        abroad=added_rows(read_abroad(classes["topics"])),
        sentiments=sentiment_rows(data / ENGLISH),
        texts=texts_to_read(data, without=measured | held_by.keys()),
        unlabelled=unlabelled[untaught:],
        untaught=unlabelled[:untaught],
    )
    trained = encoder.train_encoder(base, kept, tokenizer, rows, classes, on_step=_say)
    held = [(example.held_by, windows(example.marked)[0]) for example in examples if example.held_by is not None]
    scores = encoder.read_held_out(trained, tokenizer, held)
    abroad = [row.window for kind in (rows.abroad, rows.sentiments) for row in kind[:: len(kind) // (SAMPLE // 4) or 1]]
    sample = [*(window for _, window in held[:SAMPLE]), *abroad]
    write_files(
        output,
        {
            **export.export(trained.network, tokenizer, sample),
            HELD_OUT: scores_file(scores),
        },
    )


def train_memory(
    examples: Sequence[Example],
    added: Sequence[Added],
    features: Features,
    linear: Mapping[str, Learnt],
    output: Path,
) -> dict[str, tuple[Floats, Floats]]:
    """Write the memory, and return what `recall_held_out` does."""
    told = told_by(examples, added)
    cases = learn_cases(told, features, {task: each.model.classes for task, each in linear.items()})
    save_cases(output, cases)
    return recall_held_out(cases, told, features, examples)


def train_vote(
    examples: Sequence[Example],
    linear: Mapping[str, Learnt],
    recalled: Mapping[str, tuple[Floats, ...]],
    data: Path,
    output: Path,
) -> dict[str, Any]:
    """Learn the vote on the held-out examples, write it and return its figures.

    ``recalled`` is what the memory says of them.
    """
    tasks, sure_negative, figures = vote_on(examples, linear, held_out_scores(examples, linear, output), recalled)
    full_text, full_text_tone, of_full_texts = learn_full_text(
        data, Encoder.load(output), load_models(output), Memory.load(output), tasks["relevance"], sure_negative
    )
    votes = Votes(
        tasks=tasks, full_text_relevance=full_text, full_text_tone=full_text_tone, sure_negative=sure_negative
    )
    write_files(output, {VOTE: (json.dumps(dataclasses.asdict(votes), indent=1) + "\n").encode()})
    return figures | of_full_texts


def vote_on(
    examples: Sequence[Example],
    linear: Mapping[str, Learnt],
    scores: Mapping[str, Floats],
    recalled: Mapping[str, tuple[Floats, ...]],
) -> tuple[dict[str, TaskVote], float, dict[str, Any]]:
    """Return what `learn_votes` does.

    ``scores`` are those of the encoder's branches on the held-out examples, ``recalled`` what the memory says of them.
    """
    at = [position for position, example in enumerate(examples) if example.held_by is not None]
    held = [examples[position] for position in at]
    rows = {
        task: task_rows(task, held, linear[task].model.classes, scores[task], linear[task].held_out[at], recalled[task])
        for task in TASKS
    }
    return learn_votes(rows, even=[task for task, recipe in RECIPES.items() if recipe.even])


def held_out_scores(examples: Sequence[Example], linear: Mapping[str, Learnt], output: Path) -> dict[str, Floats]:
    """Return what `HELD_OUT` holds. Raises InputError when it is of other examples or classes."""
    scores = read_scores_file(output)
    held = sum(example.held_by is not None for example in examples)
    for task in TASKS:
        if scores[task].shape != (held, len(linear[task].model.classes)):
            raise InputError("models.other_rows", task=task, path=output / HELD_OUT)
    return scores


def scores_file(scores: Mapping[str, Floats]) -> bytes:
    """Return the content of `HELD_OUT`: task to scores, shape (held-out examples, classes)."""
    return packed_arrays(**scores)


def read_scores_file(folder: Path) -> dict[str, Floats]:
    """Return what `scores_file` wrote. Raises ModelError when it is missing or damaged."""
    stored = read_arrays(checked_file(folder, HELD_OUT))
    return {task: stored[task] for task in TASKS}


def _say(step: int, steps: int, loss: float) -> None:
    if step % SAY_EVERY == 0:
        sys.stderr.write(f"encoder: step {step} of {steps}, loss {loss:.3f}\n")


if __name__ == "__main__":
    sys.exit(main())
