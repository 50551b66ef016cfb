"""The server keeps to its own OpenAPI, whatever is sent: schemathesis sends it.

A longer run: ``BIFOLIO_EXAMPLES=200 pytest tests/test_serve_schema.py``.
"""

import os
from collections.abc import Iterator

import pytest
import schemathesis
from conftest import OverlapReranker, WordEmbedder
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)
from serving import Running, running
from test_serve_many import put

from bifolio import Library, Models

_EXAMPLES = int(os.environ.get("BIFOLIO_EXAMPLES", "5"))
_CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("schema") / "library"
    library = Library(folder, models=Models(WordEmbedder(), OverlapReranker()))
    put(library, "a.txt", "The ferry price is five crowns.")
    with running(library) as server:
        yield server


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_every_answer_is_as_the_schema_says(server: Running, mode: GenerationMode) -> None:
    schema = schemathesis.openapi.from_url(f"{server.url}/openapi.json")
    checks = [*_CHECKS, negative_data_rejection] if mode.is_negative else _CHECKS
    asked = 0
    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=_EXAMPLES,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate],
            derandomize=True,
            database=None,
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def _check(case: schemathesis.Case) -> None:
            nonlocal asked
            # The library that there is, else nearly all would ask for one that is not.
            if "library" in case.path_parameters and not mode.is_negative:
                case.path_parameters["library"] = "library"
            answer = case.call()
            # schemathesis does not take a body that is too large for one that is wrong.
            if answer.status_code != 413:
                case.validate_response(answer, checks=checks)
            asked += 1

        try:
            _check()
        except Exception as problem:
            if "Unsatisfiable" not in type(problem).__name__:
                raise
    assert asked > 20
