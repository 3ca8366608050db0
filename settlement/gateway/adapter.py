"""The two calls of the gateway: `send` an operation, and `query` what became of it.

Neither is ever made inside a transaction. Neither raises for anything that the outside does: what
is not certain is UNKNOWN, and the worker asks again. Each takes at most 18 s for one call on the
wire, and `send` may make a second one, still below the lease of an operation.
"""

from dataclasses import replace

from django.conf import settings

from settlement.gateway import answers, requests
from settlement.gateway.answers import Check, Step
from settlement.gateway.client import Client, client_for
from settlement.gateway.messages import Answer, Ask, Outcome, Payee

__all__ = ["Answer", "Ask", "Outcome", "Payee", "query", "send"]


def send(ask: Ask) -> Answer:
    """Asks for the operation. The same Ask may be sent again: its number makes it happen once.

    Where only a query can tell (the number exists already, or a refusal for good), it is made here.
    """
    answer, verdict = _call(ask, Step.SEND)
    if isinstance(verdict, Check):
        return answers.settle(verdict, answer, query(ask))
    return answer


def query(ask: Ask) -> Answer:
    """What became of the operation, by our own number; changes nothing."""
    answer, _verdict = _call(ask, Step.QUERY)
    return answer


def _call(ask: Ask, step: Step) -> tuple[Answer, answers.Verdict]:
    try:
        call = (requests.to_send if step is Step.SEND else requests.to_query)(ask, _shop())
    except requests.UnableToAskError as error:
        return _unsent(Outcome.MANUAL, f"MISSING_FACT {error}")
    client = _client(ask.kind)
    if isinstance(client, Answer):
        return client, client.outcome
    answer, verdict = answers.read(ask, step, client.call(call.method, call.biz, call.common))
    return replace(answer, method=call.method), verdict


def _client(kind: str) -> Client | Answer:
    try:
        return client_for(kind)
    except Exception as error:  # missing, broken or open keys: nothing was sent
        return _unsent(Outcome.CONFIG, f"KEYS {type(error).__name__}: {error}")[0]


def _unsent(outcome: Outcome, message: str) -> tuple[Answer, answers.Verdict]:
    return Answer(outcome, message=message), outcome


def _shop() -> requests.Shop:
    return requests.Shop(
        seller_id=settings.ALIPAY_SELLER_ID,
        product_code=settings.ALIPAY_PREAUTH_PRODUCT,
    )
