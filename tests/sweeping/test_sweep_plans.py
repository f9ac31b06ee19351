"""What a sweep file asks for: designs against small cases made by hand, results against a loop, bad files in words."""

import hashlib
import itertools
import json
import re

import numpy as np
import pytest
import yaml
from scipy.stats import kstest, qmc

from costlib.economics import methods, scenarios
from costlib.facts import parameters
from costlib.sweeping import expressions, outputs, points
from costlib.sweeping import plan as plans


def read(**changes):
    return plans.read({"outputs": ["rlaif.usd"]} | changes)


@pytest.mark.parametrize("place", ["fixed", "vary"])
def test_a_mark_follows_what_a_model_is_and_not_where_it_lies(tmp_path, place):
    tiny = {"model_type": "llama", "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
            "intermediate_size": 96, "vocab_size": 1000}  # fmt: skip

    def mark(folder, **changes):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "config.json").write_text(json.dumps(tiny | changes), encoding="utf-8")
        named = {"aligned_model": str(tmp_path / folder)}
        levels = {"aligned_model": [named["aligned_model"], "gpt2"]}
        if place == "vary":
            return read(design="grid", vary=levels).mark
        return read(design="grid", vary={"dpo_rounds": [1, 2]}, fixed=named).mark

    first = mark("one")
    assert mark("two") == first == mark("one", architectures=["LlamaForCausalLM"])
    assert mark("one", num_hidden_layers=3) != first


# --- designs ---


def test_a_grid_by_hand():
    vary = {"human_usd_per_pair": {"from": 0.5, "to": 2, "steps": 3, "scale": "log"}, "num_pairs_m1": [100, 200]}
    fixed = {"num_pairs_m2": 0, "platform_fee": 0.2, "rework_share": 0.1, "raters_per_pair": 3}
    plan = read(design="grid", vary=vary, fixed=fixed, outputs=["human-dpo.labels.usd"])
    inputs, found, _ = outputs.evaluated(plan, 0, plan.points)
    assert inputs["human_usd_per_pair"].tolist() == [0.5, 0.5, 1, 1, 2, 2]
    assert inputs["num_pairs_m1"].tolist() == [100, 200] * 3
    # pairs x price x 1.2 x 1.1 x 3 raters
    np.testing.assert_allclose(found["human-dpo.labels.usd"], [198, 396, 396, 792, 792, 1584], rtol=1e-12)


def test_steps_of_whole_numbers_are_whole_and_counted_once():
    plan = read(
        vary={
            "epochs": {"from": 1, "to": 3, "steps": 5},
            "policy_gpus": {"from": 8, "to": 64, "steps": 4, "scale": "log"},
        }
    )
    assert plan.vary["epochs"].levels == (1, 2, 3) and plan.vary["policy_gpus"].levels == (8, 16, 32, 64)
    assert plan.points == 12


def philox(counter, key):
    """Philox4x64-10 as in the paper: ten rounds of two products and a key that grows by two constants."""
    words, keys = [counter, 0, 0, 0], [key % 2**64, key >> 64]
    for _ in range(10):
        first, second = 0xD2E7470EE14C6C93 * words[0], 0xCA5A826395121157 * words[2]
        words = [second >> 64 ^ words[1] ^ keys[0], second % 2**64, first >> 64 ^ words[3] ^ keys[1], first % 2**64]
        keys = [(keys[0] + 0x9E3779B97F4A7C15) % 2**64, (keys[1] + 0xBB67AE8584CAA73B) % 2**64]
    return words


def test_random_points_are_those_of_the_counter():
    key = int.from_bytes(hashlib.sha256(b"7 platform_fee").digest()[:16], "little")
    # NumPy counts before it computes, so the first four numbers belong to a counter of one.
    expected = [(word >> 11) / 2**53 for counter in (1, 2, 3) for word in philox(counter, key)]
    found = points.uniforms("random", 7, ("platform_fee",), 0, 12, 12)["platform_fee"]
    assert found.tolist() == expected


