"""Whether a document tells of a bad event (accident, crime, disaster, disease), whoever is to blame."""

from pathlib import Path

from classifiers.linear import MODELS, LinearModel, Vectors, load_models


class BadEventModel:
    """Reads the vectors of a Vietnamese document."""

    def __init__(self, model: LinearModel) -> None:
        self._model = model
        self._position = model.classes.index("True")

    @classmethod
    def load(cls, folder: Path = MODELS) -> "BadEventModel":
        """Read the committed weights. Raises ModelError naming the file that is missing or damaged."""
        return cls(load_models(folder).tasks["bad_event"])

    def predict(self, document: Vectors) -> float:
        """Return the probability of a bad event, 0..1."""
        return float(self._model.probabilities(document)[self._position])
