"""Finds what is known: encoder, lexical and vector index, hybrid search, knowledge files, answers (floor 1)."""
