"""The sentiment head: multinomial logistic regression on sentence vectors, fitted with numpy, written as Gemm and Softmax."""
import numpy as np
from onnx import TensorProto, helper, numpy_helper

PENALTY = 1e-5        # of the squared weights, beside the mean log loss; 1e-4 and 3e-6 calibrate worse (0.017 and 0.015 against 0.010)
STEPS, MEMORY = 300, 10
SMALLEST_SLOPE = 1e-6


def softmax(logits):
    """Row by row."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def fit(vectors, classes):
    """(weights [384, 3], bias [3]) of the smallest penalised log loss, found by L-BFGS from zero and rounded to three decimals."""
    x = np.hstack([vectors, np.ones((len(vectors), 1))]).astype(np.float64)
    wanted = np.eye(3)[classes]
    penalty = np.full((x.shape[1], 1), PENALTY)
    penalty[-1] = 0  # not of the bias

    def loss(w):
        p = softmax(x @ w)
        value = -np.mean(np.log(p[wanted == 1])) + np.sum(penalty * w * w) / 2
        return value, x.T @ (p - wanted) / len(x) + penalty * w

    w = np.zeros((x.shape[1], 3))
    value, slope = loss(w)
    moves, turns = [], []
    for _ in range(STEPS):
        direction = _direction(slope, moves, turns)
        w, value, slope, move, turn = _step(loss, w, value, slope, direction)
        if np.abs(slope).max() < SMALLEST_SLOPE or not np.sum(move * turn) > 0:
            break
        moves, turns = [*moves, move][-MEMORY:], [*turns, turn][-MEMORY:]
    w = np.round(w, 3).astype(np.float32)
    return w[:-1], w[-1]


def _direction(slope, moves, turns):
    """The two-loop recursion of L-BFGS: the slope times an estimate of the inverse second derivative."""
    q, factors = slope.copy(), []
    for move, turn in zip(reversed(moves), reversed(turns)):
        factors.append(np.sum(move * q) / np.sum(move * turn))
        q -= factors[-1] * turn
    if moves:
        q *= np.sum(moves[-1] * turns[-1]) / np.sum(turns[-1] ** 2)
    for move, turn, factor in zip(moves, turns, reversed(factors)):
        q += move * (factor - np.sum(turn * q) / np.sum(move * turn))
    return q


def _step(loss, w, value, slope, direction):
    """Halve the step until the loss falls in proportion (Armijo)."""
    size = 1.0
    while True:
        next_w = w - size * direction
        next_value, next_slope = loss(next_w)
        if next_value <= value - 1e-4 * size * np.sum(direction * slope) or size < 1e-8:
            return next_w, next_value, next_slope, next_w - w, next_slope - slope
        size /= 2


def build_graph(weights, bias):
    """sentence_embedding FP32 [batch, 384] -> probabilities FP32 [batch, 3]."""
    nodes = [helper.make_node("Gemm", ["sentence_embedding", "weights", "bias"], ["logits"]),
             helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1)]
    graph = helper.make_graph(
        nodes, "sentiment",
        [helper.make_tensor_value_info("sentence_embedding", TensorProto.FLOAT, ["batch", weights.shape[0]])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", len(bias)])],
        [numpy_helper.from_array(weights, "weights"), numpy_helper.from_array(bias, "bias")])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9, producer_name="tributary")
