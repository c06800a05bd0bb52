"""What the cells of a row mean: events, times."""
