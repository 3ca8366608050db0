"""The table of verbs: who may, from which states. All else is refused before any rule is asked."""

from itertools import product

import pytest

from tasks.states import RULE_IDS, TRANSITIONS, State
from tasks.workflow import SWEEPS, VERBS, engine
from tasks.workflow.decision import Actor, NotYours, Role, Verb, WrongState
from tests.orders import NOW
from tests.verbs import CREATOR, MERCHANT, OPS, a_case

ACTORS = {
    Role.MERCHANT: MERCHANT,
    Role.CREATOR: CREATOR,
    Role.OPS: OPS,
    Role.CLOCK: Actor(Role.CLOCK),
    Role.GATEWAY: Actor(Role.GATEWAY),
    Role.MAIL: Actor(Role.MAIL),
}


@pytest.mark.parametrize("verb", VERBS.values(), ids=lambda verb: verb.name)
def test_a_verb_is_refused_in_every_state_that_the_table_does_not_name(verb: Verb) -> None:
    for state, role in product(set(State) - set(verb.sources), Role):
        with pytest.raises(WrongState):
            engine._ask(verb, a_case(state), at=NOW, by=ACTORS[role], given=None)


@pytest.mark.parametrize("verb", VERBS.values(), ids=lambda verb: verb.name)
def test_a_verb_is_refused_to_every_role_that_the_table_does_not_name(verb: Verb) -> None:
    for state, role in product(verb.sources, set(Role) - verb.roles):
        with pytest.raises(WrongState):
            engine._ask(verb, a_case(state), at=NOW, by=ACTORS[role], given=None)


@pytest.mark.parametrize("verb", VERBS.values(), ids=lambda verb: verb.name)
@pytest.mark.parametrize("role", [Role.MERCHANT, Role.CREATOR])
def test_anothers_order_is_not_there_whatever_the_verb_and_state(verb: Verb, role: Role) -> None:
    for state in State:
        with pytest.raises(NotYours):
            engine._ask(verb, a_case(state), at=NOW, by=Actor(role, 99, 99), given=None)


@pytest.mark.parametrize("verb", VERBS.values(), ids=lambda verb: verb.name)
def test_a_verb_leads_only_where_a_transition_is_legal(verb: Verb) -> None:
    for target in verb.targets:
        assert any(
            target == source or (source, target) in TRANSITIONS for source in verb.sources
        ), f"{verb.name} to {target}"


def test_every_legal_transition_has_a_verb() -> None:
    reached = {(s, t) for verb in VERBS.values() for s in verb.sources for t in verb.targets}
    assert set(TRANSITIONS) <= reached


def test_every_state_has_its_rule() -> None:
    assert sorted(RULE_IDS.values()) == [f"V{number}" for number in range(30, 42)]


def test_the_clock_has_one_state_to_look_in_and_one_column_to_look_at() -> None:
    assert {verb.name: (verb.sources, verb.due) for verb in SWEEPS} == {
        "void": ((State.UNPAID,), "start_at"),
        "lapse": ((State.PAID,), "start_at"),
        "overdue": ((State.ACCEPTED,), "due_at"),
        "remind": ((State.DELIVERED,), "remind_at"),
        "confirm": ((State.DELIVERED,), "confirm_by"),
    }
