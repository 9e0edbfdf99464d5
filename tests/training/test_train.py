"""A training of a minute's work made tiny: real photos, real steps, a real model at the end."""

import csv
import io
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from torch.nn.functional import normalize

from photosearch import protocols
from photosearch.datasets import decode_photos, find_photos, near_duplicates, open_pixels, pack_pixels
from photosearch.encode.architecture import Architecture
from photosearch.encode.encoder import Encoder, folded_network
from photosearch.encode.model_file import bundled_model_path, read_model
from photosearch.encode.network import arrange, build, fold, unfold
from photosearch.engine import Codebooks, reconstruct
from photosearch.errors import TrainingFailed
from photosearch.evaluation.comparison import averaged, compare, rows_of
from photosearch.evaluation.copies import CONTROLS
from photosearch.evaluation.plots import check_plot
from photosearch.evaluation.retrieval import evaluate_unseen
from photosearch.records import METHODS as METHOD_KINDS
from photosearch.records import PROTOCOLS
from photosearch.training.augment import COPY, SCENE, Changes, augment, copy_of
from photosearch.training.dsq import Dsq
from photosearch.training.method import Recipe
from photosearch.training.train import METHODS, RECIPES, train
from photosearch.training.trainer import Schedule, embed, embed_changed

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
def elsewhere(tmp_path_factory) -> Path:
    """The same kinds, drawn at dusk."""
    folder = tmp_path_factory.mktemp("elsewhere")
    random = np.random.default_rng(3)
    for kind in SHAPES:
        (folder / kind).mkdir()
        for number in range(12):
            drawing(kind, random).point(lambda value: value // 3).save(folder / kind / f"{number:02}.png")
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
    steps = list(train(Dsq(), pictures, out, bits=16, device="cpu", recipe=TINY))
    assert [progress.done for progress in steps if progress.measures.get("error") is None][-1] == 7
    assert all(progress.step == "training" and progress.total == 7 for progress in steps)
    return out


def test_a_training_writes_a_model_that_encodes(trained):
    model = read_model(trained)
    assert (model.spec.method, model.spec.bytes, model.spec.dimension) == ("dsq", 2, 16)
    assert model.provenance["classes"] == 3
    assert model.provenance["unreadable"] == 1
    assert model.provenance["initialisation"] == "random"
    assert -1 <= model.same_shot <= 1 + 1e-6
    assert model.preprocessing.size == 32
    _, codes = Encoder(model, "cpu").encode(np.zeros((2, 32, 32, 3), np.uint8))
    assert codes.shape == (2, 2)


@pytest.mark.parametrize("kill_after", [1, 4])
def test_a_training_that_was_killed_goes_on_to_the_very_same_model(pictures, trained, tmp_path, kill_after):
    out = tmp_path / "model.safetensors"
    for progress in train(Dsq(), pictures, out, bits=16, device="cpu", recipe=TINY):
        if progress.done == kill_after:
            break
    assert not out.exists()
    resumed = [progress.done for progress in train(Dsq(), pictures, out, bits=16, device="cpu", recipe=TINY)]
    assert resumed[0] == kill_after + 1
    assert read_model(out).spec.identity == read_model(trained).spec.identity
    assert read_model(out).same_shot == read_model(trained).same_shot


@pytest.fixture(scope="module", params=[name for name in METHODS if name != "dsq"])
def other(request, pictures, tmp_path_factory) -> Path:
    """A model of each of the other methods."""
    out = tmp_path_factory.mktemp(request.param) / "model.safetensors"
    method = METHODS[request.param]
    if request.param == "sdsh":
        method = replace(method, steps=10)
    list(train(method, pictures, out, bits=16, device="cpu", recipe=TINY))
    return out


def test_every_method_writes_a_model_that_encodes(other):
    model = read_model(other)
    assert model.spec.method == other.parent.name.rstrip("0")
    assert (model.spec.bytes, model.spec.kind) == (2, METHOD_KINDS[model.spec.method])
    assert -1 <= model.same_shot <= 1 + 1e-6, "a cosine, whatever the method"
    photos = np.random.default_rng(0).integers(0, 256, (5, 32, 32, 3), np.uint8)
    vectors, codes = Encoder(model, "cpu").encode(photos)
    assert vectors.shape == (5, model.spec.dimension)
    lengths = np.linalg.norm(vectors, axis=1)
    if model.spec.method == "dsq-unnormalised":
        assert (np.abs(lengths - 1) > 0.01).all()
    else:
        np.testing.assert_allclose(lengths, 1, rtol=1e-5)
    assert codes.shape == (5, 2)
    # Whatever the method, what a code stands for is near its vector, and nearest where it should be.
    sums = reconstruct(codes, model.codebooks)
    assert ((vectors * sums).sum(1) > 0).all()


def test_a_sparse_model_keeps_a_quarter_of_its_codebooks(other):
    model = read_model(other)
    if model.spec.method == "dsq-sparse":
        assert 0 < (model.codebooks != 0).mean() <= 0.25
        assert Codebooks.of(model.codebooks).values.shape[1] <= 4


def test_a_training_can_begin_with_a_model(pictures, trained, tmp_path):
    out = tmp_path / "model.safetensors"
    list(train(Dsq(), pictures, out, bits=16, steps=2, device="cpu", recipe=TINY, start=trained))
    first, second = read_model(trained), read_model(out)
    assert second.provenance["initialisation"] == first.spec.identity
    # Two steps at a rate of nearly nothing leave a network that sees as the first did.
    photos = np.random.default_rng(0).integers(0, 256, (20, 32, 32, 3), np.uint8)
    before, after = Encoder(first, "cpu").vectors(photos), Encoder(second, "cpu").vectors(photos)
    assert (before * after).sum(1).mean() > 0.5
    # Another length of code, another method: what the network knows is of use to them as well.
    wide = tmp_path / "wide"
    list(train(METHODS["adsq"], pictures, wide, 24, "unseen", trained, 1, device="cpu", recipe=TINY))
    assert read_model(wide).spec.bytes == 3


def test_a_training_that_begins_with_a_model_begins_with_what_that_sees_in_changed_photos(pictures, tmp_path):
    changes = (Changes(grey=1.0, covered=0.7),)
    schedule = replace(TINY.schedule, steps=40, batch=48, views=changes, sizes=((0.0, 32),))
    recipe, first, second = replace(TINY, schedule=schedule), tmp_path / "first", tmp_path / "second"
    list(train(Dsq(), pictures, first, 16, device="cpu", recipe=recipe))
    list(train(Dsq(), pictures, second, 16, rate=1e-9, device="cpu", recipe=recipe, start=first))
    _, pixels = open_pixels(tmp_path / "first.training")
    before, after = (
        torch.cat(list(embed(folded_network(model), pixels, model.preprocessing, torch.device("cpu"))))
        for model in (read_model(first), read_model(second))
    )
    # Measured with unchanged photos, means and deviations moved away from these in the first steps: .956.
    assert (before * after).sum(1).mean() > 0.975


def test_of_the_network_a_training_begins_with_as_much_is_kept_as_asked_for(pictures, tmp_path):
    schedule = replace(TINY.schedule, steps=40, batch=48, views=(Changes(),), sizes=((0.0, 32),))
    first = tmp_path / "first"
    list(train(Dsq(), pictures, first, 16, device="cpu", recipe=replace(TINY, schedule=schedule)))
    _, pixels = open_pixels(tmp_path / "first.training")

    def seen(file):
        model = read_model(file)
        network = folded_network(model)
        return torch.cat(list(embed(network, pixels, model.preprocessing, torch.device("cpu"))))

    alike = []
    for kept in (0.0, 0.5, 1.0):
        out, recipe = tmp_path / str(kept), replace(TINY, schedule=schedule, kept=kept)
        list(train(Dsq(), pictures, out, 16, rate=0.1, seed=1, device="cpu", recipe=recipe, start=first))
        alike.append(float((seen(first) * seen(out)).sum(1).mean()))
    assert alike[0] < alike[1] < alike[2], alike
    assert alike[2] > 0.95


@pytest.mark.parametrize(("length", "streams"), [(8, 1), (48, 1), (8, 2)])
def test_a_head_of_another_length_begins_with_what_was_told_apart(length, streams):
    torch.manual_seed(0)
    known = Architecture((8, 16), (1, 1), dimension=32, stem=2)
    photos = torch.rand(64, 3, 16, 16) * torch.rand(64, 3, 1, 1)
    plain = build(known)
    with torch.no_grad():
        for _ in range(50):
            plain(photos)
    folded = fold(plain, known)
    network = build(replace(known, dimension=length, streams=streams))
    unfold(network, folded, photos)
    with torch.no_grad():
        before = folded(photos)
        after = network.eval()(photos).reshape(64, streams, length).unbind(1)
    for points in after:
        alike = torch.corrcoef(torch.stack([(before @ before.T).ravel(), (points @ points.T).ravel()]))
        assert alike[0, 1] > 0.8
    assert streams == 1 or not torch.equal(*after)


def test_what_colours_a_photo_has_is_part_of_a_vector_and_no_step_changes_it(
    pictures, elsewhere, trained, tmp_path
):
    first, second = tmp_path / "first", tmp_path / "second"
    architecture = replace(TINY.architecture, dimension=20, colours=4, colours_share=0.25)
    recipe = replace(TINY, architecture=architecture)
    list(train(Dsq(), pictures, first, 16, device="cpu", recipe=recipe, start=trained, steps=0))
    # Other photos, which have other colours.
    list(train(Dsq(), elsewhere, second, 16, device="cpu", recipe=recipe, start=first, steps=2))
    before, after = read_model(first), read_model(second)
    for name in ("shades.weight", "shades.bias", "colours.weight", "colours.bias"):
        np.testing.assert_array_equal(before.weights[name], after.weights[name])
    assert not np.array_equal(before.weights["head.weight"], after.weights["head.weight"])
    # What the model that it began with tells of kinds is there; but along where changes move photos, less.
    _, pixels = open_pixels(tmp_path / "first.training")
    photos = np.ascontiguousarray(pixels[:, :32, :32])
    encoder = Encoder(before, "cpu")
    kinds, colours = np.split(encoder.vectors(photos), [16], axis=1)
    np.testing.assert_allclose(np.linalg.norm(kinds, axis=1), 0.75**0.5, atol=1e-3)
    plain = Encoder(read_model(trained), "cpu")
    assert (kinds / 0.75**0.5 * plain.vectors(photos)).sum(1).mean() > 0.9
    copies = np.stack([copy_of(photo, np.random.default_rng(0)) for photo in photos])
    moved = plain.vectors(copies) - plain.vectors(photos), encoder.vectors(copies)[:, :16] - kinds
    shares = [np.linalg.svd(part)[1] ** 2 / (part**2).sum() for part in moved]
    assert shares[1][0] < 0.95 * shares[0][0]
    # Another codec is made for it as it is.
    list(train(Dsq(), pictures, tmp_path / "third", 8, device="cpu", recipe=recipe, start=first, steps=0))
    again = read_model(tmp_path / "third").weights
    for name in ("head.weight", "colours.weight"):
        np.testing.assert_allclose(again[name].astype(float), before.weights[name], atol=0.01)
    # Colours are the same wherever they are, as they are after a turn, and differ in as many ways as asked.
    turned = encoder.vectors(np.ascontiguousarray(np.rot90(photos, axes=(1, 2))))[:, 16:]
    np.testing.assert_allclose(turned, colours, atol=1e-3)
    assert np.linalg.matrix_rank(colours - colours.mean(0), tol=0.1) == 4
    # Other colours are other ones: red and blue exchanged.
    other = encoder.vectors(np.ascontiguousarray(photos[..., ::-1]))[:, 16:]
    assert (other * colours).sum(1).mean() < 0.9 * 0.25
    # What is kept of the model is what it tells of kinds; the axes are not mixed with any others.
    seen = []
    for name, kept in (("plain", replace(TINY, kept=1.0)), ("kept", replace(recipe, kept=1.0))):
        out = tmp_path / name
        list(train(Dsq(), pictures, out, 16, rate=0.1, device="cpu", recipe=kept, start=trained, steps=4))
        seen.append(Encoder(read_model(out), "cpu").vectors(photos)[:, :16])
    np.testing.assert_array_equal(read_model(out).weights["colours.weight"], before.weights["colours.weight"])
    assert (seen[0] * seen[1]).sum(1).mean() / 0.75**0.5 > 0.9
    # As many others are made anew, with levels of their own.
    out, more = tmp_path / "more", replace(architecture, dimension=22, colours=6)
    list(
        train(
            Dsq(),
            elsewhere,
            out,
            16,
            device="cpu",
            recipe=replace(recipe, architecture=more),
            start=first,
            steps=0,
        )
    )
    assert not np.array_equal(read_model(out).weights["shades.bias"], before.weights["shades.bias"])
    # Codes of bits, and of a sphere that is turned, have none.
    for method in ("sdsh", "dsq-sparse"):
        out = tmp_path / method
        list(train(METHODS[method], pictures, out, 16, device="cpu", recipe=recipe, start=first, steps=1))
        assert "colours.weight" not in read_model(out).weights and read_model(out).spec.dimension == 16


@pytest.mark.parametrize(("method", "bits"), [("lsq", 32), ("dsq", 16)])
def test_another_codec_is_made_for_a_network_without_a_step(pictures, trained, tmp_path, method, bits):
    out = tmp_path / "model.safetensors"
    list(train(METHODS[method], pictures, out, bits, "unseen", trained, 0, device="cpu", recipe=TINY))
    model = read_model(out)
    assert (model.spec.method, 8 * model.spec.bytes) == (method, bits)
    photos = np.random.default_rng(0).integers(0, 256, (20, 32, 32, 3), np.uint8)
    before = Encoder(read_model(trained), "cpu").vectors(photos)
    np.testing.assert_allclose(Encoder(model, "cpu").vectors(photos), before, atol=1e-3)
    with pytest.raises(TrainingFailed, match="at least one step"):
        list(train(METHODS["lsq"], pictures, tmp_path / "none", steps=0, device="cpu", recipe=TINY))


@pytest.mark.parametrize(("name", "without"), [("GREY", 1.0), ("POWER", 0.0)])
def test_colours_are_made_so_that_a_changed_copy_keeps_them(monkeypatch, name, without):
    random = torch.Generator().manual_seed(0)
    photos = torch.randn(400, 3, 1, 1, generator=random) + 0.5 * torch.randn(400, 3, 8, 8, generator=random)
    grey = photos.mean(1, keepdim=True).expand_as(photos)

    def least() -> float:
        """How like its photo a grey copy is, beyond what others are."""
        torch.manual_seed(0)
        network = build(replace(TINY.architecture, dimension=28, colours=12, colours_share=0.5))
        arrange(network, photos, grey)
        known, changed = (normalize(network.colours(network.told(cells))) for cells in (photos, grey))
        alike = known @ changed.T
        return float((alike.diagonal()[:, None] > alike - torch.eye(400)).float().mean())

    kept = least()
    monkeypatch.setattr(f"photosearch.encode.network.{name}", without)
    assert least() < kept


def test_a_codec_is_made_from_no_more_photos_than_the_recipe_says(pictures, trained, tmp_path):
    recipe = replace(TINY, sample=30)
    steps = list(train(METHODS["lsq"], pictures, tmp_path / "model", 8, "unseen", trained, 0, recipe=recipe))
    assert [step.message for step in steps if "looked at" in step.message] == [
        "looked at 30 of 30 photos for the codes"
    ]


def test_the_bundled_model_is_of_the_recipe_it_is_said_to_be_of():
    architecture = Architecture.read(read_model(bundled_model_path()).network)
    assert architecture == RECIPES["unseen"].architecture


def test_photos_of_one_colour_train_a_model_that_can_be_read(tmp_path):
    for kind in SHAPES:
        (tmp_path / "black" / kind).mkdir(parents=True)
        for number in range(6):
            Image.new("RGB", (48 + number, 48)).save(tmp_path / "black" / kind / f"{number}.png")
    recipe = replace(
        TINY, architecture=replace(TINY.architecture, dimension=20, colours=4, colours_share=0.25)
    )
    list(train(Dsq(), tmp_path / "black", tmp_path / "model", 16, device="cpu", recipe=recipe, steps=2))
    vectors = Encoder(read_model(tmp_path / "model"), "cpu").vectors(np.full((1, 32, 32, 3), 9, np.uint8))
    assert np.isfinite(vectors).all()


def test_photos_are_changed_in_each_way_by_turns(trained):
    model = read_model(trained)
    network, cpu, random = folded_network(model), torch.device("cpu"), np.random.default_rng(0)
    none = Changes((1, 1), 1, coarsened=0, recompressed=0, framed=0, grey=0, colour=0, mirrored=0)
    schedule = replace(TINY.schedule, views=(none, replace(none, colour=0.9)))
    photos = random.integers(0, 256, (8, 32, 32, 3), np.uint8)
    clean = torch.cat(list(embed(network, photos, model.preprocessing, cpu)))
    seen = torch.cat(list(embed_changed(network, photos, np.arange(8), schedule, cpu, random, batch=2)))
    far = (1 - (clean * seen).sum(1)).view(4, 2).amax(1)
    assert far[::2].max() < 1e-5 < 1e-3 < far[1::2].min()


def test_the_codec_of_few_photos_is_made_from_changed_views_of_them_too(pictures, trained, tmp_path):
    out = tmp_path / "model.safetensors"
    steps = list(train(METHODS["lsq"], pictures, out, 8, "unseen", trained, 0, device="cpu", recipe=TINY))
    looked = [step.message for step in steps if "looked at" in step.message]
    photos = read_model(out).provenance["photos"]
    assert looked[-1] == f"looked at {5 * photos} of {5 * photos} photos for the codes"

    model = read_model(trained)
    _, pixels = open_pixels(trained.with_name(trained.name + ".training"))
    network, cpu = folded_network(model), torch.device("cpu")
    clean = torch.cat(list(embed(network, pixels, model.preprocessing, cpu)))
    rows, random = np.arange(len(pixels)), np.random.default_rng(0)
    changed = torch.cat(list(embed_changed(network, pixels, rows, TINY.schedule, cpu, random)))
    alike = (clean @ changed.T).numpy()
    assert not np.allclose(clean, changed, atol=1e-3)
    assert np.diag(alike).mean() > alike.mean()


@pytest.mark.parametrize(
    ("method", "evened", "coarse"),
    [
        ("dsq", True, 2),
        ("lsq", True, 0),
        ("dqn", True, 0),
        ("dsq-unnormalised", False, 0),
        ("sdsh", False, 0),
    ],
)
def test_a_recipe_may_have_codes_evened_and_their_first_half_made_by_itself(
    method, evened, coarse, pictures, trained, tmp_path
):
    out, recipe = tmp_path / "model.safetensors", replace(TINY, evened=True, coarse=True)
    list(train(METHODS[method], pictures, out, 32, "unseen", trained, 1, device="cpu", recipe=recipe))
    model = read_model(out)
    assert ((model.second_moment is not None), model.coarse) == (evened, coarse)


def test_a_checkpoint_of_another_training_is_refused(pictures, tmp_path):
    out = tmp_path / "model.safetensors"
    next(iter(step for step in train(Dsq(), pictures, out, 16, device="cpu", recipe=TINY) if step.done))
    with pytest.raises(TrainingFailed, match="another training"):
        list(train(Dsq(), pictures, out, 24, device="cpu", recipe=TINY))


def test_the_packed_set_trains_on_its_seen_classes_and_measures_on_the_others(packed, tmp_path):
    out = tmp_path / "model.safetensors"
    list(train(Dsq(), packed, out, bits=16, steps=2, device="cpu", recipe=TINY))
    model = read_model(out)
    assert model.provenance["classes"] == 3
    measured = evaluate_unseen(model, packed)
    assert measured["photos"] == 10
    assert measured["wordnet"]["classes"] == measured["places"]["classes"] == 1
    assert measured["wordnet"]["vectors"]["precision_at_10"] == 1.0
    assert measured["wordnet"]["code_2_bytes"]["mean_average_precision_at_1000"] == 1.0
    assert measured["copies_of"] == 5
    assert measured["distractors"] == 55
    program = {"program", "program_same_shot"}
    assert set(measured["copies"]["jpeg_75"]) == {"code_2_bytes", "vectors", "same_shot", *program, *CONTROLS}
    assert 0 <= measured["pairs_of_a_class_told_apart"] <= 1
    assert 0 <= measured["program_pairs_of_a_class_told_apart"] <= 1


def test_a_folder_of_pictures_is_measured_whole(pictures, trained):
    measured = evaluate_unseen(read_model(trained), pictures)
    assert measured["photos"] == 60
    assert measured["all"]["classes"] == 3
    assert measured["all"]["vectors"]["recall_at_10"] == 1
    assert 10 / 59 < measured["all"]["code_2_bytes"]["recall_at_10"] < 1
    assert "recall_at_10" not in measured["all"]["thumbnail"]
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
        list(train(Dsq(), data, tmp_path / "model.safetensors", 16, device="cpu", recipe=TINY))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"bits": 12}, "multiple of 8"), ({"bits": 0}, "multiple of 8"), ({"steps": 0}, "at least one step")],
)
def test_a_training_that_cannot_be_meant_is_refused(pictures, tmp_path, wrong, words):
    with pytest.raises(TrainingFailed, match=words):
        list(train(Dsq(), pictures, tmp_path / "model.safetensors", device="cpu", recipe=TINY, **wrong))
    with pytest.raises(TrainingFailed, match="no folder"):
        list(train(Dsq(), tmp_path / "missing", tmp_path / "model.safetensors", device="cpu"))
    with pytest.raises(TrainingFailed, match="no folder"):
        list(train(Dsq(), pictures, tmp_path / "missing" / "model.safetensors", device="cpu"))


