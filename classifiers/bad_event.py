"""Whether a document tells of a bad event (accident, crime, disaster, disease), whoever is to blame."""

from pathlib import Path

from classifiers.linear import Floats, LinearModel, Vectors, load_models
from classifiers.model_files import MODELS
from classifiers.vote import TaskVote, load_votes

TASK = "bad_event"


class BadEventModel:
    """Reads the vectors of a document, and what the encoder says of it."""

    def __init__(self, model: LinearModel, vote: TaskVote) -> None:
        self._model = model
        self._vote = vote
        self._position = vote.classes.index("True")

    @classmethod
    def load(cls, folder: Path = MODELS) -> "BadEventModel":
        """Read the committed weights. Raises ModelError naming the file that is missing or damaged."""
        return cls(load_models(folder).tasks[TASK], load_votes(folder).tasks[TASK])

    def predict(self, document: Vectors, encoded: Floats | None) -> float:
        """Return the probability of a bad event, 0..1; 0 when neither model has read the document."""
        if not document and encoded is None:
            return 0.0
        linear = self._model.probabilities(document) if document else None
        return float(self._vote.probabilities(encoded, linear)[self._position])
