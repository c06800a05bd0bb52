"""The coefficients: trained in PyTorch and used in numpy they are the same, and must be earned."""

import subprocess
import sys
from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest
import torch
from crossrec.transfer.evidence import (
    SURE,
    close_useless,
    is_personal,
    settle_cold_base,
    settle_warm_base,
    sure_among,
)
from crossrec.transfer.examples import Examples
from crossrec.transfer.network import (
    LEAST_SHARE,
    START_COLD,
    CoefficientNetwork,
    cold_levels,
)

from crossrec.transfer.coefficients import GATE_INPUTS, Gates

USERS, SCENARIOS, CANDIDATES = 400, 3, 60


@pytest.fixture
def network() -> CoefficientNetwork:
    """All weights at random, some sources closed, others in part."""
    found = CoefficientNetwork(torch.rand(SCENARIOS, 3), hidden=5)
    with torch.no_grad():
        for parameter in found.parameters():
            parameter.normal_()
        found.closed.copy_((2 * torch.rand(found.closed.shape) - 0.6).clamp(0, 1))
        found.equal.copy_(torch.rand(found.equal.shape))
        found.shift.normal_()
        found.stretch.uniform_(0.5, 2.0)
    return found


def gates_of(network: CoefficientNetwork) -> Gates:
    return Gates({name: value.numpy() for name, value in network.state_dict().items()})


def some_inputs() -> torch.Tensor:
    inputs = torch.randn(USERS, SCENARIOS, len(GATE_INPUTS))
    inputs[:, :, -1] = (torch.rand(USERS, 1) < 0.4).float()
    return inputs


@pytest.mark.parametrize("personal", [0.0, 1.0])
def test_gates_are_the_network(network, personal):
    network.personal.fill_(personal)
    gates, inputs = gates_of(network), some_inputs()
    counts = torch.randint(0, 4, (USERS, SCENARIOS)).float()
    for target in range(SCENARIOS):
        m = network.coefficients(inputs, target).detach().numpy()
        np.testing.assert_allclose(gates.coefficients(inputs.numpy(), target), m, atol=1e-5)
        base = network.base_weight(counts, target).detach().numpy()
        np.testing.assert_allclose(gates.base(counts.numpy(), target), base, atol=1e-5)


@pytest.mark.parametrize("personal", [0.0, 1.0])
def test_slopes_are_the_networks_gradient(network, personal):
    network.personal.fill_(personal)
    inputs = some_inputs().requires_grad_()
    m = network.coefficients(inputs, 0)[:, 2].sum()
    gradient = np.zeros((USERS, len(GATE_INPUTS)))
    if m.requires_grad and personal:
        gradient = torch.autograd.grad(m, inputs)[0][:, 2].numpy()
    slopes = gates_of(network).slopes(inputs.detach().numpy(), 2, 0)
    np.testing.assert_allclose(slopes, gradient, atol=1e-5)
    assert (np.abs(slopes).max() > 0.01) == bool(personal)


def test_old_states_are_personal():
    state = CoefficientNetwork(torch.zeros(2, 3), hidden=4).state_dict()
    old = {k: v.numpy() for k, v in state.items() if k not in ("personal", "equal")}
    assert Gates(old).personal.all()