def test_a_training_that_diverges_stops_with_a_sentence(pictures, tmp_path):
    wild = Recipe(TINY.architecture, Schedule(steps=50, batch=8, rate=1e30, sizes=((0.0, 24),)))
    with pytest.raises(TrainingFailed, match="no number"):
        list(train(Dsq(), pictures, tmp_path / "model.safetensors", 16, device="cpu", recipe=wild))


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


@pytest.fixture
def gathered(tmp_path) -> Path:
    """Two collections that share a class, and one whose classes no training may see."""
    random = np.random.default_rng(3)
    for number in range(6):
        for place in ("a/first/train/disc", "a/first/train/bar", "a/first/test/disc", "b/second/disc_x"):
            file = tmp_path / place / f"{number}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            drawing(SHAPES[number % 3], random).save(file)
    (tmp_path / "a/first/train/disc/notes.txt").write_text("no picture")
    (tmp_path / "sources.toml").write_text(r"""
        unseen = ["drawn:bar"]
        [[sources]]
        name = "drawn"
        repository = "a/first"
        photos = 'train/(?P<class>[a-z]+)/\d\.png'
        most = 4
        [[sources]]
        name = "drawn"
        repository = "b/second"
        commit = "1234567"
        photos = '(?P<class>[a-z]+)_x/\d\.png'
        """)
    return tmp_path


