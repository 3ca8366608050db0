"""The files that set the project up."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PINNED = ["base.txt", "dev.txt", "node.txt"]
REQUIREMENT = re.compile(r"^[a-z0-9][a-z0-9._-]*==\S+( ; .+)?$")


def requirements(name: str) -> list[str]:
    """One entry per package: its pin and its hashes."""
    return (ROOT / "requirements" / name).read_text().replace("\\\n", "").splitlines()


@pytest.mark.parametrize("name", PINNED)
def test_every_package_is_pinned_and_has_a_hash(name: str) -> None:
    for line in requirements(name):
        pin, *hashes = (part.strip() for part in line.split(" --hash="))
        assert REQUIREMENT.match(pin.strip())
        assert hashes
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest.strip()) for digest in hashes)


@pytest.mark.parametrize("name", [*PINNED, "base.in", "dev.in", "node.in"])
def test_no_requirement_names_an_address_or_a_path(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text()

    assert not re.search(r"://|--index|--extra-index|--find-links|file:|(?<![\w.])/", text)


def test_what_is_checked_is_what_runs() -> None:
    assert set(requirements("base.txt")) <= set(requirements("dev.txt"))


def test_the_lock_of_the_browser_parts_names_no_registry() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]

    assert [name for name, facts in packages.items() if "resolved" in facts] == []
    assert [name for name, facts in packages.items() if name and "integrity" not in facts] == []
    assert "omit-lockfile-registry-resolved=true" in (ROOT / ".npmrc").read_text().splitlines()


def test_ci_runs_what_a_developer_runs() -> None:
    commands = (ROOT / ".ci" / "run").read_text().splitlines()

    assert commands[-1] == "exec make test"


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """The services of docker-compose.yml, with what they share filled in."""
    read: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    return read


def test_the_system_is_made_of_these_services(services: dict[str, Any]) -> None:
    assert set(services) == {"postgres", "redis", "migrate", "web", "worker", "beat", "alipay"}


def test_every_service_that_stays_has_a_health_check(services: dict[str, Any]) -> None:
    in_image = (ROOT / "Dockerfile").read_text().count("HEALTHCHECK")
    without = [name for name, service in services.items() if "healthcheck" not in service]

    assert (without, in_image) == (["web"], 1)


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_the_site_waits_for_its_tables_and_runs_as_the_restricted_role(
    services: dict[str, Any], name: str
) -> None:
    service = services[name]

    assert service["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert service["environment"]["DATABASE_ROLE"] == "vtask_app"


def test_the_local_alipay_comes_with_the_demo_only(services: dict[str, Any]) -> None:
    assert services["alipay"]["profiles"] == ["demo"]


def test_no_service_has_a_key_of_its_own_in_the_file(services: dict[str, Any]) -> None:
    keys = ["SECRET_KEY", "FIELD_KEYS", "BLIND_INDEX_KEY", "ALIPAY_OUT_NO_SECRET", "METRICS_TOKEN"]

    assert [services["web"]["environment"][key] for key in keys] == [
        f"${{{key}:-}}" for key in keys
    ]


def test_the_image_does_not_run_as_root() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()

    assert [line for line in lines if line.startswith("USER")] == ["USER vtask"]
