import datetime as dt
import io
import json
import sys
import wave
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image as PillowImage

import alwidgets as alw
from alwidgets.renderers import Audio, Html, Image, Pair, Row, Text, message_of, messages, payload, png, render
from alwidgets.renderers.cells import in_words

TONE = np.sin(np.arange(8_000) / 9)
GRADIENT = np.arange(48, dtype=np.uint8).reshape(6, 8)


@pytest.mark.parametrize(
    ("pixels", "expected"),
    [
        (GRADIENT, GRADIENT),
        (np.stack([GRADIENT] * 3, axis=2), np.stack([GRADIENT] * 3, axis=2)),
        (np.stack([GRADIENT] * 4, axis=2), np.stack([GRADIENT] * 4, axis=2)),
        (np.array([[True, False]]), np.array([[255, 0]])),
        (np.array([[0.0, 8.0, 16.0]]), np.array([[0, 127, 255]])),
        (np.array([[5.0, 5.0]]), np.array([[255, 255]])),
        (np.ones((2, 2)), np.full((2, 2), 255)),
        (np.zeros((2, 2)), np.zeros((2, 2))),
        (np.array([[np.nan, 8.0, np.inf, 16.0, -np.inf]]), np.array([[0, 127, 255, 255, 0]])),
        (np.array([[-1.0, 0.0, 1.0]]), np.array([[0, 127, 255]])),
        (np.array([[200, 3]]), np.array([[200, 3]])),
        (np.array([[65535, 257]], np.int32), np.array([[255, 1]])),
        (np.array([[65535, 257, 256]], np.uint16), np.array([[255, 1, 0]])),
        (np.full((2, 2, 3), 0.2), np.full((2, 2, 3), 51)),
        (np.stack([GRADIENT] * 3), np.stack([GRADIENT] * 3, axis=2)),
        (GRADIENT[None], GRADIENT),
        (GRADIENT[:, :, None], GRADIENT),
    ],
)
def test_an_array_becomes_a_png_that_pillow_reads_back(pixels, expected):
    with PillowImage.open(io.BytesIO(png(pixels))) as image:
        assert np.array_equal(np.asarray(image), expected)


def test_a_string_is_text_and_never_html():
    shown = render("<b>bold</b>")
    assert shown == Text("<b>bold</b>")
    assert payload(shown) == ({"type": "text", "text": "<b>bold</b>"}, [])


def test_a_table_row_keeps_its_names_and_formats_its_numbers():
    frame = pd.DataFrame({"age": [41], "income": [52345.678], "city": ["Bonn"], "member": [True]})
    cells = (("age", "41"), ("income", "52,345.7"), ("city", "Bonn"), ("member", "yes"))
    assert render(frame.iloc[0]) == Row(cells)
    assert render(dict(frame.iloc[0])) == Row(cells)


def test_arrays_become_rows_or_images_by_their_shape():
    assert render(np.array([1.5, 2.0])) == Row((("feature 0", "1.5"), ("feature 1", "2")))
    assert isinstance(render(np.zeros((4, 4))), Image)
    with pytest.raises(TypeError, match=r"array of shape \(2, 2, 2\).*pass `render=`"):
        render(np.zeros((2, 2, 2)))


@pytest.mark.parametrize(("file_format", "mime"), [("PNG", "png"), ("JPEG", "jpeg"), ("GIF", "gif"), ("WEBP", "webp")])
def test_image_files_are_recognized_by_their_bytes(tmp_path, file_format, mime):
    path = tmp_path / "picture.bin"
    PillowImage.fromarray(GRADIENT).save(path, format=file_format)
    for item in (path.read_bytes(), path):
        message, data = payload(render(item, media_root=tmp_path))
        assert message["mime"] == f"image/{mime}"
        assert data == [path.read_bytes()]


def test_a_pillow_image_is_shown_whatever_its_mode():
    for mode in ("L", "RGB", "RGBA", "1", "P", "CMYK"):
        assert isinstance(render(PillowImage.new(mode, (3, 2))), Image)