def test_collections_are_gathered_with_classes_of_one_name_merged_and_capped(gathered):
    photos = find_photos(gathered)
    assert photos.labels == ("drawn:bar", "drawn:disc")
    assert np.bincount(photos.targets).tolist() == [4, 4 + 6]
    np.testing.assert_array_equal(photos.unseen, photos.targets == 0)
    again = find_photos(gathered)
    assert [again.read(row) for row in range(14)] == [photos.read(row) for row in range(14)]


def test_a_description_from_elsewhere_serves_a_folder_that_has_none(gathered, tmp_path_factory, packed):
    own = gathered / "sources.toml"
    elsewhere = tmp_path_factory.mktemp("recipe") / "sources.toml"
    elsewhere.write_text(own.read_text().replace("most = 4", "most = 2"))
    assert len(find_photos(gathered, elsewhere).targets) == 4 + 4 + 6
    own.unlink()
    assert len(find_photos(gathered, elsewhere).targets) == 2 + 2 + 6
    assert find_photos(packed, elsewhere).labels == find_photos(packed).labels


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("unseen =", "other =", "unseen"),
        ("drawn:bar", "drawn:ban", "not there: drawn:ban"),
        ("b/second", "b/third", "no folder .*third"),
        ("[a-z]+)_x", "[a-z]+)_y", "None of the files in .*second"),
        ("(?P<class>[a-z]+)_x", "(?P<class>[a-z]+_x", "cannot be used"),
        ("(?P<class>[a-z]+)_x", "[a-z]+_x", "cannot be used"),
        ("most = 4", "most = four", "cannot be used"),
    ],
)
def test_collections_that_are_described_wrongly_are_refused_in_one_sentence(gathered, old, new, words):
    described = gathered / "sources.toml"
    described.write_text(described.read_text().replace(old, new))
    with pytest.raises(TrainingFailed, match=words):
        find_photos(gathered)