@pytest.mark.parametrize("design", ["random", "latin-hypercube", "sobol"])
def test_any_part_of_a_design_can_be_made_alone(design):
    names = ("platform_fee", "rework_share", "hard_share")
    whole = points.uniforms(design, 3, names, 0, 1000, 1000)
    for start, stop in ((0, 1), (1, 4), (5, 1000), (511, 513), (999, 1000)):
        part = points.uniforms(design, 3, names, start, stop, 1000)
        for name in names:
            assert part[name].tobytes() == whole[name][start:stop].tobytes(), (start, stop)
    for name in names:
        assert kstest(whole[name], "uniform").pvalue > 1e-4
    pairs = itertools.combinations(whole.values(), 2)
    assert max(abs(np.corrcoef(one, other)[0, 1]) for one, other in pairs) < 0.12


def test_an_input_keeps_its_numbers_when_others_join():
    alone = points.uniforms("random", 3, ("hard_share",), 10, 20, 100)["hard_share"]
    assert (
        alone.tolist()
        == points.uniforms("random", 3, ("rework_share", "hard_share"), 10, 20, 100)["hard_share"].tolist()
    )


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000, 4097])
def test_a_latin_hypercube_has_one_point_in_each_stratum(size):
    found = points.uniforms("latin-hypercube", 1, ("epochs", "hard_share"), 0, size, size)
    for values in found.values():
        assert sorted(np.floor(values * size).astype(int)) == list(range(size))
    if size > 100:
        assert not np.array_equal(*(np.argsort(values) for values in found.values()))


def test_sobol_points_are_those_of_scipy():
    names = ("a", "b", "c", "d", "e")
    engine = qmc.Sobol(5, scramble=True, bits=points.SOBOL_BITS, rng=11)
    first = np.array(list(points.uniforms("sobol", 11, names, 0, 256, 10**6).values()))
    np.testing.assert_array_equal(first.T, engine.random(256))
    later = np.array(list(points.uniforms("sobol", 11, names, 100_000, 100_300, 10**6).values()))
    np.testing.assert_array_equal(later.T, engine.random(2**17 - 256)[100_000 - 256 :][:300])


def test_ranges_are_those_that_were_asked_for():
    vary = {
        "human_usd_per_pair": {"from": 0.1, "to": 10, "scale": "log"},
        "judge_agreement": {"shape": "triangular", "low": 0.6, "high": 0.9, "mode": 0.8},
        "policy_gpus": {"from": 8, "to": 10}, "answer_tokens": "own", "dpo_rounds": [1, 2],
    }  # fmt: skip
    plan = read(points=40_000, vary=vary)
    found = points.columns(plan, 0, plan.points)
    # Means from the textbook: (b - a) / ln(b / a), (a + mode + b) / 3; whole numbers of 8 to 10 are rounded.
    assert found["human_usd_per_pair"].mean() == pytest.approx(9.9 / np.log(100), rel=0.02)
    assert found["judge_agreement"].mean() == pytest.approx((0.6 + 0.8 + 0.9) / 3, rel=0.002)
    assert sorted(np.unique(found["policy_gpus"])) == [8, 9, 10]
    assert found["answer_tokens"].min() >= 273 and found["answer_tokens"].max() <= 638
    assert not (found["answer_tokens"] % 1).any()
    assert np.bincount(found["dpo_rounds"]) / 40_000 == pytest.approx([0.5, 0.5], abs=0.01)


# --- results ---


def everything(names):
    """A sweep over nearly every input, with a name and a choice that vary."""
    vary = {"policy_model": ["llama-2-7b", "mixtral-8x7b"], "zero_stage": [0, 3]}
    for name, known in parameters.vocabulary().items():
        if known.choices is None and not name.endswith(("_low", "_high")) and name != "sustained_tflops":
            low, high = max(known.minimum, known.default / 2), min(known.maximum, 2 * known.default or 3)
            if known.type is int:
                low, high = int(low), int(high)
            vary[name] = {"from": low, "to": high}
    return read(design="random", points=1000, vary=vary, outputs=list(names))


QUICK = [name for name in expressions.catalogue() if name.split(".")[0] in ("article", *methods.METHODS)
         and not name.endswith("min_gpus")]  # fmt: skip


