"""Honest slots: when a lesson may start, computed from plain values without a database."""
