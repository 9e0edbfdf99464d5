"""The program's beginning: `photosearch`, `python -m photosearch`, and what is packaged as one folder."""

import os
import signal
import sys


def main() -> int:
    """Run one command; its exit status."""
    interrupted = signal.getsignal(signal.SIGINT)
    if interrupted is signal.default_int_handler:
        # Nothing is under way while modules are loaded, and some take what is raised in the midst of that for
        # a failure of their own.
        signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    # Read when numpy is imported. Threads of its own for the products of matrices take the cores from the
    # window, and a tenth of a second from its start; torch has others.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    import multiprocessing

    # In a packaged program a worker process is this program started again; here it becomes the worker.
    multiprocessing.freeze_support()
    from photosearch import cli

    signal.signal(signal.SIGINT, interrupted)
    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
