"""What the bot can do for a customer: rasa_sdk actions, one customer goal a file, in one flat folder.

They run inside the engine's workers (bot.engine.action_endpoint) or in a stock action server: `rasa run actions`.
"""
