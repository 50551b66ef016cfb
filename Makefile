# Commands for people; CI runs the same ones.
PYTHON ?= python3
VENV ?= .venv
PORT ?= 8501
LIBRARY ?= .bifolio/sample

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt
ASK := $(BIN)/bifolio ask --library $(LIBRARY)
# In English, in Chinese, and in Chinese about an English document.
QUESTIONS := "After carbon dioxide was released into the engine room, how long before anyone may go in?" "我在公司干了六年，一年能休几天年假？" "可以带狗上船吗？"

.PHONY: help chat demo test check format install samples bench-env clean

help: ## show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "%-10s %s\n", $$1, $$2}' Makefile

chat: demo ## ask three questions of sample_docs, then serve the web chat
	$(BIN)/bifolio chat --library $(LIBRARY) --port $(PORT)

demo: install ## ask three questions of sample_docs
	$(BIN)/ingest --library $(LIBRARY) sample_docs
	@for question in $(QUESTIONS); do printf '\n> %s\n\n' "$$question"; \
	    $(ASK) "$$question" || [ $$? -eq 4 ] || exit 1; done

test: $(VENV)/.test ## run the whole suite
	$(BIN)/python -m pytest -n 2 --dist loadfile --max-worker-restart 0

check: $(VENV)/.test ## formatting, lint, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/mypy training
	MYPYPATH=bench:tests $(BIN)/mypy --no-warn-return-any --allow-untyped-calls bench/*.py
	$(BIN)/lint-imports --no-cache

format: $(VENV)/.test ## put the code into the house's form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

install: $(VENV)/.installed ## the package and what it needs

samples: ## write the sample PDFs anew (tests/sample_docs/generate.py says what it needs)
	$(BIN)/python tests/sample_docs/generate.py

bench-env: install ## the libraries that bench/rerank.py and bench/embed.py measure ours against
	$(BIN)/python bench/peers.py

# Modules that are added or renamed need a new editable install, so every list of files counts.
SOURCES := $(shell find app ingest retrieval ui -name '*.py' -o -name '*.sql' -o -name '*.css')

$(VENV)/.installed: pyproject.toml constraints.txt $(SOURCES)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) -e .
	@touch $@

$(VENV)/.test: $(VENV)/.installed
	$(PIP) -e '.[test]'
	@touch $@

clean: ## remove what was built; libraries stay
	rm -rf $(VENV) build dist *.egg-info
