"""People, the organisations they belong to, their roles and relations."""

from __future__ import annotations

import uuid
import zoneinfo
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def validate_time_zone(value: str) -> None:
    """Refuse a zone the machine does not know."""
    if value not in zoneinfo.available_timezones():
        raise ValidationError(_("Choose a time zone from the list."))


class UserManager(BaseUserManager["User"]):
    """Makes people by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person. One account for life, whatever districts and addresses come and go."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(
        _("name"), max_length=120, blank=True, help_text=_("As it should stand on your badges.")
    )
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)  # by the person herself; nothing personal is left

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(Lower("email"), name="user_email_unique")]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def initials(self) -> str:
        """One or two letters for the account button."""
        words = (self.name or self.email).split()
        return "".join(word[0] for word in (words[0], words[-1])[: len(words)]).upper()


class JobRole(models.TextChoices):
    """The catalogue's job roles (its facet uses the same slugs)."""

    TEACHER = "teacher", _("Teacher")
    SPECIAL_EDUCATOR = "special-educator", _("Special educator")
    COACH = "instructional-coach", _("Instructional coach")
    SCHOOL_LEADER = "school-leader", _("School leader")
    DISTRICT_LEADER = "district-leader", _("District leader")
    LIBRARIAN = "librarian", _("Librarian")
    COUNSELOR = "counselor", _("Counselor")
    TECHNOLOGY = "technology-coordinator", _("Technology coordinator")
    PARAEDUCATOR = "paraeducator", _("Paraeducator")


class GradeBand(models.TextChoices):
    """The catalogue's grade bands (its facet uses the same slugs)."""

    PK_2 = "pk-2", _("PK–2")
    G3_5 = "3-5", _("Grades 3–5")
    G6_8 = "6-8", _("Grades 6–8")
    G9_12 = "9-12", _("Grades 9–12")
    ADULT = "adult", _("Adult learners")


class Profile(models.Model):
    """What an educator tells about her work, one question at a time; nothing here is required."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE)
    job_roles = ArrayField(models.CharField(max_length=40, choices=JobRole.choices), default=list, blank=True)
    grade_bands = ArrayField(
        models.CharField(max_length=40, choices=GradeBand.choices), default=list, blank=True
    )
    subjects = ArrayField(
        models.CharField(max_length=60), default=list, blank=True, verbose_name=_("subjects")
    )
    state = models.CharField(_("state"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=8, default="en", choices=settings.LANGUAGES)
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[validate_time_zone]
    )
    first_steps_done = ArrayField(models.SlugField(), default=list, blank=True)

    def __str__(self) -> str:
        return str(self.user)


class Organisation(models.Model):
    """Who issues, employs, or counts."""

    class Kind(models.TextChoices):
        ISSUER = "issuer", _("Issuer")
        DISTRICT = "district", _("District")
        SCHOOL = "school", _("School")
        UNION = "union", _("Union")
        AGENCY = "agency", _("Agency")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=160)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="schools"
    )
    successor = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # who answers for its badges since it handed over
    issues = models.BooleanField(default=False, help_text=_("May publish micro-credentials."))
    about = models.TextField(blank=True)
    contact_email = models.EmailField(blank=True)
    colour = models.CharField(max_length=8, default="c1")
    demo = models.BooleanField(default=False)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="organisation_school_has_district",
                condition=~models.Q(kind="school") | models.Q(parent__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person's place in an organisation. A role that ended stays as history."""

    class Role(models.TextChoices):
        EDUCATOR = "educator", _("Educator")
        AUTHOR = "author", _("Author")
        VETTER = "vetter", _("Vetter")
        ASSESSOR = "assessor", _("Assessor")
        APPROVER = "approver", _("Approver")
        COACH = "coach", _("Coach")
        ADMIN = "admin", _("Organisation admin")
        DISTRICT_ADMIN = "district_admin", _("District admin")

    class State(models.TextChoices):
        ACTIVE = "active", _("Active")
        ENDED = "ended", _("Ended")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ACTIVE)
    since = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "organisation", "role"],
                condition=models.Q(state="active"),
                name="membership_once",
            ),
            models.CheckConstraint(
                name="membership_state", condition=models.Q(state__in=["active", "ended"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.organisation_id}"


class Invitation(models.Model):
    """An invitation by mail to take a role. It never takes over an account: the invited person accepts."""

    class State(models.TextChoices):
        SENT = "sent", _("Sent")
        ACCEPTED = "accepted", _("Accepted")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=16, choices=Membership.Role.choices)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    state = models.CharField(max_length=12, choices=State.choices, default=State.SENT)
    created = models.DateTimeField(auto_now_add=True)
    expires = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("email"),
                "organisation",
                "role",
                condition=models.Q(state="sent"),
                name="invitation_once",
            ),
            models.CheckConstraint(
                name="invitation_state", condition=models.Q(state__in=["sent", "accepted", "withdrawn"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.organisation_id}"


class Relation(models.Model):
    """Who stands how to whom: the ground for keeping power and assessment apart. `of` is the educator."""

    class Kind(models.TextChoices):
        EVALUATES = "evaluates", _("Evaluates")
        SUPERVISES = "supervises", _("Supervises")
        SAME_SCHOOL = "same_school", _("Same school")
        COACHES = "coaches", _("Coaches")
        RELATIVE = "relative", _("Relative")
        TEAM_MATE = "team_mate", _("Team mate")

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="relations")
    of = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "of", "kind"], name="relation_once"),
            models.CheckConstraint(name="relation_not_self", condition=~models.Q(person=models.F("of"))),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.kind} {self.of_id}"


class DataExport(models.Model):
    """A copy of everything a person has here, made in the background and kept for a few days."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("Being made")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Could not be made")
        EXPIRED = "expired", _("Deleted again")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="exports")
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    progress = models.PositiveSmallIntegerField(default=0)  # percent
    file = models.CharField(max_length=255, blank=True)  # its key in the store
    secret = models.BinaryField(null=True)  # what opens it, wrapped by the installation's key
    size = models.PositiveBigIntegerField(default=0)
    state_since = models.DateTimeField(default=timezone.now)
    expires = models.DateTimeField(null=True, blank=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-created"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(state__in=["queued", "running"]),
                name="one_export_at_a_time",
            ),
            models.CheckConstraint(
                name="export_state",
                condition=models.Q(state__in=["queued", "running", "ready", "failed", "expired"]),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
