"""The shipped bge-small-en graph, written anew from the weights of the source graph.

The source is a plain BERT exported operator by operator. Here the same arithmetic stands in operators that ONNX Runtime runs faster:
- matrices are int8 with one scale for each output; activations are 14-bit integers with a fixed step, in two parts of 7 bits: a coarse one
  and what is left of it, each multiplied by the same matrix. Steps are fixed, so no answer depends on the rest of its batch, and
  7 bits times 8 never overflow the 16-bit sums of processors without VNNI;
- in the last layer only the first token, the one that pooling reads, is computed; its matrices are 8-bit MatMulNBits, which is faster for one row;
- query, key and value share one multiplication; normalising is Add and LayerNormalization (SkipLayerNormalization takes three times as long);
- channels are sorted by their usual size, so that the values of one block of MatMulNBits are alike (the answer is put back in order);
- word and position rows are int8 with one scale each; the one used row of the token type table is added to the positions.
"""
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

LAYERS, WIDTH, HEADS = 12, 384, 12
BLOCK = 64  # of MatMulNBits
PART = 63  # the largest coarse part of an activation within the calibrated range; up to three times the range still fits the byte
EPSILON = 1e-12  # of every layer normalisation, as in the source


class Weights:
    """Named access to the source's weights, with channels in the order of their usual size.

    `order` sorts the WIDTH channels between layers by the weight and bias of the normalisations that set their size (mean over all 25);
    the 1536 inner channels of a layer are sorted by their bias. Both follow from the weights alone.
    """

    def __init__(self, source):
        self.by_name = {t.name: t for t in source.graph.initializer}
        self.matrix_of = {n.output[0]: n.input[1] for n in source.graph.node if n.op_type == "MatMul" and n.input[1] in self.by_name}
        scales = [n for n in self.by_name if n.endswith("LayerNorm.weight")]
        sizes = [np.hypot(self._raw(n), self._raw(n.replace("weight", "bias"))) for n in sorted(scales)]
        self.order = np.argsort(np.mean(sizes, axis=0), kind="stable")

    def _raw(self, name):
        return numpy_helper.to_array(self.by_name[name]).astype(np.float32)

    def _matrix(self, path):
        return self._raw(self.matrix_of[f"/encoder/{path}/MatMul_output_0"])

    def table(self, name):
        """Rows of an embedding table."""
        return self._raw(f"embeddings.{name}_embeddings.weight")[:, self.order]

    def norm(self, prefix):
        """Weight and bias of a layer normalisation."""
        return self._raw(f"{prefix}.LayerNorm.weight")[self.order], self._raw(f"{prefix}.LayerNorm.bias")[self.order]

    def attention(self, i, part):
        """Matrix [WIDTH, WIDTH] and bias of "query", "key" or "value"."""
        return self._matrix(f"layer.{i}/attention/self/{part}")[self.order], self._raw(f"encoder.layer.{i}.attention.self.{part}.bias")

    def attention_output(self, i):
        """Matrix and bias of the layer behind the heads."""
        matrix, bias = self._matrix(f"layer.{i}/attention/output/dense"), self._raw(f"encoder.layer.{i}.attention.output.dense.bias")
        return matrix[:, self.order], bias[self.order]

    def feed_forward(self, i):
        """Matrix and bias of the inner layer, then of the outer one."""
        inner, bias = self._matrix(f"layer.{i}/intermediate/dense"), self._raw(f"encoder.layer.{i}.intermediate.dense.bias")
        outer, outer_bias = self._matrix(f"layer.{i}/output/dense"), self._raw(f"encoder.layer.{i}.output.dense.bias")
        by_bias = np.argsort(bias, kind="stable")
        return (inner[self.order][:, by_bias], bias[by_bias]), (outer[by_bias][:, self.order], outer_bias[self.order])