def test_what_is_nearly_a_photo_that_measures_is_not_trained_on_and_is_counted(packed, tmp_path):
    photos = find_photos(packed)
    seen, unseen = np.flatnonzero(~photos.unseen), np.flatnonzero(photos.unseen)
    # A photo is nearly itself.
    rows = np.sort(np.concatenate([seen, unseen[:3]]))
    list(pack_pixels(photos, rows, 32, tmp_path, apart=unseen))
    kept, _ = open_pixels(tmp_path)
    assert not np.isin(unseen, kept).any()
    assert near_duplicates(tmp_path) == len(rows) - len(kept) >= 3
    list(pack_pixels(photos, rows, 32, tmp_path))
    assert len(open_pixels(tmp_path)[0]) == len(rows)
    assert near_duplicates(tmp_path) == 0


@pytest.mark.parametrize("changes", [SCENE, COPY])
def test_views_are_the_same_for_the_same_draw_and_differ_for_another(changes):
    photos = np.random.default_rng(0).integers(0, 256, (40, 96, 96, 3), np.uint8)
    views = augment(photos, 48, np.random.default_rng(5), changes)
    assert views.shape == (40, 3, 48, 48)
    assert (views.min() >= 0, views.max() <= 1) == (True, True)
    assert views.equal(augment(photos, 48, np.random.default_rng(5), changes))
    assert not views.equal(augment(photos, 48, np.random.default_rng(6), changes))


