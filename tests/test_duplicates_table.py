"""What the table of duplicates is made of."""

from __future__ import annotations

import pytest
from PIL import Image

from tests.duplicates_table import Once
from tests.library.test_duplicates import scene

pytest.importorskip("imagehash", reason="pip install imagehash")


def test_a_photo_that_two_sources_hold_is_taken_once_and_told():
    left_out = []
    once = Once(left_out)
    assert once.add("large", scene(1)) and once.add("other", scene(2))
    assert not once.add("small", scene(1).resize((96, 72), Image.Resampling.BILINEAR))
    assert [(name, like) for name, like, _ in left_out] == [("small", "large")]
