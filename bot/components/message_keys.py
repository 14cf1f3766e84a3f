"""Names under which the components leave their results on a Rasa message (and so in its parse data)."""

#: The sentence vector, float32 (dimension,), L2-normalised; not part of the output.
SENTENCE_VECTOR = "sentence_vector"
#: The encoder that made it, for components that must encode other texts the same way; not part of the output.
SENTENCE_ENCODER = "sentence_encoder"
#: The classifier's probability of each intent, {name: 0–1}; not part of the output.
INTENT_PROBABILITIES = "intent_probabilities"
#: What the retriever found: {"kind", "text", "sources", "nearest"}.
KNOWLEDGE = "knowledge"
#: What the insight model reads: {"sentiment", "frustration", "behaviour"}.
INSIGHT = "insight"
