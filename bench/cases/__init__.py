"""What is measured, by name, in the order in which `make bench` does it: what changes the
large world comes last.
"""

from collections.abc import Callable, Iterator

from bench.cases import growth, ledger, life, pages, start, sweep, verb
from bench.harness import Result
from bench.sizes import Sizes

CASES: dict[str, Callable[[Sizes], Iterator[Result]]] = {
    "verb": verb.results,
    "ledger": ledger.results,
    "life": life.results,
    "start": start.results,
    "pages": pages.results,
    "growth": growth.results,
    "sweep": sweep.results,
}
