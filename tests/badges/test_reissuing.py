"""Awards signed anew under their id: names, addresses, keys, and the evidence an earner chooses to show."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts import workflow as accounts
from accounts.models import Organisation
from badges import checking, issuing, keyring, queries, tasks, workflow
from badges.models import Award, Endorsement, IssuerKey, ShownEvidence
from badges.openbadges import verification
from badges.openbadges.documents import identity_hash, multihash
from badges.openbadges.outcomes import Outcome, Report
from badges.queries.evidence import pieces_of
from badges.workflow.endorsing import endorse, withdraw_endorsement
from badges.workflow.showing import Choice
from journal.models import Entry
from journal.workflow import GuardError, TransitionError
from submissions import sealing
from submissions.models import Artifact, SchoolClass
from tests import factories
from tests.people import People, cast, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return cast()


def said(kind: str) -> Entry:
    return Entry.objects.filter(kind=kind).latest("created")


def earlier(award: Award) -> None:
    """As if it had been signed an hour ago."""
    Award.objects.filter(pk=award.pk).update(issued_at=timezone.now() - timedelta(hours=1))


def test_signing_anew_keeps_id_place_and_day_and_moves_valid_from(people: People) -> None:
    award = factories.award(people, visibility="public")
    before = award.credential
    workflow.rotate_key(people.northfield)
    workflow.reissue(award, "corrected")
    after = award.credential
    for name in ("id", "awardedDate", "credentialStatus", "credentialSubject"):
        assert after[name] == before[name]
    assert after["validFrom"] >= before["validFrom"]
    assert after["proof"]["verificationMethod"] != before["proof"]["verificationMethod"]
    assert checking.check(after).valid
    assert said("badges.reissued").data["why"] == "corrected"
    assert Client().get(f"/badges/{award.pk}.json").json() == after


def test_an_issuers_new_name_and_an_earners_new_address_are_followed(people: People) -> None:
    award = factories.award(people)
    people.northfield.name = "Northfield « East » 🌱"
    accounts.keep_organisation(people.northfield, people.admin)
    assert tasks.sign_anew(str(said("accounts.organisation_renamed").pk)) == 1
    people.educator.email = "maya.new@example.test"
    people.educator.save()
    accounts.note_address(people.educator)
    assert tasks.sign_anew(str(said("accounts.address_changed").pk)) == 1
    award.refresh_from_db()
    assert award.credential["issuer"]["name"] == "Northfield « East » 🌱"
    (identity,) = award.credential["credentialSubject"]["identifier"]
    assert identity["identityHash"] == identity_hash("maya.new@example.test", award.salt)
    assert checking.check(award.credential).valid


def test_what_a_revoked_key_signed_since_is_signed_anew_and_shown(people: People) -> None:
    old = factories.award(people)
    Award.objects.filter(pk=old.pk).update(issued_at=timezone.now() - timedelta(days=9))
    new = workflow.award(factories.earned(people, earner=people.educator2))
    key = new.key
    assert key is not None
    out = StringIO()
    moment = (timezone.now() - timedelta(days=2)).isoformat()
    call_command("revoke_key", key.fragment, "--from", moment, "--reason", "A stolen laptop.", stdout=out)
    assert tasks.sign_anew(str(said("badges.key_revoked").pk)) == 1
    fresh = Award.objects.get(pk=new.pk)
    assert fresh.key == keyring.signer(people.northfield).row
    assert checking.check(fresh.credential).valid
    assert Award.objects.get(pk=old.pk).key == key
    ((_issuer, lines),) = queries.key_rings([people.northfield])
    (line,) = [line for line in lines if line.key == key]
    assert (line.waiting, line.renewed, line.renewed_count, line.awards) == (0, (new.pk,), 1, 1)
    page = signed_in(people.approver).get("/badges/keys/").content.decode()
    assert "A stolen laptop." in page
    assert str(new.pk) in page
    assert "Make a new key" not in page


def looked_at(document: dict[str, Any], email: str = "") -> Report:
    """A copy, as anybody's verifier finds it with what we publish."""
    now = timezone.now() + timedelta(seconds=1)
    return verification.verify(document, fetch=checking.own_documents(), now=now, email=email)


