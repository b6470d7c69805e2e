"""Forms of the encoder against each other: models/build/run bge-small-en forms

Time of one thread, memory of a session and cosine to the fp32 source of each. The runs of all forms take turns, so a change of the
machine's speed meets all alike. Takes some minutes.
"""
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from .eval import cosines
from .graph import block_form, build_graph, float_form, one_part_form, two_part_form
from .rounding import rounded_matrices
from .source import Encoder, evaluation_sentences, session, source_encoder, source_graph, source_tokenizer

SIZES = ((1, 16), (1, 32), (1, 128), (8, 32))  # batch, tokens
TOKENS_TIMED, FEWEST_RUNS = 1500, 7


def resident():
    """Bytes of this process that are in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


def memory_of(graph):
    """Bytes that a session takes after its first run, read from a file as in service, in a process of its own."""
    with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
        file.write(graph)
        file.flush()
        command = [sys.executable, "-m", "bge_small_en.forms", file.name]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def print_memory(path):
    """Inside that process."""
    before = resident()
    of = session(path)
    run(of, 1, 32)
    print(resident() - before)


def run(of, batch, tokens):
    ids = np.random.default_rng(0).integers(1000, 29000, (batch, tokens))
    inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
    start = time.perf_counter()
    of.run(None, {i.name: inputs[i.name] for i in of.get_inputs()})
    return 1e3 * (time.perf_counter() - start)


def main():
    source = source_graph()
    nearest, carried = rounded_matrices(carry_errors=False), rounded_matrices()
    forms = {"fp32, as published": None, "fp32, fused": float_form, "MatMulNBits, blocks of 64": block_form,
             "8-bit activations": one_part_form(carried), "14-bit activations, rounded to nearest": two_part_form(nearest),
             "14-bit activations, errors carried": two_part_form(carried)}
    graphs = {name: source if form is None else build_graph(source, form).SerializeToString() for name, form in forms.items()}
    memory = {name: memory_of(graph) for name, graph in graphs.items()}
    sessions = {name: session(graph) for name, graph in graphs.items()}
    times = {(name, size): [] for name in forms for size in SIZES}
    for size in SIZES:
        for _ in range(max(FEWEST_RUNS, TOKENS_TIMED // (size[0] * size[1]))):
            for name, of in sessions.items():
                times[name, size].append(run(of, *size) / size[0])
    texts = evaluation_sentences()
    expected = source_encoder().embed(texts, batch_size=8)
    print(f"{'form':40}{'MB':>6}{'session MB':>12}" + "".join(f"{f'{tokens} x {batch}, ms':>14}" for batch, tokens in SIZES) + f"{'cosine lowest':>15}{'mean':>10}")
    for name, graph in graphs.items():
        of = cosines(expected, Encoder(graph, source_tokenizer()).embed(texts))
        row = "".join(f"{np.median(times[name, size]):14.1f}" for size in SIZES)
        print(f"{name:40}{len(graph) / 1e6:6.0f}{memory[name] / 1e6:12.0f}{row}{of.min():15.6f}{of.mean():10.6f}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print_memory(sys.argv[1])
    else:
        main()
