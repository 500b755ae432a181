"""Images as they are: one brightness and one way up, whatever holds them; and never the label that came with them."""

import io
import struct
import zlib

import numpy as np
import pandas as pd
import pytest
from PIL import Image as PillowImage

from alwidgets.renderers import Image, Pair, Row, Text, message_of, payload, png, render

GRADIENT = (np.arange(96).reshape(8, 12) * 680).astype(np.uint16)
PHOTO = np.arange(96, dtype=np.uint8).reshape(8, 12)


def shown(rendered):
    """The pixels of what a page shows."""
    data = rendered.data if isinstance(rendered, Image) else rendered[1][0]
    with PillowImage.open(io.BytesIO(data)) as image:
        image.load()
    return image


def gray(image):
    """An image as 8 bits, as browsers make of 16."""
    values = np.asarray(image)
    return values // 257 if values.max() > 255 else values


def saved(image, file_format, **how):
    file = io.BytesIO()
    image.save(file, format=file_format, **how)
    return file.getvalue()


FORMS = {
    "array": lambda image, folder: np.asarray(image).astype(np.uint16),
    "Pillow": lambda image, folder: image,
    "bytes": lambda image, folder: saved(image, "PNG"),
    "path": lambda image, folder: write(folder / "a.png", saved(image, "PNG")),
    "TIFF": lambda image, folder: saved(image, "TIFF"),
    "TIFF path": lambda image, folder: write(folder / "a.tif", saved(image, "TIFF")),
    "pair": lambda image, folder: (image, 3),
    "dict": lambda image, folder: {"image": image, "label": 3},
}


def write(path, data):
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_an_image_of_16_bits_looks_the_same_in_every_form(form, tmp_path):
    image = PillowImage.fromarray(GRADIENT)
    assert image.mode.startswith("I")
    found = gray(shown(render(form(image, tmp_path), media_root=tmp_path)))
    np.testing.assert_array_equal(found, GRADIENT // 257)


def deep_png(values):
    """A PNG of 16 bits in gray or color, which Pillow cannot write."""
    height, width = values.shape[:2]
    color_type = {1: 0, 2: 4, 3: 2, 4: 6}[values[0, 0].size]
    lines = np.ascontiguousarray(values.astype(">u2")).view(np.uint8).reshape(height, -1)
    # Each line but the first as its difference from the one before: filter 2.
    filtered = np.insert(np.diff(lines, axis=0, prepend=np.zeros_like(lines[:1])), 0, 2, axis=1)
    header = struct.pack(">IIBBBBB", width, height, 16, color_type, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(filtered.tobytes())), (b"IEND", b"")]
    chunks = (struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize("most", [200, 4095, 65535])
@pytest.mark.parametrize("colors", [(), (3,), (4,)], ids=["gray", "RGB", "RGBA"])
@pytest.mark.parametrize("hold", [lambda path, data: data, write], ids=["bytes", "path"])
def test_a_file_of_16_bits_looks_as_its_numbers_in_an_array_would(most, colors, hold, tmp_path):
    values = np.random.default_rng(0).integers(0, most, (6, 7, *colors), np.uint16, endpoint=True)
    item = hold(tmp_path / "a.png", deep_png(values))
    expected = np.asarray(shown(render(values)))
    for each in (item, Image(item), (item, 1)):
        np.testing.assert_array_equal(np.asarray(shown(render(each, media_root=tmp_path))), expected)


@pytest.mark.parametrize("as_path", [False, True])
def test_files_of_16_bits_have_one_scale_with_each_other_and_with_arrays(make_session, tmp_path, as_path):
    whole = [np.full((8, 8), value, np.uint16) for value in (4095, 255, 0)]
    items = [deep_png(values) for values in whole]
    if as_path:
        items = [write(tmp_path / f"{row}.png", data) for row, data in enumerate(items)]
    for held in (items, [whole[0], *items[1:]], [items[0], *whole[1:]]):
        session = make_session(X=np.eye(3), test=None, items=held, media_root=tmp_path)
        assert images_of(session) == [255, 15, 0]


@pytest.mark.parametrize("colors", [(), (3,), (4,)], ids=["gray", "RGB", "RGBA"])
def test_files_of_8_bits_are_passed_on_as_they_are(colors, tmp_path):
    data = png(np.random.default_rng(0).integers(0, 100, (6, 7, *colors)).astype(np.uint8))
    assert render(data).data == data
    assert render(write(tmp_path / "a.png", data), media_root=tmp_path).data == data


def test_a_file_of_16_bits_that_cannot_be_decoded_is_left_to_the_browser(monkeypatch):
    gray_and_alpha, whole = deep_png(np.full((4, 4, 2), 4095)), deep_png(np.full((40, 40), 4095))
    cut_off = whole[:-30]
    assert render(gray_and_alpha).data == gray_and_alpha
    assert payload(render(cut_off))[0]["note"].startswith("The file of this image is damaged")
    monkeypatch.setitem(__import__("sys").modules, "PIL", None)
    assert render(whole).data == whole


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "TIFF"])
def test_a_photo_stands_upright_in_every_form(orientation, file_format, tmp_path):
    exif = PillowImage.Exif()
    exif[0x0112] = orientation
    data = saved(PillowImage.fromarray(PHOTO), file_format, exif=exif)
    upright = (12, 8) if orientation in (1, 3) else (8, 12)
    assert shown(render(PillowImage.open(io.BytesIO(data)))).size == upright
    if file_format == "TIFF":
        assert shown(render(data)).size == upright
    else:
        # A browser turns what has the tag.
        assert shown(render(data)).getexif().get(0x0112) == orientation


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "I", "F", "I;16"])
def test_an_image_of_pillow_is_black_and_white_where_it_is_whatever_its_mode(mode):
    white = {"1": 1, "I": 65535, "I;16": 65535, "F": 1.0}.get(mode)
    if white is None:
        image = PillowImage.fromarray(np.array([[0, 255]], np.uint8)).convert("RGB").convert(mode.replace("PA", "P"))
        image = image.convert(mode) if image.mode != mode else image
    else:
        image = PillowImage.new(mode, (2, 1))
        image.putpixel((1, 0), white)
    assert np.asarray(shown(render(image)).convert("L")).tolist() == [[0, 255]]


