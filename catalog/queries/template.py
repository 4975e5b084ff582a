"""A version's whole template as one document: what the page, the API and the paper print show."""

from __future__ import annotations

from typing import Any

from catalog.models import Criterion, Part, Version


def document(version: Version) -> dict[str, Any]:
    """Terms, standards, questions, requirements and rubric as plain data, in the order people read them."""
    return {
        "term_months": version.term_months,
        "terms": _terms(version),
        "standards": _standards(version),
        "questions": list(version.questions.values("part", "key", "prompt", "min_words", "max_words")),
        "requirements": list(
            version.requirements.values("key", "title", "description", "kinds", "minimum", "maximum")
        ),
        "criteria": [
            _criterion(criterion, number)
            for number, criterion in enumerate(
                version.criteria.prefetch_related("levels", "requirements"), start=1
            )
        ],
    }


def template_of(version: Version) -> dict[str, Any]:
    """The frozen document, or one made now for a draft."""
    return version.template or document(version)


def parts_of(template: dict[str, Any]) -> list[dict[str, Any]]:
    """The three parts of a submission, each with what it asks and the criteria it is judged by."""
    return [
        {
            "number": part.value,
            "title": part.label,
            "questions": [item for item in template["questions"] if item["part"] == part],
            "requirements": template["requirements"] if part == Part.ARTIFACTS else [],
            "criteria": [item for item in template["criteria"] if item["part"] == part],
        }
        for part in Part
    ]


def _terms(version: Version) -> dict[str, list[dict[str, str]]]:
    terms: dict[str, list[dict[str, str]]] = {"role": [], "topic": [], "grade": []}
    for term in version.terms.all():
        terms[term.kind].append({"slug": term.slug, "name": term.name})
    return terms


def _standards(version: Version) -> list[dict[str, str]]:
    rows = version.standards.select_related("framework").order_by("framework__title", "id")
    return [
        {
            "key": item.key,
            "code": item.code,
            "title": item.title,
            "label": str(item),
            "framework": item.framework.title,
            "publisher": item.framework.publisher,
        }
        for item in rows
    ]


def _criterion(criterion: Criterion, number: int) -> dict[str, Any]:
    return {
        "id": str(criterion.pk),
        "number": number,
        "key": criterion.key,
        "part": criterion.part,
        "title": criterion.title,
        "description": criterion.description,
        "requirements": [requirement.key for requirement in criterion.requirements.all()],
        "levels": [
            {
                "order": level.order,
                "title": level.name,
                "descriptor": level.description,
                "passing": level.order == criterion.passing,
            }
            for level in criterion.levels.all()
        ],
    }
