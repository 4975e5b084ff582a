"""The admin shows the catalog and changes nothing that was published."""

from __future__ import annotations

import pytest
from django.test import Client

from catalog.models import Version
from tests import factories

pytestmark = pytest.mark.django_db


def change(client: Client, path: str) -> tuple[int, bool]:
    response = client.get(f"/admin/catalog/{path}/change/")
    return response.status_code, b'name="_save"' in response.content


def test_published_versions_are_read_only_and_drafts_keep_their_state(client: Client) -> None:
    client.force_login(factories.user(is_staff=True, is_superuser=True))
    published, draft = factories.published().current, factories.draft()
    assert published is not None
    assert change(client, f"version/{published.pk}") == (200, False)
    assert change(client, f"criterion/{published.criteria.all()[0].pk}") == (200, False)
    assert change(client, f"level/{published.criteria.all()[0].levels.all()[0].pk}") == (200, False)
    assert change(client, f"microcredential/{published.micro_credential_id}") == (200, False)
    assert change(client, f"version/{draft.pk}") == (200, True)
    client.post(f"/admin/catalog/version/{published.pk}/change/", {"title": "Changed"})
    client.post(f"/admin/catalog/version/{draft.pk}/change/", {"state": "published"})
    assert Version.objects.get(pk=published.pk).title == published.title
    assert Version.objects.get(pk=draft.pk).state == Version.State.DRAFT


@pytest.mark.parametrize(
    "model",
    [
        "microcredential",
        "version",
        "criterion",
        "level",
        "stack",
        "stackgroup",
        "collection",
        "facetcount",
        "term",
    ],
)
def test_lists_open(client: Client, model: str) -> None:
    factories.published()
    client.force_login(factories.user(is_staff=True, is_superuser=True))
    assert client.get(f"/admin/catalog/{model}/").status_code == 200
