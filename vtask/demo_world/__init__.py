"""A market to look at: people, and months of orders that really went through the verbs.

`people` makes who takes part, `plan` decides (purely) what happens when, `history` lets it happen
at those instants, `world` puts it together. The same seed on the same day makes the same world.
"""