def test_what_is_clear_stays_clear():
    image = PillowImage.new("P", (1, 1))
    image.info["transparency"] = 0
    assert shown(render(image)).mode == "RGBA"


def images_of(session):
    return [np.asarray(shown(message_of(session, row, session.render))).max() for row in range(session.n_samples)]


POOLS = {
    "int64": (lambda: np.stack([np.full((8, 8), value) for value in (200, 3, 100)]), [200, 3, 100]),
    "list of int64": (lambda: [np.full((8, 8), value) for value in (200, 3, 100)], [200, 3, 100]),
    "few levels": (lambda: [np.full((8, 8), value) for value in (16, 8, 0)], [255, 127, 0]),
    "float": (lambda: np.stack([np.full((8, 8), value) for value in (16.0, 8.0, 0.0)]), [255, 127, 0]),
    "shares": (lambda: np.stack([np.full((8, 8), value) for value in (1.0, 0.2, 0.0)]), [255, 51, 0]),
    "bool": (lambda: np.stack([np.full((8, 8), value) for value in (True, False, True)]), [255, 0, 255]),
    "uint16": (lambda: np.stack([np.full((8, 8), value, np.uint16) for value in (51400, 257, 0)]), [200, 1, 0]),
    "12 bits": (lambda: np.stack([np.full((8, 8), value, np.uint16) for value in (4095, 257, 0)]), [255, 16, 0]),
    "8 bits in 16": (lambda: np.stack([np.full((8, 8), value, np.uint16) for value in (200, 3, 0)]), [200, 3, 0]),
    "Pillow of 12 bits": (
        lambda: [PillowImage.fromarray(np.full((8, 8), value, np.uint16)) for value in (4000, 255, 0)],
        [249, 15, 0],
    ),
    "uint8": (lambda: np.stack([np.full((8, 8), value, np.uint8) for value in (9, 3, 0)]), [9, 3, 0]),
    "pairs": (lambda: [(np.full((28, 28), value), 1) for value in (16.0, 8.0, 0.0)], [255, 127, 0]),
    "dicts": (lambda: [{"image": np.full((8, 8), value), "y": 1} for value in (16.0, 8.0, 0.0)], [255, 127, 0]),
    "frame": (lambda: pd.DataFrame({"image": [np.full((8, 8), value) for value in (16.0, 8.0, 0.0)]}), [255, 127, 0]),
    "Pillow of floats": (
        lambda: [PillowImage.fromarray(np.full((8, 8), value, np.float32)) for value in (16, 8, 0)],
        [255, 127, 0],
    ),
}


@pytest.mark.parametrize(("items", "expected"), POOLS.values(), ids=POOLS)
def test_all_images_of_a_pool_have_one_scale(make_session, items, expected):
    assert images_of(make_session(X=np.eye(3), test=None, items=items())) == expected


