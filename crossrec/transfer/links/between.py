"""Links from a source scenario's items to a target's, from the users they share.

Factors know groups of items and cannot say "the same one again": where scenarios are behaviours on
the same items (bought, then used), or an item goes with one other, that is most of what there is.
"""

import numpy as np
from scipy import sparse

from crossrec.data.history import shape
from crossrec.transfer.links.neighbours import neighbour_links
from crossrec.transfer.weights import shared_users

PENALTY = 0.3
KEPT = 30
"""Links per target item."""
MOST_SHARED = 12_000
"""Users they are fitted on, the most active first."""


def fit_between(source: sparse.csr_array, target: sparse.csr_array) -> sparse.csr_array:
    """Links W, CSR, shape (n_s, n_t), float32; empty without shared users.

    Args:
        source: history weights of all users in s, shape (m, n_s).
        target: interactions of the same users in t, shape (m, n_t), values in [0, 1].
    """
    shared = shared_users(source, target, MOST_SHARED)
    if not len(shared):
        return sparse.csr_array((shape(source)[1], shape(target)[1]), dtype="float32")
    (links,), _ = neighbour_links(source[shared], target[shared], (PENALTY,), own=False, kept=KEPT)
    return links


def above_average(links: sparse.csr_array, weights: sparse.csr_array) -> sparse.csr_array:
    """Links W minus what they give the average user, so that only differences between users count.

    Args:
        links: W of few source items, shape (n_s, n_t).
        weights: history weights of all users, shape (m, n_s); who has any has about as much of
            them as everybody.
    """
    totals = weights.sum(axis=1)
    known = max(int(np.count_nonzero(totals)), 1)
    mean = np.asarray(weights.sum(axis=0)) @ links / known  # (n_t,)
    usual = max(float(totals.sum()) / known, 1e-12)
    return sparse.csr_array((links.toarray() - mean / usual).astype(np.float32))
