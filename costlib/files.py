"""Files and folders that a reader names: a scenario, a sweep, the book itself."""

from pathlib import Path


class FileError(ValueError):
    """A file or folder that cannot be used: the message names it and says why."""


def find_root(start=None):
    """Return the folder of the book: the nearest one upwards that holds _toc.yml and notebooks, else the package's."""
    start = Path(start or Path.cwd()).resolve()
    for folder in (start, *start.parents, Path(__file__).resolve().parents[1]):
        if (folder / "_toc.yml").is_file() and (folder / "notebooks").is_dir():
            return folder
    raise FileError(f"no book found in {start} or above it: run inside a clone, or name its folder with --book")


def read_scenario(path):
    """Return the lines 'name: value' of a YAML file, unchecked; an empty file is the published scenario."""
    import yaml

    try:
        values = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise FileError(f"{path} cannot be read as YAML: {error}") from error
    if values is None:
        return {}
    if not isinstance(values, dict):
        raise FileError(f"{path} must hold lines of 'name: value', got a {type(values).__name__}")
    return values
