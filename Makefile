PYTHON = python3
RUNS = .venv/.runs
READY = .venv/.ready
PACKAGING = build/packaging
KINDS = folder tarball deb $(if $(APPIMAGE_RUNTIME),appimage)
KERNEL = $(wildcard photosearch/engine/*.cpp photosearch/engine/*.hpp)

help:  ## Say what make can do
	@sed -n 's/^\([a-z]*\):.*## /  make \1|/p' Makefile | awk -F'|' '{ printf "%-20s%s\n", $$1, $$2 }'

run: $(RUNS)  ## Open the window on your photos, or on those in PHOTOS=FOLDER
	@pictures=$$(.venv/bin/python -c 'import platformdirs; print(platformdirs.user_pictures_dir())'); \
	  [ -d "$$pictures" ] || pictures=; \
	  folder=$${PHOTOS:-$$pictures}; .venv/bin/photosearch $${folder:+"$$folder"}

test: $(READY)  ## Run the tests
	.venv/bin/pytest -n 2 --dist loadgroup

lint: $(READY)  ## Check imports, style and types
	.venv/bin/lint-imports
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy

torture: $(READY)  ## Kill the program 200 times, and read from ten processes while one writes for ten minutes
	.venv/bin/python -m tests.torture

million: $(READY)  ## Measure a library of a million photos, generated for it
	.venv/bin/python -m tests.million

drop: $(READY)  ## Measure how soon results are painted after a photo is dropped, among 100,000
	.venv/bin/python -m tests.drop

smoothness: $(READY)  ## Measure how smooth the window is with a million photos
	.venv/bin/python -m tests.smoothness

duplicates: $(READY)  ## Measure what is called the same shot: PHOTOS=FOLDER SET=PACKED (wants ImageHash)
	.venv/bin/python -m tests.duplicates_table $(PHOTOS) --set $(SET)

sanitize: $(READY)  ## Run the kernel's tests under the address, undefined-behaviour and thread sanitizers
	@for sanitizer in address,undefined thread; do \
	  cmake -S . -B build/$$sanitizer -DCMAKE_BUILD_TYPE=RelWithDebInfo -DSANITIZER=$$sanitizer \
	    -DPython_EXECUTABLE=$(CURDIR)/.venv/bin/python && cmake --build build/$$sanitizer && \
	  .venv/bin/python tests/with_kernel.py build/$$sanitizer || exit 1; \
	done

malformed: $(READY)  ## Index 3,000 malformed files and say what became of them
	.venv/bin/python -m tests.malformed 3000

format: $(READY)  ## Bring the code into its style
	.venv/bin/ruff check --fix
	.venv/bin/ruff format

screenshots: $(READY)  ## Take the pictures of docs/screenshots again
	.venv/bin/python -m tests.screenshots docs/screenshots

translations: $(READY)  ## Collect the window's sentences for translators, NEW=nl in a new language; make ready what they said
	.venv/bin/pyside6-lupdate -silent -locations none -no-obsolete -tr-function-alias tr+=trn \
	  $$(find photosearch/gui -name "*.py" | sort) \
	  -ts $(sort $(wildcard resources/translations/*.ts) $(NEW:%=resources/translations/photosearch_%.ts))
	.venv/bin/pyside6-lrelease -silent resources/translations/*.ts

package:  ## Build what people on Linux download, into dist/ (packaging/README.md)
	[ -e $(PACKAGING) ] || $(PYTHON) -m venv $(PACKAGING)
	$(PACKAGING)/bin/python -m pip install --disable-pip-version-check '.[formats]' 'pyinstaller>=6.11,<7'
	$(PACKAGING)/bin/python packaging/build.py $(KINDS)

clean:  ## Remove the environment and everything else that was made
	rm -rf .venv build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

# Made again when pyproject.toml or the kernel changed; PYTHON=python3.12 chooses what it is made with.
# What is only run needs no torch, which is 5 GB.
$(RUNS): EXTRAS = formats
$(READY): EXTRAS = dev,formats,cluster
$(RUNS) $(READY): pyproject.toml CMakeLists.txt $(KERNEL)
	@.venv/bin/python -c '' 2>/dev/null || { \
	  $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	    echo 'PhotoSearch needs Python 3.11 or newer, and $(PYTHON) is not: name one, as in “make run PYTHON=python3.12”.' >&2; exit 1; }; \
	  $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	    echo 'This Python comes without venv: install it, on Debian and Ubuntu with “apt install python3-venv”.' >&2; exit 1; }; \
	  echo 'Setting up in .venv; this takes a minute or two once.' >&2; \
	  $(PYTHON) -m venv --clear .venv; }
	@.venv/bin/python -m pip install --disable-pip-version-check -e '.[$(EXTRAS)]'
	@touch $@

.PHONY: help run test torture million drop lint sanitize malformed format screenshots translations package clean
