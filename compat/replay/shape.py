"""Compares JSON by shape: an answer has at least the fields of the sample, each of the sample's kind.

A field that the sample lacks is fine, so that the server may say more; a missing one or one of another kind is not.
Of a list, every entry is compared with the sample's first; an empty list says nothing about its entries.
"""

KINDS = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}


def kind(value) -> str:
    return "null" if value is None else KINDS[type(value)]


def differences(sample, answer, path="$") -> list[str]:
    """A sentence for each place where the answer's shape is not the sample's."""
    if kind(sample) != kind(answer):
        return [f"{path} is {kind(answer)} and should be {kind(sample)}"]
    if isinstance(sample, dict):
        return _of_objects(sample, answer, path)
    if isinstance(sample, list) and sample:
        return [line for index, entry in enumerate(answer) for line in differences(sample[0], entry, f"{path}[{index}]")]
    return []


def _of_objects(sample: dict, answer: dict, path: str) -> list[str]:
    missing = [f"{path}.{name} is missing" for name in sample if name not in answer]
    common = [name for name in sample if name in answer]
    return missing + [line for name in common for line in differences(sample[name], answer[name], f"{path}.{name}")]
