"""A caller that traces: sends its traceparent as any OpenTelemetry instrumentation of grpc does.

usage: traced.py HOST:PORT /package.Service/Method REQUEST_IN_HEX TRACEPARENT TRACESTATE
"""
import sys

import grpc

address, method, request, traceparent, tracestate = sys.argv[1:]
with grpc.insecure_channel(address) as channel:
    call = channel.unary_unary(method, request_serializer=None, response_deserializer=None)
    call(bytes.fromhex(request), metadata=[("traceparent", traceparent), ("tracestate", tracestate)], timeout=60)
