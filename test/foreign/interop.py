"""gRPC's interop cases for a server of bytes in, bytes out, by the C core through Python.

usage: interop.py HOST:PORT
The server has demo.Demo/{Echo,Empty,Sleep,Status,Stream} (packages/serve/src/test/interop.test.ts). Prints one JSON line a case:
{"case": ..., "fault": null or a sentence}.
"""
import json
import sys

import grpc

channel = grpc.insecure_channel(sys.argv[1], options=[("grpc.max_receive_message_length", -1)])


def unary(name):
    return channel.unary_unary(f"/demo.Demo/{name}")


def expect(condition, sentence):
    if not condition:
        raise AssertionError(sentence)


def status_of(call):
    try:
        call()
    except grpc.RpcError as error:
        return error
    raise AssertionError("the call was answered")


def empty_unary():
    expect(unary("Echo")(b"", timeout=10) == b"", "not empty")


def large_unary():
    message = bytes(range(256)) * 1062
    expect(unary("Echo")(message, timeout=10) == message, "another message")
    large = message * 15
    expect(unary("Echo")(large, timeout=10) == large, "another message of 4 MB")


def client_compressed_unary():
    message = b"compress me " * 1000
    expect(unary("Echo")(message, timeout=10, compression=grpc.Compression.Gzip) == message, "another message")


def server_streaming():
    expect(list(channel.unary_stream("/demo.Demo/Stream")(b"abc", timeout=10)) == [b"abc"] * 4, "other messages")


def cancel_after_begin():
    call = unary("Sleep").future(b"", timeout=10)
    call.cancel()
    expect(call.code() == grpc.StatusCode.CANCELLED, str(call.code()))


def cancel_after_first_response():
    call = channel.unary_stream("/demo.Demo/Stream")(b"endless", timeout=10)
    next(call)
    call.cancel()
    expect(status_of(lambda: next(call)).code() == grpc.StatusCode.CANCELLED, "another status")


def timeout_on_sleeping_server():
    error = status_of(lambda: unary("Sleep")(b"", timeout=0.05))
    expect(error.code() == grpc.StatusCode.DEADLINE_EXCEEDED, str(error))


def custom_metadata():
    sent = (("x-grpc-test-echo-initial", "test_initial_metadata_value"), ("x-grpc-test-echo-trailing-bin", b"\xab\xab\xab"))
    _, call = unary("Echo").with_call(b"", timeout=10, metadata=sent)
    expect(sent[0] in call.initial_metadata(), f"initial metadata {call.initial_metadata()}")
    expect(sent[1] in call.trailing_metadata(), f"trailing metadata {call.trailing_metadata()}")


def status_code_and_message():
    error = status_of(lambda: unary("Status")(b"test status message", timeout=10))
    expect((error.code(), error.details()) == (grpc.StatusCode.UNKNOWN, "test status message"), str(error))


def special_status_message():
    text = "\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \U0001f608\t\n"
    error = status_of(lambda: unary("Status")(text.encode(), timeout=10))
    expect((error.code(), error.details()) == (grpc.StatusCode.UNKNOWN, text), repr(error.details()))


def unimplemented_method():
    expect(status_of(lambda: unary("None")(b"", timeout=10)).code() == grpc.StatusCode.UNIMPLEMENTED, "another status")


def unimplemented_service():
    call = channel.unary_unary("/demo.None/Echo")
    expect(status_of(lambda: call(b"", timeout=10)).code() == grpc.StatusCode.UNIMPLEMENTED, "another status")


def concurrent_large_unary():
    calls = [unary("Echo").future(bytes([index]) * 602_112, timeout=60) for index in range(32)]
    for index, call in enumerate(calls):
        expect(call.result() == bytes([index]) * 602_112, f"another's answer to call {index}")


def rpc_soak():
    for index in range(500):
        message = index.to_bytes(4, "big")
        expect(unary("Echo")(message, timeout=10) == message, f"another message in call {index}")


CASES = [empty_unary, large_unary, client_compressed_unary, server_streaming, cancel_after_begin, cancel_after_first_response,
         timeout_on_sleeping_server, custom_metadata, status_code_and_message, special_status_message, unimplemented_method,
         unimplemented_service, concurrent_large_unary, rpc_soak]

for case in CASES:
    try:
        case()
        fault = None
    except Exception as error:  # every case is told of, whatever it ends with
        fault = f"{type(error).__name__}: {error}"
    print(json.dumps({"case": case.__name__, "fault": fault}), flush=True)
