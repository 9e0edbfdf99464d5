"""What can be done, once for menus, keys, the palette and whoever shows photos.

photo_actions  what can be done with photos, wherever they are shown
export         photos written down for other programs
undo           what was done last, and how to undo it
menus          what the menus are made of
commands       everything by name and by key: a palette to search in, a sheet of the keys
"""
