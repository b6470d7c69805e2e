"""EASE: a linear model of "who liked i also liked j" with a closed-form solution.

H. Steck, Embarrassingly Shallow Autoencoders for Sparse Data, WWW 2019, equation 8.
"""
import numpy as np

REGULARISATIONS = (50, 100, 200, 400)
"""Candidates for lambda; `evaluation.choose_regularisation` takes the best on a part of the data that no figure comes from."""


def liked_matrix(histories, rows):
    """0/1 matrix [users, items] of liked films; films outside `rows` are ignored."""
    matrix = np.zeros((len(histories), len(rows)))
    for user, history in enumerate(histories):
        matrix[user, [rows[r.film] for r in history if r.liked and r.film in rows]] = 1
    return matrix


def fit(liked, regularisation):
    """Weights float64 [items, items]: entry (i, j) is what liking i adds to the score of j; the diagonal is 0."""
    gram = liked.T @ liked
    gram[np.diag_indices_from(gram)] += regularisation
    inverse = np.linalg.inv(gram)
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return weights
