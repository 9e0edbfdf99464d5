"""Training the models that `encode` loads: one paper, one file, and the trainer they share."""
