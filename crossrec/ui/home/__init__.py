"""Home: the decision board."""
