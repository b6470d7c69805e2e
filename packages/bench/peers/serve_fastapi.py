"""FastAPI and uvicorn in front of ONNX Runtime: raw bytes of a tensor in, raw bytes of a tensor out, as many processes as cores."""

import os
import sys

import numpy as np
import uvicorn
from fastapi import FastAPI, Request, Response

from onnx_model import OnnxModel, read_plan

app = FastAPI()

# Each worker process imports this module anew; the plan's path comes to it by the environment.
if "PEER_PLAN" in os.environ:
    plan = read_plan(os.environ["PEER_PLAN"])
    model = OnnxModel(plan.file, plan.threads)

    @app.post("/infer")
    async def infer(request: Request) -> Response:
        shape = [int(size) for size in request.headers["x-shape"].split(",")]
        values = np.frombuffer(await request.body(), model.input_dtype).reshape(shape)
        return Response(model.run(values).tobytes(), media_type="application/octet-stream")


if __name__ == "__main__":
    os.environ["PEER_PLAN"] = sys.argv[1]
    settings = read_plan()
    uvicorn.run(
        "serve_fastapi:app",
        host="127.0.0.1",
        port=settings.http_port,
        workers=settings.workers,
        log_level="warning",
        access_log=False,
    )
