"""Smaller or faster forms of a float32 graph. In none of them does an answer depend on the rest of its batch."""
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SMALLEST_ARRAY = 1024  # smaller arrays stay float32: they weigh nothing and biases are sensitive


def _large_weights(model):
    return [t for t in model.graph.initializer
            if t.data_type == TensorProto.FLOAT and len(t.dims) > 1 and np.prod(t.dims) >= SMALLEST_ARRAY]


def _copy(model):
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    return copy


def _replace_weights(model, stored_form):
    """Swap every large weight for the initializers and nodes that `stored_form(tensor)` returns."""
    model, nodes = _copy(model), []
    for tensor in _large_weights(model):
        initializers, decode = stored_form(tensor)
        model.graph.initializer.remove(tensor)
        model.graph.initializer.extend(initializers)
        nodes += decode
    for node in reversed(nodes):
        model.graph.node.insert(0, node)
    onnx.checker.check_model(model, full_check=True)
    return model


def half_weights(model):
    """Weights stored as float16; a Cast, folded when the session loads, restores float32. Runs at float32 speed."""
    def stored_form(tensor):
        half = numpy_helper.from_array(numpy_helper.to_array(tensor).astype("f2"), f"{tensor.name}_f16")
        return [half], [helper.make_node("Cast", [half.name], [tensor.name], name=tensor.name, to=TensorProto.FLOAT)]
    return _replace_weights(model, stored_form)


def int8_weights(model):
    """Weights stored as int8 with one scale for each output channel; decoded to float32 when the session loads."""
    def stored_form(tensor):
        weight, name = numpy_helper.to_array(tensor), tensor.name
        scale = np.abs(weight).max(axis=tuple(range(1, weight.ndim)), keepdims=True).astype("f4") / np.float32(127)
        scale[scale == 0] = 1
        stored = [numpy_helper.from_array(np.rint(weight / scale).astype("i1"), f"{name}_i8"),
                  numpy_helper.from_array(scale, f"{name}_scale")]
        return stored, [helper.make_node("Cast", [f"{name}_i8"], [f"{name}_steps"], name=f"{name}_steps", to=TensorProto.FLOAT),
                        helper.make_node("Mul", [f"{name}_steps", f"{name}_scale"], [name], name=name)]
    return _replace_weights(model, stored_form)
