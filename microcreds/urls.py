"""Every address of the program. Rooms bring their paths; the roof brings `/`, `/my/` and the machinery."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from microcreds import help as help_pages
from microcreds import home, views

# The admin's own form knows neither the limit on tries nor the second step.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

handler400 = "microcreds.views.bad_request"
handler403 = "microcreds.views.forbidden"
handler404 = "microcreds.views.not_found"
handler500 = "microcreds.views.broken"

api = [
    path("", include("accounts.api_urls")),
    path("", include("catalog.api_urls")),
    path("", include("submissions.api_urls")),
    path("", include("review.api_urls")),
    path("", include("badges.api_urls")),
    path("", include("reports.api_urls")),
]

urlpatterns = [
    path("", home.home, name="home"),
    path("my/", home.my, name="my"),
    # Asked for most, so found first.
    path("", include("catalog.urls")),
    path("", include("badges.urls")),
    path("", include("badges.api_host_urls")),
    path("help/", help_pages.index, name="help"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("api/v1/", include(api)),
    path("api/schema/", views.Schema.as_view(), name="schema"),
    path("api/docs/", views.api_docs, name="api-docs"),
    path("admin/", admin.site.urls),
    path("account/data/<uuid:pk>/", views.data_download, name="account-data-download"),
    path("accounts/", include("allauth.urls")),
    path("", include("accounts.urls")),
    path("", include("submissions.urls")),
    path("", include("review.urls")),
    path("", include("notifications.urls")),
    path("", include("reports.urls")),
    path("help/<slug:slug>/", help_pages.page, name="help-page"),
]