@pytest.mark.parametrize(
    "change",
    [
        *({"coarsened": 1}, {"framed": 1}, {"written": 1}, {"recompressed": 1}, {"coarsened": 1, "small": 1}),
        *({"shifted": 2}, {"covered": 0.25}, {"grey": 1}),
    ],
    ids=str,
)
def test_each_change_leaves_most_of_a_photo_as_it_is(change):
    none = Changes((1, 1), 1, coarsened=0, recompressed=0, framed=0, grey=0, colour=0, mirrored=0)
    photos = np.stack(
        [np.asarray(drawing("disc", np.random.default_rng(n)).resize((96, 96))) for n in range(8)]
    )
    same = augment(photos, 96, np.random.default_rng(0), none)
    torch.testing.assert_close(same, torch.from_numpy(photos).permute(0, 3, 1, 2).float() / 255)
    changed = augment(photos, 96, np.random.default_rng(0), replace(none, **change))
    apart = (changed - same).abs().mean((1, 2, 3))
    assert (apart > 0).all()
    assert apart.mean() < 0.2


def test_of_photos_that_are_not_cropped_all_is_there():
    none = Changes((0.2, 0.5), coarsened=0, recompressed=0, framed=0, grey=0, colour=0, mirrored=0)
    photos = np.random.default_rng(0).integers(0, 256, (8, 96, 96, 3), np.uint8)
    whole = torch.from_numpy(photos).permute(0, 3, 1, 2).float() / 255
    views = augment(photos, 96, np.random.default_rng(0), replace(none, whole=1))
    torch.testing.assert_close(views, whole)
    cropped = augment(photos, 96, np.random.default_rng(0), none)
    assert ((cropped - whole).abs().mean((1, 2, 3)) > 0.1).all()


