"""The window: the only room that knows Qt.

    app           starts everything, in the order it can be read; requirements: what Qt needs of the system
    shell         what every window has: a library behind it, a search, what comes from outside
    window, archive
                  the windows on the photos of this computer and on an archive
    session       the library behind it: opened, followed, asked
    places        what a place has to offer, and the way from one to another
    library_place, search_place
                  the places of all photos and of a search; preferences: what can be chosen for good
    grid/         photos in rows: the view, its model, thumbnails
    browsing/     folders, filters and the timeline
    search/       the examples of a search, its history, what was saved
    viewing/      photos in large: preview, comparison, what is known of them
    duplicates/   the place of duplicates, and what is decided there
    activity/     the place of what goes on, and the line below
    actions/      what can be done with photos; menus, commands, undo
    desktop/      other programs: the clipboard, the file manager, the tray, what is dropped
    design/       spacing, type, colours, icons; pages, overlays, dialogs
    language/     every sentence in the person's language: tr, trn; words: numbers and states
    tasks, pool   work in other threads, its results handed back

Nothing here touches a disk or the library from the GUI's thread: a `Worker` calls, and hands the result back.
"""
