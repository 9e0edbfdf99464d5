"""The window: the only room that knows Qt.

    app        starts everything, in the order it can be read
    instance   one window a library: a second start hands over to the first
    window     its places, the way between them, what comes from outside
    session    the library behind it: opened, followed, asked
    places     what a place has to offer, and the way from one to another
    library_place, search_place, activity
               the places: all photos, a search, what goes on
    actions    what can be done with photos, wherever they are shown
    gallery    a grid, or a sentence in its place
    grid       photos in rows of tiles, of which only those in sight exist
    photos     the model behind the grid: ids of all, and the photos in sight
    thumbnails pictures for the tiles, made in threads, forgotten when scrolled away
    looking    a photo in large (preview, canvas), several side by side (compare), what is known (information)
    pictures   photos decoded for that, neighbours ahead; overlay: what lies over the window meanwhile
    timeline   when the photos beside it were taken
    filters    by what photos are narrowed, with counts
    query      the strip above an answer: what is searched for, and where to drop it
    card       one example: its picture, the part that is meant, its weight
    history    where a person was; searches: what they saved
    folders    the panel at the left of the library
    failures   files that could not be read; report: what to hand to who helps
    preferences, commands
               what can be chosen; everything that can be done, by name and by key
    status     the line below: progress, pause, counts
    pages      a welcome, or a sentence
    pickings   what was dropped or pasted
    invitation what lies over the window while something hovers
    tasks      calls and long work in other threads, results handed back
    desktop    other programs: the viewer, the file manager, the clipboard; programs: which there are
    export     photos written down for other programs
    dialogs    what asks for files and folders; own_keys: what takes keys before the window does
    reading    pictures as Qt reads them
    theme      spacing, type, colours, icons
    words      numbers and states as people say them
    language   every sentence in the person's language: tr, trn

Nothing here touches a disk or the library from the GUI's thread: a `Worker` calls, and hands the result back.
"""
