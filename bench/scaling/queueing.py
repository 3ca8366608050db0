"""Formulas of queueing theory, to hold the simulation against.

Erlang C: A. K. Erlang, "Solution of some problems in the theory of probabilities of significance in
automatic telephone exchanges", 1917; in the form of L. Kleinrock, "Queueing Systems, Volume 1",
1975, section 3.5. Little's law: J. D. C. Little, "A proof for the queuing formula L = λW",
Operations Research 9, 1961.
"""

import math


def erlang_b(servers: int, load: float) -> float:
    """The probability that all servers are busy and who comes is sent away. `load` is arrivals
    times service time, in servers. By the stable recursion B(n) = aB(n-1) / (n + aB(n-1)).
    """
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def erlang_c(servers: int, load: float) -> float:
    """The probability that somebody has to wait in an M/M/c queue; 1 when it is overloaded."""
    if load >= servers:
        return 1.0
    blocked = erlang_b(servers, load)
    return servers * blocked / (servers - load * (1 - blocked))


def mean_wait_s(servers: int, arrivals_per_s: float, service_s: float) -> float:
    """The mean wait before service in M/M/c; infinite when it is overloaded."""
    load = arrivals_per_s * service_s
    if load >= servers:
        return math.inf
    return erlang_c(servers, load) * service_s / (servers - load)


def wait_within_s(servers: int, arrivals_per_s: float, service_s: float, share: float) -> float:
    """The wait that this share of the arrivals do not exceed in M/M/c."""
    load = arrivals_per_s * service_s
    waiting = erlang_c(servers, load)
    if load >= servers:
        return math.inf
    if 1 - share >= waiting:
        return 0.0
    return service_s * math.log(waiting / (1 - share)) / (servers - load)


def servers_for(arrivals_per_s: float, service_s: float, *, most_waiting: float) -> int:
    """The fewest servers with which at most this share of the arrivals has to wait."""
    load = arrivals_per_s * service_s
    blocked, servers = 1.0, 0
    while True:
        servers += 1
        blocked = load * blocked / (servers + load * blocked)
        if servers > load and servers * blocked / (servers - load * (1 - blocked)) <= most_waiting:
            return servers


def little(arrivals_per_s: float, wait_s: float) -> float:
    """How many wait on average: L = λW, whatever the order of service."""
    return arrivals_per_s * wait_s


def drain_s(backlog: float, capacity_per_s: float, arrivals_per_s: float) -> float:
    """How long a backlog needs when arrivals go on; infinite when they are too many."""
    if capacity_per_s <= arrivals_per_s:
        return math.inf
    return backlog / (capacity_per_s - arrivals_per_s)
