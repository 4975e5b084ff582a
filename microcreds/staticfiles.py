"""Hashed, compressed static files, ES-module imports included, and one stylesheet instead of a chain of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

SHEET = "css/app.css"
IMPORT = re.compile(r'^@import "(?P<part>[\w/.-]+)" layer\((?P<layer>\w+)\);$', re.MULTILINE)

# No page of ours loads these; htmx's extensions even import bare names that only a bundler resolves.
UNUSED = ("django_htmx/ext/", "rest_framework/")


class ManifestStorage(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage that also rewrites `import … from` addresses inside our modules.

    The sources of the stylesheet stay in parts; a browser on a slow line gets them as one file.
    """

    support_js_module_import_aggregation = True
    # Pages name hashed files only, and compressing each file twice doubles the first start.
    keep_only_hashed_files = True

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        if SHEET in paths and not dry_run:
            sheet = IMPORT.sub(lambda found: self._part(paths, found), _text(*paths[SHEET]))
            self.delete(SHEET)
            self._save(SHEET, ContentFile(sheet.encode()))
            paths = {**paths, SHEET: (self, SHEET)}
        paths = {name: path for name, path in paths.items() if not name.startswith(UNUSED)}
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def _part(self, paths: dict[str, Any], found: re.Match[str]) -> str:
        part = _text(*paths[f"css/{found['part']}"])
        return f"@layer {found['layer']} {{\n{part}}}"


def _text(storage: Any, path: str) -> str:
    with storage.open(path) as file:
        return str(file.read().decode())
