"""Re-run the book: check a scenario, execute the chapters with it, render the pages and collect the results."""

import hashlib
import json
import re
import shutil
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from costlib.base import fmt, folders
from costlib.base.errors import FileError, RunError
from costlib.base.files import csv_text
from costlib.base.text import markup, shown
from costlib.economics import scenarios
from costlib.facts import hardware, parameters
from costlib.facts.names import is_path
from costlib.report import attachments, builder, cache, kernels, notebooks, runtime
from costlib.report.notebooks import records
from costlib.version import __version__

COMMAND = "rerun"
STATE, RESULTS, LOG = "run.json", "results.csv", "build.log"
UNFINISHED = "unfinished-"
BAR = "costlib-bar-of-this-run"
ROOM_BYTES = 120e6  # of pages, executed chapters, and pages half built
TOP_FILES = ("_config.yml", "_toc.yml", "CHANGELOG.md")


@dataclass
class Outcome:
    """What became of a run: chapters by name, the messages of those that failed, pages written and of how many.

    `beside` are chapters that were not asked for, of an earlier run with the same inputs: their results stay.
    """

    executed: list = field(default_factory=list)
    kept: list = field(default_factory=list)
    beside: list = field(default_factory=list)
    failed: dict = field(default_factory=dict)
    written: int = 0
    pages: int = 0


def chapters(root, chosen=()):
    """Return the chapters' notebooks in order; `chosen` are names, numbers or beginnings of names."""
    known = {path.stem: path for path in notebooks.paths(root)}
    if not chosen:
        return list(known.values())
    picked = set()
    for wanted in chosen:
        start = f"{int(wanted):02d}_" if str(wanted).isdigit() else str(wanted)
        matches = [name for name in known if name.startswith(start)]
        if not matches:
            raise ValueError(f"unknown chapter {shown(wanted)}; known: {', '.join(known)}")
        picked.update(matches)
    return [path for name, path in known.items() if name in picked]


def takes(notebook):
    """Return the names of the parameters that a chapter takes."""
    import papermill

    return list(papermill.inspect_notebook(str(notebook)))


def changed(values):
    """Return {name: (value, published value)} for every parameter that is not at its published value."""
    known = parameters.defaults()
    return {name: (value, known[name]) for name, value in values.items() if value != known[name]}


def run(root, scenario, out, chosen=(), jobs=2, resume=False, strict=False, notify=lambda event, name: None,
        own=None, inputs=()):  # fmt: skip
    """Execute the chapters with a scenario, write results.csv and render index.html.

    Parameters
    ----------
    root : folder of the book
    scenario : dict of parameter name to value
    out : folder that receives index.html, results.csv, executed/ and run.json; made if missing
    chosen : chapters to execute; of the others the results of an earlier run with the same inputs stay, else the
        published ones
    jobs : chapters executed at a time
    resume : keep the chapters that a run with the same inputs has finished
    strict : a warning of the page builder is an error
    notify : called with ("plan", list of names), then ("done" | "kept" | "failed", name), ("render", ""), and at any
        time ("pages", (read, written, wanted)) and ("left", seconds that the last run took for what is left, or None)
    own : costlib.facts.hardware.Hardware of the reader, which the chapters receive; None for the book's alone
    inputs : files that are read, which are never written over

    Returns
    -------
    Outcome : pages are rendered only if no chapter failed

    Raises
    ------
    ValueError : bad parameters or chapter names, an output folder that is not ours, or that holds other chapters with
        other inputs, before anything runs
    RunError : too little room, before anything runs; a page build that fails
    """
    values, root = scenarios.complete(scenario, own), Path(root).resolve()
    wanted = chapters(root, chosen)
    names = [STATE, RESULTS, LOG, ".gitignore", "index.html", *(f"executed/{path.name}" for path in wanted)]
    refuse_if_no_room(folders.checked(out, COMMAND, inputs, root))
    with folders.opened(out, COMMAND, inputs, root, names) as folder:
        try:
            return _run(root, values, folder, wanted, jobs, resume, (strict, bool(chosen)), notify, own)
        except OSError as error:
            where, why = error.filename or folder.path, error.strerror or str(error)
            raise RunError(f"{where}: {why}; finished chapters are kept: mend that and add --resume") from error


