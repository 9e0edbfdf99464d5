"""Photos in large.

looking      the preview and the comparison over the window, and beside a grid what is known
preview      one photo of a grid; canvas: its picture with zoom and pan
compare      two to eight side by side; pane: one of them
information  what is known of a photo
pictures     photos decoded for this, neighbours ahead
reading      pictures that may lie anywhere, to be shown small or copied
"""
