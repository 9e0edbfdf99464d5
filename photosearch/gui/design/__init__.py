"""The look, and the parts of it that know nothing of photos.

theme     spacing, type, colours and icons, in one place
style     the style sheet, which takes its colours from there
pages     a welcome, or a sentence, in place of the photos
overlay   what lies over the whole window for a while and has the keyboard to itself
own_keys  keys that mean something of their own in a part of the window
sideways  a row that is scrolled sideways where it does not fit
dialogs   what asks for files and folders
"""
