"""The steps of alignment on a real model: forward, training, DPO, reward model, PPO, prefill and decoding.

A prepared step is a dict of phases, functions without arguments that are called in this order and may be called again.
Losses are the plain ones of :cite:`rafailov2023dpo,ouyang2022instructgpt,schulman2017ppo`; the data are random.
"""

import torch
from torch.nn.functional import cross_entropy, logsigmoid

from costlib.measuring import models
from costlib.measuring.adapters import adapt

BETA, CLIP, DISCOUNT, TRACE = 0.1, 0.2, 1.0, 0.95


class PreparedStep:
    """A step that is ready to run.

    `phases` are its parts by name, `trained` the models and optimizers whose tensors it holds.
    """

    def __init__(self, phases, trained=()):
        self.phases, self.trained = phases, trained

    def held(self):
        """Return the bytes of weights, gradients and moments of what trains; zeros where nothing does [bytes]."""
        found = [each for model, _ in self.trained for each in model.parameters()]
        moments = [state[name] for _, optimizer in self.trained for state in optimizer.state.values()
                   for name in ("exp_avg", "exp_avg_sq")]  # fmt: skip
        return tuple(_bytes(tensors) for tensors in (found, [p.grad for p in found if p.grad is not None], moments))


def _bytes(tensors):
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def prepared(job, device, dtype, attention="sdpa", seed=0):
    """Return the Step of a job.

    Parameters
    ----------
    job : costlib.measuring.jobs.StepJob
    device, dtype, attention : as :func:`costlib.measuring.models.build` takes them
    seed : of weights and data

    Examples
    --------
    >>> from costlib.measuring.jobs import StepJob
    >>> job = StepJob("train", "gpt2:layers=1,hidden_size=8,heads=2,vocabulary_size=32", 1, 8)
    >>> list(prepared(job, "cpu", torch.float32).phases)
    ['pass', 'update']
    """
    torch.manual_seed(seed)
    makers = {"matmul": _matmul, "copy": _copy, "forward": _forward, "train": _train, "dpo": _dpo, "rm": _rm,
              "ppo": _ppo, "prefill": _prefill, "decode": _decode}  # fmt: skip

    def build(scalar_head=False):
        return models.build(job.model, device, dtype, scalar_head, attention)

    def tokens(sequences, length):
        return models.tokens(job.model, sequences, length, device, seed)

    if job.step in ("matmul", "copy"):
        return makers[job.step](job, device, dtype)
    return makers[job.step](job, build, tokens)


# --- readings of the device -----------------------------------------------------------------------------------------


def _matmul(job, device, dtype):
    one, two = (torch.randn(job.tokens, job.tokens, device=device, dtype=dtype) for _ in range(2))
    return PreparedStep({"pass": lambda: one @ two})


def _copy(job, device, dtype):
    source = torch.ones(job.tokens, device=device, dtype=dtype)
    target = torch.empty_like(source)
    return PreparedStep({"pass": lambda: target.copy_(source)})


# --- one model ------------------------------------------------------------------------------------------------------


def _forward(job, build, tokens):
    model, ids = build().eval(), tokens(job.sequences, job.tokens)
    return PreparedStep({"pass": torch.no_grad()(lambda: _logits(model, ids))})


def _logits(model, ids, **more):
    # On the meta device a mask keeps the class from looking at values; elsewhere it would cost a kernel.
    mask = {"attention_mask": torch.ones_like(ids)} if ids.is_meta else {}
    return model(input_ids=ids, use_cache=False, **mask, **more).logits


def _trainable(model, job):
    """The model as it trains, and its optimizer; none on the meta device, where nothing is updated."""
    model.train()
    if job.lora_rank:
        adapt(model, job.lora_rank)
    if job.recompute == "full":
        enable = getattr(model, "activation_checkpointing_enable", None) or model.gradient_checkpointing_enable
        enable({"use_reentrant": False})
    device = next(model.parameters()).device
    if device.type == "meta":
        return model, None
    parameters = [p for p in model.parameters() if p.requires_grad]
    return model, torch.optim.AdamW(parameters, lr=1e-6, fused=device.type == "cuda")


def _pass(model, loss):
    def run():
        model.zero_grad(set_to_none=True)
        loss().backward()

    return run


def _update(optimizer):
    return optimizer.step if optimizer else lambda: None


def _train(job, build, tokens):
    model, optimizer = _trainable(build(), job)
    ids = tokens(job.sequences, job.tokens)
    loss = _pass(model, lambda: -_log_probabilities(_logits(model, ids), ids).mean())
    return PreparedStep({"pass": loss, "update": _update(optimizer)}, [(model, optimizer)])


def _log_probabilities(logits, ids):
    """Of each token but the first, sequences x (length - 1)."""
    flat = cross_entropy(logits[:, :-1].flatten(0, 1).float(), ids[:, 1:].flatten(), reduction="none")
    return -flat.view(len(ids), -1)


def _dpo(job, build, tokens):
    model, optimizer = _trainable(build(), job)
    ids = tokens(2 * job.sequences, job.tokens)
    reference = build().eval() if job.reference == "computed" else None
    cached = torch.zeros(2 * job.sequences, device=ids.device)

    @torch.no_grad()
    def referred():
        return _log_probabilities(_logits(reference, ids), ids).sum(1) if reference else cached

    def loss():
        gains = _log_probabilities(_logits(model, ids), ids).sum(1) - referred()
        chosen, rejected = gains.chunk(2)
        return -logsigmoid(BETA * (chosen - rejected)).mean()

    return PreparedStep({"pass": _pass(model, loss), "update": _update(optimizer)}, [(model, optimizer)])