def test_what_a_renderer_makes_of_the_samples_has_one_scale_too(make_session):
    X = np.repeat([[16.0], [8.0], [4.0]], 64, axis=1)
    session = make_session(X=X, test=None, render=lambda row: row.reshape(8, 8))
    assert images_of(session) == [255, 127, 63]


def test_samples_that_a_renderer_cannot_show_leave_the_others_as_they_are(make_session):
    session = make_session(
        X=np.array([[4.0], [2.0], [0.0]]), test=None, render=lambda row: np.full((2, 2), row[0]) / row[0]
    )
    assert message_of(session, 0, session.render)[0]["type"] == "image"


LABELED = [
    lambda image: (image, 7),
    lambda image: (image, np.int64(7)),
    lambda image: [image, "seven"],
    lambda image: (image, np.array(7)),
    lambda image: {"image": image, "label": 7},
    lambda image: {"label": "seven", "img": image},
    lambda image: pd.Series({"pixels": image, "label": 7}),
]


@pytest.mark.parametrize("item", LABELED)
@pytest.mark.parametrize(
    "image",
    [PHOTO, PHOTO[:, :8], np.stack([PHOTO] * 3, axis=2), np.stack([PHOTO] * 3), PillowImage.fromarray(PHOTO)],
    ids=["gray", "few columns", "colors last", "colors first", "Pillow"],
)
def test_of_an_image_with_its_label_the_image_alone_is_shown(item, image):
    rendered = render(item(image))
    assert isinstance(rendered, Image)
    assert rendered == render(image)


@pytest.mark.parametrize(
    "hold",
    [
        lambda data: {"image": {"bytes": data, "path": None}, "label": 3},
        lambda data: {"label": 3, "image": {"bytes": data, "path": "a.png"}},
        lambda data: {"bytes": data, "path": None},
        lambda data: {"image": data, "label": 3},
    ],
)
def test_a_file_that_is_not_decoded_is_shown_as_the_image_that_it_is(hold):
    assert render(hold(png(PHOTO))).data == png(PHOTO)
    assert isinstance(render({"bytes": None, "path": None}), Row)
    assert isinstance(render({"key": b"no image", "label": 3}), Row)


@pytest.mark.parametrize("label", [1, np.int64(1), None, 2.0, True])
def test_of_a_text_with_its_label_the_text_alone_is_shown(label):
    assert render(("some text", label)) == Text("some text")
    assert render(["some text", label]) == Text("some text")


def test_two_texts_are_still_two():
    assert render(("first", "second"), pair=True) == Pair(Text("first"), Text("second"))
    assert "second" in render(("first", "second")).text


def test_a_file_with_its_label_is_the_file(tmp_path):
    path = write(tmp_path / "a.png", png(PHOTO))
    for image in (path, path.read_bytes()):
        assert render((image, 7), media_root=tmp_path).data == path.read_bytes()


def test_a_wave_with_its_rate_is_still_heard_and_two_images_are_still_a_pair():
    assert render((np.zeros((8000, 2)), 8000)).data.startswith(b"RIFF")
    assert isinstance(render((PHOTO, PHOTO), pair=True), Pair)
    assert render({"a": 1, "b": np.array([1.0, 2.0])}) == Row((("a", "1"), ("b", "[1. 2.]")))


def test_a_tensor_is_an_image():
    torch = pytest.importorskip("torch")
    found = render((torch.tensor(np.stack([PHOTO] * 3)), torch.tensor(7)))
    np.testing.assert_array_equal(np.asarray(shown(found)), np.stack([PHOTO] * 3, axis=2))
    assert render(torch.zeros((4, 4), requires_grad=True)) == render(np.zeros((4, 4)))


@pytest.mark.parametrize("file_format", ["BMP", "TIFF"])
def test_files_that_browsers_do_not_show_are_shown_with_pillow(file_format, tmp_path, monkeypatch):
    data = saved(PillowImage.fromarray(PHOTO), file_format)
    path = write(tmp_path / "a.bin", data)
    for item in (data, path, {"image": Image(path), "label": 1}):
        np.testing.assert_array_equal(np.asarray(shown(render(item, media_root=tmp_path)).convert("L")), PHOTO)
    with pytest.raises(ValueError, match=r"image/(bmp|tiff) file of \d+ bytes is damaged"):
        render(data[:60])
    monkeypatch.setitem(__import__("sys").modules, "PIL", None)
    with pytest.raises(ImportError, match=r"needs Pillow to be shown; install \"alwidgets\[images\]\""):
        render(data)
