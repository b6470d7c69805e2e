"""Writes the fp32 source graph and one sentence of 32 tokens into the build cache: models/build/run bge-small-en float32

Prints the folder: model.onnx, and inputs.json with the tensors of one run. The bench times the shipped graph against it.
"""
from model_folder import write_float32

from .source import Encoder, evaluation_sentences, source_graph, source_tokenizer

TOKENS = 32


def main():
    encoder = Encoder(source_graph(), source_tokenizer())
    encodings = (encoder.tokenizer.encode(text) for text in evaluation_sentences())
    sentence = next(e for e in encodings if len(e.ids) == TOKENS)
    print(write_float32("bge-small-en", source_graph(), encoder.feeds([sentence])))


if __name__ == "__main__":
    main()
