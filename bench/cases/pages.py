"""The pages over HTTP, beside a bare Django page with a login and a list of 20 rows and beside
django-oscar's order history, all served and visited in the same way.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from statistics import median, quantiles

from bench import place
from bench.harness import AT_MOST, Measure, Result, Target, summed_up
from bench.servers import serving, visits
from bench.sizes import Sizes

# Whose page of django-oscar each is compared with: the customer's own orders, or those of staff.
BESIDE_OSCAR = {
    "merchant's tasks": ("oscar's order history", "/accounts/orders/", "customer"),
    "orders in the admin": ("oscar's order list for staff", "/dashboard/orders/", "staff"),
}
P50, P95 = Target(AT_MOST, 2.5), Target(AT_MOST, 3)
# The queries of the bare page: the session, the user, and 20 rows.
BARE = 3
# At least eight times as fast.
OSCAR = Target(AT_MOST, 1 / 8)

Visit = Callable[[], Sequence[float]]


def results(sizes: Sizes) -> Iterator[Result]:
    middle = sizes.middle
    world = place.world(middle.orders, middle.transfers, middle.due)
    database = place.copy(world, "bench_pages")
    shop = place.shop(middle.orders)
    bare_database, bare_cookie = place.bare()
    (ours,) = place.ours(database)
    pages: dict[str, tuple[str, str, int]] = ours.do("visits")["pages"]
    ours.close()
    (oscar,) = place.peers("oscar", shop)
    cookies = oscar.do("sessions")
    oscar.close()
    n = sizes.visits
    with (
        serving(sys.executable, "vtask.wsgi", place.web(database)) as port,
        serving(sys.executable, "bench.bare", place.bare_environment(bare_database)) as bare_port,
        serving(str(place.PEERS), "oscar_wsgi", place.oscar_environment(shop)) as oscar_port,
    ):

        def bare() -> Sequence[float]:
            return visits(bare_port, "/", bare_cookie, n)

        for name, (path, who, queries) in pages.items():

            def page(path: str = path, who: str = who) -> Sequence[float]:
                return visits(port, path, who, n)

            yield from _beside_bare(name, page, bare, sizes.rounds, queries)
            if name in BESIDE_OSCAR:
                words, their_path, whose = BESIDE_OSCAR[name]

                def theirs(path: str = their_path, cookie: str = cookies[whose]) -> Sequence[float]:
                    return visits(oscar_port, path, cookie, n)

                yield _beside_oscar(f"{name}, p50, beside {words}", page, theirs, sizes.rounds)


def _beside_bare(
    name: str, page: Visit, bare: Visit, rounds: int, queries: int
) -> Iterator[Result]:
    page(), bare()
    pairs = [(page(), bare()) for _ in range(rounds)]
    for words, of, target in (("p50", median, P50), ("p95", _p95, P95)):
        yield summed_up(
            f"pages: {name}, {words}, beside a bare page",
            [(Measure(of(mine), queries), Measure(of(theirs), BARE)) for mine, theirs in pairs],
            unit="ms",
            target=target,
        )


def _beside_oscar(words: str, page: Visit, theirs: Visit, rounds: int) -> Result:
    page(), theirs()
    pairs = [(page(), theirs()) for _ in range(rounds)]
    return summed_up(
        f"pages: {words}",
        [(Measure(median(mine)), Measure(median(other))) for mine, other in pairs],
        unit="ms",
        target=OSCAR,
    )


def _p95(took: Sequence[float]) -> float:
    return quantiles(took, n=20)[-1]
