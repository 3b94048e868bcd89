"""How right the classifiers are on labelled items: pure scoring, no models and no files.

Accuracy, precision, recall and their harmonic mean F1 as in Sokolova and Lapalme, "A systematic analysis of performance
measures for classification tasks", 2009; a macro figure is the mean over the classes that occur among the labels, so a
rare class counts as much as a frequent one. A label that is missing is left out of its figure, a figure without labels
is left out of the answer. Figures have four digits.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from classifiers.labelled import LabelledItem, UnitLabels
from classifiers.topics import OTHER
from config.units import historic_units
from pipeline.records import Annotation, Assessment

DIGITS: Final = 4
CALIBRATION_BINS: Final = 10
FREQUENT: Final = 30
"""A topic that fewer labels name is left out of the macro F1 over topics: its F1 is chance."""

Pairs = Sequence[tuple[str, str]]
"""Label and answer."""
Judged = Sequence[tuple[UnitLabels, Annotation]]
Figures = dict[str, Any]


def score_units(judged: Judged, sure_negative: float = 0.5) -> Figures:
    """Return figures over (item, unit) pairs; ``sure_negative`` is the threshold of `classifiers.vote.Votes`.

    ``relevance3``, ``about`` (about or not), ``tone`` and ``tone_certain`` (pairs that are about the unit),
    ``bad_event`` and ``topic_first`` are as `per_class` returns them; ``homonym`` (names that are no place) and
    ``negative_sure`` as `precision_recall` does; ``tone_score`` holds the `calibration_error`;
    ``topic_macro_f1_of_30`` is a number; ``differs`` tells for each kind of label how many there are and from how many
    the models differ.
    """
    answers = [(labels, annotation, _assessment(labels, annotation)) for labels, annotation in judged]
    relevance = [
        (labels.relevance, found.relevance if found else "not_it") for labels, _, found in answers if labels.relevance
    ]
    toned = [(labels, found) for labels, _, found in answers if labels.tone and labels.relevance in ("about", None)]
    tone = [(str(labels.tone), _tone(found)) for labels, found in toned]
    topics = [(labels.topics[0], _first_topic(annotation)) for labels, annotation, _ in answers if labels.topics]
    bad_event = [
        (str(labels.bad_event), str(annotation.bad_event))
        for labels, annotation, _ in answers
        if labels.bad_event is not None
    ]
    figures: Figures = {"items": len(answers)}
    if relevance:
        figures["relevance3"] = per_class(relevance)
        figures["about"] = per_class([(str(label == "about"), str(answer == "about")) for label, answer in relevance])
        figures |= {"homonym": _of_class(relevance, "not_it")} if "not_it" in dict(relevance) else {}
    if tone:
        certain = [pair for pair, (labels, _) in zip(tone, toned, strict=True) if not labels.uncertain]
        figures["tone"] = per_class(tone)
        figures |= {"tone_certain": per_class(certain)} if certain else {}
        figures |= {"negative_sure": _negative_sure(answers, sure_negative)}
    scored = [(found.tone_score, found.tone == labels.tone) for labels, found in toned if found and found.tone_score]
    if scored:
        figures["tone_score"] = {"n": len(scored), "calibration_error": calibration_error(scored)}
    if bad_event:
        figures["bad_event"] = per_class(bad_event)
    if topics:
        figures["topic_first"] = per_class(topics)
        figures |= _macro_of_frequent(figures["topic_first"])
    kinds: dict[str, Pairs] = {"relevance": relevance, "tone": tone, "bad_event": bad_event, "topics": topics}
    figures["differs"] = {
        kind: {"labels": len(pairs), "differ": sum(label != answer for label, answer in pairs)}
        for kind, pairs in kinds.items()
        if pairs
    }
    return figures


def score_named(items: Iterable[tuple[LabelledItem, Annotation]]) -> Figures:
    """Return figures over items of which all units are known: which were found, by language and ``all`` together.

    ``units`` holds what `precision_recall` returns; ``language_accuracy`` and ``tone_accuracy``, over ``tone_labels``,
    are shares.
    """
    counts: dict[str, Counter[str]] = {}
    languages: list[bool] = []
    tones: list[bool] = []
    for labelled, annotation in items:
        wanted = {labels.unit for labels in labelled.named or ()}
        found = {assessment.unit for assessment in annotation.assessments}
        outcome = {"hit": len(wanted & found), "extra": len(found - wanted), "missed": len(wanted - found)}
        for group in ("all", labelled.language or "?"):
            counts.setdefault(group, Counter(items=0)).update(outcome, items=1)
        if labelled.language:
            languages.append(annotation.language.partition("-")[0] == labelled.language)
        for labels in labelled.named or ():
            if labels.relevance == "about" and labels.tone:
                assessment = _assessment(labels, annotation)
                tones.append(assessment is not None and assessment.tone == labels.tone)
    figures: Figures = {
        "items": counts["all"]["items"] if counts else 0,
        "units": {
            group: {"n": each["items"]} | precision_recall(each["hit"], each["extra"], each["missed"])
            for group, each in sorted(counts.items())
        },
    }
    figures |= {"language_accuracy": _share(languages)} if languages else {}
    figures |= {"tone_accuracy": _share(tones), "tone_labels": len(tones)} if tones else {}
    return figures


def per_class(pairs: Pairs) -> Figures:
    """Return ``n``, ``accuracy``, ``macro_f1``, and ``f1`` and ``support`` of each class among the labels."""
    support = Counter(label for label, _ in pairs)
    f1 = {name: _of_class(pairs, name)["f1"] for name in sorted(support)}
    return {
        "n": len(pairs),
        "accuracy": _share([label == answer for label, answer in pairs]),
        "macro_f1": round(sum(f1.values()) / max(1, len(f1)), DIGITS),
        "f1": f1,
        "support": dict(sorted(support.items())),
    }


def precision_recall(hit: int, extra: int, missed: int) -> dict[str, float]:
    """Return ``precision``, ``recall`` and ``f1``; 0 where nothing was given out or nothing was wanted."""
    precision = hit / (hit + extra) if hit + extra else 0.0
    recall = hit / (hit + missed) if hit + missed else 0.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {name: round(value, DIGITS) for name, value in (("precision", precision), ("recall", recall), ("f1", f1))}


def calibration_error(scored: Sequence[tuple[float, bool]]) -> float:
    """Return the expected calibration error of scores (0 to 1) with their hits.

    The mean distance of score and hit rate over ten bins of the score, weighed by what falls into them (Naeini et al.,
    "Obtaining well calibrated probabilities using Bayesian binning", 2015).
    """
    distance = [0.0] * CALIBRATION_BINS
    for score, hit in scored:
        distance[min(int(score * CALIBRATION_BINS), CALIBRATION_BINS - 1)] += score - hit
    return round(sum(map(abs, distance)) / max(1, len(scored)), DIGITS)


def figure_at(figures: Mapping[str, Any], path: str) -> float | None:
    """Return the number at a dotted path (``units.all.f1``); None when there is none."""
    value: Any = figures
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return float(value) if isinstance(value, int | float) else None


def _assessment(labels: UnitLabels, annotation: Annotation) -> Assessment | None:
    """Return the judgement of the labelled unit; Huế alone has a name of today that was no former unit's."""
    named_then = labels.unit in historic_units()
    found = (one for one in annotation.assessments if labels.unit == (one.unit if named_then else one.current))
    return next(found, None)


