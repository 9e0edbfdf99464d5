"""“Find Similar Photos” in the menu of Nautilus, for one photo. Needs python3-nautilus."""

import locale
import subprocess

from gi.repository import GObject, Nautilus

GERMAN = (locale.getlocale()[0] or "").startswith("de")


class FindSimilar(GObject.GObject, Nautilus.MenuProvider):
    def get_file_items(self, *arguments):
        files = arguments[-1]  # before Nautilus 43 a window came first
        if len(files) != 1 or not files[0].get_mime_type().startswith("image/"):
            return []
        label = "Ähnliche Fotos suchen" if GERMAN else "Find Similar Photos"
        item = Nautilus.MenuItem(name="PhotoSearch::find", label=label, icon="org.photosearch.PhotoSearch")
        item.connect("activate", self._find, files[0].get_location().get_path())
        return [item]

    def _find(self, _item, path):
        if path:
            subprocess.Popen(["photosearch", path], start_new_session=True)