def steps(document: dict[str, Any], email: str = "") -> dict[str, str]:
    """What does not hold of a copy."""
    found = looked_at(document, email).steps
    return {step.name: str(step.outcome) for step in found if step.outcome is not Outcome.OK}


MOVED_TO = "maya.new@example.test"


def renamed(people: People) -> None:
    people.northfield.name = "École « Süd » 学校"
    accounts.keep_organisation(people.northfield, people.admin)
    tasks.sign_anew(str(said("accounts.organisation_renamed").pk))


def moved(people: People) -> None:
    people.educator.email = MOVED_TO
    people.educator.save()
    accounts.note_address(people.educator)
    tasks.sign_anew(str(said("accounts.address_changed").pk))


def endorsed(people: People) -> None:
    endorse(people.riverbend, Award.objects.get(), people.district_admin, "We count on it.")
    tasks.carry(str(said("badges.endorsed").pk))


def unendorsed(people: People) -> None:
    old = Award.objects.get().credential
    withdraw_endorsement(Endorsement.objects.get(), people.educator)
    tasks.carry(str(said("badges.endorsement_withdrawn").pk))
    words = {step.name: step.words for step in looked_at(old).steps}
    assert words["endorsements"] == "1 endorsement is no longer in force."


def rotated(people: People) -> None:
    workflow.rotate_key(people.northfield)
    workflow.reissue(Award.objects.get(), "corrected")


def left(people: People) -> None:
    people.educator.refresh_from_db()
    accounts.close(people.educator, "correct horse battery")
    workflow.reissue(Award.objects.get(), "corrected")


def test_each_kind_of_signing_anew_keeps_the_id_and_leaves_old_copies_that_tell_the_truth(
    people: People,
) -> None:
    award = factories.award(people, visibility="public")
    file, before, address = work_of(award), award.credential, people.educator.email
    # What is done, what the holder's address is then, and what an older copy fails by.
    kinds: list[tuple[Callable[[People], Any], str, set[str]]] = [
        (renamed, address, set()),
        (rotated, address, set()),
        (lambda _people: show(award, file.pk, "open"), address, set()),
        (lambda _people: show(award, file.pk, "digest"), address, set()),
        (endorsed, address, set()),
        (unendorsed, address, set()),
        (moved, MOVED_TO, {"recipient"}),
        (left, MOVED_TO, set()),
    ]
    for act, mail, fails in kinds:
        old = Award.objects.get().credential
        act(people)
        fresh = Award.objects.get().credential
        for name in ("id", "credentialStatus", "awardedDate"):
            assert fresh[name] == before[name]
        assert (steps(fresh, mail), set(steps(old, mail))) == ({}, fails)
    assert steps(before, address) == {}


def test_what_a_stolen_key_means_is_shown_wherever_one_of_its_badges_is(people: People) -> None:
    early = factories.award(people, visibility="public")
    late = factories.award(people, earner=people.educator2, visibility="public")
    past = timezone.now() - timedelta(days=2)
    early.credential = issuing.sign_award(early, {}, past)
    early.save()
    old, key = late.credential, late.key
    assert key is not None
    moment = (timezone.now() - timedelta(hours=1)).isoformat()
    call_command("revoke_key", key.fragment, "--from", moment, "--reason", "Stolen.", stdout=StringIO())
    early.refresh_from_db()
    assert (steps(early.credential), set(steps(old))) == ({}, {"proof"})
    assert "a check failed" in Client().get(f"/badges/{late.pk}/").content.decode()
    tasks.sign_anew(str(said("badges.key_revoked").pk))
    for award in (early, late):
        award.refresh_from_db()
        assert steps(award.credential) == {}
        assert "signature and issuer fit" in Client().get(f"/badges/{award.pk}/").content.decode()
    assert (early.key, late.key) == (key, keyring.signer(people.northfield).row)


