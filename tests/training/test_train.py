"""A training of a minute's work made tiny: real photos, real steps, a real model at the end."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from photosearch.datasets import decode_photos, find_photos, open_pixels, pack_pixels
from photosearch.encode.architecture import Architecture
from photosearch.encode.encoder import Encoder
from photosearch.encode.model_file import read_model
from photosearch.errors import TrainingFailed
from photosearch.evaluation.retrieval import evaluate_unseen
from photosearch.training.augment import COPY, SCENE, Changes, augment, copy_of
from photosearch.training.dsq import Recipe, train_dsq
from photosearch.training.trainer import Schedule

SHAPES = ("disc", "bar", "frame")


def drawing(kind: str, random: np.random.Generator) -> Image.Image:
    colours = [tuple(int(part) for part in random.integers(0, 256, 3)) for _ in range(2)]
    image = Image.new("RGB", (64, 48), colours[0])
    draw = ImageDraw.Draw(image)
    x, y = (int(part) for part in random.integers(4, 20, 2))
    if kind == "disc":
        draw.ellipse((x, y, x + 24, y + 24), fill=colours[1])
    elif kind == "bar":
        draw.rectangle((x, y, x + 40, y + 6), fill=colours[1])
    else:
        draw.rectangle((x, y, x + 24, y + 24), outline=colours[1], width=3)
    return image


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    random = np.random.default_rng(0)
    for kind in SHAPES:
        (folder / kind).mkdir()
        for number in range(20):
            drawing(kind, random).save(folder / kind / f"{number:02}.png")
    (folder / "disc" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nand then nothing")
    (folder / "bar" / ".hidden").write_bytes(b"")
    return folder


@pytest.fixture(scope="module")
def packed(tmp_path_factory) -> Path:
    """Three classes to train on and two that no training may see."""
    folder = tmp_path_factory.mktemp("packed")
    random = np.random.default_rng(1)
    files = []
    for number in range(60):
        file = io.BytesIO()
        drawing(SHAPES[number % 3], random).save(file, "WEBP", quality=80)
        files.append(file.getvalue())
    lengths = np.array([len(file) for file in files])
    pieces = np.arange(60) // 30
    offsets = np.concatenate(
        [np.cumsum(lengths[pieces == piece]) - lengths[pieces == piece] for piece in (0, 1)]
    )
    labels = np.array([*(f"drawn:{kind}" for kind in SHAPES), "wordnet:a", "places:b"])
    label = np.arange(60) % 3
    label[50:55], label[55:] = 3, 4
    np.savez(
        folder / "index.npz",
        piece=pieces.astype(np.uint8),
        offset=offsets.astype(np.uint32),
        length=lengths.astype(np.uint16),
        label=label.astype(np.uint16),
        labels=labels,
        split=(label > 2).astype(np.uint8),
    )
    for piece in (0, 1):
        (folder / f"photos-{piece:02}.bin").write_bytes(b"".join(files[30 * piece : 30 * piece + 30]))
    return folder


TINY = Recipe(
    Architecture(widths=(8, 16), depths=(1, 1), dimension=16),
    Schedule(steps=7, batch=16, sizes=((0.0, 24), (0.5, 32)), save_seconds=0),
    interval=2,
)


@pytest.fixture(scope="module")
def trained(pictures, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("trained") / "model.safetensors"
    steps = list(train_dsq(pictures, out, bits=16, device="cpu", recipe=TINY))
    assert [progress.done for progress in steps if progress.measures.get("error") is None][-1] == 7
    assert all(progress.step == "training" and progress.total == 7 for progress in steps)
    return out


def test_a_training_writes_a_model_that_encodes(trained):
    model = read_model(trained)
    assert (model.spec.method, model.spec.bytes, model.spec.dimension) == ("dsq", 2, 16)
    assert model.provenance["classes"] == 3
    assert model.provenance["unreadable"] == 1
    assert model.provenance["initialisation"] == "random"
    assert -1 <= model.same_shot <= 1.5
    assert model.preprocessing.size == 32
    _, codes = Encoder(model, "cpu").encode(np.zeros((2, 32, 32, 3), np.uint8))
    assert codes.shape == (2, 2)


@pytest.mark.parametrize("kill_after", [1, 4])
def test_a_training_that_was_killed_goes_on_to_the_very_same_model(pictures, trained, tmp_path, kill_after):
    out = tmp_path / "model.safetensors"
    for progress in train_dsq(pictures, out, bits=16, device="cpu", recipe=TINY):
        if progress.done == kill_after:
            break
    assert not out.exists()
    resumed = [progress.done for progress in train_dsq(pictures, out, bits=16, device="cpu", recipe=TINY)]
    assert resumed[0] == kill_after + 1
    assert read_model(out).spec.identity == read_model(trained).spec.identity
    assert read_model(out).same_shot == read_model(trained).same_shot


def test_a_training_can_begin_with_a_model(pictures, trained, tmp_path):
    out = tmp_path / "model.safetensors"
    list(train_dsq(pictures, out, bits=16, steps=2, device="cpu", recipe=TINY, start=trained))
    first, second = read_model(trained), read_model(out)
    assert second.provenance["initialisation"] == first.spec.identity
    # Two steps at a rate of nearly nothing leave a network that sees as the first did.
    photos = np.random.default_rng(0).integers(0, 256, (20, 32, 32, 3), np.uint8)
    before, after = Encoder(first, "cpu").vectors(photos), Encoder(second, "cpu").vectors(photos)
    assert (before * after).sum(1).mean() > 0.5
    with pytest.raises(TrainingFailed, match="size of code"):
        list(train_dsq(pictures, tmp_path / "wide", bits=24, device="cpu", recipe=TINY, start=trained))


def test_a_checkpoint_of_another_training_is_refused(pictures, tmp_path):
    out = tmp_path / "model.safetensors"
    next(iter(step for step in train_dsq(pictures, out, 16, device="cpu", recipe=TINY) if step.done))
    with pytest.raises(TrainingFailed, match="another training"):
        list(train_dsq(pictures, out, 24, device="cpu", recipe=TINY))


def test_the_packed_set_trains_on_its_seen_classes_and_measures_on_the_others(packed, tmp_path):
    out = tmp_path / "model.safetensors"
    list(train_dsq(packed, out, bits=16, steps=2, device="cpu", recipe=TINY))
    model = read_model(out)
    assert model.provenance["classes"] == 3
    measured = evaluate_unseen(model, packed)
    assert measured["photos"] == 10
    assert measured["wordnet"]["classes"] == measured["places"]["classes"] == 1
    assert measured["wordnet"]["vectors"]["precision_at_10"] == 1.0
    assert measured["wordnet"]["code_2_bytes"]["mean_average_precision_at_1000"] == 1.0
    assert measured["copies_of"] == 5
    assert set(measured["copies"]["jpeg_75"]) == {"rank_1", "same_shot"}


def test_a_folder_of_pictures_is_measured_whole(pictures, trained):
    measured = evaluate_unseen(read_model(trained), pictures)
    assert measured["photos"] == 60
    assert measured["all"]["classes"] == 3
    assert 0 < measured["all"]["thumbnail"]["precision_at_10"] <= 1


@pytest.mark.parametrize(
    ("made", "words"),
    [
        ({}, "one folder of pictures for each class"),
        ({"one/a.png": "disc"}, "at least two classes"),
        ({"one/a.png": "disc", "two/b.png": "bar"}, "at least two classes"),
        ({"one/a.png": "disc", "one/b.png": "disc", "two/": None}, "holds no pictures"),
        ({"one/a.png": "text", "two/b.png": "text"}, "at least two classes"),
        ({"index.npz": "text"}, "cannot be read"),
    ],
)
def test_what_cannot_be_trained_on_is_told_in_one_sentence(tmp_path, made, words):
    data = tmp_path / "data"
    data.mkdir()
    for name, kind in made.items():
        path = data / name
        if kind is None:
            path.mkdir()
            continue
        path.parent.mkdir(exist_ok=True)
        if kind == "text":
            path.write_text("no picture")
        else:
            drawing(kind, np.random.default_rng(0)).save(path)
    with pytest.raises(TrainingFailed, match=words):
        list(train_dsq(data, tmp_path / "model.safetensors", 16, device="cpu", recipe=TINY))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"bits": 12}, "multiple of 8"), ({"bits": 0}, "multiple of 8"), ({"steps": 0}, "at least one step")],
)
def test_a_training_that_cannot_be_meant_is_refused(pictures, tmp_path, wrong, words):
    with pytest.raises(TrainingFailed, match=words):
        list(train_dsq(pictures, tmp_path / "model.safetensors", device="cpu", recipe=TINY, **wrong))
    with pytest.raises(TrainingFailed, match="no folder"):
        list(train_dsq(tmp_path / "missing", tmp_path / "model.safetensors", device="cpu"))
    with pytest.raises(TrainingFailed, match="no folder"):
        list(train_dsq(pictures, tmp_path / "missing" / "model.safetensors", device="cpu"))


def test_a_training_that_diverges_stops_with_a_sentence(pictures, tmp_path):
    wild = Recipe(TINY.architecture, Schedule(steps=50, batch=8, rate=1e30, sizes=((0.0, 24),)))
    with pytest.raises(TrainingFailed, match="no number"):
        list(train_dsq(pictures, tmp_path / "model.safetensors", 16, device="cpu", recipe=wild))


def test_photos_are_decoded_once_and_again_only_for_another_set(pictures, packed, tmp_path):
    photos = find_photos(pictures)
    every = np.arange(len(photos.targets))
    assert list(pack_pixels(photos, every, 32, tmp_path)) == [len(every)]
    assert list(pack_pixels(photos, every, 32, tmp_path)) == []
    rows, pixels = open_pixels(tmp_path)
    assert pixels.shape == (60, 32, 32, 3)
    ((sound, expected),) = decode_photos(photos, every, 32)
    np.testing.assert_array_equal(rows, sound)
    np.testing.assert_array_equal(pixels, expected)
    others = find_photos(packed)
    assert list(pack_pixels(others, np.arange(60), 32, tmp_path)) == [60]


@pytest.mark.parametrize("changes", [SCENE, COPY])
def test_views_are_the_same_for_the_same_draw_and_differ_for_another(changes):
    photos = np.random.default_rng(0).integers(0, 256, (40, 96, 96, 3), np.uint8)
    views = augment(photos, 48, np.random.default_rng(5), changes)
    assert views.shape == (40, 3, 48, 48)
    assert (views.min() >= 0, views.max() <= 1) == (True, True)
    assert views.equal(augment(photos, 48, np.random.default_rng(5), changes))
    assert not views.equal(augment(photos, 48, np.random.default_rng(6), changes))


@pytest.mark.parametrize("change", ["coarsened", "framed", "written", "recompressed"])
def test_each_change_leaves_most_of_a_photo_as_it_is(change):
    none = Changes((1, 1), 1, coarsened=0, recompressed=0, framed=0, colour=0, mirrored=0)
    photos = np.stack(
        [np.asarray(drawing("disc", np.random.default_rng(n)).resize((96, 96))) for n in range(8)]
    )
    same = augment(photos, 96, np.random.default_rng(0), none)
    torch.testing.assert_close(same, torch.from_numpy(photos).permute(0, 3, 1, 2).float() / 255)
    changed = augment(photos, 96, np.random.default_rng(0), replace(none, **{change: 1}))
    apart = (changed - same).abs().mean((1, 2, 3))
    assert (apart > 0).all()
    assert apart.mean() < 0.2


def test_a_copy_looks_like_its_photo():
    photo = np.asarray(drawing("disc", np.random.default_rng(0)).resize((96, 96)))
    copy = copy_of(photo, np.random.default_rng(0))
    assert copy.shape == photo.shape
    assert 0 < np.abs(copy.astype(float) - photo).mean() < 40