# Outputs that no input here moves, as nothing runs on GPUs or takes days in these lines; and counts of few values.
STILL = re.compile(
    r"[\w-]+\.(seed-data|staff)\.(gpu_hours|days)"
    r"|[\w-]+\.evaluation\.gpu_hours"
    r"|(?!published|self-rewarding)[\w-]+\.labels\.gpu_hours"  # there the model judges itself
    r"|published\.(seed-data|evaluation|staff|failed-runs-and-sweeps)\.\w+"  # what the article leaves out
    r"|(verifiable|distilled)\.(agreement|candidates\.\w+|labels\.days)|distilled\.labels\.usd"
    r"|hosted\.(fine-tuning|training|failed-runs-and-sweeps)\.gpu_hours"
    r"|[\w-]+\.(min_gpus|fits)"
)


@pytest.mark.parametrize(("names", "rows"), [(QUICK, 1000), (expressions.catalogue(), 100)], ids=["methods", "all"])
def test_points_equal_a_loop_over_scenarios(names, rows):
    plan = everything(names)
    assert len(plan.vary) >= 60 and len(plan.outputs) > 150
    inputs, found, _ = outputs.evaluated(plan, 0, plan.points)
    looped = {name: [] for name in found}
    for row in range(rows):
        given = {name: spread.levels[inputs[name][row]] if spread.named else float(inputs[name][row])
                 for name, spread in plan.vary.items()}  # fmt: skip
        for name, value in outputs.amounts(plan.outputs, scenarios.complete(given)).items():
            looped[name].append(value)
    for name, values in found.items():
        np.testing.assert_allclose(values[:rows], looped[name], rtol=1e-12, err_msg=name)
    still = {name for name in found if STILL.fullmatch(name)}
    assert all(len(np.unique(found[name])) <= 2 for name in still)
    assert [name for name in found.keys() - still if len(np.unique(found[name])) <= 500] == []


def test_what_follows_from_other_inputs_follows_at_every_point():
    vary = {"pretraining_gpu_hours": [1720320.0, 860160.0]}
    plan = read(vary=vary, outputs=["published.usd"])
    usd = outputs.evaluated(plan, 0, 2)[1]["published.usd"]
    assert usd[1] == pytest.approx(usd[0] / 2)
    given = read(
        vary={"pretraining_gpu_hours": [1720320.0, 860160.0]},
        fixed={"sustained_tflops": 100},
        outputs=["published.usd"],
    )
    assert len(set(outputs.evaluated(given, 0, 2)[1]["published.usd"])) == 1


def test_expressions_do_what_they_say():
    amounts = {"rlaif.usd": np.array([10.0, 20.0]), "human-dpo.usd": np.array([30.0, 30.0]), "epochs": 2}
    for text, expected in {
        "human-dpo.usd / rlaif.usd": [3, 1.5], "human-dpo.usd / rlaif.usd >= 3": [True, False],
        "min(human-dpo.usd, 2 * rlaif.usd) - 1": [19, 29], "(human-dpo.usd - rlaif.usd) * epochs": [40, 20],
    }.items():  # fmt: skip
        assert expressions.value(expressions.parse(text), amounts).tolist() == expected, text


