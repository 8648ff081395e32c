"""The queue: what waits, works, fails, is set aside; across restarts."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from pycore.library.listing import Query
from pycore.library.queue import SET_ASIDE
from pycore.library.records import Order, PersonWords
from tests.unit.helpers import run_sync
from tests.unit.library.library_samples import ORDER, OTHER, add, new_database, new_library, words


def _claim(library):
    job = run_sync(library.queue.claim())
    assert job is not None
    return job


def _counts(library):
    return dict(run_sync(library.listing.counts()).jobs)


def test_images_come_in_order_and_end_done() -> None:
    library = new_library()
    ids = [add(library, number) for number in range(3)]
    assert run_sync(library.queue.add(ORDER)) == 3
    assert run_sync(library.queue.status()).seconds_left is None
    for number, image_id in enumerate(ids):
        job = _claim(library)
        assert (job.image_id, job.order, job.attempts) == (image_id, ORDER, 1)
        assert job.name == f"IMG_{number:04}.jpg"
        run_sync(library.queue.finish(job, words("a dog"), took_ms=2000))
    assert run_sync(library.queue.claim()) is None
    rows = run_sync(library.listing.rows(Query(job_state="done")))
    assert [row.text for row in rows] == ["a dog"] * 3
    run_sync(library.queue.clear_finished())
    assert _counts(library) == {}


def test_time_left_follows_the_pace() -> None:
    library = new_library()
    for number in range(5):
        add(library, number)
    run_sync(library.queue.add(ORDER))
    run_sync(library.queue.finish(_claim(library), words(), took_ms=2000))
    run_sync(library.queue.finish(_claim(library), words(), took_ms=4000))
    _claim(library)
    status = run_sync(library.queue.status())
    assert (status.waiting, status.working, status.done) == (2, 1, 2)
    assert status.seconds_left == 9


def test_only_those_without_a_caption() -> None:
    library = new_library()
    ids = [add(library, 1, "a dog"), add(library, 2)]
    assert run_sync(library.queue.add(ORDER, which="without caption")) == 1
    assert _claim(library).image_id == ids[1]


def test_again_with_another_model_but_not_over_a_person() -> None:
    library = new_library()
    automatic, accepted, edited, decorative = ids = [
        add(library, number, "a dog") for number in range(4)
    ]
    run_sync(library.reviews.accept([accepted]))
    run_sync(library.reviews.edit(edited, PersonWords(text="Rex")))
    run_sync(library.reviews.mark_decorative([decorative]))
    queue = library.queue
    assert run_sync(queue.add(ORDER, which="not by this model", over_person=True)) == 0
    assert run_sync(queue.add(OTHER, which="not by this model")) == 1
    assert _claim(library).image_id == automatic
    assert run_sync(queue.add(OTHER, ids=ids, over_person=True)) == 3
    for _ in range(3):
        run_sync(queue.finish(_claim(library), words("a cat"), 1))
    assert [row.text for row in run_sync(library.listing.of_ids([accepted, edited]))] == [
        "a dog",
        "Rex",
    ]


def test_what_waits_for_the_same_keeps_its_place() -> None:
    library = new_library()
    ids = [add(library, number) for number in range(3)]
    run_sync(library.queue.add(ORDER))
    assert run_sync(library.queue.add(ORDER)) == 0
    assert run_sync(library.queue.add(Order("other", "main"), ids=ids[:1])) == 1
    assert [_claim(library).image_id for _ in ids] == [*ids[1:], ids[0]]
    assert run_sync(library.queue.add(ORDER)) == 0  # all work


def test_pause_outlasts_the_tab() -> None:
    database = new_database()
    library = new_library(database)
    add(library, 1)
    run_sync(library.queue.add(ORDER))
    run_sync(library.queue.pause())
    later = new_library(database)
    assert run_sync(later.queue.claim()) is None
    assert run_sync(later.queue.status()).paused
    run_sync(later.queue.resume())
    assert not run_sync(later.queue.status()).paused
    assert run_sync(later.queue.claim()) is not None


def test_a_failure_has_its_sentence_and_stops_nothing() -> None:
    library = new_library()
    first, second = add(library, 1), add(library, 2)
    run_sync(library.queue.add(ORDER))
    run_sync(library.queue.fail(_claim(library), "That image is cut short."))
    assert _claim(library).image_id == second
    (row,) = run_sync(library.listing.rows(Query(job_state="failed")))
    assert (row.id, row.job_message) == (first, "That image is cut short.")
    assert run_sync(library.queue.retry("failed")) == 1
    job = _claim(library)
    assert (job.image_id, job.attempts) == (first, 1)


def test_leaving_in_good_order_costs_no_try() -> None:
    library = new_library()
    first, _ = add(library, 1), add(library, 2)
    run_sync(library.queue.add(ORDER))
    for _ in range(5):
        job = _claim(library)
        assert (job.image_id, job.attempts, job.interruptions) == (first, 1, 0)
        run_sync(library.queue.release())


def test_what_kills_the_worker_twice_is_set_aside() -> None:
    library = new_library()
    killer, other = add(library, 1), add(library, 2)
    run_sync(library.queue.add(ORDER))
    assert _claim(library).image_id == killer
    assert run_sync(library.queue.interrupted()) == []
    job = _claim(library)
    assert job.image_id == other  # others come first
    run_sync(library.queue.finish(job, words(), 1))
    job = _claim(library)
    assert (job.image_id, job.attempts, job.interruptions) == (killer, 2, 1)
    assert run_sync(library.queue.interrupted()) == [killer]
    assert run_sync(library.queue.claim()) is None
    (row,) = run_sync(library.listing.rows(Query(job_state="set_aside")))
    assert (row.id, row.job_message) == (killer, SET_ASIDE)
    assert run_sync(library.queue.retry("set_aside", ids=[other])) == 0
    assert run_sync(library.queue.retry("set_aside", ids=[killer])) == 1
    assert _claim(library).interruptions == 0


def test_images_with_a_persons_words_are_counted() -> None:
    library = new_library()
    ids = [add(library, number) for number in range(3)]
    run_sync(library.reviews.mark_decorative(ids[:1]))
    assert run_sync(library.queue.count_of_person(ids)) == 1
    assert run_sync(library.queue.count_of_person(ids[1:])) == 0


def test_cancel_takes_out_what_waits() -> None:
    library = new_library()
    ids = [add(library, number) for number in range(4)]
    run_sync(library.queue.add(ORDER))
    working = _claim(library)
    run_sync(library.queue.cancel(ids[1:2]))
    assert _counts(library) == {"waiting": 2, "working": 1}
    run_sync(library.queue.cancel())
    assert _counts(library) == {"working": 1}
    run_sync(library.queue.finish(working, words(), 1))
    assert _counts(library) == {"done": 1}


def test_a_caption_and_the_end_of_its_job_are_one() -> None:
    database = new_database()
    library = new_library(database)
    add(library, 1)
    run_sync(library.queue.add(ORDER))
    job = _claim(library)
    database._connection.execute(
        "CREATE TEMP TRIGGER stop BEFORE UPDATE ON job BEGIN SELECT raise(ABORT, 'stop'); END"
    )
    with pytest.raises(Exception, match="could not be read or written"):
        run_sync(library.queue.finish(job, words(), 1))
    assert run_sync(library.images.captions(job.image_id)) == []


@pytest.mark.parametrize("seed", range(8))
def test_counts_are_what_counting_gives(seed) -> None:
    chance = random.Random(seed)
    database = new_database()
    library = new_library(database)
    queue = library.queue
    ids: list[int] = []
    for number in range(150):
        what = chance.randrange(9)
        some = chance.sample(ids, chance.randint(0, len(ids)))
        if what < 3:
            folder = chance.choice(["a", "a/b", ""])
            ids.append(add(library, chance.randrange(20), folder=folder))
        elif what == 3:
            run_sync(queue.add(chance.choice([ORDER, OTHER]), ids=chance.choice([None, some])))
        elif what == 4:
            run_sync(chance.choice([queue.interrupted, queue.release, queue.clear_finished])())
        elif what == 5:
            run_sync(queue.retry("failed") if number % 2 else queue.cancel(some[:1]))
        elif what == 6 and some and number % 3 == 0:
            run_sync(library.delete(some[:2]))
            ids = [image_id for image_id in ids if image_id not in some[:2]]
        elif job := run_sync(queue.claim()):
            fails = chance.random() < 0.5
            run_sync(queue.fail(job, "no") if fails else queue.finish(job, words(), 5))
    kept = run_sync(library.listing.counts())
    counted = database._connection.execute
    assert kept.images == len(set(ids))
    for names, sql in (
        (kept.jobs, "SELECT state FROM job"),
        (kept.states, "SELECT state FROM image"),
        (kept.models, "SELECT model FROM image WHERE model IS NOT NULL"),
        (kept.folders, "SELECT folder FROM place"),
    ):
        assert names == Counter(value for (value,) in counted(sql))
