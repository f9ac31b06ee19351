"""From standard terms to options: batches to sequences at a time, steps to examples, nodes to GPUs, types to bytes."""

import re
from collections.abc import Callable, Mapping
from math import prod
from typing import Any, NamedTuple

from costlib.base.text import number
from costlib.compute import engines, models, plan
from costlib.facts import catalog

LARGEST = 1e15  # of a count
LONGEST = 200  # letters of a model's name
SHARDING = ("deepspeed", "fsdp", "megatron")  # keep a master copy of the weights in 32 bits
DIRECT = ("critic_model", "reward_model", "samples", "ppo_epochs", "epochs", "recompute", "zero", "attention_kernel",
          "engine", "variant", "logits", "precision", "weight_bits", "kv_bits", "rollout_tensor_parallel")  # fmt: skip
SPLIT = ("tensor_parallel", "pipeline_parallel", "context_parallel", "expert_parallel")  # 1 is none
MODELS = ("model", "critic_model", "reward_model")
FLAGS = ("cached_reference", "offload_frozen", "partial_rollouts")
SEVERAL = 4  # sequences at a time, from which on their number changes the time little
UNPAIRED = "kto"  # learns from single examples
WORDS = {"yes": True, "no": False}


class Found(NamedTuple):
    """What a term stands at: the key that says it, as it is written, and whether the framework's default does."""

    value: Any
    key: str
    written: str
    why: str = ""
    default: bool = False


class Setting(NamedTuple):
    """The value of an option, None for none, and the terms that it comes from."""

    value: Any
    terms: tuple[str, ...] = ()


NOTHING = Setting(None)


