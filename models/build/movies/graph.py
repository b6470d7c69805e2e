"""The ONNX graph of a linear item-to-item recommender: rows of liked films are gathered and added up."""
import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

OPSET, IR_VERSION = 17, 8


def recommender(weights):
    """ONNX model for weights [items, items], stored as float16.

    Inputs: `liked` INT64 [batch, n] and `items` INT64 [batch, m], both rows of the table. Outputs: `scores` FP32
    [batch, items], the sum over `liked` of the weight for every item; `contributions` FP32 [batch, n, m], the summands for
    the items asked about. A row outside the table, -1 by convention, is padding: it adds nothing, its contributions are 0.
    """
    count = len(weights)
    constants = {
        # One more row, of zeros, is what padding gathers.
        "weights": np.vstack([weights, np.zeros((1, count))]).astype(np.float16),
        "zero": np.int64(0),
        "count": np.int64(count),
        "axis_1": np.array([1], np.int64),
        "one": np.array([1], np.int64),
    }
    node = helper.make_node
    nodes = [
        # liked row -> [batch, n, items]
        node("GreaterOrEqual", ["liked", "zero"], ["liked_from_zero"]),
        node("Less", ["liked", "count"], ["liked_below_count"]),
        node("And", ["liked_from_zero", "liked_below_count"], ["liked_inside"]),
        node("Where", ["liked_inside", "liked", "count"], ["liked_row"]),
        node("Gather", ["weights", "liked_row"], ["rows_f16"], axis=0),
        node("Cast", ["rows_f16"], ["rows"], to=TensorProto.FLOAT),
        node("ReduceSum", ["rows", "axis_1"], ["scores"], keepdims=0),
        # asked items -> [batch, n, m]
        node("GreaterOrEqual", ["items", "zero"], ["items_from_zero"]),
        node("Less", ["items", "count"], ["items_below_count"]),
        node("And", ["items_from_zero", "items_below_count"], ["items_inside"]),
        node("Cast", ["items_inside"], ["items_mask"], to=TensorProto.FLOAT),
        node("Unsqueeze", ["items_mask", "axis_1"], ["items_mask_3d"]),
        node("Where", ["items_inside", "items", "zero"], ["items_row"]),
        node("Unsqueeze", ["items_row", "axis_1"], ["items_row_3d"]),
        node("Shape", ["liked"], ["liked_shape"]),
        node("Concat", ["liked_shape", "one"], ["liked_shape_3d"], axis=0),
        node("Expand", ["items_row_3d", "liked_shape_3d"], ["items_row_per_liked"]),
        node("GatherElements", ["rows", "items_row_per_liked"], ["picked"], axis=2),
        node("Mul", ["picked", "items_mask_3d"], ["contributions"]),
    ]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "recommender",
        [value("liked", TensorProto.INT64, ["batch", "n"]), value("items", TensorProto.INT64, ["batch", "m"])],
        [
            value("scores", TensorProto.FLOAT, ["batch", count]),
            value("contributions", TensorProto.FLOAT, ["batch", "n", "m"]),
        ],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="tributary")
    checker.check_model(model, full_check=True)
    return model
