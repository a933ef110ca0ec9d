# The only commands to remember. Each does its own set-up, says what it is doing, and can be run again.

.PHONY: $(shell sed -nE 's/^([a-z-]+):.*/\1/p' Makefile)

help: ## Show this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 24

run: ## Build everything and start Gradus on this machine
	@scripts/run

test: ## The whole suite, from nothing: lints, Rust, PostgreSQL, Docker, browser
	@scripts/test

fuzz: ## Feed every parser hostile inputs for a minute (FUZZ_SECONDS=…, PROPTEST_CASES=…)
	@scripts/fuzz

bench: ## Measure every figure beside its peers, in a quarter of an hour, into docs/benchmarks (ROWS="echo verdict")
	@scripts/bench $(ROWS)

bench-smoke: ## A minute of it with three times the slack: has something become much slower?
	@scripts/bench --smoke

hostile: ## Do to Gradus what learners may try: every hostile case, or CASES="A01 F*"
	@scripts/hostile $(foreach case,$(CASES),"$(case)")

hostile-forging: ## Try every way of forging a result, in every language and mode; rewrites docs/forging.md
	@scripts/hostile --forging-table docs/forging.md 'F*'

cluster: ## Many machines on this one, killed, cut off, overrun: a quarter of an hour into docs/cluster (CASES="kills noisy", SMALL=1)
	@scripts/cluster $(if $(SMALL),--small) $(CASES)

simulate: ## Look for the order of events that loses a hand-in: SEEDS days (20000) under faults
	@cargo run --quiet --package simulation -- --seeds $${SEEDS:-20000}

soak: ## Hand in for MINUTES=20, a tenth of it hostile, while API and agent are killed at random
	@scripts/hostile --soak $(or $(MINUTES),20)

hostile-knockout: ## Drop each control of the sandbox, one at a time, and see a hostile case turn red (docs/knock-out.md)
	@scripts/hostile --knock-out

fmt: ## Format Rust and TypeScript
	@cargo fmt --all
	@cd ide && npm run --silent fix
	@cd e2e && npm run --silent fix

lint: ## Formatting, clippy, Biome, types, units of the IDE: nothing that needs a container
	@scripts/lint

images: ## Build the lesson images whose inputs changed
	@scripts/setup docker
	@lesson-images/build

guest: ## Build the static guest that sits in every container
	@scripts/build-guest

ide: ## Build the browser IDE into ide/dist
	@scripts/setup node
	@scripts/build-ide

generated: ## Rewrite the committed generated files (TypeScript types, OpenAPI)
	@scripts/generate

screenshots: ## Retake docs/screenshots from the real thing
	@scripts/screenshots

doctor: ## Say what this machine lacks, and the command that mends it
	@cargo run --quiet --package gradus -- doctor

sandbox: guest ## Try every control of the sandbox on this machine
	@cargo run --quiet --package gradus -- doctor --sandbox

clean: ## Remove build output and the local data of `make run`
	@rm -rf target ide/dist ide/node_modules e2e/node_modules .gradus
