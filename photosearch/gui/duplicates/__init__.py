"""Photos that are there more than once: looked at, decided about, moved to the trash and back.

place        the place of the window: groups to decide about, what would go to the trash, what did
work         what it lets the library do, outside of the GUI's thread
groups       the groups behind the list, and what the person wants to become of their photos
list         groups one below the other; notes: what sidecars say of one
deciding     what a person decides, by key, button or menu, and how it is undone
clearing     the way of photos to the trash and back; summary: the pages it shows
files        a report to look at, decisions for another library
importing    before an import: which photos of a card are in the library already
preferences  what makes a photo of several the one to keep
words        groups as people say them
"""
