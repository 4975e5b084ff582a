"""The demo catalogue: reads the TOML files beside it and publishes them through the catalog's own verbs.

Running it again completes what is missing and changes nothing that is there.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Q

from accounts import workflow as accounts
from accounts.models import Organisation
from catalog import workflow
from catalog.models import (
    ArtifactRequirement,
    Collection,
    CollectionItem,
    Criterion,
    Framework,
    Level,
    MicroCredential,
    Part,
    Question,
    Stack,
    StackGroup,
    StackItem,
    Standard,
    Term,
    Version,
)

HERE = Path(__file__).parent
PRESETS: Mapping[str, tuple[str, ...]] = {
    "passing": ("Not passing", "Passing"),
    "proficiency": ("Developing", "Basic", "Proficient"),
    "demonstrated": ("Not met", "Progressing", "Demonstrated"),
}
ATTESTATIONS = (
    {
        "key": "student-privacy",
        "text": "I removed or covered everything that could identify a student, or I hold the consent that this use needs.",
    },
    {
        "key": "academic-integrity",
        "text": "This is my own work from my own practice. Where I built on somebody else’s material, I say so.",
    },
    {
        "key": "release",
        "text": "The issuer and its assessors may read this evidence to assess it. Nothing is published without asking me.",
    },
)
COPIED = (
    "title", "summary", "competency", "key_method", "method_components", "rationale", "research", "resources",
    "who_benefits", "hours_low", "hours_high", "weeks", "evidence_kinds", "earnable_remotely", "without_students",
    "teams", "term_months",
)  # fmt: skip
TAXONOMY = {"job_roles": Term.Kind.JOB_ROLE, "topics": Term.Kind.TOPIC, "grade_bands": Term.Kind.GRADE_BAND}


def load() -> None:
    """Load or complete the vocabulary, the issuers, every micro-credential, the stacks and the collections."""
    with transaction.atomic():
        _load_taxonomy(_read("taxonomy"))
        _load_standards(_read("standards"))
        there = set(MicroCredential.objects.values_list("slug", flat=True))
        for path in sorted((HERE / "micro_credentials").glob("*.toml")):
            data = tomllib.loads(path.read_text())
            if data["slug"] not in there:
                _publish(data)
        _load_groups(_read("groups"))
        workflow.recount_facets()


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / f"{name}.toml").read_text())


def _load_taxonomy(data: Mapping[str, Any]) -> None:
    for name, kind in TAXONOMY.items():
        for order, (slug, words) in enumerate(data[name].items()):
            Term.objects.get_or_create(kind=kind, slug=slug, defaults={"name": words, "order": order})
    for issuer in data["issuers"]:
        fields = {name: issuer[name] for name in ("name", "kind", "colour", "about")}
        fields |= {"issues": True, "demo": True, "contact_email": f"{issuer['slug']}@demo.test"}
        if not Organisation.objects.filter(slug=issuer["slug"]).exists():
            accounts.keep_organisation(Organisation(slug=issuer["slug"], **fields))


def _load_standards(data: Mapping[str, Any]) -> None:
    frameworks = {
        item["slug"]: Framework.objects.get_or_create(
            slug=item["slug"], defaults={"title": item["title"], "publisher": item["publisher"]}
        )[0]
        for item in data["frameworks"]
    }
    for item in data["items"]:
        Standard.objects.get_or_create(
            framework=frameworks[item["framework"]], code=item["code"], defaults={"title": item["title"]}
        )


def _publish(data: Mapping[str, Any]) -> None:
    issuer = Organisation.objects.get(slug=data["issuer"])
    row = MicroCredential.objects.create(slug=data["slug"], issuer=issuer, title=data["title"])
    version = Version.objects.create(
        micro_credential=row,
        glyph=data["topics"][0],
        attestations=_attestations(data),
        examples=data.get("examples", []),
        **{name: data[name] for name in COPIED if name in data},
    )
    _classify(version, data)
    _ask(version, data)
    _load_rubric(version, data["criteria"])
    workflow.publish(version, actor=None)


def _attestations(data: Mapping[str, Any]) -> list[dict[str, str]]:
    """The three that every submission carries, and what this issuer adds."""
    own = enumerate(data.get("attestations", []), start=1)
    return [*ATTESTATIONS, *({"key": f"issuer-{number}", "text": item["text"]} for number, item in own)]


def _classify(version: Version, data: Mapping[str, Any]) -> None:
    wanted = [Q(kind=kind, slug__in=data[name]) for name, kind in TAXONOMY.items()]
    version.terms.add(*Term.objects.filter(reduce(or_, wanted)))
    pairs = [key.partition(":") for key in data["standards"]]
    codes = [Q(framework__slug=framework, code=code) for framework, _separator, code in pairs]
    version.standards.add(*Standard.objects.filter(reduce(or_, codes)))


def _ask(version: Version, data: Mapping[str, Any]) -> None:
    Question.objects.bulk_create(
        Question(version=version, part=part, order=order, **item)
        for part, name in ((Part.OVERVIEW, "overview_questions"), (Part.REFLECTION, "reflection_questions"))
        for order, item in enumerate(data[name])
    )
    ArtifactRequirement.objects.bulk_create(
        ArtifactRequirement(version=version, order=order, **item)
        for order, item in enumerate(data["artifact_requirements"])
    )


def _load_rubric(version: Version, items: Sequence[Mapping[str, Any]]) -> None:
    reads = Criterion.requirements.through
    requirements = {row.key: row for row in version.requirements.all()}
    criteria = Criterion.objects.bulk_create(
        _criterion(version, order, item) for order, item in enumerate(items)
    )
    Level.objects.bulk_create(
        Level(criterion=criterion, order=number, name=name, description=text)
        for criterion, item in zip(criteria, items, strict=True)
        for number, (name, text) in enumerate(
            zip(PRESETS[item["preset"]], item["levels"], strict=True), start=1
        )
    )
    reads.objects.bulk_create(
        reads(criterion=criterion, artifactrequirement=requirements[key])
        for criterion, item in zip(criteria, items, strict=True)
        for key in item.get("artifacts", [])
    )


def _criterion(version: Version, order: int, item: Mapping[str, Any]) -> Criterion:
    fields = {name: item[name] for name in ("key", "part", "title", "description")}
    return Criterion(version=version, passing=len(PRESETS[item["preset"]]), order=order, **fields)


def _load_groups(data: Mapping[str, Any]) -> None:
    rows = {row.slug: row for row in MicroCredential.objects.defer("search")}
    for item in data["stacks"]:
        _load_stack(item, rows)
    for item in data["collections"]:
        _load_collection(item, rows)


def _load_stack(item: Mapping[str, Any], rows: Mapping[str, MicroCredential]) -> None:
    fields = {name: item[name] for name in ("title", "description", "rule", "minimum", "certificate")}
    fields["issuer"] = Organisation.objects.get(slug=item["issuer"])
    stack, _created = Stack.objects.get_or_create(slug=item["slug"], defaults=fields)
    for order, entry in enumerate(item["groups"]):
        fields = {"title": entry.get("title", ""), "minimum": entry.get("minimum", 0)}
        group, _created = StackGroup.objects.get_or_create(stack=stack, order=order, defaults=fields)
        for place, slug in enumerate(entry["members"]):
            if slug in rows:
                StackItem.objects.get_or_create(
                    group=group, micro_credential=rows[slug], defaults={"order": place}
                )


def _load_collection(item: Mapping[str, Any], rows: Mapping[str, MicroCredential]) -> None:
    curator = Organisation.objects.filter(slug=item["curator"]).first()
    editor = item["editor"] if curator else f"{item['editor']}, {item['curator']}"
    fields = {
        "title": item["title"],
        "description": item["description"],
        "curator": curator,
        "editor": editor,
    }
    collection, _created = Collection.objects.get_or_create(slug=item["slug"], defaults=fields)
    for place, slug in enumerate(item["members"]):
        if slug in rows:
            CollectionItem.objects.get_or_create(
                collection=collection, micro_credential=rows[slug], defaults={"order": place}
            )
