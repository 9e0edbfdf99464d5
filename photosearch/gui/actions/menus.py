"""What the menus are made of: actions, each made in the same way, and the bar they are put into."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenuBar

from photosearch.gui.design import theme


def action(
    owner: QObject,
    text: str,
    does: Callable[..., object],
    key: QKeySequence.StandardKey | str | None = None,
    icon: str = "",
) -> QAction:
    """Something that can be done, by a menu or by a key.

    Args:
        key: A standard key stands for all that the platform has for it.
    """
    made = QAction(text, owner)
    if isinstance(key, str):
        made.setShortcut(QKeySequence(key))
    elif key is not None:
        made.setShortcuts(key)
    if icon:
        made.setIcon(theme.icon(icon))
    made.triggered.connect(lambda: does())
    return made


def fill(bar: QMenuBar, menus: Iterable[tuple[str, Sequence[QAction | None]]]) -> None:
    """Put menus into a bar, each with its title and its actions; None is a line between them."""
    for title, actions in menus:
        menu = bar.addMenu(title)
        menu.setAccessibleName(title.replace("&", ""))
        for one in actions:
            if one:
                menu.addAction(one)
            else:
                menu.addSeparator()
