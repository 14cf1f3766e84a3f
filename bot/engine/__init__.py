"""The engine: worker processes that embed Rasa's Agent and run one turn at a time per conversation."""