def _rm(job, build, tokens):
    model, optimizer = _trainable(build(scalar_head=True), job)
    ids = tokens(2 * job.sequences, job.tokens)

    def loss():
        chosen, rejected = _logits(model, ids).float().chunk(2)
        return -logsigmoid(chosen - rejected).mean()

    return PreparedStep({"pass": _pass(model, loss), "update": _update(optimizer)}, [(model, optimizer)])


# --- generation -----------------------------------------------------------------------------------------------------


def _read(model, ids):
    """The cache of some prompts, and the logits of their last tokens alone."""
    mask = {"attention_mask": torch.ones_like(ids)} if ids.is_meta else {}
    return model(input_ids=ids, use_cache=True, logits_to_keep=1, **mask)


def _prefill(job, build, tokens):
    model, ids = build().eval(), tokens(job.sequences, job.tokens)
    return PreparedStep({"pass": torch.no_grad()(lambda: _read(model, ids))})


def _decode(job, build, tokens):
    model, ids = build().eval(), tokens(job.sequences, job.tokens + 1)
    with torch.no_grad():
        cache = _read(model, ids[:, :-1]).past_key_values

    @torch.no_grad()
    def step():
        _next(model, ids[:, -1:], cache)
        cache.crop(-1)

    return PreparedStep({"pass": step})


def _next(model, ids, cache):
    # The mask covers what is cached as well.
    seen = cache.get_seq_length() + 1
    mask = {"attention_mask": torch.ones(len(ids), seen, device=ids.device)} if ids.is_meta else {}
    return model(input_ids=ids, past_key_values=cache, use_cache=True, **mask)


def _ppo(job, build, tokens):
    """One iteration: the actor writes, four models score, actor and critic train once on all that was written."""
    actor, actor_optimizer = _trainable(build(), job)
    critic, critic_optimizer = _trainable(build(scalar_head=True), job)
    reference, reward = build().eval(), build(scalar_head=True).eval()
    prompts = tokens(job.sequences, job.tokens)
    answer = slice(job.tokens - 1, None)  # positions that predict the response
    kept = {}

    @torch.no_grad()
    def generate():
        if prompts.is_meta:  # counted step by step, see costlib.measuring.flops
            ids = tokens(job.sequences, job.tokens + job.response_tokens)
            kept.update(ids=ids, old=torch.zeros(job.sequences, job.response_tokens, device="meta"))
            return
        actor.eval()
        out = _read(actor, prompts)
        ids, old = [prompts], []
        for left in reversed(range(job.response_tokens)):
            logits = out.logits[:, -1].float()
            token = logits.argmax(-1, keepdim=True).clamp(max=logits.shape[-1] - 2)  # the last one pads
            ids.append(token)
            old.append(logits.log_softmax(-1).gather(1, token))
            if left:
                out = _next(actor, token, out.past_key_values)
        kept.update(ids=torch.cat(ids, 1), old=torch.cat(old, 1))

    @torch.no_grad()
    def score():
        ids, old = kept["ids"], kept["old"]
        known = _log_probabilities(_logits(reference, ids), ids)[:, answer]
        rewards = -BETA * (old - known)
        rewards[:, -1] += _logits(reward, ids)[:, 0].float()
        values = _values(critic, ids)[:, answer]
        kept.update(zip(("advantages", "returns"), _advantages(rewards, values), strict=True))

    def actor_loss():
        new = _log_probabilities(_logits(actor, kept["ids"]), kept["ids"])[:, answer]
        ratio = (new - kept["old"]).exp()
        gains = kept["advantages"]
        return -torch.minimum(ratio * gains, ratio.clamp(1 - CLIP, 1 + CLIP) * gains).mean()

    def critic_loss():
        return (_values(critic, kept["ids"])[:, answer] - kept["returns"]).square().mean()

    def train():
        actor.train()
        for model, loss, optimizer in ((actor, actor_loss, actor_optimizer), (critic, critic_loss, critic_optimizer)):
            _pass(model, loss)()
            _update(optimizer)()

    trained = [(actor, actor_optimizer), (critic, critic_optimizer)]
    return PreparedStep({"generate": generate, "score": score, "train": train}, trained)


def _values(critic, ids):
    """What the critic expects after each token but the last, sequences x (length - 1)."""
    mask = {"attention_mask": torch.ones_like(ids)} if ids.is_meta else {}
    hidden = critic.base_model(input_ids=ids, use_cache=False, **mask).last_hidden_state
    return critic.score(hidden)[:, :-1, 0].float()


def _advantages(rewards, values):
    """Generalised advantages of the tokens of a response, and the returns that the critic learns."""
    gain, gains = torch.zeros_like(values[:, 0]), []
    for at in reversed(range(values.shape[1])):
        later = values[:, at + 1] if at + 1 < values.shape[1] else 0
        gain = rewards[:, at] + DISCOUNT * later - values[:, at] + DISCOUNT * TRACE * gain
        gains.append(gain)
    advantages = torch.stack(gains[::-1], 1)
    return advantages, advantages + values
