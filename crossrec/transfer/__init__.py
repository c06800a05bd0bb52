"""The transfer model, its training, and what it is compared with."""
