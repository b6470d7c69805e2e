"""The float graph with 8-bit weights and activations (QLinearConv), scales fixed by calibration, so no answer depends on its batch.

What keeps it close to the float graph:
- the layers of `FLOAT_LAYERS` stay float32: the first depthwise convolution multiplies the steps of its input so much that it alone made
  three quarters of all error;
- each activation's scale leaves the smallest mean square error on the calibration crops, each weight's the smallest of its channel;
- front to back, each layer's bias is corrected by what quantising moved the mean of its channels.
Processors without VNNI add products of two neighbours in 16 bits, which saturates. Scales of weights are so large that no sum of two
neighbours of one sign can pass 128, so that 255 times it still fits.
"""
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from . import graph

FLOAT_LAYERS = ("conv_stem", "blocks_0_depthwise_conv", "blocks_0_project_conv")
BATCH = 8
PIXELS_A_CHANNEL, VALUES, SEED = 32, 400_000, 0  # sampled for the choice of an activation's scale
LARGEST, LARGEST_PAIR = 127, 127.5
LIVELY, SHARE_AT_LEAST = 0.02, 0.3  # channels that hardly ever leave 0 are not corrected; the slope of the others is bounded


class Layers:
    """The nodes of the float graph that change: `convolutions` and `sums` in their order, and the classifier."""

    def __init__(self, model):
        self.arrays = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
        clipped = {n.input[0]: n.output[0] for n in model.graph.node if n.op_type == "Clip"}
        self.nodes = [n for n in model.graph.node if n.op_type in ("Conv", "Add")]
        self.output = {n.name: clipped.get(n.output[0], n.output[0]) for n in self.nodes}
        self.clipped = {n.name for n in self.nodes if n.output[0] in clipped}
        self.bias = {n.name: self.arrays[n.input[2]].astype(np.float64) for n in self.nodes if n.op_type == "Conv"}
        self.grouped = {n.name for n in self.nodes for a in n.attribute if a.name == "group" and a.i > 1}

    def weight(self, node):
        return self.arrays[node.input[1]]


