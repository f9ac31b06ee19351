"""The article's functions under their published names, which lie in :mod:`costlib.economics.article`."""

from costlib.economics.article import *  # noqa: F403
