"""From text to the fixed-length numbers that the insight network reads."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from nlu_data.text import char_ngrams, normalise

PADDING, UNKNOWN = 0, 1
#: Characters that the convolution sees, and n-grams that the bag holds; a longer text gives its beginning and its end.
MAX_CHARACTERS = 64
MAX_GRAMS = 160
LONGEST_GRAM = 3


@dataclass(frozen=True)
class Vocabulary:
    """The characters and the longer n-grams the network has a vector for; positions are ids, from 2 on."""

    characters: tuple[str, ...]
    grams: tuple[str, ...]

    def __post_init__(self) -> None:
        character_ids = {entry: index for index, entry in enumerate(self.characters, start=UNKNOWN + 1)}
        gram_ids = {entry: index for index, entry in enumerate(self.grams, start=UNKNOWN + 1)}
        object.__setattr__(self, "_character_ids", character_ids)
        object.__setattr__(self, "_gram_ids", gram_ids)

    def encode(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """Return int32 character ids (MAX_CHARACTERS,) and n-gram ids (MAX_GRAMS,), padded with 0.

        Unknown n-grams are left out, unknown characters kept as such: the convolution needs the distance.
        """
        # Half of the room for the beginning, half for the end, where customers say what they want.
        half = MAX_CHARACTERS // 2
        text = normalise(text[: 8 * half] + text[-8 * half :] if len(text) > 16 * half else text)
        text = text if len(text) <= MAX_CHARACTERS else text[:half] + text[-half:]
        characters = np.zeros(MAX_CHARACTERS, dtype=np.int32)
        found = [self._character_ids.get(character, UNKNOWN) for character in text]
        characters[: len(found)] = found
        grams = np.zeros(MAX_GRAMS, dtype=np.int32)
        known = [self._gram_ids[gram] for gram in grams_of(text) if gram in self._gram_ids][:MAX_GRAMS]
        grams[: len(known)] = known
        return characters, grams

    def encode_many(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows of `encode` for each text: (n, MAX_CHARACTERS) and (n, MAX_GRAMS)."""
        characters = np.zeros((len(texts), MAX_CHARACTERS), dtype=np.int32)
        grams = np.zeros((len(texts), MAX_GRAMS), dtype=np.int32)
        for row, text in enumerate(texts):
            characters[row], grams[row] = self.encode(text)
        return characters, grams


def grams_of(text: str) -> list[str]:
    """Return the distinct character n-grams (1 to LONGEST_GRAM) of `text` in order of appearance."""
    return list(dict.fromkeys(char_ngrams(text, 1, LONGEST_GRAM)))


def build_vocabulary(texts: Iterable[str], *, least: int = 2, limit: int = 20_000) -> Vocabulary:
    """Return the vocabulary of what occurs in at least `least` of the texts, the most frequent first."""
    characters: Counter[str] = Counter()
    grams: Counter[str] = Counter()
    for text in texts:
        characters.update(set(normalise(text)))
        grams.update(grams_of(text))

    def frequent(counts: Counter[str]) -> tuple[str, ...]:
        kept = [(entry, count) for entry, count in counts.items() if count >= least]
        return tuple(entry for entry, _ in sorted(kept, key=lambda item: (-item[1], item[0]))[:limit])

    return Vocabulary(frequent(characters), frequent(grams))
