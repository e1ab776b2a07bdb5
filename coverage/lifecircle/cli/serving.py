"""``lifecircle serve``: the what-if page of a study, from its start until Ctrl-C."""

from __future__ import annotations

import os
import sys
import webbrowser

from lifecircle.analysis.run import prepare
from lifecircle.cli import terminal
from lifecircle.extras import require_extra
from lifecircle.study import Study

__all__ = ["serve_until_interrupted"]


def serve_until_interrupted(
    study: Study, *, port: int, opened: bool, jobs: int | None, lang: str | None, spoken: str, as_json: bool
) -> None:
    """Serve a study's page; an interrupt ends it as a user's wish, not as a failure.

    Parameters
    ----------
    study
        The study.
    port
        To listen on; any free one where 0.
    opened
        Whether the browser is asked to open the page.
    jobs
        Threads.
    lang
        Language the page opens in; the study's own where None.
    spoken
        Language of the terminal.
    as_json
        Whether the terminal is told in JSON.

    Raises
    ------
    InputError
        If the study cannot be used, an extra is missing, or the port cannot be had.
    """
    require_extra("serve")
    require_extra("report")
    from lifecircle.serve.server import serve  # noqa: PLC0415  # an extra

    if lang is not None:
        study = study.model_copy(update={"study": study.study.model_copy(update={"language": lang})})
    page, interrupted = None, False
    try:
        with terminal.listener(as_json=as_json, lang=spoken) as tell:
            session = prepare(study, jobs=jobs, tell=tell)
            page = serve(session, port=port, tell=tell, jobs=jobs)
        values = {"name": study.study.name, "url": page.url, "folder": str(page.folder)}
        terminal.figures("serve-ready", values, as_json=as_json, lang=spoken)
        sys.stdout.flush()
        if opened:
            webbrowser.open(page.url)
        page.wait()
    except KeyboardInterrupt:
        interrupted = True
        if page is not None:
            terminal.figures("serve-ended", {"folder": str(page.folder)}, as_json=as_json, lang=spoken)
    finally:
        if page is not None:
            page.stop()
    if interrupted:
        # What is still being computed is for nobody, and would hold the process until it is done. Every
        # change was saved when it was made.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