def test_where_nobody_can_tell_what_is_real_it_is_revoked_at_once(people: People) -> None:
    award = factories.award(people, visibility="public")
    key, out = award.key, StringIO()
    assert key is not None
    moment = (timezone.now() - timedelta(hours=1)).isoformat()
    command = ["revoke_key", key.fragment, "--from", moment, "--reason", "Stolen.", "--revoke-badges"]
    call_command(*command, stdout=out)
    assert "1 badges that it signed since are revoked" in out.getvalue()
    assert tasks.sign_anew(str(said("badges.key_revoked").pk)) == 0
    assert {"proof", "status"} <= set(steps(award.credential))
    assert "the issuer revoked it on" in Client().get(f"/badges/{award.pk}/").content.decode()
    page = signed_in(people.educator).get(f"/badges/{award.pk}/revocation/").content.decode()
    assert "That says nothing about your work" in page
    assert "1 was revoked, because" in signed_in(people.approver).get("/badges/keys/").content.decode()
    assert signed_in(people.educator).get(f"/badges/{award.pk}/").status_code == 200


def test_the_commands_rotate_and_refuse(people: People) -> None:
    first = keyring.signer(people.northfield).row
    out = StringIO()
    call_command("rotate_keys", "northfield", "--algorithm", "ed25519", stdout=out)
    call_command("rotate_keys", "--platform", "--algorithm", "ed25519", stdout=out)
    assert keyring.signer(people.northfield).row.number == first.number + 1
    assert IssuerKey.objects.filter(issuer=None).count() == 2
    for command in (["rotate_keys", "nobody"], ["revoke_key", "z6Mk", "--from", "today", "--reason", "x"],
                    ["revoke_key", first.fragment, "--from", "today", "--reason", "x"]):  # fmt: skip
        with pytest.raises(CommandError):
            call_command(*command)


def test_an_admin_rotates_on_the_page(people: People) -> None:
    factories.member(people.approver, people.northfield, "admin")
    keyring.signer(people.northfield)
    client = signed_in(people.approver)
    assert "Make a new key" in client.get("/badges/keys/").content.decode()
    client.post("/badges/keys/northfield/rotate/", {"algorithm": "ed25519"})
    assert keyring.signer(people.northfield).row.number == 2
    assert signed_in(people.educator).get("/badges/keys/").status_code == 403


def test_an_issuer_gets_its_keys_when_it_begins_to_issue() -> None:
    accounts.keep_organisation(Organisation(slug="new", name="New", kind="issuer", issues=True))
    tasks.make_keys(str(said("accounts.issuer_made").pk))
    assert IssuerKey.objects.filter(issuer__slug="new").count() == 2
    assert IssuerKey.objects.filter(issuer=None).count() == 2


def test_a_badge_of_somebody_who_left_goes_on_naming_her_as_it_did(people: People) -> None:
    award = factories.award(people)
    named = award.credential["credentialSubject"]["identifier"]
    people.educator.email, people.educator.closed_at = "closed@closed.invalid", timezone.now()
    people.educator.save()
    workflow.reissue(award, "key_revoked")
    assert award.credential["credentialSubject"]["identifier"] == named
    accounts.note_address(people.educator)
    assert tasks.sign_anew(str(said("accounts.address_changed").pk)) == 0


# --- evidence -------------------------------------------------------------------------------------------------


def work_of(award: Award, coverage: str = "nobody", **fields: Any) -> Artifact:
    """Its one file, kept in the store; who can be recognised in it as given."""
    assert award.submission is not None
    file = Artifact.objects.get(submission=award.submission)
    kept = factories.kept(award.submission, b"%PDF-1.7 a plan", "application/pdf", "plan.pdf")
    said = {"kind": "file", "content": kept.content, "content_type": "application/pdf", "coverage": coverage}
    Artifact.objects.filter(pk=file.pk).update(**said, **fields)
    kept.delete()
    return file


def show(award: Award, artifact: UUID, mode: str, name: str = "Lesson plan") -> None:
    workflow.show_evidence(award, award.earner, {artifact: Choice(mode, name)})


