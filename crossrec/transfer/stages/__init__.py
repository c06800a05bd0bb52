"""The stages of a fit, in order: ground, own, between, opening, new_items, repeats."""
