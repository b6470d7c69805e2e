"""Writes services/nlp/src/tasks/bert-unicode.ts: how the pinned PyPI tokenizers classes every Unicode code point in BERT's normaliser.

Asked one code point at a time, so the tables are what that program does, whatever Unicode version it and the reader's Node carry.
"""
import unicodedata

import tokenizers
from tokenizers import normalizers, pre_tokenizers

from .source import FOLDER

PATH = FOLDER.parents[2] / "services/nlp/src/tasks/bert-unicode.ts"
HANGUL_SYLLABLES = range(0xAC00, 0xD7A4)


def only(**flags):
    """A BertNormalizer with nothing but `flags` on."""
    off = {"clean_text": False, "handle_chinese_chars": False, "strip_accents": False, "lowercase": False}
    return normalizers.BertNormalizer(**{**off, **flags})


def ranges(points):
    """Sorted code points as [first, last] pairs."""
    out = []
    for c in points:
        if out and out[-1][1] == c - 1:
            out[-1][1] = c
        else:
            out.append([c, c])
    return out


def classify():
    """{name: code points} and the lower case of every letter that has one."""
    clean, chinese, strip, lower = only(clean_text=True), only(handle_chinese_chars=True), only(strip_accents=True), only(lowercase=True)
    split, nfd = pre_tokenizers.BertPreTokenizer(), normalizers.NFD()
    classes = {name: [] for name in ("removed", "space", "chinese", "nonspacing", "punctuation", "decomposed", "reordered")}
    small = {}
    for c in range(0x110000):
        if 0xD800 <= c < 0xE000:
            continue
        text = f"a{chr(c)}a"
        if clean.normalize_str(text) == "aa":
            classes["removed"].append(c)
        if chinese.normalize_str(text) != text:
            classes["chinese"].append(c)
        pieces = len(split.pre_tokenize_str(text))
        if pieces == 2:
            classes["space"].append(c)
        elif pieces == 3:
            classes["punctuation"].append(c)
        stripped = strip.normalize_str(text)
        if stripped == "aa":
            classes["nonspacing"].append(c)
        elif stripped != text:
            classes["decomposed"].append(c)
        elif moves(nfd, chr(c)):
            classes["reordered"].append(c)
        lowered = lower.normalize_str(text)[1:-1]
        if lowered != chr(c):
            small[c] = lowered
    return classes, small


def moves(nfd, mark):
    """Whether canonical ordering moves `mark` in front of one of these marks (class 232, 240) or behind one (class 1)."""
    return any(nfd.normalize_str(f"a{pair}") != f"a{pair}" for pair in (f"\u0315{mark}", f"\u0345{mark}", f"{mark}\u0334"))


def lower_runs(small):
    """[first, last, step, difference] of letters whose lower case is one letter, and {letter: lower case} of the rest."""
    runs, rest = [], {}
    for c, lowered in small.items():
        if len(lowered) != 1:
            rest[c] = lowered
            continue
        difference = ord(lowered) - c
        last = runs[-1] if runs else None
        if last and last[3] == difference and c - last[1] in (1, 2) and (last[0] == last[1] or c - last[1] == last[2]):
            last[2], last[1] = c - last[1], c
        else:
            runs.append([c, c, 1, difference])
    return runs, rest


def wrapped(text):
    """A template literal of lines of at most 130 characters."""
    lines, line = [], ""
    for word in text.split():
        if len(line) + len(word) > 128:
            lines.append(line.rstrip())
            line = ""
        line += word + " "
    return "`\n" + "\n".join([*lines, line.rstrip()]) + "\n`"


def range_text(points):
    return wrapped(" ".join(f"{a:x}" if a == b else f"{a:x}-{b:x}" for a, b in ranges(points)))


def combining_text(marks):
    """class:ranges of marks whose canonical combining class is not 0. Every one is older than the Unicode version of any Python in use."""
    by_class = {}
    for c in marks:
        by_class.setdefault(unicodedata.combining(chr(c)), []).append(c)
    by_class.pop(0, None)
    return wrapped(" ".join(f"{k}:" + ",".join(f"{a:x}" if a == b else f"{a:x}-{b:x}" for a, b in ranges(by_class[k])) for k in sorted(by_class)))


DOCS = {
    "removed": "Control, format and private-use characters that cleaning removes.",
    "space": "White space.",
    "chinese": "Ideographs that become words of their own.",
    "nonspacing": "Marks that vanish when accents are stripped.",
    "punctuation": "Characters that become words of their own: all ASCII punctuation and what Unicode calls so.",
    "decomposed": "Characters that canonical decomposition changes, without Hangul syllables.",
    "reordered": "Marks that stay when accents are stripped and that canonical ordering may move.",
}


def main():

    classes, small = classify()
    classes["decomposed"] = [c for c in classes["decomposed"] if c not in HANGUL_SYLLABLES]
    for c in classes["decomposed"]:
        assert unicodedata.normalize("NFD", chr(c)) != chr(c), hex(c)
    runs, rest = lower_runs(small)
    assert list(rest.items()) == [(0x130, "i\u0307")], rest
    parts = [
        "// Generated by `models/build/run bge-small-en unicode_tables`; do not edit.\n"
        "/**\n * How BERT's normaliser and pre-tokenizer class characters, as PyPI tokenizers "
        f"{tokenizers.__version__} does: hexadecimal code points\n * and ranges. Fixed here because every Node release brings its own Unicode version.\n */",
    ]
    for name, points in classes.items():
        parts.append(f"/** {DOCS[name]} */\nexport const {name}Characters = {range_text(points)};")
    text = wrapped(" ".join(f"{a:x}-{b:x}/{step}{difference:+d}" for a, b, step, difference in runs))
    parts.append("/** Letters with a lower case of one letter: first-last/step, then what to add. U+0130 alone has two: i and U+0307. */\n"
                 f"export const lowerCases = {text};")
    parts.append("/** Canonical combining classes above 0 of the marks above: class:code points. */\n"
                 f"export const combiningClasses = {combining_text(sorted(classes['nonspacing'] + classes['reordered']))};")
    PATH.parent.mkdir(parents=True, exist_ok=True)
    PATH.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    print({name: len(points) for name, points in classes.items()}, len(runs), f"{PATH.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
