"""What is wrong with a data set before anything is trained, and what it is good for."""
