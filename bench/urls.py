"""The program's own addresses and, before them, the bare view that pages are compared with."""

from __future__ import annotations

from django.urls import path

from bench.bare import bare
from microcreds.urls import urlpatterns as ours

urlpatterns = [path("bare/<slug:name>/", bare), *ours]
