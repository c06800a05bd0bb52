"""Items described by a language model beside a model's own, for lists that ask for them.

Source: 002 §3.2 step 4. What it is worth is measured by :mod:`crossrec.pipeline.candidates`; with
the bundled generator it takes more away than it adds, so nothing does this unasked.
"""

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from crossrec.data.catalog import Catalog
from crossrec.data.ids import UNKNOWN
from crossrec.data.log import InteractionLog, concat
from crossrec.errors import ModelMissing
from crossrec.language import BASELINES, NO_TEXT
from crossrec.language.attributes import no_attributes
from crossrec.language.encoder import Encoder
from crossrec.language.generator import Generator, generator_installed, load_generator
from crossrec.language.ideal import Ideal, describe_next, retrieve
from crossrec.language.profiles import Profile, build_profiles
from crossrec.language.reading import chosen_encoder
from crossrec.language.table import FeatureTable
from crossrec.language.written import TextCache
from crossrec.workspace import Run


class Describer:
    """Describes the item a user would want next, and finds the items nearest to that.

    Args:
        log: what users did.
        catalog: titles of the items.
        features: vectors of the items.
        encoder: the one they were read by.
        generator: what writes descriptions.
    """

    def __init__(
        self,
        log: InteractionLog,
        catalog: Catalog,
        features: FeatureTable,
        encoder: Encoder,
        generator: Generator,
    ) -> None:
        self._log, self._catalog, self._features = log, catalog, features
        self._encoder, self._generator = encoder, generator

    @classmethod
    def of(cls, run: Run, *, everything: bool = True) -> "Describer":
        """Of a run.

        Args:
            run: a finished one.
            everything: False leaves the test rows out, as for anything that is judged.

        Raises:
            ModelMissing: no generator is installed, or the run was not read by a language model.
        """
        features = run.features()
        encoder, generator = encoder_of(run, features), installed_generator()
        split = None if everything else run.split()
        log = run.log() if split is None else concat(split.train, split.valid)
        return cls(log, run.catalog(), features, encoder, generator)

    def near(
        self,
        users: Sequence[str] | np.ndarray,
        target: str,
        items: np.ndarray,
        k: int,
        held: sparse.csr_array | None = None,
    ) -> tuple[np.ndarray, list[Ideal]]:
        """Items near to what is described for each user.

        Args:
            users: n ids; of users that the log does not know nothing is described.
            target: the scenario's name.
            items: ids of its items, shape (m,).
            k: how many each.
            held: items each user has, shape (n, m), to leave out.

        Returns:
            Places in ``items``, nearest first, shape (n, up to k); -1 for none. And what was
            described.
        """
        profiles = profiles_for(self._log, users, target, self._catalog)
        with TextCache() as cache:
            ideals = describe_next(profiles, target, self._generator, cache=cache)
        if held is None:
            return retrieve(ideals, self._encoder, self._features, items, k), ideals
        most = k + int(np.diff(held.indptr).max(initial=0))
        found = retrieve(ideals, self._encoder, self._features, items, most)
        for row in range(len(found)):
            mine = held.indices[held.indptr[row] : held.indptr[row + 1]]
            new = found[row][~np.isin(found[row], mine)][:k]
            found[row] = UNKNOWN
            found[row, : len(new)] = new
        return found[:, :k], ideals


def profiles_for(
    log: InteractionLog, users: Sequence[str] | np.ndarray, target: str, catalog: Catalog
) -> list[list[Profile]]:
    """What the log tells of each user, the other scenarios first; [] for users it does not know."""
    known = [str(user) for user in users if user in log.users]
    rows = np.isin(log.user, log.users.codes(known))
    seen = set(zip(log.user[rows].tolist(), log.scenario[rows].tolist(), strict=True))
    names = sorted(map(str, log.scenarios.ids), key=lambda name: (name == target, name))
    pairs = [
        (user, name)
        for user in known
        for name in names
        if (log.users.code(user, "user"), log.scenarios.code(name, "scenario")) in seen
    ]
    by_user: dict[str, list[Profile]] = {}
    for each in build_profiles(log, pairs, catalog, no_attributes()):
        by_user.setdefault(each.user, []).append(each)
    return [by_user.get(str(user), []) for user in users]


def installed_generator() -> Generator:
    """The bundled generator.

    Raises:
        ModelMissing: it is not installed.
    """
    if not generator_installed():
        raise ModelMissing(
            "expected a language model that writes text",
            "none installed",
            "crossrec models install SmolLM2-135M-Instruct",
        )
    return load_generator()


def encoder_of(run: Run, features: FeatureTable) -> Encoder:
    """The encoder a run was read by.

    Raises:
        ModelMissing: it was not read by a language model, or that one is not here any more.
    """
    name = str(run.info.get("config", {}).get("encoder", features.encoder))
    if features.encoder in (*BASELINES, NO_TEXT):
        raise ModelMissing(
            "expected a run whose items were read by a language model",
            repr(features.encoder),
            "Train with another encoder",
        )
    return chosen_encoder(features.encoder if name == "auto" else name, [], None)
