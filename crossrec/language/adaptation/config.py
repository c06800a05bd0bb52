"""What an adaptation shall do."""

from dataclasses import dataclass

from crossrec.errors import DataError

METHODS = ("lora", "full")
"""Low-rank additions to the attention (a few hundred kilobytes), or all weights."""

OBJECTIVES = ("contrastive", "triplet", "label", "none")
"""Items of one user nearer than others (in-batch softmax, or a margin to one other item), the 0/1
recommendation label through a head (binary cross-entropy), or only masked words."""


@dataclass(frozen=True)
class AdaptConfig:
    """The settings of an adaptation.

    Attributes:
        encoder: what is adapted: "auto", a bundled encoder or a local folder.
        method: one of :data:`METHODS`.
        objective: one of :data:`OBJECTIVES`.
        pairs: pairs of items that one user used, drawn from training rows.
        across: share of the pairs that cross from one scenario to another, where users do.
        mlm_steps: batches of masked catalogue text read before; 0 for none. The first third
            trains only the new head, since encoders come without one.
        batch: texts (or pairs) a step.
        rate: learning rate; 0 for 5e-4 with LoRA, 2e-5 with all weights.
        rank: of the LoRA matrices.
        layers: the uppermost so many of the network's layers change, 0 for all. What lies below
            needs no gradients: half of a MiniLM takes half of the time and of the memory.
        temperature: of the contrastive softmax.
        margin: of the triplets, in cosine.
        max_length: tokens read of a text while learning.
        seed: of everything random.
        threads: of the processor; 0 for the idle cores.
    """

    encoder: str = "auto"
    method: str = "lora"
    objective: str = "contrastive"
    pairs: int = 10_000
    across: float = 0.5
    mlm_steps: int = 0
    batch: int = 64
    rate: float = 0.0
    rank: int = 8
    layers: int = 3
    temperature: float = 0.05
    margin: float = 0.2
    max_length: int = 64
    seed: int = 0
    threads: int = 0

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise DataError(f"expected a method of {', '.join(METHODS)}", repr(self.method))
        if self.objective not in OBJECTIVES:
            raise DataError(
                f"expected an objective of {', '.join(OBJECTIVES)}", repr(self.objective)
            )
        if self.objective == "none" and not self.mlm_steps:
            raise DataError("expected something to learn", "no objective and no masked words")
        least = min(self.pairs, self.batch - 1, self.rank, self.layers + 1)
        if least < 1 or not 0 <= self.across <= 1:
            raise DataError(
                "expected at least 1 pair, 2 texts a batch, rank 1, no negative number of layers, "
                "and a share across of 0 to 1",
                f"{self.pairs}, {self.batch}, {self.rank}, {self.layers}, {self.across}",
            )

    @property
    def learning_rate(self) -> float:
        """The rate that is used."""
        return self.rate or (5e-4 if self.method == "lora" else 2e-5)
