"""What `import costlib` offers: one function for each question, with the names and units of the command's options."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costlib.base import fmt
from costlib.base._arrays import count, is_array
from costlib.base.display import Records
from costlib.base.extras import need
from costlib.base.text import brief, shown

if TYPE_CHECKING:
    from costlib.face.answer import Answer
    from costlib.face.configuration_read import ConfigurationRead
    from costlib.face.methods_compared import Methods
    from costlib.face.model_read import ModelRead
    from costlib.face.priced import Priced
    from costlib.face.recommended import Recommended
    from costlib.face.swept import Swept
    from costlib.face.validated import Validated
    from costlib.facts.prices import Prices

File = str | Path
MOST_HERE = 1_000_000  # points of a sweep without a folder


def estimate(stage: str, *, model: str | None = None, gpu: str | None = None, gpus: float | None = None,
             examples: float | None = None, pairs: float | None = None, prompts: float | None = None,
             prompt_tokens: float | None = None, response_tokens: float | None = None, hardware: File | None = None,
             prices: File | None = None, fetch: bool = False, **options: Any) -> "Answer":  # fmt: skip
    """Return FLOPs, hours, dollars and memory of one stage.

    Parameters
    ----------
    stage : "sft", "rm", "dpo", "ppo", "grpo" or "generate"
    model : as :func:`model` takes it
    gpu : name of :func:`gpus` in any usual spelling, or that of `hardware`
    gpus : how many [GPUs]
    examples : examples of sft, pairs of rm and dpo, prompts of ppo, grpo and generate [-]
    pairs, prompts : the same by their own names
    prompt_tokens, response_tokens : mean lengths [tokens]
    hardware : file of `costlib calibrate`, whose GPU and coefficients are used
    prices : file of `costlib prices --import`, whose prices are used instead of the book's
    fetch : True asks the hub for configurations of models that are not on this machine
    options : the others of `costlib estimate`, as :func:`costlib.compute.job.estimate` lists them: recompute="full"

    Raises
    ------
    ValueError : for unknown names, with the nearest ones, what is missing, values out of range, and options that the
        stage does not use

    Examples
    --------
    >>> answer = estimate("ppo", model="llama-2-7b", gpu="a100-sxm-80gb", gpus=8, prompts=1000, prompt_tokens=256,
    ...                   response_tokens=256, recompute="full")
    >>> answer.fits, answer.min_gpus <= 8
    (True, True)
    """
    from costlib.compute import job
    from costlib.compute import models as models_known
    from costlib.face.answer import Answer
    from costlib.facts import hardware as machines
    from costlib.facts import options as described

    own = machines.read(hardware)
    if own is not None and gpu is None:
        gpu = own.gpu["name"]
    counted = _counted(stage, examples=examples, pairs=pairs, prompts=prompts)
    more = described.named(options) | {"prices": _prices(prices)}
    for each in (model, more.get("critic_model"), more.get("reward_model")) if fetch else ():
        if each is not None:
            models_known.find(each, fetch)
    return Answer(job.job(stage, model, gpu, gpus, counted, prompt_tokens, response_tokens, hardware=own, **more))


def job_from(path: File | Sequence[File], *, framework: str | None = None, stage: str | None = None,
             hardware: File | None = None, prices: File | None = None,
             **options: Any) -> "ConfigurationRead":  # fmt: skip
    """Return the job that a training configuration describes: which keys are used, assumed, ignored, what is missing.

    Parameters
    ----------
    path : file of TRL, axolotl, LLaMA-Factory, torchtune, OpenRLHF, verl, NeMo RL, open-instruct, prime-rl or slime:
        YAML, TOML or a launch script, which is never run; or several that belong together
    framework : by its name, where the file does not say it
    stage : as for :func:`estimate`, where the file does not say it
    hardware, prices : files, as for :func:`estimate`
    options : of :func:`estimate`, over those of the file: gpu="h100-sxm-80gb", examples=10_000

    Raises
    ------
    ValueError : for a file that cannot be read, and where no framework or several fit

    Examples
    --------
    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp(), "qwen.yml")
    >>> _ = file.write_text("base_model: Qwen/Qwen2.5-7B\\nmicro_batch_size: 2\\nsequence_len: 4096\\n")
    >>> read = job_from(file, gpu="h100-sxm-80gb", gpus=8)
    >>> read.framework, read.stage, read.options["micro_batch"], read.missing
    ('axolotl', 'sft', 2, ('examples', 'prompt_tokens', 'response_tokens'))
    """
    from costlib.face.configuration_read import ConfigurationRead
    from costlib.facts import hardware as machines

    own = machines.read(hardware)
    counts = {name: options.pop(name, None) for name in ("examples", "pairs", "prompts")}
    given = {name: value for name, value in counts.items() if value is not None}
    if len(given) > 1:
        raise ValueError(f"give {' or '.join(given)}, not both")
    options |= {"examples": next(iter(given.values()))} if given else {}
    options |= {"gpu": own.gpu["name"]} if own is not None and options.get("gpu") is None else {}
    paths = [path] if isinstance(path, str | Path) else path
    if not isinstance(paths, Sequence) or not all(isinstance(each, str | Path) for each in paths):
        raise ValueError(f"path must be a file or several, got {shown(path)}")
    return ConfigurationRead(paths, framework, stage, options, own, _prices(prices))


def compare(scenario: File | Mapping[str, Any] | None = None, *, draws: int | None = None, prices: File | None = None,
            **inputs: Any) -> "Methods":  # fmt: skip
    """Return every method of alignment side by side, with 90 % intervals.

    Parameters
    ----------
    scenario : YAML file of inputs, or a mapping of them by name; None for the published ones
    draws : of the uncertain inputs that are not given, at least 20; None for as many as everywhere in the book
    prices : file of `costlib prices --import`, whose price of the scenario's GPU is used, unless one is given
    inputs : inputs by their names, over those of the scenario, as `costlib params` lists them

    Raises
    ------
    ValueError : for unknown names, with the nearest ones, and values out of range

    Examples
    --------
    >>> found = compare(human_usd_per_pair=1.5, draws=100)
    >>> [each.method.name for each in found if each.ratio > 1]
    ['published', 'self-rewarding', 'rlaif', 'hybrid', 'constitutional', 'targeted', 'hosted']
    """
    from costlib.economics import comparison, scenarios, uncertainty, unread
    from costlib.face.methods_compared import Methods
    from costlib.facts import parameters

    values = _content(scenario) | inputs
    if many := [name for name, value in values.items() if is_array(value)]:
        raise ValueError(f"{many[0]} must be one value, got an array; costlib.sweep takes many")
    table = _prices(prices)
    if table and scenarios.PRICE in values:
        raise ValueError(f"prices mean nothing with {scenarios.PRICE}, which takes their place; give one of them")
    complete = scenarios.complete(values, table=table)
    # What is given on purpose is not drawn.
    given = {name: complete[name] for name in values}
    fixed = scenarios.held(given, table)
    count = uncertainty.enough(uncertainty.DRAWS if draws is None else draws)
    told = {name: str(values[name]) for name in values if parameters.vocabulary()[name].kind}
    found, price = comparison.compared(complete, count, fixed), scenarios.price_held(values, table)
    before = comparison.before_counts(complete, count, fixed)
    left = unread.unread(given, table=table)
    return Methods(found, count, complete, price, told, scenarios.rests_on(given, complete), before, left)


def recommend(*, draws: int | None = None, **answers: Any) -> "Recommended":
    """Return one recommendation for a reader's answers: method, budget, runner-up, what flips it, what is forbidden.

    Methods are ranked by the dollars of the whole of each; which gives the better model is not claimed.

    Parameters
    ----------
    draws : of the uncertain inputs that are not given, at least 20; None for as many as everywhere in the book
    answers : as :func:`costlib.economics.recommendation.scenario` takes them: model, pairs (a number or "unknown"),
        gpu, gpus, judges, task, experts, people_only, data_stays, teacher, budget [USD], deadline [days]; and any input
        of `costlib params` by its name

    Raises
    ------
    ValueError : for unknown names, values out of range, and answers that contradict each other

    Examples
    --------
    >>> found = recommend(model="8b", pairs=20_000, people_only=True, draws=100)
    >>> found.method, found.scenario["labels_by"]
    ('human-dpo', 'people')
    """
    from costlib.economics import recommendation, uncertainty, unread
    from costlib.face.recommended import Recommended
    from costlib.facts import parameters

    count = uncertainty.enough(uncertainty.DRAWS if draws is None else draws)
    if many := [name for name, value in answers.items() if is_array(value)]:
        raise ValueError(f"{many[0]} must be one value, got an array")
    given = recommendation.scenario(**answers)
    unknown = answers.get("pairs") == recommendation.UNKNOWN
    words = {"policy_model": "model", "cluster_gpu": "gpu", "teacher_model": "teacher"}
    told = {name: answers.get(name, answers.get(word)) for name, word in words.items() if name in given}
    told = {name: text for name, text in told.items() if text is not None}
    named = parameters.vocabulary().keys() & answers.keys() - {"gpu"}  # that answer is another input
    left = [name for name in unread.unread(given) if name in named]
    return Recommended(recommendation.recommend(given, count, unknown), count, told, left)


def validate(table: File | None = None, *, hardware: File | None = None) -> "Validated":
    """Return predictions of published measurements, or of those in a CSV table of one of the seven kinds.

    Parameters
    ----------
    table : file of measurements; None for the book's own
    hardware : file of `costlib calibrate`, for measurements of that machine

    Raises
    ------
    ValueError : for a table whose header fits no kind
    """
    from costlib import validation
    from costlib.base.files import read_text
    from costlib.compute import coefficients
    from costlib.face.validated import Validated
    from costlib.facts import hardware as machines
    from costlib.validation.tables import read

    if table is None:
        if hardware:
            raise ValueError("hardware goes with a file of measurements; the book's own are of other machines")
        return Validated(validation.own())
    known = coefficients.of(machines.read(hardware))
    return Validated(validation.predict(read(read_text(table)), coefficients=known))


def sweep(content: File | Mapping[str, Any], out: File | None = None, *, workers: int = 2, scheduler: str | None = None,
          rows: bool = True, resume: bool = False) -> "Swept":  # fmt: skip
    """Return the outputs of many scenarios, up to billions.

    Parameters
    ----------
    content : YAML file of a sweep, or a mapping with its keys: vary, outputs, design, points, fixed ...
    out : folder for rows and summary; None computes up to a million points here, without workers
    workers : processes to start on this machine; a script that starts them needs `if __name__ == "__main__":`
    scheduler : address of a Dask scheduler that runs, in place of these
    rows : False keeps the summary alone
    resume : compute only what an earlier run into the folder left

    Raises
    ------
    ValueError : for unknown keys, inputs or outputs, and values out of range
    MissingExtraError : without the packages of the extra sweep

    Examples
    --------
    >>> found = sweep({"vary": {"epochs": [1, 2, 3]}, "outputs": ["rlaif.usd"]})
    >>> list(found.to_frame().columns), found.to_dict()[0]["points"]
    (['point', 'epochs', 'rlaif.usd'], 3)
    """
    need("sweep", "a sweep")
    from costlib.face.swept import Swept
    from costlib.sweeping import plan, run, summary, work

    checked = plan.read(_content(content))
    workers = count("workers", workers, "processes")
    if out is not None and not isinstance(out, str | Path):
        raise ValueError(f"out must be a folder, got {shown(out)}")
    if out is not None:
        inputs = () if isinstance(content, Mapping) else (content,)
        return Swept(checked, run.run(checked, out, workers, scheduler, rows, resume, inputs=inputs), Path(out))
    if checked.points > MOST_HERE:
        raise ValueError(f"{checked.points:,} points need a folder: give out; without it, at most {MOST_HERE:,}")
    found = summary.SweepSummary(checked.as_json())
    for number in range(checked.chunks):
        found.merge(number, work.chunk(checked.as_json(), number))
    return Swept(checked, found)


def claims(text: str = "") -> Records[Any]:
    """Return the claims ledger: what the documents state, and our verdict.

    Parameters
    ----------
    text : only those with this in their id or statement, in any case

    Examples
    --------
    >>> claims("B066")[0].verdict
    'reproduced'
    """
    from costlib.facts import claims as ledger

    columns = {
        "claim": lambda c: c.id,
        "statement": lambda c: c.statement,
        "published": lambda c: c.printed,
        "verdict": lambda c: c.verdict,
        "chapter": lambda c: c.chapter,
    }
    found = Records(ledger.ledger().values(), columns, ("claim", "statement", "verdict"), searched=("id", "statement"))
    return found.filter(text)


def models(text: str = "") -> Records[Any]:
    """Return the models that are known by name.

    Parameters
    ----------
    text : only those with this in their name or label, in any case

    Examples
    --------
    >>> [model.name for model in models("llama-2")]
    ['llama-2-70b', 'llama-2-7b', 'llama-2-13b', 'llama-2-34b']
    """
    from costlib.facts import catalog, schema

    columns = {
        "model": lambda m: m.name,
        "label": lambda m: m.label,
        "parameters [1e9]": lambda m: fmt.number(m.parameters / 1e9, 2),
        "active [1e9]": lambda m: fmt.number(m.parameters_active / 1e9, 2),
        "layers": lambda m: _count(m.layers),
        "hidden size": lambda m: _count(m.hidden_size),
        "heads": lambda m: _count(m.heads),
        "KV heads": lambda m: _count(m.kv_heads),
        "vocabulary": lambda m: _count(m.vocabulary_size),
        "context [tokens]": lambda m: _count(m.context_length),
    }
    keys = ("model", "parameters [1e9]", "active [1e9]", "context [tokens]")
    return Records(catalog.table("models").values(), columns, keys, units=schema.units("models")).filter(text)


def model(name_or_path: File, *, fetch: bool = False) -> "ModelRead":
    """Return one model: its parameters, FLOPs, cache and adapters, what is left out, and where it was read.

    Parameters
    ----------
    name_or_path : name of :func:`models` in any usual spelling, a config.json or a folder with one, a Hugging Face id,
        or one of these with dimensions behind it: "llama-3.1-8b:layers=24"
    fetch : True asks the hub for a model that is not on this machine

    Raises
    ------
    ValueError : as :func:`costlib.compute.models.find`

    Examples
    --------
    >>> found = model("meta-llama/Llama-3.1-8B-Instruct")
    >>> found.name, found.to_dict()["kv_bytes_per_token"]
    ('llama-3.1-8b', 131072)
    """
    from costlib.compute import models as known
    from costlib.face.model_read import ModelRead

    return ModelRead(known.find(name_or_path, fetch), str(name_or_path))


def gpus(text: str = "") -> Records[Any]:
    """Return the GPUs that are known by name, with their dense peaks.

    Parameters
    ----------
    text : only those with this in their name or label, in any case

    Examples
    --------
    >>> [gpu.hbm_gb for gpu in gpus("a100-sxm")]
    [80.0, 40.0]
    """
    from costlib.facts import catalog, schema

    columns = {
        "gpu": lambda g: g.name,
        "label": lambda g: g.label,
        "memory [GB]": lambda g: _count(g.hbm_gb),
        "bandwidth [GB/s]": lambda g: _count(g.hbm_bandwidth_gb_per_s),
        "bf16 [TFLOP/s]": lambda g: _count(g.bf16_dense_tflops),
        "fp8 [TFLOP/s]": lambda g: _count(g.fp8_dense_tflops),
        "link [GB/s]": lambda g: _count(g.link_gb_per_s),
        "power [W]": lambda g: _count(g.tdp_w),
    }
    keys = ("gpu", "memory [GB]", "bandwidth [GB/s]", "bf16 [TFLOP/s]")
    return Records(catalog.table("gpus").values(), columns, keys, units=schema.units("gpus")).filter(text)


def prices(gpu: str | None = None, *, provider: str | None = None, kind: str | None = None,
           prices: File | None = None) -> "Priced":  # fmt: skip
    """Return what GPUs cost: a quote for each, and the prices behind it for one of them.

    Parameters
    ----------
    gpu : name of one of :func:`gpus`; None for all
    provider : of its prices alone
    kind : "on-demand", "reserved", "spot" or "marketplace"; None for quotes on demand and prices of every kind
    prices : file of `costlib prices --import`; None for the book's own

    Raises
    ------
    ValueError : for unknown names, with the nearest ones

    Examples
    --------
    >>> prices("h100-sxm-80gb").quotes[0].usd
    3.99
    """
    from costlib.face.priced import Priced
    from costlib.facts import prices as priced

    return Priced(_prices(prices) or priced.published(), gpu, provider, kind)


def judges(text: str = "") -> Records[Any]:
    """Return the models that may judge: price, agreement on a benchmark, and what retires.

    Parameters
    ----------
    text : only those with this in their name, label or provider, in any case

    Examples
    --------
    >>> [(each.name, each.agreement) for each in judges("gpt-6 astra")[:2]]
    [('gpt-6-astra-rewardbench', 0.935), ('gpt-6-astra-judgebench', 0.931)]
    """
    from costlib.facts import judges as known

    def known_or_not(value: float | None, told: Callable[[float], str]) -> str:
        return "-" if value is None else told(value)

    columns: dict[str, Callable[[Any], str]] = {
        "judge": lambda j: j.name,
        "USD/M input": lambda j: known_or_not(j.usd_per_million_input, fmt.short),
        "USD/M cached": lambda j: known_or_not(j.usd_per_million_cached_input, fmt.short),
        "USD/M output": lambda j: known_or_not(j.usd_per_million_output, fmt.short),
        "off in a batch": lambda j: known_or_not(j.batch_discount, fmt.percent),
        "hidden tokens": lambda j: known_or_not(j.reasoning_tokens, fmt.number),
        "agreement": lambda j: known_or_not(j.agreement, fmt.tenths),
        "kappa": lambda j: known_or_not(j.kappa, fmt.short),
        "pairs": lambda j: known_or_not(j.n, fmt.number),
        "state": lambda j: j.state or "-",
        "benchmark": lambda j: j.benchmark or "-",
        "agrees with": lambda j: j.reference or "-",
        "price of": lambda j: j.price_date or "-",
    }
    keys = ("judge", "USD/M input", "agreement", "USD/M output", "state")
    found = Records(known.judges().values(), columns, keys, searched=("name", "label", "provider"))
    return found.filter(text)


def _prices(path: File | None) -> "Prices | None":
    from costlib.facts import prices as priced

    return None if path is None else priced.read(path)


def _counted(stage: str, **given: float | None) -> float | None:
    """The examples of a stage, by whichever name they were given."""
    from costlib.facts.options import COUNTED

    named = {name: value for name, value in given.items() if value is not None}
    allowed = ("examples", COUNTED.get(stage, "examples") if isinstance(stage, str) else "examples")
    if wrong := [name for name in named if name not in allowed]:
        raise ValueError(f"the examples of {brief(str(stage))} are {allowed[1]}, got {wrong[0]}")
    if len(named) > 1:
        raise ValueError(f"give {' or '.join(named)}, not both")
    return next(iter(named.values()), None)


def _content(given: File | Mapping[str, Any] | None) -> dict[str, Any]:
    """The content of a YAML file, or of a mapping."""
    from costlib.base.files import read_scenario

    if not isinstance(given, Mapping | str | Path | None):
        raise ValueError(f"inputs must be a file or a mapping of names to values, got {shown(given)}")
    return dict(given) if isinstance(given, Mapping) else read_scenario(given) if given is not None else {}


def _count(value: float | None) -> str:
    return "-" if value is None else fmt.short(value)
