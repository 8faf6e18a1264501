"""Many names, found by what a bank has left of one."""

from __future__ import annotations

from array import array
from collections import defaultdict
from heapq import nlargest

from receivables.bank.naming import is_like, likeness, plain, words_of

#: A word that more names than this share (Bau, Transport) leads to none, and only tells those
#: that other words lead to apart.
_TOO_COMMON = 2000
#: Of the names that a word leads to, so many of the likeliest are compared letter by letter.
_COMPARED = 24
#: A name less alike than this is another.
_LEAST = 0.5
#: Words of which it is kept what they are like, before that begins anew.
_MOST_KEPT = 20_000


class NameIndex:
    """Names of owners, who are numbers here; an owner may have several.

    A name is looked for by its words alone: what a word is like is looked up among the different
    words there are, which are few, and these lead to the names.
    """

    def __init__(self) -> None:
        self._names: list[tuple[str, ...]] = []
        self._owners = array("I")
        self._letters = array("H")
        self._of_owner: dict[int, tuple[int, ...]] = {}
        self._by_word: dict[str, array[int]] = {}
        # One slip or a cut leaves the first letters of a word alone, or the last.
        self._by_begin: dict[str, list[str]] = defaultdict(list)
        self._by_end: dict[str, list[str]] = defaultdict(list)
        self._like: dict[str, tuple[str, ...]] = {}

    def add(self, owner: int, name: str) -> bool:
        """False when it says nothing, or is the owner's already."""
        words = words_of(name)
        known = self._of_owner.get(owner, ())
        if not words or any(self._names[one] == words for one in known):
            return False
        place = len(self._names)
        for word in set(words):
            self._places_of(word).append(place)
        # The same word is the same text wherever it stands.
        self._names.append(words)
        self._owners.append(owner)
        self._letters.append(sum(map(len, words)))
        self._of_owner[owner] = (*known, place)
        return True

    def _places_of(self, word: str) -> array[int]:
        found = self._by_word.get(word)
        if found is None:
            found = self._by_word[word] = array("I")
            bare = plain(word)
            self._by_begin[bare[:3]].append(word)
            self._by_end[bare[-3:]].append(word)
            self._like.clear()
        return found

    def likeness_to(self, name: str, owner: int) -> float:
        """How alike a name is to the likeliest of an owner's, 0 to 1."""
        words = words_of(name)
        known = self._of_owner.get(owner, ())
        return max((likeness(words, self._names[one]) for one in known), default=0.0)

    def called(self, name: str) -> list[tuple[int, float]]:
        """The owners a name could mean and how alike theirs is, the likeliest first; none below
        one half.
        """
        words = words_of(name)
        best: dict[int, float] = {}
        for place in self._candidates(words):
            score = likeness(words, self._names[place])
            if score >= _LEAST:
                owner = self._owners[place]
                best[owner] = max(score, best.get(owner, 0.0))
        return sorted(best.items(), key=lambda one: (-one[1], one[0]))

    def _candidates(self, words: tuple[str, ...]) -> list[int]:
        """The names that share most letters with these words, at least as counted generously."""
        shared: dict[int, int] = {}
        seen = shared.get
        common = 0
        for word in words:
            for own in self._words_like(word):
                places, letters = self._by_word[own], len(word) + len(own)
                if len(places) > _TOO_COMMON:
                    common += letters
                    continue
                for place in places:
                    shared[place] = seen(place, 0) + letters
        asked, has = sum(map(len, words)), self._letters
        least = asked * _LEAST - common
        scored = [
            ((count + common) / (asked + has[place]), place)
            for place, count in shared.items()
            if count >= least + has[place] * _LEAST
        ]
        return [place for _, place in nlargest(_COMPARED, scored)]

    def _words_like(self, word: str) -> tuple[str, ...]:
        found = self._like.get(word)
        if found is None:
            bare = plain(word)
            near = {*self._by_begin.get(bare[:3], ()), *self._by_end.get(bare[-3:], ())}
            found = tuple(sorted(one for one in near if is_like(word, one)))
            if len(self._like) >= _MOST_KEPT:
                self._like.clear()
            self._like[word] = found
        return found
