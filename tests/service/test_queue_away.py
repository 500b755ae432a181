"""A service whose fits a queue starts, while that is gone: answers are taken as before, and the fit is done once."""

import threading

import alwidgets as alw
from alwidgets.loop import celery_executor
from alwidgets.loop.celery_app import do
from alwidgets.service import session_api
from tests.loop.queue_servers import redis_or_skip


def test_a_queue_that_goes_and_comes_back_in_mid_fit_keeps_no_answer_off(
    make_session, serve, caller, tmp_path, monkeypatch, caplog
):
    redis = redis_or_skip()
    monkeypatch.setattr(celery_executor, "_SEND_AGAIN_SECONDS", 0.1)
    monkeypatch.setattr(session_api, "_WAIT_SECONDS", 0.1)
    said = {words: threading.Event() for words in ("cannot be reached", "is reached again")}
    caplog.set_level("INFO", "alwidgets.loop.celery_executor")

    def hear(record):
        for words, event in said.items():
            if words in record.getMessage():
                event.set()
        return True

    caplog.handler.addFilter(hear)
    executor = alw.CeleryExecutor(tmp_path / "fits", redis.url)
    session = make_session(fit_in=executor, retrain_every="manual", journal=tmp_path / "a.alw", audit=0)
    fitted = threading.Event()
    session.on_event(lambda event: fitted.set() if event.kind == "trained" else None)
    page = serve(session, ["ann"], experts=["eve"])
    ann, eve = caller(page, "ann"), caller(page, "eve")
    for item in range(4):
        assert ann.answer(item, ("left", "right")[item % 2]).status == 200
    # The queue has the message, and goes with it.
    assert eve.call("POST", "/v1/retrain").json() == {"done": False, "round": 0}
    redis.kill()
    assert said["cannot be reached"].wait(60)
    assert ann.answer(4, "left").status == 200
    assert eve.call("POST", "/v1/retrain").json() == {"done": False, "round": 0}
    status = eve.get("/v1/status")
    assert (status["n_labeled"], status["error"], status["busy_seconds"] is None) == (5, "", False)
    unready = eve.call("POST", "/v1/predict", {"samples": [[0, 0, 0, 0]]})
    assert (unready.status, "no model yet" in unready.json()["error"]) == (503, True)
    redis.start()
    try:
        assert said["is reached again"].wait(60)
        # As a worker does when the message comes, and when it comes once more.
        (file,) = (tmp_path / "fits").glob("*.call")
        name = next(name for name in executor._out if str(name) == file.stem)
        for _ in range(2):
            do(tmp_path / "fits", name)
        assert fitted.wait(60)
        assert eve.get("/v1/status")["round"] == 1
        assert sum(event.kind == "trained" for event in session.events) == 1
        assert len([record for record in caplog.records if "cannot be reached" in record.getMessage()]) == 1
    finally:
        session.close()
        executor.shutdown()
        redis.kill()
