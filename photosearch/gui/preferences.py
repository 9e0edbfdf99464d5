"""Preferences: what a person can choose for good."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QGroupBox,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from photosearch.gui import theme, words
from photosearch.records import CodeSpec, Status

METHODS = {
    "dsq": "Deep Spherical Quantization",
    "dsq-sparse": "Deep Spherical Quantization, sparse",
    "dsq-unnormalised": "Deep Spherical Quantization without its sphere",
    "sdsh": "Deep Supervised Hashing with Spherical Embedding",
    "dqn": "Deep Quantization Network",
    "adsq": "Asymmetric Deep Semantic Quantization",
    "pq": "classifier with product quantization",
    "lsq": "classifier with additive quantization",
}


class Preferences(QDialog):
    """Which model encodes. A choice takes effect at once; there is nothing to confirm."""

    model_chosen = Signal(object)
    """A model file, `Path`, or None for the one that comes with the program."""

    def __init__(self, status: Status, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Preferences")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._model, self._coming = QLabel(), QLabel()
        for label in (self._model, self._coming):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._coming.setProperty("quiet", True)
        self.choose = QPushButton("Choose a Model File…")
        self.choose.clicked.connect(self._choose)
        self.bundled = QPushButton("Use the Model of PhotoSearch")
        self.bundled.clicked.connect(lambda: self.model_chosen.emit(None))
        model = QGroupBox("Model")
        column = QVBoxLayout(model)
        column.setSpacing(theme.MEDIUM)
        told = QLabel(
            "A model turns photos into codes that can be compared. With another one all photos are encoded "
            "anew, in the background; until that is done, searches go on as before. Going back needs no "
            "encoding."
        )
        told.setWordWrap(True)
        for widget in (told, self._model, self._coming, self.choose, self.bundled):
            column.addWidget(widget)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.close)
        whole = QVBoxLayout(self)
        whole.setSpacing(theme.LARGE)
        whole.addWidget(model)
        whole.addStretch(1)
        whole.addWidget(close)
        self.setMinimumWidth(460)
        self.show_status(status)

    def show_status(self, status: Status) -> None:
        """Show which model is in use and how far the change to it has come."""
        self._model.setText(f"In use: {_described(status.model)}")
        changing = status.searched_by != status.model
        self._coming.setVisible(changing)
        if changing:
            every = words.photos(status.encoded + status.waiting)
            self._coming.setText(
                f"It has encoded {status.encoded:,} of {every}; until the last, the model before answers."
            )

    def _choose(self) -> None:
        dialog = QFileDialog(self, "Choose a model file", str(Path.home()), "Models (*.safetensors)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: self.model_chosen.emit(Path(path)))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()


def _described(model: CodeSpec) -> str:
    return f"{METHODS[model.method]}, {words.count(model.bytes, 'byte', 'bytes')} a photo ({model.identity})"
