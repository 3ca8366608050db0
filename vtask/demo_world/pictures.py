"""Abstract covers and faces, drawn here: nobody's photograph, a few kilobytes each."""

import io
import random
from collections.abc import Sequence
from functools import cache

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image, ImageDraw

Colour = tuple[int, int, int]
COVER = (640, 400)
FACE = (192, 192)
COVERS_PER_DOMAIN = 5
FACES_PER_DOMAIN = 4
QUALITY = 82

# Two tones of the ground, then the accents.
PALETTES: dict[str, tuple[Colour, ...]] = {
    "APPAREL": ((245, 232, 220), (214, 170, 150), (120, 84, 92), (250, 246, 240)),
    "BEAUTY": ((253, 230, 236), (240, 160, 178), (176, 72, 110), (255, 247, 240)),
    "FOOD": ((255, 240, 205), (248, 184, 94), (206, 92, 60), (120, 150, 80)),
    "MOTHER_BABY": ((230, 244, 250), (168, 212, 232), (250, 206, 160), (255, 255, 250)),
    "DIGITAL": ((28, 38, 66), (60, 96, 160), (110, 220, 230), (240, 244, 250)),
    "HOME": ((228, 238, 222), (140, 176, 136), (70, 104, 84), (244, 226, 190)),
    "CARS": ((226, 230, 236), (128, 142, 160), (210, 70, 60), (38, 44, 54)),
}


class Gallery:
    """Stores a copy of a picture for everyone who needs one; `rng` chooses which, and its name.

    A copy each, since who removes his work removes its file.
    """

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def cover(self, domain: str, folder: str) -> str:
        """The stored name of a cover that fits a domain."""
        number = self._rng.randrange(COVERS_PER_DOMAIN)
        return self._stored(picture("cover", domain, number, COVER), folder)

    def face(self, domain: str) -> str:
        """The stored name of somebody's face."""
        number = self._rng.randrange(FACES_PER_DOMAIN)
        return self._stored(picture("face", domain, number, FACE), "avatars")

    def _stored(self, content: bytes, folder: str) -> str:
        token = f"{self._rng.getrandbits(128):032x}"
        return default_storage.save(f"{folder}/{token[:2]}/{token}.jpg", ContentFile(content))


@cache
def picture(what: str, domain: str, number: int, size: tuple[int, int]) -> bytes:
    """One of the few pictures, drawn once."""
    rng = random.Random(f"{what}:{domain}:{number}")  # noqa: S311 - the same every time
    return draw(rng, PALETTES[domain], size)


def draw(rng: random.Random, palette: Sequence[Colour], size: tuple[int, int]) -> bytes:
    """A soft gradient with a few large shapes, as JPEG."""
    ground = Image.new("RGB", (2, 2))
    ground.putdata([rng.choice(palette[:2]) for _ in range(3)] + [palette[1]])
    picture = ground.resize(size, Image.Resampling.BICUBIC)
    shapes = Image.new("RGBA", size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(shapes)
    for _ in range(rng.randint(4, 7)):
        _shape(rng, pen, palette, size)
    picture.paste(shapes, (0, 0), shapes)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _shape(
    rng: random.Random, pen: ImageDraw.ImageDraw, palette: Sequence[Colour], size: tuple[int, int]
) -> None:
    width, height = size
    radius = rng.randint(height // 8, height // 2)
    x, y = rng.randint(0, width), rng.randint(0, height)
    box = (x - radius, y - radius, x + radius, y + radius)
    fill = (*rng.choice(palette), rng.randint(70, 170))
    kind = rng.randrange(3)
    if kind == 0:
        pen.ellipse(box, fill=fill)
    elif kind == 1:
        pen.rounded_rectangle(box, radius=radius // 3, fill=fill)
    else:
        pen.arc(box, rng.randint(0, 180), rng.randint(200, 360), fill=fill, width=radius // 4)
