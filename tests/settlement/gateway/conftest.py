"""Keys and settings of a shop that exists only here."""

from pathlib import Path

import pytest
from pytest_django import Settings

from tests.settlement.gateway.alipay import APP_ID, SELLER_ID, write_keys


@pytest.fixture(scope="session")
def keys_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_keys(tmp_path_factory.mktemp("alipay-keys"))


@pytest.fixture(autouse=True)
def shop(settings: Settings, keys_dir: Path) -> None:
    settings.ALIPAY_APP_ID = APP_ID
    settings.ALIPAY_SELLER_ID = SELLER_ID
    settings.ALIPAY_GATEWAY_URL = "https://gateway.invalid/gateway.do"
    settings.ALIPAY_KEYS_DIR = keys_dir
