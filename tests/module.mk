# The tests: `tests/list` names them all, `tests/run` runs them. A test's folder builds what it needs in its
# own module.mk and adds that to TEST_NEEDS.

TEST_NEEDS :=
include $(wildcard tests/*/module.mk tests/pv-drivers/*/module.mk)

.PHONY: test test-all test-needs lint
test-needs: all $$(TEST_NEEDS)
test: test-needs
	$(Q)BUILD=$(BUILD) tests/run quick

test-all: test-needs
	$(Q)BUILD=$(BUILD) SHARD=$(SHARD) tests/run full

lint:
	$(call say,LINT,shell scripts)
	$(Q)git grep -lE '^#!/bin/(ba)?sh' -- . ':!*.md' | xargs shellcheck -S warning
