"""A file becomes upright pixels, or one sentence that says why not."""

import io
import os
import socket
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageCms

from photosearch.decode import crop, decode, is_photo, open_upright, square
from photosearch.errors import PhotoUnreadable
from photosearch.records import Box, Details
from tests.dng import dng
from tests.heic import heic

LOSSLESS = {"PNG": {}, "TIFF": {}, "WEBP": {"lossless": True}}
LOSSY = {"JPEG": {"quality": 95}, "AVIF": {"quality": 95}}
FORMATS = {**LOSSLESS, **LOSSY, "GIF": {}, "BMP": {}}

STORED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""How a camera that held the photo upright would have stored it, by EXIF orientation."""


def quarters(width: int = 96, height: int = 64) -> Image.Image:
    """Red, green, blue and grey: no turned or mirrored version is like another."""
    picture = Image.new("RGB", (width, height), (200, 30, 30))
    picture.paste((30, 200, 30), (width // 2, 0, width, height // 2))
    picture.paste((30, 30, 200), (0, height // 2, width // 2, height))
    picture.paste((90, 90, 90), (width // 2, height // 2, width, height))
    return picture


def encoded(picture: Image.Image, format: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    picture.save(file, format, **options)
    return file.getvalue()


def colour_of(source: bytes) -> list[int]:
    """The mean colour of a picture of one colour."""
    picture, _ = open_upright(source)
    return np.asarray(picture).reshape(-1, 3).mean(axis=0).round().astype(int).tolist()


def refusal(source: Path | bytes) -> str:
    with pytest.raises(PhotoUnreadable) as refused:
        decode(source, 32)
    return str(refused.value)


def png(width: int, height: int, bits: int, pixels: bytes) -> bytes:
    """A PNG of RGB pixels, as many as there are."""
    header = struct.pack(">IIBBBBB", width, height, bits, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(pixels)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


# What comes out


@pytest.mark.parametrize("format", [*LOSSLESS, *LOSSY])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_turned_upright_exactly_once(orientation, format):
    upright = quarters()
    stored = upright.transpose(STORED[orientation]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    picture, details = open_upright(encoded(stored, format, exif=exif, **FORMATS[format]))
    difference = np.abs(np.asarray(picture).astype(int) - np.asarray(upright))
    assert picture.size == (details.width, details.height) == (96, 64)
    if format in LOSSLESS:
        assert difference.max() == 0
    else:
        # Colours run into each other at the edges of the quarters only.
        assert np.median(difference) <= 3


@pytest.mark.parametrize("orientation", range(2, 9))
def test_however_a_photo_was_held_the_model_and_the_grid_are_given_the_same_pixels(orientation):
    # So many that they are averaged in blocks, which do not fill the last rows and columns.
    random = np.random.default_rng(0)
    upright = Image.fromarray(random.integers(0, 256, (1003, 1501, 3), np.uint8))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    held = decode(encoded(upright.transpose(STORED[orientation]), "TIFF", exif=exif), 32)
    plain = decode(encoded(upright, "TIFF"), 32)
    np.testing.assert_array_equal(held.pixels, plain.pixels)
    assert held.thumbnail == plain.thumbnail
    assert held.details == plain.details


def test_an_orientation_that_means_nothing_leaves_the_photo_as_it_is():
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 42
    picture, _ = open_upright(encoded(quarters(), exif=exif))
    assert np.array_equal(picture, quarters())


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_comes_out_with_its_colours(format):
    picture, details = open_upright(encoded(quarters(), format, **FORMATS[format]))
    assert picture.mode == "RGB"
    assert details == Details(96, 64)
    assert np.median(np.abs(np.asarray(picture).astype(int) - np.asarray(quarters()))) <= 3


def test_pixels_of_one_and_of_16_bits_keep_their_brightness():
    assert colour_of(encoded(Image.new("1", (8, 8), 1))) == [255, 255, 255]
    sixteen = Image.fromarray(np.full((8, 8), 0x80FF, np.uint16))
    assert colour_of(encoded(sixteen)) == [128, 128, 128]
    assert colour_of(encoded(sixteen, "TIFF")) == [128, 128, 128]
    assert colour_of(png(1, 1, 16, b"\0\x80\xff\x40\xff\x20\xff")) == [128, 64, 32]


def test_grey_whose_zero_is_white_comes_out_so():
    for grey in (Image.new("L", (8, 8), 0x20), Image.fromarray(np.full((8, 8), 0x2020, np.uint16))):
        file = encoded(grey, "TIFF")
        # PhotometricInterpretation 1: zero is black; 0: it is white.
        tag = struct.pack("<HHI", 262, 3, 1)
        assert colour_of(file) == [0x20] * 3
        assert colour_of(file.replace(tag + b"\1", tag + b"\0")) == [0xFF - 0x20] * 3


def test_grey_in_fractions_takes_its_largest_value_for_white():
    light = np.zeros((8, 8), np.float32)
    light[:4] = 0.25
    light[0, 0] = np.nan
    picture, _ = open_upright(encoded(Image.fromarray(light), "TIFF"))
    assert np.asarray(picture)[1, 0].tolist() == [255, 255, 255]
    assert np.asarray(picture)[7, 0].tolist() == [0, 0, 0]


def test_printing_colours_come_out_as_seen():
    cmyk = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    for format in ("JPEG", "TIFF"):
        red, green, blue = colour_of(encoded(cmyk, format))
        assert red > 200 and green < 60 and blue < 60


def test_lab_colours_come_out_as_seen():
    red, green, blue = colour_of(encoded(Image.new("LAB", (8, 8), (136, 209, 195)), "TIFF"))
    assert red > 240 and green < 20 and blue < 20


def test_what_is_see_through_is_shown_on_white():
    half = Image.new("RGBA", (8, 8), (255, 0, 0, 128))
    for format in ("PNG", "WEBP", "TIFF"):
        red, green, blue = colour_of(encoded(half, format))
        assert red > 250 and abs(green - 127) < 3 and abs(blue - 127) < 3
    assert colour_of(encoded(Image.new("LA", (8, 8), (0, 0)))) == [255, 255, 255]
    palette = Image.new("P", (8, 8), 1)
    palette.putpalette([0, 0, 0, 10, 200, 30])
    assert colour_of(encoded(palette)) == [10, 200, 30]
    assert colour_of(encoded(palette, transparency=1)) == [255, 255, 255]
    assert colour_of(encoded(Image.new("RGB", (8, 8), (9, 9, 9)), transparency=(9, 9, 9))) == [255, 255, 255]


def test_grey_multiplied_by_its_transparency_is_shown_on_white():
    # ExtraSamples says 2: as it is; 1: multiplied.
    as_it_is = encoded(Image.new("LA", (8, 8), (64, 128)), "TIFF")
    entry = struct.pack("<HHI", 338, 3, 1)
    multiplied = as_it_is.replace(entry + b"\2", entry + b"\1")
    assert multiplied != as_it_is
    assert colour_of(as_it_is) == [159, 159, 159]
    assert colour_of(multiplied) == [191, 191, 191]


def test_an_embedded_profile_decides_which_colour_is_seen():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # sRGB with red and blue exchanged, under another name.
    other = profile.replace(b"rXYZ", b"----").replace(b"bXYZ", b"rXYZ").replace(b"----", b"bXYZ")
    other = other.replace("sRGB".encode("utf-16-be"), "exch".encode("utf-16-be"))
    blue = Image.new("RGB", (8, 8), (0, 0, 255))
    assert colour_of(encoded(blue, icc_profile=profile)) == [0, 0, 255]
    red, green, was_blue = colour_of(encoded(blue, icc_profile=other))
    assert red > 250 and green < 5 and was_blue < 5
    assert colour_of(encoded(blue, icc_profile=b"no profile at all")) == [0, 0, 255]


def test_of_an_animation_the_first_picture_counts():
    red, blue = (Image.new("RGB", (8, 8), colour) for colour in ("red", "blue"))
    for format in ("GIF", "WEBP", "PNG", "MPO"):
        moving = encoded(red, format, save_all=True, append_images=[blue], duration=100)
        seen = colour_of(moving)
        assert seen[0] > 240 and seen[2] < 20


@pytest.mark.parametrize("format", FORMATS)
def test_a_picture_of_one_pixel_is_a_picture(format):
    decoded = decode(encoded(Image.new("RGB", (1, 1), (20, 200, 20)), format), 32)
    assert decoded.pixels.shape == (32, 32, 3)
    assert decoded.pixels[5, 5, 1] > 180


def test_the_square_is_the_whole_picture_and_the_thumbnail_keeps_its_shape():
    decoded = decode(encoded(quarters(960, 640), "JPEG", quality=95), 64)
    assert decoded.pixels.shape == (64, 64, 3) and decoded.pixels.dtype == np.uint8
    assert decoded.pixels[8, 8, 0] > 180 and decoded.pixels[8, 56, 1] > 180 and decoded.pixels[56, 8, 2] > 180
    thumbnail = Image.open(io.BytesIO(decoded.thumbnail))
    assert thumbnail.format == "JPEG" and thumbnail.size == (320, 213)
    assert decoded.details == Details(960, 640)


@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_decoding_at_a_smaller_scale_changes_next_to_nothing(format):
    height, width = np.mgrid[0:900, 0:1200]
    waves = 127 + 60 * np.sin(width / 90) + 60 * np.cos(height / 50 + width / 400)
    picture = Image.fromarray(np.stack([waves, waves[::-1], waves[:, ::-1]], axis=-1).astype(np.uint8))
    file = encoded(picture, format)
    full, _ = open_upright(file)
    difference = decode(file, 96).pixels.astype(int) - square(full, 96)
    assert np.sqrt((difference**2).mean()) < 1.0


def test_a_picture_to_look_at_is_no_larger_than_asked_and_never_blown_up():
    file = encoded(quarters(960, 640), "JPEG")
    assert open_upright(file, longest=300)[0].size == (300, 200)
    assert open_upright(file, longest=5000)[0].size == (960, 640)


def test_a_box_takes_that_part_of_the_upright_photo():
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    file = encoded(quarters(960, 640).transpose(STORED[6]), "JPEG", quality=95, exif=exif)
    green = decode(file, 32, Box(0.55, 0.05, 0.4, 0.4))
    assert (green.pixels[..., 1] > 180).all()
    thumbnail = Image.open(io.BytesIO(green.thumbnail))
    assert max(thumbnail.size) >= 128 and np.asarray(thumbnail)[..., 1].min() > 170


def test_a_small_box_is_read_at_the_resolution_it_needs():
    fine = Image.new("L", (4000, 3000), 0)
    fine.paste(255, (1000, 1000, 1032, 1064))
    box = Box(1000 / 4000, 1000 / 3000, 64 / 4000, 64 / 3000)
    pixels = decode(encoded(fine, "JPEG", quality=95), 64, box).pixels
    assert pixels[:, :30].min() > 200 and pixels[:, 34:].max() < 60


@pytest.mark.parametrize(
    "box", [Box(0.999, 0.999, 1, 1), Box(0, 0, 0, 0), Box(-1, -1, 0.5, 0.5), Box(2, 2, 1, 1)]
)
def test_a_box_at_or_over_the_edge_is_at_least_one_pixel(box):
    part = crop(quarters(), box)
    assert part.width >= 1 and part.height >= 1
    assert decode(encoded(quarters()), 16, box).pixels.shape == (16, 16, 3)


# What the file says of itself


def with_exif(maker: str, model: str, taken: str = "", changed: str = "") -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = maker, model
    if changed:
        exif[ExifTags.Base.DateTime] = changed
    if taken:
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = taken
    return encoded(quarters(), "JPEG", exif=exif)


def test_the_time_of_exposure_is_read_as_if_it_were_utc():
    told = with_exif("", "", "1970:01:02 00:00:05", "2001:01:01 00:00:00")
    assert open_upright(told)[1].taken == 86405
    assert open_upright(with_exif("", "", changed="1970:01:01 01:00:00"))[1].taken == 3600


@pytest.mark.parametrize("told", ["", "0000:00:00 00:00:00", "2026:13:41 99:99:99", "yesterday", "\0"])
def test_a_time_that_cannot_be_is_unknown(told):
    assert open_upright(with_exif("", "", told))[1].taken is None


def test_the_maker_is_not_named_twice():
    assert open_upright(with_exif("Canon", "Canon EOS 5D"))[1].camera == "Canon EOS 5D"
    assert open_upright(with_exif("NIKON CORPORATION", "NIKON D90"))[1].camera == "NIKON D90"
    assert open_upright(with_exif("FUJIFILM ", "X-T30\0"))[1].camera == "FUJIFILM X-T30"
    assert open_upright(with_exif("", "Lens in a box"))[1].camera == "Lens in a box"


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_damaged_exif_costs_the_details_and_not_the_photo():
    file = with_exif("Canon", "Canon EOS 5D", "2020:01:01 00:00:00")
    start = file.index(b"Exif\0\0") + 6
    damaged = file[: start + 8] + bytes([255] * 60) + file[start + 68 :]
    picture, details = open_upright(damaged)
    assert picture.size == (96, 64) and details.taken is None


def test_a_place_is_read_in_degrees_north_and_east():
    def place(latitude, longitude, sides=("N", "E"), numerator=1):
        exif = Image.Exif()
        told = exif.get_ifd(ExifTags.IFD.GPSInfo)
        told[ExifTags.GPS.GPSLatitude], told[ExifTags.GPS.GPSLongitude] = latitude, longitude
        told[ExifTags.GPS.GPSLatitudeRef], told[ExifTags.GPS.GPSLongitudeRef] = sides
        file = encoded(quarters(), "JPEG", exif=exif)
        details = open_upright(file.replace(struct.pack("<II", 7, 1), struct.pack("<II", 0, numerator)))[1]
        return details.latitude, details.longitude

    assert place((52.0, 30.0, 36.0), (13.0, 24.0, 0.0)) == pytest.approx((52.51, 13.4))
    assert place((33.0, 51.0, 0.0), (70.0, 30.0, 0.0), ("S", "W")) == pytest.approx((-33.85, -70.5))
    # What cameras write that know no place, or do not know what they write.
    assert place((0.0, 0.0, 0.0), (0.0, 0.0, 0.0)) == (None, None)
    assert place((7.0, 7.0, 7.0), (8.0, 8.0, 8.0), numerator=0) == (None, None)
    assert place((91.0, 0.0, 0.0), (8.0, 8.0, 8.0)) == (None, None)
    assert place((1.0,), (1.0,)) == (None, None)


# Formats with a library of their own


def corners(source: Path | bytes) -> list[str]:
    """The strongest colour in each quarter of a picture, upper left, upper right, lower left, lower right."""
    picture, _ = open_upright(source)
    width, height = picture.size
    names = []
    for y in (height // 4, height * 3 // 4):
        for x in (width // 4, width * 3 // 4):
            colour = picture.getpixel((x, y))
            grey = max(colour) - min(colour) < 30
            names.append("grey" if grey else ("red", "green", "blue")[colour.index(max(colour))])
    return names


UPRIGHT = ["red", "green", "blue", "grey"]


def test_heic_comes_out_with_its_colours_and_details():
    pytest.importorskip("pi_heif")
    exif = Image.Exif()
    exif[ExifTags.Base.Model] = "Telephone"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "1970:01:01 00:01:00"
    picture, details = open_upright(heic(quarters(), exif.tobytes()))
    assert np.abs(np.asarray(picture).astype(int) - np.asarray(quarters())).max() <= 3
    assert details == Details(96, 64, 60, "Telephone")


def test_of_a_burst_in_heic_the_first_frame_is_the_picture():
    pytest.importorskip("pi_heif")
    exif = Image.Exif()
    exif[ExifTags.Base.Model] = "Telephone"
    frames = [quarters().transpose(STORED[turn]) for turn in (3, 6, 8)]
    frames[1:] = [frame.resize((96, 64)) for frame in frames[1:]]
    burst = heic(quarters(), exif.tobytes(), later=frames)
    assert corners(burst) == UPRIGHT
    assert open_upright(burst)[1] == Details(96, 64, None, "Telephone")


@pytest.mark.parametrize(
    ("orientation", "quarter_turns", "mirrored"),
    [(1, 0, False), (2, 0, True), (3, 2, False), (4, 2, True), (6, 3, False), (8, 1, False)],
)
def test_heic_is_turned_once_although_its_exif_says_so_again(orientation, quarter_turns, mirrored):
    pytest.importorskip("pi_heif")
    stored = quarters().transpose(STORED[orientation]) if orientation > 1 else quarters()
    for told in (orientation, 1, 6):
        exif = Image.Exif()
        exif[ExifTags.Base.Orientation] = told
        file = heic(stored, exif.tobytes(), quarter_turns, mirrored)
        assert corners(file) == UPRIGHT
        assert open_upright(file)[1] == Details(96, 64)


def test_jpeg_xl_comes_out_with_its_colours_and_details():
    library = pytest.importorskip("pylibjxl")
    exif = Image.Exif()
    exif[ExifTags.Base.Model] = "Telephone"
    file = library.encode(np.array(quarters()), lossless=True, exif=exif.tobytes())
    picture, details = open_upright(file)
    assert np.array_equal(picture, quarters())
    assert details == Details(96, 64, None, "Telephone")
    half = np.full((8, 8, 4), (255, 0, 0, 128), np.uint8)
    assert colour_of(library.encode(half, lossless=True)) == [255, 127, 127]
    assert colour_of(library.encode(np.full((1, 1, 1), 77, np.uint8), lossless=True)) == [77, 77, 77]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_jpeg_xl_is_turned_once_although_its_exif_says_so_again(orientation):
    library = pytest.importorskip("pylibjxl")
    stored = quarters().transpose(STORED[orientation]) if orientation > 1 else quarters()
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    # What is made of a JPEG keeps its EXIF and says a second time how it is held.
    file = library.jpeg_to_jxl(encoded(stored, "JPEG", quality=95, exif=exif))
    assert corners(file) == UPRIGHT
    assert open_upright(file)[1] == Details(96, 64)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("preview", ["as stored", "upright", "none"])
def test_a_raw_file_shows_its_preview_or_else_is_developed_and_is_turned_once(folder, orientation, preview):
    pytest.importorskip("rawpy")
    upright = quarters(960, 640)
    stored = upright.transpose(STORED[orientation]) if orientation > 1 else upright
    if preview == "upright" and orientation == 3:
        pytest.skip("nothing tells a preview that is upright from one that is upside down")
    shown = {"as stored": stored, "upright": upright, "none": None}[preview]
    path = folder / "photo.dng"
    place = ("N", (52, 30, 0), "W", (13, 24, 0))
    file = dng(stored, shown and shown.reduce(2), orientation, "1970:01:01 00:01:00", ("Maker", "One"), place)
    path.write_bytes(file)
    assert corners(path) == UPRIGHT
    assert open_upright(path)[1] == Details(960, 640, 60, "Maker One", 52.5, -13.4)
    # Half the size of either: what is developed is so at half its size.
    assert open_upright(path)[0].size == (480, 320)


def test_a_preview_the_size_of_a_stamp_is_not_the_photo(folder):
    pytest.importorskip("rawpy")
    path = folder / "photo.dng"
    path.write_bytes(dng(quarters(960, 640), Image.new("RGB", (160, 107))))
    assert corners(path) == UPRIGHT


def test_a_raw_file_whose_name_is_not_unicode_is_read(folder):
    pytest.importorskip("rawpy")
    if sys.platform != "linux":
        pytest.skip("this platform has only names in Unicode")
    path = folder / os.fsdecode(b"\xff.dng")
    path.write_bytes(dng(quarters(960, 640), quarters(480, 320)))
    assert corners(path) == UPRIGHT


def test_a_raw_file_that_is_cut_short_or_none_at_all_is_refused(folder):
    pytest.importorskip("rawpy")
    file = dng(quarters(960, 640), quarters(480, 320))
    for content in (file[: len(file) // 2], b"MM" + bytes(500)):
        (folder / "photo.nef").write_bytes(content)
        assert refusal(folder / "photo.nef") == "The file is damaged, or of a camera that is not known."


# What is refused


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def test_a_file_that_is_no_picture_is_refused_with_its_reason(folder):
    for name, content, reason in (
        ("empty.jpg", b"", "The file is empty."),
        ("text.jpg", b"Dear diary, today", "The file is not a picture, although its name says so."),
        ("zeros.jpg", bytes(5000), "The file is not a picture, although its name says so."),
        ("header.jpg", encoded(quarters(), "JPEG")[:40], "The picture is cut short (truncated)."),
    ):
        (folder / name).write_bytes(content)
        assert refusal(folder / name) == reason
    assert refusal(folder / "missing.jpg") == "The file is no longer there."
    assert refusal(b"Dear diary") == "This is not a picture."


@pytest.mark.parametrize("format", FORMATS)
def test_a_picture_that_is_cut_short_is_refused(format):
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 96, 3), np.uint8))
    file = encoded(noise, format, **FORMATS[format])
    assert refusal(file[: len(file) // 2]) in (
        "The picture is cut short (truncated).",
        "The picture is damaged.",
        "The picture is damaged, or of a kind that cannot be read.",
    )
    assert refusal(encoded(noise, "JPEG")[:-1000]) == "The picture is cut short (truncated)."


def test_a_header_that_promises_too_many_pixels_is_refused_at_once():
    reason = "The picture has more than 300 megapixels, the most that is decoded."
    assert refusal(png(60_000, 60_000, 8, bytes(100))) == reason
    assert refusal(png(20_000, 15_001, 8, bytes(100))) == reason


@pytest.mark.parametrize("side", [20_000, 60_000, 2**30])
def test_a_jpeg_xl_or_heic_header_that_promises_too_many_pixels_is_refused_at_once(side):
    reason = "The picture has more than 300 megapixels, the most that is decoded."
    pytest.importorskip("pylibjxl")
    # Of any height, which takes 30 bits; as wide as high; and all else as it mostly is.
    bits = [0, 1, 1, *((side - 1) >> place & 1 for place in range(30)), 1, 0, 0, 1, 1, 0, 0]
    header = np.packbits(bits, bitorder="little").tobytes()
    assert refusal(b"\xff\x0a" + header + bytes(200)) == reason
    pytest.importorskip("pi_heif")
    picture = heic(Image.new("RGB", (96, 64)), b"")
    kind, _, rest = picture.partition(b"ispe")
    assert refusal(kind + b"ispe" + rest[:4] + struct.pack(">II", side, side) + rest[12:]) == reason


def test_a_format_whose_library_is_not_installed_says_which_one_it_needs(folder):
    for name, content in (
        ("a.heic", heic(quarters())),
        ("b.jpg", heic(quarters())),
        # A camera's RAW file begins like a TIFF, and its first picture is a stamp.
        ("c.nef", encoded(quarters(), "TIFF")),
        ("d.jxl", b"\xff\x0a12345"),
        ("e.nef", encoded(quarters(), "JPEG")),
    ):
        (folder / name).write_bytes(content)
    program = """if True:
        import sys
        for library in ("pi_heif", "pylibjxl", "rawpy"):
            sys.modules[library] = None  # what import finds there is not installed
        from pathlib import Path
        from photosearch.decode import decode
        from photosearch.errors import PhotoUnreadable
        for path in sorted(Path(sys.argv[1]).iterdir()):
            try:
                print(decode(path, 32).pixels.shape)
            except PhotoUnreadable as reason:
                print(reason)
    """
    said = subprocess.run([sys.executable, "-c", program, folder], capture_output=True, text=True, check=True)
    assert said.stdout.splitlines() == [
        "HEIC pictures are read by pi-heif, which is not installed.",
        "HEIC pictures are read by pi-heif, which is not installed.",
        "Camera RAW pictures are read by rawpy, which is not installed.",
        "JPEG XL pictures are read by pylibjxl, which is not installed.",
        "(32, 32, 3)",
    ]


def test_a_picture_with_the_name_of_another_format_is_read_all_the_same(folder):
    for name in ("really-jpeg.heic", "really-jpeg.png", "really-jpeg.nef"):
        (folder / name).write_bytes(encoded(quarters(), "JPEG"))
        assert open_upright(folder / name)[0].size == (96, 64)


def test_a_folder_with_the_name_of_a_photo_is_refused(folder):
    (folder / "holiday.jpg").mkdir()
    assert refusal(folder / "holiday.jpg") == "This is a folder, not a photo."


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this platform has no named pipes")
def test_a_pipe_or_a_socket_is_refused_without_waiting_for_it(folder):
    os.mkfifo(folder / "pipe.jpg")
    assert refusal(folder / "pipe.jpg").startswith("This is not a file")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.fspath(folder / "s.jpg"))
        assert refusal(folder / "s.jpg").startswith("This is not a file")


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_a_link_is_followed_and_one_that_leads_nowhere_is_refused(folder):
    (folder / "photo.png").write_bytes(encoded(quarters()))
    (folder / "link.png").symlink_to("photo.png")
    (folder / "broken.png").symlink_to("nothing.png")
    (folder / "loop.png").symlink_to("loop.png")
    assert open_upright(folder / "link.png")[0].size == (96, 64)
    assert refusal(folder / "broken.png") == "The file is no longer there."
    assert refusal(folder / "loop.png") == "This link leads to itself."


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nothing is forbidden to this user")
def test_a_file_that_may_not_be_read_is_refused(folder):
    (folder / "secret.png").write_bytes(encoded(quarters()))
    (folder / "secret.png").chmod(0)
    assert refusal(folder / "secret.png") == "The file may not be read (permission denied)."


@pytest.mark.filterwarnings("ignore:.*:UserWarning")
@settings(max_examples=200)
@given(st.sampled_from(sorted(FORMATS)), st.data())
def test_a_damaged_file_is_a_picture_or_one_sentence(format, data):
    file = bytearray(encoded(quarters(24, 16), format, **FORMATS[format]))
    for position in data.draw(st.lists(st.integers(0, len(file) - 1), min_size=1, max_size=8)):
        file[position] = data.draw(st.integers(0, 255))
    try:
        shape = decode(bytes(file), 16).pixels.shape
    except PhotoUnreadable as error:
        reason = str(error)
        shape = None
    assert shape == (16, 16, 3) or (reason.endswith(".") and "\n" not in reason)


# Which files are photos


def test_photos_are_known_by_their_names_whatever_the_case():
    assert all(map(is_photo, ["a.jpg", "A.JPEG", "x.y.Png", "raw.NEF", "phone.heic", "é.tiff"]))
    assert not any(map(is_photo, ["jpg", ".jpg", "a.txt", "a.jpg.part", "a", "a.mp4"]))
