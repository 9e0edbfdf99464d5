"""Looking at photos: whole or as large as asked, what their files say, what differs between two."""

from __future__ import annotations

import threading
import time

import numpy as np
import psutil
import pytest
from PIL import ExifTags, Image
from PIL.TiffImagePlugin import IFDRational

from photosearch.decode import difference, particulars, view
from photosearch.errors import GivenUp, PhotoUnreadable
from photosearch.library.viewing import Viewing
from tests.pictures import draw

MOST = 50_000_000


@pytest.fixture(scope="module")
def viewing():
    viewing = Viewing()
    yield viewing
    viewing.close()


@pytest.fixture
def sea(tmp_path):
    """A photo of 1200 × 800."""
    draw("sea", 1, (1200, 800)).save(tmp_path / "sea.jpg", quality=95)
    return tmp_path / "sea.jpg"


def test_a_photo_comes_whole_or_as_large_as_asked(viewing, sea):
    whole = viewing.picture(sea)
    assert whole.pixels.shape == (800, 1200, 3) and whole.pixels.dtype == np.uint8
    assert np.abs(whole.pixels.astype(int) - np.asarray(Image.open(sea)).astype(int)).max() == 0
    fitting = viewing.picture(sea, 300)
    assert fitting.pixels.shape == (200, 300, 3)
    assert (fitting.details.width, fitting.details.height) == (1200, 800)
    # Never blown up.
    assert viewing.picture(sea, 5000).pixels.shape == (800, 1200, 3)


def test_a_photo_that_would_be_too_large_comes_with_fewer_pixels_and_tells_its_own_size(sea):
    picture = view(sea, None, 240_000)
    assert picture.pixels.shape == (400, 600, 3)
    assert (picture.details.width, picture.details.height) == (1200, 800)


def test_a_photo_held_upright_is_shown_upright(viewing, tmp_path):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    top = Image.new("RGB", (60, 40), "red")
    top.paste("blue", (30, 0, 60, 40))
    top.save(tmp_path / "held.png", exif=exif)
    pixels = viewing.picture(tmp_path / "held.png").pixels
    # Turned clockwise: what was at the left is at the top.
    assert pixels.shape == (60, 40, 3)
    assert pixels[0, 0].tolist() == [255, 0, 0] and pixels[-1, 0].tolist() == [0, 0, 255]


def test_what_cannot_be_read_says_why_and_the_next_photo_is_shown(viewing, sea, tmp_path):
    (tmp_path / "broken.jpg").write_bytes(sea.read_bytes()[:2000])
    with pytest.raises(PhotoUnreadable, match="cut short"):
        viewing.picture(tmp_path / "broken.jpg")
    with pytest.raises(PhotoUnreadable, match="no longer there"):
        viewing.picture(tmp_path / "nothing.jpg")
    assert viewing.picture(sea, 100).pixels.shape[1] == 100


def test_what_is_wanted_no_longer_is_given_up_and_not_begun(viewing, sea, tmp_path):
    with pytest.raises(GivenUp):
        viewing.picture(sea, wanted=lambda: False)
    # Large enough that it takes seconds.
    Image.effect_noise((9000, 9000), 90).save(tmp_path / "large.png")
    viewing.picture(sea, 100)
    before = {process.pid for process in psutil.Process().children()}
    begun, wanted = time.monotonic(), threading.Event()
    wanted.set()
    outcome = []

    def look():
        try:
            outcome.append(viewing.picture(tmp_path / "large.png", wanted=wanted.is_set))
        except GivenUp as error:
            outcome.append(error)

    looking = threading.Thread(target=look)
    looking.start()
    time.sleep(0.2)
    wanted.clear()
    looking.join()
    if not isinstance(outcome[0], GivenUp):
        # A machine so fast that it was done within the grace has nothing to give up.
        assert time.monotonic() - begun < 1.5
        return
    # The process that was at it is gone, and the next photo comes from another.
    assert before - {process.pid for process in psutil.Process().children()}
    assert viewing.picture(sea, 100).pixels.shape[1] == 100


def test_a_file_says_how_it_was_exposed_and_damaged_words_are_left_out(tmp_path):
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = "Ada\0"
    exif[ExifTags.Base.Software] = "Camera  1.2"
    shot = exif.get_ifd(ExifTags.IFD.Exif)
    shot[ExifTags.Base.ExposureTime] = IFDRational(1, 250)
    shot[ExifTags.Base.FNumber] = IFDRational(28, 10)
    shot[ExifTags.Base.ISOSpeedRatings] = 400
    shot[ExifTags.Base.FocalLength] = IFDRational(0, 0)
    shot[ExifTags.Base.LensModel] = "50 mm"
    shot[ExifTags.Base.Flash] = 16
    Image.new("RGB", (8, 8)).save(tmp_path / "told.jpg", exif=exif)
    told = particulars(tmp_path / "told.jpg")
    assert told.exposure_seconds == pytest.approx(1 / 250)
    assert (told.f_number, told.iso, told.lens, told.flash) == (2.8, 400, "50 mm", False)
    assert (told.author, told.program, told.format) == ("Ada", "Camera 1.2", "JPEG")
    assert told.focal_millimetres is None and told.altitude is None
    Image.new("RGB", (8, 8)).save(tmp_path / "silent.png")
    silent = particulars(tmp_path / "silent.png")
    assert (silent.format, silent.lens, silent.exposure_seconds, silent.iso) == ("PNG", "", None, None)


def test_the_same_pixels_are_identical_and_one_that_differs_is_seen(tmp_path):
    first = draw("sea", 1, (900, 600))
    first.save(tmp_path / "a.png")
    first.save(tmp_path / "b.bmp")
    same = difference(tmp_path / "a.png", tmp_path / "b.bmp", 300, MOST)
    assert same.identical and same.share == 0 and same.shift == (0, 0)
    second = first.copy()
    second.putpixel((700, 100), tuple(255 - value for value in first.getpixel((700, 100))))
    second.save(tmp_path / "b.bmp")
    other = difference(tmp_path / "a.png", tmp_path / "b.bmp", 300, MOST)
    assert not other.identical and 0 < other.share < 1e-5
    # On a third of the pixels it is still there, and nothing else is so bright.
    brightest = np.unravel_index(other.pixels[..., 0].argmax(), other.pixels.shape[:2])
    assert (brightest[1], brightest[0]) == (700 // 3, 100 // 3)


def test_a_shot_that_is_a_little_beside_the_other_is_laid_on_it(tmp_path):
    scene = draw("city", 3, (1000, 700))
    scene.crop((0, 0, 900, 600)).save(tmp_path / "a.png")
    scene.crop((36, 24, 936, 624)).save(tmp_path / "b.png")
    beside = difference(tmp_path / "a.png", tmp_path / "b.png", 900, MOST)
    assert beside.shift == pytest.approx((36 / 900, 24 / 600), abs=2 / 600)
    assert beside.share < 0.1


def test_a_smaller_copy_differs_hardly_and_another_shape_is_refused(tmp_path, sea):
    photo = Image.open(sea)
    photo.resize((600, 400), Image.Resampling.LANCZOS).save(tmp_path / "small.png")
    copy = difference(sea, tmp_path / "small.png", 600, MOST)
    assert not copy.identical and copy.share < 0.01
    photo.crop((0, 0, 800, 800)).save(tmp_path / "square.png")
    with pytest.raises(PhotoUnreadable, match="different shapes"):
        difference(sea, tmp_path / "square.png", 600, MOST)