def _tone(found: Assessment | None) -> str:
    """Return the tone given out; an article missed as a mention has none and reads as neutral."""
    return (found.tone if found else None) or "neutral"


def _first_topic(annotation: Annotation) -> str:
    return annotation.topics[0].id.partition(".")[0] if annotation.topics else OTHER


def _negative_sure(
    answers: Sequence[tuple[UnitLabels, Annotation, Assessment | None]], least: float
) -> dict[str, float]:
    """Return how right the sure negatives are, as the reader of the negative section meets them.

    One given out for a unit that the item only mentions, or does not name, is wrong.
    """
    pairs = [
        (
            "negative" if labels.tone == "negative" else "other",
            "negative" if found and found.tone == "negative" and (found.tone_score or 0.0) >= least else "other",
        )
        for labels, _, found in answers
        if labels.tone or labels.relevance in ("mention", "not_it")
    ]
    given = sum(answer == "negative" for _, answer in pairs)
    wanted = sum(label == "negative" for label, _ in pairs)
    return {"score": least, "given": given, "wanted": wanted} | _of_class(pairs, "negative")


def _of_class(pairs: Pairs, name: str) -> dict[str, float]:
    return precision_recall(
        sum(label == answer == name for label, answer in pairs),
        sum(answer == name != label for label, answer in pairs),
        sum(label == name != answer for label, answer in pairs),
    )


def _macro_of_frequent(topics: Figures) -> Figures:
    kept: list[float] = [f1 for name, f1 in topics["f1"].items() if topics["support"][name] >= FREQUENT]
    return {f"topic_macro_f1_of_{FREQUENT}": round(sum(kept) / len(kept), DIGITS)} if kept else {}


def _share(hits: Sequence[bool]) -> float:
    return round(sum(hits) / max(1, len(hits)), DIGITS)
