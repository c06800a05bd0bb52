"""What a model may see and what it is judged on."""
