"""How answers are read: every line of the table, and what follows from a doubtful one."""

from typing import Any

import pytest

from settlement.gateway import adapter, answers
from settlement.gateway.adapter import Outcome
from settlement.gateway.answers import Check, Step
from settlement.kinds import Kind
from tests.settlement.gateway.alipay import Words, alipay_says, denied, done
from tests.settlement.gateway.asks import (
    AUTH_NO,
    FREEZE_NO,
    PAYER,
    ask,
    found_done,
    sent_well,
)

SEND, QUERY = Step.SEND, Step.QUERY
UNKNOWN, FAILED, MANUAL = Outcome.UNKNOWN, Outcome.FAILED, Outcome.MANUAL
EXISTS, REFUSED = Check.EXISTS, Check.REFUSED


def verdicts(sub_codes: str, step: Step = SEND, *kinds: Kind) -> set[answers.Verdict]:
    return {
        answers.verdict(kind, step, "40004", sub_code)
        for kind in kinds or tuple(Kind)
        for sub_code in sub_codes.split()
    }


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize(
    ("code", "sub_code", "outcome"),
    [
        ("20000", "isp.unknow-error", UNKNOWN),
        ("20000", "aop.unknow-error", UNKNOWN),
        ("10003", "", Outcome.IN_PROGRESS),
        ("40001", "isv.missing-signature", Outcome.CONFIG),
        ("40002", "isv.invalid-signature", Outcome.CONFIG),
        ("40002", "isv.invalid-app-id", Outcome.CONFIG),
        ("40002", "isv.invalid-timestamp", Outcome.CONFIG),
        ("40006", "isv.insufficient-isv-permissions", UNKNOWN),
        ("40004", "", UNKNOWN),
        ("40004", "NEVER_HEARD_OF", UNKNOWN),
        ("10000", "NEVER_HEARD_OF", UNKNOWN),
        ("", "", UNKNOWN),
        ("77777", "", UNKNOWN),
    ],
)
def test_codes_that_mean_the_same_for_every_kind(
    kind: Kind, step: Step, code: str, sub_code: str, outcome: Outcome
) -> None:
    assert answers.verdict(kind, step, code, sub_code, "NO_SUCH_STATE") is outcome


def test_a_code_that_settles_nothing_is_unknown_for_every_kind() -> None:
    codes = (
        "SYSTEM_ERROR ACQ.SYSTEM_ERROR BIZ_ERROR REQUEST_PROCESSING TRANS_ORDER_DEALING"
        " BANK_RESPONSE_ERROR PROCESS_FAIL PAYMENT_FAIL"
    )

    assert verdicts(codes) == {UNKNOWN}
    assert verdicts(codes, QUERY) == {UNKNOWN}


def test_a_number_that_exists_already_is_looked_up() -> None:
    codes = (
        "ACQ.TRADE_HAS_SUCCESS UNIQUE_VIOLATION ORDER_ALREADY_FINISH ORDER_ALREADY_CLOSED"
        " PAYMENT_INFO_INCONSISTENCY ACQ.DISCORDANT_REPEAT_REQUEST BIZ_UNIQUE_EXCEPTION"
        " ACQ.CONTEXT_INCONSISTENT ALIN42683"
    )

    assert verdicts(codes) == {EXISTS}


def test_a_query_is_not_settled_by_another_query() -> None:
    assert verdicts("UNIQUE_VIOLATION ORDER_ALREADY_CLOSED", QUERY) == {UNKNOWN}


def test_refusals_of_a_capture() -> None:
    codes = (
        "ACQ.AUTH_ORDER_HAS_CLOSED ACQ.AUTH_ORDER_HAS_FINISHED ACQ.AUTH_AMOUNT_NOT_ENOUGH"
        " ACQ.AUTH_ORDER_NOT_PAID ACQ.AUTH_NO_ERROR ACQ.TRADE_BUYER_NOT_MATCH"
        " ACQ.SELLER_BEEN_BLOCKED ACQ.ZM_AUTH_AMOUNT_EXCEED ACQ.ZM_CREDIT_AUTH_FAIL"
    )

    assert verdicts(codes, SEND, Kind.CAPTURE) == {REFUSED}
    assert verdicts(codes, SEND, *(set(Kind) - {Kind.CAPTURE})) == {UNKNOWN}
    assert verdicts(codes, QUERY) == {UNKNOWN}


