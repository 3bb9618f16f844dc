"""Loading: from the hash of a checkpoint to the services of its model, each loaded once.

A model is loaded from its own folder alone, and used only if the folder still holds the checkpoint
that was registered. While a newly promoted one is being loaded, work goes on with the one before.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from core.errors import BadCheckpoint, EvicodeError
from core.inference import Coder, shipped_checkpoint
from db import models, unit_of_work
from ui.services.benefits import Benefits
from ui.services.explaining import Explainer
from ui.services.failures import logged
from ui.services.health import Used
from ui.services.model_folders import folder_of, hash_of, models_folder
from ui.services.remembering import Remembering
from ui.services.supposing import Supposing
from ui.services.trusting import Trusting

KEPT = 3  # models in memory: the one in use, the one before, and a shadow or an older chart's
TRY_AGAIN = timedelta(minutes=1)  # after a model could not be loaded


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A model that is in memory, and what is asked of it."""

    coder: Coder
    remembering: Remembering
    explainer: Explainer
    trusting: Trusting
    supposing: Supposing
    benefits: Benefits | None  # None: without memory nothing is known of what a note would teach


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A model that is to be used and cannot be loaded: why, and when that was tried."""

    checkpoint: str
    why: str
    at: datetime


Teach = Callable[[Coder, Callable[[], None]], None]


def _nothing(_coder: Coder, ready: Callable[[], None]) -> None:
    ready()


@dataclass(kw_only=True)
class Loading:
    """The models in memory. Shared by all threads.

    teach: gives a coder what decisions taught, before anybody uses it, and calls back while
    nothing else can be learned. From then on it is among `coders`, so that no decision is missed.
    """

    engine: Engine
    now: Callable[[], datetime]
    teach: Teach = _nothing
    learning: threading.Lock = field(default_factory=threading.Lock)  # held to teach memory
    folder: Path = field(default_factory=models_folder)
    shipped: Callable[[], Path] = shipped_checkpoint
    _ready: OrderedDict[str, Loaded] = field(default_factory=OrderedDict)  # the last used last
    _failed: dict[str, Failure] = field(default_factory=dict)
    _serving: Loaded | None = None
    _fetching: set[str] = field(default_factory=set)
    _shipped_hash: str = ""  # as it was on start: an upgrade needs a new start anyway
    _lock: threading.Lock = field(default_factory=threading.Lock)  # over those above
    _reading: threading.Lock = field(default_factory=threading.Lock)  # one is read at a time

    def in_use(self) -> Loaded:
        """The model in use. A new one is loaded in the background, the first one waited for.

        If it cannot be loaded, the one before goes on (`failure` says so). BadCheckpoint if there
        is no usable model at all.
        """
        wanted = self.wanted()
        with self._lock:
            if (ready := self._ready.get(wanted)) is not None:
                self._ready.move_to_end(wanted)
                self._serving = ready
                return ready
            serving = self._serving
        if serving is None:
            return self._first()
        self._fetch(wanted)
        return serving

    def of(self, checkpoint: str) -> Loaded | None:
        """The model with this hash; None if it cannot be loaded (any more)."""
        with self._lock:
            failed = self._failed.get(checkpoint)
        if failed is not None and self.now() - failed.at < TRY_AGAIN:
            return None
        try:
            return self.load(checkpoint)
        except EvicodeError:
            return None

    def load(self, checkpoint: str) -> Loaded:
        """The model with this hash, ready for use. BadCheckpoint, with the reason, if it cannot."""
        with self._lock:
            if (ready := self._ready.get(checkpoint)) is not None:
                self._ready.move_to_end(checkpoint)
                return ready
        with self._reading:
            with self._lock:
                if (ready := self._ready.get(checkpoint)) is not None:
                    return ready  # another thread was faster
            try:
                return self._load(checkpoint)
            except EvicodeError as error:
                self._fail(checkpoint, str(error))
                raise

    def coders(self) -> tuple[Coder, ...]:
        """Every coder in memory: each is to learn what is decided."""
        with self._lock:
            return tuple(each.coder for each in self._ready.values())

    def everything(self) -> tuple[Loaded, ...]:
        """Every model that is ready."""
        with self._lock:
            return tuple(self._ready.values())

    def wanted(self) -> str:
        """The hash of the model that is to be in use. BadCheckpoint if there is no such thing."""
        with unit_of_work(self.engine, write=False) as session:
            promoted = models.in_use(session)
        return promoted or self.shipped_hash()

    def shipped_hash(self) -> str:
        """The hash of the checkpoint Evicode came with."""
        if not self._shipped_hash:
            self._shipped_hash = hash_of(self.shipped())
        return self._shipped_hash

    def failure(self) -> Failure | None:
        """Why the model that is to be in use is not, while another goes on; None: it is."""
        try:
            wanted = self.wanted()
        except BadCheckpoint as error:
            return Failure(checkpoint="", why=str(error), at=self.now())
        with self._lock:
            return None if wanted in self._ready else self._failed.get(wanted)

    def told(self, used: Used) -> Used:
        """The checkpoint in use with what loading it came to, and what goes on if it failed."""
        failure, serving = self.failure(), self.serving()
        problem = used.problem or (None if failure is None else failure.why)
        instead = None if problem is None or serving is None else serving.coder.name
        return replace(used, problem=problem, instead=instead)

    def serving(self) -> Loaded | None:
        """The model that answers now; None: none was asked for yet."""
        with self._lock:
            return self._serving

    def _load(self, checkpoint: str) -> Loaded:
        coder = Coder.load(self._folder_of(checkpoint))
        if coder.checkpoint != checkpoint:
            raise BadCheckpoint(
                f"{coder.name!r} is not the model that was registered: its folder holds "
                f"{coder.checkpoint[:12]}, not {checkpoint[:12]}; restore the folder"
            )
        ready = self._with_services(coder)
        self.teach(coder, lambda: self._keep(ready))
        return ready

    def _keep(self, ready: Loaded) -> None:
        """Have a model ready; the one used longest ago makes room."""
        with self._lock:
            self._ready[ready.coder.checkpoint] = ready
            self._failed.pop(ready.coder.checkpoint, None)
            serving = None if self._serving is None else self._serving.coder.checkpoint
            for checkpoint in [*self._ready][:-1]:
                if len(self._ready) > KEPT and checkpoint != serving:
                    del self._ready[checkpoint]

    def _folder_of(self, checkpoint: str) -> Path:
        if self._is_shipped(checkpoint):
            return self.shipped()
        with unit_of_work(self.engine, write=False) as session:
            model = models.find(session, checkpoint)
        if model is None:
            raise BadCheckpoint(f"no model {checkpoint[:12]} is registered here")
        return folder_of(model.folder, within=self.folder)

    def _is_shipped(self, checkpoint: str) -> bool:
        try:
            return checkpoint == self.shipped_hash()
        except BadCheckpoint:
            return False  # its own trouble is told when it is wanted

    def _with_services(self, coder: Coder) -> Loaded:
        remembering = Remembering(
            coder=coder, now=self.now, engine=self.engine, learning=self.learning
        )
        return Loaded(
            coder=coder,
            remembering=remembering,
            explainer=Explainer(coder, remembering),
            trusting=Trusting(engine=self.engine, coder=coder, now=self.now),
            supposing=Supposing(coder=coder),
            benefits=Benefits(engine=self.engine, coder=coder, now=self.now)
            if coder.remembers
            else None,
        )

    def _first(self) -> Loaded:
        """The model in use, or the last one before it that can be loaded."""
        with unit_of_work(self.engine, write=False) as session:
            standing = models.standing(session)
        reason: EvicodeError | None = None
        for promoted in (standing.in_use, *standing.before):
            try:
                found = self.load(promoted or self.shipped_hash())
            except EvicodeError as error:
                reason = reason or error
                continue
            with self._lock:
                self._serving = self._serving or found
                return self._serving
        raise reason or BadCheckpoint("there is no model")

    def _fetch(self, checkpoint: str) -> None:
        """Begin to load a model, unless that has begun, or has failed a moment ago."""
        with self._lock:
            failed = self._failed.get(checkpoint)
            if checkpoint in self._fetching or (
                failed is not None and self.now() - failed.at < TRY_AGAIN
            ):
                return
            self._fetching.add(checkpoint)

        def fetch() -> None:
            try:
                self.load(checkpoint)
            except EvicodeError:
                pass  # kept as the failure
            except Exception as error:  # noqa: BLE001  (work goes on with the model before)
                self._fail(checkpoint, f"something went wrong (id {logged(error)})")
            finally:
                with self._lock:
                    self._fetching.discard(checkpoint)

        threading.Thread(target=fetch, name="load-model", daemon=True).start()

    def _fail(self, checkpoint: str, why: str) -> None:
        with self._lock:
            self._failed[checkpoint] = Failure(checkpoint=checkpoint, why=why, at=self.now())
