"""A restart of the database costs those who ask at that moment, and nobody afterwards."""

import httpx
import pytest
from django.db import connection

from tests.faults import processes
from tests.faults.processes import Told
from tests.faults.world import World
from vtask.settings import database

pytestmark = [pytest.mark.faults, pytest.mark.xdist_group("faults")]


@pytest.mark.parametrize("pool", [0, 2])
def test_a_web_server_drops_the_connections_that_died(world: World, pool: int) -> None:
    facts = connection.settings_dict
    url = f"postgresql://{facts['USER']}@/{facts['NAME']}?host={facts['HOST']}"
    told = Told(database(url, role="", pool=pool), world.told.settings)
    with processes.web(told) as (_, address), httpx.Client(trust_env=False, verify=False) as http:
        assert http.get(f"{address}/readyz").status_code == 200
        world.database_drops_others()
        assert [http.get(f"{address}/readyz").status_code for _ in range(3)] == [200, 200, 200]
