"""People's ids and profiles protected; figures of small groups withheld."""
