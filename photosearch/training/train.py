"""From labelled photos to a model file, whatever the method."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from itertools import chain
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from photosearch import protocols
from photosearch.datasets import (
    find_photos,
    near_duplicates,
    open_pixels,
    pack_pixels,
    packed_fingerprint,
)
from photosearch.encode import additive
from photosearch.encode.architecture import Architecture
from photosearch.encode.encoder import choose_device, codec, folded_network, stood_for
from photosearch.encode.model_file import Model, Preprocessing, make_model, read_model, write_model
from photosearch.encode.network import (
    Network,
    arrange,
    average,
    build,
    cells,
    fold,
    steadying,
    turn_head,
    unfold,
)
from photosearch.encode.same_shot import least_cosine, nearest_cosines
from photosearch.errors import TrainingFailed
from photosearch.records import Progress
from photosearch.training.adsq import Adsq
from photosearch.training.augment import Changes, copy_of
from photosearch.training.calibration import same_shot_threshold
from photosearch.training.controls import Control
from photosearch.training.dqn import Dqn
from photosearch.training.dsq import SAMPLE, Dsq
from photosearch.training.method import Finished, Method, Recipe, Trained
from photosearch.training.sdsh import Sdsh
from photosearch.training.trainer import (
    Schedule,
    TrainingSet,
    changed_views,
    clean_views,
    embed,
    embed_changed,
    fit,
    normalise_anew,
)

METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        *(Dsq(), Dsq(density=0.25), Dsq(spherical=False), Sdsh(), Dqn(), Adsq()),
        *(Control("pq"), Control("lsq")),
    )
}

SOURCES = Path(__file__).with_name("sources.toml")
"""The public collections of photos that the bundled model's recipe names."""

ARRANGED = 8000
"""Photos that colours are told apart by, and that show what changes move."""

CHANGED = 4
"""Changed views of each of them at most, where there are fewer."""

SMALL = Changes(area=(0.7, 1.0), aspect=0.9, coarsened=0, recompressed=0, framed=0, grey=0, colour=0.2)
"""For pictures so small that nothing is to be lost: shifted, mirrored."""

PIXELS = Changes(
    area=(1.0, 1.0),
    aspect=1.0,
    coarsened=0,
    recompressed=0,
    framed=0,
    grey=0,
    colour=0,
    shifted=2,
    covered=0.25,
)
"""For pictures of so few pixels that none is to be blurred, as scaling a crop up again would."""

FEW = replace(PIXELS, area=(0.5, 1.0), aspect=0.75, colour=0.6, covered=0.4)
"""For so few of these that they would be known by heart: that is worse than blurring them."""

CIFAR = Architecture((64, 256, 256), (1, 1, 1), stem=2, pooled=True)

RECIPES: dict[str, Recipe] = {
    # What the bundled model ended with; its first stretches were other ones (docs/MODEL.md).
    "unseen": Recipe(
        Architecture(dimension=140, colours=12, colours_share=0.07),
        Schedule(8000, rate=0.012, sizes=((0.0, 64), (0.75, 96))),
        scale=16.0,
        evened=True,
        coarse=True,
        kept=0.5,
        sample=250_000,
    ),
    "cifar10-a": Recipe(
        CIFAR,
        Schedule(2500, 256, views=(FEW,), decoded=32, sizes=((0.0, 32),)),
        interval=50,
    ),
    "cifar10-c": Recipe(
        CIFAR,
        Schedule(4500, 256, views=(PIXELS,), decoded=32, sizes=((0.0, 32),)),
        interval=50,
    ),
    "mini-imagenet": Recipe(schedule=Schedule(3000, 256, views=(Changes(),), decoded=84, sizes=((0.0, 64),))),
    "multilabel": Recipe(
        Architecture((32, 64, 128), (1, 1, 1), stem=2),
        Schedule(600, 128, views=(SMALL,), decoded=48, sizes=((0.0, 32),)),
        interval=100,
    ),
}
"""By protocol: what is trained when nothing else is asked for."""


