"""Who has the window of a library, and what the others do: the lock and the socket, without a window."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from photosearch.errors import PhotoSearchError
from photosearch.gui.desktop.instance import Given, Instance


@pytest.fixture
def first(tmp_path):
    instance = Instance(tmp_path)
    assert instance.take_or_hand_over(Given())
    yield instance
    instance.close()


def second(folder: Path) -> Instance:
    return Instance(folder, patience=0.3)


def test_everything_that_was_given_arrives_even_names_that_are_no_text(first, tmp_path):
    came = []
    first.answer(lambda given: not came.append(given))
    given = Given((Path("/photos/été"), Path("/b\udcff")), Path("/a\nb.jpg"))
    assert not second(tmp_path).take_or_hand_over(given)
    assert not second(tmp_path).take_or_hand_over(Given())
    assert came == [given, Given()]


def test_a_window_that_does_not_answer_is_told_in_a_sentence(first, tmp_path):
    with pytest.raises(PhotoSearchError, match="is open, but does not answer"):
        second(tmp_path).take_or_hand_over(Given())


def test_a_window_that_is_being_closed_takes_nothing_and_the_next_one_opens(first, tmp_path):
    asked = threading.Event()
    first.answer(lambda given: asked.set())
    third = Instance(tmp_path)
    outcome = []
    thread = threading.Thread(target=lambda: outcome.append(third.take_or_hand_over(Given())))
    thread.start()
    assert asked.wait(20)
    first.close()
    thread.join(20)
    assert outcome == [True]
    third.close()


def test_whatever_else_is_sent_to_the_socket_is_passed_over(first, tmp_path):
    from multiprocessing.connection import Client

    came = []
    first.answer(lambda given: not came.append(given))
    address = (tmp_path / "window.address").read_text()
    for nonsense in (
        b"",
        b"{",
        b"[]",
        b'{"folders": 3}',
        b'{"folders": [1], "photo": null}',
        b"x" * 2_000_000,
    ):
        try:
            with Client(address) as caller:
                caller.send_bytes(nonsense)
                assert not caller.poll(0.2) or caller.recv_bytes() != b"taken"
        except (EOFError, OSError):
            pass
    assert came == []
    assert not second(tmp_path).take_or_hand_over(Given())
    assert came == [Given()]


def test_where_nothing_can_be_written_the_window_opens_all_the_same(tmp_path):
    (tmp_path / "file").touch()
    instance = Instance(tmp_path / "file")
    assert instance.take_or_hand_over(Given())
    instance.answer(lambda given: True)
    instance.close()