def test_grey_views_are_as_grey_as_a_grey_photo():
    photo = np.random.default_rng(0).integers(0, 256, (96, 96, 3), np.uint8)
    expected = np.asarray(Image.fromarray(photo).convert("L"), np.float32) / 255
    none = Changes((1, 1), 1, coarsened=0, recompressed=0, framed=0, grey=1, colour=0, mirrored=0)
    for channel in augment(photo[None], 96, np.random.default_rng(0), none)[0]:
        np.testing.assert_allclose(channel.numpy(), expected, atol=1 / 255)
    # A tint would tell what the grey photo does not.
    red, green, blue = augment(photo[None], 96, np.random.default_rng(0), replace(none, colour=1))[0]
    assert torch.equal(red, green)
    assert torch.equal(red, blue)


def test_on_a_screen_all_of_a_photo_is_there_between_bars_of_one_colour():
    none = Changes((1, 1), 1, coarsened=0, recompressed=0, framed=0, grey=0, colour=0, mirrored=0)
    photos = np.stack([np.full((96, 96, 3), 128, np.uint8)] * 30)
    photos[:, 40:56, 40:56] = 200
    views = augment(photos, 96, np.random.default_rng(0), replace(none, screened=1)).permute(0, 2, 3, 1)
    ways = set()
    for view in views:
        bar = view[-1, -1]
        assert (view[0] == view[0, 0]).all() or (view[:, 0] == view[0, 0]).all()
        shown = (view - bar).abs().amax(2) > 0.01
        rows, columns = shown.any(1).sum().item(), shown.any(0).sum().item()
        assert max(rows, columns) == 96
        assert 0.38 * 96 <= min(rows, columns) <= 0.91 * 96
        assert (view > 0.75).any()
        ways.add(rows == 96)
    assert ways == {True, False}


