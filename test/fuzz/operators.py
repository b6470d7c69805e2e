"""Hostile inputs for the models of ONNX's own test cases, against a running nlp service.

usage: operators.py ROOT [--port 9600] [--only TEXT] [--chunk 60] [--seed 1] [--record FILE]
Needs onnx, numpy, grpcio and tritonclient. Every model of onnx.backend.test is served with free dimensions, and asked with empty, extreme
and mismatched tensors by three callers at a time. Wrong is: an answer without a reason of docs/errors.md, a call that takes longer than its
deadline, an end of the service, a known model that does not answer rightly in between.
"""
import argparse
import collections
import json
import random
import re
import struct
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import grpc
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.backend.test.case.node import collect_testcases
from tritonclient.grpc import service_pb2 as pb
from tritonclient.grpc import service_pb2_grpc

TYPES = {
    TensorProto.FLOAT: ("FP32", "<f4"), TensorProto.DOUBLE: ("FP64", "<f8"), TensorProto.FLOAT16: ("FP16", "<f2"),
    TensorProto.INT64: ("INT64", "<i8"), TensorProto.INT32: ("INT32", "<i4"), TensorProto.INT16: ("INT16", "<i2"),
    TensorProto.INT8: ("INT8", "|i1"), TensorProto.UINT64: ("UINT64", "<u8"), TensorProto.UINT32: ("UINT32", "<u4"),
    TensorProto.UINT16: ("UINT16", "<u2"), TensorProto.UINT8: ("UINT8", "|u1"), TensorProto.BOOL: ("BOOL", "|b1"),
    TensorProto.BFLOAT16: ("BF16", "<u2"), TensorProto.STRING: ("BYTES", "O"),
}
MANNERS = ["overflow", "lowest", "zeros", "values", "empty", "no-rows", "one-empty", "one-values", "sizes", "ones", "long",
           "sizes", "one-values", "values", "sizes", "one-empty", "one-values"]
FLOATS = [float("nan"), float("inf"), -float("inf"), 0.0, -0.0, 1e38, -1e38, 1e-45, 1.0, -1.0, 0.5, 2.0**31, 1e10]
TEXTS = [b"", b"a", b"\x00", b"\xff\xfe", b"x" * 500, "é".encode()]
SIZES = [0, 1, 2, 3, 5, 17]
DEADLINE_S = 6
# What a run must never end with.
UNTOLD = {"INTERNAL", "MODEL_STUCK", "SERVER_STARTING", "SHUTTING_DOWN", "WORKER_LOST", "WORKER_CRASHED"}


def with_free_sizes(case):
    """The model without fixed sizes, and name, type, shape and value of its inputs; None where one of them cannot be sent."""
    model = onnx.ModelProto()
    model.CopyFrom(case.model)
    constants = {tensor.name for tensor in model.graph.initializer}
    values = dict(zip([i.name for i in model.graph.input], case.data_sets[0][0] if case.data_sets else []))
    inputs = []
    for entry in model.graph.input:
        tensor = entry.type.tensor_type
        if not entry.type.HasField("tensor_type") or tensor.elem_type not in TYPES or not tensor.HasField("shape"):
            return None
        if entry.name in constants:
            continue
        shape = [d.dim_value if d.HasField("dim_value") else 2 for d in tensor.shape.dim]
        inputs.append((entry.name, tensor.elem_type, shape, values.get(entry.name)))
    if not 1 <= len(inputs) <= 12:
        return None
    for entry in [*model.graph.input, *model.graph.output]:
        for index, dimension in enumerate(entry.type.tensor_type.shape.dim):
            dimension.Clear()
            dimension.dim_param = f"{entry.name}_{index}"
    del model.graph.value_info[:]
    return model, inputs


def objects(elements, shape):
    array = np.empty(len(elements), object)
    array[:] = elements
    return array.reshape(shape)


def extremes(rng, kind, shape):
    """Values that are at the edge of the type."""
    count = int(np.prod(shape))
    name, dtype = TYPES[kind]
    if name == "BYTES":
        return objects([rng.choice(TEXTS) for _ in range(count)], shape)
    if name == "BOOL":
        pool = [False, True]
    elif name == "BF16":
        pool = [0x7FC0, 0x7F80, 0xFF80, 0, 0x3F80, 0xBF80]
    elif name.startswith("FP"):
        pool = FLOATS
    else:
        info = np.iinfo(dtype)
        pool = [info.min, info.max, 0, 1, 2, 7, min(2**29, info.max), min(2**20, info.max)] + ([-1, -2, -100] if info.min < 0 else [])
    if rng.random() < 0.4:
        pool = [rng.choice(pool)]
    with np.errstate(over="ignore"):
        return np.array([rng.choice(pool) for _ in range(count)]).astype(dtype).reshape(shape)