def _run(root, values, folder, wanted, jobs, resume, how, notify, own):
    out, outcome, state, differences = folder.path, Outcome(), _open_state(folder), changed(values)

    def started(path):
        """What a chapter starts from, its mark, and whether it is finished with that."""
        # Only what differs is injected, so that an unchanged chapter shows one cell of parameters, not two.
        inputs = _injected(takes(path), differences)
        read = {name: model.label for name, model in scenarios.own_models(inputs | inputs.get("scenario", {})).items()}
        content = [scenarios.by_content(each) for each in (inputs, inputs.get("scenario", {}))]
        mark = _fingerprint(path, [content[0] | {"scenario": content[1]}, own and own.given, read])
        return inputs, mark, _is_current(state.get(path.stem), mark, root, _hash(out / "executed" / path.name))

    outcome.beside = _beside(
        out, [path for path in chapters(root) if path not in wanted and path.stem in state], started
    )
    notify("plan", [path.stem for path in wanted])
    todo = []
    for path in wanted:
        inputs, mark, whole = started(path)
        if resume and whole:
            outcome.kept.append(path.stem)
            notify("kept", path.stem)
        else:
            todo.append((path, inputs, mark))
            # A chapter about to be replaced must not be taken for a finished one by a later --resume.
            state.pop(path.stem, None)
    _write_state(folder, state)
    pace = cache.Pace([path.stem for path, _, _ in todo], jobs, how[1], builder.count(root), notify)
    folder.note(*(f"executed/{start}{path.name}" for path, _, _ in todo for start in ("", UNFINISHED)))
    _execute_all(root, todo, folder, state, jobs, own, outcome, pace)
    finished = [*outcome.executed, *outcome.kept, *outcome.beside]
    _write_results(root, folder, finished)
    if not outcome.failed:
        pace("render", "")
        render(root, out, values, finished, how, own, folder, outcome, pace)
        if outcome.pages:
            pace.rendered(whole=outcome.written >= outcome.pages)
    return outcome


def _beside(out, others, started):
    """The names of other chapters in a folder, which are finished with the inputs of this run; else a FileError."""
    if stale := [path.stem for path in others if not started(path)[2]]:
        named = ", ".join(stale[:3]) + ", ..." * (len(stale) > 3)
        raise FileError(
            f"{out} holds chapters with other inputs or code ({named}); run the whole book, without --chapters, "
            "or name another folder"
        )
    return [path.stem for path in others]


def _execute_all(root, todo, folder, state, jobs, own, outcome, pace):
    more = {hardware.VARIABLE: json.dumps(own.given)} if own else {}
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        started = {pool.submit(_timed, path, inputs, folder.path, more): (path, mark) for path, inputs, mark in todo}
        try:
            for future in as_completed(started):
                path, mark = started[future]
                try:
                    files, seconds = future.result()
                    state[path.stem] = {"mark": mark, "files": _hashes(files, root),
                                        "executed": _hash(folder.path / "executed" / path.name)}  # fmt: skip
                except RunError as problem:
                    outcome.failed[path.stem] = str(problem)
                    pace("failed", path.stem)
                    continue
                outcome.executed.append(path.stem)
                folder.files.discard(f"executed/{UNFINISHED}{path.name}")
                _write_state(folder, state)
                cache.note_times({path.stem: seconds})
                pace("done", path.stem)
        except BaseException:
            # Interrupted: the chapters that have not started must not start now, and the others must end.
            pool.shutdown(wait=False, cancel_futures=True)
            kernels.stop()
            raise


def refuse_if_no_room(out, runs=1):
    """Raise a RunError if the pages and results of some runs will not fit on the disk of a folder."""
    free, wanted = folders.free_bytes(out), runs * ROOM_BYTES
    if free < wanted:
        raise RunError(f"{out}: a run needs about {wanted / 1e6:,.0f} MB, and {free / 1e6:,.0f} MB are free; make room")


def _injected(names, differences):
    """The changed parameters that a chapter takes; all others go into its `scenario`, if it has one."""
    changes = {name: value for name, (value, _) in differences.items()}
    own = {name: changes.pop(name) for name in names if name in changes}
    return own | {"scenario": changes} if changes and "scenario" in names else own


