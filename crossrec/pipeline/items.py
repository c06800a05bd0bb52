"""The items of a run as models get them: vectors of their texts, and attributes C(j)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np

from crossrec.data.catalog import Catalog
from crossrec.data.split.cutting import ScenarioSplit
from crossrec.errors import DataError
from crossrec.language import AUTO, BASELINES, TextTemplate, extract_features, item_texts
from crossrec.language.attributes import AttributeTable, stated_attributes
from crossrec.language.scenarios import describe_scenarios, read_descriptions
from crossrec.language.table import FeatureTable
from crossrec.language.views import KNOWLEDGE, with_knowledge
from crossrec.language.vocabulary import read_vocabulary
from crossrec.pipeline.knowledge import KnowledgeConfig, proposed_vocabulary, read_table
from crossrec.progress import Progress, silent, stretch
from crossrec.transfer.model import TransferModel
from crossrec.workspace import Run
from crossrec.workspace.knowledge import write_attributes, write_descriptions

MADE: Final = "auto"
"""In place of a file with a vocabulary or descriptions: made from the catalogue."""


@dataclass(frozen=True)
class ItemsRead:
    """What was read of a run's items and scenarios.

    Attributes:
        features: text vectors, with what else the model is offered.
        attributes: what the items are about, None where nobody asked.
        descriptions: what the scenarios are, by name; {} where nobody asked.
    """

    features: FeatureTable
    attributes: AttributeTable | None = None
    descriptions: Mapping[str, str] = field(default_factory=dict)

    def keep(self, folder: Path, catalog: Catalog | None) -> None:
        """Write attributes and descriptions into the folder of a run that has its record."""
        if self.attributes is not None and catalog is not None:
            write_attributes(Run(folder), self.attributes, stated_attributes(catalog))
        if self.descriptions:
            write_descriptions(Run(folder), self.descriptions)


def read_items(
    catalog: Catalog | None,
    split: ScenarioSplit,
    *,
    encoder: str,
    template: TextTemplate,
    dim: int | None = None,
    attributes: str = "",
    scenario_texts: str = "",
    seed: int = 0,
    progress: Progress = silent,
) -> ItemsRead:
    """Text vectors of the items and, where asked for, C(j) and descriptions of the scenarios.

    Args:
        catalog: titles and texts; None where there is no catalogue: the run goes on without text.
        split: whose items and scenarios; scenarios are described by their training rows.
        encoder: any name that :func:`~crossrec.language.extract.extract_features` takes; where it
            is a language model, it reads attributes and descriptions too.
        template: which columns make up a text.
        dim: principal components of the vectors to keep; None keeps the vectors as they are.
        attributes: "" for none, :data:`MADE`, or the JSON file of a vocabulary.
        scenario_texts: "" for none, :data:`MADE`, or a JSON file of typed descriptions; people
            read them, the model does not.
        seed: of the proposed vocabulary and of the calibration.
        progress: phase "features".

    Raises:
        DataError: attributes are asked for and no item has text, the vocabulary is not one, or a
            description is of a scenario that the log does not have.
        FileUnreadable: a vocabulary or descriptions cannot be read.
        ModelMissing: the encoder is not on this machine.
    """
    if catalog is None:
        empty = np.full(len(split.space.items), "", dtype=object)
        catalog = Catalog(split.space.items, title=empty, text=empty)
    descriptions = _typed(scenario_texts, split)  # a wrong name shows before hours of reading
    told = stretch(progress, 0.0, 0.5) if attributes else progress
    features = extract_features(catalog, encoder=encoder, template=template, dim=dim, progress=told)
    reader = AUTO if encoder in BASELINES else encoder
    table = None
    if attributes:
        table = _attributes(catalog, attributes, reader, seed, stretch(progress, 0.5, 1.0))
        features = with_knowledge(features, table)
    if not scenario_texts:
        return ItemsRead(features, table)
    if scenario_texts == MADE:
        read = None if table is None else table.to_frame()
        descriptions = describe_scenarios(split.train, catalog, read)
    return ItemsRead(features, table, descriptions)


def _typed(wanted: str, split: ScenarioSplit) -> dict[str, str]:
    """Descriptions that a person typed, {} where none were.

    Raises:
        DataError: one is of a scenario that the log does not have.
    """
    if wanted in ("", MADE):
        return {}
    found = read_descriptions(Path(wanted))
    known = [str(name) for name in split.space.scenarios.ids]
    if strange := [name for name in found if name not in known]:
        raise DataError(
            f"expected descriptions of the scenarios {', '.join(map(repr, known))}",
            ", ".join(map(repr, strange)),
            f"Name them as the log does in {Path(wanted).name}",
        )
    return found


def _attributes(
    catalog: Catalog, wanted: str, reader: str, seed: int, progress: Progress
) -> AttributeTable:
    texts = item_texts(catalog)
    if wanted == MADE:
        vocabulary = proposed_vocabulary(catalog, texts, seed=seed)
    else:
        vocabulary = read_vocabulary(Path(wanted))
    config = KnowledgeConfig(model="" if reader == AUTO else reader, seed=seed)
    return read_table(catalog, texts, vocabulary, config, progress)


def took_attributes(model: TransferModel) -> list[str]:
    """The scenarios in which validation rows asked for the view C(j)."""
    decided = model.fitted_.decided.get("views", ())
    names = model.space_.scenarios.ids
    return [str(name) for name, one in zip(names, decided, strict=False) if one.value]


def without_attributes(
    model: TransferModel,
    split: ScenarioSplit,
    features: FeatureTable,
    *,
    progress: Progress = silent,
) -> TransferModel | None:
    """The same model fitted without the view C(j): the ablation of attributes.

    None where no scenario took the view: then it would be the same model again.
    """
    if KNOWLEDGE not in features.views or not took_attributes(model):
        return None
    rest = {name: view for name, view in features.views.items() if name != KNOWLEDGE}
    return TransferModel(model.config).fit(split, replace(features, views=rest), progress=progress)
