# What the layers' recipes share. `sam build` runs them with ARTIFACTS_DIR set.

LAYERS := $(abspath $(dir $(lastword $(MAKEFILE_LIST))))
TARGET := $(ARTIFACTS_DIR)/python
# Any Python with pip can fetch another one's wheels.
LAYER_PYTHON ?= python3
LAYER_MACHINE ?= aarch64
# The runtime's system is Amazon Linux 2023 (glibc 2.34), which takes both of these.
FETCH := $(LAYER_PYTHON) -m pip install --quiet --disable-pip-version-check --no-input --no-compile --no-deps \
  --require-hashes --only-binary=:all: --implementation cp --python-version 3.13 \
  --platform manylinux_2_28_$(LAYER_MACHINE) --platform manylinux2014_$(LAYER_MACHINE)

# /opt is read-only: what is not compiled here is compiled anew at every cold start. The files never change,
# so the runtime need not compare them with their sources. Without the runtime's own Python, go on and say so.
define compile
	@if python="$$($(LAYERS)/python313)"; then \
	  "$$python" -m compileall -q -f --invalidation-mode unchecked-hash -s "$(TARGET)" -p /opt/python "$(TARGET)"; \
	else \
	  echo "WARNING: no Python 3.13 here, so $(@:build-%=%) is not precompiled: cold starts take about twice as long" >&2; \
	fi
endef