def render(root, out, values, executed, how, own, folder, outcome, notify):
    """Build the pages from the book's prose and the executed chapters, and put them into `out`."""
    strict, partly = how
    environment = {
        "COSTLIB_COMMIT": commit(root),
        "PYTHONWARNINGS": "ignore",
        "COSTLIB_PYODIDE": "beside the pages" if runtime.installed(root) else "",
        "COSTLIB_INPUTS": json.dumps(_for_pages(values)),
        "COSTLIB_RESULTS": str(out / RESULTS),
    }
    with cache.workshop() as place, tempfile.TemporaryDirectory(prefix=cache.FRESH, dir=place) as work:
        fresh = Path(work)
        try:
            _copy_book(root, fresh)
        except shutil.Error as error:  # a list of what could not be copied, and why
            raise RunError(f"the book could not be copied to {fresh}: {error.args[0][0][2]}") from error
        for name in executed:
            _copy_executed(out / "executed" / f"{name}.ipynb", fresh / "notebooks" / f"{name}.ipynb", values)
        attachments.take_pictures(fresh)
        _announce(fresh, values, set(executed), [path.stem for path in chapters(root)], own)
        bar = _take_bar(fresh / "_config.yml")
        built = builder.build(
            fresh, place, environment, lambda pages: _add_wheel(root, pages / "_downloads"), strict, partly, notify
        )
        folder.write(LOG, built.log)
        if built.pages is None:
            tail = "\n".join(built.log.strip().splitlines()[-10:])
            raise RunError(f"the pages could not be built; the end of {out / LOG}:\n{tail}")
        runtime.put(root, built.pages)
        _put(built.pages, folder, bar)
        outcome.written, outcome.pages = built.written, built.wanted
        notify("pages", (built.written,) * 3)