def as_given(rng, kind, shape, value):
    """The value of ONNX's test case, where it has one."""
    if not isinstance(value, (np.ndarray, np.generic)):
        return extremes(rng, kind, shape)
    value = np.asarray(value)
    if kind == TensorProto.STRING:
        return objects([x if isinstance(x, bytes) else str(x).encode() for x in value.ravel()], value.shape)
    if kind == TensorProto.BFLOAT16:
        return value.view("<u2") if value.dtype.itemsize == 2 else extremes(rng, kind, shape)
    return value


def tensor_for(rng, manner, position, is_target, spec):
    """What one input is sent."""
    _, kind, shape, value = spec
    given = as_given(rng, kind, shape, value)
    rank = given.ndim
    if manner in ("overflow", "lowest", "zeros"):
        if TYPES[kind][0].lstrip("U").startswith("INT"):
            info = np.iinfo(TYPES[kind][1])
            fill = info.min if position == 0 else -1 if info.min < 0 else info.max
            return np.full([1] * rank if manner == "overflow" else given.shape, 0 if manner == "zeros" else fill, TYPES[kind][1])
        return given
    if manner.startswith("one-") or manner in ("sizes", "long"):
        if not is_target:
            return given
    if manner in ("values", "one-values"):
        return extremes(rng, kind, given.shape)
    sizes = list(given.shape)
    if rank > 0:
        chosen = rng.randrange(rank)
        sizes = {
            "empty": [0] * rank,
            "no-rows": [0, *sizes[1:]],
            "one-empty": [*sizes[:chosen], 0, *sizes[chosen + 1:]],
            "sizes": [rng.choice(SIZES) for _ in sizes],
            "ones": [1] * rank,
            "long": [20000 if index == chosen else 1 for index in range(rank)],
        }[manner]
    return extremes(rng, kind, sizes)


def request_for(model, tensors):
    request = pb.ModelInferRequest(model_name=model)
    for name, kind, array in tensors:
        request.inputs.add(name=name, datatype=TYPES[kind][0], shape=list(array.shape))
        texts = array.ravel() if kind == TensorProto.STRING else None
        raw = b"".join(struct.pack("<I", len(x)) + x for x in texts) if texts is not None else array.astype(TYPES[kind][1]).tobytes()
        request.raw_input_contents.append(raw)
    return request


