"""When each stopping criterion stops, and what that costs: python -m tests.benchmarks.stopping.

Runs sessions on known labels, prints where each rule stops and what it costs beside the best that could have been
done, and writes docs/stopping.md. --quick runs little of everything and writes no page; --keep FOLDER keeps the
sessions, so that the next run reads them.
"""

import argparse

from tests.benchmarks import stopping_page
from tests.benchmarks.stopping_costs import outcome
from tests.benchmarks.stopping_sessions import CHOICE_SETS, LEARNERS, SETS, all_jobs, run_all
from tests.benchmarks.stopping_speed import speed

N_SEEDS, N_CHOICE_SEEDS = 10, 5
QUICK = ["logistic regression", "naive Bayes"]


def outcomes_of(jobs, keep=None):
    """Run or read sessions and return how the rules did, in the order of the jobs."""
    found = {}
    for one in run_all(jobs, outcome, keep):
        found[one.data, one.learner, one.seed] = one
        print(f"{len(found)} of {len(jobs)}: {one.data}, {one.learner}, seed {one.seed}", flush=True)
    return [found[job] for job in jobs]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one seed of three small sets: to see that it works")
    parser.add_argument("--keep", metavar="FOLDER", help="read sessions from there, and write those that are missing")
    arguments = parser.parse_args()
    choice = all_jobs(["iris"], QUICK, 1) if arguments.quick else all_jobs(CHOICE_SETS, LEARNERS, N_CHOICE_SEEDS)
    reported = all_jobs(["wine", "noisy"], QUICK, 1) if arguments.quick else all_jobs(SETS, LEARNERS, N_SEEDS)
    found = outcomes_of(choice + reported, arguments.keep)
    chosen_on, found = found[: len(choice)], found[len(choice) :]
    text = stopping_page.page(found, chosen_on, speed(quick=arguments.quick))
    print(text)
    if not arguments.quick:
        stopping_page.PATH.write_text(text)


if __name__ == "__main__":
    main()
