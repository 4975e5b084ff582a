"""Doors for people, one module a matter: drafting an attempt, and what belongs beside it."""
