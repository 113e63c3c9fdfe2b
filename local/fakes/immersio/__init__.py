"""A fake Immersio for one machine: strict where the contract is, with a world of its own for each key.

Beside the API there is a control plane under /_control, which makes happen what people, clocks and networks
do to the real one; `control.py` lists it.
"""

from local.fakes.immersio.app import immersio_app
from local.fakes.immersio.world import World

__all__ = ["World", "immersio_app"]
