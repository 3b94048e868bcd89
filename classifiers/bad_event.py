"""Whether a document tells of a bad event (accident, crime, disaster, disease), whoever is to blame."""

from pathlib import Path

from classifiers.linear import Floats
from classifiers.model_files import MODELS
from classifiers.vote import TaskVote, load_votes

TASK = "bad_event"


class BadEventModel:
    """Weighs what linear model, encoder and memory say of a document."""

    def __init__(self, vote: TaskVote) -> None:
        self._vote = vote
        self._position = vote.classes.index("True")

    @classmethod
    def load(cls, folder: Path = MODELS) -> "BadEventModel":
        """Read the committed weights. Raises ModelError naming the file that is missing or damaged."""
        return cls(load_votes(folder).tasks[TASK])

    def predict(self, linear: Floats | None, encoded: Floats | None, recalled: Floats | None = None) -> float:
        """Return the probability of a bad event, 0..1; 0 when neither model has read the document."""
        if linear is None and encoded is None:
            return 0.0
        return float(self._vote.probabilities(encoded, linear, recalled)[self._position])
