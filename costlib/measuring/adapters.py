"""Low-rank adapters on the matrices of all layers, as in LoRA :cite:`hu2022lora`.

A few lines instead of a library: adapters here have the type of the weights, one for each matrix of a layer, so that
what is held and computed is what the formulas count.
"""

import torch
from torch import nn
from transformers.pytorch_utils import Conv1D


class Adapted(nn.Module):
    """A frozen matrix beside a trained product of two thin ones."""

    def __init__(self, base, rank):
        super().__init__()
        inputs, outputs = base.weight.shape if isinstance(base, Conv1D) else reversed(base.weight.shape)
        like = dict(device=base.weight.device, dtype=base.weight.dtype)
        self.base = base
        self.down = nn.Parameter(torch.randn(rank, inputs, **like) / inputs**0.5)
        self.up = nn.Parameter(torch.zeros(outputs, rank, **like))

    def forward(self, x):
        """Return what the matrix gives, and what the adapter adds."""
        return self.base(x) + nn.functional.linear(nn.functional.linear(x, self.down), self.up)


def adapt(model, rank):
    """Freeze a model and put an adapter beside every matrix of its layers; return the model.

    Matrices that a class keeps as one, such as query, key and value of GPT-2, have one adapter.
    """
    model.requires_grad_(False)
    heads = {model.get_output_embeddings()} if hasattr(model, "get_output_embeddings") else set()
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, (nn.Linear, Conv1D)) and child not in heads and name != "score":
                setattr(parent, name, Adapted(child, rank))
    return model
