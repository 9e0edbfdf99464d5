"""The command line: one function a command. The only room that prints and exits.

| file | commands |
|---|---|
| `window.py` | `photosearch`, `photosearch PHOTO`, `photosearch FOLDER` |
| `library.py` | index, watch, folders, status, failures, verify |
| `search.py` | search |
| `duplicates.py` | duplicates, check |
| `models.py` | model, embed, train, evaluate |
| `bench.py` | bench |
| `cluster.py` | cluster |

`parser.py` knows the arguments of all of them, `values.py` what may be written for one, `version.py` what
`--version` tells, and `options.py` what the options before a command name; `output.py` and `progress.py`
print, and `log.py` keeps what goes wrong unseen.

Rooms that take long to import (Qt, torch) are imported by the command that needs them.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence

from photosearch.cli.log import log_to
from photosearch.cli.options import places_of
from photosearch.cli.output import ready_streams, tell
from photosearch.cli.parser import parse
from photosearch.errors import PhotoSearchError
from photosearch.processes import ending_signals


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 done, 1 something in the world was wrong, 2 wrong usage, 130 stopped.
    """
    try:
        ready_streams()
        options = parse(sys.argv[1:] if arguments is None else arguments)
        for number in ending_signals()[1:]:
            signal.signal(number, signal.default_int_handler)
        log_to(places_of(options).logs)
        return options.run(options)
    except PhotoSearchError as error:
        where = getattr(error, "path", None)
        tell(f"{where}: {error}" if where else str(error))
        return 1
    except KeyboardInterrupt:
        tell("Stopped; what was done is kept.")
        return 130
    except BrokenPipeError:
        # The reader of our answer has gone (`photosearch failures | head`); nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
