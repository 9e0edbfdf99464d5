"""What every test runs under."""

import os

import hypothesis

# No window of a test may appear on the screen of whoever runs it.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# How long one example takes says nothing on a machine that is busy with the other tests.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")
