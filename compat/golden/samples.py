"""The golden samples: for each operation its answer as the documents print it, with source and date.

`request` says how to get such an answer here; in its texts, names in braces stand for things that are made first.
"""

import json
import re
from pathlib import Path

FOLDER = Path(__file__).parent / "samples"
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def load() -> list[dict]:
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))]


def filled(value, of):
    """The value with every placeholder exchanged for what `of` makes of it."""
    if isinstance(value, dict):
        return {name: filled(entry, of) for name, entry in value.items()}
    if isinstance(value, list):
        return [filled(entry, of) for entry in value]
    return PLACEHOLDER.sub(lambda found: of(found[1]), value) if isinstance(value, str) else value


def empty_lists(sample, answer, path="$") -> list[str]:
    """The lists that hold something in the sample and nothing in the answer: nothing of them was compared."""
    if isinstance(sample, dict) and isinstance(answer, dict):
        return [line for name in sample for line in empty_lists(sample[name], answer.get(name), f"{path}.{name}")]
    if isinstance(sample, list) and sample and isinstance(answer, list):
        return empty_lists(sample[0], answer[0], f"{path}[0]") if answer else [f"{path} is empty"]
    return []
