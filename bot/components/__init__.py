"""Rasa graph components: everything that config.yml names, one component a file."""
