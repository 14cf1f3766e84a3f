"""Sentence encoders: texts in, L2-normalised float32 vectors out, each with a manifest that says what made them.

`StaticTableEncoder` is the one that serves by default: a table of vectors for character n-grams and words, learned
from the company's own logs by `retrieval.encoder_training`. It needs numpy alone.

Errors: `EncoderError(ValueError)` for a folder that is not a usable encoder; below it `EncoderMismatch` for one that
was made by another version or has been altered.
"""

import hashlib
import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from retrieval.features import FEATURES_VERSION, features

MANIFEST_FILE = "manifest.json"
VOCABULARY_FILE = "vocabulary.txt"
TABLE_FILE = "table.npy"
#: Rows that share the features outside the vocabulary among them: unknown words still tell texts apart.
BUCKETS = 4_096

_REMEDY = "Train it again with `yingda train`"


class EncoderError(ValueError):
    """The folder holds no encoder that can be loaded."""


class EncoderMismatch(EncoderError):
    """The encoder was made by another version of the text rules, or its files were altered."""


@dataclass(frozen=True)
class EncoderManifest:
    """What made a vector: vectors and indexes of two encoders mix only when the manifests are equal.

    `normaliser` names the text rules (normalisation and features), `content_hash` is a SHA-256 over the learned parts.
    """

    name: str
    dimension: int
    normaliser: str
    content_hash: str

    def require_same(self, other: "EncoderManifest", what: str) -> None:
        """Raise `EncoderMismatch` naming the first field in which `what`, made under `other`, differs from this."""
        for key, value in asdict(self).items():
            found = getattr(other, key)
            if found != value:
                raise EncoderMismatch(
                    f"{what}: {key}: made with {found!r}; expected {value!r}. Rebuild it with the present encoder"
                )


class SentenceEncoder(Protocol):
    """The one interface of every encoder."""

    @property
    def manifest(self) -> EncoderManifest: ...

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return float32 (len(texts), dimension), each row of length 1, or all zeros for a text without features."""
        ...


class StaticTableEncoder:
    """A table of feature vectors; a text's vector is the normalised sum of its features' rows."""

    def __init__(self, vocabulary: Sequence[str], table: np.ndarray, *, name: str = "static-table") -> None:
        """`table`: (len(vocabulary) + buckets, dimension); the last rows are the buckets for other features.

        The rows are rounded to float16, which is how they are stored: a loaded encoder gives the very same vectors.

        :raises ValueError: when the vocabulary repeats a feature, or the table has no bucket or values not finite.
        """
        self._rows = {feature: row for row, feature in enumerate(vocabulary)}
        if len(self._rows) != len(vocabulary):
            raise ValueError(f"vocabulary: {len(vocabulary) - len(self._rows)} features appear twice; expected none")
        if table.ndim != 2 or table.shape[0] <= len(vocabulary) or table.shape[1] < 1:
            raise ValueError(
                f"table: got shape {table.shape}; expected (more than {len(vocabulary)} rows, 1 or more columns)"
            )
        stored = table.astype(np.float16)
        if not np.isfinite(stored).all():
            raise ValueError("table: holds values that are not finite in float16; expected magnitudes under 65,504")
        self._table = stored.astype(np.float32)
        self._buckets = table.shape[0] - len(vocabulary)
        self.manifest = EncoderManifest(name, table.shape[1], FEATURES_VERSION, _content_hash(vocabulary, stored))

    @property
    def vocabulary(self) -> list[str]:
        """The known features in row order."""
        return list(self._rows)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return float32 (len(texts), dimension), rows of length 1; all zeros for a text without features."""
        vectors = np.zeros((len(texts), self.manifest.dimension), dtype=np.float32)
        for index, text in enumerate(texts):
            rows = feature_rows(text, self._rows, self._buckets)
            if rows:
                total = self._table[rows].sum(axis=0)
                length = float(np.linalg.norm(total))
                if length > 0:
                    vectors[index] = total / length
        return vectors

    def save(self, directory: Path) -> None:
        """Write the encoder into `directory` (made if missing); the manifest comes last, so that a cut-short save
        does not look whole."""
        directory.mkdir(parents=True, exist_ok=True)
        (directory / MANIFEST_FILE).unlink(missing_ok=True)
        (directory / VOCABULARY_FILE).write_text("\n".join(self._rows), encoding="utf-8")
        np.save(directory / TABLE_FILE, self._table.astype(np.float16), allow_pickle=False)
        manifest = {"kind": "static-table", **asdict(self.manifest)}
        (directory / MANIFEST_FILE).write_text(json.dumps(manifest, ensure_ascii=False, indent=2), encoding="utf-8")

    @classmethod
    def load(cls, directory: Path) -> "StaticTableEncoder":
        """Return the encoder saved in `directory`.

        :raises EncoderError: when files are missing or unreadable.
        :raises EncoderMismatch: when the text rules have changed since, or the files do not fit the manifest.
        """
        saved = read_manifest(directory)
        if saved.normaliser != FEATURES_VERSION:
            raise EncoderMismatch(
                f"encoder {directory}: normaliser: made with {saved.normaliser!r}; expected {FEATURES_VERSION!r}. "
                + _REMEDY
            )
        try:
            text = (directory / VOCABULARY_FILE).read_text(encoding="utf-8")
            table = np.load(directory / TABLE_FILE, allow_pickle=False)
            encoder = cls(text.split("\n") if text else [], table, name=saved.name)
        except (OSError, ValueError, EOFError) as error:
            raise EncoderError(f"encoder {directory}: cannot be read: {error}. {_REMEDY}") from error
        if encoder.manifest != saved:
            raise EncoderMismatch(f"encoder {directory}: its files do not fit its {MANIFEST_FILE}. {_REMEDY}")
        return encoder