class Settling:
    """The options of a job by the terms that files say; GPUs and lengths that are given count before theirs.

    >>> said = {name: Found(value, name, "") for name, value in
    ...         {"micro_batch": 4, "accumulation": 2, "steps": 100, "gpus": 8}.items()}
    >>> found = Settling("dpo", said, {}).options()
    >>> found["micro_batch"].value, found["examples"]
    (8, Setting(value=6400.0, terms=('steps', 'micro_batch', 'accumulation')))
    """

    def __init__(self, stage: str | None, terms: Mapping[str, Found], given: Mapping[str, Any]) -> None:
        self.stage, self.terms, self.given = stage, terms, given
        self.turns = stage in plan.TAKES_TURNS
        self.group = _above_0(given.get("samples", self.value("samples"))) or (8 if stage == "grpo" else 1)
        self.gpus = _above_0(given.get("gpus", self._gpus().value))
        self.writers = _above_0(given.get("rollout_gpus", self._rollout_gpus().value))
        shared = prod(_above_0(given.get(name, self.value(name))) or 1 for name in SPLIT if name != "expert_parallel")
        self.replicas = None if self.gpus is None else (self.gpus - (self.writers or 0)) / shared

    def value(self, term: str) -> Any:
        """Return the value of a term, None where nothing says it."""
        found = self.terms.get(term)
        return None if found is None else found.value

    def options(self) -> dict[str, Setting]:
        """Return what the terms set, by option."""
        return {
            name: Setting(each.value, tuple(dict.fromkeys(term for term in each.terms if term in self.terms)))
            for name, each in self._settings().items()
            if each.value is not None
        }

    def hang_on(self, term: str) -> tuple[str, ...]:
        """Return the options that a term has a part in, also where nothing that can be read says it."""
        return tuple(name for name, each in self._settings().items() if term in each.terms)

    def _settings(self) -> dict[str, Setting]:
        found = {name: Setting(self.value(name), (name,)) for name in DIRECT}
        found |= {name: Setting({"yes": True}.get(self.value(name)), (name,)) for name in FLAGS}
        found |= {name: Setting(None if self.value(name) == 1 else self.value(name), (name,)) for name in SPLIT}
        found |= {name: Setting(WORDS.get(self.value(name)), (name,)) for name in ("reference", "score_again")}
        found |= {name: Setting(_model(self.value(name)), (name,)) for name in MODELS}
        rules: dict[str, Callable[[], Setting]] = {
            "gpus": self._gpus, "recipe": self._recipe, "offload": self._offload, "micro_batch": self._micro_batch,
            "generation_batch": self._generation_batch, "examples": self._examples, "reward": self._reward,
            "rollout_gpus": self._rollout_gpus, "staleness": self._staleness, "longest_tokens": self._longest_tokens,
        }  # fmt: skip
        found |= {name: rule() for name, rule in rules.items()} | self._adapters()
        if set(found["examples"].terms) & {"steps", "episode_prompts", "episode_responses"}:
            found["epochs"] = NOTHING  # the run is counted to its end
        return found

    def _gpus(self) -> Setting:
        nodes, each = self.value("nodes"), self.value("gpus_per_node")
        own = nodes * each if nodes and each else self.value("gpus") or (each if nodes in (None, 1) else None)
        if own is None:
            return NOTHING
        terms = ("nodes", "gpus_per_node", "colocated") if (nodes and each) or not self.value("gpus") else ("gpus",)
        if self.value("rollout_of_all"):
            return Setting(own, terms)
        more = self._rollout_gpus()
        return Setting(own + (more.value or 0), (*terms, *more.terms))

    def _rollout_gpus(self) -> Setting:
        """GPUs that write alone, as files count them: whole nodes, beside those that learn, or among all."""
        if among := self.value("rollout_of_all"):
            return Setting(among, ("rollout_of_all",))
        if nodes := self.value("rollout_nodes"):
            more = nodes * (self.value("rollout_replicas") or 1) * (self.value("gpus_per_node") or 8)
            return Setting(more, ("rollout_nodes", "rollout_replicas"))
        more = None if self.value("colocated") == "yes" else self.value("rollout_gpus")
        return Setting(more or None, ("rollout_gpus", "colocated"))

    def _staleness(self) -> Setting:
        """Steps ahead, which only pools apart can be."""
        return Setting(self.value("staleness") or None if self.writers else None, ("staleness",))

    def _reward(self) -> Setting:
        """A rule where the file says so, or has no reward model where PPO would take one."""
        ruled = self.value("reward_rule") == "yes" or (self.turns and self.value("reward") == "no")
        return Setting("rule" if ruled else None, ("reward_rule", "reward"))

    def _adapters(self) -> dict[str, Setting]:
        rank = self.value("lora_rank")
        if self.value("lora") == "no" or rank is None:
            return {"lora_rank": Setting(None, ("lora",))}
        targets = "all" if self.value("lora_mlp") == "yes" else self.value("lora_targets")
        return {"lora_rank": Setting(rank, ("lora", "lora_rank")),
                "lora_targets": Setting(targets, ("lora_targets", "lora_mlp")),
                "base_bits": Setting(self.value("base_bits"), ("base_bits",))}  # fmt: skip

    def _recipe(self) -> Setting:
        """Bytes of a trained parameter: 8-bit moments, or moments in the type of weights that nothing shards."""
        if self.value("in_backward") == "yes":
            return Setting(f"in-backward-{4 if self.value('optimizer') == 8 else 6}", ("in_backward", "optimizer"))
        if self.value("optimizer") == 8:
            return Setting("adam8bit-10", ("optimizer",))
        if self.value("gradients") == 32:
            return Setting("mixed-18", ("gradients", "optimizer"))
        if not {"weights", "optimizer", "sharding"} & self.terms.keys():
            return Setting(None, ("weights", "optimizer", "gradients"))
        alone = self.value("sharding") not in SHARDING and self.value("lora") != "yes"
        found = "bf16-8" if self.value("weights") == 16 and alone else "mixed-16"
        return Setting(found, ("weights", "optimizer", "sharding"))

    def _offload(self) -> Setting:
        found = "all" if self.value("offload_weights") == "yes" else (
            "optimizer" if self.value("offload_optimizer") == "yes" else
            "activations" if self.value("offload_activations") == "yes" else None)  # fmt: skip
        states = ("offload_weights", "offload_optimizer")
        return Setting(found, ("offload_activations",) if found == "activations" else states)

    # --- batches and data ---------------------------------------------------------------------------------------------

    def _batch(self, rounds: str = "accumulation") -> Setting:
        """Sequences, pairs or responses of one optimizer step, or of one round of generation."""
        if self.value("batch_sequences"):
            return Setting(self.value("batch_sequences"), ("batch_sequences",))
        parts = self.value("micro_batch"), self.value(rounds), self.replicas
        product = None if None in parts else parts[0] * parts[1] * parts[2]
        return Setting(product, ("micro_batch", rounds))

    def _prompts(self) -> Setting:
        """Prompts of one round of generation: of methods that throw groups away, as many as fill a batch."""
        learned = self._learned()
        kept = self.given.get("kept_share") or (_kept(self.value("variant")) if learned.value else 1)
        if learned.value is None or kept == 1:
            return learned
        return Setting(learned.value / float(kept), (*learned.terms, "variant"))

    def _learned(self) -> Setting:
        """Prompts of one round whose answers are learned from."""
        if self.value("step_prompts"):
            return Setting(self.value("step_prompts"), ("step_prompts",))
        if (each := self.value("batch_of_a_gpu")) is not None:
            return Setting(None if self.gpus is None else each * self.gpus, ("batch_of_a_gpu",))
        together = Setting(self.value("step_sequences"), ("step_sequences",))
        if not together.value:
            together = self._batch("rounds" if self.value("rounds") else "accumulation")
        prompts = None if together.value is None else max(1, together.value / self.group)
        return Setting(prompts, (*together.terms, "samples"))

    def _generation_batch(self) -> Setting:
        prompts = self._prompts() if self.turns else NOTHING
        batch = None if prompts.value is None else max(1, round(prompts.value * self.group))
        return Setting(batch, (*prompts.terms, "samples"))

    def _examples(self) -> Setting:
        """Examples of the run, where the file holds them: rows, or steps of a batch, which beat epochs."""
        if (prompts := self.value("episode_prompts")) is not None:
            return Setting(prompts, ("episode_prompts",))
        if (responses := self.value("episode_responses")) is not None:
            return Setting(responses / self.group, ("episode_responses", "samples"))
        step = self._prompts() if self.turns else self._batch()
        if self.turns and self.value("rounds"):  # of one round of generation several steps learn
            learned = self._batch()
            share = None if learned.value is None else learned.value / self.group
            step = Setting(share, (*learned.terms, "samples"))
        each = step.value if self.turns else self._unpacked(step.value)
        for name in ("steps", "steps_an_epoch"):
            if self.value(name) is not None and each is not None:
                return Setting(self.value(name) * each, (name, *step.terms))
        return Setting(self.value("rows"), ("rows",))

    def _longest_tokens(self) -> Setting:
        """The longest answer that is allowed, where the usual one would be longer."""
        said, mean = self.terms.get("longest_response"), number(str(self.given.get("response_tokens")))
        engine = self.given.get("engine", self.value("engine"))
        waits = self.turns and (engine is None or engines.find(engine).batching == "continuous")
        if not waits or said is None or said.default or mean is None or not said.value:
            return NOTHING
        short = mean <= said.value < mean * catalog.assumption("longest-over-mean")
        return Setting(said.value if short else None, ("longest_response",))

    def _held(self, tokens: float) -> int | None:
        """Sequences in a budget of tokens: of the longest, for which there must be room, where these are several."""
        mean, answer = self._length(), number(str(self.given.get("response_tokens")))
        if mean is None or answer is None:
            return None
        longest = number(str(self.given.get("longest_tokens"))) or self._longest_tokens().value
        most = mean - answer + (longest or answer * catalog.assumption("longest-over-mean"))
        return int(tokens // (most if self.turns and tokens // most >= SEVERAL else mean))

    def _length(self) -> float | None:
        """Mean tokens of a sequence, where both parts are given as numbers."""
        parts = [number(str(self.given.get(name))) for name in ("prompt_tokens", "response_tokens")]
        return None if None in parts else _above_0(sum(each or 0 for each in parts))

    def _unpacked(self, rows: Any) -> Any:
        """Sequences in rows that are packed to the longest length; as many as rows where nothing is packed."""
        longest, length = self.value("longest"), self._length()
        packed = self.value("packing") == "yes" and longest and length
        return rows if rows is None or not packed else rows * max(1, longest / length)

    def _micro_batch(self) -> Setting:
        """Sequences at a time, a pair being two; of packed rows, and of a budget of tokens, what they hold."""
        each = 2 if self.stage in plan.PAIRED and self.value("variant") != UNPAIRED else 1
        if (tokens := self.value("micro_tokens")) is not None:
            held = self._held(tokens * (self.value("context_parallel") or 1))  # the budget is that of each GPU
            return Setting(None if held is None else max(each, held), ("micro_tokens", "dynamic"))
        if (together := self.value("micro_batch_of_all")) is not None:
            found = None if self.gpus is None else max(each, int(together * each // self.gpus))
            return Setting(found, ("micro_batch_of_all",))
        rows = self._unpacked(self.value("micro_batch"))
        packs = ("packing", "longest") if self.value("packing") == "yes" else ()
        return Setting(None if rows is None else int(rows * each), ("micro_batch", *packs))


def _above_0(value: Any) -> float | None:
    """A number, also as a text, that can divide; what is wrong with others says the check of options."""
    parsed = value if isinstance(value, (int, float)) else number(str(value))
    return parsed if parsed is not None and 0 < parsed < LARGEST else None


def _kept(variant: Any) -> float:
    """The share of what is written that a variant keeps."""
    rows = catalog.table("variants")
    return rows[variant].kept_share if variant in rows else 1


def _model(text: Any) -> str | None:
    """The name that a model of a file is known by here, also of a folder that has its name."""
    for each in () if text is None else (str(text), re.split(r"[/\\]", str(text).rstrip("/\\"))[-1]):
        try:
            return models.find(each).name if len(each) <= LONGEST else None
        except (ValueError, OSError):  # a name that no system takes is none of a file
            continue
    return None
