"""The style sheet: shapes and distances, with colours from the palette.

HOVER, CHECKED and ICONS in it are put in where it is used.
"""

STYLE = """
QMainWindow, QDialog { background: palette(window); }
QMenuBar { background: palette(window); padding: 2px 6px; border: none; }
QMenuBar::item { padding: 5px 9px; border-radius: 6px; background: transparent; color: palette(window-text); }
QMenuBar::item:selected { background: palette(midlight); }
QMenu { background: palette(base); border: 1px solid palette(mid); padding: 5px; }
QMenu::item { padding: 6px 28px 6px 12px; border-radius: 5px; color: palette(text); }
QMenu::item:selected { background: palette(highlight); color: palette(highlighted-text); }
QMenu::item:disabled { color: palette(dark); background: transparent; }
QMenu::separator { height: 1px; background: palette(mid); margin: 5px 8px; }
QMenu::icon { padding-left: 6px; }
QPushButton {
    background: palette(button); color: palette(button-text); border: 1px solid palette(mid);
    border-radius: 8px; padding: 7px 15px; outline: 0;
}
QPushButton:hover { background: palette(midlight); }
QPushButton:pressed { background: CHECKED; }
QPushButton:focus { border: 2px solid palette(highlight); padding: 6px 14px; }
QPushButton:disabled { color: palette(dark); }
QPushButton[primary="true"] {
    background: palette(highlight); color: palette(highlighted-text); border: 1px solid palette(highlight);
}
QPushButton[primary="true"]:hover { background: HOVER; border-color: HOVER; }
QPushButton[primary="true"]:focus { border: 2px solid palette(window-text); padding: 6px 14px; }
QToolButton, QPushButton[bare="true"] {
    background: transparent; color: palette(window-text); border: 1px solid transparent; border-radius: 7px;
    padding: 4px 7px;
}
QToolButton:hover, QPushButton[bare="true"]:hover { background: palette(midlight); }
QToolButton:pressed, QPushButton[bare="true"]:pressed { background: CHECKED; }
QToolButton:checked, QPushButton[bare="true"]:checked {
    background: CHECKED; border: 1px solid palette(shadow);
}
QToolButton:focus, QPushButton[bare="true"]:focus { border: 2px solid palette(highlight); padding: 3px 6px; }
QToolButton[link="true"] { color: palette(link); padding: 2px 5px; }
QToolButton[link="true"]:focus { padding: 1px 4px; }
QToolButton[small="true"] { padding: 0 5px; border-radius: 5px; }
QToolButton[small="true"]:focus { border: 1px solid palette(highlight); }
QToolButton[edge="true"] { background: palette(window); border: none; border-radius: 0; padding: 0 4px; }
QToolButton[edge="true"]:hover { background: palette(midlight); }
QToolButton[pill="true"], QPushButton[pill="true"] {
    border: 1px solid palette(mid); border-radius: 12px; padding: 2px 12px; min-height: 20px;
    background: palette(button);
}
QToolButton[pill="true"]:hover, QPushButton[pill="true"]:hover { background: palette(midlight); }
QToolButton[pill="true"][chosen="true"], QPushButton[pill="true"]:checked {
    border: 1px solid palette(highlight); color: palette(link);
}
QToolButton[pill="true"]:focus, QToolButton[pill="true"][chosen="true"]:focus,
QPushButton[pill="true"]:focus {
    border: 2px solid palette(highlight); padding: 1px 11px;
}
QToolButton[pill="true"]::menu-indicator { image: none; }
QToolButton::menu-indicator { image: none; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QComboBox, QAbstractSpinBox, QLineEdit {
    background: palette(button); color: palette(button-text); border: 1px solid palette(shadow);
    border-radius: 8px; padding: 2px 9px; min-height: 24px; placeholder-text-color: palette(placeholder-text);
}
QAbstractSpinBox { padding: 2px 0; }
QComboBox QLineEdit, QAbstractSpinBox QLineEdit { border: none; padding: 0; background: transparent; }
QComboBox:hover { background: palette(midlight); }
QComboBox:focus, QLineEdit:focus { border: 2px solid palette(highlight); padding: 1px 8px; }
QAbstractSpinBox:focus { border: 2px solid palette(highlight); padding: 1px 0; }
QComboBox QLineEdit:focus, QAbstractSpinBox QLineEdit:focus { border: none; padding: 0; }
QComboBox:disabled, QAbstractSpinBox:disabled, QLineEdit:disabled { color: palette(dark); }
QComboBox::drop-down, QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {
    background: transparent; border: none; width: 24px;
}
QComboBox::down-arrow, QAbstractSpinBox::down-arrow {
    image: url("ICONS/expand.svg"); width: 10px; height: 10px;
}
QAbstractSpinBox::up-arrow { image: url("ICONS/collapse.svg"); width: 10px; height: 10px; }
QTabBar { qproperty-drawBase: 0; }
QListWidget {
    background: palette(base); border: 1px solid palette(shadow); border-radius: 8px; padding: 4px;
    outline: 0;
}
QListWidget:focus { border: 2px solid palette(highlight); padding: 3px; }
QListWidget::item { padding: 5px 7px; border-radius: 6px; color: palette(text); }
QListWidget::item:selected { background: palette(highlight); color: palette(highlighted-text); }
QTabWidget::pane { border: none; border-top: 1px solid palette(mid); }
QTabBar::tab {
    padding: 7px 13px; border: none; border-bottom: 2px solid transparent; color: palette(placeholder-text);
}
QTabBar::tab:selected { border-bottom: 2px solid palette(highlight); color: palette(window-text); }
QTabBar::tab:focus {
    background: palette(midlight); border: 2px solid palette(highlight); border-radius: 6px;
    padding: 5px 11px;
}
QScrollArea[reached="true"] { border: 2px solid transparent; }
QScrollArea[reached="true"]:focus { border: 2px solid palette(highlight); }
QLabel[quiet="true"] { color: palette(placeholder-text); }
QLabel[warning="true"] { color: palette(bright-text); }
QSlider::groove:horizontal { height: 4px; border-radius: 2px; background: palette(shadow); }
QSlider::handle:horizontal {
    width: 12px; height: 12px; margin: -5px 0; border-radius: 7px;
    background: palette(base); border: 1px solid palette(shadow);
}
QSlider::handle:horizontal:hover { background: palette(midlight); }
QSlider::handle:horizontal:focus { border: 2px solid palette(accent); width: 10px; height: 10px; }
QScrollBar:vertical { background: transparent; width: 13px; margin: 0; }
QScrollBar::handle:vertical {
    background: palette(dark); border-radius: 3px; min-height: 36px; margin: 3px 4px 3px 3px;
}
QScrollBar::handle:vertical:hover { background: palette(placeholder-text); }
QScrollBar::handle:vertical:disabled { background: transparent; }
QScrollBar:horizontal { background: transparent; height: 13px; margin: 0; }
QScrollBar::handle:horizontal {
    background: palette(dark); border-radius: 3px; min-width: 36px; margin: 3px 3px 4px 3px;
}
QScrollBar::add-line, QScrollBar::sub-line { height: 0; width: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
Grid QScrollBar:vertical { background: palette(base); }
DuplicatesPlace QToolButton[edge="true"] { background: palette(base); }
QSplitter::handle { background: palette(mid); }
QProgressBar { background: palette(mid); border: none; border-radius: 2px; }
QProgressBar::chunk { background: palette(highlight); border-radius: 2px; }
QToolTip {
    background: palette(tool-tip-base); color: palette(tool-tip-text);
    border: 1px solid palette(mid); padding: 4px 6px;
}
"""
