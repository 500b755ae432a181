import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image as PillowImage

import alwidgets as alw
from alwidgets.renderers import Image, Row, Text, payload, png, render

GRADIENT = np.arange(48, dtype=np.uint8).reshape(6, 8)


@pytest.mark.parametrize(
    ("pixels", "expected"),
    [
        (GRADIENT, GRADIENT),
        (np.stack([GRADIENT] * 3, axis=2), np.stack([GRADIENT] * 3, axis=2)),
        (np.stack([GRADIENT] * 4, axis=2), np.stack([GRADIENT] * 4, axis=2)),
        (np.array([[True, False]]), np.array([[255, 0]])),
        (np.array([[0.0, 8.0, 16.0]]), np.array([[0, 127, 255]])),
        (np.array([[5.0, 5.0]]), np.array([[0, 0]])),
    ],
)
def test_an_array_becomes_a_png_that_pillow_reads_back(pixels, expected):
    with PillowImage.open(io.BytesIO(png(pixels))) as image:
        assert np.array_equal(np.asarray(image), expected)


def test_a_string_is_text_and_never_html():
    shown = render("<b>bold</b>")
    assert shown == Text("<b>bold</b>")
    assert payload(shown) == ({"type": "text", "text": "<b>bold</b>"}, None)


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
def test_image_files_are_recognised_by_their_bytes(tmp_path, file_format, mime):
    path = tmp_path / "picture.bin"
    PillowImage.fromarray(GRADIENT).save(path, format=file_format)
    for item in (path.read_bytes(), path):
        message, data = payload(render(item, media_root=tmp_path))
        assert message["mime"] == f"image/{mime}"
        assert data == path.read_bytes()


def test_a_pillow_image_is_shown_whatever_its_mode():
    for mode in ("L", "RGB", "RGBA", "1", "P", "CMYK"):
        assert isinstance(render(PillowImage.new(mode, (3, 2))), Image)


def test_bytes_that_are_no_image_are_refused():
    with pytest.raises(ValueError, match="are no image; expected a PNG, JPEG, GIF or WebP file"):
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
    with pytest.raises(TypeError, match=r"cannot show a object; expected a str.*or pass `render=`"):
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
