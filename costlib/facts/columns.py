"""What every column of the tables of facts means, with its unit: the descriptions that go out with the data."""

from dataclasses import fields

from costlib.facts import catalog, claims, parameters

STATUS = ("primary", "secondary", "derived", "assumption", "from-memory")
RECORDS = catalog.TABLES | {"parameters": parameters.Parameter, "claims": claims.Claim}
ANY = {
    "name": "unique name of the row",
    "label": "name for readers",
    "source": "keys of references.bib, separated by ;",
    "locator": "where in the source: table, page, section or file",
    "status": "how the value reached this book: read in the source itself (primary), in a copy (secondary), computed "
    "from values of the source (derived), chosen (assumption), or not checked against a source (from-memory)",
    "note": "what else to know about the row",
    "model": "name of a row in models, empty where none fits",
    "gpu": "name of a row in gpus",
    "gpus": "number of GPUs",
    "gpu_hours": "GPU-hours that the run took",
    "gpu_hours_kind": "whether the GPU-hours are stated or computed",
    "unit": "unit of the values in this row",
    "value": "the value, in the unit of the row",
    "low": "lower end of its spread, in the unit of the row",
    "high": "upper end of its spread, in the unit of the row",
    "value_low": "lower value, in the unit of the row",
    "value_high": "upper value, in the unit of the row; the lower one again where one value is given",
    "parameters": "parameters of the model (count)",
    "parameters_active": "parameters that one token uses (count)",
    "layers": "layers of the transformer (count)",
    "hidden_size": "width of the model (values)",
    "heads": "attention heads (count)",
    "kv_heads": "heads of keys and values (count)",
    "head_size": "size of one attention head (values)",
    "ffn_size": "inner width of the MLP, one expert of a mixture (values)",
    "mlp_matrices": "matrices of the MLP: 3 with a gate, 2 without",
    "experts": "experts of a mixture; 1 where the model is none (count)",
    "experts_active": "experts that one token uses (count)",
    "shared_experts": "experts that every token uses (count)",
    "dense_layers": "first layers of a mixture that have an ordinary MLP (count)",
    "dense_ffn_size": "inner width of the MLP of those layers (values)",
    "vocabulary_size": "rows of the token embedding (count)",
    "position_embeddings": "rows of learned position embeddings; 0 where there are none (count)",
    "tied_embeddings": "1 if the output layer is the embedding, else 0",
    "attention_parameters": "parameters of the attention matrices of one layer, where not the ordinary ones (count)",
    "kv_values_per_layer": "values of one token kept in the cache of one layer, where not the ordinary ones (count)",
    "context_length": "longest context (tokens)",
    "bf16_dense_tflops": "dense peak in bf16 (TFLOP/s)",
    "fp8_dense_tflops": "dense peak in fp8 (TFLOP/s)",
    "best_matmul_tflops": "fastest matrix product measured in bf16 (TFLOP/s)",
    "flash_attention_share": "attention kernels of 2023 on this generation, share of the bf16 peak (none: 0.5 assumed)",
    "best_fp8_matmul_tflops": "fastest matrix product measured in fp8 (TFLOP/s)",
    "hbm_gb": "memory (GB, 1e9 bytes)",
    "hbm_bandwidth_gb_per_s": "bandwidth of the memory (GB/s, 1e9 bytes)",
    "link_gb_per_s": "bandwidth to the other GPUs of the node, one direction (GB/s, 1e9 bytes)",
    "network_gb_per_s": "network adapters of the vendor's node for each GPU, one direction (GB/s); none: 12.5 assumed",
    "tdp_w": "design power (W)",
    "provider": "who rents it out",
    "instance": "name of the instance",
    "gpus_per_instance": "GPUs of one instance (count)",
    "region": "region of the cloud",
    "usd_per_instance_hour": "price of an instance (USD per hour)",
    "usd_per_gpu_hour": "price of one GPU (USD per GPU-hour)",
    "valid_from": "first date of the price, as year, year-month or year-month-day; empty if not known",
    "valid_to": "last date of the price, in the same form; empty if still valid or not known",
    "usd_per_label_low": "lower price of one preference label (USD per label)",
    "usd_per_label_high": "upper price of one preference label (USD per label)",
    "year": "year of the price",
    "population": "who labels",
    "quality": "how good the evidence is",
    "fraction_low": "lower fee, as a share of what the workers get",
    "fraction_high": "upper fee, as a share of what the workers get",
    "tokens": "tokens of the run (count)",
    "who": "whose preferences are compared",
    "comparisons": "comparisons in the data set (count)",
    "tokens_low": "lower length (tokens)",
    "tokens_high": "upper length (tokens)",
    "stage": "stage of alignment",
    "critic": "name of the critic's row in models, empty where there is none",
    "examples": "examples, pairs or prompts of the stage (count)",
    "samples": "responses to each prompt (count)",
    "prompt_tokens": "mean length of a prompt (tokens)",
    "response_tokens": "mean length of a response (tokens)",
    "longest_tokens": "longest response (tokens)",
    "epochs": "passes over the data (count)",
    "batch": "sequences of one update (count)",
    "quantity": "what was published of the run: wall time or compute",
    "sequence_length": "length of a sequence (tokens)",
    "micro_batch": "sequences at a time on a GPU (count)",
    "zero": "stage of ZeRO sharding, 0 to 3",
    "recompute": "activations computed again in the backward pass: none or full",
    "tokens_per_s_per_gpu": "speed of training (tokens per second and GPU)",
    "tensor_parallel": "GPUs that share each layer (count)",
    "weight_bits": "bits of a weight",
    "kv_bits": "bits of a value in the cache",
    "sequences": "sequences generated at a time; empty where not stated (count)",
    "tokens_per_s": "speed of generation of the group of GPUs (tokens per second)",
    "what": "what was measured or stated",
    "setting": "arguments of costlib.compute.memory.Setup, and the parameters, tokens or memory of the case, as YAML",
    "audience": "kind of team",
    "parameter": "name of a row in parameters",
    "params": "parameters of the model, where its name does not say (count)",
    "method": "what was done: ZeRO stage, LoRA or QLoRA with rank and targets, checkpointing, inference",
    "n_gpus": "GPUs (count)",
    "batch_per_gpu": "sequences at a time on each GPU (count)",
    "seq_len": "length of a sequence, or the longest allowed (tokens)",
    "precision_optimizer": "precision and optimizer, as the report has them",
    "parallelism": "degrees of parallelism, such as DP64 or TP8 PP12",
    "other_inputs": "other inputs, as text: batch, lengths, layout, precision",
    "tp": "GPUs that share each layer (count)",
    "pp": "stages of a pipeline (count)",
    "weights": "format of the weights, such as bf16 or fp8",
    "kv_dtype": "format of the cache",
    "batch_or_concurrency": "sequences at a time, or the load in words",
    "input_len": "tokens of a prompt, or what is known of them",
    "output_len": "tokens of an answer",
    "engine": "software that generates",
    "metric": "what was measured",
    "params_b": "parameters of the model (billions)",
    "active_params_b": "parameters that one token uses (billions)",
    "tokens_b": "tokens of the run (billions)",
    "num_gpus": "GPUs (count)",
    "model_class": "class of the transformers library",
    "flops": "matrix products as PyTorch counted them (FLOP)",
    "reported_quantity": "mfu, tokens_per_s, gpu_hours, wall_hours, usd or pf_days",
    "value_norm": "the value, in the unit of unit_norm",
    "unit_norm": "unit of the value",
    "per": "what the value is of: run, step, or a number of tokens, prompts or steps",
    "reported_value": "the value as printed",
    "grade": "A all inputs known, B one assumed, C not predictable",
    "mfu_pct": "model FLOPs over the dense peak (percent)",
    "microbatch": "sequences at a time on each GPU (count)",
    "grad_accum": "micro-batches of one update (count)",
    "global_batch_seqs": "sequences of one update (count)",
    "precision": "precision of training",
    "sharding": "sharding of the states",
    "activation_ckpt": "True if activations are computed again",
    "num_params": "parameters of the model as counted by the source (count)",
}  # fmt: skip
OWN = {
    ("counted_steps", "step"): "forward, train, dpo, rm, generate or ppo",
    ("counted_steps", "variant"): "plain, recompute (activations computed again) or lora16 (adapters of rank 16)",
    ("counted_steps", "tokens"): "tokens of each sequence, of the prompt where responses are written (tokens)",
    ("counted_steps", "sequences"): "sequences, pairs for dpo and rm (count)",
    **{(f"measured_{kind}", "model"): "model, as the report names it"
       for kind in ("memory", "inference", "runs", "throughput")},
    **{(f"measured_{kind}", "gpu"): "GPU, as the report names it"
       for kind in ("memory", "inference", "runs", "throughput")},
    ("measured_ratios", "what"): "generation share, stage over SFT, or same job twice (larger over smaller)",
    ("measured_ratios", "ours"): "rows of measured_runs from which the model's ratio follows, two separated by /",
    ("measured_misses", "rows"): "how the names of the rows begin; the longest beginning that fits counts",
    ("measured_misses", "reason"): "why the model is far off there, as far as is known",
    ("measured_memory", "kind"): "measured, analytical (a rule), stated or estimated",
    ("measured_memory", "quantity"): "what the value is the size of",
    ("measured_memory", "recompute"): "activations computed again, in words",
    ("gpu_prices", "kind"): "on-demand, reserved (with its term), spot or capacity-block",
    ("label_prices", "kind"): "human-crowd, human-vendor, human-expert, human-demonstration, ai-judge, fee, or "
    "document for a price that an examined document gives",
    ("landscape", "map"): "map that the cell is part of: prices, sizes, pairs, ends (of one parameter), or all",
    ("landscape", "model"): "model that is aligned, as a name in models; empty where all are in the cell",
    ("landscape", "parameter"): "parameter whose range has this end; empty in the maps",
    ("landscape", "points"): "points of the sweep in the cell (count)",
    **{("landscape", f"{axis}_{end}"): f"{end} edge of the cell along {axis}: {what}" for end in ("low", "high")
       for axis, what in (("x", "USD/GPU-h, in sizes tokens, in pairs pairs, in ends the unit of the parameter"),
                          ("y", "USD/pair"))},
    **{("landscape", f"{way}_{kind}{times}"): f"points where people cost at least {times} times {what}{how} (count)"
       for way, what in (("own", "the model itself"), ("judge", "a hosted judge"))
       for kind, how in (("", ", every line counted"), ("label_", ", candidates and labels alone"))
       for times in (1, 3, 10)},
    ("earned", "name"): "group of predictions",
    ("earned", "factor"): "factor within which that share of the measured values lies of the predicted ones (ratio)",
    ("earned", "share"): "share of the rows (fraction)",
    ("earned", "rows"): "rows of other sources than those to which coefficients were fitted (count)",
    ("audiences", "value"): "value of the parameter, as text",
    ("parameters", "name"): "unique name of the parameter",
    ("parameters", "type"): "type of the parameter in Python",
    ("parameters", "unit"): "unit of the parameter; - for none",
    ("parameters", "meaning"): "what it is",
    ("parameters", "default"): "published value, as text",
    ("parameters", "minimum"): "lowest allowed value, in the unit of the row",
    ("parameters", "maximum"): "highest allowed value, in the unit of the row",
    ("parameters", "choices"): "allowed values, separated by |, or the table whose names are allowed",
    ("parameters", "group"): "group on the page of parameters",
    ("parameters", "low"): "lower end of its uncertainty, in the unit of the row; empty for a choice",
    ("parameters", "high"): "upper end of its uncertainty, in the unit of the row; empty for a choice",
    ("parameters", "shape"): "distribution, triangular with its mode at the default; empty for a choice",
    ("parameters", "range_source"): "keys of references.bib for the range, separated by ;",
    ("claims", "id"): "identifier of the statement, never used again for another",
    ("claims", "document"): "document that makes the statement",
    ("claims", "section"): "section of the document",
    ("claims", "statement"): "the statement, in the words of this book",
    ("claims", "published"): "number that the document prints, the lower one of a range, in the unit of the row",
    ("claims", "published_high"): "upper number of a range, in the unit of the row",
    ("claims", "unit"): "unit of the numbers",
    ("claims", "precision"): "unit of the last printed digit",
    ("claims", "printed"): "the number exactly as printed",
    ("claims", "chapter"): "chapter that examines it",
    ("claims", "verdict"): "what the examination found: " + "; ".join(f"{k}: {v}" for k, v in claims.VERDICTS.items()),
    ("claims", "recomputed"): "what this book gets, in words",
    ("claims", "reason"): "reason for the verdict",
    ("history", "id"): "claim, number of a chapter (chapter/key) or value of a table (table/row/column) that changed",
    ("history", "what"): "what changed: verdict, published or recomputed of a claim, or a value",
    ("history", "until"): "last released version with the old value",
    ("history", "version"): "first released version with the new value",
    ("history", "old"): "the value before",
    ("history", "new"): "the value since",
    ("history", "reason"): "why it changed",
}  # fmt: skip
ALLOWED = {
    "status": STATUS,
    ("claims", "verdict"): tuple(claims.VERDICTS),
    ("claims", "document"): ("article", "course"),
    ("parameters", "type"): tuple(parameters.TYPES),
    ("parameters", "shape"): ("uniform", "loguniform", "triangular"),
    ("landscape", "map"): ("all", "prices", "sizes", "pairs", "ends"),
    ("history", "what"): ("verdict", "published", "recomputed", "value"),
    ("training_throughput", "recompute"): ("none", "full"),
    ("models", "mlp_matrices"): (2, 3),
    ("models", "tied_embeddings"): (0, 1),
}
REQUIRED = {"id", "name", "locator", "status", "verdict", "statement", "reason", "document", "chapter", "meaning",
            "type", "default", "what", "until", "version"}  # fmt: skip