class Fuzz:
    def __init__(self, options):
        self.options = options
        catalogue = (Path(options.root) / "docs/errors.md").read_text()
        self.statuses = dict(re.findall(r"^\| `([A-Z_]+)` \| ([A-Z_]+) \|", catalogue, re.M))
        self.outcomes, self.deaths, self.faults = collections.Counter(), collections.Counter(), []
        self.longest_s = 0.0
        self.lock = threading.Lock()

    def fault(self, model, manner, text):
        with self.lock:
            self.faults.append({"model": model, "manner": manner, "fault": text})
        print("FAULT", model, manner, text, flush=True)

    def reason_of(self, error):
        details = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin", b"")
        words = [word.decode() for word in re.findall(rb"[A-Z][A-Z_]{3,}", details)]
        return next((word for word in words if word in self.statuses), None)

    def ask_known(self, stub, after):
        began = time.time()
        x = np.array([1.5, -2.25], "<f4")
        try:
            answer = stub.ModelInfer(request_for("known", [("x", TensorProto.FLOAT, x)]), timeout=15)
            if answer.raw_output_contents[0] != (x * 2).tobytes():
                self.fault("known", after, "a wrong answer")
        except grpc.RpcError as error:
            self.fault("known", after, f"{error.code().name} {self.reason_of(error)}")
        with self.lock:
            self.longest_s = max(self.longest_s, time.time() - began)

    def ask(self, stub, name, manner, request):
        began = time.time()
        try:
            stub.ModelInfer(request, timeout=DEADLINE_S)
            outcome = "answered"
        except grpc.RpcError as error:
            status, reason = error.code().name, self.reason_of(error)
            outcome = reason or status
            is_late = status == "DEADLINE_EXCEEDED" and reason is None
            if not is_late and (reason is None or reason in UNTOLD or self.statuses[reason] != status):
                self.fault(name, manner, f"{status} {reason}: {error.details()}")
        if time.time() - began > DEADLINE_S + 3:
            self.fault(name, manner, f"{outcome} after {time.time() - began:.1f} s")
        with self.lock:
            self.outcomes[outcome] += 1
            self.deaths[name] += outcome == "RUN_CRASHED"
        return outcome

    def attack(self, stub, process, name, inputs):
        rng = random.Random(f"{self.options.seed} {name}")
        for position, manner in enumerate(MANNERS):
            target = rng.randrange(len(inputs))
            tensors = [(spec[0], spec[1], tensor_for(rng, manner, index, index == target, spec)) for index, spec in enumerate(inputs)]
            request = request_for(name, tensors)
            if request.ByteSize() > 3_000_000:
                continue
            outcome = self.ask(stub, name, manner, request)
            if process.poll() is not None:
                self.fault(name, manner, f"the service ended with {process.returncode}")
                return
            if outcome == "RUN_CRASHED" or position % 4 == 3:
                self.ask_known(stub, f"{name} {manner}")

    def serve(self, models):
        """One service for some of the models, from its start to its end."""
        known = helper.make_graph(
            [helper.make_node("Mul", ["x", "two"], ["y"])], "known", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, [None])], [numpy_helper.from_array(np.array([2], "<f4"), "two")])
        graphs = {name: model for name, (model, _) in models.items()}
        graphs["known"] = helper.make_model(known, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        with tempfile.TemporaryDirectory() as folder:
            for name, model in graphs.items():
                version = Path(folder) / name / "1"
                version.mkdir(parents=True)
                onnx.save(model, version / "model.onnx")
            port = self.options.port
            process = subprocess.Popen(
                ["node", f"{self.options.root}/services/nlp/dist/main.js", "--repository", folder, "--grpc-port", str(port),
                 "--metrics-port", str(port + 1), "--log-level", "fatal"])
            try:
                limits = [("grpc.max_reconnect_backoff_ms", 200), ("grpc.max_receive_message_length", -1)]
                with grpc.insecure_channel(f"127.0.0.1:{port}", options=limits) as channel:
                    self.attack_all(service_pb2_grpc.GRPCInferenceServiceStub(channel), process, models)
            finally:
                process.terminate()
                try:
                    if process.wait(15) != 0:
                        self.fault("", "end", f"exit code {process.returncode}")
                except subprocess.TimeoutExpired:
                    self.fault("", "end", "the service does not end within 15 s")
                    process.kill()

    def attack_all(self, stub, process, models):
        ready = self.loaded(stub, models)
        waiting = iter(ready)

        def caller():
            while True:
                with self.lock:
                    name = next(waiting, None)
                if name is None:
                    return
                self.attack(stub, process, name, models[name][1])

        callers = [threading.Thread(target=caller) for _ in range(3)]
        for each in callers:
            each.start()
        for each in callers:
            each.join()
        self.ask_known(stub, "the end")

    def loaded(self, stub, models):
        """Names of the models that serve, once all have been tried."""
        end = time.time() + 120
        states = {}
        while time.time() < end:
            try:
                states = {m.name: m for m in stub.RepositoryIndex(pb.RepositoryIndexRequest(), timeout=5).models}
                if len(states) > len(models) and all(m.state in ("READY", "UNAVAILABLE", "RESTING") for m in states.values()):
                    break
            except grpc.RpcError:
                pass
            time.sleep(0.1)
        else:
            self.fault("", "start", "not all models were tried within 120 s")
        for name, state in states.items():
            if state.state != "READY":
                self.outcomes["at load: " + state.reason.split(":")[0]] += 1
        return [name for name in models if name in states and states[name].state == "READY"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("root")
    for name, default in {"port": 9600, "chunk": 60, "seed": 1}.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--only", default="")
    parser.add_argument("--record")
    options = parser.parse_args()
    cases = [case for case in collect_testcases(None) if case.model is not None and options.only in case.name]
    models = [(case.name, model) for case in cases if (model := with_free_sizes(case)) is not None]
    random.Random(7).shuffle(models)
    fuzz = Fuzz(options)
    for at in range(0, len(models), options.chunk):
        fuzz.serve(dict(models[at:at + options.chunk]))
        print(f"{min(at + options.chunk, len(models))} of {len(models)} models, {len(fuzz.faults)} faults", flush=True)
    record = {
        "onnx": onnx.__version__, "date": time.strftime("%Y-%m-%d"), "models": len(models), "outcomes": dict(fuzz.outcomes.most_common()),
        "deaths": {name: times for name, times in sorted(fuzz.deaths.items()) if times}, "faults": fuzz.faults,
        "longestWaitOfTheKnownModelSeconds": round(fuzz.longest_s, 2),
    }
    print(json.dumps(record, indent=2))
    if options.record:
        Path(options.record).write_text(json.dumps(record, indent=2) + "\n")
    raise SystemExit(1 if fuzz.faults else 0)


main()
