"""MLServer with a runtime of its own kind over ONNX Runtime."""

import asyncio

from mlserver import MLModel, MLServer
from mlserver.codecs import NumpyCodec
from mlserver.settings import ModelParameters, ModelSettings, Settings
from mlserver.types import InferenceRequest, InferenceResponse

from onnx_model import OnnxModel, read_plan


class OnnxRuntime(MLModel):
    async def load(self) -> bool:
        self.model = OnnxModel(self.settings.parameters.uri, self.settings.parameters.extra["threads"])
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        values = NumpyCodec.decode_input(payload.inputs[0])
        output = NumpyCodec.encode_output(self.model.output.name, self.model.run(values))
        return InferenceResponse(model_name=self.name, outputs=[output])


async def serve() -> None:
    plan = read_plan()
    # One worker is the server's own process: no hop.
    settings = Settings(
        host="127.0.0.1",
        http_port=plan.http_port,
        grpc_port=plan.grpc_port,
        metrics_port=plan.metrics_port,
        parallel_workers=plan.workers if plan.workers > 1 else 0,
        debug=False,
    )
    model = ModelSettings(
        name=plan.name,
        implementation="serve_mlserver.OnnxRuntime",
        parameters=ModelParameters(uri=plan.file, extra={"threads": plan.threads}),
    )
    await MLServer(settings).start([model])


if __name__ == "__main__":
    asyncio.run(serve())
