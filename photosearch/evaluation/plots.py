"""Rows of `comparison` as a picture: mAP against bits, and precision against recall."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from photosearch.errors import TrainingFailed


def plot(rows: list[dict[str, Any]], path: Path) -> None:
    """Write both to a file whose suffix names the format: .svg, .png, .pdf.

    Raises:
        TrainingFailed: matplotlib is not installed, or the file cannot be written.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise TrainingFailed("Plots need matplotlib: pip install 'photosearch[bench]' brings it.") from error
    figure = Figure(figsize=(11, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    methods = sorted({row["method"] for row in rows})
    most = max(row["bits"] for row in rows)
    for method in methods:
        mine = sorted((row for row in rows if row["method"] == method), key=lambda row: row["bits"])
        left.plot([row["bits"] for row in mine], [row["map"] for row in mine], marker="o", label=method)
        recall, precision = zip(*mine[-1]["curve"], strict=True)
        right.plot(recall, precision, label=f"{method}, {mine[-1]['bits']} bits")
    left.set(xlabel="bits", ylabel="mAP", title=rows[0]["protocol"])
    right.set(xlabel="recall", ylabel="precision", title=f"at {most} bits, or the most there are")
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.legend(fontsize="small")
    try:
        figure.savefig(path)
    except (OSError, ValueError) as error:
        raise TrainingFailed(f"The plot cannot be written to {path}: {error}.") from error
