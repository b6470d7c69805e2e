"""The load as a user of plain grpcio makes it: `python client.py <plan.json>`, inside a pod. Ends when its stdin does;
a line of it is the share of the plan's rate that is called from then on.

It has no stubs and no retries of its own: only the recommended service config. Prints what load/plan.ts calls a LoadReport.
"""

import base64
import json
import sys
import threading
import time

import grpc

plan = json.load(open(sys.argv[1]))
channel = grpc.insecure_channel(
    plan["target"],
    options=[
        ("grpc.service_config", plan["serviceConfig"]),
        ("grpc.service_config_disable_resolution", 1),
        ("grpc.keepalive_time_ms", 10_000),
        ("grpc.keepalive_timeout_ms", 5_000),
        ("grpc.dns_min_time_between_resolutions_ms", 5_000),
    ],
)
calls = [
    (call["path"], channel.unary_unary(call["path"]), base64.b64decode(call["request"])) for call in plan["calls"]
]
timeout = plan["timeoutMs"] / 1000

lock = threading.Condition()
sent = ok = failed = skipped = in_flight = 0
share = 1.0
failures = []
latencies = []
stopping = threading.Event()


def done(path, started, future):
    global ok, failed, in_flight
    code, details = future.code(), future.details()
    with lock:
        in_flight -= 1
        if code is grpc.StatusCode.OK:
            ok += 1
            latencies.append((time.monotonic() - started) * 1000)
        else:
            failed += 1
            if len(failures) < 20:
                at = int(time.time() * 1000)
                failures.append({"at": at, "path": path, "code": code.value[0], "details": details})
        lock.notify_all()


def send():
    global sent, in_flight
    with lock:
        path, method, request = calls[sent % len(calls)]
        sent += 1
        in_flight += 1
    started = time.monotonic()
    future = method.future(request, timeout=timeout)
    future.add_done_callback(lambda call: done(path, started, call))


def pace(rate):
    """Calls begin when it is their time, whatever became of those before; a pause of this process is not made up for by a burst."""
    global skipped
    due, last = 0.0, time.monotonic()
    while not stopping.wait(0.005):
        now = time.monotonic()
        due += min(now - last, 0.1) * rate * share
        last = now
        while due >= 1:
            due -= 1
            if in_flight < plan["maxInFlight"]:
                send()
            else:
                skipped += 1


def report(p50=0, p99=0, longest=0):
    with lock:
        seen = {"sent": sent, "ok": ok, "failed": failed, "skipped": skipped, "failures": failures}
    print(json.dumps({**seen, "latenciesMs": [p50, p99, longest]}), flush=True)


def print_reports():
    while not stopping.wait(0.5):
        report()


grpc.channel_ready_future(channel).result(timeout=60)
threads = [threading.Thread(target=pace, args=(plan["rate"],)), threading.Thread(target=print_reports)]
for thread in threads:
    thread.start()
report()
for line in sys.stdin:
    share = float(line)
stopping.set()
for thread in threads:
    thread.join()
with lock:
    lock.wait_for(lambda: in_flight == 0)
latencies.sort()
at = lambda share: latencies[int(share * (len(latencies) - 1))] if latencies else 0
report(at(0.5), at(0.99), at(1))
channel.close()
