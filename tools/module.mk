# The tool stack of dom0: one folder a program, each with its module.mk.

include $(wildcard tools/*/module.mk)
