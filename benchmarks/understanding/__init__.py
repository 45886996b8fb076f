"""How well a library understands what people ask, measured on the engine itself.

A topic is a module with a `figures(case)`, and an entry of `topics.TOPICS`. It asks queries that
`queries` makes by rule from what a test set says of its pictures: never picked by looking at
answers.
"""
