"""The served insight model: what the customer feels, read from the last message and what led to it.

The weights run inside one traced TensorFlow function, called directly: `keras.Model.predict` would cost tens of
milliseconds a message. TensorFlow is imported when a model is loaded, not with this module.

A model folder holds `manifest.json` (format, feature names, normaliser, sizes, hash of the weights), `vocabulary.json`
and `weights.npz`; what does not fit the running code is refused with the remedy, never guessed at.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from analytics.features import FEATURE_NAMES, FEATURES_VERSION, MAX_TURNS, Turn, behaviour_features, named_features
from analytics.insight_network import EMOTIONS, SENTIMENTS, NetworkSizes, build_network
from analytics.vocabulary import MAX_CHARACTERS, MAX_GRAMS, Vocabulary
from nlu_data.text import NORMALISER_VERSION

__all__ = ["Insight", "InsightModel", "InsightModelError", "Turn", "save_model"]

FORMAT = "yingda-insight/1"
MANIFEST, VOCABULARY, WEIGHTS = "manifest.json", "vocabulary.json", "weights.npz"
_REMEDY = "train it again with `rasa train`"


class InsightModelError(ValueError):
    """A model folder that is missing, broken or made for other code; the text says which and what to do."""


@dataclass(frozen=True)
class Insight:
    """What was read in one customer message."""

    sentiment: dict[str, float]  # probabilities of negative, neutral, positive; they sum to 1
    label: str  # the most probable of them
    frustration: float  # 0–1, of the conversation so far
    behaviour: dict[str, float]  # the features of this turn (see analytics.features.FEATURES)
    emotion: dict[str, float]  # probabilities of angry, anxious, disappointed, thankful, neutral


class InsightModel:
    """A trained network ready to score; made by `load`. Safe to call from several threads."""

    def __init__(self, network: Any, vocabulary: Vocabulary, manifest: dict) -> None:
        self.vocabulary = vocabulary
        self.manifest = manifest
        self._run = _traced(network)

    @classmethod
    def load(cls, directory: Path) -> "InsightModel":
        """Read a model folder.

        :raises InsightModelError: when it is missing, broken, or was made for other features, sizes or normal form.
        """
        directory = Path(directory)
        manifest = _read_json(directory / MANIFEST)
        for key, wanted in _expected().items():
            if manifest.get(key) != wanted:
                raise InsightModelError(
                    f"{directory / MANIFEST}: {key}={manifest.get(key)!r}: this version expects {wanted!r}; {_REMEDY}"
                )
        try:
            entries = _read_json(directory / VOCABULARY)
            vocabulary = Vocabulary(tuple(entries["characters"]), tuple(entries["grams"]))
            packed = (directory / WEIGHTS).read_bytes()
            if hashlib.sha256(packed).hexdigest() != manifest.get("weights_sha256"):
                raise InsightModelError(f"{directory / WEIGHTS}: the content does not fit its manifest; {_REMEDY}")
            with np.load(io.BytesIO(packed), allow_pickle=False) as stored:
                weights = [stored[f"w{index}"] for index in range(len(stored.files))]
            network = build_network(vocabulary, NetworkSizes(**manifest["sizes"]), seed=0, unrolled=True)
            network.set_weights(weights)
        except InsightModelError:
            raise
        except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
            raise InsightModelError(f"{directory}: the model cannot be read ({error!r}); {_REMEDY}") from error
        return cls(network, vocabulary, manifest)

    def score(self, history: Sequence[Turn]) -> Insight:
        """Return what the last turn of `history`, a customer's message, tells after all that came before it.

        :raises ValueError: when the history is empty or does not end with the customer.
        """
        return self.score_many([history])[0]

    def score_many(self, histories: Sequence[Sequence[Turn]]) -> list[Insight]:
        """Return `score` of each history, in one run of the network.

        :raises ValueError: as `score`.
        """
        if not histories:
            return []
        for history in histories:
            if not history or history[-1].sender != "customer":
                sender = history[-1].sender if history else None
                raise ValueError(
                    f"last sender={sender!r}: expected 'customer'; pass the turns up to the customer's message"
                )
        characters, grams = self.vocabulary.encode_many([history[-1].text for history in histories])
        behaviour = np.stack([behaviour_features(history) for history in histories])
        outputs = {name: value.numpy() for name, value in self._run(characters, grams, behaviour).items()}
        return [
            _insight(
                outputs["sentiment"][row], outputs["emotion"][row], outputs["frustration"][row, 0], behaviour[row, -1]
            )
            for row in range(len(histories))
        ]


def save_model(network: Any, vocabulary: Vocabulary, sizes: NetworkSizes, directory: Path, *, seed: int) -> None:
    """Write a model folder; the manifest comes last, so that a folder without one was never finished."""
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / MANIFEST).unlink(missing_ok=True)
    buffer = io.BytesIO()
    np.savez(buffer, **{f"w{index}": value for index, value in enumerate(network.get_weights())})
    (directory / WEIGHTS).write_bytes(buffer.getvalue())
    _write_json(directory / VOCABULARY, {"characters": vocabulary.characters, "grams": vocabulary.grams})
    manifest = {
        **_expected(),
        "sizes": sizes.as_json(),
        "seed": seed,
        "weights_sha256": hashlib.sha256(buffer.getvalue()).hexdigest(),
    }
    _write_json(directory / MANIFEST, manifest)


def _expected() -> dict[str, Any]:
    """What a folder must have been made with to be served by this code."""
    return {
        "format": FORMAT,
        "normaliser": NORMALISER_VERSION,
        "features_version": FEATURES_VERSION,
        "features": list(FEATURE_NAMES),
        "turns": MAX_TURNS,
        "characters": MAX_CHARACTERS,
        "grams": MAX_GRAMS,
        "sentiments": list(SENTIMENTS),
        "emotions": list(EMOTIONS),
    }


def _traced(network: Any) -> Any:
    """The network as two concrete functions of arrays: one row, compiled by XLA, and any number of rows, as it is.

    The compiled one saves two thirds of the time of a single message, which goes into starting some 470 small
    operations; for many rows it would have to be compiled again for each number of them.
    """
    import tensorflow as tf

    def concrete(rows: int | None, compiled: bool) -> Any:
        signature = [
            tf.TensorSpec((rows, MAX_CHARACTERS), tf.int32),
            tf.TensorSpec((rows, MAX_GRAMS), tf.int32),
            tf.TensorSpec((rows, MAX_TURNS, len(FEATURE_NAMES)), tf.float32),
        ]
        function = tf.function(
            lambda *arrays: network(list(arrays), training=False),
            input_signature=signature,
            jit_compile=True if compiled else None,
        )
        return function.get_concrete_function()

    # On the processor even where a GPU is present: one message is too little work to send anywhere.
    with tf.device("/CPU:0"):
        single, many = concrete(1, compiled=True), concrete(None, compiled=False)

    def run(*arrays: np.ndarray) -> dict[str, Any]:
        with tf.device("/CPU:0"):
            return (single if len(arrays[0]) == 1 else many)(*(tf.constant(array) for array in arrays))

    # The first run compiles; no customer should wait for that.
    run(
        np.zeros((1, MAX_CHARACTERS), np.int32),
        np.zeros((1, MAX_GRAMS), np.int32),
        np.zeros((1, MAX_TURNS, len(FEATURE_NAMES)), np.float32),
    )
    return run


def _insight(sentiment: np.ndarray, emotion: np.ndarray, frustration: float, features: np.ndarray) -> Insight:
    probabilities = {name: float(value) for name, value in zip(SENTIMENTS, sentiment, strict=True)}
    return Insight(
        sentiment=probabilities,
        label=SENTIMENTS[int(sentiment.argmax())],
        frustration=float(frustration),
        behaviour=named_features(features),
        emotion={name: float(value) for name, value in zip(EMOTIONS, emotion, strict=True)},
    )


def _read_json(path: Path) -> dict:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InsightModelError(f"{path}: not found; no finished insight model is there: {_REMEDY}") from error
    except (OSError, ValueError) as error:
        raise InsightModelError(f"{path}: cannot be read ({error}); {_REMEDY}") from error
    if not isinstance(value, dict):
        raise InsightModelError(f"{path}: holds {type(value).__name__}: expected a JSON object; {_REMEDY}")
    return value


def _write_json(path: Path, value: dict) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")
