"""Muon for weight matrices, AdamW for the rest; float32 masters behind a bfloat16 model.

Real bfloat16 parameters are four to five times faster than float32 on CPUs that multiply them,
and autocast would convert them anew in every layer.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

_BETA1, _BETA2, _EPS = 0.9, 0.98, 1e-8
_MOMENTUM = 0.95
# Update sizes as in Moonlight's Muon: root mean square 0.2 * rate for each element, which makes
# AdamW's learning rates fit.  Source: Liu et al. 2025, "Muon is Scalable for LLM Training".
_RMS = 0.2


def orthogonalise(stack: Tensor) -> Tensor:
    """Newton-Schulz iteration towards the nearest orthogonal matrices; [n, rows, columns].

    Source: Keller Jordan, Muon, 2024 (quintic coefficients).
    """
    x = stack.bfloat16()
    tall = x.shape[1] > x.shape[2]
    if tall:
        x = x.transpose(1, 2)
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(5):
        gram = x @ x.transpose(1, 2)
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    return (x.transpose(1, 2) if tall else x).float()


class Optimiser:
    """Keeps masters, momenta and a running average (for evaluation and export) in float32.

    The model itself is turned into bfloat16.
    """

    def __init__(self, model: nn.Module, decay: float = 0.05, average: float = 0.998) -> None:
        self.master = {n: p.detach().float().clone() for n, p in model.named_parameters()}
        self.live = dict(model.bfloat16().named_parameters())
        self.average = {n: m.clone() for n, m in self.master.items()}
        self.first = {n: torch.zeros_like(m) for n, m in self.master.items()}
        self.matrices = {
            n
            for n, m in self.master.items()
            if n.startswith(("encoder.", "decoder.")) and m.ndim == 2
        }
        self.second = {
            n: torch.zeros_like(m) for n, m in self.master.items() if n not in self.matrices
        }
        self.decay, self.averaging = decay, average
        self.steps = 0

    def step(self, rate: float, matrix_rate: float) -> None:
        """Apply the gradients that the live parameters hold, and clear them."""
        self.steps += 1
        grads = {}
        for name, live in self.live.items():
            grads[name] = (torch.zeros_like(live) if live.grad is None else live.grad).float()
        norm = torch.stack([g.norm() for g in grads.values()]).norm()
        scale = min(1.0, 1.0 / (float(norm) + 1e-6))
        shapes: dict[torch.Size, list[str]] = {}
        for name, grad in grads.items():
            grad.mul_(scale)
            if name in self.matrices:
                shapes.setdefault(grad.shape, []).append(name)
            else:
                self._adamw(name, grad, rate)
        for shape, names in shapes.items():
            nesterov = []
            for name in names:
                self.first[name].mul_(_MOMENTUM).add_(grads[name])
                nesterov.append(grads[name].add(self.first[name], alpha=_MOMENTUM))
            size = _RMS * max(shape) ** 0.5
            for name, update in zip(names, orthogonalise(torch.stack(nesterov)), strict=True):
                self.master[name].mul_(1 - matrix_rate * self.decay)
                self.master[name].add_(update, alpha=-matrix_rate * size)
        keep = min(self.averaging, self.steps / (self.steps + 20))
        with torch.no_grad():
            for name, live in self.live.items():
                live.copy_(self.master[name])
                live.grad = None
                self.average[name].lerp_(self.master[name], 1 - keep)

    def _adamw(self, name: str, grad: Tensor, rate: float) -> None:
        first, second = self.first[name], self.second[name]
        first.lerp_(grad, 1 - _BETA1)
        second.mul_(_BETA2).addcmul_(grad, grad, value=1 - _BETA2)
        root = (second / (1 - _BETA2**self.steps)).sqrt_().add_(_EPS)
        if self.master[name].ndim == 2:
            self.master[name].mul_(1 - rate * self.decay)
        self.master[name].addcdiv_(first, root, value=-rate / (1 - _BETA1**self.steps))

    def state(self) -> dict[str, object]:
        """Everything that a restart needs."""
        return {
            "master": self.master,
            "average": self.average,
            "first": self.first,
            "second": self.second,
            "steps": self.steps,
        }

    def load(self, state: dict[str, object]) -> None:
        """Go on from a state; live parameters follow."""
        for part in ("master", "average", "first", "second"):
            for name, value in state[part].items():  # type: ignore[attr-defined]
                getattr(self, part)[name].copy_(value)
        self.steps = int(state["steps"])  # type: ignore[call-overload]
        with torch.no_grad():
            for name, live in self.live.items():
                live.copy_(self.master[name])
