"""docs/api.md: how to begin, then every operation as the OpenAPI document has it.

`python -m ui.api.manual > docs/api.md` writes it; a test compares the two and runs its commands.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ui.api.app import document

MANUAL = Path(__file__).resolve().parents[2] / "docs" / "api.md"
JSON = Mapping[str, Any]  # Any: OpenAPI

_HEAD = """# Suggestions and decisions over HTTP

The services of the app without its pages, for a record system, a script, or a page of your own. It
is a process of its own beside the app, on the same database:

    make serve                                     # one user, this computer only
    python -m ui.api --host 127.0.0.1 --port 8600  # with the app's accounts, behind https

The same people, rights and limits as in the app: whoever may not do something there may not do it
here ([why so](decisions/0028-http.md)). The whole contract is at `/openapi.json`. This page is
written by `python -m ui.api.manual`; a test compares the two, and runs the commands below.

## A whole chart

Log in, and keep the token (in single-user mode leave this out; a header `X-Coder` says who codes):

```sh
EVICODE=${EVICODE:-http://127.0.0.1:8600}
TOKEN=$(curl -fsS $EVICODE/v1/login --json \
    '{"name": "Lena", "password": "three grey boats at noon"}' | jq -r .token)
AS="Authorization: Bearer $TOKEN"
```

Store a note, as text or as a FHIR DocumentReference (or a Bundle of them):

```sh
curl -fsS $EVICODE/v1/notes -H "$AS" --json \
    '{"id": "letter-17", "text": "Fever and cough. No diabetes."}'
curl -fsS $EVICODE/v1/notes -H "$AS" -H 'Content-Type: application/fhir+json' -d '{
    "resourceType": "DocumentReference", "status": "current",
    "identifier": [{"value": "letter-18"}], "subject": {"reference": "Patient/42"},
    "content": [{"attachment": {"contentType": "text/plain",
        "data": "RmV2ZXIgYW5kIGNoZXN0IHBhaW4u"}}]}' | tee stored.json
NOTE=$(jq .notes[0].note stored.json)
```

Open its chart: the suggestions are kept as they are sent. `sequence` is what you have seen:

```sh
curl -fsS $EVICODE/v1/notes/$NOTE/suggestions -H "$AS" --json '{}' > list.json
jq '.suggestions[:3][] | {code: .code.code, title, probability, evidence}' list.json
```

Decide. 201 says that the decision is on disk; 409, that somebody else was first. Evidence is in
code points of the note's text. The same `Idempotency-Key` again changes nothing:

```sh
SCREEN=$(jq .screen list.json) SEEN=$(jq .sequence list.json)
curl -fsS $EVICODE/v1/notes/$NOTE/decisions -H "$AS" \\
    -H "Idempotency-Key: 6c1f7c6e-5f4e-4d3b-9a57-0f2a3c1d9b11" --json '{"kind": "accept",
    "code": {"system": "ICD-10-CM", "code": "R50.9"}, "screen": '$SCREEN', "seen": '$SEEN',
    "evidence": [{"start": 0, "end": 5}]}'
curl -fsS "$EVICODE/v1/codes?search=chest+pain" -H "$AS" | jq '.codes[0]'
curl -fsS $EVICODE/v1/notes/$NOTE/decisions -H "$AS" --json '{"kind": "add",
    "code": {"system": "ICD-10-CM", "code": "R07.89"}, "seen": 1}'
```

Finish the chart (422 names every error that is to be mended first), and take it home as FHIR:

```sh
curl -fsS -X POST $EVICODE/v1/notes/$NOTE/finish -H "$AS" | jq '{status, findings}'
curl -fsS $EVICODE/v1/notes/$NOTE/fhir -H "$AS" | jq '[.entry[].resource.resourceType]'
```

For a text that is not to be stored, and when the work is done:

```sh
curl -fsS $EVICODE/v1/suggest -H "$AS" --json '{"text": "Fever and cough.", "top": 3}'
curl -fsS -X POST $EVICODE/v1/logout -H "$AS"
```

## What holds everywhere

- **Failures** are `application/problem+json` (RFC 9457) with `type`, `title`, `status` and
  `detail`. `type` is `urn:evicode:problem:` and the kind; `mistakes` lists what does not fit the
  schema, `findings` what keeps a chart from being finished. No answer that failed holds a word of
  a note. Every answer has an `X-Request-Id`, as in the log.
- **Tokens** go into `Authorization: Bearer`; cookies are not looked at. They end after 15 minutes
  without a request and 12 hours after the login, and with the account. After five wrong passwords
  a name has to wait.
- **A chart is one coder's** from opening it, or deciding on it, until 15 minutes after the last
  request, `release` or `finish`; somebody else gets 409 and the name.
- **Blind charts**: second codings, adjudication and first lists made without suggestions
  (`withheld`) stay in the app. Who also codes a second time sees what stands on a note only after
  opening its chart.
- **Memory** of this process learns from each decision made here, and on start from all there are.
  What is decided in the app meanwhile is learned with the next start.
- **Sizes**: 25 MB for notes, 2 MB for all else, 16 kB before logging in; a note has at most
  200,000 characters.
- **Nothing is fetched**, no page is served, and no site of another origin is answered (there is
  no CORS).

## Operations
"""


def manual(found: JSON) -> str:
    """The page for this OpenAPI document."""
    return _HEAD + "\n".join(_operations(found)) + "\n"


def _operations(found: JSON) -> Iterator[str]:
    for path, methods in found["paths"].items():
        for method, operation in methods.items():
            yield f"\n### {method.upper()} {path}\n\n{_flowing(operation['description'])}\n"
            yield from _parameters(operation)
            yield from _body(operation)
            yield f"- answers: {', '.join(map(_answer, operation['responses'].items()))}"
    yield "\n## What is sent and answered\n"
    for name, schema in sorted(found["components"]["schemas"].items()):
        if "properties" in schema:
            yield f"\n### {name}\n\n{_flowing(schema.get('description', ''))}\n"
            yield from (_field(field, of, schema) for field, of in schema["properties"].items())


def _parameters(operation: JSON) -> Iterator[str]:
    for each in operation.get("parameters", ()):
        said = each.get("description") or each["schema"].get("description", "")
        yield f"- {each['in']} `{each['name']}` ({_type(each['schema'])}): {_flowing(said)}".rstrip(
            ": "
        )


def _body(operation: JSON) -> Iterator[str]:
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f"- body `{media}`: {_type(content['schema'])}"


def _answer(answered: tuple[str, JSON]) -> str:
    status, response = answered
    content = response.get("content", {})
    kinds = [
        _type(each["schema"]) for media, each in content.items() if media == "application/json"
    ]
    return f"{status} {kinds[0]}" if kinds else status


def _field(name: str, schema: JSON, of: JSON) -> str:
    needed = "" if name in of.get("required", ()) else ", optional"
    said = _flowing(schema.get("description", ""))
    return f"- `{name}` ({_type(schema)}{needed})" + (f": {said}" if said else "")


def _type(schema: JSON) -> str:
    """The type in a few words: `text`, `list of Listed`, `accept`."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " or ".join(dict.fromkeys(map(_type, schema[key])))
    if "const" in schema or "enum" in schema:
        values = schema.get("enum", [schema.get("const")])
        return " or ".join(f"`{value}`" for value in values)
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    return str({"string": "text", "integer": "whole number"}.get(schema["type"], schema["type"]))


def _flowing(text: str) -> str:
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


if __name__ == "__main__":
    sys.stdout.write(manual(document()))