def train(
    method: Method,
    data: Path,
    out: Path,
    bits: int = 128,
    protocol: str = "unseen",
    start: Path | None = None,
    steps: int | None = None,
    seed: int = 0,
    rate: float | None = None,
    checkpoint: Path | None = None,
    device: str = "auto",
    recipe: Recipe | None = None,
    sources: Path | None = None,
) -> Iterator[Progress]:
    """Train a model and write it; goes on from the checkpoint if there is one.

    Args:
        data, sources: What `datasets.find_photos` reads.
        out: The model file to write.
        bits: Of a code, a multiple of 8.
        protocol: Train on the photos that this protocol trains on.
        start: A model whose network to begin with instead of random weights: its head as well if it is as
            long, and its codebooks if it makes codes as long. The recipe may keep a share of it.
        steps: Instead of the recipe's; none at all to make only another codec for the network of `start`.
        rate: The highest learning rate instead of the recipe's: to go on from `start` with less than that
            changes what it knows less.
        seed: Of the weights, the order of the photos, their views and the codes.
        checkpoint: Folder of decoded photos and of the checkpoint; by default beside `out`.
        recipe: Instead of the protocol's.

    Raises:
        TrainingFailed: There is nothing to train on, or the training diverged.
        ModelUnusable: `start` is no model.
    """
    recipe = replace(recipe or RECIPES[protocol], seed=seed)
    given = None if start is None else read_model(start)
    if steps is not None:
        recipe = replace(recipe, schedule=replace(recipe.schedule, steps=steps))
    if rate is not None:
        recipe = replace(recipe, schedule=replace(recipe.schedule, rate=rate))
    if bits % 8 or not 8 <= bits <= 512:
        raise TrainingFailed(f"A code has 8 to 512 bits, a multiple of 8, not {bits}.")
    if recipe.schedule.steps < (0 if given else 1):
        raise TrainingFailed("A training from random weights needs at least one step.")
    if not out.absolute().parent.is_dir():
        raise TrainingFailed(f"There is no folder {out.absolute().parent} to write the model to.")
    if given is not None:
        recipe = _recipe_from(given, recipe)
    folder = checkpoint or out.with_name(out.name + ".training")
    chosen = choose_device(device)
    photos = find_photos(data, sources)
    rows = protocols.split(protocol, photos).train
    apart = np.flatnonzero(photos.unseen)
    schedule = recipe.schedule
    for done in pack_pixels(photos, rows, schedule.decoded, folder, apart):
        yield Progress("training", 0, schedule.steps, message=f"decoded {done} of {len(rows)} photos")
    sound, pixels = open_pixels(folder)
    alike = near_duplicates(folder)
    targets, classes = _compact(photos.targets[sound])
    training_set = TrainingSet.split(pixels, targets, classes, recipe.seed)

    torch.manual_seed(recipe.seed)
    architecture = method.architecture(recipe.architecture, bits)
    network = build(architecture)
    resumed = (folder / "checkpoint.pt").is_file()
    if architecture.kinds < architecture.dimension and not resumed:
        arrange(network, *_cells(training_set, recipe))
    objective = method.objective(training_set, architecture, bits, recipe)
    if given is not None and not resumed:
        _begin(network, objective, given, training_set, replace(recipe, architecture=architecture), chosen)
    loss = 0.0
    # A training may be made longer, and saved more often, as it goes on.
    told = {**asdict(recipe), "schedule": {**asdict(schedule), "steps": None, "save_seconds": None}}
    begun = None if given is None else given.spec.identity
    identity = repr((method, bits, protocol, begun, told, packed_fingerprint(folder)))
    for progress in fit(network, objective, training_set, schedule, folder, chosen, recipe.seed, identity):
        loss = progress.measures["loss"]
        yield progress
    if (
        given is not None
        and recipe.kept
        and schedule.steps
        and Architecture.read(given.network).kinds == architecture.kinds
    ):
        _keep(network, given, training_set, replace(recipe, architecture=architecture), chosen)

    def finishing(message: str, **measures: float) -> Progress:
        return Progress(
            "training", schedule.steps, schedule.steps, message=message, measures={"loss": loss, **measures}
        )

    folded = fold(network.cpu(), architecture)
    folded.to(chosen).to(memory_format=torch.channels_last)
    # What has colours already, and is not trained, has been weighed.
    if architecture.colours and (schedule.steps or given is None or not given.network.get("colours")):
        _weigh(cast(Network, folded), training_set, recipe, chosen)
    preprocessing = schedule.preprocessing
    order = _drawn(training_set, recipe)
    sample = np.sort(order[: recipe.sample])
    # Few photos are known by heart: their vectors lie where those of no other photo will.
    again = np.sort(np.resize(order, min(recipe.sample - len(sample), CHANGED * len(sample))))
    looks = chain(
        embed(folded, pixels[sample], preprocessing, chosen),
        embed_changed(folded, pixels, again, schedule, chosen, np.random.default_rng(recipe.seed)),
    )
    sample = np.concatenate([sample, again])
    parts: list[Tensor] = []
    for part in looks:
        parts.append(part)
        yield finishing(f"looked at {sum(map(len, parts))} of {len(sample)} photos for the codes")
    vectors = torch.cat(parts)
    finished = Finished("", None)
    # Lengths that differ already cannot tell of anything else.
    evened = recipe.evened and architecture.spherical
    coarse = bits // 16 if recipe.coarse and architecture.spherical else 0
    trained = Trained(folded, objective, vectors, sample, training_set, bits, recipe.seed, evened, coarse)
    for finished in method.finish(trained):
        yield finishing(finished.message, **finished.measures)

    def model(same_shot: float, crowding: float | None, measured: dict[str, Any]) -> Model:
        return make_model(
            method.name,
            None if finished.codebooks is None else finished.codebooks.numpy(),
            preprocessing,
            architecture,
            {name: tensor.cpu().numpy() for name, tensor in folded.state_dict().items()},
            same_shot,
            {
                "photos": int((~training_set.held_out).sum()),
                "classes": classes,
                "sources": sorted({label.split(":")[0] for label in photos.labels if ":" in label}),
                "protocol": protocol,
                "initialisation": "random" if given is None else given.spec.identity,
                "unreadable": len(rows) - len(sound) - alike,
                "near_duplicates": alike,
                "recipe": asdict(recipe),
            },
            measured,
            finished.norm_penalty,
            None if finished.second_moment is None else finished.second_moment.numpy(),
            finished.coarse,
            crowding,
        )

    measured: dict[str, Any] = {name: round(value, 5) for name, value in finished.measures.items()}
    same_shot, crowding = _calibrate(model(1.0, None, {}), folded, training_set, recipe, chosen, measured)
    complete = model(same_shot, crowding, measured)
    write_model(out, complete)
    yield finishing(f"model {complete.spec.identity} of {out.stat().st_size / 1e6:.1f} MB", **measured)


