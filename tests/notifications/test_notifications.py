"""Messages: once each, in the app and by mail, whatever the mail server does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import User
from journal.models import Entry
from journal.workflow import GuardError, record
from notifications import queries, tasks, workflow
from notifications.models import Kind, Message, Question
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return factories.user("maya@example.test", name="Maya Rivera")


def entry(user: User) -> Entry:
    return record("accounts.signed_up", user, actor=user)


def broken_mail(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 1


class TestTelling:
    def test_happens_once_however_often_the_task_runs(self, user: User) -> None:
        happened = entry(user)
        tasks.welcome(str(happened.pk))
        tasks.welcome(str(happened.pk))
        message = Message.objects.get()
        assert [workflow.send(message), workflow.send(message)] == [True, False]
        assert [sent.subject for sent in mail.outbox] == ["Welcome to Microcreds"]

    def test_mails_have_text_and_html(self, user: User) -> None:
        workflow.send(workflow.notify(entry(user), user, Kind.WELCOME, {}, "/my/"))
        sent: Any = mail.outbox[0]
        assert (sent.to, [kind for _body, kind in sent.alternatives]) == (
            ["maya@example.test"],
            ["text/html"],
        )
        assert "http://127.0.0.1:8000/my/" in sent.body

    def test_declined_kinds_stay_in_the_app(self, user: User) -> None:
        workflow.set_preferences(user, {kind for kind in Kind if kind != Kind.WELCOME})
        message = workflow.notify(entry(user), user, Kind.WELCOME, {}, "/my/")
        assert (message.state, workflow.send(message), len(mail.outbox)) == ("in_app", False, 0)
        assert queries.unread_count(user) == 1

    @pytest.mark.parametrize("kind", list(Kind))
    def test_every_kind_has_its_mail(self, user: User, kind: Kind) -> None:
        context = {
            "micro_credential": "Seeking Well-being <b>",
            "code": "R-1",
            "manifest": [{"name": "plan.pdf", "size": 2048, "sha256": "ab" * 32}],
            "outcome": "not_yet",
            "strength": "A clear tally",
            "next_step": "The back table",
            "text": "When?",
            "reply_to": "x@example.test",
            "organisation": "Northfield",
        }
        assert workflow.send(workflow.notify(entry(user), user, kind, context, "/my/"))
        sent: Any = mail.outbox[0]
        html = sent.alternatives[0][0]
        assert "\n" not in sent.subject
        assert ("<b>" in html, "&lt;b&gt;" in sent.body) == (False, False)


class TestSending:
    def test_a_dead_mail_server_means_later(self, user: User, settings: Any) -> None:
        message = workflow.notify(entry(user), user, Kind.WELCOME, {}, "/my/")
        broken_mail(settings)
        assert workflow.send(message) is False
        message.refresh_from_db()
        assert (message.state, message.tries) == ("queued", 1)
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        assert tasks.send_due() == 0
        Message.objects.update(next_try=timezone.now() - timedelta(seconds=1))
        assert tasks.send_due() == 1
        message.refresh_from_db()
        assert (message.state, len(mail.outbox)) == ("sent", 1)

    def test_it_gives_up_after_the_last_try(self, user: User, settings: Any) -> None:
        message = workflow.notify(entry(user), user, Kind.WELCOME, {}, "/my/")
        Message.objects.update(tries=len(workflow.RETRY_MINUTES))
        broken_mail(settings)
        workflow.send(message)
        message.refresh_from_db()
        assert message.state == "failed"


class TestPages:
    def test_one_sees_ones_own_only(self, client: Client, user: User) -> None:
        other = factories.user("other@example.test")
        theirs = workflow.notify(entry(other), other, Kind.WELCOME, {}, "/my/")
        client.force_login(user)
        assert "Welcome to Microcreds" not in client.get("/notifications/").content.decode()
        assert client.get(f"/notifications/{theirs.pk}/").status_code == 404

    def test_opening_marks_as_read_and_leads_on(self, client: Client, user: User) -> None:
        message = workflow.notify(entry(user), user, Kind.WELCOME, {}, "/my/")
        client.force_login(user)
        answer = client.get(f"/notifications/{message.pk}/")
        assert (answer["Location"], queries.unread_count(user)) == ("/my/", 0)

    def test_the_list_is_paged(self, client: Client, user: User) -> None:
        for _number in range(32):
            workflow.notify(entry(user), user, Kind.WELCOME, {}, "/my/")
        client.force_login(user)
        first = client.get("/notifications/")
        rest = client.get(f"/notifications/?{first.context['older']}")
        assert (len(first.context["listed"]), len(rest.context["listed"]), rest.context["older"]) == (
            30,
            2,
            "",
        )

    @pytest.mark.parametrize("before", ["x", "\0", "2026-99-99"])
    def test_a_bad_place_in_the_list_is_the_start(self, client: Client, user: User, before: str) -> None:
        client.force_login(user)
        assert client.get("/notifications/", {"before": before}).status_code == 200

    @pytest.mark.parametrize("rows", [1, 3])
    def test_the_list_costs_one_query_beside_the_frame(
        self, client: Client, user: User, rows: int, django_assert_num_queries: Any
    ) -> None:
        for _number in range(rows):
            workflow.notify(entry(user), user, Kind.WELCOME, {}, "/my/")
        client.force_login(user)
        with django_assert_num_queries(3):
            client.get("/notifications/")

    def test_preferences_are_kept(self, client: Client, user: User) -> None:
        client.force_login(user)
        client.post("/notifications/preferences/", {"mail": ["decided"]})
        assert [kind for kind, wanted in queries.preferences(user) if wanted] == [Kind.DECIDED]


class TestAsking:
    def test_the_issuers_people_get_the_question(self, client: Client) -> None:
        northfield = factories.organisation("northfield")
        author, stranger = factories.user("author@example.test"), factories.user("stranger@example.test")
        factories.member(author, northfield, "author")
        client.post("/issuers/northfield/ask/", {"text": "Is a photo enough?", "reply_to": "me@example.test"})
        tasks.question(str(Entry.objects.get(kind="notifications.asked").pk))
        assert list(Message.objects.values_list("user__email", flat=True)) == ["author@example.test"]
        assert not Message.objects.filter(user=stranger).exists()

    def test_the_platforms_people_get_theirs(self, client: Client) -> None:
        factories.user("boss@example.test", is_superuser=True)
        client.post("/help/ask/", {"text": "I cannot sign in", "reply_to": "me@example.test"})
        tasks.question(str(Entry.objects.get().pk))
        message = Message.objects.get()
        workflow.send(message)
        assert (mail.outbox[0].to, mail.outbox[0].reply_to) == (["boss@example.test"], ["me@example.test"])

    @pytest.mark.parametrize("text", ["", "   ", "a\0b", "x" * 5001])
    def test_what_cannot_be_sent_is_kept_on_the_page(self, client: Client, text: str) -> None:
        answer = client.post("/help/ask/", {"text": text, "reply_to": "me@example.test"})
        assert (answer.status_code, Question.objects.count()) == (400, 0)
        assert 'value="me@example.test"' in answer.content.decode()

    def test_the_verb_guards_itself(self) -> None:
        with pytest.raises(GuardError):
            workflow.ask("x" * 5001, "me@example.test")
