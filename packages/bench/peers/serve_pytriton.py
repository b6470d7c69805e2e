"""Triton's server with its Python backend (PyTriton) in front of ONNX Runtime, dynamic batching on."""

import numpy as np
from pytriton.decorators import batch
from pytriton.model_config import DynamicBatcher, ModelConfig, Tensor
from pytriton.triton import Triton, TritonConfig

from onnx_model import OnnxModel, Plan, read_plan, row_shape


def instance_of(plan: Plan):
    model = OnnxModel(plan.file, plan.threads)

    @batch
    def infer(**inputs: np.ndarray) -> dict[str, np.ndarray]:
        return {model.output.name: model.run(inputs[model.input.name])}

    return infer


def serve() -> None:
    plan = read_plan()
    model = OnnxModel(plan.file, 1)
    config = TritonConfig(
        http_address="127.0.0.1",
        http_port=plan.http_port,
        grpc_address="127.0.0.1",
        grpc_port=plan.grpc_port,
        metrics_address="127.0.0.1",
        metrics_port=plan.metrics_port,
        log_verbose=0,
    )
    with Triton(config=config) as triton:
        triton.bind(
            model_name=plan.name,
            infer_func=[instance_of(plan) for _ in range(plan.workers)],
            inputs=[Tensor(name=model.input.name, dtype=model.input_dtype, shape=row_shape(model.input.shape))],
            outputs=[Tensor(name=model.output.name, dtype=np.float32, shape=row_shape(model.output.shape))],
            config=ModelConfig(
                batching=True,
                max_batch_size=plan.max_batch_size,
                batcher=DynamicBatcher(max_queue_delay_microseconds=0),
            ),
            strict=False,
        )
        triton.serve()


if __name__ == "__main__":
    serve()
