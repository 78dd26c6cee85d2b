all:
	@echo "make demo | test | test-fast | torture | bench | lint"
