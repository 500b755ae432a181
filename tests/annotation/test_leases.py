"""Leases against a model that says in the plainest way what they are, and with threads that all want the same items."""

import random
import sys
import threading
from collections import Counter

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from alwidgets.annotation.leases import Lease, Leases


@pytest.fixture
def threads_alternate():
    """Threads take turns after some microseconds, so that they meet everywhere."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def leases(clock):
    return Leases(10, clock=clock)


def items_of(leases):
    return [lease.item for lease in leases]


def test_an_item_is_before_one_person_at_a_time_and_the_next_person_gets_the_next(leases):
    assert items_of(leases.claim("a1", [3, 5, 8], 2)) == [3, 5]
    assert items_of(leases.claim("a2", [3, 5, 8], 2)) == [8]
    assert leases.claim("a3", [3, 5, 8]) == []


def test_no_more_items_are_read_than_are_needed(leases):
    items = iter(range(10**9))
    assert items_of(leases.claim("a1", items, 3)) == [0, 1, 2]
    assert next(items) == 3


def test_as_many_people_get_an_item_as_answers_are_wanted_of_it(leases):
    leases.want(3, 2)
    assert [items_of(leases.claim(who, [3])) for who in ("a1", "a2", "a3")] == [[3], [3], []]
    assert leases.complete("a1", 3, 1) == "in time"
    assert leases.claim("a3", [3]) == []
    leases.want(3, 3)
    assert items_of(leases.claim("a3", [3])) == [3]
    assert leases.claim("a1", [3]) == []


def test_who_asks_again_gets_what_is_before_them_with_the_same_attempt_for_longer(leases, clock):
    first = leases.claim("a1", [3])
    clock.now = 4
    assert leases.claim("a1", [3]) == [Lease(3, "a1", 1, 14.0)]
    assert first == [Lease(3, "a1", 1, 10.0)]


def test_a_lease_ends_unless_it_is_renewed(leases, clock):
    leases.claim("a1", [3])
    clock.now = 9.9
    assert items_of(leases.renew("a1")) == [3]
    clock.now = 19.8
    assert leases.claim("a2", [3]) == []
    clock.now = 19.9
    assert leases.renew("a1") == []
    assert leases.claim("a2", [3]) == [Lease(3, "a2", 2, 29.9)]


def test_who_leaves_or_passes_an_item_on_frees_it_at_once(leases):
    leases.claim("a1", [3, 5, 8], 3)
    leases.free("a1", 5)
    assert items_of(leases.claim("a2", [3, 5, 8], 3)) == [5]
    leases.free("a1")
    assert items_of(leases.claim("a2", [3, 5, 8], 3)) == [3, 5, 8]
    leases.free("nobody")


def test_an_answer_that_comes_after_its_lease_counts_once_as_late(leases, clock):
    leases.claim("a1", [3])
    clock.now = 11
    [second] = leases.claim("a2", [3])
    assert leases.complete("a1", 3, 1) == "late"
    assert leases.complete("a1", 3, 1) == "repeated"
    assert leases.complete("a2", 3, second.attempt) == "in time"
    assert leases.n_answers(3) == 2


def test_an_answer_to_an_older_attempt_of_ones_own_is_late_and_the_newer_ones_is_repeated(leases, clock):
    leases.claim("a1", [3])
    clock.now = 11
    [second] = leases.claim("a1", [3])
    assert second.attempt == 2
    assert leases.complete("a1", 3, 1) == "late"
    assert leases.active() == []
    assert leases.complete("a1", 3, 2) == "repeated"
    assert leases.n_answers(3) == 1


def test_an_answer_without_a_lease_counts_too(leases):
    assert leases.complete("a1", 3) == "in time"
    assert leases.claim("a2", [3]) == []


def test_an_answer_undone_is_lacking_again(leases):
    leases.claim("a1", [3])
    leases.complete("a1", 3, 1)
    leases.reopen("a1", 3)
    leases.reopen("a2", 99)
    assert leases.claim("a1", [3]) == [Lease(3, "a1", 2, 10.0)]
    assert leases.complete("a1", 3, 2) == "in time"


def test_what_one_takes_up_again_is_first_whoever_has_it_too(leases, clock):
    leases.claim("a1", [3, 4], 2)
    leases.complete("a1", 3, 1)
    leases.put_first("a1", 3)
    assert items_of(leases.of("a1")) == [4]
    leases.reopen("a1", 3)
    leases.claim("a2", [3])
    clock.now = 5
    leases.put_first("a1", 3)
    assert leases.of("a1") == [Lease(3, "a1", 3, 15.0), Lease(4, "a1", 1, 10.0)]
    assert items_of(leases.of("a2")) == [3]
    leases.put_first("a1", 4)
    assert leases.of("a1") == [Lease(4, "a1", 1, 15.0), Lease(3, "a1", 3, 15.0)]


def test_after_a_restart_nobody_is_asked_for_more_than_is_lacking(clock):
    leases = Leases(10, wanted=2, clock=clock)
    leases.claim("a1", [3])
    leases.restore({3: {"a1"}, 5: {"a1", "a2"}})
    assert leases.active() == []
    assert items_of(leases.claim("a2", [3, 5], 2)) == [3]
    assert leases.claim("a1", [3, 5], 2) == []
    assert leases.claim("a3", [3, 5], 2) == []


def test_what_is_active_is_told_and_no_memory_is_kept_of_what_has_gone(leases, clock):
    for item in range(100):
        leases.claim("a1", [item])
        leases.free("a1")
    leases.claim("a2", [7, 5], 2)
    leases.claim("a1", [1])
    assert [(lease.annotator, lease.item) for lease in leases.active()] == [("a1", 1), ("a2", 7), ("a2", 5)]
    clock.now = 10
    assert leases.active() == []
    assert not leases._of_item
    assert not leases._of_annotator


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda leases: leases.complete("a1", 3, 1), ValueError, "attempt is 1 of item 3; expected that of a lease"),
        (lambda leases: leases.claim("a1", [3], 0), ValueError, "n is 0; expected a whole number of at least 1"),
        (lambda leases: leases.want(3, "2"), TypeError, "n is '2'; expected a whole number of at least 1"),
        (lambda leases: Leases(0), ValueError, "seconds is 0; expected a number above 0"),
        (lambda leases: Leases("10"), TypeError, "seconds is '10'; expected a number above 0"),
        (lambda leases: Leases(wanted=0), ValueError, "wanted is 0; expected a whole number of at least 1"),
    ],
)
def test_bad_input_is_refused_in_words_and_changes_nothing(leases, call, error, message):
    with pytest.raises(error, match=message):
        call(leases)
    assert leases.active() == []
    assert leases.n_answers(3) == 0


class AgainstTheModel(RuleBasedStateMachine):
    """The model has a list of all leases ever given, each with how it ended, and looks through it each time."""

    people, rows = st.sampled_from(["a1", "a2", "a3"]), st.integers(0, 4)

    def __init__(self):
        super().__init__()
        self.clock = Clock()
        self.leases = Leases(10, wanted=1, clock=self.clock)
        self.given = []
        self.answered = set()
        self.wanted = dict.fromkeys(range(5), 1)

    def held(self, item=None, who=None):
        return [
            lease
            for lease in self.given
            if not lease["over"]
            and lease["until"] > self.clock.now
            and item in (None, lease["item"])
            and who in (None, lease["who"])
        ]

    def attempts(self, item):
        return sum(lease["item"] == item for lease in self.given)

    @rule(who=people, items=st.lists(rows, unique=True, max_size=5), n=st.integers(1, 3))
    def claim(self, who, items, n):
        found = self.leases.claim(who, items, n)
        expected = []
        for item in items:
            if len(expected) == n:
                break
            mine = self.held(item, who)
            taken = len(self.held(item)) + sum(each == item for each, _ in self.answered)
            if (item, who) in self.answered or (not mine and taken >= self.wanted[item]):
                continue
            if not mine:
                mine = [{"item": item, "who": who, "over": False, "attempt": self.attempts(item) + 1}]
                self.given += mine
            mine[0]["until"] = self.clock.now + 10
            expected.append((item, mine[0]["attempt"], mine[0]["until"]))
        assert [(lease.item, lease.attempt, lease.expires) for lease in found] == expected

    @rule(who=people, item=rows, back=st.integers(0, 3))
    def complete(self, who, item, back):
        attempt = self.attempts(item) - back
        if attempt < 1:
            return
        mine = self.held(item, who)
        in_time = bool(mine) and mine[0]["attempt"] == attempt
        expected = "repeated" if (item, who) in self.answered else "in time" if in_time else "late"
        assert self.leases.complete(who, item, attempt) == expected
        self.answered.add((item, who))
        self.end(mine)

    @rule(who=people)
    def renew(self, who):
        assert {lease.item for lease in self.leases.renew(who)} == {lease["item"] for lease in self.held(who=who)}
        for lease in self.held(who=who):
            lease["until"] = self.clock.now + 10

    @rule(who=people, item=st.none() | rows)
    def free(self, who, item):
        self.leases.free(who, item)
        self.end(self.held(item, who))

    @rule(who=people, item=rows)
    def reopen(self, who, item):
        self.leases.reopen(who, item)
        self.answered.discard((item, who))

    @rule(item=rows, n=st.integers(1, 3))
    def want(self, item, n):
        self.leases.want(item, n)
        self.wanted[item] = n

    @rule(seconds=st.sampled_from([1.0, 5.0, 10.0]))
    def wait(self, seconds):
        self.clock.now += seconds

    def end(self, ended):
        for lease in ended:
            lease["over"] = True

    @invariant()
    def the_same_leases_are_held(self):
        assert sorted((lease.annotator, lease.item, lease.attempt) for lease in self.leases.active()) == sorted(
            (lease["who"], lease["item"], lease["attempt"]) for lease in self.held()
        )

    @invariant()
    def the_same_answers_count(self):
        for item in range(5):
            assert self.leases.n_answers(item) == sum(each == item for each, _ in self.answered)


AgainstTheModel.TestCase.settings = settings(max_examples=150, stateful_step_count=40)
TestAgainstTheModel = AgainstTheModel.TestCase


def storm(leases, n_items, wanted, people, *, leave=0.0, think=lambda: None):
    """Let everybody answer until nothing is lacking; return how often each item was answered, and the completions."""
    answers, completions = Counter(), Counter()
    lock, start = threading.Lock(), threading.Barrier(len(people))

    def work(who):
        rng, first = random.Random(who), 0
        start.wait()
        while first < n_items:
            if leases.n_answers(first) >= wanted[first]:
                first += 1
                continue
            for lease in leases.claim(who, range(first, min(first + 20, n_items)), 2):
                if rng.random() < leave:
                    leases.free(who)
                    break
                think()
                done = leases.complete(who, lease.item, lease.attempt)
                again = leases.complete(who, lease.item, lease.attempt)
                with lock:
                    completions.update([done, again])
                    answers[lease.item] += done != "repeated"

    threads = [threading.Thread(target=work, args=(who,), daemon=True) for who in people]
    for thread in threads:
        thread.start()
    ended = []
    for thread in threads:
        thread.join(60 if all(ended) else 0)
        ended.append(not thread.is_alive())
    assert all(ended)
    return answers, completions


@pytest.mark.usefixtures("threads_alternate")
@pytest.mark.parametrize("leave", [0.0, 0.3])
def test_in_a_storm_no_item_gets_more_or_fewer_answers_than_are_wanted(leave):
    n_items, people = 3000, [f"a{number}" for number in range(12)]
    wanted = {item: 1 + item % 3 for item in range(n_items)}
    leases = Leases(3600)
    for item, n in wanted.items():
        leases.want(item, n)
    answers, completions = storm(leases, n_items, wanted, people, leave=leave)
    assert answers == wanted
    # Each answer was sent twice.
    assert completions == {"in time": sum(wanted.values()), "repeated": sum(wanted.values())}
    assert leases.active() == []


@pytest.mark.usefixtures("threads_alternate")
def test_in_a_storm_of_leases_that_all_expire_nothing_is_lost_and_nobody_counts_twice():
    clock = Clock()
    lock = threading.Lock()

    def think():
        with lock:
            clock.now += 20

    n_items, people = 1000, [f"a{number}" for number in range(8)]
    wanted = dict.fromkeys(range(n_items), 2)
    leases = Leases(20, wanted=2, clock=clock)
    answers, completions = storm(leases, n_items, wanted, people, think=think)
    assert all(2 <= answers[item] <= len(people) for item in range(n_items))
    assert {item: leases.n_answers(item) for item in range(n_items)} == answers
    # Each answer was sent twice.
    assert completions["late"] == answers.total()
    assert completions["in time"] == 0
    assert completions["repeated"] >= answers.total()
