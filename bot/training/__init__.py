"""Training from the command line: decides what changed, calls Rasa, keeps the list of models, measures them."""