def test_bytes_that_are_no_image_are_refused():
    with pytest.raises(ValueError, match="are not an image; expected a PNG, JPEG, GIF or WebP file"):
        render(b"<svg onload=alert(1)>")


def test_a_missing_file_says_so():
    with pytest.raises(FileNotFoundError):
        render(Path("no-such-file.png"))


def test_huge_items_are_cut_and_say_so():
    assert render("x" * 300_000).text.endswith("[100,000 more characters are not shown]")
    assert render(dict.fromkeys(range(500), 1)).cells[-1] == ("100 more", "not shown")
    with pytest.raises(ValueError, match=r"has 2\d MB; expected at most 20 MB"):
        render(b"\x89PNG\r\n\x1a\n" + b"0" * (21 * 2**20))


def test_what_cannot_be_shown_says_what_to_do():
    with pytest.raises(TypeError, match=r"cannot show an item of type object; expected a str.*or pass `render=`"):
        render(object())


def test_a_renderer_of_the_user_may_return_any_of_these():
    assert render(3, lambda item: f"number {item}") == Text("number 3")
    assert render(3, lambda item: alw.Row((("n", str(item)),))) == Row((("n", "3"),))
    assert render(3, lambda item: np.zeros((2, 2))).data.startswith(b"\x89PNG")


@pytest.fixture
def media(tmp_path, monkeypatch):
    """A folder of pictures, one beside it, and a link that leads out."""
    root = tmp_path / "media"
    (root / "deep").mkdir(parents=True)
    for place in (root / "a.png", root / "deep" / "b.png", tmp_path / "secret.png"):
        place.write_bytes(png(np.eye(4)))
    (root / "link.png").symlink_to(tmp_path / "secret.png")
    monkeypatch.chdir(tmp_path)
    return root


def test_files_inside_the_media_root_are_shown_however_they_are_spelled(media):
    for path in ("a.png", "deep/b.png", "deep/../a.png", "./a.png", media / "a.png", "media/a.png"):
        assert render(Path(path), media_root=media).data.startswith(b"\x89PNG")
    assert render(Path("secret.png")).alt == "secret.png"  # in the working directory


@pytest.mark.parametrize(
    "path",
    [
        "../secret.png", "deep/../../secret.png", "link.png", "./../secret.png", "media/../secret.png", "secret.png",
        "/etc/passwd", "/proc/self/environ", "../../../../../../etc/passwd", "deep/../../../etc/passwd", "~/secret.png",
        "//server/share/secret.png", "file:///etc/passwd", "..\\secret.png", "%2e%2e/secret.png",
        "a.png/../../secret.png",
        "media/link.png", "....//secret.png", "..;/secret.png", "deep/./../../secret.png",
    ],
)  # fmt: skip
def test_no_spelling_of_a_path_leads_out_of_the_media_root(media, path):
    with pytest.raises((ValueError, OSError), match=r"does not lie in|there is no file|Not a directory"):
        render(Path(path), media_root=media)


