"""The worker of payments: what Stripe told is noted, and what is open is looked at, school by school."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from shared.database import in_platform, in_tenant
from shared.errors import Problem
from shared.outbox.retry_delay import retry_delay
from shared.payments.claim_checkouts import Look, claim_checkouts
from shared.payments.give_up_refunds import give_up_refunds
from shared.payments.look_at_checkout import Teller, give_back, give_up_hold, look_at_checkout, put_off_failed
from shared.payments.note_events import note_events
from shared.telemetry import logger
from shared.tenant_scope import of_tenant

Clock = Callable[[], datetime]


@dataclass(slots=True)
class SettledPayments:
    """Counts of events and of checkouts; failed ones are looked at again, flagged ones need a person.

    `given_up` are refunds of what was paid before this service took payments.
    """

    noted: int = 0
    looked: int = 0
    flagged: int = 0
    failed: int = 0
    given_up: int = 0


def settle_payments(
    platform: Engine, teller: Teller, clock: Clock, has_time: Callable[[], bool]
) -> SettledPayments:
    """Note events and look at what is due, in turns, until neither is left or there is no time.

    In turns, so that a school that is told endlessly does not keep the others' payments from being seen.
    """
    done = SettledPayments(given_up=in_platform(platform, lambda c: give_up_refunds(c, clock())))
    while has_time():
        noted = in_platform(platform, lambda c: note_events(c, clock()))
        looks = in_platform(platform, lambda c: claim_checkouts(c, clock()))
        for look in looks:
            if has_time():
                _look(teller, look, clock, done)
            else:
                give_back(teller, look, clock())
        done.noted += noted.events
        if not looks and noted.events == 0:
            break
    return done


def _look(teller: Teller, look: Look, clock: Clock, done: SettledPayments) -> None:
    """One school's trouble is not another's."""
    try:
        settled = look_at_checkout(teller, look, clock())
    except Exception as error:  # noqa: BLE001  # whatever it was, the others are looked at
        done.failed += 1
        _put_off(teller, look, error, clock())
        return
    done.looked += 1
    done.flagged += settled is not None and settled.flag is not None


def _put_off(teller: Teller, look: Look, error: Exception, now: datetime) -> None:
    code = error.code if isinstance(error, Problem) else type(error).__name__
    logger.warning("checkout not settled", tenant_id=look.tenant_id, checkout_id=str(look.id), code=code)
    give_up_hold(teller, look, now)
    until = now + retry_delay(look.attempts)
    in_tenant(teller.database, of_tenant(look.tenant_id), lambda c: put_off_failed(c, look, code, until))
