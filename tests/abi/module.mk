# The public headers against libxen-dev's: make abi-test.

.PHONY: abi-test
abi-test:
	$(Q)tests/abi/compare --cc $(CC)
