"""Vendors as they behave, on this machine, with a control plane to make them misbehave."""
