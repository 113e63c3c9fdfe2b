"""The page where people pay, or do not: a form without scripts, for persons and for tests."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from local.fakes.stripe import payers
from local.fakes.stripe.answers import StripeError
from local.fakes.stripe.currencies import shown
from local.fakes.stripe.state import Account, Intent, Session
from local.fakes.stripe.world import World

HERE = Path(__file__).parent
TEMPLATES = Environment(loader=FileSystemLoader([HERE, HERE.parents[1] / "templates"]), autoescape=True)


def show(world: World, _: Request, session_id: str) -> Response:
    with world.lock:
        account, session = _found(world, session_id)
        return _page(account, session)


def act(world: World, request: Request, session_id: str) -> Response:
    """`action`: pay, decline (with `reason`), challenge, prove, fail_proof, debit, abandon; `email` if asked.

    Leads on to the success page, back to the school, or to this page again.
    """
    form = request.form
    with world.lock:
        account, session = _found(world, session_id)
        if form.get("action") == "abandon":
            return redirect(session.cancel_url or session.page, 303)
        if session.status != "open":
            return _page(account, session, status=409)
        _do(world, account, session, form)
        if session.is_complete:
            return redirect(session.success_url.replace("{CHECKOUT_SESSION_ID}", session.id), 303)
        return redirect(session.page, 303)


def _do(world: World, account: Account, session: Session, form: Any) -> None:
    action, email = form.get("action"), form.get("email") or None
    if action in ("prove", "fail_proof"):
        payers.prove(world, account, session, proven=action == "prove")
    elif action == "decline":
        payers.decline(world, account, session, email, form.get("reason", "generic_decline"))
    elif action in _ACTIONS:
        _ACTIONS[action](world, account, session, email)
    else:
        raise StripeError(400, "The page has no such button.", param="action")


_ACTIONS = {"pay": payers.pay, "challenge": payers.ask_for_proof, "debit": payers.debit}


def _found(world: World, session_id: str) -> tuple[Account, Session]:
    account = world.accounts.owner_of(session_id)
    return account, account.find(Session, session_id)


def _page(account: Account, session: Session, status: int = 200) -> Response:
    intent = account.find(Intent, session.intent) if session.intent else None
    text = TEMPLATES.get_template("checkout.html").render(
        session=session,
        intent=intent,
        lines=[(item, shown(item.unit_amount * item.quantity, session.currency)) for item in session.items],
        total=shown(session.total, session.currency),
        debits=[each for each in session.method_types if each != "card"],
        declines=payers.DECLINES,
    )
    return Response(text, status, content_type="text/html; charset=utf-8")
