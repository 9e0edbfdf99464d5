"""Trainings in tests are tiny: more threads than one would wait for each other."""

import torch

torch.set_num_threads(1)
