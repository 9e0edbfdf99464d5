"""PhotoSearch finds photos by photo, on your own machine.

A folder changes; the photos in it become codes; the codes are kept; a photo's nearest codes are shown.
ARCHITECTURE.md tells where each step lives.
"""

__version__ = "0.1.0"
