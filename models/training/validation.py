"""A quick look at how well captions go while training, without any export."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from models.training.captions import parse
from models.training.network import Captioner, greedy, to_patches
from models.training.samples import fit
from models.training.scenes import Composer
from models.training.things import THINGS
from models.training.vocabulary import END, make_tokenizer

SEED = 7


@torch.no_grad()
def validate(weights: dict[str, Tensor], scenes: int = 300) -> str:
    """Greedy captions of unseen scenes: percent with right things, right counts, every word right.

    The last number is the confidence that 4 % of the scenes stay below.
    """
    tokenizer = make_tokenizer()
    model = Captioner(tokenizer.get_vocab_size(), len(THINGS))
    model.load_state_dict(weights)
    composer = Composer(SEED)
    truth = [composer.scene(i, side=(128, 192, 256)[i % 3]) for i in range(scenes)]
    images = torch.stack([torch.from_numpy(fit(scene.image).copy()) for scene in truth])
    ids, scores = greedy(model, to_patches(images), tokenizer.token_to_id(END))
    things = counts = whole = 0
    for scene, row in zip(truth, ids.tolist(), strict=True):
        text = tokenizer.decode(row, skip_special_tokens=True)
        told, wanted = parse(text) or {}, parse(scene.caption) or {}
        things += set(told) == set(wanted)
        counts += told == wanted
        whole += text == scene.caption
    low = math.exp(sorted(scores.tolist())[int(0.04 * scenes)])
    shares = " ".join(f"{100 * n / scenes:.1f}" for n in (things, counts, whole))
    return f"things, counts, whole captions % {shares}; sure of 96 % above {low:.3f}"
