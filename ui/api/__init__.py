"""Suggestions and decisions over HTTP, for programs: the services of the pages, without the pages.

`python -m ui.api` starts it; docs/api.md is its manual, docs/decisions/0028-http.md says why so.
"""
