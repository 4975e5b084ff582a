"""Stacks and collections: what they hold, and where a micro-credential belongs."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Count, OuterRef, Prefetch, QuerySet, Subquery, Value

from catalog.models import Collection, CollectionItem, MicroCredential, Stack, StackGroup, StackItem
from catalog.queries.explorer import as_cards


@dataclass
class Group:
    """A group of a stack with what somebody may see of it."""

    row: StackGroup
    micro_credentials: list[MicroCredential] = field(default_factory=list)


def stacks() -> QuerySet[Stack]:
    """All stacks with their issuer and how many micro-credentials they count."""
    return (
        Stack.objects.select_related("issuer").annotate(size=Count("groups__items")).order_by("title", "pk")
    )


def collections() -> QuerySet[Collection]:
    """All collections with their curator and how many micro-credentials they list."""
    rows = Collection.objects.select_related("curator")
    return rows.annotate(size=Count("items")).order_by("title", "pk")


def groupings(limit: int) -> list[dict[str, str]]:
    """Stacks and collections by title, as {kind, title, slug}, in one query: the way in beside the search."""
    names = ("kind", "title", "slug")
    stack_rows = Stack.objects.order_by().annotate(kind=Value("stack")).values(*names)
    collection_rows = Collection.objects.order_by().annotate(kind=Value("collection")).values(*names)
    return list(stack_rows.union(collection_rows, all=True).order_by("kind", "title")[:limit])


def stacks_with(row: MicroCredential) -> QuerySet[Stack]:
    """The stacks that count a micro-credential."""
    return stacks().filter(pk__in=StackItem.objects.filter(micro_credential=row).values("group__stack"))


def collections_with(row: MicroCredential) -> QuerySet[Collection]:
    """The collections that list a micro-credential."""
    return collections().filter(
        pk__in=CollectionItem.objects.filter(micro_credential=row).values("collection")
    )


def members_of(collection: Collection, visible: QuerySet[MicroCredential]) -> QuerySet[MicroCredential]:
    """The cards of a collection in its editor's order."""
    items = CollectionItem.objects.filter(collection=collection)
    place = Subquery(items.filter(micro_credential=OuterRef("pk")).values("order")[:1])
    listed = visible.filter(pk__in=items.values("micro_credential"))
    return as_cards(listed).annotate(place=place).order_by("place", "title")


def groups_of(stack: Stack, visible: QuerySet[MicroCredential]) -> list[Group]:
    """The groups of a stack with their members, in order, in one query."""
    items = StackItem.objects.filter(group__stack=stack, micro_credential__in=visible.values("pk"))
    groups: dict[int, Group] = {}
    rows = items.select_related("group", "micro_credential__issuer").defer("micro_credential__search")
    for item in rows.order_by("group__order", "group", "order"):
        groups.setdefault(item.group_id, Group(item.group)).micro_credentials.append(item.micro_credential)
    return list(groups.values())


def with_members(rows: QuerySet[Collection], visible: QuerySet[MicroCredential]) -> QuerySet[Collection]:
    """Collections with the items somebody may see, for a list of them."""
    items = CollectionItem.objects.filter(micro_credential__in=visible.values("pk"))
    return rows.prefetch_related(Prefetch("items", items.select_related("micro_credential")))


def with_groups(rows: QuerySet[Stack], visible: QuerySet[MicroCredential]) -> QuerySet[Stack]:
    """Stacks with their groups and the items somebody may see, for a list of them."""
    items = StackItem.objects.filter(micro_credential__in=visible.values("pk"))
    return rows.prefetch_related(
        "groups", Prefetch("groups__items", items.select_related("micro_credential"))
    )
