"""Hashed, compressed static files, ES-module imports included, and one stylesheet instead of a chain of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

# The browsable API is off.
UNUSED = ("rest_framework/",)
SHEET = "css/app.css"
IMPORT = re.compile(r'^@import "(?P<part>[\w/.-]+)" layer\((?P<layer>\w+)\);$', re.MULTILINE)


class ManifestStorage(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage that also rewrites `import … from` addresses inside our modules.

    The stylesheet is written in parts; a browser on a slow line gets them as one file.
    """

    support_js_module_import_aggregation = True
    # Pages name hashed files only, and compressing each file twice doubles the first start.
    keep_only_hashed_files = True

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        """Leave out what no page of ours loads, and write the parts of the stylesheet into one."""
        wanted = {name: path for name, path in paths.items() if not name.startswith(UNUSED)}
        if SHEET in wanted and not dry_run:
            self._join(wanted)
        yield from super().post_process(wanted, dry_run=dry_run, **options)

    def _join(self, paths: dict[str, Any]) -> None:
        sheet = _text(*paths[SHEET])
        parts = {f"css/{found['part']}" for found in IMPORT.finditer(sheet)}
        texts = {name: _text(*paths.pop(name)) for name in parts}
        joined = IMPORT.sub(lambda found: f"@layer {found[2]} {{\n{texts[f'css/{found[1]}']}}}", sheet)
        self.delete(SHEET)
        self._save(SHEET, ContentFile(joined.encode()))
        paths[SHEET] = (self, SHEET)


def _text(storage: Any, path: str) -> str:
    with storage.open(path) as file:
        return str(file.read().decode())
