"""What goes on: how far indexing is, which drives are away, what could not be read.

place     the place of the window that shows it
failures  the files that could not be read, and why
report    what a person can hand to who helps them
status    the line below the window: progress, pause, counts
"""