def test_a_copy_looks_like_its_photo():
    photo = np.asarray(drawing("disc", np.random.default_rng(0)).resize((96, 96)))
    copy = copy_of(photo, np.random.default_rng(0))
    assert copy.shape == photo.shape
    assert 0 < np.abs(copy.astype(float) - photo).mean() < 40


@pytest.fixture(scope="module")
def several(tmp_path_factory) -> Path:
    """Photos of one or two of three labels each, listed in a file."""
    folder = tmp_path_factory.mktemp("several")
    random = np.random.default_rng(2)
    with (folder / "labels.csv").open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["photo", "labels"])
        for number in range(60):
            kind = SHAPES[number % 3]
            drawing(kind, random).save(folder / f"{number}.png")
            lines.writerow([f"{number}.png", kind if number % 2 else f"{kind} even"])
    return folder


@pytest.mark.parametrize("method", METHODS)
def test_photos_of_several_classes_train_every_method_and_measure_it(several, tmp_path, method):
    out = tmp_path / "model.safetensors"
    quick = replace(METHODS[method], steps=5) if method == "sdsh" else METHODS[method]
    list(train(quick, several, out, 16, "multilabel", steps=3, device="cpu", recipe=TINY))
    (row,) = compare([read_model(out)], several, "multilabel")
    assert (row["method"], row["bits"]) == (method, 16)
    assert row["photos"] == {"train": 54, "queries": 6, "database": 54}
    assert 0 < row["map"] <= 1
    recalls = [recall for recall, _ in row["curve"]]
    assert recalls == sorted(recalls)
    assert recalls[-1] == 1
    assert {"vectors", "class_id"} <= row["controls"].keys()
    assert ("real_valued_query" in row["controls"]) == (METHOD_KINDS[method] == "binary")
    assert ("streams_apart" in row["controls"]) == (method == "adsq")
    assert ("distance" in row["controls"]) == (method == "dsq-unnormalised")


def test_seeds_of_one_method_are_one_row_of_means():
    def row(method: str, map: float) -> dict[str, object]:
        tables = {
            "precision": {"100": map},
            "recall": {"100": map},
            "controls": {"vectors": 1.0, "class_id": 0.5},
        }
        return {"method": method, "bits": 16, "density": 1.0, "map": map, "curve": [[0.0, map]], **tables}

    first, second = averaged([row("dsq", 0.5), row("sdsh", 0.2), row("dsq", 0.7)])
    assert (first["method"], first["map"], first["seeds"]) == ("dsq", 0.6, 2)
    assert first["deviation"] == pytest.approx(0.1414, abs=1e-4)
    assert first["curve"] == [[0.0, 0.6]]
    assert (second["map"], second["seeds"]) == (0.2, 1)
    assert any("0.6000 ± 0.1414" in line for line in rows_of([first, second]))


