"""gRPC's interop cases for a server of bytes in, bytes out, by the C core through Python.

usage: interop.py HOST:PORT
The server has demo.Demo/{Echo,Sleep,Status,Stream,Gather,Both} (packages/serve/src/test/interop.test.ts). Prints one JSON line a case:
{"case": ..., "fault": null or a sentence}.
"""
import json
import queue
import sys

import grpc

channel = grpc.insecure_channel(sys.argv[1], options=[("grpc.max_receive_message_length", -1)])


ECHOED = (("x-grpc-test-echo-initial", "test_initial_metadata_value"), ("x-grpc-test-echo-trailing-bin", b"\xab\xab\xab"))


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


def client_streaming():
    sizes = [27182, 8, 1828, 45904]
    answer = channel.stream_unary("/demo.Demo/Gather")(iter([bytes(size) for size in sizes]), timeout=10)
    expect(answer == str(sum(sizes)).encode(), f"another answer: {answer}")


def client_compressed_streaming():
    parts = [b"compress me " * 1000, b"", b"and me " * 1000]
    call = channel.stream_unary("/demo.Demo/Gather")
    answer = call(iter(parts), timeout=10, compression=grpc.Compression.Gzip)
    expect(answer == str(sum(map(len, parts))).encode(), f"another answer: {answer}")


def ping_pong():
    # Each ping waits for the pong before it.
    pings = queue.Queue()
    call = channel.stream_stream("/demo.Demo/Both")(iter(pings.get, None), timeout=10)
    for size in [27182, 8, 1828, 45904]:
        pings.put(bytes(size))
        expect(next(call) == bytes(size), "another pong")
    pings.put(None)
    expect(list(call) == [], "more pongs than pings")


def empty_stream():
    expect(list(channel.stream_stream("/demo.Demo/Both")(iter([]), timeout=10)) == [], "an answer to nothing")


def custom_metadata_of_streams():
    call = channel.stream_stream("/demo.Demo/Both")(iter([b"a"]), timeout=10, metadata=ECHOED)
    # Before the first answer is asked for.
    expect(ECHOED[0] in call.initial_metadata(), f"initial metadata {call.initial_metadata()}")
    expect(list(call) == [b"a"], "other messages")
    expect(ECHOED[1] in call.trailing_metadata(), f"trailing metadata {call.trailing_metadata()}")


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
    _, call = unary("Echo").with_call(b"", timeout=10, metadata=ECHOED)
    expect(ECHOED[0] in call.initial_metadata(), f"initial metadata {call.initial_metadata()}")
    expect(ECHOED[1] in call.trailing_metadata(), f"trailing metadata {call.trailing_metadata()}")


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


def channel_soak():
    for index in range(20):
        with grpc.insecure_channel(sys.argv[1]) as own:
            message = index.to_bytes(4, "big")
            expect(own.unary_unary("/demo.Demo/Echo")(message, timeout=10) == message, f"another message in call {index}")


CASES = [empty_unary, large_unary, client_compressed_unary, server_streaming, client_streaming, client_compressed_streaming,
         ping_pong, empty_stream, custom_metadata_of_streams, cancel_after_begin, cancel_after_first_response,
         timeout_on_sleeping_server, custom_metadata, status_code_and_message, special_status_message, unimplemented_method,
         unimplemented_service, concurrent_large_unary, rpc_soak, channel_soak]

for case in CASES:
    try:
        case()
        fault = None
    except Exception as error:  # every case is told of, whatever it ends with
        fault = f"{type(error).__name__}: {error}"
    print(json.dumps({"case": case.__name__, "fault": fault}), flush=True)
