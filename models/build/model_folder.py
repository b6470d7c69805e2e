"""What every build writes beside its graph: model.json with file digests, and tensors as JSON for golden.json."""
import json

import numpy as np
from onnx.external_data_helper import set_external_data

import fetch

DATATYPES = {"float32": "FP32", "int64": "INT64", "int32": "INT32", "uint8": "UINT8"}


PAGE = 4096
SMALLEST_OUTSIDE = 1024  # bytes; smaller tensors stay in model.onnx


def write_model(version, model):
    """model.onnx, and model.data beside it with the large tensors, each on a page of its own, so that every session maps one copy."""
    with open(version / "model.data", "wb") as data:
        for tensor in model.graph.initializer:
            raw = tensor.raw_data
            if len(raw) < SMALLEST_OUTSIDE:
                continue
            data.write(b"\0" * (-data.tell() % PAGE))
            set_external_data(tensor, "model.data", offset=data.tell(), length=len(raw))
            data.write(raw)
            tensor.ClearField("raw_data")
    (version / "model.onnx").write_bytes(model.SerializeToString(deterministic=True))


def write_json(path, value):
    """Indented by one, lists of plain numbers on one line, so that a change reads well in a diff."""
    path.write_text(_format(value, "") + "\n", encoding="utf-8")


def _format(value, indent):
    inner = indent + " "
    if isinstance(value, dict) and value:
        rows = [f"{inner}{json.dumps(k, ensure_ascii=False)}: {_format(v, inner)}" for k, v in value.items()]
        return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
    if isinstance(value, list) and value and isinstance(value[0], (dict, list)):
        return "[\n" + ",\n".join(inner + _format(v, inner) for v in value) + f"\n{indent}]"
    return json.dumps(value, ensure_ascii=False)


def write_model_json(folder, settings):
    """model.json: the settings and the digest of every file of version 1."""
    files = {f"1/{p.name}": f"sha256:{fetch.sha256(p)}" for p in sorted((folder / "1").iterdir())}
    write_json(folder / "model.json", {**settings, "files": files})


def tensor_json(array, digits=7):
    """A tensor as golden.json holds it; floats are rounded to `digits` decimals."""
    flat = array.reshape(-1).tolist()
    if array.dtype == np.float32:
        flat = [round(v, digits) for v in flat]
    return {"datatype": DATATYPES[str(array.dtype)], "shape": list(array.shape), "data": flat}


def write_golden(path, session, requests, tolerance):
    """golden.json: what Python onnxruntime answers to `requests` (dicts of input arrays) on the shipped graph."""
    names = [o.name for o in session.get_outputs()]
    cases = []
    for inputs in requests:
        outputs = dict(zip(names, session.run(names, inputs)))
        cases.append({side: {k: tensor_json(v) for k, v in arrays.items()} for side, arrays in (("inputs", inputs), ("outputs", outputs))})
    write_json(path, {"tolerance": tolerance, "cases": cases})


def write_float32(name, graph, inputs):
    """The fp32 graph (bytes) and the inputs of one run, in a folder of the build cache that is complete or not there; returns it."""
    folder = fetch.CACHE / f"float32-{name}"
    if not folder.exists():
        part = folder.with_suffix(".part")
        part.mkdir(parents=True, exist_ok=True)
        (part / "model.onnx").write_bytes(graph)
        write_json(part / "inputs.json", {key: tensor_json(value) for key, value in inputs.items()})
        part.rename(folder)
    return folder
