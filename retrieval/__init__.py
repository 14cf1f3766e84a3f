"""Finds what is known: sentence encoder, lexical and vector index, hybrid search, knowledge import, answers (floor 1)."""
