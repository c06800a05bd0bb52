"""Train published models on exchanged rows and write their lists.

    python -m bench.peers FOLDER [FOLDER ...] [--models SASRec LightGCN] [--only pooled]

Target-only, a model learns the rows of one scenario at a time; pooled, those of all. The number of
epochs is chosen by NDCG@10 on the valid rows (up to six values); then the model learns train and
valid rows together for as long. Lists that are there already are kept.
"""

import argparse
import time
from importlib.metadata import version
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from bench.peers.exchange import DEPTH, TRAIN, Exchange, Model
from bench.peers.lightgcn import LightGCN
from bench.peers.sasrec import ESASRec, SASRec

EPOCHS = {"SASRec": 5, "eSASRec": 5, "LightGCN": 20}
"""Epochs between two looks at the validation part."""

LOOKS = 6
MODELS: dict[str, type] = {"SASRec": SASRec, "eSASRec": ESASRec, "LightGCN": LightGCN}


def chosen_epochs(exchange: Exchange, make: type, scenarios: list[str]) -> tuple[int, list[float]]:
    """Epochs with the best validation NDCG@10 over some scenarios, and all values seen."""
    rows = exchange.rows[exchange.rows["scenario"].isin(scenarios)]
    model: Model = make()
    step = EPOCHS[model.name]
    seen: list[float] = []
    for _ in range(LOOKS):
        model.train(rows[rows["part"] == TRAIN], step, exchange.seed)
        found = [exchange.validation(model, scenario) for scenario in scenarios]
        users = sum(n for _, n in found)
        seen.append(sum(value * n for value, n in found) / max(users, 1))
        if seen[-1] < max(seen):  # past its best
            break
    return step * (1 + seen.index(max(seen))), seen


def run(exchange: Exchange, make: type, *, pooled: bool) -> Path | None:
    """Write the lists of one model, unless they are there."""
    name = f"{make.name} (pooled)" if pooled else make.name
    if (exchange.folder / "lists" / f"{name}.parquet").exists():
        return None
    began = time.perf_counter()
    groups = [exchange.scenarios] if pooled else [[scenario] for scenario in exchange.scenarios]
    parts, tried = [], []
    for group in tqdm(groups, desc=f"{exchange.folder.name} {name}"):
        epochs, seen = chosen_epochs(exchange, make, group)
        model: Model = make()
        rows = exchange.rows[exchange.rows["scenario"].isin(group)]
        model.train(rows, epochs, exchange.seed)
        for scenario in group:
            users = exchange.users.loc[exchange.users["scenario"] == scenario, "user_id"]
            found = model.lists(users.to_numpy(), exchange.keys(scenario), DEPTH)
            parts.append(found.assign(scenario=scenario))
        tried.append({"scenarios": group, "epochs": epochs, "valid_ndcg": seen})
    about = {
        "model": name,
        "library": f"{make.library} {version(make.library)}",
        "seconds": round(time.perf_counter() - began, 1),
        "chosen": tried,
    }
    return exchange.write(name, pd.concat(parts, ignore_index=True), about)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench.peers",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--models", nargs="+", default=list(MODELS), choices=list(MODELS))
    parser.add_argument("--only", choices=["pooled", "target-only"])
    asked = parser.parse_args()
    for folder in asked.folders:
        exchange = Exchange.read(folder)
        for name in asked.models:
            for pooled in (False, True):
                if asked.only in (None, "pooled" if pooled else "target-only"):
                    print(run(exchange, MODELS[name], pooled=pooled) or f"{name}: there already")


if __name__ == "__main__":
    main()