# --- bad files ---


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"vary": {"epoch": [1]}}, "unknown parameter 'epoch'; did you mean epochs or ppo_epochs?"),
        ({"vary": {"epochs": {"from": 3, "to": 1, "steps": 2}}}, "epochs [-]: from must be below to, got 3 and 1"),
        ({"vary": {"epochs": {"from": 1, "to": 3}}}, "epochs: a grid needs a list of values, or from, to and steps"),
        ({"vary": {"epochs": [1, 0]}}, "epochs [-] must be a whole number from 1 to 1,000, got 0"),
        ({"vary": {"epochs": [2, 2]}}, "epochs lists 2 twice"),
        ({"vary": {"epochs": 2}}, "a value that stays belongs under fixed"),
        ({"vary": {"epochs": "own"}, "points": 5}, "epochs has no range of its own"),
        ({"vary": {"policy_model": ["llama-2-70"]}}, "did you mean llama-2-70b"),
        ({"vary": {"policy_model": {"from": 1, "to": 2}}}, "policy_model has no range: list the values"),
        ({"vary": {"platform_fee": {"from": 0, "to": 1, "scale": "log"}}, "points": 5}, "scale must start above 0"),
        ({"vary": {"epochs": [1]}, "fixed": {"epochs": 1}}, "epochs is fixed and varies"),
        ({"vary": {"epochs": [1]}, "fixed": {"policy_gpus": 0}}, "fixed: policy_gpus [GPUs] must be"),
        ({"vary": {"epochs": [1]}, "point": 3}, "unknown key 'point'; did you mean points?"),
        ({"vary": {"epochs": [1]}, "design": "sobal"}, "design must be one of grid, random, latin-hypercube, sobol"),
        ({"vary": {"epochs": [1, 2]}, "points": 10**18}, "points must be at most 1e+12, got 1e+18"),
        ({"vary": {"price_usd_per_pair_low": [0.3, 2.0]}}, "must be at most price_usd_per_pair_high"),
        ({"vary": {"pretraining_gpu_hours": [1, 2]}}, "sustained_tflops [TFLOP/s] must be"),
        ({"vary": {"epochs": [1]}, "outputs": ["rlaif.used"]}, "unknown output 'rlaif.used'; did you mean rlaif.usd"),
        ({"vary": {"epochs": [1]}, "outputs": ["rlaif.usd + rlaif.days"]}, "sets USD beside days"),
        ({"vary": {"epochs": [1]}, "outputs": ["__import__('os').system('true')"]}, "unknown output 'os'"),
        ({"vary": {"epochs": [1]}, "outputs": ["rlaif.usd.real ** 9"]}, "unknown output 'rlaif.usd.real'"),
        ({"vary": {"epochs": [1]}, "outputs": ["rlaif.usd ** 9"]}, "cannot be read"),
        ({"vary": {"epochs": [1]}, "maps": [["epochs", "policy_gpus"]]}, "'policy_gpus' does not vary"),
        ({"vary": {}}, "vary must hold lines of"),
        ({"vary": 0}, "vary must hold lines of"),
        ({"vary": {"epochs": [1]}, "fixed": 0}, "fixed must hold lines of 'parameter: value', got 0"),
        ({"vary": {"epochs": [1]}, "fixed": False}, "fixed must hold lines of"),
        ({"vary": {"epochs": [1]}, "maps": 0}, "maps must be a list of pairs of axes, got 0"),
        ({"vary": {"epochs": [1]}, "maps": {}}, "maps must be a list of pairs of axes"),
        ({"vary": {"epochs": [1, 2]}, "maps": [["epochs", "epochs"]]}, "must be a pair of axes"),
        ({"vary": {"epochs": [1]}, "maps": [["epochs", {"of": [1], "from": 1, "to": 2}]]}, "must be a text"),
        ({"vary": {"epochs": [1]}, "maps": [["epochs", {"of": "rlaif.usd", "from": 1, "to": 2, "scale": ["log"]}]]},
         "maps: scale must be linear or log, got ['log']"),
        ({"vary": {"epochs": [1]}, "maps": [["epochs", {"of": "rlaif.usd", "from": 1, "to": 10**400}]]}, "from below"),
        ({"vary": {"platform_fee": {"from": 0.1, "to": 1, "scale": ["log"]}}, "points": 5}, "must be linear or log"),
        ({"vary": {"platform_fee": {"from": 0.1, "to": 1, "scale": {}, "steps": 3}}}, "must be linear or log"),
        ({"vary": {"platform_fee": {"low": 0.1, "high": 1, "shape": ["uniform"]}}, "points": 5}, "shape must be"),
        ({"vary": {"epochs": {"from": 1, "to": 3, "steps": 10**400}}}, "steps must be a whole number from 2 to"),
        ({"vary": {"platform_fee": {"from": 0, "to": 1, "steps": 10**6}}}, "steps must be a whole number from 2 to"),
        ({"vary": {"epochs": [1]}, "points": 10**400}, "points must be a whole number"),
        ({"vary": {"rework_share": "own"}, "points": 10**400}, "points must be a whole number"),
        ({"vary": {"epochs": [1]}, "seed": "1_0"}, "seed must be a whole number"),
        ({"vary": {"epochs": [1]}, "bins": True}, "bins must be a whole number"),
        ({"vary": {"epochs": [1]}, "design": ["grid"]}, "design must be one of"),
        ({"vary": {"epochs": [1]}, "outputs": ["rlaif.usd", 5]}, "an output must be a text, such as rlaif.usd, got 5"),
        ({"vary": {"epochs": [1]}, "outputs": ["rlaif.usd", "rlaif.usd"]}, "'rlaif.usd' is listed twice"),
        ({"vary": {"epochs": [1]}, "outputs": {"x": [1]}}, "an output must be a text, such as rlaif.usd, got [1]"),
        ({"vary": {"epochs": [1]}, "outputs": {"point": "rlaif.usd"}}, "'point' is the name of the column"),
        ({"vary": {"epochs": [1]}, "outputs": {"epochs": "rlaif.usd"}}, "'epochs' is the name of a parameter"),
        ({"vary": {"epochs": [1]}, "outputs": {"rlaif.usd": "hybrid.usd"}}, "is the name of another output"),
        ({"vary": {"epochs": [1]}, "outputs": {"=cmd|' /c'!A1": "rlaif.usd"}}, "would start a formula"),
        ({"vary": {"epochs": [1]}, "outputs": {"a\nb": "rlaif.usd"}}, "must be a text of one line"),
        ({"vary": {"epochs": [1]}, "outputs": {"x" * 1000: "rlaif.usd"}}, "at most 200 letters"),
        ({"vary": {"epochs": [1]}, "outputs": {f"a{n}": "rlaif.usd" for n in range(501)}}, "501 are more than 500"),
        ({"vary": {"epochs": [1]}, "outputs": []}, "outputs must hold lines of"),
    ],
)  # fmt: skip
def test_bad_sweeps_are_refused_in_words(changes, said):
    with pytest.raises(ValueError) as error:
        design = {} if "design" in changes else {"design": "random" if changes.get("points", 0) else "grid"}
        read(**design | changes)
    assert said in str(error.value)


