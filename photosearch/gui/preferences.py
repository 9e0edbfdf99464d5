"""Preferences: what a person can choose for good."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSpinBox,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import language
from photosearch.gui.design import theme
from photosearch.gui.design.dialogs import file_dialog, folder_dialog
from photosearch.gui.design.parts import row_of
from photosearch.gui.desktop.tray import tray_is_there
from photosearch.gui.duplicates.preferences import DuplicatesPreferences
from photosearch.gui.language import tr, trn, words
from photosearch.gui.session import Known, Session
from photosearch.records import CodeSpec, Root
from photosearch.settings import Appearance, Effort, Settings

Value = TypeVar("Value", bound=str)

METHODS = {
    "dsq": "Deep Spherical Quantization",
    "dsq-sparse": "Deep Spherical Quantization, sparse",
    "sdsh": "Deep Supervised Hashing with Spherical Embedding",
    "dqn": "Deep Quantization Network",
    "adsq": "Asymmetric Deep Semantic Quantization",
    "pq": "classifier with product quantization",
    "lsq": "classifier with additive quantization",
}
"""Names of papers and methods, which are the same in every language."""


MOST_ARCHIVES = 8
"""Addresses that are remembered."""


class Preferences(QDialog):
    """A choice takes effect at once where it can, else at the next start; there is nothing to confirm."""

    folder_wanted = Signal()
    appearance_chosen = Signal(str)
    tray_chosen = Signal(bool)
    library_chosen = Signal(str)
    """Show the archive at this address; empty: the photos of this computer."""

    def __init__(self, session: Session, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Preferences"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._session = session
        self._roots: list[Root] = []
        tabs = QTabWidget()
        tabs.setDocumentMode(True)
        for page, name in (
            *(() if session.archive else self._of_own_library(settings)),
            (self._libraries(settings), tr("Libraries")),
            (self._appearance(settings), tr("Appearance")),
            (self._privacy(), tr("Privacy")),
        ):
            tabs.addTab(theme.scrolled(page, name), name)
        self.tabs = tabs
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.close)
        self._said = _told("")
        foot = QHBoxLayout()
        foot.addWidget(self._said, 1)
        foot.addWidget(close)
        whole = QVBoxLayout(self)
        whole.setSpacing(theme.LARGE)
        whole.addWidget(tabs)
        whole.addLayout(foot)
        # No name of a page is out of sight, in whatever language.
        self.setMinimumWidth(max(560, tabs.tabBar().sizeHint().width() + 2 * theme.LARGE))
        # Also on a small screen at 200 %.
        self.resize(QSize(720, 620).boundedTo(self.screen().availableSize() * 0.94))
        session.told.connect(self.show_known)
        session.remarked.connect(self._said.setText)
        if session.known:
            self.show_known(session.known)

    def _of_own_library(self, settings: Settings) -> Sequence[tuple[QWidget, str]]:
        return (
            (self._folders(), tr("Folders")),
            (self._indexing(settings), tr("Indexing")),
            (DuplicatesPreferences(self._session), tr("Duplicates")),
            (self._model(), tr("Model")),
        )

    def show_known(self, known: Known) -> None:
        """Show what is in force now."""
        self._show_folders(known.folders)
        self.effort.setCurrentIndex(max(0, self.effort.findData(known.effort)))
        used = words.size(known.status.bytes["thumbnails"])
        self._cache_used.setText(tr("Used now: {size}", size=used))
        self._kept.setText(
            tr(
                "Codes {codes}, catalogue {catalogue}, thumbnails {thumbnails}, all on this computer.",
                **{name: words.size(size) for name, size in known.status.bytes.items()},
            )
        )
        self._in_use.setText(tr("In use: {model}", model=_described(known.status.model)))
        changing = known.status.searched_by != known.status.model
        self._coming.setVisible(changing)
        self._coming.setText(
            tr(
                "It has encoded {done} of {photos}; until the last, the model before answers.",
                done=known.status.encoded,
                photos=words.photos(known.status.encoded + known.status.waiting),
            )
        )

    # Folders

    def _folders(self) -> QWidget:
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Folders"))
        add = theme.button(tr("Add folder…"), "folder-add")
        add.clicked.connect(self.folder_wanted)
        self.forget = QPushButton(tr("Forget folder"))
        self.forget.setEnabled(False)
        self.forget.clicked.connect(self._forget)
        self.list.currentRowChanged.connect(lambda row: self.forget.setEnabled(row >= 0))
        told = _told(tr("PhotoSearch watches these folders and all that lies in them."))
        gone = _told(tr("Forgetting a folder deletes its codes, thumbnails and dates here; its photos stay."))
        title = QLabel(tr("Left out"))
        title.setFont(theme.font(1.05))
        self.left_out = QListWidget()
        self.left_out.setAccessibleName(tr("Folders that are left out"))
        for folders in (self.list, self.left_out):
            folders.setFixedHeight(104)
        leave_out = QPushButton(tr("Leave out a folder…"))
        leave_out.clicked.connect(self._ask_what_to_leave_out)
        self.take_in = QPushButton(tr("Include again"))
        self.take_in.setEnabled(False)
        self.take_in.clicked.connect(self._take_in)
        self.left_out.currentRowChanged.connect(lambda row: self.take_in.setEnabled(row >= 0))
        unseen = _told(tr("What lies in these folders is forgotten, and not looked at any more."))
        self._session.ask("left out", lambda library: library.left_out(), self._show_left_out)
        return _page(
            *(told, self.list, row_of(add, self.forget), gone),
            *(title, unseen, self.left_out, row_of(leave_out, self.take_in)),
        )

    def _show_folders(self, roots: list[Root]) -> None:
        if [(root.path, root.photos) for root in roots] == [(root.path, root.photos) for root in self._roots]:
            return
        self._roots = roots
        at = self.list.currentRow()
        self.list.clear()
        for root in roots:
            self.list.addItem(f"{words.place(root.path)}  ·  {words.photos(root.photos)}")
        self.list.setCurrentRow(min(at, len(roots) - 1))

    def _show_left_out(self, folders: list[Path]) -> None:
        self.left_out.clear()
        for folder in folders:
            item = QListWidgetItem(words.place(folder))
            item.setData(Qt.ItemDataRole.UserRole, str(folder))
            self.left_out.addItem(item)

    def _ask_what_to_leave_out(self) -> None:
        start = self._roots[max(0, self.list.currentRow())].path if self._roots else None
        dialog = folder_dialog(self, tr("Choose a folder to leave out"), start)
        dialog.fileSelected.connect(lambda path: self.leave_out_folder(Path(path)))
        dialog.open()

    def leave_out_folder(self, folder: Path) -> None:
        """Look no more into a folder of a watched one."""
        self._session.leave_out(folder, self._show_left_out)

    def _take_in(self) -> None:
        folder = Path(self.left_out.currentItem().data(Qt.ItemDataRole.UserRole))
        self._session.take_in(folder, self._show_left_out)

    def _forget(self) -> None:
        self._session.remove_folder(self._roots[self.list.currentRow()])

    # Indexing

    def _indexing(self, settings: Settings) -> QWidget:
        devices = {
            "auto": tr("Whatever is fastest"),
            "cpu": tr("Processor"),
            "cuda": tr("NVIDIA graphics card"),
            "mps": tr("Apple graphics"),
        }
        if settings.device not in devices:
            devices[settings.device] = settings.device
        self.device = self._choice(devices, settings.device, lambda device: self._keep("device", device))
        self.effort = self._choice(efforts_in_words(), settings.effort, self._session.choose_effort)
        self.cache = QSpinBox()
        self.cache.setRange(50, 1_000_000)
        self.cache.setSingleStep(250)
        self.cache.setSuffix(" MB")
        self.cache.setGroupSeparatorShown(True)
        self.cache.setAlignment(theme.beginning())
        # A style sheet keeps the words away from the edge everywhere but here.
        self.cache.lineEdit().setTextMargins(8, 0, 8, 0)
        self.cache.setValue(settings.thumbnail_megabytes)
        self.cache.editingFinished.connect(self._keep_cache)
        self._cache_megabytes = settings.thumbnail_megabytes
        self._cache_used = _told("")
        form = _Form()
        form.add(tr("Encode photos with"), self.device)
        form.add(tr("Effort"), self.effort)
        form.add(tr("Thumbnails take at most"), self.cache)
        form.addRow("", self._cache_used)
        return _page(form, _told(tr("Device and thumbnails change when PhotoSearch is next started.")))

    def _keep_cache(self) -> None:
        # Also said when the field is only left.
        if self.cache.value() != self._cache_megabytes:
            self._cache_megabytes = self.cache.value()
            self._keep("thumbnail_megabytes", self.cache.value())

    # Model

    def _model(self) -> QWidget:
        self._in_use, self._coming = QLabel(), _told("")
        self._in_use.setWordWrap(True)
        self._in_use.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        choose = QPushButton(tr("Choose a model file…"))
        choose.clicked.connect(self._choose_model)
        bundled = QPushButton(tr("Use the model of PhotoSearch"))
        bundled.clicked.connect(lambda: self._session.choose_model(None))
        told = _told(
            tr(
                "A model turns photos into codes that can be compared. With another one all photos are "
                "encoded anew, in the background; until that is done, searches go on as before. Going back "
                "needs no encoding."
            )
        )
        return _page(self._in_use, self._coming, told, row_of(choose, bundled))

    def _choose_model(self) -> None:
        dialog = file_dialog(self, tr("Choose a model file"), QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(tr("Models") + " (*.safetensors)")
        dialog.fileSelected.connect(lambda path: self._session.choose_model(Path(path)))
        dialog.open()

    # Libraries

    def _libraries(self, settings: Settings) -> QWidget:
        shown = QLabel(tr("Shown now: the photos of this computer"))
        if self._session.archive:
            shown.setText(tr("Shown now: the archive at {address}", address=self._session.archive))
        shown.setFont(theme.font(1.15))
        shown.setWordWrap(True)
        told = _told(
            tr(
                "An archive is indexed and served by many computers. This window can search it, and changes "
                "nothing there. The pictures you search by stay on this computer; only numbers that say what "
                "is seen on them are sent, and a checksum that finds copies."
            )
        )
        self.address = QComboBox()
        self.address.setEditable(True)
        self.address.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.address.addItems(settings.archives.splitlines())
        self.address.setCurrentText(self._session.archive or self.address.itemText(0))
        line = self.address.lineEdit()
        assert line
        line.setAccessibleName(tr("Address of the archive"))
        line.setPlaceholderText("10.0.0.5:6379")
        line.returnPressed.connect(self._choose_archive)
        form = _Form()
        form.add(tr("Address of the archive"), self.address)
        self.show_archive = QPushButton(tr("Show this archive"))
        self.show_archive.clicked.connect(self._choose_archive)
        self.show_archive.setAutoDefault(False)
        self.show_own = QPushButton(tr("Back to my photos"))
        self.show_own.setVisible(bool(self._session.archive))
        self.show_own.setAutoDefault(False)
        self.show_own.clicked.connect(lambda: self._choose_library(""))
        how = _told(
            tr(
                "The address of the head of the Ray cluster on which “photosearch cluster serve” runs. Ray "
                "must be installed here, and this computer be one of the cluster."
            )
        )
        self._archives = settings.archives.splitlines()
        return _page(shown, told, form, row_of(self.show_archive, self.show_own), how)

    def _choose_archive(self) -> None:
        address = self.address.currentText().strip()
        if not address:
            self.address.setFocus()
            return
        others = [other for other in self._archives if other != address]
        self._session.choose("archives", "\n".join([address, *others][:MOST_ARCHIVES]))
        self._choose_library(address)

    def _choose_library(self, address: str) -> None:
        def chosen() -> None:
            self.close()
            self.library_chosen.emit(address)

        self._session.choose("archive", address, chosen)

    # Appearance

    def _appearance(self, settings: Settings) -> QWidget:
        looks: dict[Appearance, str] = {
            "system": tr("As the system"),
            "light": tr("Light"),
            "dark": tr("Dark"),
            "contrast": tr("High contrast"),
        }
        self.look = self._choice(looks, settings.appearance, self._choose_look)
        spoken = {"": tr("As the system")}
        spoken |= {code: language.name_of(code) for code in language.languages(language.translations())}
        self.language = self._choice(spoken, settings.language, lambda code: self._keep("language", code))
        form = _Form()
        form.add(tr("Colours"), self.look)
        form.add(tr("Language"), self.language)
        self.tray = theme.CheckBox(
            tr("Stay in the tray when the window is closed, and go on following folders")
        )
        self.tray.setChecked(settings.tray)
        self.tray.toggled.connect(self._choose_tray)
        if not tray_is_there():
            self.tray.hide()
        return _page(form, _told(tr("Another language appears when PhotoSearch is next started.")), self.tray)

    def _choose_tray(self, wanted: bool) -> None:
        self._session.choose("tray", wanted, lambda: self.tray_chosen.emit(wanted))

    def _choose_look(self, look: Appearance) -> None:
        self._session.choose("appearance", look, lambda: self.appearance_chosen.emit(look))

    # Privacy

    def _privacy(self) -> QWidget:
        nothing = QLabel(tr("Nothing leaves this computer."))
        nothing.setFont(theme.font(1.15))
        told = _told(
            tr(
                "PhotoSearch talks to no network, unless you let it show an archive. Photos are only read, "
                "but for those you send to the trash. What it knows of them lies in these folders, which you "
                "may delete at any time; it then begins anew."
            )
        )
        if self._session.archive:
            nothing.setText(tr("Your pictures do not leave this computer."))
            told.setText(
                tr(
                    "To search the archive, numbers that say what is seen on a picture, and a checksum that "
                    "finds its copies, are sent to {address}, and addresses of photos come back. What "
                    "PhotoSearch knows of your own photos lies in these folders.",
                    address=self._session.archive,
                )
            )
        places = self._session.places
        where = QLabel("\n".join(words.place(path) for path in dict.fromkeys((places.data, places.cache))))
        where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        where.setWordWrap(True)
        self._kept = _told("")
        return _page(nothing, told, where, self._kept)

    # Choices

    def _choice(self, texts: Mapping[Value, str], chosen: str, does: Callable[[Value], None]) -> QComboBox:
        box = QComboBox()
        # A long choice is shortened rather than that the page grows beyond the dialog.
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(24)
        for value, text in texts.items():
            box.addItem(text, value)
        box.setCurrentIndex(max(0, box.findData(chosen)))
        box.activated.connect(lambda _: does(box.currentData()))
        return box

    def _keep(self, name: str, value: str | int) -> None:
        said = tr("This changes when PhotoSearch is next started.")
        self._session.choose(name, value, lambda: self._said.setText(said))


def efforts_in_words() -> dict[Effort, str]:
    """How hard to index, for a menu or a list."""
    return {
        "automatic": tr("Index Gently on Battery and While Other Programs Are Busy"),
        "gentle": tr("Always Index Gently"),
        "full": tr("Always Index at Full Speed"),
    }


class _Form(QFormLayout):
    """Names beside what is chosen, each amid the height of its line."""

    def add(self, name: str, field: QWidget) -> None:
        label = QLabel(name)
        label.setBuddy(field)
        label.setMinimumHeight(field.sizeHint().height())
        self.addRow(label, field)


def _page(*parts: QWidget | QFormLayout | QHBoxLayout) -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(theme.LARGE, theme.LARGE, theme.LARGE, theme.LARGE)
    column.setSpacing(theme.MEDIUM)
    for part in parts:
        if isinstance(part, QWidget):
            column.addWidget(part)
        else:
            column.addLayout(part)
    column.addStretch(1)
    return page


def _told(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setProperty("quiet", True)
    return label


def _described(model: CodeSpec) -> str:
    size = trn("{n} byte a photo", "{n} bytes a photo", model.bytes)
    return f"{METHODS[model.method]}, {size} ({model.identity})"
