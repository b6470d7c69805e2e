"""The files of models/recommendation/movies that the build writes, except the graph itself."""
import json
from pathlib import Path

from model_folder import write_model_json

FOLDER = Path(__file__).parents[2] / "recommendation/movies"
VERSION = FOLDER / "1"
MAX_FOLDER_BYTES = 12_000_000


def write_json_lines(path, brackets, lines):
    """A JSON array or object with one element a line: small, and readable in a diff."""
    path.write_text(brackets[0] + "\n" + ",\n".join(lines) + "\n" + brackets[1] + "\n", encoding="utf-8")


def _compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def write_items(films):
    """items.json: element i describes row i."""
    described = [
        {"id": f.id, "title": f.title, "year": f.year, "genres": list(f.genres), "ratings": f.ratings} for f in films
    ]
    write_json_lines(VERSION / "items.json", "[]", [_compact(film) for film in described])


def write_users(histories, rows):
    """users.json: {userId: {liked, seen}}, rows oldest first; `liked` goes into the model, `seen` was rated but not liked."""
    lines = []
    for user, history in histories.items():
        known = [r for r in history if r.film in rows]
        lists = {"liked": [rows[r.film] for r in known if r.liked], "seen": [rows[r.film] for r in known if not r.liked]}
        lines.append(f"{_compact(str(user))}:{_compact(lists)}")
    write_json_lines(VERSION / "users.json", "{}", lines)


def write_settings():
    """model.json; written after all other files of the version."""
    settings = {
        "task": "recommendation",
        "description": "EASE over 2,245 films of MovieLens ml-latest-small; research use, no commercial use (see LICENSE)",
        "options": {"items": "items.json", "users": "users.json"},
    }
    write_model_json(FOLDER, settings)


def size_held():
    """Prints the size of the model folder and returns whether it is small enough."""
    size = sum(p.stat().st_size for p in FOLDER.rglob("*") if p.is_file())
    held = size <= MAX_FOLDER_BYTES
    print(f"{'ok  ' if held else 'MISS'} files of the model: {size:,} bytes (at most {MAX_FOLDER_BYTES:,})")
    return held
