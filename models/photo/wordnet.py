"""Makes names.json, the tree of names for photographs, from WordNet and our own table of names.

    python -m models.photo.wordnet data.noun

data.noun is WordNet 3.0's, in Debian's package wordnet-base (/usr/share/wordnet/data.noun): the
classes of ImageNet are its synsets, and their numbers its offsets. names.txt says what a person
would call each class, which of WordNet's words above them are worth saying, and where we see
things otherwise. pycore.recognition.name_tree documents and reads what this writes.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
NAMES = HERE / "names.txt"
TREE = HERE / "names.json"

PERSON = "person"
WORN = "-worn"
UNSAID = "-"

Synsets = dict[str, tuple[str, ...]]
"""Offset of each noun to those of its hypernyms, the first and foremost first."""


@dataclass(frozen=True)
class Row:
    """One line of names.txt.

    Attributes:
        synset: "n" and WordNet's offset; UNSAID when WordNet has no such thing.
        name: in the notation of names.txt.
        parent: the key of another row; UNSAID for none; empty to ask WordNet.
    """

    synset: str
    name: str
    parent: str

    @property
    def key(self) -> str:
        """What other rows call it: its singular."""
        if self.name.startswith(UNSAID):
            return self.name
        return self.name.lstrip("=~").partition("/")[0].partition("|")[0]


def read_synsets(path: Path) -> Synsets:
    """Read WordNet's file of nouns.

    Source: WordNet 3.0, wndb(5WN): offset, file, type, number of words (hexadecimal), words with
    their ids, number of pointers, pointers of four fields each.
    """
    synsets: Synsets = {}
    for line in path.read_text(encoding="latin-1").splitlines():
        if line.startswith(" "):  # the licence
            continue
        fields = line.partition("|")[0].split()
        start = 4 + 2 * int(fields[3], 16)
        pointers = [fields[start + 1 + 4 * i :][:2] for i in range(int(fields[start]))]
        above = tuple(f"n{offset}" for symbol, offset in pointers if symbol.startswith("@"))
        synsets[f"n{fields[0]}"] = above
    return synsets


def read_names(path: Path) -> tuple[list[Row], list[Row], list[tuple[str, tuple[str, ...]]]]:
    """Read names.txt.

    Returns:
        Families, classes in ImageNet's order, and for each of the detector's classes the key of
        its name with the keys of what else may be seen in its box.
    """
    sections: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            lines = sections.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            lines.append(line)
    detector = []
    for line in sections["detector"]:
        key, _, others = line.partition(" : ")
        detector.append((key, tuple(others.split(", ")) if others else ()))
    families = [_row(line) for line in sections["families"]]
    return families, [_row(line) for line in sections["classes"]], detector


def _row(line: str) -> Row:
    name, _, parent = line.partition(" < ")
    synset, _, name = name.partition(" ")
    return Row(synset, name, parent)


def make_tree(synsets: Synsets, names: Path = NAMES) -> dict[str, object]:
    """Return names.json's content.

    Raises:
        ValueError: when a row names a parent that no row has.
    """
    families, classes, detector = read_names(names)
    rows = [*classes, *families]
    # A family stands for its key when a class has the same: "a laptop" is one kind of laptop.
    places = {row.key: place for place, row in enumerate(rows) if row.key != UNSAID}
    by_synset = {row.synset: places[row.key] for row in families if row.synset != UNSAID}

    def parent(row: Row) -> int:
        if row.parent:
            return -1 if row.parent == UNSAID else places[row.parent]
        return _nearest(synsets, row.synset, by_synset)

    try:
        return {
            "source": "WordNet 3.0 Copyright 2006 by Princeton University. All rights reserved.",
            "nouns": ["" if row.name.startswith(UNSAID) else row.name for row in rows],
            "parents": [parent(row) for row in rows],
            "detector": [places[key] for key, _ in detector],
            "related": {
                str(places[key]): [places[other] for other in others]
                for key, others in detector
                if others
            },
            "person": places[PERSON],
            "worn": places[WORN],
        }
    except KeyError as error:
        raise ValueError(f"{names.name}: no row has the name {error}") from error


def _nearest(synsets: Synsets, synset: str, families: dict[str, int]) -> int:
    """Return the place of the family with the shortest way up to it; -1 when there is none."""
    level = synsets.get(synset, ())
    while level:
        for above in level:
            if above in families:
                return families[above]
        level = tuple(higher for above in level for higher in synsets[above])
    return -1


def main() -> None:
    """Write names.json."""
    tree = make_tree(read_synsets(Path(sys.argv[1])))
    text = json.dumps(tree, ensure_ascii=False, separators=(",", ":")).replace("],", "],\n")
    TREE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
