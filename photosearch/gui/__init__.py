"""The window: the only room that knows Qt.

    app        starts everything, in the order it can be read
    instance   one window a library: a second start hands over to the first
    window     what is shown when, and what each action does
    tasks      calls and long work in other threads, results handed back
    grid       photos in rows of tiles, of which only those in sight exist
    photos     the model behind the grid: ids of all, and the photos in sight
    thumbnails pictures for the tiles, made in threads, forgotten when scrolled away
    query      the strip above the grid: what is searched for, and where to drop it
    folders    the panel at the left
    status     the line below: progress, pause, counts
    pages      what stands in place of the grid: welcome, failures, a sentence
    pickings   what was dropped or pasted
    invitation what lies over the window while something hovers
    desktop    other programs: the viewer, the file manager, the clipboard
    theme      spacing, type, colours, icons
    words      numbers and states as people say them
    language   every sentence in the person's language: tr, trn

Nothing here touches a disk or the library from the GUI's thread: a `Worker` calls, and hands the result back.
"""