def test_evidence_she_opens_is_in_the_credential_and_served_to_everybody(people: People) -> None:
    award = factories.award(people, visibility="public")
    file = work_of(award)
    show(award, file.pk, "open", "Plan « A » 🌱")
    (evidence,) = award.credential["evidence"]
    manifest = sealing.manifest_held(award.submission)  # type: ignore[arg-type]
    (leaf,) = [
        leaf
        for leaf in sealing.leaves_of(manifest)
        if leaf.artifact == str(file.pk) and leaf.kind == "assessed"
    ]
    assert evidence == {
        "id": f"http://127.0.0.1:8000/badges/{award.pk}/evidence/{file.pk}/",
        "type": ["Evidence"],
        "name": "Plan « A » 🌱",
        "digestMultibase": multihash(bytes.fromhex(leaf.digest)),
    }
    assert checking.check(award.credential).valid
    answer = Client().get(f"/badges/{award.pk}/evidence/{file.pk}/")
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    show(award, file.pk, "digest")
    (evidence,) = award.credential["evidence"]
    assert "id" not in evidence
    assert Client().get(f"/badges/{award.pk}/evidence/{file.pk}/").status_code == 404
    show(award, file.pk, "")
    assert "evidence" not in award.credential


def test_pupils_without_consent_to_a_public_badge_are_never_shown(people: People) -> None:
    award = factories.award(people, visibility="public")
    room = SchoolClass.objects.create(
        owner=people.educator, label="P3", number=9, scope=["image", "voice", "work"],
        purposes=["assessment", "public_badge"], expires=timezone.localdate() + timedelta(days=9),
    )  # fmt: skip
    file = work_of(award, "covered", classes=[room.pk])
    show(award, file.pk, "open")
    url = f"/badges/{award.pk}/evidence/{file.pk}/"
    assert Client().get(url).status_code == 200
    SchoolClass.objects.filter(pk=room.pk).update(purposes=["assessment"])
    assert Client().get(url).status_code == 404
    assert tasks.close_evidence() == 1
    award.refresh_from_db()
    assert "id" not in award.credential["evidence"][0]
    with pytest.raises(GuardError) as refused:
        show(award, file.pk, "open")
    assert list(refused.value.errors) == [str(file.pk)]


def test_a_deleted_file_closes_at_once_and_its_digest_stays(people: People) -> None:
    award = factories.award(people, visibility="public")
    file = work_of(award)
    show(award, file.pk, "open")
    Artifact.objects.filter(pk=file.pk).update(state="deleted")
    assert Client().get(f"/badges/{award.pk}/evidence/{file.pk}/").status_code == 404
    assert workflow.close_evidence([file.pk]) == 1
    award.refresh_from_db()
    assert set(award.credential["evidence"][0]) == {"type", "name", "description", "digestMultibase"}
    assert ShownEvidence.objects.get().mode == "digest"


def test_the_page_lets_only_the_earner_choose_and_names_what_is_wrong(people: People) -> None:
    award = factories.award(people)
    file = work_of(award)
    client = signed_in(people.educator)
    url, fields = f"/badges/{award.pk}/evidence/", {f"mode-{file.pk}": "open", f"name-{file.pk}": "Plan"}
    assert client.get(url).status_code == 200
    wrong = client.post(url, {**fields, f"name-{file.pk}": "Plan\u202e"})
    assert (wrong.status_code, "U+202E" in wrong.content.decode()) == (400, True)
    assert client.post(url, fields).status_code == 302
    assert [piece.mode for piece in pieces_of(Award.objects.get(pk=award.pk))] == ["open"]
    assert signed_in(people.educator2).get(url).status_code == 404
    with pytest.raises(PermissionDenied):
        workflow.show_evidence(award, people.educator2, {})
    Award.objects.filter(pk=award.pk).update(state="revoked")
    award.refresh_from_db()
    with pytest.raises(TransitionError):
        show(award, file.pk, "digest")
