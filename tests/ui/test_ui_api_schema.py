"""The OpenAPI document tells the truth: schemathesis sends what it allows, and what it does not."""

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks

import db
from core.inference import Coder
from tests.ui.accounts import Hands
from tests.ui.calling import HOST, Caller, Office, office
from ui.api.app import document
from ui.api.manual import MANUAL, manual

NOTES = 2  # stored; a number beyond is of no note
SCHEMA = schemathesis.openapi.from_dict(document())
SCHEMA.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
SCHEMA.config.checks.negative_data_rejection.expected_statuses = ["4xx"]  # 413, too
OPEN = ("/v1/health", "/v1/login")
QUERIES = {"/v1/codes": {"search": "fever"}}
I10 = {"kind": "accept", "code": {"system": "ICD-10-CM", "code": "I10"}, "seen": 0}
BODIES = {"/v1/suggest": {"text": "fever"}, "/v1/notes/{number}/decisions": I10}
CALLERS = ("Lena", "Cora", None)
UNCHECKED = [
    checks.positive_data_acceptance,  # what fits the schema may still be no code of any table
    checks.ignored_auth,  # asked for below, of every operation: each case is sent as three people
    checks.missing_required_header,
]
BOUNDED = settings(
    max_examples=8, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, model: Coder) -> Iterator[Office]:
    engine = db.connect(tmp_path_factory.mktemp("api") / "evicode.sqlite")
    db.migrate(engine)
    made = office(engine, model, Hands())
    lead = made.caller("Lena")
    for number in range(NOTES):
        lead.keep(f"Fever and cough, letter {number}.", f"letter {number}")
    yield made
    engine.dispose()


@pytest.fixture(scope="module")
def callers(place: Office) -> list[Caller]:
    return [place.caller(name) for name in CALLERS]


@SCHEMA.parametrize()
@BOUNDED
def test_whatever_is_sent_the_answer_is_one_that_the_document_names(
    case: schemathesis.Case, callers: list[Caller]
) -> None:
    number = (case.path_parameters or {}).get("number")
    if isinstance(number, int) and number > 0:
        case.path_parameters["number"] = 1 + number % (NOTES + 1)
    for caller in callers:
        case.headers.pop("Authorization", None)
        if caller.token is not None and case.path != "/v1/logout":  # they still need their login
            case.headers["Authorization"] = f"Bearer {caller.token}"
        answer = caller.client.request(**case.as_transport_kwargs(base_url=HOST))
        case.validate_response(answer, excluded_checks=UNCHECKED)
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", [path for path in SCHEMA.raw_schema["paths"] if path not in OPEN])
def test_without_a_login_no_operation_answers(place: Office, path: str) -> None:
    for method in SCHEMA.raw_schema["paths"][path]:
        sent = {"json": BODIES[path]} if path in BODIES and method == "post" else {}
        answer = place.client.request(
            method, path.format(number=1), params=QUERIES.get(path), **sent
        )
        assert answer.status_code == 401, (method, path)
        assert answer.headers["www-authenticate"] == "Bearer"
        assert answer.json()["detail"] == "nobody is logged in here; log in first"


def test_the_manual_is_what_the_document_says() -> None:
    assert manual(document()) == MANUAL.read_text("utf-8"), (
        "run python -m ui.api.manual > docs/api.md"
    )


def test_every_operation_and_every_field_of_a_request_is_explained() -> None:
    found = document()
    operations = [each for path in found["paths"].values() for each in path.values()]
    assert all(each["description"].strip() for each in operations)
    schemas = found["components"]["schemas"]
    assert [name for name, each in schemas.items() if not each.get("description")] == []


def test_no_page_of_documentation_loads_scripts_from_elsewhere(place: Office) -> None:
    for path in ("/", "/docs", "/redoc"):
        assert place.client.get(path).status_code == 404
    assert place.client.get("/openapi.json").json() == document()
