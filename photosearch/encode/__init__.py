"""Pixels become codes: the model file, the network, the codecs, and the process of its own they run in."""
