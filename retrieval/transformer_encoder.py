"""Any sentence-transformers model, from a folder or by its hub name, behind the encoder interface.

It brings torch with it: for training, for trials, and for companies that prefer a pretrained model to the table.
"""

import hashlib
from collections.abc import Sequence

import numpy as np

from nlu_data.text import NORMALISER_VERSION, normalise
from retrieval.encoder import EncoderError, EncoderManifest
from retrieval.features import MAX_CHARACTERS


class TransformerEncoder:
    """Encodes with a sentence-transformers model on the CPU."""

    def __init__(self, model: str) -> None:
        """`model`: a folder that sentence-transformers has saved, or a name on the hub (fetched when first used).

        :raises EncoderError: when it cannot be loaded; the text says what was tried.
        """
        from sentence_transformers import SentenceTransformer

        try:
            self._model = SentenceTransformer(model, device="cpu")
        except (OSError, ValueError, KeyError, ImportError) as error:
            raise EncoderError(
                f"encoder {model!r}: cannot be loaded by sentence-transformers: {error}. "
                "Expected a folder that it has saved, or a hub name that can be reached from here"
            ) from error
        self._model.eval()
        digest = hashlib.sha256()
        for name, weights in sorted(self._model.state_dict().items()):
            digest.update(name.encode())
            digest.update(weights.detach().cpu().numpy().tobytes())
        dimension = int(self._model.encode(["x"], show_progress_bar=False).shape[1])
        self.manifest = EncoderManifest(
            f"sentence-transformers:{model}", dimension, NORMALISER_VERSION, digest.hexdigest()
        )

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return float32 (len(texts), dimension), rows of length 1; all zeros for a text that is empty."""
        vectors = np.zeros((len(texts), self.manifest.dimension), dtype=np.float32)
        clean = {place: normalise(text[:MAX_CHARACTERS]) for place, text in enumerate(texts)}
        filled = [place for place, text in clean.items() if text]
        if filled:
            found = self._model.encode([clean[place] for place in filled], show_progress_bar=False)
            lengths = np.linalg.norm(found, axis=1, keepdims=True)
            vectors[filled] = found / np.maximum(lengths, np.finfo(np.float32).tiny)
        return vectors