def test_refusals_of_a_transfer() -> None:
    codes = (
        "PAYEE_ACCOUNT_STATUS_ERROR PAYEE_USERINFO_ERROR PERMIT_CHECK_RECEIVE_LIMIT"
        " REMARK_HAS_SENSITIVE_WORD INVALID_PARAMETER"
    )

    assert verdicts(codes + " PAYEE_NOT_EXIST", SEND, Kind.TRANSFER) == {REFUSED}
    assert verdicts(codes, SEND, *(set(Kind) - {Kind.TRANSFER})) == {UNKNOWN}
    assert verdicts(codes, QUERY) == {UNKNOWN}


def test_a_payer_short_of_money_is_waited_for() -> None:
    codes = "PAYER_BALANCE_NOT_ENOUGH BALANCE_IS_NOT_ENOUGH EXCEED_LIMIT_SM_AMOUNT EXCEED_LIMIT_DM"

    assert verdicts(codes, SEND, Kind.TRANSFER) == {Outcome.HOLD}
    assert verdicts("ACQ.SELLER_BALANCE_NOT_ENOUGH", SEND, Kind.REFUND) == {Outcome.HOLD}
    assert verdicts(codes, SEND, *(set(Kind) - {Kind.TRANSFER})) == {UNKNOWN}


@pytest.mark.parametrize(
    ("kind", "sub_codes"),
    [
        (Kind.FREEZE, "AUTH_ORDER_NOT_EXIST AUTH_OPERATION_NOT_EXIST"),
        (Kind.CANCEL_FREEZE, "AUTH_ORDER_NOT_EXIST AUTH_OPERATION_NOT_EXIST"),
        (Kind.UNFREEZE, "AUTH_ORDER_NOT_EXIST AUTH_OPERATION_NOT_EXIST"),
        (Kind.CAPTURE, "ACQ.TRADE_NOT_EXIST"),
        (Kind.TRANSFER, "ORDER_NOT_EXIST"),
        (Kind.REFUND, "ACQ.TRADE_NOT_EXIST TRADE_NOT_EXIST"),
    ],
)
def test_only_a_clear_code_of_a_query_says_that_there_is_no_such_operation(
    kind: Kind, sub_codes: str
) -> None:
    everything = (
        "AUTH_ORDER_NOT_EXIST AUTH_OPERATION_NOT_EXIST ACQ.TRADE_NOT_EXIST ORDER_NOT_EXIST"
        " USER_NOT_EXIST BUYER_NOT_EXIST"
    )
    others = " ".join(sorted(set(everything.split()) - set(sub_codes.split())))

    assert verdicts(sub_codes, QUERY, kind) == {Outcome.NOT_FOUND}
    assert verdicts(others, QUERY, kind) == {UNKNOWN}
    assert Outcome.NOT_FOUND not in verdicts(everything, SEND, kind)


def test_a_cancelled_freeze_that_never_was_is_a_failed_cancellation() -> None:
    with alipay_says(denied("AUTH_ORDER_NOT_EXIST")):
        assert adapter.send(ask(Kind.CANCEL_FREEZE)).outcome is FAILED


def test_the_table_never_says_success_to_a_refusal() -> None:
    refusals = [row for row in answers.TABLE if row.code != "10000"]

    assert Outcome.SUCCESS not in {row.verdict for row in refusals}


# What came of sending


@pytest.mark.parametrize("kind", [Kind.CANCEL_FREEZE, Kind.CAPTURE, Kind.UNFREEZE, Kind.TRANSFER])
def test_what_is_done_as_asked_is_a_success(kind: Kind) -> None:
    with alipay_says(sent_well(kind)) as alipay:
        answer = adapter.send(ask(kind))

    assert answer.outcome is Outcome.SUCCESS
    assert len(alipay.heard) == 1


@pytest.mark.parametrize(
    ("kind", "gateway_no"),
    [
        (Kind.FREEZE, AUTH_NO),
        (Kind.CAPTURE, "2026112122001"),
        (Kind.UNFREEZE, "20261121330003"),
        (Kind.TRANSFER, "20261121110070"),
        (Kind.REFUND, "2026112122001"),
    ],
)
def test_a_query_that_finds_it_done_is_a_success_with_the_gateways_number(
    kind: Kind, gateway_no: str
) -> None:
    with alipay_says(found_done(kind)):
        answer = adapter.query(ask(kind))

    assert (answer.outcome, answer.gateway_no) == (Outcome.SUCCESS, gateway_no)


