"""Hostile text and images without a browser: shown as what they are, or refused with the reason; secrets hidden."""

import base64
import functools
import json
import os
import random
import re
import string
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from hostile import BOMBS, SVG, TEXTS, UNWRITABLE
from PIL import Image as PillowImage
from sklearn.linear_model import LogisticRegression

import alwidgets as alw
from alwidgets.renderers import payload, render, visible
from alwidgets.session import view_of
from alwidgets.utils.errors import format_error
from alwidgets.utils.text import (
    holds_secret,
    is_secret,
    redacted,
    sanitize,
)
from alwidgets.views.still import still

KNOWN = "hunter2-very-secret"


class Tags(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, attrs))

    def handle_data(self, data):
        self.text += data


@pytest.fixture
def named(make_session, blobs, tmp_path):
    """A function that makes a session in which everything that can have a name has this one."""

    def make(text):
        def strategy(view):
            return view.proba[:, 0]

        strategy.__name__ = text
        X, y = blobs
        classes = [text, f"{text} not"]
        session = make_session(
            X=X, classes=classes, annotator=text[:200], strategy=strategy, items=[text] * 120,
            test=(X[::5], np.where(y[::5] == "left", *classes)),
            journal=tmp_path / f"{text[:80].replace('/', ' ')}.alw",
            budget=alw.Budget(labels=50, cost_per_label=0.5, currency=text[:40]),
            scoring={text: "accuracy"},
        )  # fmt: skip
        session.run(np.where(y == "left", *classes), 12)
        session.flag(0, text)
        session.decide("stop", text)
        return session

    return make


@pytest.mark.parametrize("text", TEXTS)
def test_the_summary_holds_any_name_as_text(named, text):
    session = named(text)
    page = Tags(still(session))
    assert {tag for tag, _ in page.tags} == {"p", "img", "table", "caption", "tr", "th", "td"}
    (image,) = (dict(attributes) for _, attributes in page.tags if attributes)
    assert set(image) == {"alt", "width", "src"}
    assert f"{text}: " in page.text
    picture = Tags(base64.b64decode(image["src"].removeprefix("data:image/svg+xml;base64,")).decode())
    assert {tag for tag, _ in picture.tags} == {"svg", "rect", "line", "text", "polygon", "polyline", "circle"}
    assert not any(name.startswith("on") or name == "href" for _, attributes in picture.tags for name, _ in attributes)


@pytest.mark.parametrize("text", TEXTS)
def test_the_figure_holds_any_name_as_text(named, text):
    session = named(text)
    for against in ("labels", "cost"):
        figure = alw.LearningCurve(session, against=against)._figure
        shown = list(strings(figure))
        assert not any(re.search(r"<(?!br>|extra>|/extra>)", string) for string in shown), shown
        fields = {field for string in shown for field in re.findall(r"%\{[^}]*\}", string)}
        assert fields <= {"%{customdata}", "%{x}", "%{y:.1%}", "%{x:.0f}"}
        hovers = [string for data in figure["data"] for string in strings(data.get("customdata", []))]
        assert hovers
        assert not any("%{" in string for string in hovers)


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part)


@pytest.mark.parametrize("text", TEXTS)
def test_any_name_comes_back_from_the_journal_and_into_tables(named, make_session, blobs, text):
    session = named(text)
    assert session.audit_log.to_csv().encode()
    assert set(session.labels["label"]) == set(session.classes)
    assert session.decisions["reason"].tolist() == [text]
    assert session.flags == {0: text}
    before = session.events
    again = make_session(**session._core.init_params | {"journal": session._core.log.path, "random_state": 0})
    assert again.events == before
    assert repr(session.progress.saved_as) in repr(again)


@pytest.mark.parametrize("text", TEXTS + UNWRITABLE)
def test_any_sample_is_shown_as_text_that_can_be_sent(text):
    for shown in (text, {text: text}, alw.Text(text)):
        message, _ = payload(render(shown))
        assert json.dumps(message, ensure_ascii=False).encode()
        assert message["type"] in ("text", "row")
        assert visible(text) in (message.get("text"), *np.ravel(message.get("cells", [])))


