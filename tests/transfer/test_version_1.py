"""A model that version 0.1 wrote is still read, and scores as it did."""

from pathlib import Path

import numpy as np
from scipy import sparse

from crossrec.data.history import Histories
from crossrec.data.ids import IdMap
from crossrec.transfer.model import TransferModel

FOLDER = Path(__file__).parent / "model_version_1"
"""Written by version 0.1 on the small log, with what it gave for 20 users in ``expected.npz``."""


def test_it_scores_as_it_did():
    model = TransferModel.load(FOLDER)
    with np.load(FOLDER / "expected.npz") as expected:
        blocks = tuple(sparse.csr_array(expected[f"history_{s}"]) for s in range(2))
        histories = Histories(IdMap([f"u{i}" for i in range(20)]), blocks)
        for target in range(2):
            m, scores = expected[f"m_{target}"], expected[f"scores_{target}"]
            np.testing.assert_allclose(model.coefficients(histories, target), m, atol=1e-5)
            np.testing.assert_allclose(model.scores(histories, target), scores, atol=1e-4)


def test_it_is_written_again_in_the_present_form(tmp_path):
    TransferModel.load(FOLDER).save(tmp_path)
    again, first = TransferModel.load(tmp_path), TransferModel.load(FOLDER)
    one = Histories(IdMap(["u"]), tuple(sparse.csr_array(np.eye(1, n)) for n in (31, 20)))
    np.testing.assert_array_equal(again.scores(one, 0), first.scores(one, 0))