def test_a_new_freeze_waits_for_its_payer_and_has_the_address_of_the_cashier() -> None:
    with alipay_says(sent_well(Kind.FREEZE)):
        answer = adapter.send(ask(Kind.FREEZE))

    assert answer.outcome is Outcome.WAIT_USER
    assert answer.facts == {
        "code_value": "https://pay.invalid/1",
        "code_url": "https://pay.invalid/1.png",
    }


def test_a_freeze_without_a_code_is_unknown() -> None:
    with alipay_says(sent_well(Kind.FREEZE, code_value="", code_url="")):
        assert adapter.send(ask(Kind.FREEZE)).outcome is UNKNOWN


@pytest.mark.parametrize("action", ["close", "unfreeze"])
def test_a_cancelled_freeze_says_whether_it_was_closed_or_undone(action: str) -> None:
    with alipay_says(sent_well(Kind.CANCEL_FREEZE, action=action)):
        answer = adapter.send(ask(Kind.CANCEL_FREEZE))

    assert (answer.outcome, answer.facts["action"]) == (Outcome.SUCCESS, action)


@pytest.mark.parametrize("fund_change", ["Y", "N"])
def test_a_refund_is_done_when_the_query_says_so_whatever_fund_change_said(
    fund_change: str,
) -> None:
    with alipay_says(
        sent_well(Kind.REFUND, fund_change=fund_change), found_done(Kind.REFUND)
    ) as alipay:
        sent = adapter.send(ask(Kind.REFUND))
        looked = adapter.query(ask(Kind.REFUND))

    assert (sent.outcome, looked.outcome) == (Outcome.IN_PROGRESS, Outcome.SUCCESS)
    assert alipay.methods == ["trade.refund", "trade.fastpay.refund.query"]


def test_a_transfer_that_answers_without_its_amount_is_looked_up() -> None:
    words = sent_well(Kind.TRANSFER)
    del words["amount"]

    with alipay_says(words, found_done(Kind.TRANSFER)) as alipay:
        answer = adapter.send(ask(Kind.TRANSFER))

    assert answer.outcome is Outcome.SUCCESS
    assert alipay.methods == ["fund.trans.uni.transfer", "fund.trans.common.query"]


def test_a_success_that_the_query_does_not_find_stays_unknown() -> None:
    words = sent_well(Kind.TRANSFER)
    del words["amount"]

    with alipay_says(words, denied("ORDER_NOT_EXIST")):
        assert adapter.send(ask(Kind.TRANSFER)).outcome is UNKNOWN


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Kind.FREEZE, {"out_order_no": "FOTHER"}),
        (Kind.FREEZE, {"out_request_no": "FOTHER"}),
        (Kind.CANCEL_FREEZE, {"out_order_no": "FOTHER"}),
        (Kind.CAPTURE, {"out_trade_no": "COTHER"}),
        (Kind.CAPTURE, {"total_amount": "120.06"}),
        (Kind.CAPTURE, {"total_amount": "120.050"}),
        (Kind.CAPTURE, {"buyer_user_id": "2088000000000009"}),
        (Kind.UNFREEZE, {"out_request_no": "UOTHER"}),
        (Kind.UNFREEZE, {"amount": "1.00"}),
        (Kind.UNFREEZE, {"auth_no": "1"}),
        (Kind.TRANSFER, {"out_biz_no": "TOTHER"}),
        (Kind.TRANSFER, {"amount": "120.5"}),
        (Kind.REFUND, {"out_trade_no": "COTHER"}),
    ],
)
def test_an_answer_about_something_else_needs_a_person(kind: Kind, words: Words) -> None:
    with alipay_says(sent_well(kind, **words)) as alipay:
        assert adapter.send(ask(kind)).outcome is MANUAL

    assert len(alipay.heard) == 1


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Kind.FREEZE, {"amount": "120.00"}),
        (Kind.FREEZE, {"out_order_no": "FOTHER"}),
        (Kind.FREEZE, {"operation_type": "UNFREEZE"}),
        (Kind.CAPTURE, {"total_amount": "0.01"}),
        (Kind.CAPTURE, {"out_trade_no": ""}),
        (Kind.UNFREEZE, {"operation_type": "FREEZE"}),
        (Kind.UNFREEZE, {"amount": ""}),
        (Kind.TRANSFER, {"trans_amount": "1"}),
        (Kind.TRANSFER, {"trans_amount": ""}),
        (Kind.TRANSFER, {"status": "FAIL", "out_biz_no": ""}),
        (Kind.REFUND, {"out_request_no": "ROTHER"}),
        (Kind.REFUND, {"refund_amount": "120"}),
    ],
)
def test_a_query_that_does_not_show_our_number_and_amount_needs_a_person(
    kind: Kind, words: Words
) -> None:
    with alipay_says(found_done(kind, **words)):
        assert adapter.query(ask(kind)).outcome is MANUAL


