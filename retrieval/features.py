"""Cuts a text into the features that the token table knows: character n-grams and words."""

import re

from nlu_data.text import NORMALISER_VERSION, char_ngrams, normalise, words

#: Longest text that is read, in characters; what follows cannot change a vector any more.
MAX_CHARACTERS = 2_000
#: Names the way features are cut; part of every encoder's manifest, so that a table never meets other features.
FEATURES_VERSION = f"{NORMALISER_VERSION}+cw1"

_RUN = re.compile(r"[^\W_]+")
_LATIN = re.compile(r"[a-z0-9]+")


def features(text: str) -> list[str]:
    """Return the text's features in order, repeated as they occur: "c:" + 1–3 characters, "w:" + word.

    N-grams do not cross punctuation or spaces. Words of one Chinese character are left out: they equal an n-gram.
    A text without a letter or digit (empty, emoji only) has none.
    """
    clean = normalise(text[:MAX_CHARACTERS])
    found: list[str] = []
    for run in _RUN.findall(clean):
        found.extend("c:" + gram for gram in char_ngrams(run, 1, 3))
    for word in words(clean):
        if _RUN.fullmatch(word) and (len(word) > 1 or _LATIN.fullmatch(word)):
            found.append("w:" + word)
    return found
