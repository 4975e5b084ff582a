"""Hashed, compressed static files, ES-module imports included."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ManifestStorage(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage that also rewrites `import … from` addresses inside our modules."""

    support_js_module_import_aggregation = True

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        """Leave out htmx's extensions: they import bare names that only a bundler resolves, and we use none."""
        wanted = {name: path for name, path in paths.items() if not name.startswith("django_htmx/ext/")}
        yield from super().post_process(wanted, dry_run=dry_run, **options)
