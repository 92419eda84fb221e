# What a person or a build machine asks for. Every target sets up what it needs and says in one line
# what it cannot; nothing is installed that is there already.

CARGO ?= cargo
SETUP := tests/setup

.PHONY: help run ui test lint build tests twin web e2e screens soak fuzz bench

help:
	@echo "make run        set up this machine and run a centre to try, on 127.0.0.1"
	@echo "make ui         build the pages that the binary carries"
	@echo "make test       every check and test"
	@echo "make lint       formatting, lints and documentation only"
	@echo "make soak       the long forms of the scenarios"
	@echo "make fuzz       mutate what comes from outside, a minute a target (nightly Rust, cargo-fuzz)"
	@echo "make bench      measure a release build on loopback"

run: ui
	@$(SETUP) run
	$(CARGO) run --package ngcc -- demo

# The pages: built before the binary, which carries them.
ui:
	@$(SETUP) web
	cd web && npm run build --silent

test: lint ui build tests twin web e2e

lint:
	@$(SETUP) lint
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --document-private-items --locked

# One build for the tests and for the binary they run: the features are those of the whole workspace.
build:
	@$(SETUP) test
	$(CARGO) test --workspace --locked --no-run
	$(CARGO) build --workspace --locked --bins

# Types, units, sizes of the pages.
web:
	cd web && npm run check --silent && npm test --silent

# The pages in a real browser, against a real centre, with real sound.
e2e:
	@$(SETUP) browser
	cd web/e2e && npx playwright test

# Each phase of a call is killed eight times; NGCC_TEST_ROUNDS says otherwise, and `make soak` kills it a hundred times.
tests:
	$(CARGO) test --workspace --locked

# The scenarios once more over the bus that writes every envelope as JSON and repeats some.
twin:
	NGCC_TEST_BUS=serialising $(CARGO) test --workspace --locked --test scenarios --test web

soak: build
	NGCC_SOAK=1 $(CARGO) test --workspace --locked --test scenarios -- --nocapture
	NGCC_SOAK=1 $(CARGO) test --workspace --locked --test web cuts:: -- --nocapture
	NGCC_SOAK=1 $(CARGO) test --workspace --locked --test bench browsers_ -- --nocapture

fuzz:
	@$(SETUP) fuzz
	cd softacd/core/fuzz && for target in $$($(CARGO) +nightly fuzz list); do \
		$(CARGO) +nightly fuzz run "$$target" -- -max_total_time=60 -rss_limit_mb=2048 || exit 1; done
	cd collab/core && for target in $$($(CARGO) +nightly fuzz list); do \
		mkdir -p "fuzz/corpus/$$target" && \
		$(CARGO) +nightly fuzz run "$$target" "fuzz/corpus/$$target" "fuzz/seeds/$$target" -- \
			-dict=fuzz/page.dict -max_total_time=60 -rss_limit_mb=2048 || exit 1; done

bench:
	@$(SETUP) bench
	$(CARGO) build --release --package ngcc --locked
	target=$$($(CARGO) metadata --no-deps --format-version 1 | sed 's/.*"target_directory":"\([^"]*\)".*/\1/'); \
	for what in sip media conference queue chat consoles collab webrtc; do "$$target/release/ngcc" bench "$$what" || exit 1; done

# The pictures of docs/screens, from a running demo.
screens:
	@$(SETUP) browser
	cd web/e2e && npx playwright test --config screens.config.ts
