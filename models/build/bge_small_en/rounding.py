"""Matrices of the encoder as int8, rounded for the inputs they meet.

Each row of a matrix is rounded in turn, the widest-ranging input first, and its error is carried to the rows that are still to come, in
the proportion in which their inputs go together (GPTQ, Frantar et al. 2022, equation 3). What remains of the mean error goes to the bias.
Inputs are those of the float graph on sentences that the evaluation does not use.
"""
import json
from dataclasses import dataclass

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from .graph import build_graph, float_form
from .source import FOLDER, MAX_TOKENS, rated_sentences, session, source_graph, source_tokenizer, text_digest, tokenizer_of

SENTENCES, LONG_TEXTS, RANDOM_TEXTS, SEED = 320, 6, 24, 3
ROWS = 6000  # inputs that a matrix is rounded for
FIRST_ORDINARY_ID, LAST_ID = 1000, 30521
FEWEST_ROWS = 2000  # the matrices of the first token alone meet too few inputs, and stay as they are
DAMPING = 0.01
LARGEST = 127
GROUP = 64


@dataclass
class Matrix:
    """int8 `values` [k, n], fp32 `scales` [n], what the mean error adds to the bias [n], and the largest input."""
    values: np.ndarray
    scales: np.ndarray
    correction: np.ndarray
    largest: float


def calibration_ids():
    """Token ids: sentences by digest, long texts of many of them, the shortest ones, and random words for range."""
    evaluated = {entry["id"] for entry in json.loads((FOLDER / "evaluation.json").read_text())["sentences"]}
    texts = [text for _, text in sorted((text_digest(t), t) for row, (_, t) in rated_sentences().items() if row not in evaluated)]
    long_texts = [" ".join(texts[1000 + 40 * i : 1040 + 40 * i]) for i in range(LONG_TEXTS)]
    tokenizer = tokenizer_of(source_tokenizer())
    for text in [*texts[:SENTENCES], *long_texts, "", "hello", "a"]:
        yield tokenizer.encode(text).ids[:MAX_TOKENS]
    random = np.random.default_rng(SEED)
    for _ in range(RANDOM_TEXTS):
        yield [101, *random.integers(FIRST_ORDINARY_ID, LAST_ID + 1, int(random.integers(4, 60))), 102]


def _show_inputs(graph):
    """Makes the input of every multiplication an output of the graph; returns their names."""
    names = sorted({n.input[0] for n in graph.node if n.op_type == "MatMul"})
    graph.output.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names)
    return names


def rounded_matrices(carry_errors=True):
    """{name: Matrix} of all multiplications but those of the first token alone."""
    model = build_graph(source_graph(), float_form)
    weights = {t.name: t for t in model.graph.initializer}
    products = [(n.output[0].removesuffix(".product"), n.input[0], numpy_helper.to_array(weights[n.input[1]]))
                for n in model.graph.node if n.op_type == "MatMul"]
    names = _show_inputs(model.graph)
    runner, met = session(model.SerializeToString()), {name: [] for name in names}
    for ids in calibration_ids():
        row = np.array([ids], np.int64)
        for name, value in zip(names, runner.run(names, {"input_ids": row, "attention_mask": np.ones_like(row)})):
            met[name].append(value.reshape(-1, value.shape[-1]))
    matrices = {}
    for name, of, matrix in products:
        x = np.concatenate(met[of])
        if len(x) >= FEWEST_ROWS:
            print(f"  rounding {name}", flush=True)
            matrices[name] = _rounded(x, matrix, carry_errors)
    return matrices


def _rounded(inputs, matrix, carry_errors):
    x = inputs[np.random.default_rng(SEED).permutation(len(inputs))[:ROWS]]
    centred = x - x.mean(axis=0)
    covariance = (centred.T @ centred / len(x)).astype(np.float64)
    scales = _scales(matrix, np.diag(covariance))
    values = (_carried if carry_errors else _nearest)(matrix, scales, covariance)
    correction = x.mean(axis=0, dtype=np.float64) @ (matrix - values * scales.astype(np.float64))
    return Matrix(values.astype(np.int8), scales, correction.astype(np.float32), float(np.abs(inputs).max()))


def _scales(matrix, weight_of_row):
    """Of each output: between .7 and 1 of what its largest weight asks for, whatever leaves the smallest error."""
    full = np.abs(matrix).max(axis=0) / LARGEST
    tried = [full * share for share in np.linspace(0.7, 1, 7)]
    errors = [(np.square(_nearest(matrix, s) * s - matrix) * weight_of_row[:, None]).sum(axis=0) for s in tried]
    return np.take_along_axis(np.array(tried), np.argmin(errors, axis=0)[None], axis=0)[0].astype(np.float32)


def _nearest(matrix, scales, _covariance=None):
    return np.clip(np.rint(matrix / scales), -LARGEST, LARGEST)


def _carried(matrix, scales, covariance):
    size = len(matrix)
    order = np.argsort(-np.diag(covariance), kind="stable")
    damped = covariance[np.ix_(order, order)] + np.eye(size) * (DAMPING * np.diag(covariance).mean() + 1e-9)
    upper = np.linalg.cholesky(np.linalg.inv(damped)).T.astype(np.float32)
    left, values = matrix[order].astype(np.float32), np.zeros_like(matrix, np.float32)
    for start in range(0, size, GROUP):
        end = min(start + GROUP, size)
        errors = np.zeros((end - start, matrix.shape[1]), np.float32)
        for i in range(start, end):
            values[i] = _nearest(left[i], scales)
            errors[i - start] = (left[i] - values[i] * scales) / upper[i, i]
            left[i + 1 : end] -= np.outer(upper[i, i + 1 : end], errors[i - start])
        left[end:] -= upper[start:end, end:].T @ errors
    return values[np.argsort(order)]
