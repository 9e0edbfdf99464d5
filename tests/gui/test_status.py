"""The line below the window."""

from __future__ import annotations

from photosearch.gui.activity.status import StatusLine


def test_a_remark_stays_as_long_as_it_takes_to_read(qtbot):
    line = StatusLine()
    qtbot.addWidget(line)
    stays = []
    for sentence in ("Copied the report", "The folder /home/anna/Pictures/2019 cannot be read: denied. " * 3):
        line.remark(sentence)
        assert line._text.text() == sentence
        stays.append(line._remark.interval() / 1000)
    brief, long = stays
    assert 6 <= brief < 10 and long > 18
