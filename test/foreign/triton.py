"""Triton's own Python client against one address: triton.py HOST:PORT. Prints one JSON line a check, like check.py."""
import json
import sys

import numpy as np
import tritonclient.grpc as triton
from tritonclient.utils import InferenceServerException

client = triton.InferenceServerClient(sys.argv[1])


def check(name, run):
    try:
        fault = run()
    except InferenceServerException as error:
        fault = f"{error.status()}: {error.message()}"
    print(json.dumps({"check": f"tritonclient {name}", "fault": fault}), flush=True)


def embedding():
    inputs = [triton.InferInput("input_ids", [1, 3], "INT64"), triton.InferInput("attention_mask", [1, 3], "INT64")]
    inputs[0].set_data_from_numpy(np.array([[101, 7592, 102]], "i8"))
    inputs[1].set_data_from_numpy(np.ones((1, 3), "i8"))
    result = client.infer("bge-small-en", inputs, request_id="7").as_numpy("sentence_embedding")
    return None if result.shape == (1, 384) and abs(float((result**2).sum()) - 1) < 1e-3 else f"shape {result.shape}"


def top_classes():
    pixels = triton.InferInput("pixels", [1, 224, 224, 3], "UINT8")
    pixels.set_data_from_numpy(np.full((1, 224, 224, 3), 127, "u1"))
    wanted = triton.InferRequestedOutput("probabilities", class_count=3)
    rows = client.infer("efficientnet-lite0", [pixels], outputs=[wanted]).as_numpy("probabilities").ravel()
    parts = [row.decode().split(":") for row in rows]
    scores = [float(part[0]) for part in parts]
    return None if len(rows) == 3 and scores == sorted(scores, reverse=True) and all(len(p) >= 3 for p in parts) else str(rows)


def refusal():
    try:
        client.infer("no-such-model", [triton.InferInput("x", [1], "FP32")])
    except InferenceServerException as error:
        return None if "Request for unknown model: 'no-such-model' is not found" in error.message() else error.message()
    return "no error"


check("is_server_live", lambda: None if client.is_server_live() else "not live")
check("is_server_ready", lambda: None if client.is_server_ready() else "not ready")
check("is_model_ready", lambda: None if client.is_model_ready("bge-small-en") else "not ready")
check("get_server_metadata", lambda: None if client.get_server_metadata().name else "no name")
check("get_model_metadata", lambda: None if client.get_model_metadata("movies").platform == "onnxruntime_onnx" else "platform")
check("get_model_repository_index", lambda: None if len(client.get_model_repository_index().models) >= 4 else "fewer than 4 models")
check("infer", embedding)
check("infer with classification", top_classes)
check("infer an unknown model", refusal)
