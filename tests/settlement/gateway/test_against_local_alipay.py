"""The adapter and the local Alipay, each written from the documents, understand each other."""

import dataclasses
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from pytest_django import Settings

from settlement.gateway import adapter
from settlement.gateway.adapter import Ask, Outcome
from settlement.gateway.client import use_transport
from settlement.gateway.notices import verify
from settlement.kinds import Kind
from tests.alipay import LocalAlipay, local_alipay
from tests.settlement.gateway.asks import AMOUNT_FEN, CAPTURE_NO, FREEZE_NO, ask

PAYER, CREATOR = "payer@example.com", "liu@example.com"
START_FEN = 1_000_000


@pytest.fixture
def alipay(settings: Settings, shop: None) -> Iterator[LocalAlipay]:
    alipay = local_alipay()
    for name, value in alipay.settings.items():
        setattr(settings, name, value)
    alipay.open_payer(PAYER, balance_fen=START_FEN)
    alipay.open_payee(CREATOR, "刘芳")
    with use_transport(alipay.transport):
        yield alipay
    assert (alipay.total_fen, alipay.differences()) == (0, [])


def frozen(alipay: LocalAlipay) -> Ask:
    """A capture's Ask for a freeze that its payer has just confirmed."""
    adapter.send(ask(Kind.FREEZE))
    alipay.pay(FREEZE_NO, PAYER)
    found = adapter.query(ask(Kind.FREEZE))
    return ask(
        Kind.CAPTURE,
        amount_fen=10_000,
        auth_no=found.gateway_no,
        payer_user_id=found.facts["payer_user_id"],
    )


def captured(alipay: LocalAlipay) -> Ask:
    """A full refund's Ask for what has just been captured."""
    assert adapter.send(frozen(alipay)).outcome is Outcome.SUCCESS
    return ask(Kind.REFUND, amount_fen=10_000)


def test_the_whole_way_of_the_money(alipay: LocalAlipay) -> None:
    freeze = ask(Kind.FREEZE)
    offered = adapter.send(freeze)
    assert offered.outcome is Outcome.WAIT_USER
    assert urlsplit(offered.facts["code_url"]).path.startswith("/cashier/")
    assert adapter.query(freeze).outcome is Outcome.WAIT_USER

    alipay.pay(FREEZE_NO, PAYER)
    paid = adapter.query(freeze)
    assert paid.outcome is Outcome.SUCCESS
    assert (paid.facts["fund_amount_fen"], paid.facts["credit_amount_fen"]) == (AMOUNT_FEN, 0)
    assert alipay.frozen_fen(PAYER) == AMOUNT_FEN

    whose = {"auth_no": paid.gateway_no, "payer_user_id": paid.facts["payer_user_id"]}
    capture = ask(Kind.CAPTURE, amount_fen=10_000, **whose)
    assert adapter.send(capture).outcome is Outcome.SUCCESS
    assert adapter.query(capture).outcome is Outcome.SUCCESS
    assert (alipay.frozen_fen(PAYER), alipay.platform_fen) == (2_005, 10_000)

    rest = ask(Kind.UNFREEZE, amount_fen=2_005, auth_no=paid.gateway_no)
    assert adapter.send(rest).outcome is Outcome.SUCCESS
    assert adapter.query(rest).outcome is Outcome.SUCCESS
    assert (alipay.frozen_fen(PAYER), alipay.balance_fen(PAYER)) == (0, START_FEN - 10_000)

    refund = ask(Kind.REFUND, amount_fen=4_000)
    assert adapter.send(refund).outcome is Outcome.IN_PROGRESS
    assert adapter.query(refund).outcome is Outcome.SUCCESS
    assert alipay.platform_fen == 6_000

    transfer = ask(Kind.TRANSFER, amount_fen=6_000)
    assert adapter.send(transfer).outcome is Outcome.SUCCESS
    assert adapter.query(transfer).outcome is Outcome.SUCCESS
    assert (alipay.platform_fen, alipay.balance_fen(CREATOR)) == (0, 6_000)


def test_everything_sent_twice_happens_once(alipay: LocalAlipay) -> None:
    capture = frozen(alipay)
    rest = ask(Kind.UNFREEZE, amount_fen=2_005, auth_no=capture.request["auth_no"])
    transfer = ask(Kind.TRANSFER, amount_fen=6_000)
    for operation in (ask(Kind.FREEZE), capture, rest, transfer):
        first, second = adapter.send(operation), adapter.send(operation)
        assert (first.outcome, second.outcome) == (Outcome.SUCCESS, Outcome.SUCCESS)
    refund = ask(Kind.REFUND, amount_fen=4_000)
    changes = [adapter.send(refund).facts["fund_change"] for _ in range(2)]

    assert changes == ["Y", "N"]
    assert (alipay.platform_fen, alipay.balance_fen(CREATOR)) == (0, 6_000)
    assert alipay.balance_fen(PAYER) == START_FEN - 6_000