def test_a_path_with_nul_is_refused(media):
    with pytest.raises(ValueError, match="null"):
        render(Path("a.png\0.txt"), media_root=media)


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ("two\r\nlines\tand\nthree", "two\nlines\tand\nthree"),
        ("nul\0 escape\x1b[2J delete\x7f", "nul\\x00 escape\\x1b[2J delete\\x7f"),
        ("safe\u202egnp.exe", "safe\\u202egnp.exe"),
        ("\u2066isolated\u2069 zero\u200bwidth", "\\u2066isolated\\u2069 zero\\u200bwidth"),
        ("a\u2028b", "a\nb"),
        ("\u05e9\u05dc\u200f \U0001f469\u200d\U0001f467", "\u05e9\u05dc\u200f \U0001f469\u200d\U0001f467"),
    ],
)
def test_signs_that_hide_or_turn_what_follows_are_seen_in_texts_names_and_values(given, seen):
    assert payload(render(given))[0]["text"] == seen
    assert payload(render({given: given}))[0]["cells"] == [[seen, seen]]
    assert payload(render(Image(png(np.eye(2)), alt=given)))[0]["alt"] == seen


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "yes"), (np.bool_(False), "no"), (12345678, "12345678"), (2021.0, "2021"), (1234567.891, "1,234,568"),
        (9999.5, "9999.5"), (52345.678, "52,345.7"), (0.00123456789, "0.00123457"), (-0.5, "-0.5"), (0.0, "0"),
        (1.5e20, "1.5e+20"), (2e-9, "2e-09"), (float("inf"), "inf"), (None, "\u2014"), (np.nan, "\u2014"),
        (pd.NA, "\u2014"), (pd.NaT, "\u2014"), (np.datetime64("NaT"), "\u2014"),
        (pd.Timestamp("2024-05-06"), "2024-05-06"), (pd.Timestamp("2024-05-06 07:08"), "2024-05-06 07:08:00"),
        (np.datetime64("2024-05-06"), "2024-05-06"), (dt.date(1999, 1, 2), "1999-01-02"), ("", ""),
    ],
)  # fmt: skip
def test_values_are_written_as_they_are_read(value, words):
    assert in_words(value) == words


def test_columns_shows_some_in_full_and_others_as_context():
    frame = pd.DataFrame({"subject": ["Hi"], "size": [3], "sent": ["Monday"]})
    shown = render(frame.iloc[0], alw.Columns(["sent", "subject"], context=["size"]))
    assert shown == Row((("sent", "Monday"), ("subject", "Hi")), context=(("size", "3"),))
    assert render(frame.iloc[0], alw.Columns(context=["sent"])).cells == (("subject", "Hi"), ("size", "3"))
    assert payload(shown)[0]["context"] == [["size", "3"]]


def test_unknown_columns_are_named_when_the_session_is_made_or_in_the_card(make_session):
    columns = alw.Columns(["subjekt"])
    frame = pd.DataFrame({"subject": ["Hi"] * 120})
    with pytest.raises(ValueError, match=r"Columns has \['subjekt'\]; expected columns of the items: \['subject'\]"):
        make_session(items=frame, render=columns)
    session = make_session(items=frame.to_dict("records"), render=columns)
    assert "expected columns of the items: ['subject']" in message_of(session, 0, session.render)[0]["text"]
    with pytest.raises(TypeError, match=r"show is 'subject'; expected a list of column names, such as \['subject'\]"):
        alw.Columns("subject")
    with pytest.raises(TypeError, match="Columns got a str; expected a row of a DataFrame or a mapping"):
        render("text", columns)


@pytest.mark.parametrize(
    ("samples", "rate"),
    [(TONE, 8_000), (TONE.astype(np.float32), 44_100.0), (np.stack([TONE, TONE], axis=1), np.int64(16_000))],
)
def test_a_wave_and_its_rate_become_a_wav_file(samples, rate):
    message, (file,) = payload(render((samples, rate)))
    with wave.open(io.BytesIO(file)) as reader:
        assert reader.getparams()[:4] == (samples.ndim, 2, rate, 8_000)
        values = np.frombuffer(reader.readframes(8_000), "<i2").reshape(8_000, -1)
    assert np.abs(values[:, 0] / 32767 - TONE).max() < 1e-4
    assert (message["type"], message["mime"]) == ("audio", "audio/wav")
    assert message["seconds"] == round(8_000 / rate, 3)
    assert len(message["peaks"]) == 400
    assert max(message["peaks"]) == 100
    assert json.dumps(message)


def test_whole_numbers_of_16_bits_stay_and_loud_floats_are_made_quieter_as_a_whole():
    for samples, expected in (
        (np.array([-32768, 0, 5], np.int16), [-32768, 0, 5]),
        (np.array([0.5, -2.0, 1.0]), [8192, -32767, 16384]),
    ):
        with wave.open(io.BytesIO(render((samples, 8_000)).data)) as reader:
            assert np.frombuffer(reader.readframes(3), "<i2").tolist() == expected


