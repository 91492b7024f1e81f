# For users: demo, test, install, uninstall; the others are for developers. `make help` lists them.
SHELL := /bin/bash
CARGO ?= cargo
OPSCTL = target/$(shell rustc -vV | sed -n 's/^host: //p')/release/opsctl
PREFIX ?= $(HOME)/.local
# opsctl asks where both of these are terminals. Elsewhere nobody could answer: it says what it installs, and goes on.
YES ?= $(if $(CI),--yes,$(shell [ -t 0 ] && [ -t 2 ] || echo --yes))
# The tests' own minikube profile: never the user's.
export OPSCTL_TEST_PROFILE ?= opsctl-test
# Where bench/figure appends what soak and the benchmarks measured.
FIGURES ?= $(CURDIR)/docs/figures.md

.PHONY: demo help test test-quick test-fast test-unit test-api test-image test-live test-live-told soak simulate contract mutants lint bench bench-election bench-timestamps build prepare redis-server docker-compose wrk install uninstall completions clean

demo: build ## a real cluster, redis and data, from nothing
	$(OPSCTL) check minikube --fix $(YES)
	$(OPSCTL) up $(YES)

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

build: ## the opsctl program
	$(CARGO) build --release --locked

prepare: build ## installs or builds what the tests need: Docker, kubectl, redis-server, the bundle
	$(OPSCTL) check minikube --fix $(YES)
	@command -v redis-server >/dev/null || $(MAKE) --no-print-directory redis-server
	@docker compose version >/dev/null 2>&1 || command -v docker-compose >/dev/null || $(MAKE) --no-print-directory docker-compose
	$(OPSCTL) bundle build

SUDO = $(if $(filter-out 0,$(shell id -u)),sudo )
INSTALL = $(SUDO)apt-get install --no-install-recommends $@

# For the tests and benchmarks alone, which have no use for redis-server's service. They ask like opsctl.
redis-server docker-compose wrk:
	@if [ -z "$(YES)" ]; then \
	  { : </dev/tty; } 2>/dev/null || \
	  { echo "The tests need $@, and there is no terminal to ask: $(INSTALL)" >&2; exit 1; }; \
	  read -r -p "The tests need $@: $(INSTALL)? [y/N] " answer </dev/tty; \
	  [[ "$$answer" = [yY]* ]] || { echo "Not installed: $(INSTALL)" >&2; exit 1; }; \
	fi
	@echo "The tests need $@: $(INSTALL)"
	@{ $(INSTALL) -y -qq || { $(SUDO)apt-get update -qq && $(INSTALL) -y -qq; }; } >/dev/null
	@[ $@ != redis-server ] || [ ! -d /run/systemd/system ] || $(SUDO)systemctl disable --now --quiet redis-server

# The quick tiers run, one after the other, beside the first stages of the live one, which wait more than they work. It
# goes on to the others once the quick tiers have ended: together they took so much of two processors that masters lost
# their leases.
test: lint prepare ## everything, on a real two-node cluster
	$(CARGO) test --release --locked --no-run
	+@beside=$$(mktemp) && echo $$$$ >"$$beside" && trap 'rm -f "$$beside"' EXIT && \
	  OPSCTL_TEST_BESIDE=$$beside $(MAKE) --no-print-directory -j2 --output-sync=target test-live-told test-quick \
	  || { echo "A tier failed: the line above with *** names it." >&2; exit 1; }

test-quick:
	+@code=0; for tier in $(FAST); do $(MAKE) --no-print-directory $$tier || code=1; done; rm -f "$$OPSCTL_TEST_BESIDE"; exit $$code

FAST = test-api test-unit test-image

test-fast: ## unit tests, the binary with fake tools, a real API server without nodes, the images
	$(CARGO) test --release --locked --no-run
	+@$(MAKE) --no-print-directory -j3 --output-sync=target $(FAST)

# What only root can try is ignored elsewhere, and counted as that.
ALL = $(if $(filter 0,$(shell id -u)),--include-ignored)

# Shells that a developer need not have: what is tried in one that is missing is skipped, and counted as filtered out.
MISSING = $(foreach name,zsh fish,$(if $(shell command -v $(name)),,$(name)))

# They wait more than they work: side by side.
test-unit: ## of test-fast: the unit tests, and the binary with fake tools
	@$(foreach name,$(MISSING),echo "SKIPPED: completion in $(name), which is not installed (apt-get install $(name))";)
	$(CARGO) test --release --locked --lib --bins --test cli --test completions --test house --test sandbox \
	  -- $(ALL) $(foreach name,$(MISSING),--skip $(name)_offers)
test-api: ## of test-fast: the real API server without nodes
	$(CARGO) test --release --locked --test api -- --test-threads=8 --show-output
test-image: ## of test-fast: the images with Docker alone
	$(CARGO) test --release --locked --test image_redis --test image_timestamps --test image_web -- --test-threads=2 --show-output

test-live: ## each demand in its shortest meaningful form, on a real two-node cluster
	$(CARGO) test --release --locked --test live

# Line by line, beside others that speak when they have ended.
test-live-told:
	+@$(MAKE) --no-print-directory --output-sync=none test-live

