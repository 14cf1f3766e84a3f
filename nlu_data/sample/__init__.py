"""The sample company's support log: hand-written material and the seeded generator that puts it together."""
