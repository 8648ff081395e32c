"""Attentions in one pass over a finished caption are those of the steps that wrote it."""

import numpy as np
import onnxruntime
import pytest

from models.random_model import tiny_config, write_tiny
from pycore.captioning.attention_map import decoder_inputs, patch_grid
from pycore.families.family import NO_ATTENTIONS
from pycore.onnx_graph.split import split_decoder
from pycore.onnx_graph.wire import BytesSource
from seesay.inference.caption_model import OnnxCaptionModel
from seesay.models.models import ModelFolder
from tests.unit.helpers import run_sync
from tests.unit.images.image_samples import FIXTURES

CAPTIONS = [(5, 9, 13, 2), (7, 7, 300), (1,)]
START = 0


@pytest.fixture(scope="module")
def decoder(tmp_path_factory):
    """The tiny model's prelude run on two images; a function that runs the step."""
    folder = tmp_path_factory.mktemp("tiny")
    write_tiny(folder, keep_float=True)
    path = folder / "onnx" / "decoder_model_merged.onnx"
    split = split_decoder(
        BytesSource(path.read_bytes()), path.name, attentions=True, int8_lm_head=True
    )
    patches = patch_grid(tiny_config()["encoder"])
    assert patches is not None
    sessions = []
    for name in ("prelude", "step"):
        file = path.with_name(f"{name}.onnx")
        file.write_bytes(getattr(split, name))
        sessions.append(onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"]))
    prelude, step = sessions
    encoder = tiny_config()["encoder"]
    height, width = patches
    shape = (2, height * width + 1, encoder["hidden_size"])
    states = np.random.default_rng(0).standard_normal(shape, dtype=np.float32)
    context = prelude.run(list(split.prelude_outputs), {split.encoder_input: states})
    layers = tiny_config()["decoder"]
    empty = (layers["n_head"], 0, layers["n_embd"] // layers["n_head"])
    outputs = [split.attention_output, *split.present_outputs]

    def run(ids, image, past=None):
        """Attentions of some positions of one sequence, and the caches after them."""
        past = past or [np.zeros((1, *empty), np.float32) for _ in split.past_inputs]
        feeds = {"input_ids": np.array([ids], np.int64)}
        rows = [value[[image]] for value in context]
        feeds |= dict(zip(split.prelude_outputs, rows, strict=True))
        feeds |= dict(zip(split.past_inputs, past, strict=True))
        attentions, *past = step.run(outputs, feeds)
        return attentions[0], past

    def run_all(inputs, images):
        """Attentions of whole sequences."""
        past = np.zeros((len(inputs), *empty), np.float32)
        feeds = {"input_ids": inputs} | dict.fromkeys(split.past_inputs, past)
        rows = [value[images] for value in context]
        feeds |= dict(zip(split.prelude_outputs, rows, strict=True))
        return step.run([split.attention_output], feeds)[0]

    return run, run_all


def test_one_pass_equals_the_steps(decoder):
    run, run_all = decoder
    images = [1, 0, 1]
    found = run_all(decoder_inputs(START, CAPTIONS), images)
    np.testing.assert_allclose(found.sum(axis=-1), 1, atol=1e-5)
    for ids, image, whole in zip(CAPTIONS, images, found, strict=True):
        past = None
        for position, token in enumerate((START, *ids[:-1])):
            attentions, past = run([token], image, past)
            # The step that reads this token writes ids[position].
            np.testing.assert_allclose(whole[position], attentions[0], atol=1e-5)


def test_images_and_positions_differ(decoder):
    _, run_all = decoder
    inputs = decoder_inputs(START, [CAPTIONS[0], CAPTIONS[0]])
    one, other = run_all(inputs, [0, 1])
    assert np.abs(one - other).max() > 1e-3
    assert np.abs(one[0] - one[1]).max() > 1e-3


def test_a_decoder_without_attentions_is_noted_once(monkeypatch):
    monkeypatch.setattr("pycore.onnx_graph.split.extra_outputs.add_attentions", lambda *_: False)
    files = ModelFolder(FIXTURES / "tiny-model")
    config = files.read_json("config.json")
    model = OnnxCaptionModel(files, config, 1, low_memory=False)
    size = config["encoder"]["image_size"]
    image = np.zeros((1, 3, size, size), np.float32)
    for _ in range(2):
        run_sync(model.encode(image, attentions=True))
    assert model.notes == [NO_ATTENTIONS]
