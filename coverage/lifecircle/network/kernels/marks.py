"""Different numbers put in order by a bit for each: nothing is compared, and only what is marked is read."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lifecircle.jit import njit

__all__ = ["WORD_BITS", "Marks", "put_ascending", "write_ascending"]

WORD_BITS = 6
"""A word marks 2 to this power numbers, a bit each; so does a word of words."""


class Marks(NamedTuple):
    """A thread's marks of the numbers below some other; nothing is marked between two uses.

    Attributes
    ----------
    words, sums : a bit for each number, and one for each word that holds any
    place : per word, where what it marks begins
    """

    words: NDArray[np.uint64]
    sums: NDArray[np.uint64]
    place: NDArray[np.int64]


@njit(cache=True, nogil=True, inline="always")
def _ones(word):
    """How many bits of a word are set: counted by twos, fours and eights, then added up in the top byte."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@njit(cache=True, nogil=True)
def _mark(marks, numbers, begin, stop):
    """A bit for each of some numbers, and one for each word."""
    words, sums, _ = marks
    one, bits = np.uint64(1), np.int64(WORD_BITS)
    last = (np.int64(1) << bits) - 1
    for k in range(begin, stop):
        word = np.int64(numbers[k]) >> bits
        if words[word] == 0:
            sums[word >> bits] |= one << np.uint64(word & last)
        words[word] |= one << np.uint64(numbers[k] & last)


@njit(cache=True, nogil=True)
def put_ascending(marks, numbers, count):
    """Put the first of some different numbers in ascending order.

    Parameters
    ----------
    marks
        `Marks`, left as they were.
    numbers, count
        Integers, of which the first `count` are put in order.
    """
    words, sums, _ = marks
    one, bits = np.uint64(1), np.int64(WORD_BITS)
    _mark(marks, numbers, 0, count)
    # word after word, and bit after bit, from the lowest
    k = 0
    for s in range(len(sums)):
        left = sums[s]
        sums[s] = np.uint64(0)
        while left != 0:
            lowest = left & (~left + one)
            left ^= lowest
            word = (s << bits) + _ones(lowest - one)
            held = words[word]
            words[word] = np.uint64(0)
            while held != 0:
                lowest = held & (~held + one)
                held ^= lowest
                numbers[k] = (word << bits) + _ones(lowest - one)
                k += 1


@njit(cache=True, nogil=True)
def write_ascending(marks, numbers, values, begin, stop, out_numbers, out_values, to):
    """Write a part of a list of different numbers, each with its value, in ascending order.

    Parameters
    ----------
    marks
        `Marks`, left as they were.
    numbers, values
        The list; from `begin` to `stop` it is written.
    out_numbers, out_values
        Result, written from `to` on.
    """
    words, sums, place = marks
    one, bits = np.uint64(1), np.int64(WORD_BITS)
    last = (np.int64(1) << bits) - 1
    _mark(marks, numbers, begin, stop)
    # stage 1: how many lie in the words before
    for s in range(len(sums)):
        left = sums[s]
        sums[s] = np.uint64(0)
        while left != 0:
            lowest = left & (~left + one)
            left ^= lowest
            word = (s << bits) + _ones(lowest - one)
            place[word] = to
            to += _ones(words[word])
    # stage 2: and how many in the same word before
    for k in range(begin, stop):
        word, bit = np.int64(numbers[k]) >> bits, one << np.uint64(numbers[k] & last)
        at = place[word] + _ones(words[word] & (bit - one))
        out_numbers[at], out_values[at] = numbers[k], values[k]
    # stage 3: the words as they were
    for k in range(begin, stop):
        words[np.int64(numbers[k]) >> bits] = np.uint64(0)
