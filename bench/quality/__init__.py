"""The honest proof of the engine: every model on every set, judged on identical users."""
