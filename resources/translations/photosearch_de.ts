<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE">
<context>
    <name></name>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Open With</source>
        <translation>Öffnen mit</translation>
    </message>
    <message>
        <source>Find Similar</source>
        <translation>Ähnliche suchen</translation>
    </message>
    <message>
        <source>More Like This</source>
        <translation>Mehr wie dieses</translation>
    </message>
    <message>
        <source>Less Like This</source>
        <translation>Weniger wie dieses</translation>
    </message>
    <message>
        <source>Show in File Manager</source>
        <translation>In der Dateiverwaltung zeigen</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Copy Picture</source>
        <translation>Bild kopieren</translation>
    </message>
    <message>
        <source>Copy Path</source>
        <translation>Pfad kopieren</translation>
    </message>
    <message>
        <source>Move to Trash</source>
        <translation>In den Papierkorb</translation>
    </message>
    <message>
        <source>Export as a List…</source>
        <translation>Als Liste exportieren …</translation>
    </message>
    <message>
        <source>Export as a Folder of Links…</source>
        <translation>Als Ordner mit Verknüpfungen exportieren …</translation>
    </message>
    <message>
        <source>“{name}” is offline. Plug in the drive of “{drive}”.</source>
        <translation>„{name}“ ist offline. Dazu das Laufwerk von „{drive}“ anschließen.</translation>
    </message>
    <message>
        <source>“{name}” is offline. Its file is missing.</source>
        <translation>„{name}“ ist offline. Die Datei fehlt.</translation>
    </message>
    <message>
        <source>Other Program…</source>
        <translation>Anderes Programm …</translation>
    </message>
    <message>
        <source>“{name}” cannot be started.</source>
        <translation>„{name}“ lässt sich nicht starten.</translation>
    </message>
    <message>
        <source>No program is set to open “{name}”.</source>
        <translation>Kein Programm ist zum Öffnen von „{name}“ eingestellt.</translation>
    </message>
    <message>
        <source>Open with which program?</source>
        <translation>Mit welchem Programm öffnen?</translation>
    </message>
    <message>
        <source>Copied {photos}</source>
        <translation>{photos} kopiert</translation>
    </message>
    <message numerus="yes">
        <source>Copied the path of {n} photo</source>
        <comment>Copied the paths of {n} photos</comment>
        <translation>
            <numerusform>Pfad von {n} Foto kopiert</numerusform>
            <numerusform>Pfade von {n} Fotos kopiert</numerusform>
        </translation>
    </message>
    <message>
        <source>This picture cannot be copied; its file can.</source>
        <translation>Dieses Bild lässt sich nicht kopieren, seine Datei schon.</translation>
    </message>
    <message>
        <source>Copied the picture</source>
        <translation>Bild kopiert</translation>
    </message>
    <message>
        <source>{count} photos are selected: at most {most} go to the trash at once.</source>
        <translation>{count} Fotos sind ausgewählt: Höchstens {most} gehen auf einmal in den Papierkorb.</translation>
    </message>
    <message>
        <source>Export as a list</source>
        <translation>Als Liste exportieren</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>Tabelle</translation>
    </message>
    <message>
        <source>Paths, one a line</source>
        <translation>Pfade, einer je Zeile</translation>
    </message>
    <message>
        <source>Photos</source>
        <translation>Fotos</translation>
    </message>
    <message>
        <source>Export as a folder of links</source>
        <translation>Als Ordner mit Verknüpfungen exportieren</translation>
    </message>
    <message>
        <source>Exported {photos} to “{name}”</source>
        <translation>{photos} nach „{name}“ exportiert</translation>
    </message>
    <message>
        <source>Activity</source>
        <translation>Aktivität</translation>
    </message>
    <message>
        <source>Progress of indexing</source>
        <translation>Fortschritt der Indizierung</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Erneut versuchen</translation>
    </message>
    <message>
        <source>searchable</source>
        <translation>durchsuchbar</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>wartend</translation>
    </message>
    <message>
        <source>offline</source>
        <translation>offline</translation>
    </message>
    <message>
        <source>could not be read</source>
        <translation>nicht lesbar</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>Indexing is paused</source>
        <translation>Die Indizierung ist angehalten</translation>
    </message>
    <message>
        <source>Everything is up to date</source>
        <translation>Alles ist auf dem neuesten Stand</translation>
    </message>
    <message>
        <source>Looking through the folders</source>
        <translation>Die Ordner werden durchgesehen</translation>
    </message>
    <message>
        <source>Indexing your photos</source>
        <translation>Die Fotos werden indiziert</translation>
    </message>
    <message>
        <source>What changes meanwhile is noticed as soon as it goes on.</source>
        <translation>Was sich inzwischen ändert, wird bemerkt, sobald es weitergeht.</translation>
    </message>
    <message>
        <source>New, changed, moved and deleted photos are noticed by themselves.</source>
        <translation>Neue, geänderte, verschobene und gelöschte Fotos werden von selbst bemerkt.</translation>
    </message>
    <message>
        <source>Indexing has stopped</source>
        <translation>Die Indizierung wurde beendet</translation>
    </message>
    <message numerus="yes">
        <source>{n} folder is offline</source>
        <comment>{n} folders are offline</comment>
        <translation>
            <numerusform>{n} Ordner ist offline</numerusform>
            <numerusform>{n} Ordner sind offline</numerusform>
        </translation>
    </message>
    <message>
        <source>Plug in the drive to see these photos. Nothing of them is forgotten meanwhile.</source>
        <translation>Um diese Fotos zu sehen, das Laufwerk anschließen. Vergessen wird inzwischen nichts.</translation>
    </message>
    <message>
        <source>Is something not working? A report tells what was going on; you decide who gets it.</source>
        <translation>Funktioniert etwas nicht? Ein Bericht sagt, was geschah; wer ihn bekommt, entscheiden Sie.</translation>
    </message>
    <message>
        <source>Hide names and folders</source>
        <translation>Namen und Ordner verbergen</translation>
    </message>
    <message>
        <source>Copy report</source>
        <translation>Bericht kopieren</translation>
    </message>
    <message>
        <source>Copied the report</source>
        <translation>Bericht kopiert</translation>
    </message>
    <message>
        <source>This photo is offline: its drive, or its file, is not there just now.</source>
        <translation>Dieses Foto ist offline: Sein Laufwerk oder seine Datei ist gerade nicht da.</translation>
    </message>
    <message>
        <source>Weigh “{name}” less</source>
        <translation>„{name}“ geringer gewichten</translation>
    </message>
    <message>
        <source>Weigh “{name}” more</source>
        <translation>„{name}“ stärker gewichten</translation>
    </message>
    <message>
        <source>Take “{name}” away</source>
        <translation>„{name}“ wegnehmen</translation>
    </message>
    <message>
        <source>Draw a Box</source>
        <translation>Rahmen ziehen</translation>
    </message>
    <message>
        <source>Take the Box Away</source>
        <translation>Rahmen wegnehmen</translation>
    </message>
    <message>
        <source>Weigh More</source>
        <translation>Stärker gewichten</translation>
    </message>
    <message>
        <source>Weigh Less</source>
        <translation>Geringer gewichten</translation>
    </message>
    <message>
        <source>Enter</source>
        <translation>Eingabetaste</translation>
    </message>
    <message>
        <source>Backspace</source>
        <translation>Rücktaste</translation>
    </message>
    <message>
        <source>Take the Example Away</source>
        <translation>Beispiel wegnehmen</translation>
    </message>
    <message>
        <source>More like this</source>
        <translation>Mehr wie dieses</translation>
    </message>
    <message>
        <source>Less like this</source>
        <translation>Weniger wie dieses</translation>
    </message>
    <message>
        <source>{name}: draw a box to search for that part; a double click takes it away.</source>
        <translation>{name}: Ein Rahmen sucht nach diesem Ausschnitt; ein Doppelklick nimmt ihn weg.</translation>
    </message>
    <message>
        <source>More like</source>
        <translation>Mehr wie</translation>
    </message>
    <message>
        <source>Less like</source>
        <translation>Weniger wie</translation>
    </message>
    <message>
        <source>the part from {left} % and {top} % on, {width} % wide, {height} % high</source>
        <translation>der Ausschnitt ab {left} % und {top} %, {width} % breit, {height} % hoch</translation>
    </message>
    <message>
        <source>Enter draws a box, arrows move it, Shift and arrows resize it, Backspace takes it away.</source>
        <translation>Die Eingabetaste zieht einen Rahmen, Pfeiltasten schieben ihn, Umschalt und Pfeiltasten ändern seine Größe, die Rücktaste nimmt ihn weg.</translation>
    </message>
    <message>
        <source>Commands</source>
        <translation>Befehle</translation>
    </message>
    <message>
        <source>What would you like to do?</source>
        <translation>Was möchten Sie tun?</translation>
    </message>
    <message>
        <source>Search for a command</source>
        <translation>Nach einem Befehl suchen</translation>
    </message>
    <message>
        <source>Keyboard Shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>From photo to photo</source>
        <translation>Von Foto zu Foto</translation>
    </message>
    <message>
        <source>Arrows, Home, End, Page Up, Page Down</source>
        <translation>Pfeile, Pos1, Ende, Bild auf, Bild ab</translation>
    </message>
    <message>
        <source>Select several</source>
        <translation>Mehrere auswählen</translation>
    </message>
    <message>
        <source>Shift or Ctrl and a click, or Shift and arrows</source>
        <translation>Umschalt oder Strg und Klick, oder Umschalt und Pfeile</translation>
    </message>
    <message>
        <source>Go to a name</source>
        <translation>Zu einem Namen gehen</translation>
    </message>
    <message>
        <source>Type its first letters</source>
        <translation>Seine ersten Buchstaben tippen</translation>
    </message>
    <message>
        <source>Larger and smaller</source>
        <translation>Größer und kleiner</translation>
    </message>
    <message>
        <source>Ctrl and the wheel</source>
        <translation>Strg und Mausrad</translation>
    </message>
    <message>
        <source>An example of a search</source>
        <translation>Ein Beispiel einer Suche</translation>
    </message>
    <message>
        <source>Weigh more or less</source>
        <translation>Stärker oder geringer gewichten</translation>
    </message>
    <message>
        <source>Draw a box, take it away</source>
        <translation>Rahmen ziehen, wegnehmen</translation>
    </message>
    <message>
        <source>Enter, Backspace</source>
        <translation>Eingabe, Rücktaste</translation>
    </message>
    <message>
        <source>Move the box, resize it</source>
        <translation>Rahmen schieben, Größe ändern</translation>
    </message>
    <message>
        <source>Arrows, Shift and arrows</source>
        <translation>Pfeile, Umschalt und Pfeile</translation>
    </message>
    <message>
        <source>Take the example away</source>
        <translation>Beispiel wegnehmen</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Entf</translation>
    </message>
    <message>
        <source>Keys by menu</source>
        <translation>Tasten nach Menüs</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>Vergleichen</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>Escape</source>
        <translation>Esc</translation>
    </message>
    <message>
        <source>Side by side</source>
        <translation>Nebeneinander</translation>
    </message>
    <message>
        <source>Flicker</source>
        <translation>Abwechselnd</translation>
    </message>
    <message>
        <source>Differences</source>
        <translation>Unterschiede</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>Verkleinern</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>Vergrößern</translation>
    </message>
    <message>
        <source>Fit</source>
        <translation>Einpassen</translation>
    </message>
    <message>
        <source>Actual size</source>
        <translation>Originalgröße</translation>
    </message>
    <message>
        <source>{action} ({key})</source>
        <translation>{action} ({key})</translation>
    </message>
    <message>
        <source>Keep all</source>
        <translation>Alle behalten</translation>
    </message>
    <message>
        <source>Skip</source>
        <translation>Überspringen</translation>
    </message>
    <message numerus="yes">
        <source>Comparing {n} photo</source>
        <comment>Comparing {n} photos</comment>
        <translation>
            <numerusform>{n} Foto im Vergleich</numerusform>
            <numerusform>{n} Fotos im Vergleich</numerusform>
        </translation>
    </message>
    <message>
        <source>Press B to change over.</source>
        <translation>Mit B wird gewechselt.</translation>
    </message>
    <message>
        <source>{first} and {second}</source>
        <translation>{first} und {second}</translation>
    </message>
    <message>
        <source>A: {name}</source>
        <translation>A: {name}</translation>
    </message>
    <message>
        <source>B: {name}</source>
        <translation>B: {name}</translation>
    </message>
    <message>
        <source>Comparing pixel by pixel…</source>
        <translation>Pixel für Pixel wird verglichen …</translation>
    </message>
    <message>
        <source>What differs between {pair}</source>
        <translation>Was sich unterscheidet: {pair}</translation>
    </message>
    <message>
        <source>A: others are held against this one</source>
        <translation>A: Die anderen werden mit diesem verglichen</translation>
    </message>
    <message>
        <source>≠ {value}</source>
        <translation>≠ {value}</translation>
    </message>
    <message>
        <source>{name}: {value}, differs</source>
        <translation>{name}: {value}, anders</translation>
    </message>
    <message>
        <source>Keep this</source>
        <translation>Dieses behalten</translation>
    </message>
    <message>
        <source>Keep {name}</source>
        <translation>{name} behalten</translation>
    </message>
    <message>
        <source>Every pixel is the same.</source>
        <translation>Jedes Pixel ist gleich.</translation>
    </message>
    <message>
        <source>They look the same: less than 0.1 % of the picture differs visibly.</source>
        <translation>Sie sehen gleich aus: Weniger als 0,1 % des Bildes unterscheidet sich sichtbar.</translation>
    </message>
    <message>
        <source>{percent} % of the picture differs visibly.</source>
        <translation>{percent} % des Bildes unterscheiden sich sichtbar.</translation>
    </message>
    <message>
        <source>The second was moved by {x} % across and {y} % down to lie on the first.</source>
        <translation>Das zweite wurde um {x} % nach rechts und {y} % nach unten geschoben, um auf dem ersten zu liegen.</translation>
    </message>
    <message>
        <source>no date</source>
        <translation>ohne Datum</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>unknown size</source>
        <translation>unbekannte Größe</translation>
    </message>
    <message>
        <source>Bytes</source>
        <translation>Bytes</translation>
    </message>
    <message>
        <source>Date</source>
        <translation>Datum</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Photos found</source>
        <translation>Gefundene Fotos</translation>
    </message>
    <message>
        <source>“{path}” cannot be written: {reason}.</source>
        <translation>„{path}“ lässt sich nicht schreiben: {reason}.</translation>
    </message>
    <message>
        <source>Everything else is indexed. A file that is repaired or replaced is read again by itself.</source>
        <translation>Alles andere ist indiziert. Eine Datei, die repariert oder ersetzt wird, wird von selbst erneut gelesen.</translation>
    </message>
    <message>
        <source>Files that could not be read</source>
        <translation>Dateien, die nicht lesbar sind</translation>
    </message>
    <message numerus="yes">
        <source>{n} file could not be read</source>
        <comment>{n} files could not be read</comment>
        <translation>
            <numerusform>{n} Datei ist nicht lesbar</numerusform>
            <numerusform>{n} Dateien sind nicht lesbar</numerusform>
        </translation>
    </message>
    <message>
        <source>So far every file could be read</source>
        <translation>Bis jetzt ist jede Datei lesbar</translation>
    </message>
    <message>
        <source>Every file could be read</source>
        <translation>Jede Datei ist lesbar</translation>
    </message>
    <message>
        <source>Filters</source>
        <translation>Filter</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>Kamera</translation>
    </message>
    <message>
        <source>Orientation</source>
        <translation>Ausrichtung</translation>
    </message>
    <message>
        <source>Place</source>
        <translation>Ort</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>Art</translation>
    </message>
    <message>
        <source>Clear filters</source>
        <translation>Filter aufheben</translation>
    </message>
    <message>
        <source>Same shot</source>
        <translation>Dieselbe Aufnahme</translation>
    </message>
    <message>
        <source>Everything similar</source>
        <translation>Alles Ähnliche</translation>
    </message>
    <message>
        <source>The same shot only</source>
        <translation>Nur dieselbe Aufnahme</translation>
    </message>
    <message>
        <source>Counting…</source>
        <translation>Es wird gezählt …</translation>
    </message>
    <message>
        <source>From … to …</source>
        <translation>Von … bis …</translation>
    </message>
    <message>
        <source>All folders</source>
        <translation>Alle Ordner</translation>
    </message>
    <message>
        <source>Choose a photo in the folder you mean</source>
        <translation>Erst ein Foto in dem gemeinten Ordner auswählen</translation>
    </message>
    <message>
        <source>Anywhere</source>
        <translation>Überall</translation>
    </message>
    <message>
        <source>Choose a photo that knows where it was taken</source>
        <translation>Erst ein Foto mit Aufnahmeort auswählen</translation>
    </message>
    <message>
        <source>Within {kilometres} km of “{name}”</source>
        <translation>Höchstens {kilometres} km von „{name}“ entfernt</translation>
    </message>
    <message>
        <source>Any time</source>
        <translation>Beliebige Zeit</translation>
    </message>
    <message>
        <source>{what}: {choice}</source>
        <translation>{what}: {choice}</translation>
    </message>
    <message>
        <source>all</source>
        <translation>alle</translation>
    </message>
    <message>
        <source>Photos taken</source>
        <translation>Aufnahmedatum</translation>
    </message>
    <message>
        <source>From</source>
        <translation>Von</translation>
    </message>
    <message>
        <source>To</source>
        <translation>Bis</translation>
    </message>
    <message>
        <source>Any camera</source>
        <translation>Alle Kameras</translation>
    </message>
    <message>
        <source>Any orientation</source>
        <translation>Alle Ausrichtungen</translation>
    </message>
    <message>
        <source>Any size</source>
        <translation>Alle Größen</translation>
    </message>
    <message>
        <source>Landscape</source>
        <translation>Querformat</translation>
    </message>
    <message>
        <source>Portrait</source>
        <translation>Hochformat</translation>
    </message>
    <message>
        <source>Square</source>
        <translation>Quadratisch</translation>
    </message>
    <message>
        <source>From 8 megapixels on</source>
        <translation>Ab 8 Megapixel</translation>
    </message>
    <message>
        <source>1 to 8 megapixels</source>
        <translation>1 bis 8 Megapixel</translation>
    </message>
    <message>
        <source>Below 1 megapixel</source>
        <translation>Unter 1 Megapixel</translation>
    </message>
    <message>
        <source>chosen</source>
        <translation>gewählt</translation>
    </message>
    <message>
        <source>within {kilometres} km</source>
        <translation>höchstens {kilometres} km</translation>
    </message>
    <message>
        <source>from {date} on</source>
        <translation>ab {date}</translation>
    </message>
    <message>
        <source>until {date}</source>
        <translation>bis {date}</translation>
    </message>
    <message>
        <source>All photos</source>
        <translation>Alle Fotos</translation>
    </message>
    <message>
        <source>Offline · {photos}</source>
        <translation>Offline · {photos}</translation>
    </message>
    <message>
        <source>{count} missing</source>
        <translation>{count} fehlend</translation>
    </message>
    <message>
        <source>Changes are noticed at once.</source>
        <translation>Änderungen werden sofort bemerkt.</translation>
    </message>
    <message>
        <source>This drive does not tell of changes, so it is looked through now and then.</source>
        <translation>Dieses Laufwerk meldet keine Änderungen, deshalb wird es ab und zu durchgesehen.</translation>
    </message>
    <message>
        <source>Its drive is not there, or it may not be read; its photos are still found.</source>
        <translation>Das Laufwerk ist nicht da, oder der Ordner darf nicht gelesen werden; gefunden werden die Fotos auch so.</translation>
    </message>
    <message>
        <source>Folders</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>What makes a photo the one to keep, the most important first</source>
        <translation>Was entscheidet, welches Foto behalten wird, das Wichtigste zuerst</translation>
    </message>
    <message>
        <source>Reference folders</source>
        <translation>Referenzordner</translation>
    </message>
    <message>
        <source>Move up</source>
        <translation>Nach oben</translation>
    </message>
    <message>
        <source>Move down</source>
        <translation>Nach unten</translation>
    </message>
    <message>
        <source>Add folder…</source>
        <translation>Ordner hinzufügen …</translation>
    </message>
    <message>
        <source>Nothing of a reference folder is ever moved to the trash; its photos are kept first.</source>
        <translation>Aus einem Referenzordner wird nie etwas in den Papierkorb bewegt; seine Fotos werden zuerst behalten.</translation>
    </message>
    <message>
        <source>Keep the photo of which this is true</source>
        <translation>Das Foto behalten, auf das dies zutrifft</translation>
    </message>
    <message>
        <source>Choose a reference folder</source>
        <translation>Referenzordner wählen</translation>
    </message>
    <message>
        <source>Forget them</source>
        <translation>Vergessen</translation>
    </message>
    <message>
        <source>They were deleted on purpose. Should their files come back, so do they.</source>
        <translation>Sie wurden absichtlich gelöscht. Kommen die Dateien zurück, sind auch sie wieder da.</translation>
    </message>
    <message numerus="yes">
        <source>{n} photo is missing: deleted, or on a drive that is not there.</source>
        <comment>{n} photos are missing: deleted, or on a drive that is not there.</comment>
        <translation>
            <numerusform>{n} Foto fehlt: gelöscht, oder auf einem Laufwerk, das nicht da ist.</numerusform>
            <numerusform>{n} Fotos fehlen: gelöscht, oder auf einem Laufwerk, das nicht da ist.</numerusform>
        </translation>
    </message>
    <message>
        <source>offline · {date}</source>
        <translation>offline · {date}</translation>
    </message>
    <message>
        <source>Information</source>
        <translation>Informationen</translation>
    </message>
    <message>
        <source>This search</source>
        <translation>Diese Suche</translation>
    </message>
    <message>
        <source>Taken</source>
        <translation>Aufgenommen</translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>File</source>
        <translation>Datei</translation>
    </message>
    <message>
        <source>Copy path</source>
        <translation>Pfad kopieren</translation>
    </message>
    <message>
        <source>Problem</source>
        <translation>Problem</translation>
    </message>
    <message>
        <source>Similar</source>
        <translation>Ähnlich</translation>
    </message>
    <message>
        <source>Rank</source>
        <translation>Rang</translation>
    </message>
    <message>
        <source>{rank}: {kind}</source>
        <translation>{rank}: {kind}</translation>
    </message>
    <message>
        <source>Likeness</source>
        <translation>Ähnlichkeit</translation>
    </message>
    <message>
        <source>Score</source>
        <translation>Wert</translation>
    </message>
    <message>
        <source>not in the file</source>
        <translation>nicht in der Datei</translation>
    </message>
    <message>
        <source>Lens</source>
        <translation>Objektiv</translation>
    </message>
    <message>
        <source>Exposure</source>
        <translation>Belichtung</translation>
    </message>
    <message>
        <source>Flash</source>
        <translation>Blitz</translation>
    </message>
    <message>
        <source>fired</source>
        <translation>ausgelöst</translation>
    </message>
    <message>
        <source>did not fire</source>
        <translation>nicht ausgelöst</translation>
    </message>
    <message>
        <source>Altitude</source>
        <translation>Höhe</translation>
    </message>
    <message>
        <source>{metres} m</source>
        <translation>{metres} m</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>Farben</translation>
    </message>
    <message>
        <source>Description</source>
        <translation>Beschreibung</translation>
    </message>
    <message>
        <source>Author</source>
        <translation>Urheber</translation>
    </message>
    <message>
        <source>Program</source>
        <translation>Programm</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>Changed</source>
        <translation>Geändert</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>{width} × {height} ({mega} megapixels)</source>
        <translation>{width} × {height} ({mega} Megapixel)</translation>
    </message>
    <message>
        <source>{seconds} s</source>
        <translation>{seconds} s</translation>
    </message>
    <message>
        <source>{length} mm</source>
        <translation>{length} mm</translation>
    </message>
    <message>
        <source>N</source>
        <translation>N</translation>
    </message>
    <message>
        <source>S</source>
        <translation>S</translation>
    </message>
    <message>
        <source>E</source>
        <translation>O</translation>
    </message>
    <message>
        <source>W</source>
        <translation>W</translation>
    </message>
    <message>
        <source>Drop to find the photos like it</source>
        <translation>Loslassen, um ähnliche Fotos zu finden</translation>
    </message>
    <message>
        <source>A folder is added to the library; with Shift held, it is only compared with it.</source>
        <translation>Ein Ordner wird zur Bibliothek hinzugefügt; mit Umschalt wird er nur mit ihr verglichen.</translation>
    </message>
    <message>
        <source>Library</source>
        <translation>Bibliothek</translation>
    </message>
    <message>
        <source>Search by picture…</source>
        <translation>Mit einem Bild suchen …</translation>
    </message>
    <message>
        <source>Or drop a picture anywhere, or paste one</source>
        <translation>Oder ein Bild irgendwo fallen lassen oder einfügen</translation>
    </message>
    <message>
        <source>Remove Folder…</source>
        <translation>Ordner entfernen …</translation>
    </message>
    <message>
        <source>No such photos</source>
        <translation>Keine passenden Fotos</translation>
    </message>
    <message>
        <source>No photo here passes all of the filters.</source>
        <translation>Kein Foto hier entspricht allen Filtern.</translation>
    </message>
    <message>
        <source>New photos in these folders appear by themselves.</source>
        <translation>Neue Fotos in diesen Ordnern erscheinen von selbst.</translation>
    </message>
    <message>
        <source>No photos here</source>
        <translation>Keine Fotos hier</translation>
    </message>
    <message>
        <source>Looking for photos…</source>
        <translation>Fotos werden gesucht …</translation>
    </message>
    <message>
        <source>Duplicates</source>
        <translation>Duplikate</translation>
    </message>
    <message>
        <source>Apply the Suggestion to All Exact Copies…</source>
        <translation>Vorschlag auf alle genauen Kopien anwenden …</translation>
    </message>
    <message>
        <source>Move Marked Photos to the Trash…</source>
        <translation>Markierte Fotos in den Papierkorb …</translation>
    </message>
    <message>
        <source>No photo is marked for the trash.</source>
        <translation>Kein Foto ist für den Papierkorb markiert.</translation>
    </message>
    <message>
        <source>Take All Marks Away</source>
        <translation>Alle Markierungen aufheben</translation>
    </message>
    <message>
        <source>Progress of comparing</source>
        <translation>Fortschritt des Vergleichens</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Alle</translation>
    </message>
    <message>
        <source>All exact copies to the trash…</source>
        <translation>Alle genauen Kopien in den Papierkorb …</translation>
    </message>
    <message>
        <source>You first see what would happen</source>
        <translation>Sie sehen zuerst, was geschehen würde</translation>
    </message>
    <message>
        <source>What was found</source>
        <translation>Was gefunden wurde</translation>
    </message>
    <message>
        <source>Take all marks away</source>
        <translation>Alle Markierungen aufheben</translation>
    </message>
    <message>
        <source>No exact copy is to be removed.</source>
        <translation>Es ist keine genaue Kopie zu entfernen.</translation>
    </message>
    <message>
        <source>Move to the trash…</source>
        <translation>In den Papierkorb …</translation>
    </message>
    <message>
        <source>{photos} are still to be indexed</source>
        <translation>{photos} sind noch zu indizieren</translation>
    </message>
    <message>
        <source>All photos are compared</source>
        <translation>Alle Fotos sind verglichen</translation>
    </message>
    <message>
        <source>{photos} marked · {size}</source>
        <translation>{photos} markiert · {size}</translation>
    </message>
    <message>
        <source>Duplicates cannot be looked for just now</source>
        <translation>Nach Duplikaten lässt sich gerade nicht suchen</translation>
    </message>
    <message>
        <source>None of this kind</source>
        <translation>Keine dieser Art</translation>
    </message>
    <message>
        <source>There are groups of other kinds.</source>
        <translation>Es gibt Gruppen anderer Art.</translation>
    </message>
    <message>
        <source>They appear here as they are found.</source>
        <translation>Sie erscheinen hier, sobald sie gefunden sind.</translation>
    </message>
    <message>
        <source>Looking for duplicates…</source>
        <translation>Duplikate werden gesucht …</translation>
    </message>
    <message>
        <source>No duplicates</source>
        <translation>Keine Duplikate</translation>
    </message>
    <message>
        <source>Every photo here is one of its kind. New photos are compared as they come.</source>
        <translation>Jedes Foto hier gibt es nur einmal. Neue Fotos werden verglichen, sobald sie kommen.</translation>
    </message>
    <message>
        <source>Move to the Trash</source>
        <translation>In den Papierkorb</translation>
    </message>
    <message>
        <source>Something else is under way: try again in a moment.</source>
        <translation>Gerade läuft etwas anderes: Bitte gleich noch einmal versuchen.</translation>
    </message>
    <message>
        <source>Moved {photos} to the trash. Undo with {key}.</source>
        <translation>{photos} in den Papierkorb bewegt. Rückgängig mit {key}.</translation>
    </message>
    <message numerus="yes">
        <source>{n} more stayed.</source>
        <comment>{n} more stayed.</comment>
        <translation>
            <numerusform>{n} weiteres blieb.</numerusform>
            <numerusform>{n} weitere blieben.</numerusform>
        </translation>
    </message>
    <message>
        <source>{photos} put back</source>
        <translation>{photos} zurückgelegt</translation>
    </message>
    <message>
        <source>Remove “{name}” from the library?</source>
        <translation>„{name}“ aus der Bibliothek entfernen?</translation>
    </message>
    <message>
        <source>Its {photos} will no longer be found. The photos themselves are not touched.</source>
        <translation>Die {photos} darin werden nicht mehr gefunden. Die Fotos selbst bleiben unberührt.</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Add Folder…</source>
        <translation>Ordner hinzufügen …</translation>
    </message>
    <message>
        <source>Preview</source>
        <translation>Vorschau</translation>
    </message>
    <message>
        <source>Find photos by photo</source>
        <translation>Fotos mit Fotos finden</translation>
    </message>
    <message>
        <source>PhotoSearch looks through your folders once, then shows you the photos like any picture you drop on it. Your photos stay as and where they are, and nothing leaves this computer.</source>
        <translation>PhotoSearch sieht Ihre Ordner einmal durch und zeigt dann zu jedem Bild, das Sie darauf ziehen, die ähnlichen Fotos. Ihre Fotos bleiben, wie und wo sie sind, und nichts verlässt diesen Computer.</translation>
    </message>
    <message>
        <source>Start with {folder}</source>
        <translation>Mit {folder} beginnen</translation>
    </message>
    <message>
        <source>Choose another folder…</source>
        <translation>Anderen Ordner wählen …</translation>
    </message>
    <message>
        <source>Choose a folder…</source>
        <translation>Ordner wählen …</translation>
    </message>
    <message>
        <source>You can also drop a folder anywhere on this window.</source>
        <translation>Ein Ordner kann auch irgendwo auf dieses Fenster gezogen werden.</translation>
    </message>
    <message>
        <source>There is no picture here: copy one, or a picture file, and try again.</source>
        <translation>Hier ist kein Bild: Bitte eines oder eine Bilddatei kopieren und erneut versuchen.</translation>
    </message>
    <message>
        <source>The picture in the clipboard cannot be read.</source>
        <translation>Das Bild in der Zwischenablage ist nicht lesbar.</translation>
    </message>
    <message>
        <source>Places</source>
        <translation>Bereiche</translation>
    </message>
    <message>
        <source>Preferences</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Indexing</source>
        <translation>Indizierung</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>Aussehen</translation>
    </message>
    <message>
        <source>Libraries</source>
        <translation>Bibliotheken</translation>
    </message>
    <message>
        <source>Privacy</source>
        <translation>Datenschutz</translation>
    </message>
    <message>
        <source>Used now: {size}</source>
        <translation>Zurzeit belegt: {size}</translation>
    </message>
    <message>
        <source>Codes {codes}, catalogue {catalogue}, thumbnails {thumbnails}, all on this computer.</source>
        <translation>Codes {codes}, Katalog {catalogue}, Vorschaubilder {thumbnails}, alles auf diesem Computer.</translation>
    </message>
    <message>
        <source>In use: {model}</source>
        <translation>In Gebrauch: {model}</translation>
    </message>
    <message>
        <source>It has encoded {done} of {photos}; until the last, the model before answers.</source>
        <translation>Es hat {done} von {photos} codiert; bis zum letzten antwortet das vorige Modell.</translation>
    </message>
    <message>
        <source>Forget folder</source>
        <translation>Ordner vergessen</translation>
    </message>
    <message>
        <source>PhotoSearch watches these folders and all that lies in them.</source>
        <translation>PhotoSearch beobachtet diese Ordner und alles, was darin liegt.</translation>
    </message>
    <message>
        <source>Forgetting a folder deletes its codes, thumbnails and dates here; its photos stay.</source>
        <translation>Wird ein Ordner vergessen, so werden seine Codes, Vorschaubilder und Daten hier gelöscht; seine Fotos bleiben.</translation>
    </message>
    <message>
        <source>Left out</source>
        <translation>Ausgelassen</translation>
    </message>
    <message>
        <source>Folders that are left out</source>
        <translation>Ordner, die ausgelassen werden</translation>
    </message>
    <message>
        <source>Leave out a folder…</source>
        <translation>Ordner auslassen …</translation>
    </message>
    <message>
        <source>Include again</source>
        <translation>Wieder aufnehmen</translation>
    </message>
    <message>
        <source>What lies in these folders is forgotten, and not looked at any more.</source>
        <translation>Was in diesen Ordnern liegt, wird vergessen und nicht mehr angesehen.</translation>
    </message>
    <message>
        <source>Choose a folder to leave out</source>
        <translation>Einen Ordner wählen, der ausgelassen wird</translation>
    </message>
    <message>
        <source>Whatever is fastest</source>
        <translation>Was am schnellsten ist</translation>
    </message>
    <message>
        <source>Processor</source>
        <translation>Prozessor</translation>
    </message>
    <message>
        <source>NVIDIA graphics card</source>
        <translation>NVIDIA-Grafikkarte</translation>
    </message>
    <message>
        <source>Apple graphics</source>
        <translation>Apple-Grafik</translation>
    </message>
    <message>
        <source>Encode photos with</source>
        <translation>Fotos codieren mit</translation>
    </message>
    <message>
        <source>Effort</source>
        <translation>Aufwand</translation>
    </message>
    <message>
        <source>Thumbnails take at most</source>
        <translation>Vorschaubilder belegen höchstens</translation>
    </message>
    <message>
        <source>Device and thumbnails change when PhotoSearch is next started.</source>
        <translation>Gerät und Vorschaubilder ändern sich mit dem nächsten Start von PhotoSearch.</translation>
    </message>
    <message>
        <source>Choose a model file…</source>
        <translation>Modelldatei wählen …</translation>
    </message>
    <message>
        <source>Use the model of PhotoSearch</source>
        <translation>Das Modell von PhotoSearch verwenden</translation>
    </message>
    <message>
        <source>A model turns photos into codes that can be compared. With another one all photos are encoded anew, in the background; until that is done, searches go on as before. Going back needs no encoding.</source>
        <translation>Ein Modell macht aus Fotos Codes, die sich vergleichen lassen. Mit einem anderen werden alle Fotos im Hintergrund neu codiert; bis dahin wird gesucht wie zuvor. Der Weg zurück braucht kein Codieren.</translation>
    </message>
    <message>
        <source>Choose a model file</source>
        <translation>Modelldatei wählen</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>Shown now: the photos of this computer</source>
        <translation>Jetzt gezeigt: die Fotos dieses Computers</translation>
    </message>
    <message>
        <source>Shown now: the archive at {address}</source>
        <translation>Jetzt gezeigt: das Archiv bei {address}</translation>
    </message>
    <message>
        <source>An archive is indexed and served by many computers. This window can search it, and changes nothing there. The pictures you search by stay on this computer; only numbers that say what is seen on them are sent, and a checksum that finds copies.</source>
        <translation>Ein Archiv wird von vielen Computern indiziert und bereitgestellt. Dieses Fenster kann darin suchen und ändert dort nichts. Die Bilder, mit denen Sie suchen, bleiben auf diesem Computer; gesendet werden nur Zahlen, die sagen, was auf ihnen zu sehen ist, und eine Prüfsumme, die Kopien findet.</translation>
    </message>
    <message>
        <source>To search the archive, numbers that say what is seen on a picture, and a checksum that finds its copies, are sent to {address}, and addresses of photos come back. What PhotoSearch knows of your own photos lies in these folders.</source>
        <translation>Um im Archiv zu suchen, werden Zahlen, die sagen, was auf einem Bild zu sehen ist, und eine Prüfsumme, die seine Kopien findet, an {address} gesendet, und Adressen von Fotos kommen zurück. Was PhotoSearch von Ihren eigenen Fotos weiß, liegt in diesen Ordnern.</translation>
    </message>
    <message>
        <source>Address of the archive</source>
        <translation>Adresse des Archivs</translation>
    </message>
    <message>
        <source>Show this archive</source>
        <translation>Dieses Archiv zeigen</translation>
    </message>
    <message>
        <source>The address of the head of the Ray cluster on which “photosearch cluster serve” runs. Ray must be installed here, and this computer be one of the cluster.</source>
        <translation>Die Adresse des Kopfs des Ray-Clusters, auf dem „photosearch cluster serve“ läuft. Ray muss hier installiert sein und dieser Computer zum Cluster gehören.</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>High contrast</source>
        <translation>Hoher Kontrast</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>Stay in the tray when the window is closed, and go on following folders</source>
        <translation>Im Infobereich bleiben, wenn das Fenster geschlossen wird, und Ordner weiter beobachten</translation>
    </message>
    <message>
        <source>Another language appears when PhotoSearch is next started.</source>
        <translation>Eine andere Sprache gilt ab dem nächsten Start von PhotoSearch.</translation>
    </message>
    <message>
        <source>Nothing leaves this computer.</source>
        <translation>Nichts verlässt diesen Computer.</translation>
    </message>
    <message>
        <source>PhotoSearch talks to no network, unless you let it show an archive. Photos are only read, but for those you send to the trash. What it knows of them lies in these folders, which you may delete at any time; it then begins anew.</source>
        <translation>PhotoSearch benutzt kein Netzwerk, es sei denn, Sie lassen es ein Archiv zeigen. Fotos werden nur gelesen, außer denen, die Sie in den Papierkorb legen. Was es von ihnen weiß, liegt in diesen Ordnern, die Sie jederzeit löschen dürfen; es beginnt dann von vorn.</translation>
    </message>
    <message>
        <source>Your pictures do not leave this computer.</source>
        <translation>Ihre Bilder verlassen diesen Computer nicht.</translation>
    </message>
    <message>
        <source>This changes when PhotoSearch is next started.</source>
        <translation>Das ändert sich mit dem nächsten Start von PhotoSearch.</translation>
    </message>
    <message>
        <source>Index Gently on Battery and While Other Programs Are Busy</source>
        <translation>Im Akkubetrieb und unter Last schonend indizieren</translation>
    </message>
    <message>
        <source>Always Index Gently</source>
        <translation>Immer schonend indizieren</translation>
    </message>
    <message>
        <source>Always Index at Full Speed</source>
        <translation>Immer mit voller Kraft indizieren</translation>
    </message>
    <message numerus="yes">
        <source>{n} byte a photo</source>
        <comment>{n} bytes a photo</comment>
        <translation>
            <numerusform>{n} Byte je Foto</numerusform>
            <numerusform>{n} Bytes je Foto</numerusform>
        </translation>
    </message>
    <message>
        <source>{row} of {count}</source>
        <translation>{row} von {count}</translation>
    </message>
    <message>
        <source>{percent} %</source>
        <translation>{percent} %</translation>
    </message>
    <message>
        <source>Space</source>
        <translation>Leertaste</translation>
    </message>
    <message>
        <source>Previous photo</source>
        <translation>Voriges Foto</translation>
    </message>
    <message>
        <source>Left arrow</source>
        <translation>Pfeil links</translation>
    </message>
    <message>
        <source>Next photo</source>
        <translation>Nächstes Foto</translation>
    </message>
    <message>
        <source>Right arrow</source>
        <translation>Pfeil rechts</translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation>Vollbild</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Suche</translation>
    </message>
    <message>
        <source>Searching…</source>
        <translation>Es wird gesucht …</translation>
    </message>
    <message numerus="yes">
        <source>{n} photo compared in {took}</source>
        <comment>{n} photos compared in {took}</comment>
        <translation>
            <numerusform>{n} Foto in {took} verglichen</numerusform>
            <numerusform>{n} Fotos in {took} verglichen</numerusform>
        </translation>
    </message>
    <message>
        <source>Nothing here is much like it; these come nearest.</source>
        <translation>Nichts hier ist sehr ähnlich; diese kommen am nächsten.</translation>
    </message>
    <message numerus="yes">
        <source>{n} part of the archive did not answer</source>
        <comment>{n} parts of the archive did not answer</comment>
        <translation>
            <numerusform>{n} Teil des Archivs hat nicht geantwortet</numerusform>
            <numerusform>{n} Teile des Archivs haben nicht geantwortet</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Photos like {name} and {n} more</source>
        <comment>Photos like {name} and {n} more</comment>
        <translation>
            <numerusform>Fotos wie {name} und {n} weiteres</numerusform>
            <numerusform>Fotos wie {name} und {n} weitere</numerusform>
        </translation>
    </message>
    <message>
        <source>Photos like {name}</source>
        <translation>Fotos wie {name}</translation>
    </message>
    <message>
        <source>Drop a picture anywhere to find the photos like it, or paste one</source>
        <translation>Ein Bild irgendwo fallen lassen oder einfügen, um ähnliche Fotos zu finden</translation>
    </message>
    <message>
        <source>Open picture…</source>
        <translation>Bild öffnen …</translation>
    </message>
    <message>
        <source>Searching</source>
        <translation>Suche läuft</translation>
    </message>
    <message>
        <source>the pasted picture</source>
        <translation>das eingefügte Bild</translation>
    </message>
    <message>
        <source>Previous Search</source>
        <translation>Vorige Suche</translation>
    </message>
    <message>
        <source>Next Search</source>
        <translation>Nächste Suche</translation>
    </message>
    <message>
        <source>Searching by the first {count} of {total} pictures</source>
        <translation>Gesucht wird nach den ersten {count} von {total} Bildern</translation>
    </message>
    <message>
        <source>“{name}” was left out. {reason}</source>
        <translation>„{name}“ wurde weggelassen. {reason}</translation>
    </message>
    <message>
        <source>{count} files were left out, which cannot be read</source>
        <translation>{count} Dateien wurden weggelassen: Sie sind nicht lesbar</translation>
    </message>
    <message>
        <source>Forget Past Searches</source>
        <translation>Frühere Suchen vergessen</translation>
    </message>
    <message>
        <source>What was searched for before is forgotten</source>
        <translation>Was bisher gesucht wurde, ist vergessen</translation>
    </message>
    <message>
        <source>Save This Search…</source>
        <translation>Diese Suche merken …</translation>
    </message>
    <message>
        <source>Saved Searches</source>
        <translation>Gemerkte Suchen</translation>
    </message>
    <message>
        <source>Saved</source>
        <translation>Gemerkt</translation>
    </message>
    <message>
        <source>End search</source>
        <translation>Suche beenden</translation>
    </message>
    <message>
        <source>Back to all photos (Escape)</source>
        <translation>Zurück zu allen Fotos (Esc)</translation>
    </message>
    <message>
        <source>Search by picture</source>
        <translation>Mit einem Bild suchen</translation>
    </message>
    <message>
        <source>Drop a photo, paste a screenshot, or choose “Find Similar” on any photo of your library.</source>
        <translation>Ein Foto fallen lassen, ein Bildschirmfoto einfügen oder bei einem Foto der Bibliothek „Ähnliche suchen“ wählen.</translation>
    </message>
    <message>
        <source>Drop a photo or paste a screenshot to see the photos of the archive that are like it.</source>
        <translation>Legen Sie ein Foto ab oder fügen Sie ein Bildschirmfoto ein, um die Fotos des Archivs zu sehen, die ihm ähneln.</translation>
    </message>
    <message numerus="yes">
        <source>{n} photo, nothing closer in this library</source>
        <comment>The {n} closest photos of this library</comment>
        <translation>
            <numerusform>{n} Foto, nichts Näheres in dieser Bibliothek</numerusform>
            <numerusform>Die {n} nächsten Fotos dieser Bibliothek</numerusform>
        </translation>
    </message>
    <message>
        <source>The archive cannot be searched just now</source>
        <translation>Im Archiv kann gerade nicht gesucht werden</translation>
    </message>
    <message>
        <source>Nothing similar here</source>
        <translation>Nichts Ähnliches hier</translation>
    </message>
    <message>
        <source>No photo that passes the filters is like this one.</source>
        <translation>Kein Foto, das den Filtern entspricht, ist diesem ähnlich.</translation>
    </message>
    <message>
        <source>No photo in this library is like this one.</source>
        <translation>Kein Foto in dieser Bibliothek ist diesem ähnlich.</translation>
    </message>
    <message>
        <source>Nothing to compare with yet</source>
        <translation>Noch nichts zum Vergleichen</translation>
    </message>
    <message>
        <source>The archive is empty.</source>
        <translation>Das Archiv ist leer.</translation>
    </message>
    <message>
        <source>Add a folder of photos first.</source>
        <translation>Zuerst einen Ordner mit Fotos hinzufügen.</translation>
    </message>
    <message>
        <source>The first photos are being indexed.</source>
        <translation>Die ersten Fotos werden gerade indiziert.</translation>
    </message>
    <message>
        <source>This cannot be searched for</source>
        <translation>Danach lässt sich nicht suchen</translation>
    </message>
    <message>
        <source>Forget</source>
        <translation>Vergessen</translation>
    </message>
    <message>
        <source>Save this search</source>
        <translation>Diese Suche merken</translation>
    </message>
    <message>
        <source>Name:</source>
        <translation>Name:</translation>
    </message>
    <message>
        <source>Saved the search “{name}”</source>
        <translation>Suche „{name}“ gemerkt</translation>
    </message>
    <message>
        <source>The saved searches in {file} cannot be read.</source>
        <translation>Die gemerkten Suchen in {file} sind nicht lesbar.</translation>
    </message>
    <message>
        <source>The file is empty.</source>
        <translation>Die Datei ist leer.</translation>
    </message>
    <message>
        <source>The file is no longer there.</source>
        <translation>Die Datei ist nicht mehr da.</translation>
    </message>
    <message>
        <source>The file is not a picture, although its name says so.</source>
        <translation>Die Datei ist kein Bild, obwohl ihr Name das sagt.</translation>
    </message>
    <message>
        <source>The file may not be read (permission denied).</source>
        <translation>Die Datei darf nicht gelesen werden (keine Berechtigung).</translation>
    </message>
    <message>
        <source>The file cannot be read ({reason}).</source>
        <translation>Die Datei lässt sich nicht lesen ({reason}).</translation>
    </message>
    <message>
        <source>The file is damaged, or of a camera that is not known.</source>
        <translation>Die Datei ist beschädigt oder von einer Kamera, die nicht bekannt ist.</translation>
    </message>
    <message>
        <source>This is a folder, not a photo.</source>
        <translation>Das ist ein Ordner, kein Foto.</translation>
    </message>
    <message>
        <source>This is not a file (it is a pipe, a socket or a device).</source>
        <translation>Das ist keine Datei (sondern eine Pipe, ein Socket oder ein Gerät).</translation>
    </message>
    <message>
        <source>This is not a picture.</source>
        <translation>Das ist kein Bild.</translation>
    </message>
    <message>
        <source>The picture is cut short (truncated).</source>
        <translation>Das Bild ist abgeschnitten: Der Datei fehlt das Ende.</translation>
    </message>
    <message>
        <source>The picture is damaged.</source>
        <translation>Das Bild ist beschädigt.</translation>
    </message>
    <message>
        <source>The picture is damaged, or of a kind that cannot be read.</source>
        <translation>Das Bild ist beschädigt oder von einer Art, die nicht gelesen werden kann.</translation>
    </message>
    <message>
        <source>The picture has more than {count} megapixels, the most that is decoded.</source>
        <translation>Das Bild hat mehr als {count} Megapixel; größere werden nicht decodiert.</translation>
    </message>
    <message>
        <source>The picture needs more memory than decoding may take.</source>
        <translation>Das Bild braucht mehr Arbeitsspeicher, als das Decodieren haben darf.</translation>
    </message>
    <message>
        <source>{kind} pictures are read by {library}, which is not installed.</source>
        <translation>{kind}-Bilder liest {library}; das ist nicht installiert.</translation>
    </message>
    <message>
        <source>The decoder crashed on this file.</source>
        <translation>Der Decoder ist an dieser Datei abgestürzt.</translation>
    </message>
    <message>
        <source>Decoding took longer than {seconds} seconds.</source>
        <translation>Das Decodieren hat länger als {seconds} Sekunden gedauert.</translation>
    </message>
    <message>
        <source>Decoding was ended.</source>
        <translation>Das Decodieren wurde beendet.</translation>
    </message>
    <message>
        <source>The process that decodes photos could not be started.</source>
        <translation>Der Prozess, der Fotos decodiert, ließ sich nicht starten.</translation>
    </message>
    <message>
        <source>The drive failed or went away ({reason}).</source>
        <translation>Das Laufwerk ist ausgefallen oder nicht mehr da ({reason}).</translation>
    </message>
    <message>
        <source>The drive did not answer in time.</source>
        <translation>Das Laufwerk hat nicht rechtzeitig geantwortet.</translation>
    </message>
    <message>
        <source>These two have different shapes, so one cannot be laid over the other.</source>
        <translation>Diese beiden haben verschiedene Formen, deshalb lassen sie sich nicht übereinanderlegen.</translation>
    </message>
    <message>
        <source>These examples cancel each other out: leave one out.</source>
        <translation>Diese Beispiele heben einander auf: Lassen Sie eines weg.</translation>
    </message>
    <message>
        <source>This is no longer wanted.</source>
        <translation>Das wird nicht mehr gebraucht.</translation>
    </message>
    <message>
        <source>Its name is not valid UTF-8; rename it to have it indexed.</source>
        <translation>Ihr Name ist kein gültiges UTF-8; umbenannt wird sie indiziert.</translation>
    </message>
    <message>
        <source>This folder may not be read (permission denied).</source>
        <translation>Dieser Ordner darf nicht gelesen werden (keine Berechtigung).</translation>
    </message>
    <message>
        <source>This folder cannot be read ({reason}).</source>
        <translation>Dieser Ordner lässt sich nicht lesen ({reason}).</translation>
    </message>
    <message>
        <source>This file may not be read (permission denied).</source>
        <translation>Diese Datei darf nicht gelesen werden (keine Berechtigung).</translation>
    </message>
    <message>
        <source>This file cannot be read ({reason}).</source>
        <translation>Diese Datei lässt sich nicht lesen ({reason}).</translation>
    </message>
    <message>
        <source>This link may not be read (permission denied).</source>
        <translation>Diese Verknüpfung darf nicht gelesen werden (keine Berechtigung).</translation>
    </message>
    <message>
        <source>This link cannot be read ({reason}).</source>
        <translation>Diese Verknüpfung lässt sich nicht lesen ({reason}).</translation>
    </message>
    <message>
        <source>This link leads to itself.</source>
        <translation>Diese Verknüpfung führt zu sich selbst.</translation>
    </message>
    <message>
        <source>This link leads nowhere.</source>
        <translation>Diese Verknüpfung führt ins Leere.</translation>
    </message>
    <message>
        <source>This link leads back to a folder above it.</source>
        <translation>Diese Verknüpfung führt zu einem Ordner zurück, in dem sie liegt.</translation>
    </message>
    <message>
        <source>This link lies in a folder that is itself reached by a link, so it is not followed.</source>
        <translation>Diese Verknüpfung liegt in einem Ordner, der selbst über eine Verknüpfung erreicht wird; ihr wird nicht gefolgt.</translation>
    </message>
    <message>
        <source>The folder {folder} is not watched.</source>
        <translation>Der Ordner {folder} wird nicht beobachtet.</translation>
    </message>
    <message>
        <source>The folder {folder} is watched already.</source>
        <translation>Der Ordner {folder} wird schon beobachtet.</translation>
    </message>
    <message>
        <source>The folder {folder} is not in the library.</source>
        <translation>Der Ordner {folder} ist nicht in der Bibliothek.</translation>
    </message>
    <message>
        <source>The folder {folder} lies in no watched folder.</source>
        <translation>Der Ordner {folder} liegt in keinem beobachteten Ordner.</translation>
    </message>
    <message>
        <source>{folder} cannot be left out: its name has a line break.</source>
        <translation>{folder} lässt sich nicht auslassen: Der Name hat einen Zeilenumbruch.</translation>
    </message>
    <message>
        <source>The folder {folder} does not exist.</source>
        <translation>Den Ordner {folder} gibt es nicht.</translation>
    </message>
    <message>
        <source>The folder {folder} cannot be read: {reason}.</source>
        <translation>Der Ordner {folder} lässt sich nicht lesen: {reason}.</translation>
    </message>
    <message>
        <source>The folder {folder} may not be read (permission denied).</source>
        <translation>Der Ordner {folder} darf nicht gelesen werden (keine Berechtigung).</translation>
    </message>
    <message>
        <source>The folder {folder} cannot be read ({reason}).</source>
        <translation>Der Ordner {folder} lässt sich nicht lesen ({reason}).</translation>
    </message>
    <message>
        <source>The folder {folder} leads to itself.</source>
        <translation>Der Ordner {folder} führt zu sich selbst.</translation>
    </message>
    <message>
        <source>The name of the folder {folder} is not valid Unicode.</source>
        <translation>Der Name des Ordners {folder} ist kein gültiges Unicode.</translation>
    </message>
    <message>
        <source>{folder} is not a folder.</source>
        <translation>{folder} ist kein Ordner.</translation>
    </message>
    <message>
        <source>The drive of {folder} is not there, so nobody can say which of its photos were deleted: plug it in, or remove the folder from the library.</source>
        <translation>Das Laufwerk von {folder} ist nicht da; niemand kann also sagen, welche seiner Fotos gelöscht wurden: Schließen Sie es an, oder entfernen Sie den Ordner aus der Bibliothek.</translation>
    </message>
    <message>
        <source>Another PhotoSearch is updating the library in {folder}.</source>
        <translation>Ein anderes PhotoSearch aktualisiert gerade die Bibliothek in {folder}.</translation>
    </message>
    <message>
        <source>Another program has been writing to the library in {folder} for too long.</source>
        <translation>Ein anderes Programm schreibt schon zu lange in die Bibliothek in {folder}.</translation>
    </message>
    <message>
        <source>PhotoSearch itself made a mistake; its log says which.</source>
        <translation>PhotoSearch selbst hat einen Fehler gemacht; sein Protokoll sagt, welchen.</translation>
    </message>
    <message>
        <source>The library in {folder} may not be written: {reason}.</source>
        <translation>In die Bibliothek in {folder} darf nicht geschrieben werden: {reason}.</translation>
    </message>
    <message>
        <source>The library cannot be kept in {folder}: {reason}.</source>
        <translation>Die Bibliothek lässt sich nicht in {folder} aufbewahren: {reason}.</translation>
    </message>
    <message>
        <source>The library was closed.</source>
        <translation>Die Bibliothek wurde geschlossen.</translation>
    </message>
    <message>
        <source>This user has no home folder, and HOME names none: name a folder of its own with --home.</source>
        <translation>Dieser Benutzer hat keinen persönlichen Ordner, und HOME nennt keinen: Nennen Sie mit --home einen eigenen Ordner.</translation>
    </message>
    <message>
        <source>The library cannot be kept safely on a network drive, and {folder} lies on one: name a folder of this computer with --home.</source>
        <translation>Auf einem Netzlaufwerk ist die Bibliothek nicht sicher, und {folder} liegt auf einem: Nennen Sie mit --home einen Ordner dieses Computers.</translation>
    </message>
    <message>
        <source>The last update of the library in {folder} was cut off, and its catalogue is damaged: “photosearch verify --repair” saves what can be saved.</source>
        <translation>Die letzte Aktualisierung der Bibliothek in {folder} wurde abgebrochen, und ihr Katalog ist beschädigt: „photosearch verify --repair“ rettet, was zu retten ist.</translation>
    </message>
    <message>
        <source>The catalogue {file} is damaged: “photosearch verify --repair” saves what can be saved.</source>
        <translation>Der Katalog {file} ist beschädigt: „photosearch verify --repair“ rettet, was zu retten ist.</translation>
    </message>
    <message>
        <source>The catalogue {file} lies on a drive where it cannot be kept safely.</source>
        <translation>Der Katalog {file} liegt auf einem Laufwerk, auf dem er nicht sicher ist.</translation>
    </message>
    <message>
        <source>The catalogue {file} was written by a newer version of PhotoSearch.</source>
        <translation>Der Katalog {file} wurde von einer neueren Version von PhotoSearch geschrieben.</translation>
    </message>
    <message>
        <source>The disk is full: the catalogue {file} cannot grow.</source>
        <translation>Der Datenträger ist voll: Der Katalog {file} kann nicht wachsen.</translation>
    </message>
    <message>
        <source>The catalogue {file} may not be written.</source>
        <translation>In den Katalog {file} darf nicht geschrieben werden.</translation>
    </message>
    <message>
        <source>The catalogue {file} cannot be opened or written.</source>
        <translation>Der Katalog {file} lässt sich nicht öffnen oder nicht beschreiben.</translation>
    </message>
    <message>
        <source>The disk failed while the catalogue {file} was read or written.</source>
        <translation>Der Datenträger ist ausgefallen, während der Katalog {file} gelesen oder geschrieben wurde.</translation>
    </message>
    <message>
        <source>{file} is not a PhotoSearch catalogue.</source>
        <translation>{file} ist kein Katalog von PhotoSearch.</translation>
    </message>
    <message>
        <source>{file} is not a PhotoSearch catalogue, or it is damaged.</source>
        <translation>{file} ist kein Katalog von PhotoSearch, oder er ist beschädigt.</translation>
    </message>
    <message>
        <source>{file} cannot be written: {reason}.</source>
        <translation>{file} lässt sich nicht schreiben: {reason}.</translation>
    </message>
    <message>
        <source>PhotoSearch needs SQLite {version} or newer; this Python has {found}.</source>
        <translation>PhotoSearch braucht SQLite {version} oder neuer; dieses Python hat {found}.</translation>
    </message>
    <message>
        <source>The settings in {file} cannot be read: {reason}.</source>
        <translation>Die Einstellungen in {file} lassen sich nicht lesen: {reason}.</translation>
    </message>
    <message>
        <source>The settings in {file} cannot be written: {reason}.</source>
        <translation>Die Einstellungen in {file} lassen sich nicht schreiben: {reason}.</translation>
    </message>
    <message>
        <source>The settings in {file} are not a JSON object.</source>
        <translation>Die Einstellungen in {file} sind kein JSON-Objekt.</translation>
    </message>
    <message>
        <source>“workers” and “thumbnail_megabytes” in {file} cannot be negative.</source>
        <translation>„workers“ und „thumbnail_megabytes“ in {file} können nicht negativ sein.</translation>
    </message>
    <message>
        <source>“appearance” in {file} must be “system”, “light”, “dark” or “contrast”.</source>
        <translation>„appearance“ in {file} muss „system“, „light“, „dark“ oder „contrast“ sein.</translation>
    </message>
    <message>
        <source>“effort” in {file} must be “gentle”, “automatic” or “full”.</source>
        <translation>„effort“ in {file} muss „gentle“, „automatic“ oder „full“ sein.</translation>
    </message>
    <message>
        <source>“{name}” in {file} must be {kind}, not {value}.</source>
        <translation>„{name}“ in {file} muss {kind} sein, nicht {value}.</translation>
    </message>
    <message>
        <source>These are no decisions that PhotoSearch exported: {reason}.</source>
        <translation>Das sind keine Entscheidungen, die PhotoSearch exportiert hat: {reason}.</translation>
    </message>
    <message>
        <source>a whole number</source>
        <translation>eine ganze Zahl</translation>
    </message>
    <message>
        <source>text</source>
        <translation>Text</translation>
    </message>
    <message>
        <source>true or false</source>
        <translation>true oder false</translation>
    </message>
    <message>
        <source>Permission denied</source>
        <translation>keine Berechtigung</translation>
    </message>
    <message>
        <source>Operation not permitted</source>
        <translation>nicht erlaubt</translation>
    </message>
    <message>
        <source>No such file or directory</source>
        <translation>nicht vorhanden</translation>
    </message>
    <message>
        <source>File not found</source>
        <translation>nicht gefunden</translation>
    </message>
    <message>
        <source>No space left on device</source>
        <translation>kein Platz mehr auf dem Datenträger</translation>
    </message>
    <message>
        <source>Read-only file system</source>
        <translation>nur lesbares Dateisystem</translation>
    </message>
    <message>
        <source>Input/output error</source>
        <translation>Ein-/Ausgabefehler</translation>
    </message>
    <message>
        <source>The model that comes with PhotoSearch is missing: the program must be installed again.</source>
        <translation>Das Modell, das zu PhotoSearch gehört, fehlt: Das Programm muss neu installiert werden.</translation>
    </message>
    <message>
        <source>There is no model file {file}.</source>
        <translation>Eine Modelldatei {file} gibt es nicht.</translation>
    </message>
    <message>
        <source>The model file {file} is empty.</source>
        <translation>Die Modelldatei {file} ist leer.</translation>
    </message>
    <message>
        <source>The model file {file} cannot be read: {reason}.</source>
        <translation>Die Modelldatei {file} lässt sich nicht lesen: {reason}.</translation>
    </message>
    <message>
        <source>{file} is not a model file.</source>
        <translation>{file} ist keine Modelldatei.</translation>
    </message>
    <message>
        <source>{file} is not a model file, or it is damaged.</source>
        <translation>{file} ist keine Modelldatei, oder sie ist beschädigt.</translation>
    </message>
    <message>
        <source>{file} is a safetensors file, but no model of PhotoSearch.</source>
        <translation>{file} ist eine safetensors-Datei, aber kein Modell von PhotoSearch.</translation>
    </message>
    <message>
        <source>{file} is a model of version {found}; this program knows version {known}.</source>
        <translation>{file} ist ein Modell der Version {found}; dieses Programm kennt Version {known}.</translation>
    </message>
    <message>
        <source>{file} describes a model that this program does not know.</source>
        <translation>{file} beschreibt ein Modell, das dieses Programm nicht kennt.</translation>
    </message>
    <message>
        <source>The description in the model file {file} is incomplete or damaged.</source>
        <translation>Die Beschreibung in der Modelldatei {file} ist unvollständig oder beschädigt.</translation>
    </message>
    <message>
        <source>The model file {file} is incomplete: {name} is missing.</source>
        <translation>Die Modelldatei {file} ist unvollständig: {name} fehlt.</translation>
    </message>
    <message>
        <source>The model file {file} is damaged: {name} has the wrong shape or type.</source>
        <translation>Die Modelldatei {file} ist beschädigt: {name} hat die falsche Form oder den falschen Typ.</translation>
    </message>
    <message>
        <source>The model file {file} is damaged: {name} holds values that are no numbers.</source>
        <translation>Die Modelldatei {file} ist beschädigt: {name} enthält Werte, die keine Zahlen sind.</translation>
    </message>
    <message>
        <source>The model file {file} is damaged: its contents do not match its identity.</source>
        <translation>Die Modelldatei {file} ist beschädigt: Ihr Inhalt passt nicht zu ihrer Kennung.</translation>
    </message>
    <message>
        <source>The model file {file} holds tensors that do not belong to it.</source>
        <translation>Die Modelldatei {file} enthält Tensoren, die nicht dazugehören.</translation>
    </message>
    <message>
        <source>The model file {file} was replaced; start PhotoSearch again to use the new one.</source>
        <translation>Die Modelldatei {file} wurde ersetzt; starten Sie PhotoSearch neu, um die neue zu verwenden.</translation>
    </message>
    <message>
        <source>The process that encodes photos ended unexpectedly.</source>
        <translation>Der Prozess, der Fotos codiert, wurde unerwartet beendet.</translation>
    </message>
    <message>
        <source>The process that encodes photos could not be started: {reason}.</source>
        <translation>Der Prozess, der Fotos codiert, ließ sich nicht starten: {reason}.</translation>
    </message>
    <message>
        <source>Encoding failed: {reason}.</source>
        <translation>Das Codieren ist fehlgeschlagen: {reason}.</translation>
    </message>
    <message>
        <source>Encoding was ended.</source>
        <translation>Das Codieren wurde beendet.</translation>
    </message>
    <message>
        <source>Encoding on “{device}” needs torch, which is not installed here; “auto” does without.</source>
        <translation>Codieren auf „{device}“ braucht torch, das hier nicht installiert ist; „auto“ kommt ohne aus.</translation>
    </message>
    <message>
        <source>There is no device “{device}” here that could encode photos; “auto” finds one.</source>
        <translation>Ein Gerät „{device}“, das Fotos codieren könnte, gibt es hier nicht; „auto“ findet eines.</translation>
    </message>
    <message>
        <source>{file} has changed since it was compared, or is not there.</source>
        <translation>{file} hat sich seit dem Vergleich geändert oder ist nicht da.</translation>
    </message>
    <message>
        <source>{file}, which was to be kept, has changed or is not there.</source>
        <translation>{file}, das behalten werden sollte, hat sich geändert oder ist nicht da.</translation>
    </message>
    <message>
        <source>{file} is not the same shot.</source>
        <translation>{file} ist nicht dieselbe Aufnahme.</translation>
    </message>
    <message>
        <source>{file} is the same file under another name.</source>
        <translation>{file} ist dieselbe Datei unter einem anderen Namen.</translation>
    </message>
    <message>
        <source>{file} is still there.</source>
        <translation>{file} ist noch da.</translation>
    </message>
    <message>
        <source>{file} could not be moved: {reason}.</source>
        <translation>{file} konnte nicht verschoben werden: {reason}.</translation>
    </message>
    <message>
        <source>{file} lies on a drive that is not there: nothing was done with it.</source>
        <translation>{file} liegt auf einem Laufwerk, das nicht da ist: Mit dieser Datei wurde nichts getan.</translation>
    </message>
    <message>
        <source>{file} stays: it is another name of the same file as {other}, which is kept.</source>
        <translation>{file} bleibt: Das ist ein anderer Name derselben Datei wie {other}, das behalten wird.</translation>
    </message>
    <message>
        <source>{file} stays: another name of the same file is to be removed, too.</source>
        <translation>{file} bleibt: Ein anderer Name derselben Datei soll auch entfernt werden.</translation>
    </message>
    <message>
        <source>{file} stays: only the first of its pages or frames was compared.</source>
        <translation>{file} bleibt: Von seinen Seiten oder Einzelbildern wurde nur das erste verglichen.</translation>
    </message>
    <message>
        <source>{folder} cannot be kept as a reference: its name has a line break.</source>
        <translation>{folder} kann kein Referenzordner sein: Der Name hat einen Zeilenumbruch.</translation>
    </message>
    <message>
        <source>This needs Ray: pip install &apos;photosearch[cluster]&apos; brings it.</source>
        <translation>Dafür ist Ray nötig: pip install &apos;photosearch[cluster]&apos; bringt es mit.</translation>
    </message>
    <message>
        <source>This program was built without Ray, which clusters need, and nothing can be added to it: install PhotoSearch from its source archive instead, in a Python environment, by pip install &apos;.[cluster]&apos;.</source>
        <translation>Dieses Programm wurde ohne Ray gebaut, das für Cluster nötig ist, und nichts lässt sich ihm hinzufügen: Installieren Sie PhotoSearch stattdessen aus seinem Quellarchiv in einer Python-Umgebung, mit pip install &apos;.[cluster]&apos;.</translation>
    </message>
    <message>
        <source>“{address}” is not HOST:PORT of a Ray cluster&apos;s head, such as 10.0.0.5:6379.</source>
        <translation>„{address}“ ist nicht RECHNER:PORT des Kopfs eines Ray-Clusters, wie etwa 10.0.0.5:6379.</translation>
    </message>
    <message>
        <source>Nothing answers at {address}, where a Ray cluster should be: {reason}.</source>
        <translation>Bei {address}, wo ein Ray-Cluster sein sollte, antwortet nichts: {reason}.</translation>
    </message>
    <message>
        <source>There is no Ray cluster at {address} to work with: {reason}.</source>
        <translation>Bei {address} ist kein Ray-Cluster, mit dem sich arbeiten lässt: {reason}.</translation>
    </message>
    <message>
        <source>Nothing is served by this cluster: start “photosearch cluster serve --store ADDRESS”.</source>
        <translation>Dieses Cluster stellt nichts bereit: Starten Sie dort „photosearch cluster serve --store ADDRESS“.</translation>
    </message>
    <message>
        <source>The program that answers in the cluster died or is silent: try again.</source>
        <translation>Das Programm, das im Cluster antwortet, ist ausgefallen oder schweigt: Versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>The cluster at {address} did not answer within {seconds} seconds.</source>
        <translation>Das Cluster bei {address} hat innerhalb von {seconds} Sekunden nicht geantwortet.</translation>
    </message>
    <message>
        <source>The cluster cannot be asked: {reason}.</source>
        <translation>Das Cluster lässt sich nicht fragen: {reason}.</translation>
    </message>
    <message>
        <source>The connection to the cluster at {address} was lost.</source>
        <translation>Die Verbindung zum Cluster bei {address} ist abgebrochen.</translation>
    </message>
    <message>
        <source>The process that talks to clusters could not be started: {reason}.</source>
        <translation>Der Prozess, der mit Clustern spricht, ließ sich nicht starten: {reason}.</translation>
    </message>
    <message>
        <source>The archive was closed.</source>
        <translation>Das Archiv wurde geschlossen.</translation>
    </message>
    <message>
        <source>{count} searches are under way already, the most that may wait: try again.</source>
        <translation>{count} Suchen sind schon unterwegs, mehr dürfen nicht warten: Versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>What is served was encoded by model {other}, not by {model}: name its file with --model; the store at {store} has one.</source>
        <translation>Was bereitgestellt wird, wurde mit dem Modell {other} codiert, nicht mit {model}: Nennen Sie dessen Datei mit --model; im Speicher bei {store} liegt eine.</translation>
    </message>
    <message>
        <source>The file cannot be had ({reason}).</source>
        <translation>Die Datei ist nicht zu bekommen ({reason}).</translation>
    </message>
    <message>
        <source>No machine that holds it answered within {seconds} seconds.</source>
        <translation>Kein Computer, der ihn hat, hat innerhalb von {seconds} Sekunden geantwortet.</translation>
    </message>
    <message>
        <source>What is known of its photos cannot be read.</source>
        <translation>Was von seinen Fotos bekannt ist, lässt sich nicht lesen.</translation>
    </message>
    <message>
        <source>{file} is missing from the store at {store}.</source>
        <translation>{file} fehlt im Speicher bei {store}.</translation>
    </message>
    <message>
        <source>{file} of the store at {store} cannot be read: {reason}.</source>
        <translation>{file} im Speicher bei {store} lässt sich nicht lesen: {reason}.</translation>
    </message>
    <message>
        <source>The shard {name} of the store at {store} holds codes of model {other}, not of {model}.</source>
        <translation>Der Teil {name} des Speichers bei {store} enthält Codes des Modells {other}, nicht von {model}.</translation>
    </message>
    <message>
        <source>The shard {name} of the store at {store} is damaged: its codes are not those that were written.</source>
        <translation>Der Teil {name} des Speichers bei {store} ist beschädigt: Seine Codes sind nicht die, die geschrieben wurden.</translation>
    </message>
    <message>
        <source>The shard {name} of the store at {store} is damaged: its table of {part} is not the one that was written.</source>
        <translation>Der Teil {name} des Speichers bei {store} ist beschädigt: Seine Tabelle {part} ist nicht die, die geschrieben wurde.</translation>
    </message>
    <message>
        <source>Connection refused</source>
        <translation>Verbindung abgelehnt</translation>
    </message>
    <message>
        <source>No route to host</source>
        <translation>kein Weg zum Computer</translation>
    </message>
    <message>
        <source>Name or service not known</source>
        <translation>Name oder Dienst unbekannt</translation>
    </message>
    <message>
        <source>timed out</source>
        <translation>keine Antwort</translation>
    </message>
    <message>
        <source>{one} or {other} cannot be read: {reason}</source>
        <translation>{one} oder {other} lässt sich nicht lesen: {reason}</translation>
    </message>
    <message>
        <source>{file} is no longer in the trash.</source>
        <translation>{file} ist nicht mehr im Papierkorb.</translation>
    </message>
    <message>
        <source>{file} lies in a reference folder, which is never touched.</source>
        <translation>{file} liegt in einem Referenzordner, der nie angerührt wird.</translation>
    </message>
    <message>
        <source>{file} is to be both kept and removed.</source>
        <translation>{file} soll zugleich behalten und entfernt werden.</translation>
    </message>
    <message>
        <source>{file} is to be removed twice.</source>
        <translation>{file} soll zweimal entfernt werden.</translation>
    </message>
    <message>
        <source>Nothing would be kept of {file}.</source>
        <translation>Von {file} würde nichts behalten.</translation>
    </message>
    <message>
        <source>The volume of {file} has no trash.</source>
        <translation>Das Laufwerk von {file} hat keinen Papierkorb.</translation>
    </message>
    <message>
        <source>The volume of {file} has no trash: {reason}.</source>
        <translation>Das Laufwerk von {file} hat keinen Papierkorb: {reason}.</translation>
    </message>
    <message>
        <source>Only the trash of this computer knows where {file} lies: put it back there.</source>
        <translation>Nur der Papierkorb dieses Computers weiß, wo {file} liegt: Stellen Sie es dort wieder her.</translation>
    </message>
    <message>
        <source>Only the trash of this computer knows where it lies: put it back from there.</source>
        <translation>Nur der Papierkorb dieses Computers weiß, wo es liegt: Stellen Sie es dort wieder her.</translation>
    </message>
    <message>
        <source>It cannot be put back: {reason}.</source>
        <translation>Es lässt sich nicht zurücklegen: {reason}.</translation>
    </message>
    <message>
        <source>It was cut off, and did not happen.</source>
        <translation>Es wurde abgebrochen und ist nicht geschehen.</translation>
    </message>
    <message>
        <source>{reason}: it is in the trash.</source>
        <translation>{reason}: Es liegt im Papierkorb.</translation>
    </message>
    <message>
        <source>{reason}; it was put back.</source>
        <translation>{reason}; es wurde zurückgelegt.</translation>
    </message>
    <message>
        <source>{file} changed or went away at the same moment</source>
        <translation>{file} wurde im selben Augenblick geändert oder verschwand</translation>
    </message>
    <message>
        <source>{file} was changed at the same moment</source>
        <translation>{file} wurde im selben Augenblick geändert</translation>
    </message>
    <message>
        <source>Added {name}</source>
        <translation>{name} hinzugefügt</translation>
    </message>
    <message>
        <source>Forgot {photos} of “{name}”</source>
        <translation>{photos} von „{name}“ vergessen</translation>
    </message>
    <message>
        <source>Trying again…</source>
        <translation>Neuer Versuch …</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Resume indexing</source>
        <translation>Indizierung fortsetzen</translation>
    </message>
    <message>
        <source>Pause indexing</source>
        <translation>Indizierung anhalten</translation>
    </message>
    <message>
        <source>Up to date</source>
        <translation>Auf dem neuesten Stand</translation>
    </message>
    <message>
        <source>Paused · {progress}</source>
        <translation>Angehalten · {progress}</translation>
    </message>
    <message>
        <source>{photos} searchable</source>
        <translation>{photos} durchsuchbar</translation>
    </message>
    <message>
        <source>{count} could not be read</source>
        <translation>{count} nicht lesbar</translation>
    </message>
    <message>
        <source>{count} offline</source>
        <translation>{count} offline</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>Zeitleiste</translation>
    </message>
    <message>
        <source>{month}, {photos}</source>
        <translation>{month}, {photos}</translation>
    </message>
    <message>
        <source>Opening your library…</source>
        <translation>Die Bibliothek wird geöffnet …</translation>
    </message>
    <message>
        <source>Open Picture…</source>
        <translation>Bild öffnen …</translation>
    </message>
    <message>
        <source>Paste</source>
        <translation>Einfügen</translation>
    </message>
    <message>
        <source>Check a Folder Before Import…</source>
        <translation>Ordner vor dem Import prüfen …</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Select All</source>
        <translation>Alles auswählen</translation>
    </message>
    <message>
        <source>Back to All Photos</source>
        <translation>Zurück zu allen Fotos</translation>
    </message>
    <message>
        <source>No command is called that, or it cannot be done just now.</source>
        <translation>So heißt kein Befehl, oder er ist gerade nicht möglich.</translation>
    </message>
    <message>
        <source>“{name}”: {reason}</source>
        <translation>„{name}“: {reason}</translation>
    </message>
    <message>
        <source>Larger Photos</source>
        <translation>Größere Fotos</translation>
    </message>
    <message>
        <source>Smaller Photos</source>
        <translation>Kleinere Fotos</translation>
    </message>
    <message>
        <source>Pause Indexing</source>
        <translation>Indizierung anhalten</translation>
    </message>
    <message>
        <source>Preferences…</source>
        <translation>Einstellungen …</translation>
    </message>
    <message>
        <source>Commands…</source>
        <translation>Befehle …</translation>
    </message>
    <message>
        <source>About PhotoSearch</source>
        <translation>Über PhotoSearch</translation>
    </message>
    <message>
        <source>Archive at {address}</source>
        <translation>Archiv bei {address}</translation>
    </message>
    <message>
        <source>Back to My Photos</source>
        <translation>Zurück zu meinen Fotos</translation>
    </message>
    <message>
        <source>End Search</source>
        <translation>Suche beenden</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>&amp;Datei</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>&amp;Bearbeiten</translation>
    </message>
    <message>
        <source>&amp;Photo</source>
        <translation>&amp;Foto</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>&amp;Ansicht</translation>
    </message>
    <message>
        <source>&amp;Search</source>
        <translation>&amp;Suche</translation>
    </message>
    <message>
        <source>If it does not answer, you will be told within a minute.</source>
        <translation>Wenn es nicht antwortet, erfahren Sie das innerhalb einer Minute.</translation>
    </message>
    <message>
        <source>Connecting to the archive…</source>
        <translation>Verbindung mit dem Archiv …</translation>
    </message>
    <message>
        <source>The archive cannot be reached</source>
        <translation>Das Archiv ist nicht zu erreichen</translation>
    </message>
    <message>
        <source>An archive takes no folders: go back to your photos to add one.</source>
        <translation>Ein Archiv nimmt keine Ordner auf: Gehen Sie zu Ihren Fotos zurück, um einen hinzuzufügen.</translation>
    </message>
    <message>
        <source>Which library is shown</source>
        <translation>Welche Bibliothek gezeigt wird</translation>
    </message>
    <message>
        <source>Back to my photos</source>
        <translation>Zurück zu meinen Fotos</translation>
    </message>
    <message>
        <source>Archive at {address} · read-only</source>
        <translation>Archiv bei {address} · nur lesbar</translation>
    </message>
    <message>
        <source>&amp;Duplicates</source>
        <translation>D&amp;uplikate</translation>
    </message>
    <message>
        <source>&amp;Library</source>
        <translation>B&amp;ibliothek</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>&amp;Hilfe</translation>
    </message>
    <message>
        <source>The library was brought to this version; a copy of it as it was is {file}.</source>
        <translation>Die Bibliothek wurde auf diese Version gebracht; eine Kopie davon, wie sie war, ist {file}.</translation>
    </message>
    <message>
        <source>Your library cannot be opened</source>
        <translation>Die Bibliothek lässt sich nicht öffnen</translation>
    </message>
    <message>
        <source>Undo “{step}”</source>
        <translation>„{step}“ rückgängig machen</translation>
    </message>
    <message>
        <source>Resume Indexing</source>
        <translation>Indizierung fortsetzen</translation>
    </message>
    <message>
        <source>Add a folder of photos</source>
        <translation>Einen Ordner mit Fotos hinzufügen</translation>
    </message>
    <message>
        <source>Check a card or folder before an import</source>
        <translation>Eine Karte oder einen Ordner vor dem Import prüfen</translation>
    </message>
    <message>
        <source>Finds photos by photo, on your own machine. Apache License 2.0.</source>
        <translation>Findet Fotos mit Fotos, auf dem eigenen Computer. Apache-Lizenz 2.0.</translation>
    </message>
    <message>
        <source>Find the photos like a picture</source>
        <translation>Fotos finden, die einem Bild ähneln</translation>
    </message>
    <message numerus="yes">
        <source>{n} photo</source>
        <comment>{n} photos</comment>
        <translation>
            <numerusform>{n} Foto</numerusform>
            <numerusform>{n} Fotos</numerusform>
        </translation>
    </message>
    <message>
        <source>{minutes} min</source>
        <translation>{minutes} min</translation>
    </message>
    <message>
        <source>{hours} h {minutes} min</source>
        <translation>{hours} h {minutes} min</translation>
    </message>
    <message>
        <source>{hours} h</source>
        <translation>{hours} h</translation>
    </message>
    <message>
        <source>{milliseconds} ms</source>
        <translation>{milliseconds} ms</translation>
    </message>
    <message>
        <source>less than 1 ms</source>
        <translation>weniger als 1 ms</translation>
    </message>
    <message>
        <source>d MMMM yyyy</source>
        <extracomment>The parts of a date as Qt names them, d day, MMMM month, yyyy year; German: “d. MMMM yyyy”.</extracomment>
        <translation>d. MMMM yyyy</translation>
    </message>
    <message>
        <source>closer than {percent} %</source>
        <translation>näher als {percent} %</translation>
    </message>
    <message>
        <source>#{rank} · same shot</source>
        <translation>#{rank} · dieselbe Aufnahme</translation>
    </message>
    <message>
        <source>Same shot, number {rank}</source>
        <translation>Dieselbe Aufnahme, Nummer {rank}</translation>
    </message>
    <message>
        <source>Similar, number {rank}</source>
        <translation>Ähnlich, Nummer {rank}</translation>
    </message>
    <message>
        <source>Looking through the folders · {photos} so far</source>
        <translation>Die Ordner werden durchgesehen · bisher {photos}</translation>
    </message>
    <message>
        <source>Exact copies</source>
        <translation>Genaue Kopien</translation>
    </message>
    <message>
        <source>Bursts</source>
        <translation>Serien</translation>
    </message>
    <message>
        <source>RAW and JPEG</source>
        <translation>RAW und JPEG</translation>
    </message>
    <message>
        <source>Burst</source>
        <translation>Serie</translation>
    </message>
    <message>
        <source>One moment</source>
        <translation>Einen Moment</translation>
    </message>
    <message>
        <source>RAW file</source>
        <translation>RAW-Datei</translation>
    </message>
    <message>
        <source>Suggested to keep</source>
        <translation>Zum Behalten vorgeschlagen</translation>
    </message>
    <message>
        <source>Exact copy</source>
        <translation>Genaue Kopie</translation>
    </message>
    <message>
        <source>Another moment</source>
        <translation>Anderer Moment</translation>
    </message>
    <message>
        <source>Belongs to it</source>
        <translation>Gehört dazu</translation>
    </message>
    <message>
        <source>{width} × {height}</source>
        <translation>{width} × {height}</translation>
    </message>
    <message numerus="yes">
        <source>{n} group</source>
        <comment>{n} groups</comment>
        <translation>
            <numerusform>{n} Gruppe</numerusform>
            <numerusform>{n} Gruppen</numerusform>
        </translation>
    </message>
    <message>
        <source>{size} could be freed</source>
        <translation>{size} könnten frei werden</translation>
    </message>
    <message>
        <source>Taken within moments of one another; each shows another moment.</source>
        <translation>Kurz nacheinander aufgenommen; jedes zeigt einen anderen Moment.</translation>
    </message>
    <message>
        <source>The camera wrote both of one shot; they belong together.</source>
        <translation>Die Kamera schrieb beide von einer Aufnahme; sie gehören zusammen.</translation>
    </message>
    <message>
        <source>It lies in a reference folder, which is never touched.</source>
        <translation>Es liegt in einem Referenzordner, der nie angerührt wird.</translation>
    </message>
    <message>
        <source>Its drive is not there, or the file is missing.</source>
        <translation>Sein Laufwerk ist nicht da, oder die Datei fehlt.</translation>
    </message>
    <message>
        <source>It is a camera’s RAW file, and the other is not the same file.</source>
        <translation>Es ist die RAW-Datei einer Kamera, und die andere ist nicht dieselbe Datei.</translation>
    </message>
    <message>
        <source>It is another name of the same file, which is to be kept.</source>
        <translation>Es ist ein anderer Name derselben Datei, die behalten werden soll.</translation>
    </message>
    <message>
        <source>It belongs to the camera’s RAW file beside it.</source>
        <translation>Es gehört zur RAW-Datei der Kamera daneben.</translation>
    </message>
    <message>
        <source>It is a live photo and belongs to {film}.</source>
        <translation>Es ist ein Live-Foto und gehört zu {film}.</translation>
    </message>
    <message>
        <source>Suggested because it comes first by name: nothing else tells them apart.</source>
        <translation>Vorgeschlagen, weil es dem Namen nach zuerst kommt: Sonst unterscheidet sie nichts.</translation>
    </message>
    <message>
        <source>Suggested because {reasons}.</source>
        <translation>Vorgeschlagen, denn {reasons}.</translation>
    </message>
    <message>
        <source>{one} and {another}</source>
        <translation>{one} und {another}</translation>
    </message>
    <message>
        <source>it lies in a reference folder</source>
        <translation>es liegt in einem Referenzordner</translation>
    </message>
    <message>
        <source>it is the camera&apos;s RAW file, or belongs to one</source>
        <translation>es ist die RAW-Datei der Kamera oder gehört zu einer</translation>
    </message>
    <message>
        <source>it is in colour</source>
        <translation>es ist farbig</translation>
    </message>
    <message>
        <source>nothing was added to it, such as a border or writing</source>
        <translation>ihm wurde nichts hinzugefügt, etwa ein Rand oder eine Schrift</translation>
    </message>
    <message>
        <source>it has the most pixels</source>
        <translation>es hat die meisten Pixel</translation>
    </message>
    <message>
        <source>it still says when or with what it was taken</source>
        <translation>es sagt noch, wann oder womit es aufgenommen wurde</translation>
    </message>
    <message>
        <source>it has its original name</source>
        <translation>es hat seinen ursprünglichen Namen</translation>
    </message>
    <message>
        <source>it is compressed least</source>
        <translation>es ist am wenigsten komprimiert</translation>
    </message>
    <message>
        <source>its file is the oldest</source>
        <translation>seine Datei ist die älteste</translation>
    </message>
    <message>
        <source>It lies in a reference folder</source>
        <translation>Es liegt in einem Referenzordner</translation>
    </message>
    <message>
        <source>It is a camera&apos;s RAW file, or belongs to one</source>
        <translation>Es ist die RAW-Datei einer Kamera oder gehört zu einer</translation>
    </message>
    <message>
        <source>It is in colour</source>
        <translation>Es ist farbig</translation>
    </message>
    <message>
        <source>Nothing was added to it, such as a border or writing</source>
        <translation>Ihm wurde nichts hinzugefügt, etwa ein Rand oder eine Schrift</translation>
    </message>
    <message>
        <source>It has the most pixels</source>
        <translation>Es hat die meisten Pixel</translation>
    </message>
    <message>
        <source>It still says when and with what it was taken</source>
        <translation>Es sagt noch, wann und womit es aufgenommen wurde</translation>
    </message>
    <message>
        <source>It has its original name</source>
        <translation>Es hat seinen ursprünglichen Namen</translation>
    </message>
    <message>
        <source>It is compressed least</source>
        <translation>Es ist am wenigsten komprimiert</translation>
    </message>
    <message>
        <source>Its file is the oldest</source>
        <translation>Seine Datei ist die älteste</translation>
    </message>
    <message>
        <source>Looking at photos</source>
        <translation>Fotos werden angesehen</translation>
    </message>
    <message>
        <source>Reading files that may be the same</source>
        <translation>Dateien, die gleich sein könnten, werden gelesen</translation>
    </message>
    <message>
        <source>Comparing photos</source>
        <translation>Fotos werden verglichen</translation>
    </message>
    <message>
        <source>Looking through the folder</source>
        <translation>Der Ordner wird durchgesehen</translation>
    </message>
    <message>
        <source>Moving to the trash</source>
        <translation>Wird in den Papierkorb bewegt</translation>
    </message>
    <message>
        <source>Putting back</source>
        <translation>Wird zurückgelegt</translation>
    </message>
    <message>
        <source>Writing the report</source>
        <translation>Der Bericht wird geschrieben</translation>
    </message>
    <message>
        <source>{done} of {total}</source>
        <translation>{done} von {total}</translation>
    </message>
    <message>
        <source>{time} left</source>
        <translation>noch {time}</translation>
    </message>
    <message>
        <source>{rate} photos/s</source>
        <translation>{rate} Fotos/s</translation>
    </message>
    <message>
        <source>gently</source>
        <translation>schonend</translation>
    </message>
    <message>
        <source>gently: on battery</source>
        <translation>schonend: Akkubetrieb</translation>
    </message>
    <message>
        <source>gently: other programs are busy</source>
        <translation>schonend: andere Programme sind beschäftigt</translation>
    </message>
    <message>
        <source>You chose which one to keep.</source>
        <translation>Sie haben gewählt, welches bleibt.</translation>
    </message>
    <message>
        <source>These are different moments, not copies: nothing of a burst is marked.</source>
        <translation>Das sind verschiedene Momente, keine Kopien: Von einer Serie wird nichts markiert.</translation>
    </message>
    <message>
        <source>One photo of a group always stays.</source>
        <translation>Ein Foto einer Gruppe bleibt immer.</translation>
    </message>
    <message>
        <source>You keep this</source>
        <translation>Sie behalten dieses</translation>
    </message>
    <message>
        <source>{kind}, marked for the trash</source>
        <translation>{kind}, für den Papierkorb markiert</translation>
    </message>
    <message>
        <source>{kind}, stays</source>
        <translation>{kind}, bleibt</translation>
    </message>
    <message>
        <source>Group {number} of {count}</source>
        <translation>Gruppe {number} von {count}</translation>
    </message>
    <message>
        <source>photo {place} of {count}</source>
        <translation>Foto {place} von {count}</translation>
    </message>
    <message>
        <source>Differs from the kept photo in: {facts}.</source>
        <translation>Unterscheidet sich vom behaltenen Foto in: {facts}.</translation>
    </message>
    <message>
        <source>Nothing differs from the kept photo.</source>
        <translation>Nichts unterscheidet sich vom behaltenen Foto.</translation>
    </message>
    <message>
        <source>Groups of duplicates</source>
        <translation>Gruppen von Duplikaten</translation>
    </message>
    <message>
        <source>Up and down go from group to group, left and right from photo to photo.</source>
        <translation>Die Pfeiltasten führen auf und ab von Gruppe zu Gruppe, links und rechts von Foto zu Foto.</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>Behalten</translation>
    </message>
    <message>
        <source>Suggested</source>
        <translation>Vorgeschlagen</translation>
    </message>
    <message>
        <source>To the trash</source>
        <translation>In den Papierkorb</translation>
    </message>
    <message>
        <source>Keep This</source>
        <translation>Dieses behalten</translation>
    </message>
    <message>
        <source>Keep All</source>
        <translation>Alle behalten</translation>
    </message>
    <message>
        <source>Not the Same</source>
        <translation>Nicht dasselbe</translation>
    </message>
    <message>
        <source>Compare the Group</source>
        <translation>Gruppe vergleichen</translation>
    </message>
    <message>
        <source>Mark for the Trash</source>
        <translation>Für den Papierkorb markieren</translation>
    </message>
    <message>
        <source>Keep this photo and mark the others of the group for the trash</source>
        <translation>Dieses Foto behalten und die anderen der Gruppe für den Papierkorb markieren</translation>
    </message>
    <message>
        <source>These are no duplicates: never show them together again</source>
        <translation>Das sind keine Duplikate: nie wieder zusammen zeigen</translation>
    </message>
    <message>
        <source>This photo is not the same as the others: never show them together</source>
        <translation>Dieses Foto ist nicht dasselbe wie die anderen: nie zusammen zeigen</translation>
    </message>
    <message>
        <source>Decide about this group another time</source>
        <translation>Über diese Gruppe ein andermal entscheiden</translation>
    </message>
    <message>
        <source>See the photos of the group side by side, or in place of one another</source>
        <translation>Die Fotos der Gruppe nebeneinander oder abwechselnd ansehen</translation>
    </message>
    <message>
        <source>Mark this photo for the trash, or take the mark away</source>
        <translation>Dieses Foto für den Papierkorb markieren oder die Markierung aufheben</translation>
    </message>
    <message>
        <source>Take the Mark Away</source>
        <translation>Markierung aufheben</translation>
    </message>
    <message>
        <source>“{name}” is not shown with these again.</source>
        <translation>„{name}“ wird nicht wieder mit diesen gezeigt.</translation>
    </message>
    <message>
        <source>These are not shown as duplicates again.</source>
        <translation>Diese werden nicht wieder als Duplikate gezeigt.</translation>
    </message>
    <message>
        <source>This was the last group.</source>
        <translation>Das war die letzte Gruppe.</translation>
    </message>
    <message>
        <source>Photos that would go to the trash</source>
        <translation>Fotos, die in den Papierkorb kämen</translation>
    </message>
    <message>
        <source>{photos} to the trash</source>
        <translation>{photos} in den Papierkorb</translation>
    </message>
    <message>
        <source>Just before each one is moved, the photo that stays in its place is read again: if it is not the same shot any more, nothing is moved. Nothing is deleted.</source>
        <translation>Kurz bevor eines bewegt wird, wird das Foto, das an seiner Stelle bleibt, noch einmal gelesen: Ist es nicht mehr dieselbe Aufnahme, wird nichts bewegt. Gelöscht wird nichts.</translation>
    </message>
    <message numerus="yes">
        <source>photo goes</source>
        <comment>photos go</comment>
        <translation>
            <numerusform>Foto geht</numerusform>
            <numerusform>Fotos gehen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>group keeps one</source>
        <comment>groups keep one each</comment>
        <translation>
            <numerusform>Gruppe behält eines</numerusform>
            <numerusform>Gruppen behalten je eines</numerusform>
        </translation>
    </message>
    <message>
        <source>free once the trash is emptied</source>
        <translation>frei, sobald der Papierkorb geleert ist</translation>
    </message>
    <message numerus="yes">
        <source>sidecar follows</source>
        <comment>sidecars follow</comment>
        <translation>
            <numerusform>Begleitdatei folgt</numerusform>
            <numerusform>Begleitdateien folgen</numerusform>
        </translation>
    </message>
    <message>
        <source>in the holding folder</source>
        <translation>im Zwischenordner</translation>
    </message>
    <message>
        <source>{folder} · stays: {kept}</source>
        <translation>{folder} · bleibt: {kept}</translation>
    </message>
    <message>
        <source>Move {photos} to the trash</source>
        <translation>{photos} in den Papierkorb bewegen</translation>
    </message>
    <message>
        <source>stays</source>
        <translation>bleibt</translation>
    </message>
    <message>
        <source>{photos} → the trash of the volume “{name}”</source>
        <translation>{photos} → Papierkorb des Laufwerks „{name}“</translation>
    </message>
    <message>
        <source>{photos} → the trash of this computer</source>
        <translation>{photos} → Papierkorb dieses Computers</translation>
    </message>
    <message>
        <source>{folder} ({count})</source>
        <translation>{folder} ({count})</translation>
    </message>
    <message numerus="yes">
        <source>{n} more folder</source>
        <comment>{n} more folders</comment>
        <translation>
            <numerusform>{n} weiterer Ordner</numerusform>
            <numerusform>{n} weitere Ordner</numerusform>
        </translation>
    </message>
    <message>
        <source>From: {folders}</source>
        <translation>Aus: {folders}</translation>
    </message>
    <message numerus="yes">
        <source>{n} photo stays, although it was marked; the reason stands beside it.</source>
        <comment>{n} photos stay, although they were marked; the reason stands beside each.</comment>
        <translation>
            <numerusform>{n} Foto bleibt, obwohl es markiert war; der Grund steht daneben.</numerusform>
            <numerusform>{n} Fotos bleiben, obwohl sie markiert waren; der Grund steht jeweils daneben.</numerusform>
        </translation>
    </message>
    <message>
        <source>Ratings and tags in a sidecar go to the photo that stays, if it has no sidecar.</source>
        <translation>Bewertungen und Stichwörter einer Begleitdatei gehen auf das Foto über, das bleibt, wenn es keine hat.</translation>
    </message>
    <message>
        <source>Never touched: {folders}</source>
        <translation>Nie angerührt: {folders}</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Fortschritt</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Anhalten</translation>
    </message>
    <message>
        <source>What became of each file</source>
        <translation>Was aus jeder Datei wurde</translation>
    </message>
    <message>
        <source>Move these to a holding folder…</source>
        <translation>Diese in einen Zwischenordner bewegen …</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
    <message numerus="yes">
        <source>{n} file is in the trash</source>
        <comment>{n} files are in the trash</comment>
        <translation>
            <numerusform>{n} Datei ist im Papierkorb</numerusform>
            <numerusform>{n} Dateien sind im Papierkorb</numerusform>
        </translation>
    </message>
    <message>
        <source>Each was checked to be gone from its place, and the photo kept for it to be there.</source>
        <translation>Für jede ist geprüft: Sie ist von ihrem Platz weg, und das dafür behaltene Foto ist da.</translation>
    </message>
    <message numerus="yes">
        <source>{n} file is back where it was</source>
        <comment>{n} files are back where they were</comment>
        <translation>
            <numerusform>{n} Datei ist wieder, wo sie war</numerusform>
            <numerusform>{n} Dateien sind wieder, wo sie waren</numerusform>
        </translation>
    </message>
    <message>
        <source>Nothing of them was changed.</source>
        <translation>An ihnen wurde nichts geändert.</translation>
    </message>
    <message numerus="yes">
        <source>{n} file could not be put back; the reason stands beside it.</source>
        <comment>{n} files could not be put back; the reason stands beside each.</comment>
        <translation>
            <numerusform>{n} Datei ließ sich nicht zurücklegen; der Grund steht daneben.</numerusform>
            <numerusform>{n} Dateien ließen sich nicht zurücklegen; der Grund steht jeweils daneben.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} file stayed where it is; the reason stands beside it.</source>
        <comment>{n} files stayed where they are; the reason stands beside each.</comment>
        <translation>
            <numerusform>{n} Datei blieb, wo sie ist; der Grund steht daneben.</numerusform>
            <numerusform>{n} Dateien blieben, wo sie sind; der Grund steht jeweils daneben.</numerusform>
        </translation>
    </message>
    <message>
        <source>Nothing was moved</source>
        <translation>Nichts wurde bewegt</translation>
    </message>
    <message>
        <source>It was stopped before the first file.</source>
        <translation>Vor der ersten Datei wurde angehalten.</translation>
    </message>
    <message>
        <source>A volume without a trash can have a folder “Removed by PhotoSearch” at its top instead, in plain sight.</source>
        <translation>Ein Laufwerk ohne Papierkorb kann stattdessen ganz oben, gut sichtbar, einen Ordner „Removed by PhotoSearch“ haben.</translation>
    </message>
    <message>
        <source>in the trash</source>
        <translation>im Papierkorb</translation>
    </message>
    <message>
        <source>back</source>
        <translation>zurück</translation>
    </message>
    <message>
        <source>stayed</source>
        <translation>geblieben</translation>
    </message>
    <message>
        <source>New photos</source>
        <translation>Neue Fotos</translation>
    </message>
    <message>
        <source>Photos that are here already</source>
        <translation>Fotos, die schon hier sind</translation>
    </message>
    <message>
        <source>Check again</source>
        <translation>Erneut prüfen</translation>
    </message>
    <message>
        <source>Copy the new files</source>
        <translation>Die neuen Dateien kopieren</translation>
    </message>
    <message>
        <source>To be pasted in the file manager</source>
        <translation>Zum Einfügen in der Dateiverwaltung</translation>
    </message>
    <message>
        <source>There are no photos in “{name}”</source>
        <translation>In „{name}“ sind keine Fotos</translation>
    </message>
    <message numerus="yes">
        <source>This photo is already here</source>
        <comment>All {n} photos are already here</comment>
        <translation>
            <numerusform>Dieses Foto ist schon hier</numerusform>
            <numerusform>Alle {n} Fotos sind schon hier</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} of {count} is already here</source>
        <comment>{n} of {count} are already here</comment>
        <translation>
            <numerusform>{n} von {count} ist schon hier</numerusform>
            <numerusform>{n} von {count} sind schon hier</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} photo is new</source>
        <comment>{n} photos are new</comment>
        <translation>
            <numerusform>{n} Foto ist neu</numerusform>
            <numerusform>{n} Fotos sind neu</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} photo is a file of the library itself; outside this folder no copy is known.</source>
        <comment>{n} photos are files of the library itself; outside this folder no copies are known.</comment>
        <translation>
            <numerusform>{n} Foto ist eine Datei der Bibliothek selbst; außerhalb dieses Ordners ist keine Kopie davon bekannt.</numerusform>
            <numerusform>{n} Fotos sind Dateien der Bibliothek selbst; außerhalb dieses Ordners sind keine Kopien davon bekannt.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} photo of the library could not be compared: it is not indexed yet, or no picture of it is left.</source>
        <comment>{n} photos of the library could not be compared: they are not indexed yet, or no picture of them is left.</comment>
        <translation>
            <numerusform>{n} Foto der Bibliothek ließ sich nicht vergleichen: Es ist noch nicht indiziert, oder es gibt kein Bild mehr davon.</numerusform>
            <numerusform>{n} Fotos der Bibliothek ließen sich nicht vergleichen: Sie sind noch nicht indiziert, oder es gibt kein Bild mehr davon.</numerusform>
        </translation>
    </message>
    <message>
        <source>new</source>
        <translation>neu</translation>
    </message>
    <message>
        <source>exact copy</source>
        <translation>genaue Kopie</translation>
    </message>
    <message>
        <source>same shot</source>
        <translation>dieselbe Aufnahme</translation>
    </message>
    <message>
        <source>only here</source>
        <translation>nur hier</translation>
    </message>
    <message>
        <source>not read</source>
        <translation>nicht gelesen</translation>
    </message>
    <message>
        <source>Show the Photo in the Library</source>
        <translation>Foto in der Bibliothek zeigen</translation>
    </message>
    <message>
        <source>{name} · {count}</source>
        <translation>{name} · {count}</translation>
    </message>
    <message>
        <source>Show more</source>
        <translation>Mehr zeigen</translation>
    </message>
    <message>
        <source>Show PhotoSearch</source>
        <translation>PhotoSearch zeigen</translation>
    </message>
    <message>
        <source>PhotoSearch goes on following your folders</source>
        <translation>PhotoSearch beobachtet Ihre Ordner weiter</translation>
    </message>
    <message>
        <source>Its icon brings the window back.</source>
        <translation>Sein Symbol bringt das Fenster zurück.</translation>
    </message>
    <message>
        <source>{photos} looked at in {time}.</source>
        <translation>{photos} in {time} angesehen.</translation>
    </message>
    <message>
        <source>Your photos are indexed</source>
        <translation>Ihre Fotos sind indiziert</translation>
    </message>
    <message>
        <source>Save a Report of the Groups Shown…</source>
        <translation>Bericht der gezeigten Gruppen speichern …</translation>
    </message>
    <message>
        <source>Export Decisions…</source>
        <translation>Entscheidungen exportieren …</translation>
    </message>
    <message>
        <source>Import Decisions…</source>
        <translation>Entscheidungen importieren …</translation>
    </message>
    <message>
        <source>Page for a browser</source>
        <translation>Seite für einen Browser</translation>
    </message>
    <message>
        <source>Save a report</source>
        <translation>Bericht speichern</translation>
    </message>
    <message>
        <source>Decisions</source>
        <translation>Entscheidungen</translation>
    </message>
    <message>
        <source>Export decisions</source>
        <translation>Entscheidungen exportieren</translation>
    </message>
    <message>
        <source>Import decisions</source>
        <translation>Entscheidungen importieren</translation>
    </message>
    <message>
        <source>Saved “{name}”</source>
        <translation>„{name}“ gespeichert</translation>
    </message>
    <message numerus="yes">
        <source>Exported {n} decision to “{name}”</source>
        <comment>Exported {n} decisions to “{name}”</comment>
        <translation>
            <numerusform>{n} Entscheidung nach „{name}“ exportiert</numerusform>
            <numerusform>{n} Entscheidungen nach „{name}“ exportiert</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} decision is new here</source>
        <comment>{n} decisions are new here</comment>
        <translation>
            <numerusform>{n} Entscheidung ist hier neu</numerusform>
            <numerusform>{n} Entscheidungen sind hier neu</numerusform>
        </translation>
    </message>
    <message>
        <source>{name}: {notes}</source>
        <translation>{name}: {notes}</translation>
    </message>
    <message>
        <source>In sidecars: {notes}</source>
        <translation>In Begleitdateien: {notes}</translation>
    </message>
    <message>
        <source>rejected</source>
        <translation>abgelehnt</translation>
    </message>
    <message>
        <source>All photos will be selected as soon as they are listed.</source>
        <translation>Alle Fotos werden ausgewählt, sobald sie aufgelistet sind.</translation>
    </message>
    <message numerus="yes">
        <source>{n} photo could go</source>
        <comment>{n} photos could go</comment>
        <translation>
            <numerusform>{n} Foto könnte weg</numerusform>
            <numerusform>{n} Fotos könnten weg</numerusform>
        </translation>
    </message>
    <message>
        <source>{groups}. {photos}, {size}; nothing has been done. What differs from the photo that is suggested to be kept is marked.</source>
        <translation>{groups}. {photos}, {size}; getan wurde nichts. Was anders ist als bei dem Foto, das behalten werden sollte, ist hervorgehoben.</translation>
    </message>
    <message>
        <source>No picture</source>
        <translation>Kein Bild</translation>
    </message>
    <message>
        <source>At most {most} photos can be dragged at once.</source>
        <translation>Höchstens {most} Fotos lassen sich auf einmal ziehen.</translation>
    </message>
    <message>
        <source>The selected photos are being looked up: drag them again in a moment.</source>
        <translation>Die ausgewählten Fotos werden nachgeschlagen: Ziehen Sie sie gleich noch einmal.</translation>
    </message>
    <message>
        <source>Size of the photos</source>
        <translation>Größe der Fotos</translation>
    </message>
    <message>
        <source>A photo that is being looked up</source>
        <translation>Ein Foto, das nachgeschlagen wird</translation>
    </message>
</context>
</TS>
