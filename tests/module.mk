# The tests: `tests/list` names them all, `tests/run` runs them. A test's folder builds what it needs in its
# own module.mk and adds that to TEST_NEEDS.

TEST_NEEDS :=
include $(wildcard tests/*/module.mk)

.PHONY: test test-all lint
test: all $$(TEST_NEEDS)
	$(Q)BUILD=$(BUILD) tests/run quick

test-all: all $$(TEST_NEEDS)
	$(Q)BUILD=$(BUILD) SHARD=$(SHARD) tests/run full

lint:
	$(call say,LINT,shell scripts)
	$(Q)git grep -lE '^#!/bin/(ba)?sh' -- . ':!*.md' | xargs shellcheck -S warning