# A number that exists already


@pytest.mark.parametrize(
    ("kind", "sub_code"),
    [
        (Kind.FREEZE, "ORDER_ALREADY_FINISH"),
        (Kind.FREEZE, "ALIN42683"),
        (Kind.CANCEL_FREEZE, "ORDER_ALREADY_CLOSED"),
        (Kind.CAPTURE, "ACQ.TRADE_HAS_SUCCESS"),
        (Kind.CAPTURE, "ACQ.CONTEXT_INCONSISTENT"),
        (Kind.UNFREEZE, "UNIQUE_VIOLATION"),
        (Kind.UNFREEZE, "ORDER_ALREADY_FINISH"),
        (Kind.REFUND, "ACQ.DISCORDANT_REPEAT_REQUEST"),
    ],
)
def test_what_exists_with_an_equal_content_is_ours(kind: Kind, sub_code: str) -> None:
    with alipay_says(denied(sub_code), found_done(kind)):
        answer = adapter.send(ask(kind))

    assert (answer.outcome, answer.sub_code) == (Outcome.SUCCESS, sub_code)
    assert answer.facts["checked"] == "SUCCESS"


@pytest.mark.parametrize(
    ("kind", "sub_code", "words"),
    [
        (Kind.FREEZE, "ALIN42683", {"amount": "1.00"}),
        (Kind.CAPTURE, "ACQ.CONTEXT_INCONSISTENT", {"total_amount": "1.00"}),
        (Kind.CAPTURE, "ACQ.TRADE_HAS_SUCCESS", {"buyer_user_id": "2088000000000009"}),
        (Kind.UNFREEZE, "UNIQUE_VIOLATION", {"amount": "1.00"}),
        (Kind.REFUND, "ACQ.DISCORDANT_REPEAT_REQUEST", {"refund_amount": "1.00"}),
    ],
)
def test_what_exists_with_another_content_needs_a_person(
    kind: Kind, sub_code: str, words: Words
) -> None:
    with alipay_says(denied(sub_code), found_done(kind, **words)):
        assert adapter.send(ask(kind)).outcome is MANUAL


def test_what_exists_and_is_not_ours_needs_a_person() -> None:
    with alipay_says(denied("ORDER_ALREADY_CLOSED"), denied("AUTH_OPERATION_NOT_EXIST")):
        assert adapter.send(ask(Kind.UNFREEZE)).outcome is MANUAL


def test_what_exists_and_cannot_be_looked_up_stays_unknown() -> None:
    with alipay_says(denied("UNIQUE_VIOLATION"), TimeoutError("slow")):
        assert adapter.send(ask(Kind.UNFREEZE)).outcome is UNKNOWN


@pytest.mark.parametrize("sub_code", ["PAYMENT_INFO_INCONSISTENCY", "BIZ_UNIQUE_EXCEPTION"])
def test_a_transfer_with_another_content_needs_a_person_since_its_payee_is_not_shown(
    sub_code: str,
) -> None:
    with alipay_says(denied(sub_code), found_done(Kind.TRANSFER)):
        assert adapter.send(ask(Kind.TRANSFER)).outcome is MANUAL


def test_a_freeze_whose_code_still_waits_keeps_waiting() -> None:
    waiting = found_done(Kind.FREEZE, status="INIT", order_status="INIT", total_freeze_amount="0")

    with alipay_says(denied("UNIQUE_VIOLATION"), waiting):
        assert adapter.send(ask(Kind.FREEZE)).outcome is Outcome.WAIT_USER


# A refusal for good


