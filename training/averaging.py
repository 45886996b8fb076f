"""A running average of weights: better than the last step's, and what is saved."""

from __future__ import annotations

import torch
from torch import Tensor, nn

Weights = dict[str, Tensor]


class Average:
    """Follows a module; young averages follow faster."""

    def __init__(self, module: nn.Module, decay: float = 0.998, without: str = "\0") -> None:
        """Leaves out the weights whose names begin with `without`."""
        self.module, self.decay, self.without, self.steps = module, decay, without, 0
        self.weights = {name: value.clone() for name, value in self._state().items()}

    @torch.no_grad()
    def update(self) -> None:
        keep = min(self.decay, (1 + self.steps) / (10 + self.steps))
        for name, value in self._state().items():
            if value.is_floating_point():
                self.weights[name].lerp_(value, 1 - keep)
            else:
                self.weights[name].copy_(value)
        self.steps += 1

    def _state(self) -> Weights:
        state = self.module.state_dict()
        return {k: v.detach() for k, v in state.items() if not k.startswith(self.without)}
