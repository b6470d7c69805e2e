"""A steady load from a gRPC client that has nothing of ours and sets nothing but a service config.

usage: load.py TARGET SERVICE_CONFIG PLAN, where PLAN is JSON: {"calls": [{"path", "request" (base64)}], "perSecond", "maxInFlight",
"timeoutMs"}. Prints a JSON line with the figures every 0.1 s, and the last one once standard input ends and every call has.
"""
import base64
import collections
import json
import math
import sys
import threading
import time

import grpc

target, service_config, plan = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
STEP = 1.05
lock = threading.Lock()
idle = threading.Condition(lock)
begun = ok = failed = in_flight = 0
failures, latencies = collections.Counter(), collections.Counter()
began = good = time.monotonic()
longest_gap = 0.0
stopped = threading.Event()

channel = grpc.insecure_channel(target, options=[("grpc.service_config", service_config)])
methods = {call["path"]: channel.unary_unary(call["path"]) for call in plan["calls"]}
requests = [(methods[call["path"]], base64.b64decode(call["request"])) for call in plan["calls"]]


def ended(future, since):
    """Counts a call; runs on a thread of the library."""
    global ok, failed, in_flight, good, longest_gap
    now, code = time.monotonic(), future.code()
    with lock:
        in_flight -= 1
        if code is grpc.StatusCode.OK:
            ok += 1
            longest_gap, good = max(longest_gap, now - good), now
            latencies[round(math.log(max((now - since) * 1000, 0.01), STEP))] += 1
        else:
            failed += 1
            failures[f"{code.name}: {future.details()}"] += 1
        idle.notify_all()


def quantile(share):
    left = share * ok
    for bucket, count in sorted(latencies.items()):
        left -= count
        if left <= 0:
            return float(f"{STEP ** bucket:.3g}")
    return 0


def report():
    with lock:
        now = time.monotonic()
        gap = longest_gap if stopped.is_set() else max(longest_gap, now - good)
        figures = {"elapsedMs": round((now - began) * 1000), "begun": begun, "ok": ok, "failed": failed, "failures": failures,
                   "p50Ms": quantile(0.5), "p99Ms": quantile(0.99), "longestGapMs": round(gap * 1000)}
    print(json.dumps(figures), flush=True)


def reports():
    while not stopped.wait(0.1):
        report()


def wait_for_end():
    sys.stdin.read()
    stopped.set()


threading.Thread(target=wait_for_end, daemon=True).start()
threading.Thread(target=reports, daemon=True).start()
due, ticked = 0.0, time.monotonic()
while not stopped.wait(0.004):
    now = time.monotonic()
    # What could not begin in time is not made up for in one burst.
    due, ticked = min(due + (now - ticked) * plan["perSecond"], plan["maxInFlight"]), now
    while due >= 1 and in_flight < plan["maxInFlight"]:
        due -= 1
        method, request = requests[begun % len(requests)]
        with lock:
            begun += 1
            in_flight += 1
        since = time.monotonic()
        method.future(request, timeout=plan["timeoutMs"] / 1000).add_done_callback(lambda call, since=since: ended(call, since))
with idle:
    idle.wait_for(lambda: in_flight == 0)
report()
