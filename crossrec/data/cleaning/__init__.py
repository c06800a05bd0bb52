"""Rows left out on purpose: a recorded plan, k-cores, what repeats are worth."""
