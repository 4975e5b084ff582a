"""Hashed, compressed static files, ES-module imports included."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


# htmx's extensions import bare names that only a bundler resolves; the browsable API is off.
UNUSED = ("django_htmx/ext/", "rest_framework/")


class ManifestStorage(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage that also rewrites `import … from` addresses inside our modules."""

    support_js_module_import_aggregation = True
    # Pages name hashed files only, and compressing each file twice doubles the first start.
    keep_only_hashed_files = True

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        """Leave out what no page of ours loads."""
        wanted = {name: path for name, path in paths.items() if not name.startswith(UNUSED)}
        yield from super().post_process(wanted, dry_run=dry_run, **options)
