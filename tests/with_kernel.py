"""Run the engine's tests with the kernel that was built in a folder and with its sanitizers."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

(kernel,) = Path(sys.argv[1]).glob("kernel.*")

if "LD_PRELOAD" not in os.environ:
    # A sanitizer watches a whole process, so its library must be loaded before Python is.
    needed = subprocess.run(["ldd", kernel], capture_output=True, text=True, check=True).stdout
    preload = ":".join(re.findall(r"\S+/lib[atu]\w*san\S*", needed))
    environment = os.environ | {
        "LD_PRELOAD": preload,
        # Python keeps what it allocates until it ends, which is no leak of the kernel's.
        "ASAN_OPTIONS": "detect_leaks=0",
        # The thread sanitizer does not see what numpy's threads wait for.
        "OPENBLAS_NUM_THREADS": "1",
    }
    os.execve(sys.executable, [sys.executable, *sys.argv], environment)

specification = importlib.util.spec_from_file_location("photosearch.engine.kernel", kernel)
module = importlib.util.module_from_spec(specification)
specification.loader.exec_module(module)
sys.modules["photosearch.engine.kernel"] = module
tests = sorted(str(path) for path in Path("tests/steps").glob("test_engine*.py"))
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", *tests]))