def load_encoder(directory: Path) -> SentenceEncoder:
    """Return the encoder in `directory`, whichever kind its manifest names.

    :raises EncoderError: when there is none, or of a kind that is unknown here.
    """
    kind = _read_json(directory).get("kind")
    if kind == "static-table":
        return StaticTableEncoder.load(directory)
    raise EncoderError(f"encoder {directory}: kind: got {kind!r}; expected 'static-table'. {_REMEDY}")


def read_manifest(directory: Path) -> EncoderManifest:
    """Return the manifest in `directory` without loading the encoder.

    :raises EncoderError: when it is missing or not well formed.
    """
    content = _read_json(directory)
    values = {}
    for key, wanted in {"name": str, "dimension": int, "normaliser": str, "content_hash": str}.items():
        values[key] = content.get(key)
        if not isinstance(values[key], wanted):
            raise EncoderError(
                f"encoder {directory / MANIFEST_FILE}: {key}: got {values[key]!r}; expected {wanted.__name__}. "
                + _REMEDY
            )
    return EncoderManifest(**values)


def feature_rows(text: str, rows: dict[str, int], buckets: int) -> list[int]:
    """Return the table row of each feature of `text`: its own, or one of the `buckets` after the vocabulary's."""
    found = []
    for feature in features(text):
        row = rows.get(feature)
        found.append(len(rows) + zlib.crc32(feature.encode()) % buckets if row is None else row)
    return found


def _read_json(directory: Path) -> dict:
    path = directory / MANIFEST_FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise EncoderError(f"encoder {directory}: there is no {MANIFEST_FILE}. {_REMEDY}") from None
    except (OSError, ValueError) as error:
        raise EncoderError(f"encoder {path}: cannot be read: {error}. {_REMEDY}") from error
    if not isinstance(content, dict):
        raise EncoderError(f"encoder {path}: got {type(content).__name__}; expected a JSON object. {_REMEDY}")
    return content


def _content_hash(vocabulary: Sequence[str], stored: np.ndarray) -> str:
    digest = hashlib.sha256("\n".join(vocabulary).encode())
    digest.update(np.ascontiguousarray(stored).tobytes())
    return digest.hexdigest()
