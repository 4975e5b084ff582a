"""The roof: settings, addresses, wiring. No room imports it."""

from microcreds.celery import app as celery_app

__all__ = ["celery_app"]