REFERENCES = {"gpu": "gpus", "model": "models", "critic": "models", "parameter": "parameters"}


def schema(kind):
    """Return the table schema of one table of facts: types, descriptions, constraints, keys.

    Parameters
    ----------
    kind : name of its file without .csv

    Raises
    ------
    KeyError : for a column without a description

    >>> next(field["description"] for field in schema("gpus")["fields"] if field["name"] == "hbm_gb")
    'memory (GB, 1e9 bytes)'
    """
    described = [_field(kind, field) for field in fields(RECORDS[kind])]
    keys = [_reference(field["name"]) for field in described
            if field["name"] in REFERENCES and not kind.startswith("measured_")]  # fmt: skip
    found = {"fields": described, "primaryKey": described[0]["name"], "missingValues": [""]}
    return found | ({"foreignKeys": keys} if keys else {})


def _field(kind, field):
    name = field.name
    number = field.type in (float, float | None)
    described = {"name": name, "type": "number" if number else "string"}
    described["description"] = OWN.get((kind, name)) or ANY[name]
    constraints = {"required": True, "unique": True} if name == fields(RECORDS[kind])[0].name else {}
    if name in REQUIRED or (name == "source" and kind != "claims"):
        constraints["required"] = True
    if allowed := ALLOWED.get((kind, name)) or ALLOWED.get(name):
        constraints["enum"] = list(allowed)
    return described | ({"constraints": constraints} if constraints else {})


def _reference(name):
    return {"fields": name, "reference": {"resource": REFERENCES[name], "fields": "name"}}
