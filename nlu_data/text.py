"""Knows text: one normal form, words, character n-grams and sentences, for Chinese first and English second."""

import logging
import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from threading import Lock

#: Goes into the manifest of every artefact that was made from normalised text; raise it when `normalise` changes.
NORMALISER_VERSION = "1"

#: One word a line, optionally followed by a frequency: product and brand words that the jieba dictionary lacks.
CATALOGUE_PATH = Path(__file__).with_name("catalogue.txt")

# Separators that carry a line break in chat exports; they become a space before the other controls are dropped.
_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]")
_SPACES = re.compile(r"\s+")
_REPEATED_PUNCTUATION = re.compile(r"([!?.,;:~。、…—])\1+")
# Cc control, Cf format (zero width, bidi), Cs lone surrogate, Co private use.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co"})
_MAX_PASSES = 4

_SENTENCE = re.compile(
    r"""
    .+?(?:
        [。！？!?；;…\n]+[”’」』）)\]"']*          # Chinese and shared marks, with what closes a quotation
      | (?<!\d)(?<!\b[A-Z])\.(?=\s|$)\s*           # an English full stop, not the dot of an initial
      | (?<=\d)\.(?=\s|$)\s*                       # … or of a number at the end of a sentence
      | $
    )
    """,
    re.VERBOSE | re.DOTALL,
)
_ABBREVIATION = re.compile(r"(?:\b(?:Mr|Mrs|Ms|Dr|No|vs|etc|approx|e\.g|i\.e)\.)\s*$", re.IGNORECASE)

_tokenizer_lock = Lock()


def normalise(text: str) -> str:
    """Return the one form in which texts are compared.

    NFKC (full-width letters, digits and punctuation become half-width), Latin lower-cased, control and
    zero-width characters removed, white space collapsed to one space, a repeated punctuation mark written
    once. Chinese full stops and enumeration commas stay. Idempotent; an empty result is possible.
    """
    # Removing a zero-width character can bring two characters together that NFKC then composes, so repeat.
    for _ in range(_MAX_PASSES):
        passed = _normalise_once(text)
        if passed == text:
            break
        text = passed
    return text


def _normalise_once(text: str) -> str:
    text = unicodedata.normalize("NFKC", _BREAKS.sub(" ", text)).lower()
    if not text.isprintable() or "\ufe0f" in text:
        text = "".join(
            character
            for character in text
            if unicodedata.category(character) not in _UNPRINTABLE and character != "\ufe0f"
        )
    text = _REPEATED_PUNCTUATION.sub(r"\1", text)
    return _SPACES.sub(" ", text).strip()


def words(text: str) -> list[str]:
    """Return the words of `text` in its normal form, punctuation included, white space left out.

    Uses a jieba tokenizer of our own (the global one is left alone) that also knows the words of
    `catalogue.txt`. The first call loads the dictionary: about a second.
    """
    return [word for word in _tokenizer().lcut(normalise(text)) if not word.isspace()]


@lru_cache(maxsize=1)
def _loaded_tokenizer():
    # Imported here, not at the top: a process that only normalises text must start without the dictionary.
    import jieba

    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    for word, frequency in catalogue_words():
        tokenizer.add_word(word, frequency)
    return tokenizer


def _tokenizer():
    # lru_cache alone would let two threads load the dictionary at once.
    with _tokenizer_lock:
        return _loaded_tokenizer()


def catalogue_words(path: Path = CATALOGUE_PATH) -> list[tuple[str, int | None]]:
    """Return the words of a catalogue file with their frequencies (None: let jieba choose one).

    :raises ValueError: when a line holds more than a word and a whole number; names file and line.
    """
    entries: list[tuple[str, int | None]] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        fields = line.split("#", 1)[0].split()
        if not fields:
            continue
        if len(fields) > 2 or (len(fields) == 2 and not fields[1].isdecimal()):
            raise ValueError(f"{path.name} line {number}: {line!r} is not `word` or `word frequency`")
        entries.append((normalise(fields[0]), int(fields[1]) if len(fields) == 2 else None))
    return entries


def char_ngrams(text: str, low: int, high: int) -> list[str]:
    """Return the character n-grams of the normal form of `text`, lengths `low` to `high` inclusive, in order.

    Grams do not run across white space, which Chinese customers use like a comma; a stretch shorter than
    `low` gives itself, so that a one-character message is not empty.

    :raises ValueError: unless 1 ≤ low ≤ high.
    """
    if not 1 <= low <= high:
        raise ValueError(f"char_ngrams: low={low}, high={high}; expected 1 <= low <= high")
    grams: list[str] = []
    for stretch in normalise(text).split():
        if len(stretch) < low:
            grams.append(stretch)
            continue
        for size in range(low, min(high, len(stretch)) + 1):
            grams.extend(stretch[start : start + size] for start in range(len(stretch) - size + 1))
    return grams


def sentences(text: str) -> list[str]:
    """Return the sentences of `text` as written, marks kept, outer white space removed, empty ones left out.

    Splits after 。！？；… and their half-width forms, at line breaks, and after an English full stop that is
    followed by white space and does not end a known abbreviation; decimal points never split.
    """
    found: list[str] = []
    pending = ""
    for match in _SENTENCE.finditer(text):
        pending += match.group()
        if _ABBREVIATION.search(pending):
            continue
        if pending.strip():
            found.append(pending.strip())
        pending = ""
    if pending.strip():
        found.append(pending.strip())
    return found
