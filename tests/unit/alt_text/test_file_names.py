"""Names of files made of alt text."""

from __future__ import annotations

from pycore.alt_text.file_names import MOST_CHARACTERS, renamed, slug


def test_slugs() -> None:
    assert slug("A dog, on a “beach” – don't!") == "a-dog-on-a-beach-dont"
    assert slug("  ../etc: con?  ") == "etc-con"
    assert slug("犬 und Äpfel") == "犬-und-äpfel"
    assert slug("…") == ""
    long = slug("word " * 40)
    assert len(long) <= MOST_CHARACTERS
    assert long.endswith("word")
    assert slug("x" * 100) == "x" * MOST_CHARACTERS


def test_new_names_keep_folder_and_ending_and_never_collide() -> None:
    files = [
        ("trip/IMG_1.JPG", "A dog."),
        ("trip/IMG_2.JPG", "A dog"),
        ("IMG_3.jpg", "A dog."),
        ("a-cat.png", ""),
        ("IMG_4.png", "A cat!"),
        ("noending", "A bird."),
        (".hidden", "A fish."),
    ]
    assert renamed(files) == [
        "trip/a-dog.JPG",
        "trip/a-dog-2.JPG",
        "a-dog.jpg",
        "a-cat.png",
        "a-cat-2.png",
        "a-bird",
        "a-fish",
    ]
    assert renamed([]) == []