def test_who_uses_a_model_loads_no_pytorch():
    told = (
        "import sys, crossrec.transfer.model, crossrec.explanation; print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def examples(own: float, sources: tuple[float, float], popularity: float) -> Examples:
    """Users whose one held-out item each part sees with the given strength, in noise."""
    positive = torch.zeros(USERS, CANDIDATES, dtype=torch.bool)
    positive[torch.arange(USERS), torch.randint(0, CANDIDATES, (USERS,))] = True

    def part(strength: float) -> torch.Tensor:
        return torch.randn(USERS, CANDIDATES) + strength * positive

    counts = torch.full((USERS, SCENARIOS), 5.0)
    counts[: USERS // 2, 0] = 0
    inputs = torch.zeros(USERS, SCENARIOS, len(GATE_INPUTS))
    inputs[: USERS // 2, :, -1] = 1.0
    known = part(own)
    known[: USERS // 2] = 0
    others = torch.stack([torch.zeros_like(known), part(sources[0]), part(sources[1])], dim=1)
    popular = part(popularity)
    return Examples(
        target=0,
        inputs=inputs,
        counts=counts,
        own=known,
        others=others,
        popularity=popular,
        recent=popular.clone(),
        positive=positive,
        negative=~positive,
        log_weight=torch.zeros(USERS, CANDIDATES),
        held_out=torch.zeros(USERS, dtype=torch.bool),
    )


def open_network() -> CoefficientNetwork:
    """Every source has the coefficient 1/2 for everybody."""
    found = CoefficientNetwork(torch.zeros(SCENARIOS, 3), hidden=4)
    with torch.no_grad():
        found.pair.zero_()
    return found


@pytest.mark.parametrize("personal", [True, False])
def test_a_closed_source_counts_for_nothing_however_far_it_was_opened(network, personal):
    inputs = some_inputs()
    with torch.no_grad():
        network.pair.fill_(20.0)
        network.closed.zero_()
        network.closed[1, 0, 0] = 1.0
        network.personal.fill_(1.0)
        means = network.coefficients(inputs, 0)
        warm = inputs[:, 1, -1] == 0
        network.equal[1, 0] = torch.stack([means[warm, 1].mean(), means[~warm, 1].mean()])
        network.personal.fill_(float(personal))
        found = network.coefficients(inputs, 0)[:, 1]
    assert not found[warm].any()
    assert (found[~warm] > 0.5).all()
    stored = gates_of(network).coefficients(inputs.numpy(), 0)[:, 1]
    assert not stored[warm].any()


def test_a_source_that_says_nothing_is_closed_for_both_cohorts():
    network = open_network()
    close_useless(network, [examples(own=2.0, sources=(3.0, 0.0), popularity=0.5)])
    assert network.closed[1, 0].tolist() == [0, 0]
    assert network.closed[2, 0].tolist() == [1, 1]


def test_a_source_that_hurts_on_its_own_is_closed():
    """Beside the first it takes back half of what that one overdoes; alone it misleads."""
    found = examples(own=0.0, sources=(3.0, 0.0), popularity=0.0)
    noise = 4 * torch.randn(USERS, CANDIDATES)
    found.others[:, 1] += noise
    found.others[:, 2] = -0.9 * noise
    network = open_network()
    close_useless(network, [found])
    assert network.closed[1, 0].tolist() == [0, 0]
    assert network.closed[2, 0].tolist() == [1, 1]


def of_some_use(scenarios: int, misled: int = 20) -> Examples:
    """200 warm and 200 cold users, of whom source 1 lifts 14 from rank 2 to 1 and drops 20 to 3.

    Its gain is 1.7 standard errors, with more users misled less; any further source says nothing.
    """
    users, half = USERS, USERS // 2
    own = torch.zeros(users, CANDIDATES)
    own[:, :3] = torch.tensor([3.0, 2.0, 1.0])
    positive = torch.zeros(users, CANDIDATES, dtype=torch.bool)
    positive[:, 1] = True
    others = torch.zeros(users, scenarios, CANDIDATES)
    for start in (0, half):
        others[start : start + 14, 1, 1] = 4.0
        others[start + 14 : start + 14 + misled, 1, 1] = -2.4  # half of it counts: below the third
    counts = torch.full((users, scenarios), 5.0)
    counts[:half, 0] = 0
    inputs = torch.zeros(users, scenarios, len(GATE_INPUTS))
    inputs[:half, :, -1] = 1.0
    return Examples(
        target=0,
        inputs=inputs,
        counts=counts,
        own=own,
        others=others,
        popularity=torch.zeros_like(own),
        recent=torch.zeros_like(own),
        positive=positive,
        negative=~positive,
        log_weight=torch.zeros(users, CANDIDATES),
        held_out=torch.zeros(users, dtype=torch.bool),
    )


@pytest.mark.parametrize(("scenarios", "warm_closed"), [(2, 0), (3, 1), (7, 1)])
def test_the_more_sources_the_surer_a_gain_of_warm_users(scenarios, warm_closed):
    """Of many sources one seems to help by luck; cold-start users have little to lose."""
    network = CoefficientNetwork(torch.zeros(scenarios, 3), hidden=4)
    with torch.no_grad():
        network.pair.zero_()
    close_useless(network, [of_some_use(scenarios)])
    assert network.closed[1, 0].tolist() == [warm_closed, 0]


@pytest.mark.parametrize(("misled", "least", "most"), [(20, 0.3, 0.4), (30, 0.99, 1.0)])
def test_one_of_several_sources_keeps_what_is_more_than_noise(misled, least, most):
    """Of 1.7 standard errors two thirds; of less than one nothing; of many all but nothing."""
    found = of_some_use(3, misled)
    for start in (0, USERS // 2):
        found.others[start + 50 : start + 150, 2, 1] = 4.0  # of clear use, to other users
    network = CoefficientNetwork(torch.zeros(3, 3), hidden=4)
    with torch.no_grad():
        network.pair.zero_()
    close_useless(network, [found])
    own, some_use, clear_use = network.closed[:, 0, 1].tolist()
    assert own == 0
    assert least < some_use <= most
    assert clear_use < 0.05


def test_for_cold_start_users_sources_start_as_loud_as_their_factors_are():
    spreads = np.array([[0.0, 4.0, 1.0], [2.0, 0.0, 0.0], [0.5, 1e-6, 0.0]])
    levels = cold_levels(spreads)
    m = 1 / (1 + np.exp(-levels))
    assert levels[1, 0] == pytest.approx(START_COLD)
    assert m[2, 0] == pytest.approx(m[1, 0] / 4)
    assert m[2, 1] == pytest.approx(m[0, 1] * LEAST_SHARE)
    assert levels[1, 2] == pytest.approx(START_COLD)  # unknown: as the loudest
    network = CoefficientNetwork(torch.zeros(3, 3), 4, spreads)
    cold = torch.zeros(1, 3, len(GATE_INPUTS))
    cold[:, :, -1] = 1.0
    found = network.coefficients(cold, 0)[0].tolist()
    assert found == pytest.approx([1.0, m[1, 0], m[2, 0]], abs=1e-6)
    warm = network.coefficients(torch.zeros_like(cold), 0)[0].tolist()
    assert warm[1] == pytest.approx(warm[2])


def test_with_two_scenarios_every_source_is_the_loudest():
    levels = cold_levels(np.array([[0.0, 0.3], [7.0, 0.0]])).astype(np.float32)
    assert (levels == np.float32(START_COLD)).all()


def test_chance_grows_with_the_sources():
    values = [sure_among(n) for n in (1, 2, 3, 6, 40)]
    assert values[0] == pytest.approx(SURE)
    assert values == sorted(values)
    for n, value in zip((1, 2, 3, 6, 40), values, strict=True):
        alone = NormalDist().cdf(-value)
        assert 1 - (1 - alone) ** n == pytest.approx(NormalDist().cdf(-SURE))


def test_warm_users_have_the_recent_popularity_and_cold_ones_the_other():
    found = examples(own=0.0, sources=(0.0, 0.0), popularity=0.0)
    found.popularity[:], found.recent[:] = 1.0, 2.0
    with torch.no_grad():
        network = open_network()
        base = found.scores(network, transfer=False) - found.own
        weight = network.base_weight(found.counts, 0)
    half = USERS // 2
    torch.testing.assert_close(base[:half, 0], weight[:half])
    torch.testing.assert_close(base[half:, 0], 2 * weight[half:])


@pytest.mark.parametrize(("strength", "kept"), [(2.0, True), (0.0, False)])
def test_popularity_must_help_warm_users(strength, kept):
    network = open_network()
    settle_warm_base(network, [examples(own=1.0, sources=(0.0, 0.0), popularity=strength)])
    weight = network.base_weight(torch.full((1, SCENARIOS), 5.0), 0).item()
    assert weight == pytest.approx(0.3 if kept else 0.001, rel=0.01)
    assert network.base_weight(torch.full((1, SCENARIOS), 5.0), 1).item() == pytest.approx(0.3)


def test_where_all_targets_together_need_popularity_few_users_do_not_deny_it():
    """Links say nothing, popularity much: six users of a target cannot show it, the others can."""
    many = examples(own=0.0, sources=(0.0, 0.0), popularity=2.0)
    few = examples(own=0.0, sources=(0.0, 0.0), popularity=1.0)
    few = replace(few.take(torch.arange(USERS - 6, USERS)), target=1)
    network = open_network()
    settle_warm_base(network, [few])
    assert warm_weight(network, 1) == pytest.approx(0.001, rel=0.01)
    network = open_network()
    settle_warm_base(network, [many, few])
    assert warm_weight(network, 0) == pytest.approx(warm_weight(network, 1))
    assert warm_weight(network, 0) > 1


def test_a_target_that_ranks_better_with_its_own_weight_keeps_it():
    thin = examples(own=0.0, sources=(0.0, 0.0), popularity=2.0)
    rich = replace(examples(own=4.0, sources=(0.0, 0.0), popularity=0.0), target=1)
    rich = rich.take(torch.arange(USERS // 2, USERS))
    network = open_network()
    settle_warm_base(network, [thin, rich])
    assert warm_weight(network, 0) > 0.5
    assert warm_weight(network, 1) == pytest.approx(0.3, rel=0.01)


def test_a_target_that_popularity_clearly_hurts_goes_without_it():
    thin = examples(own=0.0, sources=(0.0, 0.0), popularity=2.0)
    rich = replace(examples(own=4.0, sources=(0.0, 0.0), popularity=-4.0), target=1)
    rich = rich.take(torch.arange(USERS - 20, USERS))
    network = open_network()
    settle_warm_base(network, [thin, rich])
    assert warm_weight(network, 0) > 0.5
    assert warm_weight(network, 1) == pytest.approx(0.001, rel=0.01)


def warm_weight(network: CoefficientNetwork, target: int) -> float:
    return network.base_weight(torch.full((1, SCENARIOS), 5.0), target).item()


@pytest.mark.parametrize(("strength", "least", "most"), [(4.0, 0.4, 1.2), (0.0, 0.03, 0.1)])
def test_popularity_weighs_for_cold_users_what_ranks_best(strength, least, most):
    """Beside a source half as strong it must lead; where it is noise, next to nothing is best."""
    network = open_network()
    found = examples(own=0.0, sources=(2.0, 0.0), popularity=strength)
    found.others[:, 2] = 0
    found.counts[:, 1:] = torch.randint(1, 50, (USERS, 2)).float()
    with torch.no_grad():
        network.base_cold[0, 1] = -0.5
    settle_cold_base(network, [found])
    cold = network.base_weight(found.counts[: USERS // 2], 0)
    assert least <= cold.mean().item() <= most
    lengths = found.counts[: USERS // 2].sum(1)
    assert cold[lengths.argmin()] > cold[lengths.argmax()]  # the learnt slope stays
    assert network.base_weight(torch.zeros(1, SCENARIOS), 1).item() == pytest.approx(0.424, 0.01)


@pytest.mark.parametrize("varied", [True, False])
def test_coefficients_are_personal_where_that_helps(varied):
    """Half of the users' source is right and half of it is noise, and an input says which."""
    found = examples(own=1.0, sources=(2.0, 0.0), popularity=0.0)
    good = (torch.arange(USERS) % 2 == 0).float()
    if varied:
        noise = 20 * torch.randn(USERS, CANDIDATES)
        found.others[:, 1] += (1 - good)[:, None] * noise
    found.inputs[:, 1, 0] = 8 * good - 4
    network = open_network()
    with torch.no_grad():
        network.gate[0].weight.zero_()
        network.gate[0].weight[0, 0] = 1.0
        network.gate[2].weight.zero_()
        network.gate[2].weight[0, 0] = 2.0
        network.pair.fill_(-4.0)
    assert is_personal(network, found) is varied
    assert 0.1 < network.equal[1, 0, 0] < 0.9
