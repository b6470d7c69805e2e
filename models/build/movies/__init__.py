"""Builds and evaluates the `movies` recommender."""
import os

# One thread adds up in one order, so that a rebuild gives the same bytes. NumPy reads this when it is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
