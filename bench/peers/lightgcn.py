"""LightGCN (He et al., SIGIR 2020) as PyTorch Geometric keeps it, trained on BPR pairs."""

import warnings

import numpy as np
import pandas as pd
import torch
from torch_geometric.nn import LightGCN as Network

FACTORS, LAYERS = 64, 2
RATE, PENALTY = 0.01, 1e-4
BATCH = 32_768
"""Pairs per step: every step runs over the whole graph, so few large steps cost least."""


class LightGCN:
    """Users and items are nodes, rows are edges."""

    name = "LightGCN"
    library = "torch-geometric"

    def __init__(self) -> None:
        self._network: Network | None = None

    def train(self, rows: pd.DataFrame, epochs: int, seed: int) -> None:
        """See :class:`bench.peers.exchange.Model`."""
        if self._network is None:
            self._build(rows, seed)
        for _ in range(epochs):
            order = torch.randperm(len(self._edges[0]), generator=self._random)
            for batch in order.split(BATCH):
                self._step(batch)

    def lists(self, users: np.ndarray, keys: np.ndarray, k: int) -> pd.DataFrame:
        """See :class:`bench.peers.exchange.Model`."""
        user, item = self._users.get_indexer(users), self._items.get_indexer(keys)
        users, user = users[user >= 0], user[user >= 0]
        keys, item = keys[item >= 0], item[item >= 0]
        place = np.full(len(self._items), -1)
        place[item] = np.arange(len(item))
        with torch.no_grad():
            nodes = self._network.get_embedding(self._graph)
        frames = []
        for start in range(0, len(user), 1024):
            rows = user[start : start + 1024]
            scores = nodes[torch.from_numpy(rows)] @ nodes[len(self._users) + item].T
            for at, row in enumerate(rows):
                own = place[self._own[row]]
                scores[at, torch.from_numpy(own[own >= 0])] = -torch.inf
            best = scores.topk(min(k, scores.shape[1]), dim=1).indices.numpy()
            frames.append(
                pd.DataFrame(
                    {
                        "user_id": np.repeat(users[start : start + 1024], best.shape[1]),
                        "key": keys[best.ravel()],
                        "rank": np.tile(np.arange(1, best.shape[1] + 1), len(best)),
                    }
                )
            )
        return pd.concat(frames, ignore_index=True)

    def _build(self, rows: pd.DataFrame, seed: int) -> None:
        pairs = rows[["user_id", "key"]].drop_duplicates()
        self._users = pd.Index(sorted(pairs["user_id"].unique()))
        self._items = pd.Index(sorted(pairs["key"].unique()))
        user = self._users.get_indexer(pairs["user_id"])
        item = self._items.get_indexer(pairs["key"])
        self._own = pd.Series(item).groupby(user).agg(list).map(np.array).to_dict()
        n = len(self._users) + len(self._items)
        self._edges = (torch.from_numpy(user), torch.from_numpy(item + len(self._users)))
        first, second = torch.cat(self._edges), torch.cat(self._edges[::-1])
        degree = torch.bincount(first, minlength=n).float()
        weight = (degree[first] * degree[second]).rsqrt()  # D^-1/2 A D^-1/2, symmetric
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # sparse matrices are called a beta
            graph = torch.sparse_coo_tensor(torch.stack([first, second]), weight, (n, n))
            self._graph = graph.coalesce().to_sparse_csr()
        torch.manual_seed(seed)
        self._random = torch.Generator().manual_seed(seed)
        self._network = Network(n, FACTORS, LAYERS, normalize=False)
        self._optimiser = torch.optim.Adam(self._network.parameters(), lr=RATE)

    def _step(self, batch: torch.Tensor) -> None:
        user, item = self._edges[0][batch], self._edges[1][batch]
        other = torch.randint(len(self._items), (len(batch),), generator=self._random)
        other = other + len(self._users)
        nodes = self._network.get_embedding(self._graph)
        good = (nodes[user] * nodes[item]).sum(1)
        bad = (nodes[user] * nodes[other]).sum(1)
        used = torch.cat([user, item, other])
        loss = self._network.recommendation_loss(good, bad, used, lambda_reg=PENALTY)
        self._optimiser.zero_grad()
        loss.backward()
        self._optimiser.step()
