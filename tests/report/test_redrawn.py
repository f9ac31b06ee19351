"""The checks that see what nbval does not: figures against tables, pictures, alt texts, unrounded numbers."""

import base64
import copy
import io

import matplotlib as mpl
import nbval.plugin
import pytest

mpl.use("Agg")
import cells
import drawn
import redrawn
from conftest import ROOT
from matplotlib import pyplot as plt

from costlib.base.files import read_rows
from costlib.report import notebooks

TABLE = [["stage", "cost [USD]"], ["fine-tuning", "42.5"], ["judge", "144.1"], ["DPO", "93.1"]]
FIGURES = {name: path for path in notebooks.paths(ROOT) for name in notebooks.figures(path)}


def bars(values=(42.5, 144.1, 93.1), label="cost [USD]"):
    # Their size and what is around them do not depend on the style that another test has set.
    figure, axes = plt.subplots(figsize=(6.4, 4.8), dpi=100)
    axes.barh([row[0] for row in TABLE[1:]], values)
    axes.set(xlabel=label)
    figure.canvas.draw()
    plt.close(figure)
    return figure


def found(figure, table=TABLE):
    return redrawn.problems("fig-test", table, drawn.shown(figure), [])


def test_a_figure_that_draws_its_table_is_right():
    assert found(bars()) == []


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ((21.25, 72.05, 46.55), "3 numbers (42.5, 144.1, 93.1) not drawn where the table has them"),
        ((42.5, 144.1, 90.0), "1 numbers (93.1)"),
        ((144.1, 42.5, 93.1), "2 numbers (42.5, 144.1)"),
    ],
    ids=["half as long", "one is wrong", "two are swapped"],
)
def test_bars_of_another_length_are_noticed(values, said):
    [problem] = found(bars(values))
    assert problem.startswith("fig-test, column cost [USD]: ") and said in problem


def test_an_axis_in_another_unit_is_noticed():
    assert found(bars(label="cost [EUR]")) == [
        "fig-test, column cost [USD]: in USD, drawn along 'cost [EUR]'"
    ]  # fmt: skip
    assert found(bars(), [["stage", "cost [EUR]"], *TABLE[1:]]) != []


def test_a_tick_that_shows_the_source_of_a_formula_is_noticed():
    for parsed in (True, False):
        with plt.rc_context({"text.parse_math": parsed}):
            figure = bars()
            figure.axes[0].set(xscale="log", xlabel="cost [USD]", xlim=(1, 1000))
            figure.canvas.draw()
        raw = [problem for problem in found(figure) if "the source of a formula" in problem]
        assert bool(raw) == (not parsed)


def test_points_belong_to_their_rows():
    table = [["GPUs [-]", "time [h]"], ["1", "8"], ["2", "4.5"], ["4", "2.5"]]
    for y, wrong in (((8, 4.5, 2.5), 0), ((8, 2.5, 4.5), 2), ((4, 2.25, 1.25), 2)):
        figure, axes = plt.subplots()
        axes.plot([1, 2, 4], y, "o-")
        axes.set(xlabel="GPUs", ylabel="time [h]")
        plt.close(figure)
        assert len(found(figure, table)) == wrong, y


def test_a_row_on_a_curve_between_its_points_is_drawn():
    grid = [10 ** (place / 50) for place in range(101)]
    for scale in (1, 0.98):
        figure, axes = plt.subplots()
        axes.plot(grid, [scale * 3 / x**2 for x in grid])
        plt.close(figure)
        assert bool(found(figure, [["x", "y"], ["7.3", f"{3 / 7.3**2}"]])) == (scale != 1)


def test_a_remark_repeats_the_number_of_its_mark():
    for texts, wrong in ((("$42.50", "$144", "$93"), []), (("$144", "$42.50", "$93"), ["$144", "$42.50"]),
                         (("$42.50", "$144", "$94"), ["$94"])):  # fmt: skip
        figure = bars()
        for text, (name, usd) in zip(texts, TABLE[1:], strict=True):
            figure.axes[0].annotate(text, (float(usd), name))
        assert found(figure) == [f"fig-test, remark {text!r}: of no number there" for text in wrong]


@pytest.mark.parametrize("row", read_rows(redrawn.TABLE), ids=lambda row: f"{row['figure']}-{row['column']}")
def test_every_exception_is_of_a_figure_and_of_a_column_that_are_there(row):
    header = notebooks.files(FIGURES[row["figure"]])[f"{row['figure']}.csv"].decode().splitlines()[0]
    assert redrawn.named(row["column"], header.replace('"', "").split(",")) or row["column"] in ("*", "remarks")
    assert row["how"] in ("not drawn", "written", "unpaired", "partly", "not in the table") and row["reason"]


# --- words ------------------------------------------------------------------------------------------------------------


def test_the_alt_text_of_another_picture_is_noticed():
    # Of all 39 alt texts at this figure, those of other bars in one panel on a linear axis alone could stand here.
    axes = drawn.shown(bars())
    alts = [figure["alt"] for path in set(FIGURES.values()) for figure in notebooks.figures(path).values()]
    wrong = [alt for alt in alts if redrawn.contradictions(alt, axes)]
    assert len(alts) == len(FIGURES) and len(wrong) > 0.7 * len(alts)
    assert redrawn.contradictions("Three bars, one for each stage.", axes) == []
    assert redrawn.contradictions("Three bars on a logarithmic axis.", axes) == [
        "the alt text is wrong about logarithmic: Three bars on a logarithmic axis."
    ]


# --- pictures and records ---------------------------------------------------------------------------------------------


def picture(figure):
    file = io.BytesIO()
    with plt.rc_context({"savefig.bbox": None}):
        figure.savefig(file, format="png", dpi="figure")
    return base64.b64encode(file.getvalue()).decode()


def test_a_picture_that_looks_the_same_passes_and_another_does_not():
    ours = picture(bars())
    assert redrawn.pictures_differ(ours, picture(bars())) == ""
    assert "of the picture is drawn otherwise" in redrawn.pictures_differ(ours, picture(bars((42.5, 144.1, 90.0))))
    assert "drawn otherwise" in redrawn.pictures_differ(ours, picture(bars(label="cost [EUR]")))
    wide = bars()
    wide.set_size_inches(9, 5)
    assert redrawn.pictures_differ(ours, picture(wide)) == "a picture of 640 x 480 is now 900 x 500"


def output(value=279.74036357, text="$279.74", **more):
    record = {"costlib": {"key": "total", "value": value, "unit": "USD", "text": text} | more}
    return {
        "output_type": "display_data",
        "data": {"text/plain": text},
        "metadata": record | {"scrapbook": {"name": "total"}},
    }


def test_unrounded_numbers_and_units_are_compared():
    assert cells.different([output()], [output(279.74036357 * (1 + 1e-11))]) == []
    assert len(cells.different([output()], [output(279.7404)])) == 1
    assert len(cells.different([output()], [output(unit="EUR")])) == 1
    assert len(cells.different([output()], [output(more=1)])) == 1
    renamed = copy.deepcopy(output())
    renamed["metadata"]["scrapbook"]["name"] = "sum"
    assert len(cells.different([output()], [renamed])) == 1
    assert cells.different([output(), output()], [output()]) == ["2 stored outputs, 1 fresh ones"]


def test_nbval_runs_these_checks_on_every_cell():
    assert nbval.plugin.IPyNbCell.runtest is cells.runtest