@pytest.mark.parametrize(
    ("width", "values"), [(1, [128, 255, 1]), (2, [0, 32767, -32767]), (4, [0, 2**31 - 1, 1 - 2**31])]
)
def test_the_peaks_of_a_wav_file_are_right_for_each_width(width, values):
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(width)
        writer.setframerate(8_000)
        writer.writeframes(np.array(values, {1: "u1", 2: "<i2", 4: "<i4"}[width]).tobytes())
    assert payload(render(file.getvalue()))[0]["peaks"] == [0, 100, 100]


def test_audio_files_are_recognized_by_their_bytes(tmp_path):
    for start, mime in ((b"OggS\0", "ogg"), (b"fLaC\0", "flac"), (b"ID3\4", "mpeg"), (b"\xff\xfb\x90", "mpeg")):
        (tmp_path / "sound").write_bytes(start)
        for item in (start, tmp_path / "sound", Audio(start), Audio(tmp_path / "sound"), Audio("sound")):
            message, data = payload(render(item, media_root=tmp_path))
            assert (message["type"], message["mime"], data) == ("audio", f"audio/{mime}", [start])
            assert "peaks" not in message  # the browser's to find


def test_a_damaged_wav_file_is_left_to_the_browser_to_refuse():
    whole = render((TONE, 8_000)).data
    assert payload(render(whole[:3_000]))[0]["seconds"] == pytest.approx(0.185, abs=0.01)
    assert payload(render(whole[:30]))[0]["mime"] == "audio/wav"


def test_an_image_without_a_finite_value_says_so_instead_of_being_black():
    with pytest.raises(ValueError, match="the image has no finite value"):
        png(np.full((2, 2), np.nan))


@pytest.mark.parametrize(
    ("audio", "message"),
    [
        (Audio(TONE), "an array without its rate; expected"),
        (Audio(TONE, 100), "rate of the audio is 100; expected 3,000 to 768,000"),
        (Audio(TONE, "8k"), "rate of the audio is '8k'; expected a whole number"),
        (Audio(TONE, True), "rate of the audio is True"),
        (Audio(np.zeros((2, 9_000)), 8_000), r"shape \(2, 9000\); expected .* Transpose it"),
        (Audio(np.zeros(0), 8_000), r"shape \(0,\); expected"),
        (Audio(np.zeros(9, np.int64), 8_000), "dtype int64; expected int16"),
        (Audio(np.array([0.0, np.nan]), 8_000), "values that are not numbers"),
        (Audio(np.broadcast_to(0.5, 11 * 2**20), 8_000), "11,534,336 frames, 22 MB; expected at most 20 MB"),
        (Audio(b"fLaC" + b"0" * 21 * 2**20), "audio file has 21 MB; expected at most 20 MB"),
        (Audio(b"fLaC", 8_000), "rate is 8000 beside an audio file, which has its own"),
        (Audio(png(np.eye(2))), "are not audio; expected a WAV, MP3, OGG or FLAC file"),
        (Image(b"fLaC0000"), "are not an image; expected a PNG, JPEG, GIF or WebP file"),
        (Image([1, 2]), "Image got a list; expected an array, a PIL image, bytes or a path"),
        (Text(5), "Text got 5; expected a str"),
        (None, "the item is None; expected"),
        (Pair(Pair("a", "b"), "c"), "a Pair holds a Pair"),
    ],
)  # fmt: skip
def test_what_no_page_can_show_or_play_is_refused_with_the_reason(audio, message):
    with pytest.raises((ValueError, TypeError), match=message):
        render(audio)


