"""Real model classes with random weights, for a name of the catalogue or a model cut down from one."""

import gc
import re

import torch
import transformers as hf
from torch import nn

from costlib.base.text import shown
from costlib.compute.models import shape
from costlib.measuring import classes

# Classes by the beginning of a name in costlib/facts/models.csv; each makes a configuration of an Architecture.
CLASSES = {
    r"gpt2": lambda m: classes.gpt2(m.layers, m.hidden_size, m.heads, m.vocabulary_size, m.position_embeddings),
    r"gpt-j": lambda m: classes.gptj(m.layers, m.hidden_size, m.heads, m.vocabulary_size),
    r"opt-350m": lambda m: classes.opt(m.layers, m.hidden_size, m.heads, 512),
    r"opt": lambda m: classes.opt(m.layers, m.hidden_size, m.heads),
    r"bloom": lambda m: classes.bloom(m.layers, m.hidden_size, m.heads, m.vocabulary_size),
    r"llama|codellama": lambda m: _gated("Llama", m),
    r"mistral": lambda m: _gated("Mistral", m, head_dim=m.head_size),
    r"qwen2": lambda m: _gated("Qwen2", m),
    r"qwen3": lambda m: _gated("Qwen3", m, head_dim=m.head_size),
    r"gemma-2": lambda m: _gated("Gemma2", m, head_dim=m.head_size),
    r"pythia": lambda m: classes.neox(m.layers, m.hidden_size, m.heads, m.vocabulary_size),
    r"falcon": lambda m: classes.falcon(m.layers, m.hidden_size, m.heads, m.kv_heads),
    r"mpt-7b": lambda m: classes.mpt(m.layers, m.hidden_size, m.heads, m.vocabulary_size),
    r"phi": lambda m: _gated("Phi", m),
}


def _gated(family, m, **other):
    sizes = (m.layers, m.hidden_size, m.heads, m.kv_heads, m.ffn_size, m.vocabulary_size, bool(m.tied_embeddings))
    return classes.gated(family, *sizes, **other)


def configured(name):
    """Return the class and configuration of a model.

    Parameters
    ----------
    name : as :func:`costlib.compute.models.shape` takes it; dense models only

    Raises
    ------
    ValueError : for an unknown name, a mixture of experts, or a model without a class here

    Examples
    --------
    >>> configured("llama-3.1-8b:layers=2")[1].num_hidden_layers
    2
    """
    model = shape(name)
    known = next((make for start, make in CLASSES.items() if re.match(start, name)), None)
    if known is None or model.experts > 1:
        raise ValueError(f"model must be a dense one of a class that is built here, got {shown(name)}")
    return known(model)


def build(name, device, dtype, scalar_head=False, attention="sdpa"):
    """Return a model with random weights, without dropout.

    Parameters
    ----------
    name : of a model, as for :func:`configured`
    device : of PyTorch; on "meta" tensors have a shape and no values
    dtype : of PyTorch, of all weights
    scalar_head : True for the class that returns one number for a sequence, as reward models and critics do
    attention : "sdpa", the fused kernel of the device where the class takes it, or "eager", whose products are all
        counted
    """
    model_class, config = configured(name)
    if scalar_head:
        model_class = getattr(hf, model_class.__name__.replace("ForCausalLM", "ForSequenceClassification")
                              .replace("LMHeadModel", "ForSequenceClassification"))  # fmt: skip
        config.num_labels, config.pad_token_id = 1, config.vocab_size - 1
    for key in vars(config):
        if "dropout" in key or key.endswith("pdrop"):
            setattr(config, key, 0.0)
    if not model_class._supports_sdpa:
        attention = "eager"
    with torch.device(device):
        model = model_class._from_config(config, dtype=dtype, attn_implementation=attention)
    for part in model.modules():
        if isinstance(part, nn.Dropout):
            part.p = 0.0
    return model


def tokens(name, sequences, length, device, seed=0):
    """Return random token numbers, sequences x length, none of which pads."""
    if str(device) == "meta":
        return torch.zeros(sequences, length, dtype=torch.long, device=device)
    made = torch.Generator().manual_seed(seed)
    return torch.randint(0, shape(name).vocabulary_size - 1, (sequences, length), generator=made).to(device)


def freed(device):
    """Give back what models that are gone have held."""
    if torch.device(device).type == "cuda":
        gc.collect()
        torch.cuda.empty_cache()
