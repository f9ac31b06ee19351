"""One model as it is shown: what is counted of it, what is left out, where it was read."""

from collections.abc import Iterable
from typing import Any

from costlib.base import fmt
from costlib.base._arrays import whole
from costlib.base.display import Shown, Table
from costlib.compute.architecture import forward, lora_parameters
from costlib.compute.models import Model
from costlib.facts import names, outputs

RANK = 16
LENGTH = 4096  # tokens at which attention and windows are shown
VALUE = 2  # bytes of a value in the cache


class ModelRead(Shown):
    """A costlib.compute.models.Model, whose attributes it has, with what follows from its architecture."""

    def __init__(self, model: Model, asked: str) -> None:
        self.model, self.asked = model, asked

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name == "model":
            raise AttributeError(name)
        return getattr(self.model, name)

    def to_dict(self) -> dict[str, Any]:
        """Return counts in parameters, FLOPs of a token, bytes in 16 bits, and where they come from."""
        arch = self.model.architecture
        return outputs.plain({
            "name": self.model.name,
            "label": self.model.label,
            "parameters": whole(arch.parameters),
            "parameters_active": whole(arch.parameters_active),
            "parameters_active_without_embedding": whole(arch.parameters_active_without_embedding),
            "forward_flops_per_token": whole(2 * arch.matmul_parameters),
            "forward_flops_per_token_at_4096": forward(arch, 1, LENGTH, attention="causal").total / LENGTH,
            "kv_bytes_per_token": whole(VALUE * arch.kv_values),
            "kv_bytes_at_4096": VALUE * arch.kv_values_at(LENGTH) * LENGTH,
            "lora_parameters_rank_16_attention": whole(lora_parameters(arch, RANK, "attention")),
            "lora_parameters_rank_16_all": whole(lora_parameters(arch, RANK, "all")),
            "context_length": self.model.context_length,
            "stored_bits": self.model.stored_bits,
            "left_out": list(self.model.left_out),
            "source": self.model.source,
        })  # fmt: skip

    def parts(self) -> Iterable[Table | str]:
        """Return the counts as a table, what is left out, and where it was read."""
        found = self.to_dict()
        giga = {name: fmt.number(found[name] / 1e9, 3) for name in found if name.startswith(("param", "forward"))}
        context = found["context_length"]
        rows = [
            ["parameters", giga["parameters"], "1e9"],
            ["of one token", giga["parameters_active"], "1e9"],
            ["of one token, without input embedding", giga["parameters_active_without_embedding"], "1e9"],
            ["matrix products of a token, forward", giga["forward_flops_per_token"], "GFLOP"],
            [f"with attention over {LENGTH:,} tokens, causal", giga["forward_flops_per_token_at_4096"], "GFLOP"],
            ["KV cache of a token, 16 bits", fmt.number(found["kv_bytes_per_token"] / 1024, 1), "KiB"],
            [f"KV cache of {LENGTH:,} tokens", fmt.number(found["kv_bytes_at_4096"] / 2**20, 1), "MiB"],
            [f"LoRA of rank {RANK}, attention", fmt.number(found["lora_parameters_rank_16_attention"] / 1e6, 2), "1e6"],
            [f"LoRA of rank {RANK}, all", fmt.number(found["lora_parameters_rank_16_all"] / 1e6, 2), "1e6"],
            ["context", "-" if context is None else fmt.number(context), "tokens"],
        ]
        yield Table([found["label"], "", "unit"], rows)
        yield ""
        said = names.said(self.asked, self.model.name)
        yield f"read      {f'{said}, ' if said and said != self.model.source else ''}from {self.model.source}"
        if found["stored_bits"]:
            yield f"stored    in {found['stored_bits']:g} bits a weight; jobs take them in 16 unless base_bits says so"
        if found["left_out"]:
            yield f"left out  {', '.join(found['left_out'])}: neither counted nor held"