@pytest.mark.parametrize("text", UNWRITABLE)
def test_a_name_that_cannot_be_written_is_refused_before_anything_is(make_session, text, tmp_path):
    for changes in (
        {"classes": [text, "b"]},
        {"annotator": text},
        {"ids": [text, *map(str, range(119))]},
        {"budget": {"currency": text}},
    ):
        with pytest.raises((ValueError, TypeError), match=r"surrogate pair|all of them whole"):
            make_session(
                journal=tmp_path / "a.alw",
                test=None,
                **{name: alw.Budget(**value) if name == "budget" else value for name, value in changes.items()},
            )
    assert list(tmp_path.iterdir()) == []
    session = make_session()
    before = session.events
    for call in (
        lambda: session.flag(0, text),
        lambda: session.decide("stop", text),
        lambda: session.teach(0, "left", annotator=text),
        lambda: session.teach(0, "left", event_id=text),
    ):
        with pytest.raises(ValueError, match="half of a surrogate pair"):
            call()
    assert session.events == before


@pytest.mark.skipif(os.name == "nt", reason="file names there are always text")
def test_a_journal_whose_file_name_is_no_text_is_shown_all_the_same(make_session, tmp_path):
    session = make_session(journal=os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.alw"))
    assert session.progress.saved_as == "caf\ufffd.alw"
    assert still(session).encode()
    assert json.dumps(alw.Labeler(session)._status, ensure_ascii=False).encode()


@pytest.mark.parametrize("name", ["a\0", "\0", "left\0right"])
def test_a_class_name_that_numpy_would_cut_short_is_refused(make_session, name):
    with pytest.raises(ValueError, match=r"classes has '.*\\x00.*'; expected names without NUL"):
        make_session(classes=[name, "b"], test=None)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda s: s.flag(0, "x" * 10_001), "note has 10001 characters; expected at most 10000"),
        (lambda s: s.flag(0, 5), "note is 5; expected a str"),
        (lambda s: s.decide("stop", "x" * 10_001), "reason has 10001 characters"),
        (lambda s: s.decide("stop", ["why"]), r"reason is \['why'\]; expected a str"),
        (lambda s: s.decide("x" * 10_000), r"decision is 'x+\.\.\.x+'; expected 'stop' or 'go on'"),
        (lambda s: s.teach(0, "left", annotator="x" * 201), "annotator has 201 characters; expected at most 200"),
        (lambda s: s.teach(0, "left", event_id="x" * 201), "event_id has 201 characters"),
        (lambda s: s.teach(0, "left", round=10**30), "round is 10+; expected a whole number of at most 1000000000"),
        (lambda s: s.adjust(currency="x" * 41), "currency is .*; expected at most 40 characters"),
        (lambda s: s.adjust(cost_per_label=10**400), "cost_per_label is 10+; expected a number"),
        (lambda s: s.adjust(thresholds={"plateau": 10**400}), "threshold of plateau is 10+; expected a number"),
    ],
)
def test_what_is_too_large_to_keep_is_refused(make_session, call, message):
    session = make_session()
    before = session.events
    with pytest.raises((ValueError, TypeError), match=message):
        call(session)
    assert session.events == before
    assert session.labels.empty


def test_a_time_beyond_all_numbers_is_none(make_session):
    session = make_session()
    session.teach(0, "left", shown_at=10**400)
    assert view_of(session).recent(1)[0].shown_at is None
    with pytest.raises(ValueError, match="seconds is 1000"):
        session.teach(1, "left", seconds=10**400)


@pytest.mark.parametrize("kind", BOMBS)
def test_an_image_that_declares_too_many_pixels_is_refused_by_its_head(kind):
    with pytest.raises(ValueError, match=r"the image has [\d,]+ x [\d,]+ pixels; expected at most 50,000,000"):
        render(BOMBS[kind])


