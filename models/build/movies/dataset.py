"""MovieLens ml-latest-small (100,004 ratings, edition of October 2016) as the R package dslabs carries it."""
import hashlib
from collections import Counter
from dataclasses import dataclass

import numpy as np

import fetch
from movies.r_data import read_data_frame

PACKAGE = ("r-cran-dslabs", "0.7.4-1", "c3f93382c44d4581de9561792a87b110cb239c70771cac5ad63fa0a259e71ef3")
RATINGS, USERS = 100_004, 671

MIN_RATINGS = 10
"""Films with fewer ratings are left out of the model: their weights would be noise."""

LIKED_FROM = 3.5
"""A rating from here on counts as liking the film. The mean rating is 3.54; lower ratings only say "seen"."""


@dataclass(frozen=True)
class Rating:
    film: int
    """MovieLens movieId."""
    stars: float
    """0.5 to 5."""

    @property
    def liked(self):
        return self.stars >= LIKED_FROM


@dataclass(frozen=True)
class Film:
    id: int
    title: str
    """As MovieLens prints it, with the year: "Matrix, The (1999)"."""
    year: int
    genres: tuple
    ratings: int


@dataclass(frozen=True)
class Dataset:
    histories: dict
    """userId -> list of Rating, oldest first."""
    films: list
    """The films of the model by movieId; a film's place in this list is its row."""
    digest: str
    """SHA-256 over all (user, film, rating, timestamp)."""

    @property
    def rows(self):
        """movieId -> row."""
        return {film.id: row for row, film in enumerate(self.films)}


def load():
    """Downloads (once) and reads the data set. Raises SystemExit when it is not the data this model was made for."""
    package = fetch.debian(*PACKAGE)
    index, objects = (fetch.member(package, f"dslabs/data/Rdata.{kind}") for kind in ("rdx", "rdb"))
    table = read_data_frame(index, objects, "movielens")
    user, film, stars, time = (np.asarray(table[name]) for name in ("userId", "movieId", "rating", "timestamp"))
    if len(stars) != RATINGS or len(set(user.tolist())) != USERS or np.isnan(stars).any():
        raise SystemExit(f"movielens: expected {RATINGS} ratings of {USERS} users")

    histories = {int(u): [] for u in sorted(set(user.tolist()))}
    for at in np.lexsort((film, time)):  # equal times are ordered by film, so that the split is the same everywhere
        histories[int(user[at])].append(Rating(int(film[at]), float(stars[at])))

    digest = hashlib.sha256()
    for column, kind in ((user, "<i4"), (film, "<i4"), (stars, "<f8"), (time, "<i4")):
        digest.update(column.astype(kind).tobytes())
    return Dataset(histories, _films(table, Counter(film.tolist())), digest.hexdigest())


def _films(table, counts):
    rows = zip(table["movieId"].tolist(), table["title"], table["year"].tolist(), table["genres"])
    described = {film: rest for film, *rest in rows}
    films = []
    for film in sorted(f for f, count in counts.items() if count >= MIN_RATINGS):
        title, year, genres = described[film]
        named = tuple(g for g in genres.split("|") if g != "(no genres listed)")
        films.append(Film(film, f"{title} ({year})", year, named, counts[film]))
    return films
