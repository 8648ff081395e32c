"""Which of equal scores ``torch.topk`` takes, and in which order.

Equal scores come up: quantised logits repeat, and rules set many scores to one value. Any choice
is as good as another, but only PyTorch's gives the reference's tokens. PyTorch on a CPU leaves it
to the C++ library's selection algorithms, whose order of ties follows from the order of their
comparisons; here the same comparisons are made. This is the slow path of ``numerics.top_k``, taken
only when equal scores compete for the top.

Source: the choice between the two algorithms, PyTorch 2.13, aten/src/ATen/native/TopKImpl.h; their
behaviour, ``std::partial_sort``, ``std::nth_element`` and ``std::sort`` as GCC's library has them
(heap select; introselect with median of three; introsort down to 16). Their fallback for inputs
built to make the partition degenerate is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pycore.interfaces import FloatArray

_CHUNK = 4096
_SMALL = 16


def torch_top_k(scores: FloatArray, k: int) -> list[int]:
    """Return the positions of the ``k`` highest scores, in the order of ``torch.topk``.

    Args:
        scores: float32 of shape (n,) with n >= k, no NaN.
        k: how many, at least 1.
    """
    if k * 64 <= scores.size:
        return _partial_sort(scores, k)
    row = _Row(scores)
    row.nth_element(k - 1)
    row.sort(k - 1)
    return row.order[:k]


def _partial_sort(scores: FloatArray, k: int) -> list[int]:
    """Keep the best k in a heap with the worst of them on top, then unwind the heap."""
    heap = _Row(scores, k)
    heap.make_heap()
    position = k
    while position < scores.size:
        better = scores[position : position + _CHUNK] > scores[heap.order[0]]
        if better.any():
            position += int(better.argmax())
            heap.sift(0, k, position)
            position += 1
        else:
            position += _CHUNK
    heap.sort_heap()
    return heap.order


class _Row:
    """Positions being put in order of descending score.

    Attributes:
        order: the positions.
    """

    def __init__(self, scores: FloatArray, count: int | None = None) -> None:
        self.order = list(range(scores.size if count is None else count))
        self._scores = scores if count is not None else scores.tolist()

    def _precedes(self, one: int, other: int) -> bool:
        """Compare two positions by score alone."""
        return bool(self._scores[one] > self._scores[other])

    def make_heap(self) -> None:
        """Arrange all positions so that each precedes or equals its parent."""
        for parent in range((len(self.order) - 2) // 2, -1, -1):
            self.sift(parent, len(self.order), self.order[parent])

    def sift(self, top: int, end: int, position: int) -> None:
        """Put ``position`` into the heap below ``top``: the hole sinks to a leaf, then rises."""
        order, hole, child = self.order, top, top
        while child < (end - 1) // 2:
            child = 2 * (child + 1)
            if self._precedes(order[child], order[child - 1]):
                child -= 1
            order[hole], hole = order[child], child
        if end % 2 == 0 and child == (end - 2) // 2:
            order[hole], hole = order[2 * child + 1], 2 * child + 1
        while hole > top and self._precedes(order[(hole - 1) // 2], position):
            order[hole], hole = order[(hole - 1) // 2], (hole - 1) // 2
        order[hole] = position

    def sort_heap(self) -> None:
        """Take the heap apart, worst first, into descending order."""
        for end in range(len(self.order) - 1, 0, -1):
            position, self.order[end] = self.order[end], self.order[0]
            self.sift(0, end, position)

    def nth_element(self, nth: int) -> None:
        """Move what belongs at ``nth`` there, and nothing better behind it."""
        first, last = 0, len(self.order)
        while last - first > 3:
            cut = self._partition(first, last)
            if cut <= nth:
                first = cut
            else:
                last = cut
        self._insertion_sort(first, last)

    def sort(self, last: int) -> None:
        """Sort the first ``last`` positions."""
        self._coarse_sort(0, last)
        self._insertion_sort(0, last)

    def _coarse_sort(self, first: int, last: int) -> None:
        """Sort down to runs of ``_SMALL``."""
        while last - first > _SMALL:
            cut = self._partition(first, last)
            self._coarse_sort(cut, last)
            last = cut

    def _partition(self, first: int, last: int) -> int:
        """Part a range around the median of three, which is moved to its front.

        Returns:
            Where the second part begins.
        """
        order, precedes = self.order, self._precedes
        places = (first + 1, first + (last - first) // 2, last - 1)
        a, b, c = (order[place] for place in places)
        if precedes(a, b):
            median = 1 if precedes(b, c) else 2 if precedes(a, c) else 0
        else:
            median = 0 if precedes(a, c) else 2 if precedes(b, c) else 1
        pivot = places[median]
        order[first], order[pivot] = order[pivot], order[first]
        left, right = first + 1, last
        while True:
            while precedes(order[left], order[first]):
                left += 1
            right -= 1
            while precedes(order[first], order[right]):
                right -= 1
            if left >= right:
                return left
            order[left], order[right] = order[right], order[left]
            left += 1

    def _insertion_sort(self, first: int, last: int) -> None:
        """Sort a range; equal scores keep their order."""
        order = self.order
        for place in range(first + 1, last):
            position, hole = order[place], place
            while hole > first and self._precedes(position, order[hole - 1]):
                order[hole] = order[hole - 1]
                hole -= 1
            order[hole] = position
