"""Settings go to JSON and back, and those of earlier versions are understood."""

import json

import pytest

from crossrec.transfer.config import PRESETS, TransferConfig


@pytest.mark.parametrize("preset", PRESETS)
def test_settings_survive_json(preset):
    config = TransferConfig.preset(preset)
    assert TransferConfig.from_dict(json.loads(json.dumps(config.to_dict()))) == config


def test_settings_from_when_penalty_and_confidence_were_apart():
    old = TransferConfig().to_dict()
    for name in ("pooled_sizes", "factor_sizes"):
        old.pop(name)
    old |= {"pooled_penalties": [150.0, 600.0], "pooled_confidence": 150.0}
    old |= {"factor_penalty": 40.0, "factor_confidence": 30.0}
    config = TransferConfig.from_dict(json.loads(json.dumps(old)))
    assert config.pooled_sizes == ((150.0, 150.0), (600.0, 150.0))
    assert config.factor_sizes == ((40.0, 30.0),)


def test_an_unknown_setting_is_named():
    with pytest.raises(ValueError, match="no_such_setting"):
        TransferConfig.from_dict({"no_such_setting": 1})
