"""Certificates: issued once, by each rule, naming their parts; paused, resumed and ended with them."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from badges import checking, queries, tasks, workflow
from badges.models import Award, CertificatePart, Revocation
from badges.openbadges.status import bit, decode_list
from journal.models import Entry
from notifications.models import Message
from tests import factories
from tests.badges.stacked import certificate, follow, kept, recognised, soon, stack
from tests.people import People, cast, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return cast()


def is_set(award: Award) -> bool:
    """Whether the published list says that it does not hold."""
    award.status_list.refresh_from_db()
    document = checking.status_document(award.status_list)
    return bit(decode_list(document["credentialSubject"]["encodedList"]), award.status_index)


@pytest.mark.parametrize(
    ("groups", "rule", "minimum", "earned"),
    [((2,), "all", 0, [0, 1]), ((3,), "n_of_m", 2, [0, 2]), ((2, 2), "groups", 0, [1, 2])],
)
def test_meeting_the_rule_brings_one_certificate_that_names_its_parts(
    people: People, groups: tuple[int, ...], rule: str, minimum: int, earned: list[int]
) -> None:
    row, units = stack(people, *groups, rule=rule, minimum=minimum)
    first = factories.award(people, units[earned[0]])
    follow()
    assert Award.objects.filter(stack=row).count() == 0
    second = factories.award(people, units[earned[1]])
    follow()
    follow()
    award = certificate(people.educator)
    assert (award.origin, award.state, award.version, award.micro_credential) == (
        "certificate", "active", None, None,
    )  # fmt: skip
    addresses = [first.credential["id"], second.credential["id"]]
    assert (
        list(CertificatePart.objects.filter(certificate=award).values_list("address", flat=True)) == addresses
    )
    assert [item["id"] for item in award.credential["evidence"]] == addresses
    achievement = award.credential["credentialSubject"]["achievement"]
    assert (achievement["achievementType"], achievement["name"]) == ("Certificate", "Talk Certificate")
    assert all(units[place].title in achievement["criteria"]["narrative"] for place in earned)
    assert award.credential["credentialStatus"]["statusPurpose"] == "suspension"
    assert achievement["image"]["id"].endswith("/ob2/certificates/talk/image.png")
    assert str(checking.check_award(award).outcome) == "ok"
    assert [row.stack.slug for row in queries.begun(people.educator) if row.certificate == award.pk] == [
        "talk"
    ]


def test_a_part_lost_pauses_the_certificate_and_another_part_brings_it_back(people: People) -> None:
    _row, units = stack(people, 3, rule="n_of_m", minimum=2)
    lost, stays = (factories.award(people, unit) for unit in units[:2])
    follow()
    workflow.settle_for(stays)
    Award.objects.filter(pk=lost.pk).update(state="revoked")
    workflow.settle_for(lost)
    award = certificate(people.educator)
    assert (award.state, is_set(award)) == ("suspended", True)
    assert str(checking.check_award(award).outcome) == "failed"
    third = factories.award(people, units[2])
    follow()
    award.refresh_from_db()
    assert (award.state, is_set(award), str(checking.check_award(award).outcome)) == ("active", False, "ok")
    names = [item["id"] for item in award.credential["evidence"]]
    assert names == [stays.credential["id"], third.credential["id"]]
    told = Message.objects.filter(kind="certificate").order_by("created")
    assert [message.context["paused"] for message in told] == [True, False]


def test_a_part_that_expires_pauses_and_a_restored_one_resumes(people: People) -> None:
    _row, units = stack(people, 2)
    parts = [factories.award(people, unit) for unit in units]
    follow()
    Award.objects.filter(pk=parts[0].pk).update(valid_until=soon(-1))
    assert tasks.heal_certificates() == 1
    assert certificate(people.educator).state == "suspended"
    assert tasks.heal_certificates() == 0
    Award.objects.filter(pk=parts[0].pk).update(valid_until=soon(90))
    assert tasks.heal_certificates() == 1
    assert certificate(people.educator).state == "active"
    assert tasks.heal_certificates() == 0


def test_where_the_stack_says_so_the_certificate_ends_and_a_new_one_follows(
    people: People, client: Any
) -> None:
    _row, units = stack(people, 2, on_revoked="revoke")
    parts = [factories.award(people, unit) for unit in units]
    follow()
    award = certificate(people.educator)
    assert "the certificate is revoked too" in client.get("/stacks/talk/").content.decode()
    assert award.credential["credentialStatus"]["statusPurpose"] == "revocation"
    Award.objects.filter(pk=parts[0].pk).update(state="revoked")
    workflow.settle_for(parts[0])
    award.refresh_from_db()
    assert (award.state, is_set(award), Revocation.objects.get(award=award).ground) == (
        "revoked",
        True,
        "part",
    )
    assert award.revocation_reason == f"A part of this certificate does not count any more: {units[0].title}."
    follow()
    assert Message.objects.filter(kind="revoked", context__micro_credential="Talk Certificate").count() == 1
    Award.objects.filter(pk=parts[0].pk).update(state="active")
    tasks.heal_certificates()
    assert list(Award.objects.filter(stack__isnull=False).order_by("created").values_list("state", flat=True)) == [
        "revoked", "active",
    ]  # fmt: skip


def test_a_certificate_revoked_for_a_reason_of_its_own_stays_away(people: People) -> None:
    row, units = stack(people, 1)
    part = factories.award(people, units[0])
    follow()
    Award.objects.filter(stack=row).update(state="revoked")
    workflow.settle_for(part)
    assert (Award.objects.filter(stack=row).count(), tasks.heal_certificates()) == (1, 0)


def test_what_a_stack_comes_to_ask_for_takes_no_certificate_away(people: People) -> None:
    row, units = stack(people, 2)
    parts = [factories.award(people, unit) for unit in units]
    follow()
    more = factories.published(people.northfield)
    row.groups.get().items.create(micro_credential=more)
    workflow.settle_for(parts[0])
    assert certificate(people.educator).state == "active"


def test_what_a_lost_task_left_is_healed(people: People) -> None:
    row, units = stack(people, 2, 2, rule="groups")
    for unit in (units[0], units[3]):
        factories.award(people, unit)
    factories.award(people, units[0], people.educator2)
    assert queries.completed_without_certificate(10) == [(people.educator.pk, row.pk)]
    assert (tasks.heal_certificates(), tasks.heal_certificates()) == (1, 0)
    assert certificate(people.educator).stack == row


def test_an_external_badge_completes_a_stack_and_its_end_pauses_the_certificate(people: People) -> None:
    _row, units = stack(people, 2)
    factories.award(people, units[0])
    external = kept(people.educator)
    recognised(people, external, units[1])
    follow()
    award = certificate(people.educator)
    assert [item["id"] for item in award.credential["evidence"]][1] == external.credential_id
    assert (
        "Leading Talk (Harbor Institute)"
        in award.credential["credentialSubject"]["achievement"]["criteria"]["narrative"]
    )
    workflow.forget_external(external, people.educator)
    follow()
    award.refresh_from_db()
    assert award.state == "suspended"
    assert CertificatePart.objects.get(certificate=award, part=None).name == "Leading Talk"


def test_a_certificate_breaks_no_page_list_or_export(people: People, client: Any) -> None:
    _row, units = stack(people, 1)
    factories.award(people, units[0])
    follow()
    award = certificate(people.educator)
    workflow.set_visibility(award, people.educator, "public")
    educator, approver = signed_in(people.educator), signed_in(people.approver)
    workflow.share_with(award, people.educator, people.riverbend)
    admin, district = signed_in(people.admin), signed_in(people.district_admin)
    for person, url in [
        (client, f"/badges/{award.pk}/"), (client, f"/badges/{award.pk}.json"), (client, f"/badges/{award.pk}.png"),
        (client, f"/badges/{award.pk}.svg"), (client, f"/badges/{award.pk}/image.png"),
        (educator, f"/badges/{award.pk}/"), (educator, "/my/"), (educator, "/api/v1/awards/"),
        (educator, f"/api/v1/awards/{award.pk}/"), (educator, "/stacks/talk/progress/"), (educator, "/notifications/"),
        (approver, "/badges/issued/"), (approver, f"/badges/{award.pk}/revoke/"),
        (admin, "/admin/badges/award/"), (admin, f"/admin/badges/award/{award.pk}/change/"), (district, "/reports/"),
        (district, "/api/v1/reports/"),
    ]:  # fmt: skip
        assert (url, person.get(url).status_code) == (url, 200)
    listed = educator.get("/api/v1/awards/").json()["results"]
    assert [(row["title"], row["micro_credential"]) for row in listed if row["id"] == str(award.pk)] == [
        ("Talk Certificate", None)
    ]
    assert "Talk Certificate" in educator.get("/my/").content.decode()
    assert "Talk Certificate" not in district.get("/reports/").content.decode()


def test_progress_is_drawn_on_the_stacks_page_and_on_my_page(
    people: People, django_assert_max_num_queries: Any
) -> None:
    _row, units = stack(people, 3)
    factories.award(people, units[0])
    client = signed_in(people.educator)
    page = client.get("/stacks/talk/progress/").content.decode()
    assert "1 of 3" in page
    with django_assert_max_num_queries(1):
        (begun,) = queries.begun(people.educator)
    assert (begun.progress.done, begun.progress.needed, begun.progress.next) == (1, 3, units[1])
    mine = client.get("/my/").content.decode()
    assert ("1 of 3 parts" in mine, units[1].title in mine) == (True, True)
    assert queries.begun(people.educator2) == []


@pytest.mark.django_db(transaction=True)
def test_two_parts_at_once_bring_one_certificate() -> None:
    people = cast()
    _row, units = stack(people, 2)
    parts = [factories.award(people, unit) for unit in units]
    barrier = threading.Barrier(4)

    def run(part: Award) -> None:
        barrier.wait()
        try:
            workflow.settle_for(Award.objects.select_related("earner").get(pk=part.pk))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[part]) for part in parts * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Award.objects.filter(stack__isnull=False).count() == 1
    assert (
        Entry.objects.filter(kind="badges.awarded", subject_id=str(certificate(people.educator).pk)).count()
        == 1
    )
