"""How Chinese is set: a figure and the Chinese beside it stand without a blank."""

import re

_FIGURE = r"[+−-]?\d[\d.,]*%?"
_BEFORE_CHINESE = rf"(?<![A-Za-z\d.\-_/:])(?<![A-Za-z] ){_FIGURE} (?=[\u3400-\u9fff])"
_AFTER_CHINESE = rf"(?<=[\u3400-\u9fff]) {_FIGURE}(?![\w.\-/:]*[A-Za-z])"
_BESIDE = re.compile(f"{_BEFORE_CHINESE}|{_AFTER_CHINESE}")


def spaced_figures(words: str) -> list[str]:
    """Figures that a blank parts from the Chinese beside them, each with some of its surroundings.

    A figure that is part of a Latin name (`UTF-8`, `GB 50180`, `pois_2.csv`) keeps its blank.
    """
    return [words[max(0, at.start() - 12) : at.end() + 8] for at in _BESIDE.finditer(words)]
