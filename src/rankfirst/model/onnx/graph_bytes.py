"""What an ONNX file contains, read from its bytes without the package onnx, which a server need not have.

An ONNX file is one protobuf message. Its encoder is hashed field by field: everything that determines what it computes,
without the head, and without names of source files and line numbers that the exporter stores.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, Self

import numpy as np

from rankfirst.errors import RunError
from rankfirst.measure.disk import read_tensors
from rankfirst.measure.scores import Matrix

HEAD: Final = {"head_weight": "weight", "head_bias": "bias"}  # initialiser -> tensor of head.safetensors
_FLOAT: Final = 1  # data type of TensorProto
# Field numbers of onnx.proto.
_GRAPH, _MODEL_NOTES = 7, {1, 2, 3, 4, 5, 6, 14}  # of the model: versions of format and producer, names, notes
_NODE, _TENSOR, _GRAPH_NOTES = 1, 5, {2, 10, 12, 13, 16}  # of a graph: name, notes; shapes, which the head determines
_NODE_NOTES = {3, 6, 9}  # of a node: name, notes
_OUTPUT, _OWN_NAME = 12, 1
_DIMS, _TYPE, _NAME, _RAW, _EXTERNAL = 1, 2, 8, 9, 13  # of a tensor
_TENSOR_NOTES = {12, 16}

Value = int | memoryview


@dataclass(frozen=True)
class Graph:
    """The bytes of an ONNX file."""

    content: memoryview

    @classmethod
    def of(cls, path: Path) -> Self:
        """Read a file. Raises: OSError."""
        return cls(memoryview(path.read_bytes()))

    def check(self, path: Path, head: Path) -> None:
        """Check that the graph contains the head of the delivery and refers to no other file.

        Args: path: of the graph, for errors. head: head.safetensors, if there is one. Raises: RunError.
        """
        try:
            own = read_tensors(head) if head.is_file() else {}
            whole = not self.external and all(np.array_equal(own.get(n, each), each) for n, each in self.head.items())
        except OSError:
            raise
        except Exception:  # a damaged file: readers raise all sorts of errors
            raise RunError("run.bad_model", path=str(path)) from None
        if not whole:
            raise RunError("delivery.graph", path=str(path), head=head.name)

    @cached_property
    def encoder_sha256(self) -> str:
        """Hash of everything but the head: two graphs with the same hash compute the same pooled states."""
        whole = hashlib.sha256()
        for number, value in _fields(self.content):
            if number == _GRAPH and isinstance(value, memoryview):
                for part, inner in _fields(value):
                    if part not in _GRAPH_NOTES:
                        _update(whole, part, inner)
            elif number not in _MODEL_NOTES:
                _add(whole, number, value)
        return whole.hexdigest()

    @cached_property
    def head(self) -> Mapping[str, Matrix]:
        """The head's tensors by their names in head.safetensors, as far as the graph holds them in float32."""
        tensors = {}
        for name, tensor in self._tensors():
            if name in HEAD:
                fields = list(_fields(tensor))
                dims = [size for number, value in fields if number == _DIMS for size in _numbers(value)]
                raw = next((value for number, value in fields if number == _RAW), None)
                if (_TYPE, _FLOAT) in fields and isinstance(raw, memoryview):
                    tensors[HEAD[name]] = np.frombuffer(raw, dtype="<f4").reshape(dims)
        return {name: array.T if name == "weight" else array for name, array in tensors.items()}

    @cached_property
    def outputs(self) -> tuple[str, ...]:
        """The names of its outputs."""
        return tuple(_name(value, _OWN_NAME) for number, value in self._parts() if number == _OUTPUT)

    @property
    def external(self) -> bool:
        """Whether weights lie in another file, which nobody would have verified."""
        return any(number == _EXTERNAL for _, tensor in self._tensors() for number, _ in _fields(tensor))

    def _tensors(self) -> Iterator[tuple[str, memoryview]]:
        for number, value in self._parts():
            if number == _TENSOR and isinstance(value, memoryview):
                yield _name(value, _NAME), value

    def _parts(self) -> Iterator[tuple[int, Value]]:
        graph = next((value for number, value in _fields(self.content) if number == _GRAPH), None)
        if not isinstance(graph, memoryview):
            raise ValueError("no ONNX file")
        return _fields(graph)


def _update(whole: "hashlib._Hash", number: int, value: Value) -> None:
    """Add a field of the graph to the hash."""
    notes = {_NODE: _NODE_NOTES, _TENSOR: _TENSOR_NOTES}.get(number, set())
    if number == _TENSOR and isinstance(value, memoryview) and _name(value, _NAME) in HEAD:
        return
    if number in (_NODE, _TENSOR) and isinstance(value, memoryview):
        whole.update(b"(%d" % number)
        for part, inner in _fields(value):
            if part not in notes:
                _add(whole, part, inner)
        whole.update(b")")
    else:
        _add(whole, number, value)


def _add(whole: "hashlib._Hash", number: int, value: Value) -> None:
    content = value if isinstance(value, memoryview) else b"%d" % value
    whole.update(b"%d:%d:" % (number, len(content)))
    whole.update(content)


def _name(message: Value, field: int) -> str:
    fields = () if isinstance(message, int) else _fields(message)
    name = next((value for number, value in fields if number == field), b"")
    return "" if isinstance(name, int) else bytes(name).decode("utf-8", "replace")


def _numbers(value: Value) -> list[int]:
    """A repeated number, packed or not."""
    if isinstance(value, int):
        return [value]
    numbers, at = [], 0
    while at < len(value):
        number, at = _varint(value, at)
        numbers.append(number)
    return numbers


def _fields(message: memoryview) -> Iterator[tuple[int, Value]]:
    """(field number, value) of a protobuf message, in order. Raises: ValueError if it is none."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(message, at)
            yield number, value
            continue
        size = {1: 8, 5: 4}.get(wire)
        if wire == 2:
            size, at = _varint(message, at)
        if size is None or at + size > len(message):
            raise ValueError("not a protobuf message")
        yield number, message[at : at + size]
        at += size


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        if at >= len(message) or shift > 63:
            raise ValueError("not a protobuf message")
        byte = message[at]
        number |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return number, at
