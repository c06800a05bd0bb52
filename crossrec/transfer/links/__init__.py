"""Sparse links between items: which item speaks for which, each column a small ridge regression."""
