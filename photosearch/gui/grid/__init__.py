"""Photos in rows.

grid        rows of tiles, of which only those in sight exist
size        how large they are, to be chosen
view        what it has in common with the list of duplicates
tiles       how a photo looks there
photos      the model behind it: ids of all, and the photos in sight
thumbnails  pictures for the tiles, made in threads, forgotten when scrolled away
gallery     a grid, or a sentence in its place
lines       long lists of files: a picture, a name, and what is to be said of it
"""
