"""Makes objects of the seed's YAML with ``!ago 3h``, straight from the parser's events.

PyYAML makes a tree of nodes first and asks of every plain scalar what it is; the seed has thousands of them,
most of them many times, and somebody waits for the cluster.
"""

from __future__ import annotations

from typing import Any

import yaml

from k8stui.core.objects import JsonObject
from k8stui.core.units import parse_age
from k8stui.practice.seedfile import Ago


def parsed(text: str) -> list[JsonObject]:
    """The entries of a file.

    Raises:
        ValueError: an ``!ago`` is no age.
        yaml.YAMLError: the text is not YAML.
    """
    return list(_Reader(text).document())


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML with ``!ago 3h``."""


def _ago(loader: Any, node: Any) -> Ago:
    text = loader.construct_scalar(node)
    seconds = parse_age(text)
    if seconds is None:
        raise ValueError(f"seed: !ago {text} is no age")
    return Ago(float(seconds))


_Loader.add_constructor("!ago", _ago)


class _Reader:
    """One document; what PyYAML's own loader makes of it, with anchors and merge keys."""

    def __init__(self, text: str) -> None:
        self._loader = _Loader(text)
        self._next = self._loader.get_event
        self._plain: dict[str, Any] = {}
        self._anchors: dict[str, Any] = {}

    def document(self) -> Any:
        """Its value."""
        self._next()
        self._next()
        return self._value(self._next())

    def _value(self, event: Any) -> Any:
        made: Any
        if isinstance(event, yaml.ScalarEvent):
            made = self._scalar(event)
        elif isinstance(event, yaml.MappingStartEvent):
            made = self._mapping()
        elif isinstance(event, yaml.SequenceStartEvent):
            made = []
            while not isinstance(item := self._next(), yaml.SequenceEndEvent):
                made.append(self._value(item))
        else:
            return self._anchors[event.anchor]
        if event.anchor is not None:
            self._anchors[event.anchor] = made
        return made

    def _mapping(self) -> dict[Any, Any]:
        merged: dict[Any, Any] = {}
        own: dict[Any, Any] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            if event.value == "<<" and event.implicit[0]:
                merged = self._value(self._next())
                continue
            key = self._scalar(event)
            own[key] = self._value(self._next())
        return {**merged, **own}

    def _scalar(self, event: Any) -> Any:
        text = event.value
        if event.tag is not None:
            return self._loader.construct_object(yaml.ScalarNode(event.tag, text))
        if not event.implicit[0]:
            return text
        if text not in self._plain:
            tag = self._loader.resolve(yaml.ScalarNode, text, (True, False))
            self._plain[text] = self._loader.construct_object(yaml.ScalarNode(tag, text))
        return self._plain[text]