soak: prepare ## the full counts; appends their figures to docs/figures.md
	OPSCTL_REQUESTS=10000 $(CARGO) test --release --locked --lib timestamps::tests::contract
	@REQUESTS=10000 $(SHELL) tests/schemathesis || { [ $$? -eq 3 ] && echo "Not judged by schemathesis, which is missing: make contract"; }
	OPSCTL_LINES=1000000 $(CARGO) test --release --locked --lib redis::reader::words
	OPSCTL_GENERATED_SECONDS=600 OPSCTL_SEED=$$(date +%s) $(CARGO) test --release --locked --lib redis::reader::generated
	OPSCTL_SOAK=1 OPSCTL_FIGURES='$(FIGURES)' $(CARGO) test --release --locked --test cli bulk -- --test-threads=1
	OPSCTL_SOAK=1 $(CARGO) test --release --locked --test image_redis memory -- --include-ignored --test-threads=1 --show-output
	OPSCTL_SOAK=1 $(CARGO) test --release --locked --test image_timestamps -- --show-output
	OPSCTL_SOAK=1 OPSCTL_FIGURES='$(FIGURES)' $(CARGO) test --release --locked --test live

simulate: ## the election's protocol: many more seeded worlds than `make test` has, in a minute
	OPSCTL_SEEDS=$${OPSCTL_SEEDS:-100000} $(CARGO) test --release --locked --lib election::simulation -- --nocapture

mutants: ## changes the code in small ways, and looks whether the unit tests notice; SAMPLE=60 SEED=1, DIFF=main. Needs cargo-mutants
	tests/mutants

# DENY=required fails where cargo-deny is missing.
lint: ## rustfmt and clippy; cargo-deny and promtool if they are installed
	$(CARGO) fmt --check
	$(CARGO) clippy --release --locked --all-targets -- -D warnings
	@if command -v cargo-deny >/dev/null; then \
	  $(CARGO) deny --locked check bans licenses sources && \
	  if $(CARGO) deny --locked fetch db; then $(CARGO) deny --locked check --disable-fetch advisories; \
	  else echo "SKIPPED: advisories, their database could not be fetched"; fi; \
	else \
	  echo "SKIPPED: bans, licences, sources and advisories; cargo-deny is not installed (cargo install --locked cargo-deny)"; \
	  [ "$(DENY)" != required ]; \
	fi
	@if command -v promtool >/dev/null; then promtool check rules deploy/timestamps/alerts.yml && promtool test rules deploy/timestamps/alerts-test.yml; else echo "promtool is not installed: alerts not checked by it (apt-get install prometheus)"; fi

bench: prepare bench-timestamps ## ratios against what a user would run instead; appends them to docs/figures.md
	@command -v wrk >/dev/null || $(MAKE) --no-print-directory wrk
	OPSCTL_FIGURES='$(FIGURES)' bench/run
	OPSCTL_FIGURES='$(FIGURES)' bench/web
	OPSCTL_FIGURES='$(FIGURES)' bench/import

bench-election: prepare ## the elector against client-go's, in the same pods; likewise
	OPSCTL_FIGURES='$(FIGURES)' bench/election

bench-timestamps: build ## the timestamp API against Flask under gunicorn; likewise. Needs wrk and pip's packages
	OPSCTL_FIGURES='$(FIGURES)' bench/timestamps

contract: build ## schemathesis, a judge that is not ours, against the timestamp API; REQUESTS=1000. Needs pip's packages
	tests/schemathesis

completions: build ## the static completions, which a test holds to the code
	$(OPSCTL) completions bash > completions/opsctl.bash
	$(OPSCTL) completions zsh > completions/_opsctl
	$(OPSCTL) completions fish > completions/opsctl.fish
	$(OPSCTL) completions powershell > completions/_opsctl.ps1

RC_LINE = source <(COMPLETE=bash opsctl)  \# opsctl completion

install: build ## binary and completions below PREFIX; RC=~/.bashrc also adds the line for the shell
	install -D -m 0755 $(OPSCTL) $(DESTDIR)$(PREFIX)/bin/opsctl
	install -D -m 0644 completions/opsctl.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/opsctl
	install -D -m 0644 completions/_opsctl $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_opsctl
	install -D -m 0644 completions/opsctl.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/opsctl.fish
	@if [ -n "$(RC)" ]; then grep -qF '# opsctl completion' $(RC) 2>/dev/null || echo '$(RC_LINE)' >> $(RC); \
	else echo 'For completion that knows your profiles, put this line into ~/.bashrc (or: make install RC=~/.bashrc):'; echo '  $(RC_LINE)'; fi

uninstall: ## the inverse of install
	rm -f $(DESTDIR)$(PREFIX)/bin/opsctl $(DESTDIR)$(PREFIX)/share/bash-completion/completions/opsctl \
	  $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_opsctl $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/opsctl.fish
	@if [ -n "$(RC)" ] && [ -f "$(RC)" ]; then sed -i '/# opsctl completion$$/d' $(RC); fi

clean:
	$(CARGO) clean
