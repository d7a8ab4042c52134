"""The syntax trees of the project's modules."""

import ast
from concurrent.futures import ThreadPoolExecutor


def parse(path):
    """The tree of a module. In a thread of its own: greenlets of browser tests confuse the parser's depth."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(ast.parse, path.read_text(encoding="utf-8")).result()