@pytest.mark.parametrize(
    ("kind", "refusal", "absence"),
    [
        (Kind.CAPTURE, "ACQ.AUTH_AMOUNT_NOT_ENOUGH", "ACQ.TRADE_NOT_EXIST"),
        (Kind.CAPTURE, "ACQ.AUTH_ORDER_HAS_CLOSED", "ACQ.TRADE_NOT_EXIST"),
        (Kind.TRANSFER, "PAYEE_NOT_EXIST", "ORDER_NOT_EXIST"),
        (Kind.FREEZE, "EXIST_FORBIDDEN_WORD", "AUTH_ORDER_NOT_EXIST"),
    ],
)
def test_a_refusal_counts_when_the_query_finds_nothing(
    kind: Kind, refusal: str, absence: str
) -> None:
    with alipay_says(denied(refusal), denied(absence)) as alipay:
        answer = adapter.send(ask(kind))

    assert (answer.outcome, answer.sub_code, answer.message) == (FAILED, refusal, "不行")
    assert len(alipay.heard) == 2


def test_a_refusal_of_what_was_done_before_is_a_success() -> None:
    with alipay_says(denied("ACQ.AUTH_ORDER_HAS_FINISHED"), found_done(Kind.CAPTURE)):
        assert adapter.send(ask(Kind.CAPTURE)).outcome is Outcome.SUCCESS


@pytest.mark.parametrize("second", [TimeoutError("slow"), denied("SYSTEM_ERROR"), b"<html>"])
def test_a_refusal_that_cannot_be_checked_stays_unknown(second: Any) -> None:
    with alipay_says(denied("PAYEE_NOT_EXIST"), second):
        assert adapter.send(ask(Kind.TRANSFER)).outcome is UNKNOWN


# States


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        ({"status": "INIT", "order_status": "INIT"}, Outcome.WAIT_USER),
        ({"status": "SUCCESS", "order_status": "AUTHORIZED"}, Outcome.SUCCESS),
        ({"status": "", "order_status": "AUTHORIZED"}, Outcome.SUCCESS),
        ({"status": "SUCCESS", "order_status": "CLOSED"}, Outcome.SUCCESS),
        ({"status": "CLOSED", "order_status": "CLOSED"}, Outcome.SUCCESS),
        (
            {"status": "CLOSED", "order_status": "CLOSED", "total_freeze_amount": "0.00"},
            Outcome.EXPIRED,
        ),
        (
            {"status": "INIT", "order_status": "CLOSED", "total_freeze_amount": ""},
            Outcome.EXPIRED,
        ),
        ({"status": "", "order_status": ""}, UNKNOWN),
        ({"status": "MELTED", "order_status": "AUTHORIZED"}, UNKNOWN),
    ],
)
def test_states_of_a_freeze(words: Words, outcome: Outcome) -> None:
    with alipay_says(found_done(Kind.FREEZE, **words)):
        assert adapter.query(ask(Kind.FREEZE)).outcome is outcome


def test_a_freeze_tells_what_it_holds_and_who_pays() -> None:
    with alipay_says(found_done(Kind.FREEZE)):
        answer = adapter.query(ask(Kind.FREEZE))

    assert answer.facts == {
        "auth_no": AUTH_NO,
        "payer_user_id": PAYER,
        "order_status": "AUTHORIZED",
        "status": "SUCCESS",
        "fund_amount_fen": 12_005,
        "credit_amount_fen": 0,
        "rest_amount_fen": 12_005,
        "total_freeze_amount_fen": 12_005,
        "total_pay_amount_fen": 0,
    }


def test_a_freeze_on_credit_is_told_as_such_and_judged_elsewhere() -> None:
    words = {"fund_amount": "0.00", "credit_amount": "120.05", "pre_auth_type": "CREDIT_AUTH"}

    with alipay_says(found_done(Kind.FREEZE, **words)):
        answer = adapter.query(ask(Kind.FREEZE))

    assert (answer.outcome, answer.facts["fund_amount_fen"]) == (Outcome.SUCCESS, 0)
    assert answer.facts["credit_amount_fen"] == 12_005


