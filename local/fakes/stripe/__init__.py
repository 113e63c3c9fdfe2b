"""A fake Stripe for one machine: strict where Stripe is, with its own state for each account.

Beside the API and the page where people pay there is a control plane under /_control, which makes happen
what people, banks and networks do to the real one; `control.py` lists it.
"""

from local.fakes.stripe.app import stripe_app
from local.fakes.stripe.documents.events import API_VERSION

__all__ = ["API_VERSION", "stripe_app"]
