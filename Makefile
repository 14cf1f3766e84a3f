# Every command of the project; `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON := .venv/bin/python
YINGDA := $(PYTHON) -m bot.cli
# Any Python that runs will do for this one (a pyenv shim may not): it finds or gets Python 3.10 itself.
ANY_PYTHON = $(shell for name in python3 python3.13 python3.12 python3.11 python3.10 python; do \
	"$$name" -c "" 2>/dev/null && { echo "$$name"; break; }; done)
WEB_SOURCES := $(shell find bot/web -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)

export RASA_TELEMETRY_ENABLED := false
export TF_CPP_MIN_LOG_LEVEL := 2
export SQLALCHEMY_SILENCE_UBER_WARNING := 1
export PYTHONUNBUFFERED := 1

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z][a-zA-Z-]*:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: install web ## Install, build, import, train and start everything; prints the address of the demo page
	@$(YINGDA) prepare
	@exec $(YINGDA) run

.PHONY: test
test: install web ## Run the whole test suite, the browser test included
	@$(PYTHON) -m tests.requirements
	@$(PYTHON) -m bot.web_tools npm --prefix bot/web test
	@$(PYTHON) -m pytest

.PHONY: install
install: .venv/.installed ## Install the locked packages into .venv (finds or gets Python 3.10)

.venv/.installed: requirements.lock bot/bootstrap.py
	@test -n "$(ANY_PYTHON)" || { echo "make needs some Python 3 on PATH to begin with: apt-get install python3"; exit 1; }
	@$(ANY_PYTHON) bot/bootstrap.py
	@touch $@

.PHONY: web
web: bot/web/dist/.built ## Build the chat widget and the demo page

bot/web/dist/.built: .venv/.installed $(WEB_SOURCES)
	@$(PYTHON) -m bot.web_tools npm --prefix bot/web ci --silent
	@$(PYTHON) -m bot.web_tools npm --prefix bot/web run build --silent
	@touch $@

.PHONY: train
train: install ## Import the sample logs and train, if anything has changed
	@$(YINGDA) prepare

.PHONY: evaluate
evaluate: install ## Measure the trained model on the held-out test set
	@$(YINGDA) evaluate

.PHONY: bench
bench: install ## Time a second `make run`: until it is ready, and until a first message is answered
	@$(PYTHON) -m tests.benchmarks.start

.PHONY: load
load: install ## Let 10 customers chat for a minute with the product that runs on this machine (Locust)
	@$(PYTHON) -m locust --locustfile tests/load/locustfile.py --host http://127.0.0.1:$${YINGDA_PORT:-8000} \
		--headless --users 10 --spawn-rate 5 --run-time 60s --only-summary

.PHONY: lint
lint: install ## Check style and imports
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .

.PHONY: lock
lock: install ## Resolve the dependencies of pyproject.toml into requirements.lock
	@.tools/uv pip compile -q --python $(PYTHON) pyproject.toml --extra dev --generate-hashes --no-header -o requirements.lock 2>/dev/null || uv pip compile -q --python $(PYTHON) pyproject.toml --extra dev --generate-hashes --no-header -o requirements.lock

.PHONY: clean
clean: ## Remove what can be made again (models, builds, caches); databases and logs stay
	@rm -rf models .rasa bot/web/dist bot/web/node_modules .pytest_cache .ruff_cache
