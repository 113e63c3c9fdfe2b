"""Courses come from Immersio; a school decides which of them it sells."""
