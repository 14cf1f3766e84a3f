"""What the customer feels and does, who they are, and when a human must step in.

Nothing is imported here: the gateway takes `profiles` and `escalation` without paying for TensorFlow, which only
`insight` and `insight_training` load, and only once they are used.
"""
