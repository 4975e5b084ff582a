"""What the program must survive, at its real doors: files that lie, bodies without end, stolen sessions, foreign addresses."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from rest_framework.authtoken.models import Token

from accounts.models import Membership
from badges.models import Award
from submissions import workflow as submissions
from submissions.models import Artifact, Submission, Upload
from submissions.uploads import incoming
from tests import factories
from tests.browser import Server
from tests.people import People, cast, signed_in
from tests.review.work import claimed, desk
from tests.submissions.samples import BAD, EICAR, GOOD, clamd
from tests.test_access import handed_in

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
GIGABYTES = str(5 * 1024**3)


@pytest.fixture
def people() -> People:
    return cast()


@pytest.fixture
def draft(people: People) -> Submission:
    return submissions.enrol(people.educator, factories.published(people.northfield))


# --- files, through the form and through the API ------------------------------------------------------------


def by_form(client: Client, draft: Submission, name: str, body: bytes) -> tuple[int, str]:
    data = {"revision": "0", "file-plan": SimpleUploadedFile(name, body)}
    answer = client.post(f"/submissions/{draft.pk}/artifacts/", data)
    return answer.status_code, answer.content.decode()


def by_api(client: Client, draft: Submission, name: str, body: bytes) -> tuple[int, str]:
    url = f"/api/v1/submissions/{draft.pk}/artifacts/file/?requirement=plan"
    answer = client.put(
        url, body, content_type="application/octet-stream", headers={"X-File-Name": quote(name)}
    )
    return answer.status_code, answer.content.decode()


Door = Callable[[Client, Submission, str, bytes], tuple[int, str]]
DOORS = pytest.mark.parametrize("door", [by_form, by_api])


@pytest.fixture
def scanner(settings: Any) -> Iterator[None]:
    with clamd() as address:
        settings.CLAMD_URL = address
        yield


def bytes_kept(home: Path) -> list[Path]:
    """In the store, and on their way to it."""
    places = (home / "files", Path(settings.INCOMING_DIR))
    return [path for place in places for path in place.rglob("*") if path.is_file()]


@DOORS
@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("plan.pdf", b"", "empty (0 bytes)"),
        ("wrongly-named.pdf", BAD["wrongly-named.pdf"], "PNG"),
        ("page.html", BAD["page.html"], "web page"),
        ("page.pdf", BAD["page.html"], "web page"),
        ("drawing.svg", BAD["drawing.svg"], "SVG"),
        ("drawing.png", BAD["drawing.png"], "SVG"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_file_is_refused_with_words_and_leaves_nothing(
    people: People,
    draft: Submission,
    home: Path,
    door: Door,
    name: str,
    body: bytes,
    words: str,
) -> None:
    before = bytes_kept(home)
    status, told = door(signed_in(people.educator), draft, name, body)
    assert (status, words in told) == (400, True), told
    assert (Artifact.objects.count(), bytes_kept(home)) == (0, before)


@DOORS
def test_what_the_scanner_finds_is_closed_and_leaves_nothing(
    people: People, draft: Submission, scanner: None, home: Path, door: Door
) -> None:
    before, client = bytes_kept(home), signed_in(people.educator)
    assert door(client, draft, "eicar.txt", EICAR)[0] in {201, 302}
    artifact = factories.checked(Artifact.objects.get())
    assert (artifact.state, artifact.content, bytes_kept(home)) == ("quarantined", None, before)
    assert "Eicar-Test-Signature" in client.get(f"/submissions/{draft.pk}/").content.decode()
    assert client.get(f"/artifacts/{artifact.pk}/file/", follow=True).status_code == 404


@DOORS
@pytest.mark.parametrize(
    "name", ["../../etc/passwd.pdf", "C:\\Users\\maya\\passwd.pdf", "a/b/passwd.pdf", "\u202epasswd.pdf"]
)
def test_a_path_in_a_name_is_only_a_name(people: People, draft: Submission, door: Door, name: str) -> None:
    status, _told = door(signed_in(people.educator), draft, name, GOOD["plan.pdf"][0])
    assert status in {201, 302}
    row, upload = Artifact.objects.get(), Upload.objects.get()
    assert (row.name, incoming(upload).name) == ("passwd.pdf", upload.pk.hex)


def test_a_nul_in_a_name_is_taken_out(people: People, draft: Submission) -> None:
    assert by_api(signed_in(people.educator), draft, "a\0b.pdf", GOOD["plan.pdf"][0])[0] == 201
    assert Artifact.objects.get().name == "ab.pdf"


# --- bodies without end -------------------------------------------------------------------------------------


def ask_with_length(server: Server, method: str, path: str, **headers: str) -> bytes:
    """The first line of the answer to a request that announces five gigabytes and sends none of them."""
    place = urlsplit(server.url)
    lines = [
        f"{method} {path} HTTP/1.1",
        f"Host: {place.netloc}",
        f"Content-Length: {GIGABYTES}",
        "Connection: close",
    ]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    with socket.create_connection((str(place.hostname), int(place.port or 0)), timeout=20) as line:
        line.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        return line.recv(4096).partition(b"\r\n")[0]


@pytest.mark.django_db(transaction=True)
def test_five_gigabytes_are_a_413_over_the_wire(server: Server) -> None:
    people = cast()
    draft = submissions.enrol(people.educator, factories.published(people.northfield))
    session = signed_in(people.educator).cookies["sessionid"].value
    cookie = {"Cookie": f"sessionid={session}"}
    form = {"Content_Type": "multipart/form-data; boundary=x"}
    token = {"Authorization": f"Token {Token.objects.create(user=people.educator).key}"}
    asked = [
        ("POST", f"/submissions/{draft.pk}/", {**cookie, **form}),
        ("POST", f"/submissions/{draft.pk}/artifacts/", {**cookie, **form}),
        ("POST", "/accounts/login/", form),
        ("POST", "/account/", {**cookie, **form}),
        ("POST", "/verify/", form),
        (
            "PUT",
            f"/api/v1/submissions/{draft.pk}/artifacts/file/?requirement=plan",
            {**token, "Content_Type": "video/mp4"},
        ),
        ("PATCH", f"/api/v1/submissions/{draft.pk}/", {**token, "Content_Type": "application/json"}),
        ("POST", "/api/v1/auth/token/", {"Content_Type": "application/json"}),
        ("POST", "/api/v1/verify/", {"Content_Type": "application/json"}),
    ]
    answers = {path: ask_with_length(server, method, path, **headers) for method, path, headers in asked}
    assert {path: line.split()[1] for path, line in answers.items()} == dict.fromkeys(answers, b"413")


def test_a_form_without_files_refuses_what_nobody_types(client: Client) -> None:
    answer = client.post("/accounts/login/", {"login": "x" * 6_000_000})
    assert (answer.status_code, "That is too large" in answer.content.decode()) == (413, True)


@pytest.mark.parametrize(
    "body", [b"[" * 200_000, b'{"a":' * 200_000 + b"1" + b"}" * 200_000], ids=["list", "object"]
)
def test_a_document_that_unfolds_is_bad_input(client: Client, body: bytes) -> None:
    answer = client.post("/api/v1/auth/token/", body, content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")


# --- what is kept is never run ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wanted",
    [
        "",
        "bytes=0-3",
        "bytes=999-",
        "bytes=0-0,2-2",
        "bytes=-0",
        "bytes=5-2",
        "bytes=" + "1-1," * 5000,
        "items=0-1",
    ],
)
def test_evidence_never_runs_whatever_range_is_asked_for(people: People, wanted: str) -> None:
    held = handed_in(people, factories.published(people.northfield))
    paper = (
        held.artifacts.get()
    )  # a browser's reader of PDF does not run in a sandbox; scripts were taken out of it
    note = factories.kept(held, b"<script>alert(1)</script>", "text/plain", "note.txt")
    client = signed_in(people.educator)
    for artifact, policy in ((paper, "frame-ancestors 'self'"), (note, "sandbox; default-src 'none'")):
        address = f"/artifacts/{artifact.pk}/file/"
        answer = client.get(address, headers={"Range": wanted}, follow=True)
        assert answer.status_code in {200, 206, 416}
        assert answer["Content-Security-Policy"].startswith(policy)
        assert (answer["X-Content-Type-Options"], answer["Cache-Control"]) == ("nosniff", "private, no-store")


# --- sessions, tokens, redirects ----------------------------------------------------------------------------


def sign_in(client: Client, people: People, **more: str) -> Any:
    return client.post("/accounts/login/", {"login": people.educator.email, "password": PASSWORD, **more})


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.test/",
        "//evil.test/",
        "/\\evil.test",
        "http:///evil.test",
        "javascript:alert(1)",
        "\thttps://evil.test",
    ],
)
def test_next_leads_nowhere_else(people: People, target: str) -> None:
    for answer in (
        sign_in(Client(), people, next=target),
        signed_in(people.educator).get(f"/accounts/login/?next={quote(target)}"),
    ):
        assert (answer.status_code, answer["Location"]) == (302, "/my/")
    assert sign_in(Client(), people, next="/explore/")["Location"] == "/explore/"
    assert "evil.test" not in Client().post(f"/accounts/logout/?next={quote(target)}").get("Location", "")


def test_a_session_from_before_is_not_the_one_after_signing_in(people: People) -> None:
    client = Client()
    client.post(f"/micro-credentials/{factories.published(people.northfield).slug}/enrol/")
    before = client.cookies["sessionid"].value
    sign_in(client, people)
    after = client.cookies["sessionid"].value
    stolen = Client()
    stolen.cookies["sessionid"] = before
    assert (before != after, stolen.get("/my/").status_code, client.get("/my/").status_code) == (
        True,
        302,
        200,
    )
    client.post("/accounts/logout/")
    stolen.cookies["sessionid"] = after
    assert stolen.get("/my/").status_code == 302


def test_cookies_keep_to_themselves(people: People) -> None:
    client = Client()
    client.get("/accounts/login/")
    sign_in(client, people)
    session, token = client.cookies["sessionid"], client.cookies["csrftoken"]
    assert (session["httponly"], session["samesite"], token["samesite"]) == (True, "Lax", "Lax")
    assert (settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE) == (settings.HTTPS, settings.HTTPS)


def test_who_was_shut_out_is_out_everywhere_at_once(people: People) -> None:
    client, token = signed_in(people.educator), Token.objects.create(user=people.educator).key
    program = Client(headers={"Authorization": f"Token {token}"})
    assert (client.get("/my/").status_code, program.get("/api/v1/awards/").status_code) == (200, 200)
    people.educator.is_active = False
    people.educator.save()
    assert (client.get("/my/").status_code, program.get("/api/v1/awards/").status_code) == (302, 401)
    given = {"email": people.educator.email, "password": PASSWORD}
    refused = client.post("/api/v1/auth/token/", given, content_type="application/json")
    assert (refused.status_code, "token" in refused.json()) == (400, False)


def test_a_forwarded_address_does_not_reset_the_limit_on_tries(people: People) -> None:
    answers = [
        Client(headers={"X-Forwarded-For": f"203.0.113.{number}"}).post(
            "/api/v1/auth/token/", {"email": "a@b.test", "password": "x"}, content_type="application/json"
        )
        for number in range(12)
    ]
    assert (answers[-1].status_code, answers[-1]["Content-Type"]) == (429, "application/problem+json")


def test_a_new_password_ends_the_tokens_of_the_old_one(people: People) -> None:
    client, program = (
        Client(),
        Client(headers={"Authorization": f"Token {Token.objects.create(user=people.educator).key}"}),
    )
    sign_in(client, people)
    assert program.get("/api/v1/awards/").status_code == 200
    new = {"oldpassword": PASSWORD, "password1": "wrong horse staple", "password2": "wrong horse staple"}
    assert client.post("/accounts/password/change/", new).status_code == 302
    assert program.get("/api/v1/awards/").status_code == 401


def test_questions_are_not_a_way_to_flood_mailboxes(people: People) -> None:
    asked = {"text": "What is asked for?", "reply_to": "someone@example.test"}
    answers = [Client().post("/issuers/northfield/ask/", asked) for _number in range(21)]
    assert [answer.status_code for answer in answers] == [302] * 20 + [429]
    assert "What is asked for?" in answers[-1].content.decode()


# --- the admin ----------------------------------------------------------------------------------------------


def test_the_admins_door_is_the_guarded_one(people: People) -> None:
    client = Client()
    assert client.get("/admin/login/?next=/admin/")["Location"] == "/accounts/login/?next=%2Fadmin%2F"
    client.post("/admin/login/", {"username": people.admin.email, "password": PASSWORD})
    assert client.get("/admin/").status_code == 302
    assert signed_in(people.educator).get("/admin/login/").status_code == 403
    assert signed_in(people.admin).get("/admin/").status_code == 200


def test_a_platform_admin_changes_no_state_and_becomes_nobody_else(people: People) -> None:
    award = factories.award(people)
    assignment = claimed(people)
    client = signed_in(people.admin)
    place = Membership.objects.get(user=people.assessor)
    Token.objects.create(user=people.educator)
    rows = {
        f"badges/award/{award.pk}": {"state": "revoked", "visibility": "public"},
        f"submissions/submission/{assignment.submission_id}": {"state": "earned"},
        f"submissions/enrolment/{assignment.submission.enrolment_id}": {"state": "earned"},
        f"review/assignment/{assignment.pk}": {"state": "completed"},
        f"accounts/membership/{place.pk}": {"role": "approver", "state": "ended"},
        f"catalog/microcredential/{award.micro_credential_id}": {"state": "retired"},
        f"account/emailaddress/{EmailAddress.objects.get(user=people.educator).pk}": {
            "email": people.admin.email,
            "verified": "on",
        },
    }
    for path, data in rows.items():
        assert client.get(f"/admin/{path}/change/").status_code == 200
        assert client.post(f"/admin/{path}/change/", data).status_code == 403
        assert client.post(f"/admin/{path}/delete/", {"post": "yes"}).status_code == 403
        assert client.post(f"/admin/{path.rpartition('/')[0]}/add/", data).status_code == 403
    assert client.get("/admin/authtoken/tokenproxy/").status_code == 404
    assert b"Add token" not in client.get("/admin/").content
    award.refresh_from_db()
    assert (award.state, award.visibility, Award.objects.count()) == ("active", "private", 1)


# --- the document -------------------------------------------------------------------------------------------


def test_the_openapi_document_is_valid_and_without_a_warning() -> None:
    out = StringIO()
    call_command("spectacular", "--fail-on-warn", "--validate", "--format", "openapi-json", stdout=out)
    assert json.loads(out.getvalue())["info"]["title"] == "Microcreds"


def test_a_desk_keeps_what_was_typed_when_it_is_refused(people: People) -> None:
    assignment, client = claimed(people), signed_in(people.assessor)
    answer = client.post(desk(assignment), {"revision": "0", "strength": "Kept. " * 3, "next_step": "a\0b"})
    assert (answer.status_code, "Kept. Kept." in answer.content.decode()) == (400, True)
