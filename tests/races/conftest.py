"""After every race the books agree, whoever won."""

from collections.abc import Iterator

import pytest

from settlement import check
from tests.orders import NOW


@pytest.fixture(autouse=True)
def _the_books_agree(transactional_db: None) -> Iterator[None]:
    yield
    assert check.run(at=NOW).differences == []
