"""REST paths of this room, mounted under `/api/v1/`."""

from __future__ import annotations

from django.urls import URLPattern, path

from review import api, api_comments, api_notes, api_queue

urlpatterns: list[URLPattern] = [
    path("reviews/", api.Queue.as_view(), name="api-reviews"),
    path("reviews/next/", api_queue.Next.as_view(), name="api-reviews-next"),
    path("reviews/mine/", api.Mine.as_view(), name="api-reviews-mine"),
    path("reviews/<uuid:pk>/claim/", api.Claim.as_view(), name="api-review-claim"),
    path("reviews/<uuid:pk>/", api.Review.as_view(), name="api-review"),
    path("reviews/<uuid:pk>/release/", api.Release.as_view(), name="api-review-release"),
    path("reviews/<uuid:pk>/recuse/", api.Recuse.as_view(), name="api-review-recuse"),
    path("reviews/<uuid:pk>/complete/", api.Complete.as_view(), name="api-review-complete"),
    path("reviews/comments/", api_comments.Comments.as_view(), name="api-review-comments"),
    path("reviews/<uuid:pk>/uses/", api_comments.Uses.as_view(), name="api-review-uses"),
    path("reviews/<uuid:pk>/notes/", api_notes.Notes.as_view(), name="api-review-notes"),
    path("reviews/<uuid:pk>/notes/<uuid:note>/", api_notes.OneNote.as_view(), name="api-review-note"),
]
