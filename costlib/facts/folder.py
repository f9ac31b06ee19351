"""Where the tables of facts lie."""

from pathlib import Path

FOLDER = Path(__file__).parent
