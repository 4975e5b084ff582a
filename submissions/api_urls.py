"""REST paths of this room, mounted under `/api/v1/`."""

from __future__ import annotations

from django.urls import URLPattern, path

from submissions import api, api_uploads

urlpatterns: list[URLPattern] = [
    path("enrollments/", api.EnrolmentList.as_view(), name="api-enrolments"),
    path("enrollments/<uuid:pk>/", api.EnrolmentDetail.as_view(), name="api-enrolment"),
    path("enrollments/<uuid:pk>/leave/", api.EnrolmentLeave.as_view(), name="api-enrolment-leave"),
    path("submissions/", api.SubmissionList.as_view(), name="api-submissions"),
    path("submissions/<uuid:pk>/", api.SubmissionDetail.as_view(), name="api-submission"),
    path("submissions/<uuid:pk>/submit/", api.SubmissionSubmit.as_view(), name="api-submission-submit"),
    path("submissions/<uuid:pk>/withdraw/", api.SubmissionWithdraw.as_view(), name="api-submission-withdraw"),
    path("submissions/<uuid:pk>/resubmit/", api.SubmissionResubmit.as_view(), name="api-submission-resubmit"),
    path("submissions/<uuid:pk>/useful/", api.SubmissionUseful.as_view(), name="api-submission-useful"),
    path("submissions/<uuid:pk>/artifacts/", api.ArtifactList.as_view(), name="api-artifacts"),
    path("submissions/<uuid:pk>/artifacts/file/", api.ArtifactUpload.as_view(), name="artifact-upload"),
    path("uploads/", api_uploads.UploadList.as_view(), name="api-uploads"),
    path("uploads/<uuid:pk>/", api_uploads.UploadDetail.as_view(), name="api-upload"),
    path("uploads/<uuid:pk>/parts/", api_uploads.UploadParts.as_view(), name="api-upload-parts"),
    path("uploads/<uuid:pk>/complete/", api_uploads.UploadComplete.as_view(), name="api-upload-complete"),
    path("artifacts/<uuid:pk>/", api.ArtifactDetail.as_view(), name="api-artifact"),
]
