"""People and organisations for platform admins. Roles and invitations change only through the verbs."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.admin import EmailAddress
from allauth.mfa.admin import Authenticator
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from rest_framework.authtoken.admin import TokenProxy  # type: ignore[attr-defined]

from accounts import workflow
from accounts.models import Invitation, Membership, Organisation, Profile, Relation, User
from accounts.texts import SignedWords
from journal.admin import ReadOnlyAdmin


@admin.register(User)
class UserAdmin(SignedWords, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("email", "name", "is_active", "is_staff", "date_joined")
    search_fields = ("email", "name")
    fields = ("email", "name", "is_active", "is_staff", "is_superuser", "date_joined", "last_login")
    readonly_fields = ("email", "date_joined", "last_login")

    def has_add_permission(self, request: object) -> bool:
        return False

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        return False


@admin.register(Organisation)
class OrganisationAdmin(SignedWords, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "kind", "issues", "demo")
    list_filter = ("kind", "issues")
    search_fields = ("name", "slug")
    readonly_fields = ("demo",)

    def save_model(self, request: HttpRequest, obj: Organisation, form: Any, change: bool) -> None:
        workflow.keep_organisation(obj, cast(User, request.user))


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ("user", "organisation", "role", "state", "since")
    list_select_related = ("user", "organisation")


@admin.register(Relation)
class RelationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Who evaluates, coaches or is related to whom: recorded and ended here, by the verbs, never changed."""

    list_display = ("person", "kind", "of", "created")
    list_select_related = ("person", "of")
    autocomplete_fields = ("person", "of")

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Relation, form: Any, change: bool) -> None:
        by = cast(User, request.user)
        obj.pk = workflow.relate(obj.person, obj.of, obj.kind, by=by).pk

    def delete_model(self, request: HttpRequest, obj: Relation) -> None:
        workflow.unrelate(obj, cast(User, request.user))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Relation]) -> None:
        for relation in queryset:
            self.delete_model(request, relation)


class AuthenticatorAdmin(ReadOnlyAdmin):
    """Somebody who lost her second step can be let in again; its secrets are shown to nobody."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_select_related = ("user",)
    exclude = ("data",)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return bool(request.user.is_superuser)


# Others' packages bring doors of their own: whoever could mark an address as verified or read a token could be anybody.
admin.site.unregister([EmailAddress, Authenticator, TokenProxy])
admin.site.register(EmailAddress, ReadOnlyAdmin)
admin.site.register(Authenticator, AuthenticatorAdmin)
admin.site.register([Profile, Invitation], ReadOnlyAdmin)