def quantise_blocks(matrix, block):
    """[k, n] fp32 -> uint8 [n, k / block, block] with 128 as zero, and fp32 scales [n, k / block]: the layout MatMulNBits reads."""
    k, n = matrix.shape
    blocks = matrix.T.reshape(n, k // block, block)
    scales = np.abs(blocks).max(axis=2, keepdims=True) / 127
    scales[scales == 0] = 1
    return (np.rint(blocks / scales) + 128).astype(np.uint8), scales[..., 0].astype(np.float32)


def quantise_rows(table):
    """[rows, width] fp32 -> int8 of the same shape and fp32 scales [rows, 1]."""
    scales = np.abs(table).max(axis=1, keepdims=True) / 127
    scales[scales == 0] = 1
    return np.rint(table / scales).astype(np.int8), scales.astype(np.float32)


class Builder:
    """Collects nodes and initializers; every method returns the name of what it made. `form` makes the matrix multiplications."""

    def __init__(self, form):
        self.form, self.nodes, self.initializers = form, [], []

    def constant(self, name, value):
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(self, op, inputs, name, outputs=1, domain="", **attributes):
        names = [name] if outputs == 1 else [f"{name}.{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(op, inputs, names, name=name, domain=domain, **attributes))
        return names[0] if outputs == 1 else names

    def rows(self, name, table, take):
        """Chosen rows of an int8 table with a scale for every row and column; `take(table, name)` makes the node that chooses.

        Columns are brought to one size first: a few of the position table are ten times the others and would cost them their digits.
        """
        columns = np.sqrt(np.mean(np.square(table), axis=0))
        values, scales = quantise_rows(table / columns)
        chosen = self.node("Cast", [take(self.constant(f"{name}.values", values), f"{name}.row")], f"{name}.float", to=TensorProto.FLOAT)
        scaled = self.node("Mul", [chosen, take(self.constant(f"{name}.scales", scales), f"{name}.factor")], f"{name}.scaled")
        return self.node("Mul", [scaled, self.constant(f"{name}.columns", columns)], name)

    def linear(self, x, name, matrix, bias):
        return self.form(self, x, name, matrix, bias)

    def add_norm(self, x, residual, name, weight, bias):
        total = self.node("Add", [x, residual], f"{name}.sum")
        return self.node("LayerNormalization", [total, self.constant(f"{name}.weight", weight), self.constant(f"{name}.bias", bias)],
                         name, axis=-1, epsilon=EPSILON)


def float_form(b, x, name, matrix, bias):
    """x times matrix plus bias in fp32."""
    return b.node("Add", [b.node("MatMul", [x, b.constant(f"{name}.weight", matrix)], f"{name}.product"), b.constant(f"{name}.bias", bias)], name)


def block_form(b, x, name, matrix, bias):
    """MatMulNBits: int8 by blocks; accuracy_level 4 quantises activations by row and block while it runs."""
    values, scales = quantise_blocks(matrix, BLOCK)
    inputs = [x, b.constant(f"{name}.weight", values), b.constant(f"{name}.scales", scales), "", "", b.constant(f"{name}.bias", bias)]
    k, n = matrix.shape
    return b.node("MatMulNBits", inputs, name, domain="com.microsoft", K=k, N=n, bits=8, block_size=BLOCK, accuracy_level=4)


def one_part_form(matrices):
    """Activations of 8 bits with a fixed step, where `matrices` (name -> rounding.Matrix) has the name; MatMulNBits elsewhere."""
    def form(b, x, name, matrix, bias):
        if name not in matrices:
            return block_form(b, x, name, matrix, bias)
        m = matrices[name]
        step, zero = b.constant(f"{name}.step", np.array(m.largest / 127, np.float32)), b.constant(f"{name}.zero", np.array(128, np.uint8))
        return _product(b, b.node("QuantizeLinear", [x, step, zero], f"{name}.part"), name, m, step, zero, bias)
    return form


def two_part_form(matrices):
    """Activations of 14 bits in two parts, where `matrices` (name -> rounding.Matrix) has the name; MatMulNBits elsewhere."""
    def form(b, x, name, matrix, bias):
        if name not in matrices:
            return block_form(b, x, name, matrix, bias)
        m = matrices[name]
        coarse_step = np.float32(m.largest / PART)
        step, fine_step = (b.constant(f"{name}.{which}", np.array(value, np.float32))
                           for which, value in (("step", coarse_step), ("fine_step", coarse_step / (2 * PART))))
        zero = b.constant(f"{name}.zero", np.array(PART + 1, np.uint8))
        coarse = b.node("QuantizeLinear", [x, step, zero], f"{name}.coarse")
        rest = b.node("Sub", [x, b.node("DequantizeLinear", [coarse, step, zero], f"{name}.covered")], f"{name}.rest")
        fine = b.node("QuantizeLinear", [rest, fine_step, zero], f"{name}.fine")
        products = [_product(b, coarse, name, m, step, zero, bias, ".of_coarse"), _product(b, fine, name, m, fine_step, zero, None, ".of_fine")]
        return b.node("Add", products, name)
    return form


def _product(b, part, name, matrix, step, zero, bias, suffix=""):
    weight, scales = f"{name}.weight", f"{name}.scales"
    if bias is not None:
        b.constant(weight, matrix.values)
        b.constant(scales, matrix.scales)
    inputs = [part, weight, step, scales, zero, "", *([] if bias is None else [b.constant(f"{name}.bias", bias + matrix.correction)])]
    return b.node("MatMulIntegerToFloat", inputs, name + suffix, domain="com.microsoft")


def embed_tokens(b, w):
    """Word rows + position rows, normalised: [batch, tokens, WIDTH]."""
    length = b.node("Shape", ["input_ids"], "tokens", start=1, end=2)
    words = b.rows("words", w.table("word"), lambda table, name: b.node("Gather", [table, "input_ids"], name))
    positions = b.rows("positions", w.table("position") + w.table("token_type")[0],
                       lambda table, name: b.node("Slice", [table, "zero", length, "zero"], name))
    total = b.node("Add", [words, positions], "embeddings.sum")
    weight, bias = w.norm("embeddings")
    return b.node("LayerNormalization", [total, b.constant("embeddings.norm.weight", weight), b.constant("embeddings.norm.bias", bias)],
                  "embeddings.norm", axis=-1, epsilon=EPSILON)


def encoder_layer(b, w, x, mask, i, first_token_only):
    """One BERT layer on x [batch, tokens, WIDTH]; the answer has one token when `first_token_only`."""
    at = f"layer.{i}"
    parts = {part: w.attention(i, part) for part in ("query", "key", "value")}

    def project(x, name, *chosen):
        matrices, biases = zip(*(parts[part] for part in chosen))
        joined = b.linear(x, f"{at}.{name}", np.concatenate(matrices, axis=1), np.concatenate(biases))
        return b.node("Split", [joined], f"{at}.{name}.split", outputs=len(chosen), axis=-1, num_outputs=len(chosen))

    if first_token_only:
        residual = b.node("Slice", [x, "zero", "one", "one"], f"{at}.first")
        heads = [b.linear(residual, f"{at}.query", *parts["query"]), *project(x, "key_value", "key", "value")]
    else:
        residual = x
        heads = project(x, "query_key_value", "query", "key", "value")
    context = b.node("MultiHeadAttention", [*heads, "", mask], f"{at}.attention", domain="com.microsoft", num_heads=HEADS)

    prefix, (inner, outer) = f"encoder.{at}", w.feed_forward(i)
    attended = b.add_norm(b.linear(context, f"{at}.attention.dense", *w.attention_output(i)), residual,
                          f"{at}.attention.norm", *w.norm(f"{prefix}.attention.output"))
    active = b.node("Gelu", [b.linear(attended, f"{at}.inner", *inner)], f"{at}.gelu", domain="com.microsoft")
    return b.add_norm(b.linear(active, f"{at}.outer", *outer), attended, f"{at}.norm", *w.norm(f"{prefix}.output"))


def build_graph(source, form):
    """Source ONNX bytes -> onnx.ModelProto with multiplications of the given form: input_ids, attention_mask INT64 [batch, tokens] -> sentence_embedding FP32 [batch, 384]."""
    w, b = Weights(onnx.load_from_string(source)), Builder(form)
    b.constant("zero", np.array([0], np.int64))
    b.constant("one", np.array([1], np.int64))
    x = embed_tokens(b, w)
    mask = b.node("Cast", ["attention_mask"], "mask", to=TensorProto.INT32)
    for i in range(LAYERS):
        x = encoder_layer(b, w, x, mask, i, first_token_only=i == LAYERS - 1)
    first = b.node("Squeeze", [x, "one"], "first_token")
    in_order = b.node("Gather", [first, b.constant("channels", np.argsort(w.order))], "first_token.in_order", axis=1)
    b.node("LpNormalization", [in_order], "sentence_embedding", axis=-1, p=2)

    def port(name, kind, shape):
        return helper.make_tensor_value_info(name, kind, shape)

    tokens = ["batch", "tokens"]
    graph = helper.make_graph(b.nodes, "bge-small-en",
                              [port("input_ids", TensorProto.INT64, tokens), port("attention_mask", TensorProto.INT64, tokens)],
                              [port("sentence_embedding", TensorProto.FLOAT, ["batch", WIDTH])], b.initializers)
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=9, producer_name="tributary")