@pytest.mark.parametrize("name", ["plot.docx", "plot", "nowhere/plot.svg"])
def test_a_plot_that_cannot_be_written_is_refused_before_anything_is_measured(tmp_path, name):
    with pytest.raises(TrainingFailed, match="plot"):
        check_plot(tmp_path / name)


def test_unseen_photos_ask_for_others_and_never_for_themselves(packed, tmp_path):
    out = tmp_path / "model.safetensors"
    list(train(METHODS["lsq"], packed, out, 16, steps=2, device="cpu", recipe=TINY))
    first, row = compare([read_model(out)] * 2, packed, "unseen")
    assert first == row
    assert row["photos"]["queries"] + row["photos"]["database"] == 10
    split = protocols.split("unseen", find_photos(packed))
    assert not set(split.queries) & set(split.database)


def test_the_part_for_training_trains_and_the_other_asks(tmp_path):
    random = np.random.default_rng(3)
    for part, count in (("train", 6), ("val", 2)):
        for kind in SHAPES:
            (tmp_path / part / kind).mkdir(parents=True)
            for number in range(count):
                drawing(kind, random).save(tmp_path / part / kind / f"{number}.png")
    photos = find_photos(tmp_path)
    assert photos.labels == ("bar", "disc", "frame")
    split = protocols.split("mini-imagenet", photos)
    assert (len(split.train), len(split.queries)) == (18, 6)
    assert set(photos.parts[split.queries]) == {"val"}
    np.testing.assert_array_equal(split.database, split.train)
    with pytest.raises(TrainingFailed, match="needs 10 classes"):
        protocols.split("cifar10-c", photos)
    with pytest.raises(TrainingFailed, match=r"labels\.csv"):
        protocols.split("multilabel", photos)


def test_the_small_protocol_keeps_its_three_parts_apart(pictures):
    photos = find_photos(pictures)
    ten = replace(
        photos,
        labels=tuple("abcdefghij"),
        targets=np.arange(10_000) % 10,
        unseen=np.zeros(10_000, bool),
        parts=np.full(10_000, "train"),
    )
    split = protocols.split("cifar10-a", ten)
    parts = (split.train, split.queries, split.database)
    assert [len(part) for part in parts] == [5000, 1000, 4000]
    assert len(np.unique(np.concatenate(parts))) == 10_000
    np.testing.assert_array_equal(np.bincount(ten.targets[split.train]), 500)
    with pytest.raises(TrainingFailed, match="needs the folders"):
        protocols.split("mini-imagenet", photos)
    with pytest.raises(TrainingFailed, match="700 photos"):
        protocols.split("cifar10-a", replace(ten, targets=np.minimum(np.arange(10_000), 9)))


def test_every_protocol_has_its_photos_and_its_recipe():
    assert set(protocols.PROTOCOLS) == set(PROTOCOLS) == set(RECIPES)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("photo,labels\ngone.png,disc\n", "not there: gone.png"),
        ("photo,labels\n0.png,\n", "no label"),
        ("photo,kind\n0.png,disc\n", "columns"),
        ("photo,labels\n0.png\n", "columns"),
        ("photo,labels\n", "lists no photos"),
    ],
)
def test_a_list_of_labels_that_does_not_match_is_told_in_one_sentence(tmp_path, lines, words):
    drawing("disc", np.random.default_rng(0)).save(tmp_path / "0.png")
    (tmp_path / "labels.csv").write_text(lines)
    with pytest.raises(TrainingFailed, match=words):
        list(train(METHODS["sdsh"], tmp_path, tmp_path / "out", 16, "unseen", device="cpu", recipe=TINY))


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="needs a limit on the size of files")
def test_a_checkpoint_that_cannot_be_written_leaves_the_one_before(pictures, tmp_path):
    out = tmp_path / "model.safetensors"
    folder = tmp_path / "model.safetensors.training"
    for progress in train(Dsq(), pictures, out, 16, device="cpu", recipe=TINY):
        if progress.done == 2:
            break
    before = (folder / "checkpoint.pt").read_bytes()
    import resource

    # A file that cannot grow is to torch what a full disk is.
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        with pytest.raises(TrainingFailed, match="the one before it is kept"):
            list(train(Dsq(), pictures, out, 16, device="cpu", recipe=TINY))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (folder / "checkpoint.pt").read_bytes() == before
    assert not (folder / "checkpoint.pt.new").exists()
