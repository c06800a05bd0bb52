"""SASRec (Kang & McAuley, ICDM 2018) and eSASRec (Tikhonovich et al., RecSys 2025) of RecTools.

Both with sampled softmax; eSASRec has LiGR layers with SwiGLU.
"""

import logging
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from pytorch_lightning import seed_everything
from rectools import Columns
from rectools.dataset import Dataset
from rectools.models import SASRecModel
from rectools.models.nn.transformers.ligr import LiGRLayers

SETTINGS = {
    "n_factors": 64,
    "n_blocks": 2,
    "n_heads": 2,
    "session_max_len": 20,
    "dropout_rate": 0.2,
    "loss": "sampled_softmax",
    "n_negatives": 64,
    "lr": 0.001,
    "batch_size": 256,
    "deterministic": True,
}
"""Sizes that a processor without a GPU trains in minutes; the public recipes are twice as wide."""


class SASRec:
    """The order of a user's rows is that of ``position``; equal positions keep the rows' order."""

    name = "SASRec"
    library = "rectools"
    settings: Mapping[str, Any] = SETTINGS

    def __init__(self) -> None:
        self._model: SASRecModel | None = None

    def train(self, rows: pd.DataFrame, epochs: int, seed: int) -> None:
        """See :class:`bench.peers.exchange.Model`."""
        logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
        if self._model is None:
            seed_everything(seed, verbose=False)
            self._model = SASRecModel(**self.settings, epochs=epochs)
            order = rows.sort_values(["user_id", "position"], kind="stable")
            step = order.groupby("user_id").cumcount()
            table = pd.DataFrame(
                {
                    Columns.User: order["user_id"],
                    Columns.Item: order["key"],
                    Columns.Weight: 1.0,
                    Columns.Datetime: pd.to_datetime(step, unit="D"),
                }
            )
            self._dataset = Dataset.construct(table)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # advice on data loader workers
            self._model.fit_partial(self._dataset, min_epochs=epochs, max_epochs=epochs)

    def lists(self, users: np.ndarray, keys: np.ndarray, k: int) -> pd.DataFrame:
        """See :class:`bench.peers.exchange.Model`."""
        if self._model is None:
            raise RuntimeError("expected a trained model")
        known = self._dataset.item_id_map.external_ids
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # users without rows are told of; they are filled in
            found = self._model.recommend(
                users=users,
                dataset=self._dataset,
                k=k,
                filter_viewed=True,
                items_to_recommend=np.intersect1d(keys, known),
                on_unsupported_targets="ignore",
            )
        return found.rename(
            columns={Columns.User: "user_id", Columns.Item: "key", Columns.Rank: "rank"}
        )[["user_id", "key", "rank"]]


class ESASRec(SASRec):
    """The same with other layers."""

    name = "eSASRec"
    settings: Mapping[str, Any] = {
        **SETTINGS,
        "transformer_layers_type": LiGRLayers,
        "transformer_layers_kwargs": {"ff_activation": "swiglu", "ff_factors_multiplier": 4},
    }
