"""What the peers share: the plan that the bench hands over, and an ONNX file as a session with its own names and types."""

import json
import sys
from dataclasses import dataclass

import numpy as np
import onnxruntime as ort

DTYPES = {"tensor(float)": np.float32, "tensor(int64)": np.int64}


@dataclass(frozen=True)
class Plan:
    """One server with one model on ports of the loopback interface."""

    name: str
    file: str
    grpc_port: int
    http_port: int
    metrics_port: int
    # Processes, or instances of the model, where the peer has them.
    workers: int
    # Threads of one run.
    threads: int
    # Rows that may run together, where the peer batches.
    max_batch_size: int


def read_plan(file: str | None = None) -> Plan:
    with open(file or sys.argv[1], encoding="utf-8") as source:
        return Plan(**json.load(source))


class OnnxModel:
    """A session with one input and one output."""

    def __init__(self, file: str, threads: int):
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = ort.InferenceSession(file, options, providers=["CPUExecutionProvider"])
        (self.input,) = self.session.get_inputs()
        (self.output,) = self.session.get_outputs()
        self.input_dtype = DTYPES[self.input.type]

    def run(self, values: np.ndarray) -> np.ndarray:
        return self.session.run([self.output.name], {self.input.name: values})[0]


def row_shape(shape: list) -> tuple[int, ...]:
    """Dimensions of one row; those that are not fixed are -1."""
    return tuple(size if isinstance(size, int) else -1 for size in shape[1:])
