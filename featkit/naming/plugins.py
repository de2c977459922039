"""Code that is not featkit's: what it may end in, and how that is put into words.

A feature, a classifier or a net may be anybody's code. Whatever it raises is the failure of one row
or one fold, and never the end of a run without a message.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from featkit.errors import FeatkitError

# What such code may raise and a run survives: `sys.exit` too, but not Ctrl-C.
FAULTS: tuple[type[BaseException], ...] = (Exception, SystemExit)


def reason(error: BaseException) -> str:
    """Return the kind and the message of an error on one line.

    An error whose own ``__str__`` fails has its kind only.
    """
    kind = type(error).__name__
    try:
        text = " ".join(str(error).split())
    except FAULTS:
        return f"{kind}, whose message cannot be shown"
    if isinstance(error, SystemExit):
        return f"the code called sys.exit({text})"
    return f"{kind}: {text}" if text else kind


def as_exception(error: BaseException) -> Exception:
    """Return an error as one that can be a row's: ``sys.exit`` as an error that says so."""
    return error if isinstance(error, Exception) else FeatkitError(reason(error))


def stated(error: BaseException) -> str:
    """Return an error as a row or fold states it: featkit's own errors speak for themselves."""
    text = reason(error)
    return text.partition(": ")[2] if isinstance(error, FeatkitError) and ": " in text else text


def shown(thing: object) -> str:
    """Return the ``repr`` of an object on one line; its type where that fails."""
    try:
        return " ".join(repr(thing).split())
    except FAULTS as error:
        return f"a {type(thing).__name__} whose repr fails ({reason(error)})"


@contextmanager
def one_process() -> Iterator[None]:
    """End a process that was forked inside and came back out: its parent does the work that is
    left.
    """
    here = os.getpid()
    try:
        yield
    finally:
        if os.getpid() != here:
            os._exit(1)
