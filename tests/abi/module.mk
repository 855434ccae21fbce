# The public headers against libxen-dev, and the pages about them: make abi-test.

.PHONY: abi-test
abi-test:
	$(Q)tests/abi/compare --cc $(CC)
	$(Q)tests/abi/documented
