"""What the bot learns from: training data, knowledge, sample logs, and the code that knows text (floor 0)."""