def _run(model, outputs, kind, pixels):
    """Answers of `outputs` batch by batch."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    copy.graph.output.extend(helper.make_tensor_value_info(name, kind, None) for name in outputs)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(copy.SerializeToString(), options, providers=["CPUExecutionProvider"])
    for start in range(0, len(pixels), BATCH):
        yield dict(zip(outputs, session.run(outputs, {"pixels": pixels[start : start + BATCH]})))


def _statistics(model, layers, pixels):
    """Of each activation: the mean of every channel and a sample of its values."""
    random, means, samples = np.random.default_rng(SEED), {}, {}
    for answers in _run(model, [*layers.output.values(), "pooled"], TensorProto.FLOAT, pixels):
        for name, value in answers.items():
            flat = value.reshape(*value.shape[:2], -1)
            means.setdefault(name, []).append(flat.mean(axis=2))
            chosen = random.choice(flat.shape[2], min(flat.shape[2], PIXELS_A_CHANNEL), replace=False)
            samples.setdefault(name, []).append(flat[:, :, chosen].ravel())
    return {n: np.concatenate(m).mean(axis=0) for n, m in means.items()}, {n: np.concatenate(s) for n, s in samples.items()}


def _activation_scale(values, from_zero):
    """(scale, zero) of uint8 with the smallest mean square error."""
    if len(values) > VALUES:
        values = np.random.default_rng(SEED).choice(values, VALUES)
    low, high = (0.0 if from_zero else min(values.min(), 0)), values.max()
    best = None
    for share in np.linspace(0.5, 1, 26):
        scale = np.float32((high - low) * share / 255)
        zero = np.rint(-low * share / scale)
        error = np.square(np.clip(np.rint(values / scale) + zero, 0, 255) - zero - values / scale).mean() * scale**2
        if best is None or error < best[0]:
            best = error, scale, np.uint8(zero)
    return best[1:]


def _round_weight(weight, pairs):
    """int8 and one scale for each output channel; with `pairs` no two neighbours saturate a 16-bit sum."""
    rows = weight.reshape(len(weight), -1).astype(np.float64)
    largest = np.abs(rows).max(axis=1)
    largest = np.maximum(largest, largest.max() * 1e-4)
    least = _largest_pair(rows) / LARGEST_PAIR if pairs else 0
    tried = [np.maximum(largest * share / LARGEST, least) for share in np.linspace(0.7, 1, 16)]
    rounded = [np.clip(np.rint(rows / s[:, None]), -LARGEST, LARGEST) for s in tried]
    best = np.argmin([np.square(q * s[:, None] - rows).sum(axis=1) for q, s in zip(rounded, tried)], axis=0)
    rank = np.arange(len(rows))
    return np.array(rounded)[best, rank].astype(np.int8).reshape(weight.shape), np.array(tried)[best, rank].astype(np.float32)


def _largest_pair(rows):
    """Of each row the largest sum of one sign over neighbours 0 and 1, 2 and 3, and so on."""
    pairs = np.pad(rows, ((0, 0), (0, rows.shape[1] % 2))).reshape(len(rows), -1, 2)
    return np.maximum(np.maximum(pairs, 0).sum(axis=2).max(axis=1), np.maximum(-pairs, 0).sum(axis=2).max(axis=1))


class _Emitter:
    """Writes the quantised graph; `scales` holds (scale, zero) of every activation, `weights` (int8, scales) of every layer."""

    def __init__(self, layers, scales, weights, float_layers):
        self.layers, self.scales, self.weights, self.float_layers = layers, scales, weights, float_layers
        self.nodes, self.constants, self.floats = [], {}, {}

    def constant(self, name, value):
        self.constants[name] = numpy_helper.from_array(np.asarray(value, order="C"), name)
        return name

    def node(self, op, inputs, output, domain="", **attributes):
        self.nodes.append(helper.make_node(op, inputs, [output], name=output, domain=domain, **attributes))
        return output

    def scale(self, name):
        scale, zero = self.scales[name]
        return [self.constant(f"{name}_scale", scale), self.constant(f"{name}_zero", zero)]

    def quantised(self, name):
        name = {"normalised": "planes"}.get(name, name)
        return [name, *self.scale(name)]

    def float_value(self, name):
        if name not in self.floats:
            name_of, *scale = self.quantised(name)
            self.floats[name] = self.node("DequantizeLinear", [name_of, *scale], f"{name}_float")
        return self.floats[name]

    def float_convolution(self, node, output):
        names = [self.constant(n, self.layers.arrays[n]) for n in node.input[1:]]
        value = self.node("Conv", [self.float_value(node.input[0]), *names], f"{node.name}_float32", **_attributes(node))
        if node.name in self.layers.clipped:
            limits = self.constant("zero", np.float32(0)), self.constant("six", np.float32(6))
            value = self.node("Clip", [value, *limits], f"{output}_float32")
        self.floats[output] = value
        self.node("QuantizeLinear", [value, *self.scale(output)], output)

    def convolution(self, node, output):
        weight, scales = self.weights[node.name]
        x = self.quantised(node.input[0])
        bias = np.rint(self.layers.bias[node.name] / (np.float64(self.scales[x[0]][0]) * scales)).astype(np.int32)
        matrix = [self.constant(f"{node.name}_weight", weight), self.constant(f"{node.name}_weight_scale", scales),
                  self.constant(f"{node.name}_weight_zero", np.zeros(len(scales), np.int8))]
        # The clip to 0..6 needs no node: it is the range of the output.
        self.node("QLinearConv", [*x, *matrix, *self.scale(output), self.constant(f"{node.name}_bias", bias)], output, **_attributes(node))

    def model(self):
        self.node("Transpose", ["pixels"], "planes", perm=[0, 3, 1, 2])
        for node in self.layers.nodes:
            output = self.layers.output[node.name]
            if node.op_type == "Add":
                terms = [s for name in node.input for s in self.quantised(name)]
                self.node("QLinearAdd", [*terms, *self.scale(output)], output, "com.microsoft")
            elif node.name in self.float_layers:
                self.float_convolution(node, output)
            else:
                self.convolution(node, output)
        pooled = self.node("GlobalAveragePool", [self.float_value(output)], "pooled_float")
        flat = self.node("Flatten", [pooled], "features_float", axis=1)
        features = [self.node("QuantizeLinear", [flat, *self.scale("pooled")], "features"), *self.scale("pooled")]
        weight, scales = self.weights["classifier"]
        bias = np.rint(self.layers.arrays["classifier_bias"] / (np.float64(self.scales["pooled"][0]) * scales)).astype(np.int32)
        matrix = [self.constant("classifier_weight", weight.T), self.constant("classifier_weight_scale", scales),
                  self.constant("classifier_weight_zero", np.zeros(len(scales), np.int8))]
        self.node("QGemm", [*features, *matrix, self.constant("classifier_bias", bias)], "logits", "com.microsoft")
        self.node("Softmax", ["logits"], "probabilities", axis=1)
        return self.graph_of(self.nodes, helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", graph.CLASSES]))

    def up_to(self, output):
        """The graph that ends with the activation `output`."""
        self.model()
        end = next(i for i, n in enumerate(self.nodes) if n.output[0] == output)
        return self.graph_of(self.nodes[: end + 1])

    def graph_of(self, nodes, *outputs):
        used = {name for node in nodes for name in node.input}
        pixels = helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["batch", graph.IMAGE_SIZE, graph.IMAGE_SIZE, 3])
        made = helper.make_graph(nodes, "efficientnet-lite0", [pixels], list(outputs), [t for n, t in self.constants.items() if n in used])
        opsets = [helper.make_opsetid("", graph.OPSET), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(made, opset_imports=opsets, ir_version=8, producer_name="tributary")


def _attributes(node):
    return {a.name: helper.get_attribute_value(a) for a in node.attribute}


def static_int8(model, pixels, float_layers=FLOAT_LAYERS, correct_bias=True, pairs=True):
    """`model` in 8 bits, calibrated on `pixels` uint8 [n,224,224,3]."""
    layers = Layers(model)
    means, samples = _statistics(model, layers, pixels)
    from_zero = {layers.output[name] for name in layers.clipped} | {"pooled"}
    scales = {name: _activation_scale(values, name in from_zero) for name, values in samples.items()}
    scales["planes"] = np.float32(graph.PIXEL_SCALE), np.uint8(graph.PIXEL_ZERO)
    convolutions = [n for n in layers.nodes if n.op_type == "Conv" and n.name not in float_layers]
    weights = {n.name: _round_weight(layers.weight(n), pairs and n.name not in layers.grouped) for n in convolutions}
    weights["classifier"] = _round_weight(layers.arrays["classifier_weight"], pairs)
    for node in convolutions if correct_bias else []:
        _correct_bias(node, _Emitter(layers, scales, weights, float_layers), means, pixels)
    return _Emitter(layers, scales, weights, float_layers).model()


def _correct_bias(node, emitter, means, pixels):
    layers, output = emitter.layers, emitter.layers.output[node.name]
    answers = [a[output] for a in _run(emitter.up_to(output), [output], TensorProto.UINT8, pixels)]
    mean = np.concatenate([a.mean(axis=(2, 3), dtype=np.float64) for a in answers]).mean(axis=0)
    scale, zero = emitter.scales[output]
    moved = (mean - zero) * scale - means[output]
    if node.name in layers.clipped:
        inside = np.concatenate([((a > 0) & (a < 255)).mean(axis=(2, 3)) for a in answers]).mean(axis=0)
        moved = np.where(inside > LIVELY, moved / np.maximum(inside, SHARE_AT_LEAST), 0)
    layers.bias[node.name] = layers.bias[node.name] - moved
