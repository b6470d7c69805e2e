"""EfficientNet-Lite0 as an ONNX graph in float32, written from the checkpoint's weights.

uint8 pixels go in, probabilities come out; normalising, layout and softmax are nodes of the graph.
"""
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

IMAGE_SIZE = 224
CLASSES = 1000
OPSET = 17
# Eight-bit pixel v becomes (v - 127) / 128, the source's own normalisation; DequantizeLinear computes just that.
PIXEL_ZERO, PIXEL_SCALE = 127, 1 / 128
BATCH_NORM_EPSILON = 1e-3
# Of each stage: blocks, kernel size, stride of its first block, expansion, output channels (EfficientNet, table 1).
# The Lite form keeps stem and head at their width, has no squeeze-and-excitation and uses ReLU6.
STAGES = [(1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192),
          (1, 3, 1, 6, 320)]


def same_padding(size, kernel, stride):
    """TensorFlow's SAME padding of one axis, (before, after): an odd pixel goes after."""
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


class _Writer:
    """Appends nodes and initializers; counts the weights used so that none is forgotten."""

    def __init__(self, weights):
        self.weights, self.unused = weights, {n for n in weights if not n.endswith("num_batches_tracked")}
        self.nodes, self.initializers = [], []

    def take(self, name):
        self.unused.discard(name)
        return self.weights[name]

    def constant(self, name, value):
        self.initializers.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def node(self, op, inputs, output, **attributes):
        self.nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def convolution(self, x, size, weight, norm, kernel, stride=1, group=1, activation=True):
        """Convolution with its batch normalisation folded in; returns the output's name and its height (= width)."""
        gain = self.take(f"{norm}.weight").astype("f8") / np.sqrt(
            self.take(f"{norm}.running_var").astype("f8") + BATCH_NORM_EPSILON)
        bias = self.take(f"{norm}.bias") - self.take(f"{norm}.running_mean") * gain
        folded = self.take(f"{weight}.weight").astype("f8") * gain[:, None, None, None]
        before, after = same_padding(size, kernel, stride)
        name = weight.lstrip("_").replace("._", ".").replace(".", "_")
        x = self.node("Conv", [x, self.constant(f"{name}_weight", folded.astype("f4")),
                               self.constant(f"{name}_bias", bias.astype("f4"))], name,
                      kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[before, before, after, after], group=group)
        if activation:
            x = self.node("Clip", [x, "zero", "six"], f"{name}_relu6")
        return x, -(-size // stride)

    def block(self, x, size, prefix, kernel, stride, expansion, channels_in, channels_out):
        """Inverted residual block: expand, depthwise, project, and the shortcut where the shapes allow it."""
        y, wide = x, channels_in * expansion
        if expansion > 1:
            y, size = self.convolution(y, size, f"{prefix}._expand_conv", f"{prefix}._bn0", 1)
        y, size = self.convolution(y, size, f"{prefix}._depthwise_conv", f"{prefix}._bn1", kernel, stride, group=wide)
        y, size = self.convolution(y, size, f"{prefix}._project_conv", f"{prefix}._bn2", 1, activation=False)
        if stride == 1 and channels_in == channels_out:
            y = self.node("Add", [y, x], f"{prefix.lstrip('_').replace('.', '_')}_sum")
        return y, size


def float_graph(weights):
    """The model: `pixels` UINT8 [batch,224,224,3] (RGB) to `probabilities` FP32 [batch,1000].

    `logits` [batch,1000], the softmax's input, is a value inside the graph: `with_output` makes it visible.
    """
    writer = _Writer(weights)
    writer.constant("zero", np.float32(0))
    writer.constant("six", np.float32(6))
    pixel_scale = writer.constant("pixel_scale", np.float32(PIXEL_SCALE))
    pixel_zero = writer.constant("pixel_zero", np.uint8(PIXEL_ZERO))
    x = writer.node("Transpose", ["pixels"], "planes", perm=[0, 3, 1, 2])
    x = writer.node("DequantizeLinear", [x, pixel_scale, pixel_zero], "normalised")
    x, size = writer.convolution(x, IMAGE_SIZE, "_conv_stem", "_bn0", 3, stride=2)
    channels, index = 32, 0
    for blocks, kernel, first_stride, expansion, channels_out in STAGES:
        for position in range(blocks):
            stride = first_stride if position == 0 else 1
            x, size = writer.block(x, size, f"_blocks.{index}", kernel, stride, expansion, channels, channels_out)
            channels, index = channels_out, index + 1
    x, size = writer.convolution(x, size, "_conv_head", "_bn1", 1)
    x = writer.node("GlobalAveragePool", [x], "pooled")
    x = writer.node("Flatten", [x], "features", axis=1)
    x = writer.node("Gemm", [x, writer.constant("classifier_weight", writer.take("_fc.weight")),
                             writer.constant("classifier_bias", writer.take("_fc.bias"))], "logits", transB=1)
    writer.node("Softmax", [x], "probabilities", axis=1)
    if writer.unused:
        raise ValueError(f"weights that the graph does not use: {sorted(writer.unused)}")
    graph = helper.make_graph(
        writer.nodes, "efficientnet-lite0",
        [helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["batch", IMAGE_SIZE, IMAGE_SIZE, 3])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", CLASSES])], writer.initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8, producer_name="tributary")
    onnx.checker.check_model(model, full_check=True)
    return model


def with_output(model, name, shape):
    """A copy of `model` that also answers the float value `name`."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    copy.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
    return copy