def test_a_freeze_that_ended_at_the_gateway_says_that_nothing_is_left() -> None:
    with alipay_says(found_done(Kind.FREEZE, order_status="CLOSED", rest_amount="0.00")):
        answer = adapter.query(ask(Kind.FREEZE))

    assert (answer.facts["order_status"], answer.facts["rest_amount_fen"]) == ("CLOSED", 0)


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        ({"status": "CLOSED", "order_status": "CLOSED"}, Outcome.SUCCESS),
        ({"status": "INIT", "order_status": "INIT"}, Outcome.NOT_FOUND),
        (
            {"status": "SUCCESS", "order_status": "AUTHORIZED", "rest_amount": "120.05"},
            Outcome.NOT_FOUND,
        ),
        (
            {"status": "SUCCESS", "order_status": "FINISH", "rest_amount": "0.00"},
            Outcome.SUCCESS,
        ),
        (
            {"status": "SUCCESS", "order_status": "FINISH", "total_pay_amount": "120.05"},
            MANUAL,
        ),
        ({"out_order_no": "FOTHER"}, MANUAL),
    ],
)
def test_states_of_a_freeze_that_is_to_be_cancelled(words: Words, outcome: Outcome) -> None:
    with alipay_says(found_done(Kind.CANCEL_FREEZE, **words)) as alipay:
        assert adapter.query(ask(Kind.CANCEL_FREEZE)).outcome is outcome

    assert alipay.content() == {
        "out_order_no": FREEZE_NO,
        "out_request_no": FREEZE_NO,
        "operation_type": "FREEZE",
    }


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("TRADE_SUCCESS", Outcome.SUCCESS),
        ("TRADE_FINISHED", Outcome.SUCCESS),
        ("WAIT_BUYER_PAY", Outcome.IN_PROGRESS),
        ("TRADE_CLOSED", MANUAL),
        ("", UNKNOWN),
    ],
)
def test_states_of_a_capture(status: str, outcome: Outcome) -> None:
    with alipay_says(found_done(Kind.CAPTURE, trade_status=status)):
        assert adapter.query(ask(Kind.CAPTURE)).outcome is outcome


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("SUCCESS", Outcome.SUCCESS),
        ("INIT", Outcome.IN_PROGRESS),
        ("CLOSED", MANUAL),
        ("", UNKNOWN),
    ],
)
def test_states_of_an_unfreeze(status: str, outcome: Outcome) -> None:
    with alipay_says(sent_well(Kind.UNFREEZE, status=status)):
        assert adapter.send(ask(Kind.UNFREEZE)).outcome is outcome
    with alipay_says(found_done(Kind.UNFREEZE, status=status)):
        assert adapter.query(ask(Kind.UNFREEZE)).outcome is outcome


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("SUCCESS", Outcome.SUCCESS),
        ("DEALING", Outcome.IN_PROGRESS),
        ("INIT", Outcome.IN_PROGRESS),
        ("FAIL", FAILED),
        ("REFUND", MANUAL),
        ("CLOSED", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_states_of_a_transfer(status: str, outcome: Outcome) -> None:
    with alipay_says(found_done(Kind.TRANSFER, status=status)):
        assert adapter.query(ask(Kind.TRANSFER)).outcome is outcome


def test_a_transfer_that_fails_at_once_is_looked_up_before_it_counts() -> None:
    failed = found_done(Kind.TRANSFER, status="FAIL", error_code="PAYEE_CARD_INFO_ERROR")

    with alipay_says(sent_well(Kind.TRANSFER, status="FAIL"), failed):
        answer = adapter.send(ask(Kind.TRANSFER))

    assert (answer.outcome, answer.facts["error_code"]) == (FAILED, "PAYEE_CARD_INFO_ERROR")


def test_a_refund_without_a_status_has_not_failed_and_may_be_sent_again() -> None:
    with alipay_says(done()):
        answer = adapter.query(ask(Kind.REFUND))

    assert (answer.outcome, answer.facts) == (UNKNOWN, {"may_resend": True})


@pytest.mark.parametrize("status", ["REFUND_FAIL", "REFUND_PROCESSING"])
def test_a_refund_in_any_other_state_is_unknown(status: str) -> None:
    with alipay_says(found_done(Kind.REFUND, refund_status=status)):
        assert adapter.query(ask(Kind.REFUND)).outcome is UNKNOWN


@pytest.mark.parametrize(
    ("text", "amount_fen"),
    [
        ("12.34", 1234),
        ("12.3", 1230),
        ("12", 1200),
        ("0.01", 1),
        ("100000000.00", 10_000_000_000),
        ("12.345", None),
        ("-1.00", None),
        ("1,234.00", None),
        ("1e3", None),
        ("١٢.٠٠", None),
        ("", None),
    ],
)
def test_amounts_on_the_wire(text: str, amount_fen: int | None) -> None:
    assert answers.fen(text) == amount_fen
