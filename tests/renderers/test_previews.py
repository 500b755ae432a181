"""Images come as large as they are shown, and whole when that is asked for."""

import io

import numpy as np
import pytest
from PIL import Image as Pillow

from alwidgets.renderers import images, kinds, previews
from alwidgets.renderers.messages import payload
from alwidgets.renderers.rendering import render


def photo(height=600, width=1200, channels=3):
    """Colors that change smoothly, with a little noise, as a camera takes them."""
    rng = np.random.default_rng(0)
    smooth = np.add.outer(np.linspace(0, 120, height), np.linspace(0, 120, width))[..., None]
    return (smooth + rng.normal(0, 6, (height, width, channels))).clip(0, 255).astype(np.uint8)


def file_of(values, kind="JPEG", **settings):
    file = io.BytesIO()
    Pillow.fromarray(values).save(file, kind, **settings)
    return file.getvalue()


def opened(shown):
    return Pillow.open(io.BytesIO(shown.data))


def test_a_photo_is_sent_as_large_as_it_is_shown_in_a_fraction_of_its_bytes():
    whole, shown = render(photo()), render(photo(), side=400)
    assert (opened(shown).size, opened(shown).format, shown.size) == ((400, 200), "JPEG", (1200, 600))
    assert len(shown.data) < len(whole.data) / 20
    # The colors are those of the whole.
    assert np.abs(np.asarray(opened(shown)).mean() - photo().mean()) < 1
    message, (data,) = payload(shown)
    assert (message["size"], message["mime"]) == ([1200, 600], "image/jpeg")
    assert data == shown.data


@pytest.mark.parametrize("values", [np.zeros((8, 8)), photo(300, 400)], ids=["digit", "small photo"])
def test_what_is_small_enough_comes_as_it_is(values):
    assert render(values, side=400) == render(values)
    assert type(render(values, side=400)) is kinds.Image


def test_what_has_transparency_keeps_it():
    values = np.dstack([photo(), np.full((600, 1200), 7, np.uint8)])
    small = opened(render(values, side=400))
    assert (small.format, small.mode) == ("PNG", "RGBA")
    assert np.asarray(small)[..., 3].max() == 7


def test_a_file_is_shrunk_as_it_stands():
    exif = Pillow.Exif()
    exif[0x0112] = 6
    noise = np.random.default_rng(0).integers(0, 256, (600, 1200, 3), dtype=np.uint8)
    shown = render(file_of(noise, exif=exif, quality=95), side=400)
    # The tag says that it lies on its side.
    assert (opened(shown).size, shown.size) == ((200, 400), (600, 1200))
    assert 0x0112 not in opened(shown).getexif()


def test_a_file_that_moves_or_is_damaged_or_light_is_left_to_the_browser():
    noise = np.random.default_rng(0).integers(0, 256, (600, 1200, 3), dtype=np.uint8)
    whole = file_of(noise, quality=95)
    moving = io.BytesIO()
    frames = [Pillow.fromarray(each) for each in (noise, noise[::-1])]
    frames[0].save(moving, "WEBP", save_all=True, append_images=frames[1:], quality=90)
    for data in (whole[: len(whole) // 2], moving.getvalue(), file_of(photo(), quality=20)):
        assert type(render(data, side=400)) is kinds.Image
        assert render(data, side=400).data == data


def test_without_pillow_squares_of_pixels_become_one(monkeypatch):
    monkeypatch.setattr(previews, "pillow_of", lambda values: None)
    values = photo()
    small = opened(render(values, side=400))
    assert small.format == "PNG"
    assert np.array_equal(np.asarray(small)[0, 0], values[:3, :3].mean(axis=(0, 1)).astype(np.uint8))
    assert opened(render(values[..., 0], side=400)).size == (400, 200)
    assert images.image_type(render(values[:500, :500], side=400).data) == "image/png"