def test_html_is_shown_only_when_asked_for_and_cleaned():
    pytest.importorskip("nh3")
    source = (
        "<h1>Offer</h1><script>bad()</script><p onclick='bad()' style='position:fixed'>Buy <b>now</b></p>"
        "<a href='http://evil.invalid'>here</a><a href='javascript:bad()'>there</a><img src='http://evil.invalid/pixel'>"
        "<img src='data:image/png;base64,AAAA'><img src='data:text/html,bad()'><iframe src=x></iframe><form action=x>"
        "<meta http-equiv=refresh content='0;url=http://evil.invalid'><style>@import 'http://evil.invalid'</style>"
    )
    page = payload(render(source, Html))[0]["page"]
    body = page.split("</style>")[1]
    assert "<h1>Offer</h1>" in body
    assert "<b>now</b>" in body
    assert 'src="data:image/png;base64,AAAA"' in body
    for bad in ("bad()", "evil.invalid", "onclick", "iframe", "form", "refresh", "position"):
        assert bad not in body
    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'" in page
    assert payload(render(source))[0]["type"] == "text"


def test_html_without_its_extra_or_too_long_or_none_says_so(monkeypatch):
    for source, error, message in (
        ("x" * 200_001, ValueError, "the HTML has 200,001 characters; expected at most 200,000"),
        (b"<p>", TypeError, "Html got a bytes; expected a str"),
    ):
        with pytest.raises(error, match=message):
            payload(render(Html(source)))
    monkeypatch.setitem(sys.modules, "nh3", None)
    with pytest.raises(ImportError, match=r'install "alwidgets\[html\]"'):
        payload(render(Html("<p>")))


def test_two_are_a_pair_where_a_pair_is_asked_and_their_files_travel_together():
    first, second = np.eye(4), np.ones((4, 4))
    message, buffers = payload(render((first, second), pair=True))
    assert [part["type"] for part in message["parts"]] == ["image", "image"]
    assert buffers == [png(first), png(second)]
    for item in ([first, second], np.stack([first, second])):
        assert isinstance(render(item, pair=True), Pair)
    assert isinstance(render((TONE, 8_000), pair=True), Audio)
    both = render(((TONE, 8_000), "text"), pair=True)
    assert (type(both.first), both.second) == (Audio, Text("text"))
    assert render(("a", "b")) == Text("('a', 'b')")
    assert render(7, lambda _: Pair("a", {"b": 1})) == Pair(Text("a"), Row((("b", "1"),)))
    rows = render(({"a": 1, "b": 2}, {"a": 3, "b": 4}), alw.Columns(["a"]), pair=True)
    assert rows == Pair(Row((("a", "1"),)), Row((("a", "3"),)))


def test_a_session_of_pairs_shows_two(make_session):
    session = make_session(items=[("a", "b")] * 120, task="pair")
    assert message_of(session, 0)[0]["parts"] == [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]


def test_a_renderer_that_returns_nothing_raises_or_is_slow_says_so(make_session, monkeypatch):
    session = make_session(items=["x"] * 120)

    def fail(_):
        raise RuntimeError("no network")

    assert message_of(session, 3, lambda _: None)[0]["text"].startswith(
        "Row 3 cannot be shown: TypeError: render returned None; expected a str"
    )
    assert message_of(session, 3, fail)[0] == {
        "type": "error", "text": "Row 3 cannot be shown: RuntimeError: no network"
    }  # fmt: skip
    assert "note" not in message_of(session, 3)[0]
    monkeypatch.setattr(messages, "perf_counter", iter([0.0, 3.25]).__next__)
    assert message_of(session, 3)[0]["note"].startswith("It took 3.2 s")


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP"])
def test_an_image_that_is_cut_off_is_shown_with_a_note(file_format):
    file = io.BytesIO()
    PillowImage.effect_noise((90, 70), 60).convert("RGB").save(file, file_format)
    whole = file.getvalue()
    assert "note" not in payload(render(whole))[0]
    assert "part of it may be missing" in payload(render(whole[:-200]))[0]["note"]


def test_a_png_with_one_wrong_bit_is_shown_with_a_note():
    whole = bytearray(png(np.arange(10_000, dtype=np.uint8).reshape(100, 100)))
    whole[len(whole) // 2] ^= 1
    assert "is damaged" in payload(render(bytes(whole)))[0]["note"]