def test_the_same_number_with_another_amount_needs_a_person(alipay: LocalAlipay) -> None:
    capture = frozen(alipay)
    rest = ask(Kind.UNFREEZE, amount_fen=1_000, auth_no=capture.request["auth_no"])
    transfer = ask(Kind.TRANSFER, amount_fen=5_000)
    refund = ask(Kind.REFUND, amount_fen=1_000)
    for operation in (ask(Kind.FREEZE), capture, rest, refund, transfer):
        adapter.send(operation)
        other = dataclasses.replace(operation, amount_fen=operation.amount_fen + 1)
        assert adapter.send(other).outcome is Outcome.MANUAL

    assert (alipay.platform_fen, alipay.balance_fen(CREATOR)) == (4_000, 5_000)


@pytest.mark.parametrize("kind", [Kind.FREEZE, Kind.UNFREEZE, Kind.TRANSFER, Kind.CAPTURE])
def test_what_was_never_sent_is_not_found(alipay: LocalAlipay, kind: Kind) -> None:
    auth_no = frozen(alipay).request["auth_no"]
    never = dataclasses.replace(ask(kind, auth_no=auth_no), out_no="ZNEVER")

    assert adapter.query(never).outcome is Outcome.NOT_FOUND


def test_a_refund_that_never_arrived_may_be_sent_again(alipay: LocalAlipay) -> None:
    answer = adapter.query(captured(alipay))

    assert (answer.outcome, answer.facts) == (Outcome.UNKNOWN, {"may_resend": True})


def test_a_refund_of_what_was_never_captured_is_not_found(alipay: LocalAlipay) -> None:
    assert adapter.query(ask(Kind.REFUND)).outcome is Outcome.NOT_FOUND


# A freeze that does not come to be


def test_a_cancelled_freeze_that_nobody_paid_is_closed(alipay: LocalAlipay) -> None:
    adapter.send(ask(Kind.FREEZE))
    cancel = ask(Kind.CANCEL_FREEZE)

    assert adapter.query(cancel).outcome is Outcome.NOT_FOUND
    answer = adapter.send(cancel)

    assert (answer.outcome, answer.facts["action"]) == (Outcome.SUCCESS, "close")
    assert adapter.query(cancel).outcome is Outcome.SUCCESS
    assert adapter.send(cancel).outcome is Outcome.SUCCESS
    assert adapter.query(ask(Kind.FREEZE)).outcome is Outcome.EXPIRED


def test_a_cancelled_freeze_that_was_paid_gives_the_money_back(alipay: LocalAlipay) -> None:
    frozen(alipay)
    cancel = ask(Kind.CANCEL_FREEZE)

    assert adapter.query(cancel).outcome is Outcome.NOT_FOUND
    answer = adapter.send(cancel)

    assert (answer.outcome, answer.facts["action"]) == (Outcome.SUCCESS, "unfreeze")
    assert adapter.query(cancel).outcome is Outcome.SUCCESS
    assert (alipay.frozen_fen(PAYER), alipay.balance_fen(PAYER)) == (0, START_FEN)


def test_a_freeze_that_was_captured_from_cannot_be_cancelled(alipay: LocalAlipay) -> None:
    captured(alipay)

    assert adapter.send(ask(Kind.CANCEL_FREEZE)).outcome is Outcome.MANUAL
    assert alipay.platform_fen == 10_000


def test_a_freeze_that_the_payer_refuses_expires(alipay: LocalAlipay) -> None:
    adapter.send(ask(Kind.FREEZE))
    alipay.cancel_at_cashier(FREEZE_NO)

    assert adapter.query(ask(Kind.FREEZE)).outcome is Outcome.EXPIRED


def test_a_freeze_that_ended_at_alipay_says_that_nothing_is_left(alipay: LocalAlipay) -> None:
    frozen(alipay)
    alipay.expire(FREEZE_NO)

    answer = adapter.query(ask(Kind.FREEZE))

    assert answer.outcome is Outcome.SUCCESS
    assert (answer.facts["order_status"], answer.facts["rest_amount_fen"]) == ("CLOSED", 0)


def test_a_freeze_on_credit_shows_that_it_holds_no_money(alipay: LocalAlipay) -> None:
    alipay.faults.on("credit_auth")

    frozen(alipay)
    facts = adapter.query(ask(Kind.FREEZE)).facts

    assert (facts["fund_amount_fen"], facts["credit_amount_fen"]) == (0, AMOUNT_FEN)


# Refusals


def test_a_capture_of_more_than_is_frozen_fails(alipay: LocalAlipay) -> None:
    capture = dataclasses.replace(frozen(alipay), amount_fen=AMOUNT_FEN + 1)

    answer = adapter.send(capture)

    assert (answer.outcome, answer.sub_code) == (Outcome.FAILED, "ACQ.AUTH_AMOUNT_NOT_ENOUGH")
    assert alipay.platform_fen == 0