def _take_bar(config_file):
    """Put BAR in place of the words of the bar, which differ from run to run, and return these."""
    import yaml

    config = yaml.safe_load(config_file.read_text(encoding="utf-8"))
    bar = config["html"].get("announcement", "")
    if bar:
        config["html"]["announcement"] = BAR
        config_file.write_text(yaml.safe_dump(config, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return bar


def _put(pages, folder, bar):
    """Put built pages into a folder of ours, in place of those of an earlier run."""
    words = fmt.unbroken(bar)

    def content(name):
        found = (pages / name).read_bytes()
        return found.replace(f">{BAR}<".encode(), f">{words}<".encode()) if name.endswith(".html") else found

    names = [file.relative_to(pages).as_posix() for file in pages.rglob("*") if file.is_file()]
    shown = set()  # of pictures, of which a folder that is built again keeps the former ones
    for name in names:
        if name.endswith(".html"):
            shown.update(re.findall(rb"_images/([\w.-]+)", (pages / name).read_bytes()))
    names = [name for name in names if not name.startswith("_images/") or name[8:].encode() in shown]
    keep = (STATE, RESULTS, LOG, ".gitignore")
    old = [name for name in folder.files if name not in keep and not name.startswith("executed/")]
    folder.replace(names, content, old)


def _for_pages(values):
    """The changed inputs from which the calculator starts; it knows the models and the GPUs of the book alone."""
    found, known = {name: value for name, (value, _) in changed(values).items()}, parameters.vocabulary(None)
    return {name: v for name, v in found.items() if not known[name].choices or v in known[name].choices}


def _add_wheel(root, folder):
    """Put the package beside the pages; a book without one has nothing to put."""
    if not (root / "pyproject.toml").is_file():
        return
    try:
        attachments.add_wheel(root, folder)
    except subprocess.CalledProcessError as error:
        raise RunError(f"the package could not be built: {_tail(error, 5)}") from error


def commit(root):
    """Return the short commit of the book's folder, with + if it has been edited since, or an empty text."""
    git = ["git", "-C", str(root)]
    try:
        head = subprocess.run([*git, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=False)
        edits = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=False)
    except OSError:  # no git on this machine: the pages do without
        return ""
    return "" if head.returncode else head.stdout.strip() + ("+" if edits.stdout.strip() else "")


def _timed(*arguments):
    began = time.monotonic()
    return _execute(*arguments), time.monotonic() - began


def _execute(path, values, out, variables):
    """Execute one chapter and return the files that it opened, or raise a RunError that says what went wrong."""
    from papermill.exceptions import PapermillExecutionError

    target = out / "executed" / path.name
    unfinished = out / "executed" / f"{UNFINISHED}{path.name}"
    try:
        opened = kernels.execute(path, unfinished, values, path.parent, attachments.VARIABLES | variables)
    except PapermillExecutionError as error:
        said = f"chapter {path.stem}, cell [{error.exec_count}]: {error.ename}: {error.evalue}\n(see {unfinished})"
        raise RunError(said) from error
    except Exception as error:
        raise RunError(f"chapter {path.stem} could not be executed: {type(error).__name__}: {error}") from error
    unfinished.replace(target)
    return opened


def _open_state(folder):
    """Return what a former run noted of its chapters."""
    (folder.path / "executed").mkdir(exist_ok=True)
    # What a run writes is not for the repository, wherever the folder lies.
    folder.write(".gitignore", "*\n")
    try:
        state = json.loads((folder.path / STATE).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError, RecursionError):
        return {}  # none yet, or cut short while it was written: nothing in it can be trusted
    return state if isinstance(state, dict) else {}


def _write_state(folder, state):
    folder.write(STATE, json.dumps(state, indent=1, sort_keys=True) + "\n")


def _fingerprint(path, values):
    """Return a mark of what a chapter starts from: the notebook, its inputs, the version of the package."""
    digest = hashlib.sha256(json.dumps([__version__, values], sort_keys=True).encode())
    digest.update(path.read_bytes())
    return digest.hexdigest()


def _hashes(files, root):
    """Return the hash of each file by its name, seen from the package's folder or from the book's."""
    package = kernels.PACKAGE
    above = {file: package.parent if file.is_relative_to(package) else root.resolve() for file in files}
    named = {file: file.relative_to(folder) for file, folder in above.items()}
    return {name.as_posix(): _hash(file) for file, name in named.items()}


def _hash(file):
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


def _is_current(noted, mark, root, executed):
    """Return whether nothing has changed of what a chapter started from, opened and became; `executed` is its hash."""
    if not isinstance(noted, dict) or noted.get("mark") != mark or noted.get("executed") != executed:
        return False
    package = kernels.PACKAGE
    places = {name: (package.parent if name.startswith(f"{package.name}/") else root) / name for name in noted["files"]}
    return all(_hash(places[name]) == was for name, was in noted["files"].items())


def _write_results(root, folder, names):
    """Write what the finished chapters computed beside what the committed chapters published."""
    rows = [["key", "value", "unit", "published_value", "chapter"]]
    for name in sorted(names):
        published = {r["key"]: r["value"] for r in records(root / "notebooks" / f"{name}.ipynb", "key")}
        for row in records(folder.path / "executed" / f"{name}.ipynb", "key"):
            rows.append([row["key"], row["value"], row["unit"], published.get(row["key"], ""), name])
    folder.write(RESULTS, csv_text(rows))


def _copy_book(root, source):
    for name in TOP_FILES:
        shutil.copyfile(root / name, source / name)
    ignored = shutil.ignore_patterns(".*", "__pycache__", "*.py")
    shutil.copytree(root / "book", source / "book", ignore=shutil.ignore_patterns(".*", "__pycache__"))
    shutil.copytree(root / "notebooks", source / "notebooks", ignore=ignored)


def _copy_executed(source, target, values):
    """Copy a chapter for its page, which names a reader's own model by its label and not by their folders.

    What papermill puts in stands on the page no more than the cell of parameters below which it lies.
    """
    from papermill.translators import PythonTranslator

    notebook = notebooks.read(source)
    for cell in notebook["cells"]:
        if "injected-parameters" in cell["metadata"].get("tags", []):
            cell["metadata"]["tags"].append("remove-cell")
        for name, model in scenarios.own_models(values).items():
            if is_path(values[name]) and "injected-parameters" in cell["metadata"].get("tags", []):
                given, label = map(PythonTranslator.translate, (values[name], model.label))
                cell["source"] = cell["source"].replace(given, label)
    target.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _announce(source, values, executed, every, own):
    """Say on top of every page that the inputs or the hardware are not the published ones, and which."""
    differences = changed(values)
    if not differences and not own:
        return
    import yaml

    said = [f"<b>{n}</b> = {markup(scenarios.written(n, v))} (published {fmt.short(old)})"
            for n, (v, old) in differences.items()]  # fmt: skip
    text = f"These pages use inputs that differ from the published ones: {'; '.join(said)}." if said else ""
    if own:
        count = len(own.coefficients)
        calibrated = f"{count or 'no'} coefficient{'' if count == 1 else 's'}"
        text += f" They use the hardware <b>{markup(own.gpu['label'])}</b>, with {calibrated} calibrated on it."
    if rest := [name for name in every if name not in executed]:
        text += f" Not re-run, so still as published: {', '.join(rest)}."
    config_file = source / "_config.yml"
    config = yaml.safe_load(config_file.read_text(encoding="utf-8"))
    config.setdefault("html", {})["announcement"] = text
    config_file.write_text(yaml.safe_dump(config, sort_keys=False, allow_unicode=True), encoding="utf-8")


def _tail(done, lines=25):
    return "\n".join((done.stdout + done.stderr).strip().splitlines()[-lines:])
