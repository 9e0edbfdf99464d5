"""`python -m photosearch`, and the program that is packaged as one folder."""

import multiprocessing
import sys

from photosearch.cli import main

if __name__ == "__main__":
    # In a packaged program a worker process is this program started again; here it becomes the worker.
    multiprocessing.freeze_support()
    sys.exit(main())