def test_a_pillow_image_of_a_bomb_is_refused_before_it_is_decoded(tmp_path):
    file = tmp_path / "bomb.png"
    file.write_bytes(BOMBS["PNG"])
    kept, PillowImage.MAX_IMAGE_PIXELS = PillowImage.MAX_IMAGE_PIXELS, None
    try:
        with PillowImage.open(file) as image, pytest.raises(ValueError, match="50,000 x 50,000 pixels"):
            render(image)
    finally:
        PillowImage.MAX_IMAGE_PIXELS = kept


def test_an_array_of_too_many_pixels_is_refused_before_it_is_copied():
    with pytest.raises(ValueError, match="100,000 x 100,000 pixels"):
        render(np.broadcast_to(np.uint8(0), (100_000, 100_000)))


@pytest.mark.parametrize(
    ("kind", "more"), [("PNG", {}), ("JPEG", {}), ("GIF", {}), ("WEBP", {}), ("WEBP", {"lossless": True})]
)
def test_a_truncated_image_is_refused_where_its_size_is_missing_and_shown_as_an_image_else(tmp_path, kind, more):
    file = tmp_path / "image"
    PillowImage.effect_noise((90, 70), 60).convert("RGB").save(file, kind, **more)
    whole = file.read_bytes()
    message, data = payload(render(whole))
    assert (message["type"], data) == ("image", [whole])
    assert payload(render(whole[: len(whole) // 2]))[0]["mime"] == message["mime"]
    with pytest.raises(ValueError, match=r"is cut off or damaged before its size|are not an image"):
        render(whole[:9])


@pytest.mark.parametrize("data", [SVG, b"\xef\xbb\xbf" + SVG, b"<!DOCTYPE html><script>1</script>", b"%PDF-1.7", b""])
def test_bytes_of_another_kind_are_no_image_whatever_the_name_says(tmp_path, data):
    file = tmp_path / "photo.png"
    file.write_bytes(data)
    for item in (data, file):
        with pytest.raises(ValueError, match="are not an image; expected a PNG, JPEG, GIF or WebP file"):
            render(item, media_root=tmp_path)


def test_a_large_file_is_refused_by_its_size_and_never_read(tmp_path, monkeypatch):
    file = tmp_path / "large.png"
    with file.open("wb") as opened:
        opened.truncate(50 * 2**20)
    monkeypatch.setattr(type(file), "read_bytes", lambda self: pytest.fail("the file was read"))
    with pytest.raises(ValueError, match="the file has 50 MB; expected at most 20 MB"):
        render(file, media_root=tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="no named pipes in the file system there")
def test_a_pipe_or_a_folder_is_no_image_file(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    for path in (tmp_path / "pipe.png", tmp_path):
        with pytest.raises(ValueError, match="is not a file; expected a PNG"):
            render(path, media_root=tmp_path)


def test_a_long_value_of_a_row_is_cut_and_says_so():
    ((_, value),) = render({"body": "x" * 5_000}).cells
    assert value.endswith("[3,000 more characters are not shown]")


class Client(LogisticRegression):
    """A learner that was given a password, and tells it in its errors."""

    def __init__(self, password=None):
        super().__init__()
        self.password = password

    def fit(self, X, y):
        raise ConnectionError(f"no connection to postgresql://anna:{self.password}@db/labels, password={self.password}")


class Fine(Client):
    fit = LogisticRegression.fit


def everything_said(session, tmp_path):
    """All that is kept or shown of a session, as one text."""
    widgets = alw.Labeler(session), alw.LearningCurve(session), alw.StoppingPanel(session)
    traits = [widget.get_state() for widget in widgets]
    files = [file.read_text() for file in tmp_path.rglob("*") if file.is_file()]
    shown = [repr(session), repr(session.learner), *map(repr, widgets), still(session), str(session.events)]
    tables = [session.labels, session.history, session.versions, session.audit_log, session.decisions]
    return "\n".join([*shown, str(session.progress), str(traits), *files, *(table.to_csv() for table in tables)])


def test_a_secret_in_a_learner_an_annotator_or_an_error_is_kept_and_shown_nowhere(make_session, blobs, tmp_path):
    def strategy(view):
        raise PermissionError(f"401 for https://{KNOWN}@api.example.org/?api_key={KNOWN}")

    with pytest.warns(RuntimeWarning, match="no connection to") as warned:
        session = make_session(
            learner=Client(KNOWN), annotator=f"mysql://anna:{KNOWN}@host/db", journal=tmp_path / "a.alw", batch_size=2
        )
    assert KNOWN not in str(warned[0].message)
    rows = {side: int(np.flatnonzero(blobs[1] == side)[0]) for side in ("left", "right")}
    for side, row in rows.items():
        session.teach(row, side, annotator=f"https://bob:{KNOWN}@host")
    assert session.wait(60)
    assert "no connection to postgresql://***@db/labels, password=***" in session.progress.error
    assert KNOWN not in everything_said(session, tmp_path)
    assert session.labels["annotator"].unique().tolist() == ["https://***@host"]

    session = make_session(learner=Fine(KNOWN), strategy=strategy, journal=tmp_path / "b.alw", batch_size=2)
    for side, row in rows.items():
        session.teach(row, side)
    assert session.wait(60)
    assert "401 for https://***@api.example.org/?api_key=***" in session.progress.error
    assert session.progress.round == 1
    assert KNOWN not in everything_said(session, tmp_path)


@pytest.mark.parametrize("name", ["learner", "strategy"])
def test_a_secret_in_what_is_no_learner_and_no_strategy_is_not_in_the_error(make_session, name):
    class Connection:
        def __repr__(self):
            return f"Connection(token={KNOWN!r})"

    with pytest.raises(TypeError, match=rf"{name} is Connection\(token=\*\*\*\)") as caught:
        make_session(**{name: Connection()})
    assert KNOWN not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        f"postgresql://anna:{KNOWN}@db", f"https://{KNOWN}@github.com/x", f"redis://:{KNOWN}@h:1", f"a://b:c@{KNOWN}@h",
        f"password={KNOWN}", f"PASSWD: {KNOWN}", f"{{'api_key': '{KNOWN}'}}", f"?access_token={KNOWN}&x=1",
        f'Client(client_secret="{KNOWN}")', f"AWS_CREDENTIALS = {KNOWN}",
        f"pwd={KNOWN}", f"passphrase='{KNOWN}'", f"private_key: {KNOWN}", f"'access_key': '{KNOWN}'", f"dsn={KNOWN}",
        f"Client(connection_string='Host=h;Key={KNOWN}')", f"creds=('anna', '{KNOWN}')", f"X-API-Key: {KNOWN}",
        f"{{'headers': {{'Cookie': 'id=1; session={KNOWN}'}}}}", f"Set-Cookie: a=b; c={KNOWN}",
        f"auth=('anna', '{KNOWN}')", f"tokens=['a', '{KNOWN}']",
        f"pat={KNOWN}", f"passcode='{KNOWN}'", f"db_pass={KNOWN}", f"session_id={KNOWN}", f"oauth: {KNOWN}",
        f"bearer='{KNOWN}'", f"?sig={KNOWN}&x=1", f"AccountKey={KNOWN}==;x", f"awsSecretAccessKey='{KNOWN}'",
        f"dbPass='{KNOWN}'", f"sessionId={KNOWN}", f"[('password', '{KNOWN}')]", f"[['db_pass', '{KNOWN}']]",
        f"auth={KNOWN}", f"http_auth: '{KNOWN}'", f"Authorization: Bearer {KNOWN}", f"'authorization': 'Basic {KNOWN}'",
    ],
)  # fmt: skip
def test_what_is_named_or_placed_like_a_secret_is_hidden(text):
    assert KNOWN not in redacted(text)
    assert "***" in redacted(text)


@pytest.mark.parametrize(
    "key",
    [
        "AKIA" + "Q7" * 8,
        "sk-" + "aB3-" * 8,
        "ghp_" + "a1B2" * 9,
        "github_pat_" + "a1B2_" * 9,
        "Bearer " + "eyJh.b-_" * 3,
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
        "hf_" + "aB3dE" * 6,
        "xoxb-" + "1234567890-abc",
        "glpat-" + "x1Y2z3W4" * 3,
        "sk_live_" + "abcdefgh" * 3,
        "AIza" + "Sy1-b2_C" * 5,
        # Neither named nor marked.
        "wJalrXUtnFEMIK7MDENGbPxRfiCYz3Q9vT8w",
        "k9T2vQ8xZr4LmW7pBn3J",
        "wJalrXUtnFEMI/K7MDENG+bPxRfiCYz3Q9vT8w/1",
        "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
        "Basic YW5uYTpwYXNzd29yZA==",
        "hooks.slack.com/services/T00000000/B00000000/" + "aB3d" * 6,
        "hvs." + "a1B2" * 6,
        "dop_v1_" + "0a1b" * 16,
        "dapi" + "0a1b" * 8,
        "key-" + "0a1b" * 8,
        "shpat_" + "0a1b" * 8,
        "SK" + "0a1b" * 8,
        "basic QWxhZGRpbjpvcGVuIHNlc2FtZQ",
    ],
)
def test_keys_are_known_by_how_they_begin(key):
    assert key.split()[-1] not in redacted(f"with {key} came 403")
    assert "*** came 403" in redacted(f"with {key} came 403")


LETTERS = string.ascii_letters + string.digits


@pytest.mark.parametrize(
    ("alphabet", "length", "most_missed"),
    [
        (LETTERS + "-_", 43, 0.02), (LETTERS + "-_", 22, 0.08), (LETTERS + "+/", 40, 0.04), (LETTERS, 32, 0.03),
        (LETTERS, 20, 0.1), (string.ascii_lowercase + string.digits, 32, 0.1),
    ],
)  # fmt: skip
def test_few_drawn_keys_without_name_or_mark_are_missed(alphabet, length, most_missed):
    rng = random.Random(0)
    keys = ["".join(rng.choices(alphabet, k=length)) for _ in range(1000)]
    assert sum(redacted(key) == key for key in keys) <= most_missed * len(keys)


@pytest.mark.parametrize(
    "name",
    [
        "HistGradientBoostingClassifier", "sentence-transformers/all-MiniLM-L6-v2", "IMG_20261129_184000_HDR_v2",
        "paraphrase-multilingual-MiniLM-L12-v2", "2026-11-29T18-40-00Z_a1", "bge-M3-Q4_K_M-GGUF-v1",
        "HTTPServer2Config3Handler", "x86_64-unknown-linux-gnu-gcc12", "PM2_5_Concentration_Station7",
        "DistilBertForSequenceClassification", "distilbert-base-uncased-finetuned-sst-2-english", "GSE12345_RAW_2026",
        "f972c98975103717f972c98975103717", "Llama-3-1-8B-Instruct-Q4_K_M", "sub-01_ses-02_task-rest_run-1_bold",
        "a1b2c3d4-e5f6-4890-abcd-ef1234567890", "test_session_2026_11_30_04_45_12", "ENSG00000139618_BRCA2_exon11",
    ],
)  # fmt: skip
def test_names_of_models_files_and_samples_are_no_drawn_keys(name):
    assert redacted(f"with {name} it failed") == f"with {name} it failed"


@pytest.mark.parametrize(
    "name",
    [
        "pat", "passcode", "db_pass", "session_id", "sessionId", "oauth", "bearer", "sig", "AccountKey",
        "awsSecretAccessKey", "dbPassword", "client__apiKey", "APIKey", "tokens", "credentials", "cookie", "auth",
        "signing_key", "encryption_key", "hmac_key", "master_key", "ssh_key", "openai_key", "hf_key", "license_key",
        "conn_str", "db_connection_string", "pin", "user_pin", "webhookKey",
    ],
)  # fmt: skip
def test_a_parameter_named_like_a_secret_is_one_and_so_is_the_pair_of_name_and_value(name):
    assert is_secret(name)
    assert holds_secret({name: KNOWN})
    assert holds_secret({"options": [(name, KNOWN)]})
    assert not holds_secret({name: None, "pattern": "x"})


@pytest.mark.parametrize(
    "name",
    [
        "token_pattern",
        "path",
        "pattern",
        "n_passes",
        "sigma",
        "signal",
        "author",
        "passthrough",
        "bypass",
        "key",
        "pin_memory",
        "spin",
        "sort_key",
        "primary_key",
        "cache_key",
        "public_key",
        "monkey",
        "keyword",
        "conn_strategy",
    ],
)
def test_a_parameter_that_is_only_named_alike_is_none(name):
    assert not is_secret(name)
    assert not holds_secret({"options": [(name, "words")]})
    assert redacted(f"Model({name}='words')") == f"Model({name}='words')" or name == "token_pattern"


class Slotted:
    __slots__ = ("api_key",)

    def __init__(self, api_key):
        self.api_key = api_key


def nested(value, depth):
    for _ in range(depth):
        value = {"inside": [value]}
    return value


@pytest.mark.parametrize(
    "value",
    [
        nested({"password": KNOWN}, 200),
        np.array([None, {"password": KNOWN}], object),
        {"passwords": np.array([KNOWN])},
        np.array([[f"redis://:{KNOWN}@h"]]),
        pd.DataFrame({"user": ["anna"], "password": [KNOWN]}),
        functools.partial(print, password=KNOWN),
        Slotted(KNOWN),
        [b"Bearer " + b"a1B2c3D4" * 3],
    ],
    ids=["deep", "objects", "named", "texts", "frame", "partial", "slots", "bytes"],
)
def test_a_secret_is_found_wherever_it_is_held(value):
    assert holds_secret({"estimator": value})


def test_what_holds_itself_is_looked_at_once():
    circle = {"steps": [], "count": np.arange(3), "texts": np.array(["words"])}
    circle["steps"].append(circle)
    assert not holds_secret(circle)
    circle["steps"].append({"token": KNOWN})
    assert holds_secret(circle)


def test_words_that_are_only_like_secrets_stay():
    text = (
        "author=Anna, authors: 3, the bearer of news, a task-force, risk-averse, "
        f"a basic assumption of Basic Instincts, basic features, {'0123456789abcdef' * 4}, 12:30:45, "
        "HistGradientBoostingClassifier(max_iter=100), 2026-11-29T18:40:00+00:00, "
        "make_pipeline-TfidfVectorizer-CalibratedClassifierCV, /home/anna/Projects2026/Reviews_of_2025_final_v3"
    )
    assert redacted(text) == text


def test_an_error_of_a_megabyte_is_told_in_a_few_lines_and_at_once():
    for text in ("token" * 200_000, "a://" * 250_000, "x" * 1_000_000, "password=" * 100_000):
        assert len(sanitize(text)) <= 500
        assert len(format_error(ValueError(text), "Fitting")) < 600


def test_an_error_that_cannot_say_what_it_is_is_told_all_the_same():
    class Mute(Exception):  # noqa: N818
        def __str__(self):
            raise ZeroDivisionError

    assert format_error(Mute(), "Fitting") == "Fitting failed: Mute: its message cannot be read"


def test_the_folder_of_a_journal_is_in_no_trait(make_session, tmp_path, monkeypatch):
    session = make_session(journal=tmp_path / "name.alw")
    labeler = alw.Labeler(session)
    session.wait()

    def full(*records):
        raise OSError(28, "No space left on device", str(tmp_path / "name.alw" / "events"))

    monkeypatch.setattr(session._core.log.journal, "append", full)
    session.undo()
    view_of(session).set_prefetch(60)
    session.wait()
    labeler.refresh()
    assert "No space left on device" in labeler._status["error"]
    assert str(tmp_path) not in str(labeler.get_state())
