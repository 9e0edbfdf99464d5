"""Folder events → settled batches of folders to look at again: a hint only, never the truth.

    system events ─→ handler ─→ queue ─→ watcher's thread: settle, check roots ─→ ready hints ─→ batch()

A file is handed on when it was still for a while, so that half a copy is not taken for a photo. Whatever
events miss (a lost one, a drive that does not report any) is found by looking at the whole root again.
"""

from photosearch.watch.settling import Hint
from photosearch.watch.watcher import Watcher

__all__ = ["Hint", "Watcher"]