def test_a_capture_of_a_freeze_that_ended_fails(alipay: LocalAlipay) -> None:
    capture = frozen(alipay)
    alipay.expire(FREEZE_NO)

    assert adapter.send(capture).outcome is Outcome.FAILED


def test_a_transfer_to_a_closed_account_fails(alipay: LocalAlipay) -> None:
    captured(alipay)
    alipay.close_account(CREATOR)

    answer = adapter.send(ask(Kind.TRANSFER, amount_fen=6_000))

    assert (answer.outcome, answer.sub_code) == (Outcome.FAILED, "PAYEE_ACCOUNT_STATUS_ERROR")
    assert alipay.platform_fen == 10_000


def test_a_transfer_from_an_empty_account_is_held(alipay: LocalAlipay) -> None:
    answer = adapter.send(ask(Kind.TRANSFER, amount_fen=6_000))

    assert (answer.outcome, answer.sub_code) == (Outcome.HOLD, "PAYER_BALANCE_NOT_ENOUGH")


def test_a_transfer_that_came_back_needs_a_person(alipay: LocalAlipay) -> None:
    captured(alipay)
    transfer = ask(Kind.TRANSFER, amount_fen=6_000)
    adapter.send(transfer)
    alipay.give_back(transfer.out_no)

    answer = adapter.query(transfer)

    assert (answer.outcome, answer.facts["status"]) == (Outcome.MANUAL, "REFUND")


# What goes wrong on the way


@pytest.mark.parametrize(
    ("fault", "happened"),
    [
        ("drop_before", False),
        ("drop_after", True),
        ("http500_before", False),
        ("http500_after", True),
        ("html", True),
        ("tamper", True),
        ("unsigned", True),
        ("sha1", True),
        ("code20000", False),
    ],
)
def test_a_spoiled_answer_is_unknown_and_the_query_tells_the_truth(
    alipay: LocalAlipay, fault: str, *, happened: bool
) -> None:
    capture = frozen(alipay)
    alipay.faults.on(fault, method="alipay.trade.pay")

    assert adapter.send(capture).outcome is Outcome.UNKNOWN
    assert adapter.query(capture).outcome is (Outcome.SUCCESS if happened else Outcome.NOT_FOUND)
    assert adapter.send(capture).outcome is Outcome.SUCCESS
    assert alipay.platform_fen == 10_000


def test_a_request_that_arrives_late_happens_once(alipay: LocalAlipay) -> None:
    capture = frozen(alipay)
    alipay.faults.on("slow_exec", method="alipay.trade.pay")

    assert adapter.send(capture).outcome is Outcome.UNKNOWN
    assert adapter.query(capture).outcome is Outcome.NOT_FOUND
    assert adapter.send(capture).outcome is Outcome.SUCCESS
    alipay.faults.run_late()

    assert alipay.platform_fen == 10_000


def test_a_set_up_that_alipay_refuses_stops_the_queue(
    alipay: LocalAlipay, settings: Settings
) -> None:
    settings.ALIPAY_APP_ID = "2021000000000009"

    answer = adapter.send(ask(Kind.FREEZE))

    assert (answer.outcome, answer.sub_code) == (Outcome.CONFIG, "isv.invalid-app-id")


def test_a_signed_error_in_the_place_of_an_answer_stops_the_queue(alipay: LocalAlipay) -> None:
    alipay.faults.on("error_response")

    assert adapter.send(ask(Kind.FREEZE)).outcome is Outcome.CONFIG


# Notices


def test_its_notices_are_verified_and_name_our_operations(alipay: LocalAlipay) -> None:
    refund = captured(alipay)
    auth_no = adapter.query(ask(Kind.FREEZE)).gateway_no
    adapter.send(ask(Kind.UNFREEZE, amount_fen=2_005, auth_no=auth_no))
    adapter.send(refund)
    alipay.deliver_notices()

    told = [verify(form) for form in alipay.postman.posted]

    assert [(notice.kind, notice.out_no, notice.amount_fen) for notice in told] == [
        (Kind.FREEZE, FREEZE_NO, AMOUNT_FEN),
        (Kind.CAPTURE, CAPTURE_NO, 10_000),
        (Kind.UNFREEZE, ask(Kind.UNFREEZE).out_no, 2_005),
        (Kind.REFUND, refund.out_no, 10_000),
    ]
    assert len({notice.notify_id for notice in told}) == 4


def test_a_notice_of_a_cancellation_names_the_freeze(alipay: LocalAlipay) -> None:
    frozen(alipay)
    adapter.send(ask(Kind.CANCEL_FREEZE))
    alipay.deliver_notices()

    told = verify(alipay.postman.posted[-1])

    assert (told.kind, told.out_no) == (Kind.CANCEL_FREEZE, FREEZE_NO)
