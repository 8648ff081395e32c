"""Inclusive wording by rules: words that a picture cannot vouch for, or that hurt, get others.

A caption model guesses whether somebody is a man or a woman; the rules take the guess back, and
change nothing else. What they changed is told, so that a person can see and undo it.

Runs in CPython and in MicroPython.
"""

from pycore.alt_text import phrases

_PEOPLE = {
    "man": "person",
    "woman": "person",
    "men": "people",
    "women": "people",
    "lady": "person",
    "ladies": "people",
    "gentleman": "person",
    "gentlemen": "people",
    "guy": "person",
    "guys": "people",
    "boy": "child",
    "girl": "child",
    "boys": "children",
    "girls": "children",
    "men and women": "people",
    "women and men": "people",
    "boys and girls": "children",
    "girls and boys": "children",
    "a man and a woman": "two people",
    "a woman and a man": "two people",
    "a boy and a girl": "two children",
    "a girl and a boy": "two children",
    "he is": "they are",
    "she is": "they are",
    "he has": "they have",
    "she has": "they have",
    "his": "their",
    "himself": "themselves",
    "herself": "themselves",
}
_WORK = {
    "fireman": "firefighter",
    "firemen": "firefighters",
    "policeman": "police officer",
    "policewoman": "police officer",
    "policemen": "police officers",
    "policewomen": "police officers",
    "mailman": "mail carrier",
    "postman": "mail carrier",
    "businessman": "business person",
    "businesswoman": "business person",
    "businessmen": "business people",
    "salesman": "salesperson",
    "saleswoman": "salesperson",
    "cameraman": "camera operator",
    "chairman": "chairperson",
    "spokesman": "spokesperson",
    "spokeswoman": "spokesperson",
    "workman": "worker",
    "workmen": "workers",
    "repairman": "repairer",
    "sportsman": "athlete",
    "sportsmen": "athletes",
    "stewardess": "flight attendant",
    "actress": "actor",
    "mankind": "humankind",
    "man-made": "artificial",
    "manmade": "artificial",
}
_BODIES = {
    "wheelchair-bound": "wheelchair-using",
    "wheelchair bound": "wheelchair-using",
    "confined to a wheelchair": "using a wheelchair",
    "bound to a wheelchair": "using a wheelchair",
    "handicapped": "disabled",
    "crippled": "disabled",
    "cripple": "disabled person",
    "suffering from": "with",
    "suffers from": "has",
    "a victim of": "a person with",
    "midget": "short person",
    "retarded": "intellectually disabled",
    "deaf and dumb": "deaf",
    "deaf-mute": "deaf",
    "able-bodied": "non-disabled",
    "elderly": "older",
}
_ORIGINS = {
    "oriental": "Asian",
    "eskimo": "Inuit",
    "gypsy": "Roma",
    "gypsies": "Roma",
    "illegal immigrant": "undocumented immigrant",
    "illegal immigrants": "undocumented immigrants",
    "colored people": "people of colour",
}
RULES: dict[str, str] = {}
"""Phrase by phrase: what stands there instead."""
for _table in (_PEOPLE, _WORK, _BODIES, _ORIGINS):
    RULES.update(_table)


class Change:
    """What one rule changed.

    Attributes:
        before: the words that stood there.
        after: those that stand there now.
    """

    def __init__(self, before: str, after: str) -> None:
        self.before = before
        self.after = after


def reworded(text: str) -> tuple[str, list[Change]]:
    """Return a text in inclusive words, and what was changed, in its order."""
    parts: list[str] = []
    changes = []
    done = 0
    for found in phrases.find(text, RULES):
        before = text[found.start : found.end]
        after = _in_case_of(before, RULES[found.text])
        parts.append(_with_article(text[done : found.start], after))
        parts.append(after)
        changes.append(Change(before, after))
        done = found.end
    return "".join(parts) + text[done:], changes


def _in_case_of(before: str, after: str) -> str:
    """Write words as those before were written: a capital first, or nothing but capitals."""
    if len(before) > 1 and before.upper() == before:
        return after.upper()
    return after[0].upper() + after[1:] if before[0] != before[0].lower() else after


def _with_article(before: str, word: str) -> str:
    """Let an article that ends a text suit the word behind it: a man, an older person."""
    places = phrases.spans(before)
    if not places or before[places[-1][1] :].strip():
        return before
    start, end = places[-1]
    article = before[start:end]
    if article.lower() not in ("a", "an"):
        return before
    is_vowel = word[0].lower() in "aeiou" and not word.lower().startswith("us")
    return before[:start] + article[0] + ("n" if is_vowel else "") + before[end:]
