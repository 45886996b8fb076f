"""A server whose catalogue is on PostgreSQL: what it answers while that is away."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from search.settings import Settings
from tests.cluster import Cluster
from tests.web.library import WatchedEngine, fruit_library
from web import create_app


def test_while_the_database_is_away_it_is_503_and_then_as_before(
    on_postgres: str, cluster: Cluster, tmp_path: Path
) -> None:
    library = fruit_library(tmp_path)
    with closing(WatchedEngine(library)) as engine:
        client = create_app(Settings(library=library), engine).test_client()
        asked = ("/api/v1/search?q=red+apple", "/api/v1/images", "/api/v1/stats", "/readyz")
        before = [client.get(path).json for path in asked[:2]]
        cluster.stop()
        try:
            for path in (*asked, "/?q=red", "/images/1"):
                answer = client.get(path)
                assert answer.status_code == 503, path
                assert answer.headers["Retry-After"] == "5"
                for secret in (str(tmp_path), "socket", "pomona-postgres"):
                    assert secret not in answer.text
                if answer.json:
                    assert answer.json["code"] == "library_unavailable"
            assert client.get("/healthz").status_code == 200
        finally:
            cluster.start()
        again = [client.get(path).json for path in asked[:2]]
        assert [_hits(answer) for answer in again] == [_hits(answer) for answer in before]
        assert client.get("/readyz").status_code == 200


def _hits(answer: object) -> object:
    assert isinstance(answer, dict)
    return answer.get("hits", answer.get("images"))