@pytest.mark.parametrize("content", [None, [], "a", 5, [{"vary": 1}]])
def test_a_sweep_is_a_mapping(content):
    with pytest.raises(ValueError, match="^a sweep must hold lines of"):
        plans.read(content)


@pytest.mark.parametrize(
    ("text", "said"),
    [("rlaif.usd / 0", "divides by zero"), ("0/0 + rlaif.usd", "divides by zero"), ("rlaif.usd / (1 - 1)", "by zero"),
     ("rlaif.usd / min(0, 1)", "by zero"), ("1e30 * 1e30 / 1e-30 / 1e-30 * 1e30 * 1e30 * 1e30 * 1e30 * 1e30 * 1e30 *"
      " 1e30 * 1e30 * 1e30 * rlaif.usd", "leaves the range"), ("9" * 400 + " * rlaif.usd", "must be a decimal number"),
     ("1e400 * rlaif.usd", "decimal"), ("rlaif.usd >= 1e-400", "decimal"), ("0x10 * rlaif.usd", "decimal"),
     ("1_0 * rlaif.usd", "decimal"), ("rlaif.usd + 1j", "decimal"), (" + ".join(["rlaif.usd"] * 3000), "35,997"),
     (" + ".join(["epochs"] * 100), "199 names, numbers and operators, more than 150"),
     ("(" * 900 + "rlaif.usd" + ")" * 900, "cannot be read"), ("rlaif.usd\0", "cannot be read"),
     ("\uff4eame0 + rlaif.usd", "cannot be read"), ("name0 + rlaif.usd", "unknown output 'name0'"),
     ("rlaif.usd > (hybrid.usd > 1)", "one around all is allowed"), ("rlaif.usd > 1 > 0", "one comparison"),
     ("rlaif.usd;1", "cannot be read"), ("", "cannot be read"), ("5", "names no output")],
)  # fmt: skip
def test_expressions_that_have_no_value_are_refused_in_a_line(text, said):
    with pytest.raises(ValueError) as error:
        expressions.parse(text)
    assert said in str(error.value) and len(str(error.value)) < 250 and str(error.value).isprintable()


@pytest.mark.parametrize("text", [" + ".join(["rlaif.usd"] * 75), "(" * 150 + "rlaif.usd" + ")" * 150,
                                  "1e5 * rlaif.usd", "rlaif.usd / 0.5"])  # fmt: skip
