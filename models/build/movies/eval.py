"""Prints the evaluation of `movies`; exits 1 when a floor is missed.   models/build/run movies eval"""
import sys

from movies.dataset import load
from movies.evaluation import evaluate, report
from movies.package import size_held


def main():
    quality_held = report(evaluate(load()))
    sys.exit(0 if size_held() and quality_held else 1)


if __name__ == "__main__":
    main()
