"""Model classes of transformers with the sizes of an architecture: the configuration alone, no weights, no download."""

import transformers as hf


def gpt2(layers, hidden, heads, vocabulary=50257, positions=1024):
    """Return the class and configuration of GPT-2."""
    sizes = dict(n_layer=layers, n_embd=hidden, n_head=heads, vocab_size=vocabulary, n_positions=positions)
    return hf.GPT2LMHeadModel, hf.GPT2Config(**sizes, bos_token_id=0, eos_token_id=0)


def opt(layers, hidden, heads, embedding=None):
    """Return the class and configuration of OPT."""
    # The 350M model embeds in 512 dimensions and normalises after each part.
    sizes = dict(num_hidden_layers=layers, hidden_size=hidden, num_attention_heads=heads, ffn_dim=4 * hidden)
    early = dict(word_embed_proj_dim=embedding or hidden, do_layer_norm_before=embedding is None)
    return hf.OPTForCausalLM, hf.OPTConfig(**sizes, **early, vocab_size=50272, max_position_embeddings=2048)


def neox(layers, hidden, heads, vocabulary):
    """Return the class and configuration of Pythia."""
    sizes = dict(num_hidden_layers=layers, hidden_size=hidden, num_attention_heads=heads)
    return hf.GPTNeoXForCausalLM, hf.GPTNeoXConfig(**sizes, intermediate_size=4 * hidden, vocab_size=vocabulary)


def falcon(layers, hidden, heads, kv_heads):
    """Return the class and configuration of Falcon."""
    # The larger ones share keys and values in groups, the smallest among all heads.
    grouped = dict(new_decoder_architecture=kv_heads > 1, num_kv_heads=kv_heads)
    sizes = dict(num_hidden_layers=layers, hidden_size=hidden, num_attention_heads=heads, vocab_size=65024)
    return hf.FalconForCausalLM, hf.FalconConfig(**sizes, **grouped, bias=False, parallel_attn=True)


def gated(family, layers, hidden, heads, kv_heads, inner, vocabulary, tied=False, **other):
    """Return the class and configuration of Llama and the classes that follow it."""
    sizes = dict(num_hidden_layers=layers, hidden_size=hidden, num_attention_heads=heads, num_key_value_heads=kv_heads)
    sizes |= dict(intermediate_size=inner, vocab_size=vocabulary, tie_word_embeddings=tied)
    # Tokens that begin, end or pad must exist in a small vocabulary.
    tokens = dict(pad_token_id=None, bos_token_id=0, eos_token_id=0)
    return getattr(hf, f"{family}ForCausalLM"), getattr(hf, f"{family}Config")(**sizes, **tokens | other)


def gptj(layers, hidden, heads, vocabulary):
    """Return the class and configuration of GPT-J."""
    sizes = dict(n_layer=layers, n_embd=hidden, n_head=heads, vocab_size=vocabulary)
    return hf.GPTJForCausalLM, hf.GPTJConfig(**sizes, tie_word_embeddings=False)


def bloom(layers, hidden, heads, vocabulary):
    """Return the class and configuration of BLOOM."""
    return hf.BloomForCausalLM, hf.BloomConfig(n_layer=layers, hidden_size=hidden, n_head=heads, vocab_size=vocabulary)


def mpt(layers, hidden, heads, vocabulary):
    """Return the class and configuration of MPT."""
    return hf.MptForCausalLM, hf.MptConfig(n_layers=layers, d_model=hidden, n_heads=heads, vocab_size=vocabulary)