def _recipe_from(given: Model, recipe: Recipe) -> Recipe:
    """The same training of a network that is there already: photos of a size that its stem is for."""
    architecture = replace(
        Architecture.read(given.network),
        dimension=recipe.architecture.dimension,
        colours=recipe.architecture.colours,
        colours_share=recipe.architecture.colours_share,
        squashed=False,
        streams=1,
        spherical=True,
    )
    if architecture.stem == recipe.architecture.stem:
        return replace(recipe, architecture=architecture)
    ratio = architecture.stem / recipe.architecture.stem
    sizes = tuple((share, round(size * ratio)) for share, size in recipe.schedule.sizes)
    return replace(recipe, architecture=architecture, schedule=replace(recipe.schedule, sizes=sizes))


def _compact(
    targets: NDArray[np.int64] | NDArray[np.bool_],
) -> tuple[NDArray[np.int64] | NDArray[np.bool_], int]:
    """The classes that occur, numbered anew, and how many they are."""
    if targets.ndim == 2:
        occurring: NDArray[np.bool_] = targets[:, targets.any(0)].astype(bool)
        return occurring, occurring.shape[1]
    classes, numbers = np.unique(targets, return_inverse=True)
    return numbers.astype(np.int64), len(classes)


def _cells(photos: TrainingSet, recipe: Recipe) -> tuple[Tensor, Tensor]:
    """What `arrange` takes; a part at a time, for photos are large."""
    rows, schedule = np.sort(_drawn(photos, recipe)[:ARRANGED]), _last_view(recipe.schedule)
    random, cpu = np.random.default_rng(recipe.seed), torch.device("cpu")
    known, changed = [], []
    for part in np.array_split(rows, max(1, len(rows) // 512)):
        pixels = photos.pixels[part]
        known.append(cells(clean_views(pixels, schedule.preprocessing, cpu)))
        changed.append(cells(changed_views(pixels, schedule, schedule.preprocessing.size, cpu, random)))
    return torch.cat(known), torch.cat(changed)


def _weigh(folded: Network, photos: TrainingSet, recipe: Recipe, device: torch.device) -> None:
    """Make what changes of a photo move count less in a network's vectors (`network.steadying`).

    A training that begins with a network which was weighed weighs what its steps have made of it once more.
    """
    rows, schedule = np.sort(_drawn(photos, recipe)[:ARRANGED]), _last_view(recipe.schedule)
    random = np.random.default_rng(recipe.seed)
    points = torch.cat(list(embed(folded, photos.pixels[rows], schedule.preprocessing, device)))
    moved = torch.cat(list(embed_changed(folded, photos.pixels, rows, schedule, device, random)))
    kinds = folded.head.out_features
    turn_head(folded, steadying(points[:, :kinds], moved[:, :kinds]))


def _last_view(schedule: Schedule) -> Schedule:
    """Photos are changed as their last views are: most."""
    return replace(schedule, views=schedule.views[-1:])


def _begin(
    network: nn.Module,
    objective: nn.Module,
    given: Model,
    photos: TrainingSet,
    recipe: Recipe,
    device: torch.device,
) -> None:
    """Begin with what a model knows."""
    _take_weights(network, given, photos, recipe, device)
    begin, architecture = getattr(objective, "begin", None), recipe.architecture
    if begin is not None and Architecture.read(given.network).kinds == architecture.kinds:
        # Where no step follows, only the codebooks are gone on with.
        rows = np.sort(_drawn(photos, recipe)[: SAMPLE if recipe.schedule.steps else 0])
        folded = fold(network, architecture).to(device)
        looks = embed(folded, photos.pixels[rows], given.preprocessing, device)
        vectors = torch.cat([torch.empty(0, architecture.dimension), *looks])
        begin(vectors, torch.from_numpy(rows), torch.from_numpy(given.codebooks))


def _take_weights(
    network: nn.Module, given: Model, photos: TrainingSet, recipe: Recipe, device: torch.device
) -> None:
    """Give a network the weights of a model."""
    schedule = recipe.schedule
    rows = np.sort(_drawn(photos, recipe)[: 512 // len(schedule.views)])
    # Steps normalise changed photos: measured with others, the first step would begin with another network.
    random = np.random.default_rng(recipe.seed)
    views = changed_views(photos.pixels[rows], schedule, schedule.size_at(0), device, random)
    folded = folded_network(given).to(device)
    unfold(network, folded, views)
    network.cpu()


def _keep(
    network: nn.Module, given: Model, photos: TrainingSet, recipe: Recipe, device: torch.device
) -> None:
    """Go back part of the way to the weights that the training began with (`Recipe.kept`).

    The mean of both is a network that neither was: what normalises it is measured anew.
    """
    before = build(recipe.architecture)
    _take_weights(before, given, photos, recipe, device)
    average(network, before.to(device), recipe.kept)
    random = np.random.default_rng(recipe.seed)
    normalise_anew(network, photos.pixels, _drawn(photos, recipe), recipe.schedule, device, random)


def _drawn(photos: TrainingSet, recipe: Recipe) -> NDArray[np.integer]:
    """The photos that are trained on, in an order of chance that is always the same."""
    return np.random.default_rng(recipe.seed).permutation(np.flatnonzero(~photos.held_out))


def _calibrate(
    model: Model,
    network: nn.Module,
    photos: TrainingSet,
    recipe: Recipe,
    device: torch.device,
    measured: dict[str, Any],
) -> tuple[float, float | None]:
    """What tells the same shot, and figures on held-out photos, which are added to what was measured.

    Each is looked at once: of two looks others are nearer too, so that no more are called the same shot.
    """
    held_out = np.flatnonzero(photos.held_out)
    preprocessing: Preprocessing = model.preprocessing
    pixels = photos.pixels[held_out]
    vectors = torch.cat(list(embed(network, pixels, preprocessing, device)))
    codes = codec(model, torch.device("cpu"))(vectors)
    sums = additive.decode(codes, torch.from_numpy(model.codebooks))
    lengths = sums.norm(dim=1).clamp(min=1e-12).numpy()
    # Cosines, also of vectors that are not on the sphere.
    same_shot, crowding = same_shot_threshold(functional.normalize(vectors).numpy(), sums.numpy(), pixels)
    random = np.random.default_rng(recipe.seed)
    copies = np.stack([copy_of(photo, random) for photo in pixels])
    copied = torch.cat(list(embed(network, copies, preprocessing, device)))
    asked = functional.normalize(copied)
    nearest = [nearest_cosines((part @ sums.T).numpy(), lengths) for part in asked.split(512)]
    own = (asked * sums).sum(1).numpy() / lengths
    found = (own >= least_cosine(np.concatenate(nearest), same_shot, crowding)).mean()
    wanted = stood_for(model, vectors)
    error = (wanted - sums).square().sum() / wanted.square().sum()
    measured["held_out_quantization_error"] = round(float(error), 5)
    measured["same_shot_recall"] = round(float(found), 4)
    return same_shot, crowding
