"""Rows that `comparison.averaged` gives as a picture: mAP against bits, and precision against recall."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any

from photosearch.errors import TrainingFailed
from photosearch.evaluation.comparison import called

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def check_plot(path: Path) -> None:
    """Fail before hours of measuring rather than after them.

    Raises:
        TrainingFailed: matplotlib is not installed, or knows no such format, or there is no such folder.
    """
    try:
        from matplotlib.backend_bases import FigureCanvasBase
    except ImportError as error:
        raise TrainingFailed("Plots need matplotlib: pip install 'photosearch[bench]' brings it.") from error
    if path.suffix[1:] not in FigureCanvasBase.get_supported_filetypes():
        raise TrainingFailed(f"A plot can be an .svg, .png or .pdf, but not {path.name}.")
    if not path.absolute().parent.is_dir():
        raise TrainingFailed(f"There is no folder {path.absolute().parent} to write the plot to.")


def plot(rows: list[dict[str, Any]], path: Path) -> None:
    """Write both to a file that `check_plot` finds possible.

    Raises:
        TrainingFailed: The file cannot be written.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    bits = sorted({row["bits"] for row in rows})
    # Methods are often as good as each other: of two lines that are one, both shall be seen.
    looks = itertools.cycle(zip("osD^vXP", ("-", "--", "-", "-.", "-", ":", "--"), strict=True))
    for method, (marker, dashes) in zip(dict.fromkeys(called(row) for row in rows), looks, strict=False):
        mine = sorted((row for row in rows if called(row) == method), key=lambda row: row["bits"])
        look = {"marker": marker, "linestyle": dashes, "fillstyle": "none"}
        left.plot([row["bits"] for row in mine], [row["map"] for row in mine], label=method, **look)
        recall, precision = zip(*mine[-1]["curve"], strict=True)
        right.plot(recall, precision, label=f"{method}, {mine[-1]['bits']} bits", **look)
    left.set(xlabel="bits", ylabel="mAP", title=rows[0]["protocol"], xticks=bits)
    right.set(xlabel="recall", ylabel="precision", title=f"at {bits[-1]} bits, or the most there are")
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.legend(fontsize="small")
    save(figure, path)


def save(figure: Figure, path: Path) -> None:
    """Write a figure to a file.

    Raises:
        TrainingFailed: It cannot be written.
    """
    try:
        figure.savefig(path)
    except (OSError, ValueError) as error:
        raise TrainingFailed(f"The plot cannot be written to {path}: {error}.") from error