def test_long_and_deep_ones_within_the_bounds_are_right(text):
    times = {0: 75, 1: 1, 2: 1e5, 3: 2}[[" + " in text, text[0] == "(", text[0] == "1", "/" in text].index(True)]
    assert expressions.value(expressions.parse(text), {"rlaif.usd": 3.0}) == pytest.approx(3 * times)


def test_a_point_where_an_output_divides_by_zero_has_no_value_and_says_so():
    import pyarrow as pa

    from costlib.face import sweep
    from costlib.sweeping import store

    asked = {"vary": {"epochs": [1, 2, 3]}, "outputs": {"by": "rlaif.usd / (epochs - 2)", "has": "5 / (epochs - 2) > 0",
                                                        "none": "rlaif.usd / (epochs - epochs) > 0"}}  # fmt: skip
    found = sweep(asked)
    by, has, none = found.to_dict()
    assert (by["points"], by["finite"], by["not_a_number"], by["infinite"]) == (3, 2, 1, 0)
    assert (has["finite"], has["mean"], has["not_a_number"]) == (2, 0.5, 1) and none["mean"] is None
    assert repr(found).count("without a value") == 3 and "nan" not in repr(found)
    inputs, results, _ = outputs.evaluated(found.plan, 0, 3)
    rows = store.table(found.plan, 0, inputs, results)
    assert rows.schema.field("has").type == pa.bool_()
    assert rows["has"].to_pylist() == [False, None, True] and rows["none"].null_count == 3
    assert [value is None for value in rows["by"].to_pylist()] == [False, True, False]


def test_an_axis_of_a_map_without_a_value_is_refused():
    plan = read(vary={"epochs": [1, 2]}, maps=[["epochs", {"of": "rlaif.usd / (epochs - 2)", "from": 0, "to": 9}]])
    with pytest.raises(ValueError, match="has no value at some points"):
        outputs.evaluated(plan, 0, 2)


def test_axes_of_one_name_keep_their_own_bins():
    from costlib.sweeping import summary

    wide, narrow = ({"of": "num_human_pairs", "from": 0, "to": most} for most in (100, 10))
    plan = read(vary={"epochs": [1, 2], "num_human_pairs": [5, 50]}, bins=2,
                maps=[["epochs", wide], ["epochs", narrow]])  # fmt: skip
    tally = summary.Tally(plan.as_json())
    tally.add(*outputs.evaluated(plan, 0, 4))
    *_, first, second = (tally.counts[summary.HELD + start :][:4].tolist() for start in tally.layout.starts)
    # 5 and 50 of each epoch: below and at the middle of 0 to 100; at the middle and beyond of 0 to 10.
    assert first == [1, 1, 1, 1] and second == [0, 2, 0, 2]


def test_values_of_a_long_list_are_each_looked_at_once():
    levels = plans.read({"vary": {"num_human_pairs": list(range(1, 50_001))}, "outputs": ["rlaif.usd"]}).points
    assert levels == 50_000
    with pytest.raises(ValueError, match="lists 7 twice"):
        plans.read({"vary": {"num_human_pairs": [*range(1, 50_000), 7]}, "outputs": ["rlaif.usd"]})


def test_a_grid_of_too_many_points_is_refused():
    vary = {
        name: {"from": 1, "to": 1000, "steps": 1000}
        for name in ("epochs", "policy_gpus", "num_gpus", "annotators", "group_size", "ppo_epochs")
    }
    with pytest.raises(ValueError, match=r"points must be at most 1e\+12, got 1e\+18"):
        read(vary=vary)


def test_numbers_may_be_written_as_yaml_reads_text():
    content = yaml.safe_load("points: 1e6\nvary: {epochs: {from: 1, to: 1e1}}\noutputs: [rlaif.usd]")
    assert content["points"] == "1e6" and plans.read(content).points == 10**6


def test_everything_wrong_is_said_at_once():
    with pytest.raises(ValueError) as error:
        read(vary={"epoch": [1], "policy_gpus": [0]}, outputs=["rlaif"], seed=-1)
    assert len(str(error.value).splitlines()) == 4
