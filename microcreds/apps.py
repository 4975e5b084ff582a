from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MicrocredsConfig(AppConfig):
    name = "microcreds"
    verbose_name = _("Microcreds")
