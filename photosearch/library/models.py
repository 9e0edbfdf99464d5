"""Which model answers: the chosen one or, until that knows as many of the photos, the one before."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from photosearch.decode import DecodePool
from photosearch.encode.model_file import Model, chosen_model_path, read_model, write_model
from photosearch.encode.process import EncoderProcess
from photosearch.errors import ModelUnusable
from photosearch.library.answering import Answering
from photosearch.library.indexing import Encoder
from photosearch.settings import Places, Settings, write_setting
from photosearch.store import Catalogue

logger = logging.getLogger(__name__)


def read_with_encoder(path: Path, device: str, gently: Callable[[], bool]) -> tuple[Model, Encoder]:
    """A model, and a process that encodes by it once it is needed.

    Args:
        gently: Whether that is to work with half of the processor's cores.

    Raises:
        ModelUnusable: The file is no model.
    """
    model = read_model(path)
    return model, EncoderProcess(path, device, model.spec.identity, gently=gently)


class Models:
    """The models of a library.

    Attributes:
        chosen: What photos are encoded by.
        former: What answers, where the chosen one does not know as many of the photos yet.
    """

    def __init__(
        self,
        places: Places,
        settings: Settings,
        catalogue: Catalogue,
        chosen: tuple[Model, Encoder],
        former: tuple[Model, Encoder] | None,
        bundled: bool,
        updating: Callable[[], bool],
        gently: Callable[[], bool],
    ) -> None:
        """Begin with a chosen model.

        Args:
            former: What was chosen before; None: what the settings name, else what was bundled before.
            bundled: Whether the chosen one is what the program comes with.
            updating: As `Answering` wants to know it.
            gently: As `read_with_encoder` does.
        """
        self._places, self._settings, self._catalogue = places, settings, catalogue
        self._to_keep, self._updating, self._gently = bundled, updating, gently
        self.chosen = self._answering(*chosen)
        self.former: Answering | None = None
        if former is None and settings.former_model:
            former = self._former_model(Path(settings.former_model))
        elif former is None and bundled:
            former = next((self._former_model(file) for file in self._bundled_before()), None)
        if former is not None:
            self.former = self._answering(*former)
            self.former.code_file = None
            self.drop_former()

    def answering(self) -> Answering:
        """What answers now."""
        return self.former or self.chosen

    def choose(self, file: Path | None) -> None:
        """Encode by another model, or by the bundled one, and keep that choice.

        Raises:
            ModelUnusable: The file is no model.
            SettingsUnusable: The choice cannot be kept.
        """
        before = chosen_model_path(self._settings)
        settings = replace(self._settings, model="" if file is None else str(file.absolute()))
        path = chosen_model_path(settings)
        identity = read_model(path).spec.identity
        write_setting(self._places.settings, "model", settings.model)
        self._settings = settings
        if identity == self.chosen.model.spec.identity:
            return
        write_setting(self._places.settings, "former_model", str(before))
        self._settings = replace(settings, former_model=str(before))
        self.chosen.save()
        self.chosen.code_file = None
        self._to_keep = file is None
        others = [self.chosen, *([self.former] if self.former else [])]
        again = next((other for other in others if other.model.spec.identity == identity), None)
        chosen = again or self._answering(*self._open(path))
        chosen.code_file = self._places.codes
        # Of those before, the one that knows most of the photos goes on answering.
        others = sorted((other for other in others if other is not again), key=self._waiting)
        # In this order: a search that asks in between must not find nothing.
        self.former, self.chosen = others[0], chosen
        for other in others[1:]:
            other.close()
        self.drop_former()

    def drop_former(self) -> None:
        """The chosen model answers from now on, if it has as many of the photos that can be read."""
        former = self.former
        if former is None or self._waiting(self.chosen) > self._waiting(former):
            return
        self.former = None
        former.close()
        if self._settings.former_model:
            self._settings = replace(self._settings, former_model="")
            write_setting(self._places.settings, "former_model", "")

    def keep_bundled(self) -> None:
        """Keep a copy of the bundled model, and of none before, where photos are encoded by it.

        Its codes can then go on answering once the program comes with another.
        """
        if not self._to_keep or self.former is not None:
            return
        # Once: what follows changes asks every half second.
        self._to_keep = False
        model = self.chosen.model
        kept = self._places.bundled_model(model.spec.identity)
        try:
            if not kept.exists():
                write_model(kept, model)
            for before in self._bundled_before():
                before.unlink()
        except (ModelUnusable, OSError) as error:
            logger.warning("no copy of the bundled model is kept: %s", error)

    def refresh(self) -> None:
        """Codes may have come or gone in another way than by being published."""
        self.chosen.refresh()
        if self.former is not None:
            self.former.refresh()

    def close(self) -> None:
        """End their processes."""
        self.chosen.close()
        if self.former is not None:
            self.former.close()

    def _open(self, path: Path) -> tuple[Model, Encoder]:
        return read_with_encoder(path, self._settings.device, self._gently)

    def _former_model(self, path: Path) -> tuple[Model, Encoder] | None:
        try:
            return self._open(path)
        except ModelUnusable:
            # It answered for a while; the chosen one does alone.
            return None

    def _bundled_before(self) -> list[Path]:
        kept = self._places.bundled_model(self.chosen.model.spec.identity)
        others = self._places.data.glob(self._places.bundled_model("*").name)
        return [file for file in others if file != kept]

    def _answering(self, model: Model, encoder: Encoder) -> Answering:
        decoders = DecodePool(self._settings.decoders, model.preprocessing.size)
        return Answering(model, encoder, decoders, self._catalogue, self._places.codes, self._updating)

    def _waiting(self, answering: Answering) -> int:
        """How many photos that can be read have no code of a model."""
        return len(self._catalogue.codes.waiting(answering.model.spec.identity))
