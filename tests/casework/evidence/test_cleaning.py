"""Cleaned copies: of a picture its pixels and nothing else, whatever it is that comes in, and at no risk to us."""

from __future__ import annotations

import io
import json
import os
import random
import resource
import signal
import socket
import struct
import subprocess
import sys
import time
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageCms, PngImagePlugin, TiffImagePlugin, features

from wagtail_harassment.casework.evidence import cleaning
from wagtail_harassment.casework.evidence.cleaning import CannotClean, Cleaned, clean

pytestmark = pytest.mark.slow

try:
    import pillow_heif
except ImportError:
    pillow_heif = None
else:
    pillow_heif.register_heif_opener()

CANARY = "CANARY-51.5074N-Ada-Lovelace"
HIDDEN = CANARY.encode()
RED, GREEN, BLUE, WHITE = (220, 20, 20), (20, 160, 20), (20, 20, 220), (250, 250, 250)
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a>{CANARY}</a></x:xmpmeta>'.encode()


def upright(size=(240, 120)) -> Image.Image:
    """Red, green; blue, white: every way of turning it makes another picture."""
    made = Image.new("RGB", size)
    for place, colour in enumerate((RED, GREEN, BLUE, WHITE)):
        x, y = (place % 2) * size[0] // 2, (place // 2) * size[1] // 2
        made.paste(colour, (x, y, x + size[0] // 2, y + size[1] // 2))
    return made


def see_through() -> Image.Image:
    made = upright().convert("RGBA")
    made.putalpha(Image.linear_gradient("L").resize(made.size))
    return made


def saved(image: Image.Image, kind: str, **more) -> bytes:
    made = io.BytesIO()
    image.save(made, kind, **more)
    return made.getvalue()


def exif(orientation: int = 1) -> bytes:
    made = Image.Exif()
    made[ExifTags.Base.Orientation] = orientation
    made[ExifTags.Base.ImageDescription] = CANARY
    made[ExifTags.Base.Make] = "Canary Phones"
    made[ExifTags.IFD.GPSInfo] = {1: "N", 2: (51.0, 30.0, 26.6), 3: "W", 4: (0.0, 7.0, 39.9)}
    made[ExifTags.IFD.Exif] = {ExifTags.Base.DateTimeOriginal: "2031:02:03 04:05:06"}
    return made.tobytes()


def with_thumbnail() -> bytes:
    """EXIF whose second directory is a small picture of its own, as cameras make it."""
    block = bytearray(exif())
    tiff, order = 6, "<" if block[6:8] == b"II" else ">"
    first = tiff + struct.unpack_from(order + "I", block, tiff + 4)[0]
    next_at = first + 2 + 12 * struct.unpack_from(order + "H", block, first)[0]
    second, small = len(block) - tiff, saved(upright((64, 32)), "JPEG", comment=HIDDEN)
    struct.pack_into(order + "I", block, next_at, second)
    entries = ((0x0103, 3, 6), (0x0201, 4, second + 42), (0x0202, 4, len(small)))
    block += struct.pack(order + "H", 3)
    for tag, kind, value in entries:
        block += struct.pack(
            order + ("HHIHH" if kind == 3 else "HHII"), tag, kind, 1, value, *[0] * (kind == 3)
        )
    return bytes(block + bytes(4) + small)


def camera_jpeg() -> bytes:
    made = saved(
        upright(), "JPEG", quality=90, exif=with_thumbnail(), xmp=XMP, comment=HIDDEN, icc_profile=SRGB
    )
    block = b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0" + struct.pack(">I", len(HIDDEN)) + HIDDEN
    return made[:2] + b"\xff\xed" + struct.pack(">H", len(block) + 2) + block + made[2:] + HIDDEN


def texted_png() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", CANARY)
    info.add_itxt("XML:com.adobe.xmp", XMP.decode())
    info.add(b"caNy", HIDDEN)
    return saved(see_through(), "PNG", pnginfo=info, exif=exif(), icc_profile=SRGB, dpi=(72, 72)) + HIDDEN


def frames_gif(count: int = 3, size: tuple[int, int] = (240, 120)) -> bytes:
    others = [Image.new("L", size, place % 8 * 30) for place in range(count - 1)]
    return (
        saved(upright(size).quantize(8), "GIF", save_all=True, append_images=others, comment=HIDDEN) + HIDDEN
    )


def paged_tiff() -> bytes:
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[270], tags[700], tags[33723] = CANARY, XMP, HIDDEN
    other = Image.new("RGB", (240, 120), "black")
    return saved(
        upright(),
        "TIFF",
        compression="tiff_lzw",
        tiffinfo=tags,
        icc_profile=SRGB,
        save_all=True,
        append_images=[other],
    )


SAMPLES = {
    "jpeg": camera_jpeg,
    "png": texted_png,
    "gif": frames_gif,
    "webp": lambda: saved(see_through(), "WEBP", exif=exif(), xmp=XMP, icc_profile=SRGB),
    "tiff": paged_tiff,
    "bmp": lambda: saved(upright(), "BMP") + HIDDEN,
    "mpo": lambda: saved(upright(), "MPO", save_all=True, append_images=[upright()], exif=exif()) + HIDDEN,
}
if features.check("avif"):
    SAMPLES["avif"] = lambda: saved(upright(), "AVIF", exif=exif(), xmp=XMP, icc_profile=SRGB)
if pillow_heif:
    SAMPLES["heic"] = lambda: saved(upright(), "HEIF", exif=exif(), xmp=XMP, icc_profile=SRGB)


def cleaned(content: bytes, step: int = 40_000) -> Cleaned:
    return clean((content[at : at + step] for at in range(0, len(content), step)), size=len(content))


def refusal(content: bytes) -> str:
    with pytest.raises(CannotClean) as caught:
        cleaned(content)
    assert str(caught.value) == caught.value.reason
    return caught.value.reason


def opened(content: bytes) -> Image.Image:
    made = Image.open(io.BytesIO(content))
    made.load()
    return made


def corners(image: Image.Image) -> list[tuple[int, ...]]:
    """The colour that each quarter has in its middle, as the nearest of the four."""
    shown = image.convert("RGB")
    seen = [shown.getpixel((shown.width * x // 4, shown.height * y // 4)) for y in (1, 3) for x in (1, 3)]
    return [
        min(
            (RED, GREEN, BLUE, WHITE),
            key=lambda one: sum(abs(a - b) for a, b in zip(one, pixel, strict=True)),
        )
        for pixel in seen
    ]


def parts(content: bytes) -> list[bytes]:
    """A JPEG's markers or a PNG's chunk names, in order; and what is left after the end."""
    found = []
    if content.startswith(b"\x89PNG"):
        at = 8
        while found[-1:] != [b"IEND"]:
            found.append(content[at + 4 : at + 8])
            at += 12 + int.from_bytes(content[at : at + 4])
        return [*found, content[at:]]
    at = 2
    while found[-1:] != [b"\xda"]:
        found.append(content[at + 1 : at + 2])
        at += 2 + int.from_bytes(content[at + 2 : at + 4])
    end = content.index(b"\xff\xd9", at)
    return [*found, content[end + 2 :]]


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def handmade_png(width: int, height: int, *chunks: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + chunk(b"IEND", b"")


def inflating(count: int) -> bytes:
    """zlib for ``count`` MB of zeros, a thousand times smaller."""
    one = zlib.compressobj(9, wbits=-15)
    block = one.compress(bytes(1_000_000)) + one.flush(zlib.Z_FULL_FLUSH)
    return b"\x78\xda" + block * count + one.flush()


@pytest.fixture
def started(monkeypatch):
    """Processes that were started. Afterwards none is left, not even as a zombie."""
    kept = []

    class Kept(subprocess.Popen):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            kept.append(self)

    monkeypatch.setattr(cleaning.subprocess, "Popen", Kept)
    yield kept
    for process in kept:
        assert process.returncode is not None
        assert not Path(f"/proc/{process.pid}").exists()
        with pytest.raises(ProcessLookupError):
            os.kill(process.pid, 0)


@pytest.fixture
def instead(monkeypatch, tmp_path):
    """Run another script than the one that cleans."""

    def use(text: str) -> None:
        path = tmp_path / "script.py"
        path.write_text(f"import json, os, signal, struct, sys, time\n{text}\n")
        monkeypatch.setattr(cleaning, "SCRIPT", path)

    return use


# What is left of a picture


@pytest.mark.parametrize("kind", SAMPLES)
def test_nothing_is_left_of_what_was_written_about_a_picture(kind):
    sample = SAMPLES[kind]()
    assert HIDDEN in sample
    made = cleaned(sample)
    for content in (made.content, made.preview):
        shown = opened(content)
        assert [word for word in (HIDDEN, b"Canary", b"2031:", b"acsp", b"xmpmeta") if word in content] == []
        assert (dict(shown.getexif()), dict(shown.getexif().get_ifd(ExifTags.IFD.GPSInfo))) == ({}, {})
        assert set(shown.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density"} == set()
        assert getattr(shown, "n_frames", 1) == 1
    assert corners(opened(made.content)) == [RED, GREEN, BLUE, WHITE]
    assert (made.width, made.height) == opened(made.content).size == (240, 120)


def test_the_sample_that_is_cleaned_has_all_that_a_camera_writes():
    sample = opened(camera_jpeg())
    assert {"exif", "xmp", "comment", "icc_profile", "photoshop"} <= set(sample.info)
    assert sample.getexif().get_ifd(ExifTags.IFD.GPSInfo)[2] == (51.0, 30.0, 26.6)
    second = sample.getexif().get_ifd(ExifTags.IFD.IFD1)
    small = sample.info["exif"][6:][second[0x0201] :][: second[0x0202]]
    assert corners(opened(small)) == [RED, GREEN, BLUE, WHITE]


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_cleaned_copy_has_the_parts_without_which_it_is_no_picture_and_no_tail(kind):
    made = cleaned(SAMPLES[kind]())
    if kind in ("png", "webp"):
        assert (made.mime, parts(made.content)) == ("image/png", [b"IHDR", b"IDAT", b"IEND", b""])
    else:
        markers = [b"\xe0", b"\xdb", b"\xdb", b"\xc0", *[b"\xc4"] * 4, b"\xda", b""]
        assert (made.mime, parts(made.content)) == ("image/jpeg", markers)


def test_what_hangs_on_behind_a_picture_is_gone():
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("note.txt", CANARY)
    page = f"<html><script>{CANARY}</script></html>".encode()
    plain = saved(upright(), "JPEG", quality=90)
    whole = cleaned(plain).content
    for tail in (archive.getvalue(), page):
        assert cleaned(plain + tail).content == whole
    assert zipfile.is_zipfile(io.BytesIO(plain + archive.getvalue()))
    assert not zipfile.is_zipfile(io.BytesIO(whole))


def test_what_does_not_show_through_at_all_is_gone():
    secret = see_through()
    secret.putalpha(Image.new("L", secret.size, 0))
    made = opened(cleaned(saved(secret, "PNG")).content)
    assert made.getcolors() == [(240 * 120, (0, 0, 0, 0))]


BACK = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("orientation", BACK)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", *(["HEIF"] if pillow_heif else [])])
def test_a_picture_that_lies_on_its_side_stands_upright_afterwards(kind, orientation):
    way = BACK[orientation]
    lying = upright() if way is None else upright().transpose(way)
    said = {"tiffinfo": {274: orientation}} if kind == "TIFF" else {"exif": exif(orientation)}
    made = cleaned(saved(lying, kind, **said))
    assert corners(opened(made.content)) == [RED, GREEN, BLUE, WHITE]
    assert (made.width, made.height) == (240, 120)


def test_exif_that_makes_no_sense_does_not_stand_in_a_pictures_way():
    made = cleaned(saved(upright(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff" + HIDDEN))
    assert corners(opened(made.content)) == [RED, GREEN, BLUE, WHITE]


def test_colours_are_those_that_the_profile_means():
    swapped = SRGB.replace(b"rXYZ", b"tXYZ").replace(b"bXYZ", b"rXYZ").replace(b"tXYZ", b"bXYZ")
    for kind in ("JPEG", "PNG"):
        made = cleaned(saved(upright(), kind, icc_profile=swapped))
        assert corners(opened(made.content)) == [BLUE, GREEN, RED, WHITE]


def test_a_profile_that_makes_no_sense_is_left_out():
    for profile in (b"nonsense", SRGB[:200], saved(upright((9, 9)), "PNG")):
        made = cleaned(saved(upright(), "JPEG", icc_profile=profile))
        assert corners(opened(made.content)) == [RED, GREEN, BLUE, WHITE]


@pytest.mark.parametrize(
    ("mode", "kind", "mime"),
    [
        ("1", "PNG", "image/jpeg"),
        ("L", "JPEG", "image/jpeg"),
        ("L", "PNG", "image/jpeg"),
        ("LA", "PNG", "image/png"),
        ("P", "PNG", "image/jpeg"),
        ("RGBA", "PNG", "image/png"),
        ("CMYK", "JPEG", "image/jpeg"),
        ("CMYK", "TIFF", "image/jpeg"),
        ("I;16", "PNG", "image/jpeg"),
        ("I;16B", "TIFF", "image/jpeg"),
        ("I", "TIFF", "image/jpeg"),
        ("F", "TIFF", "image/jpeg"),
    ],
)
def test_every_way_to_store_pixels_shows_the_same_picture(mode, kind, mime):
    grey = Image.linear_gradient("L")
    if mode[0] in "IF":
        stored = grey.convert("F").point(lambda value: value * 257 + 0.0).convert(mode[:1])
        stored = stored.convert(mode) if mode != stored.mode else stored
    elif mode in ("LA", "RGBA"):
        stored = grey.convert("RGBA")
        stored.putpixel((255, 255), (0, 0, 0, 0))
        stored = stored.convert(mode)
    else:
        stored = (
            grey.point(lambda value: 255 * (value > 127)).convert(mode) if mode == "1" else grey.convert(mode)
        )
    made = cleaned(saved(stored, kind))
    shown = opened(made.content).convert("L")
    assert made.mime == mime
    assert [shown.getpixel((128, y)) // 100 for y in (20, 235)] == [0, 2]
    assert mode == "1" or 110 < shown.getpixel((128, 128)) < 146


def test_a_picture_that_says_it_could_show_something_through_and_does_not_is_a_jpeg():
    assert cleaned(saved(upright().convert("RGBA"), "PNG")).mime == "image/jpeg"


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_copy_has_no_more_pixels_than_the_limit_a_long_talk_stays_readable_and_nothing_grows(kind):
    for size, left in {(6400, 1600): (6000, 1500), (1080, 8000): (1080, 8000), (3, 1): (3, 1)}.items():
        made = cleaned(saved(Image.new("RGB", size, RED), kind))
        assert (made.width, made.height) == opened(made.content).size == left


def test_a_preview_is_small_and_nothing_sharp_is_in_it():
    made = cleaned(saved(upright((1200, 600)), "JPEG"))
    small = opened(made.preview)
    assert (small.format, small.size) == ("JPEG", (32, 16))
    assert len(made.preview) < 1000
    assert all(abs(a - b) < 60 for a, b in zip(small.getpixel((15, 4)), small.getpixel((16, 4)), strict=True))


def test_of_an_animation_the_first_frame_is_left_and_the_process_says_so():
    for content, dropped in ((frames_gif(3), True), (frames_gif(1), False), (texted_png(), False)):
        said = subprocess.run(
            [sys.executable, "-I", cleaning.SCRIPT, str(1 << 30), "20", "64000000", "9000000"],
            input=content,
            capture_output=True,
            env={},
            check=True,
        )
        length = int.from_bytes(said.stdout[:4])
        assert json.loads(said.stdout[4 : 4 + length])["frames_dropped"] is dropped
        assert said.stderr == b""


def test_thousands_of_frames_take_no_longer_than_one():
    content = frames_gif(4000, (16, 16))
    assert Image.open(io.BytesIO(content)).n_frames == 4000
    before = time.monotonic()
    assert corners(opened(cleaned(content).content)) == [RED, GREEN, BLUE, WHITE]
    assert time.monotonic() - before < 5


# What is no picture, or too much of one


@pytest.mark.parametrize("part", [0, 0.001, 0.05, 0.25, 0.5, 0.75, 0.99])
@pytest.mark.parametrize(
    "kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", *(["HEIF"] if pillow_heif else [])]
)
def test_a_picture_that_was_cut_off_is_unreadable(kind, part):
    content = saved(Image.effect_noise((300, 200), 50).convert("RGB"), kind)
    assert refusal(content[: int(len(content) * part)]) == "unreadable"


def test_a_jpeg_without_its_last_byte_is_unreadable():
    assert refusal(saved(upright(), "JPEG")[:-1]) == "unreadable"


def test_bytes_that_mean_nothing_are_unreadable():
    noise = random.Random(7)
    for length in (1, 100, 300_000):
        assert refusal(noise.randbytes(length)) == "unreadable"
    for beginning in (
        b"\xff\xd8\xff\xe0",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"II*\0",
        b"BM",
        b"\0\0\0\x18ftypheic",
    ):
        assert refusal(beginning + noise.randbytes(3000)) == "unreadable"


OTHERS = {
    "svg": f'<svg xmlns="http://www.w3.org/2000/svg"><text>{CANARY}</text></svg>'.encode(),
    "html": b"<!doctype html><img src=x>",
    "pdf": b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF",
    "eps": saved(upright(), "EPS"),
    "eps, as Windows writes it": b"\xc5\xd0\xd3\xc6"
    + struct.pack("<II", 32, 9999)
    + bytes(20)
    + saved(upright(), "EPS"),
    "ppm": saved(upright(), "PPM"),
    "tga": saved(upright(), "TGA"),
    "ico": saved(upright((32, 32)), "ICO"),
    "pcx": saved(upright(), "PCX"),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_what_is_not_on_the_list_is_never_decoded(kind):
    assert refusal(OTHERS[kind]) == "unreadable"


def test_some_of_what_is_not_on_the_list_would_have_been_decoded():
    assert Image.open(io.BytesIO(OTHERS["eps"])).format == "EPS"
    assert Image.open(io.BytesIO(OTHERS["ppm"])).format == "PPM"


def test_a_small_file_that_is_a_huge_picture_is_refused_at_once_and_costs_us_nothing():
    bomb = handmade_png(50_000, 50_000, chunk(b"IDAT", inflating(2501)))
    assert len(bomb) < 4_000_000
    before, peak = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refusal(bomb) == "too_large"
    assert time.monotonic() - before < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak < 20_000  # KiB


@pytest.mark.parametrize("width", [8001, 65_535, 2**31 - 1])
def test_a_picture_of_too_many_pixels_is_too_large_whatever_its_shape(width):
    assert refusal(handmade_png(width, 8000, chunk(b"IDAT", inflating(1)))) == "too_large"


def test_a_picture_that_inflates_to_a_gigabyte_is_no_larger_than_it_says(monkeypatch):
    monkeypatch.setattr(cleaning, "MEMORY", 140_000_000)
    before = time.monotonic()
    made = cleaned(handmade_png(10, 10, chunk(b"IDAT", inflating(1000))))
    assert (made.width, made.height) == (10, 10)
    assert time.monotonic() - before < 5


@pytest.mark.parametrize("name", [b"zTXt", b"iCCP"])
def test_words_that_inflate_to_a_gigabyte_are_not_waited_for(name):
    pixels = chunk(b"IDAT", zlib.compress(bytes(110)))
    assert refusal(handmade_png(10, 10, chunk(name, b"a\0\0" + inflating(1000)), pixels)) == "unreadable"


def test_a_picture_that_needs_more_memory_than_there_is_says_so(monkeypatch):
    content = saved(Image.new("L", (7000, 7000)), "TIFF", compression="tiff_lzw")
    monkeypatch.setattr(cleaning, "MEMORY", 140_000_000)
    assert refusal(content) == "memory"


def test_more_bytes_than_are_looked_at_start_nothing(started):
    with pytest.raises(CannotClean) as caught:
        clean(iter(()), size=cleaning.MOST_INPUT + 1)
    assert (caught.value.reason, started) == ("too_large", [])


def test_more_bytes_than_were_said_are_not_taken_either(started, monkeypatch):
    monkeypatch.setattr(cleaning, "MOST_INPUT", 100_000)
    with pytest.raises(CannotClean) as caught:
        clean((bytes(1000) for _ in iter(int, 1)), size=3)
    assert (caught.value.reason, len(started)) == ("too_large", 1)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from([camera_jpeg(), texted_png()]),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1, max_size=12),
)
def test_a_damaged_picture_is_cleaned_or_refused_and_nothing_else(content, flips):
    damaged = bytearray(content)
    for place, bits in flips:
        damaged[int(place * len(damaged))] ^= bits
    made, reason = None, ""
    try:
        made = cleaned(bytes(damaged))
    except CannotClean as error:
        reason = error.reason
    if made is None:
        assert reason in ("unreadable", "too_large", "memory")
    else:
        assert opened(made.content).size == (made.width, made.height)
        assert HIDDEN not in made.content


# The process


def answering(header: dict, tail: str = "") -> str:
    """A script that answers as the one that cleans does, but for what of the header is given here."""
    said = {"mime": "image/jpeg", "width": 1, "height": 1, "preview": "/9j/"} | header
    return f"""
sys.stdin.buffer.read()
head = json.dumps({said!r}).encode()
os.write(1, struct.pack(">I", len(head)) + head + b"\\xff\\xd8\\xff" + ({tail or "''"}).encode())
"""


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("time.sleep(60)", "too_slow"),
        ("sys.stdin.buffer.read(); time.sleep(60)", "too_slow"),
        ("os.close(0); os.close(1); os.close(2); time.sleep(60)", "too_slow"),
        ("signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)", "too_slow"),
        ("if os.fork() == 0: time.sleep(3)\nelse: os._exit(0)", "too_slow"),
        ("os.kill(os.getpid(), signal.SIGXCPU)", "too_slow"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "broken"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "broken"),
        ("print('garbage')", "broken"),
        ("os.write(1, bytes(4))", "broken"),
        ("while True: os.write(1, bytes(65536))", "broken"),
        ("while True: os.write(2, bytes(65536))", "broken"),
        ("sys.exit(0)", "broken"),
        ("sys.exit(3)", "broken"),
        ("sys.exit('/somewhere/ada/passport.jpg')", "broken"),
        ("raise ImportError('PIL')", "broken"),
        ("os.write(2, b'unreadable'); os._exit(1)", "unreadable"),
        (answering({"mime": "text/html"}), "broken"),
        (answering({"mime": ["image/jpeg"]}), "broken"),
        (answering({"mime": "image/png"}), "broken"),
        (answering({"width": "1"}), "broken"),
        (answering({"width": 9_000_001}), "broken"),
        (answering({"height": 0}), "broken"),
        (answering({"height": True}), "broken"),
        (answering({"preview": "PGh0bWw+"}), "broken"),
        (answering({"preview": 5}), "broken"),
        (answering({"preview": "/9j/" * 9000}), "broken"),
        ("head = b'[' * 100000; os.write(1, struct.pack('>I', 100000) + head)", "broken"),
        ("os.write(1, struct.pack('>I', 2) + b'[]')", "broken"),
        ("os.write(1, b'\\xff\\xff\\xff\\xff{}')", "broken"),
    ],
)
def test_a_process_that_does_not_do_what_it_should_is_ended_in_time_and_not_believed(
    instead, started, monkeypatch, script, reason
):
    instead(script)
    monkeypatch.setattr(cleaning, "TIMEOUT", 1.5)
    monkeypatch.setattr(cleaning, "MOST_ANSWER", 2_000_000)
    before = time.monotonic()
    assert refusal(bytes(1_000_000)) == reason
    assert time.monotonic() - before < 4
    assert len(started) == 1


def test_a_process_that_answers_as_it_should_is_believed(instead, started):
    instead(answering({}, "'x'"))
    assert cleaned(bytes(1_000_000)) == Cleaned(b"\xff\xd8\xffx", "image/jpeg", 1, 1, b"\xff\xd8\xff")
    assert len(started) == 1


def test_a_process_that_cannot_be_started_is_one_that_is_broken(monkeypatch):
    monkeypatch.setattr(cleaning.sys, "executable", "/nowhere/python")
    assert refusal(camera_jpeg()) == "broken"


def test_what_goes_wrong_where_the_bytes_come_from_is_told_as_it_is(started):
    wrong = LookupError("no such file")

    def source():
        yield camera_jpeg()[:1000]
        raise wrong

    with pytest.raises(LookupError) as caught:
        clean(source(), size=2000)
    assert caught.value is wrong
    assert [process.returncode for process in started] == [-signal.SIGKILL]


def test_the_time_that_the_source_takes_is_not_the_pictures(monkeypatch):
    monkeypatch.setattr(cleaning, "TIMEOUT", 1.5)

    def source():
        content = camera_jpeg()
        yield content[:1000]
        time.sleep(2)
        yield content[1000:]

    assert clean(source(), size=3).mime == "image/jpeg"


def test_the_process_is_given_nothing_but_the_picture(instead, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", CANARY)
    ours, theirs = socket.socketpair()
    os.set_inheritable(theirs.fileno(), True)
    is_open = "os.path.exists(f'/proc/self/fd/{n}')"
    instead(
        f"""
found = {{"environment": open("/proc/self/environ").read(), "arguments": sys.argv[1:], "where": os.getcwd(),
         "open": [os.readlink(f"/proc/self/fd/{{n}}").split(":")[0] for n in os.listdir("/proc/self/fd")
                  if {is_open}]}}
{answering({}, "json.dumps(found)")}
"""
    )
    found = json.loads(cleaned(b"a picture").content[3:])
    ours.close()
    theirs.close()
    assert found == {
        "environment": "",
        "arguments": [str(1 << 30), "20", "64000000", "9000000"],
        "where": "/",
        "open": ["pipe"] * 3,
    }


@pytest.fixture
def can(tmp_path):
    """What a process can do that enclosed itself as the one that cleans does, or did not."""
    victim = tmp_path / "keyring"
    victim.write_text(CANARY)
    script = f"""
import ctypes, importlib.util, json, os, resource, socket, subprocess, sys, threading
spec = importlib.util.spec_from_file_location("cleaner", {str(cleaning.SCRIPT)!r})
cleaner = importlib.util.module_from_spec(spec)
spec.loader.exec_module(cleaner)
libc = ctypes.CDLL(None, use_errno=True)
libc.process_vm_readv.argtypes = [ctypes.c_int] + [ctypes.c_void_p, ctypes.c_ulong] * 2 + [ctypes.c_ulong]
parent = os.getppid()
def ok(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), "")
def peek():
    memory = ctypes.create_string_buffer(8)
    local = (ctypes.c_ulong * 2)(ctypes.addressof(memory), 8)
    remote = (ctypes.c_ulong * 2)({id(victim)}, 8)
    ok(libc.process_vm_readv(parent, local, 1, remote, 1, 0))
def fork():
    if os.fork() == 0:
        os._exit(0)
acts = {{
    "read a file": lambda: open("/etc/hostname"),
    "write a file": lambda: open({str(tmp_path / "made")!r}, "w"),
    "make a socket": lambda: socket.socket(),
    "make a pipe": lambda: os.pipe(),
    "look into its parent": peek,
    "delete": lambda: os.unlink({str(victim)!r}),
    "rename": lambda: os.rename({str(victim)!r}, {str(victim)!r} + "2"),
    "let others read": lambda: os.chmod({str(victim)!r}, 0o777),
    "fork": fork,
    "run": lambda: os.execv("/bin/true", ["true"]),
    "signal its parent": lambda: os.kill(parent, 0),
    "allow itself more files": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (9, 9)),
    "allow itself more memory": lambda: resource.setrlimit(resource.RLIMIT_AS, (-1, -1)),
}}
can = []
if "by limits alone" in sys.argv:
    cleaner.MACHINES.clear()
if len(sys.argv) > 1:
    cleaner.enclose(memory=1 << 30, seconds=20)
for name, act in acts.items():
    if name == "run" and "enclosed" not in sys.argv:
        continue
    try:
        act()
    except (OSError, ValueError):
        continue
    can.append(name)
try:
    worker = threading.Thread(target=can.append, args=("start a thread",))
    worker.start()
    worker.join()
except RuntimeError:
    pass
os.write(1, json.dumps(can).encode())
os._exit(0)
"""
    path = tmp_path / "probe.py"
    path.write_text(script)

    def able(*arguments: str) -> list[str]:
        return json.loads(subprocess.check_output([sys.executable, "-I", path, *arguments], env={}, cwd="/"))

    return able


@pytest.mark.skipif(
    sys.platform != "linux" or os.uname().machine not in ("x86_64", "aarch64"),
    reason="no filter is known for it",
)
def test_once_it_reads_a_picture_the_process_can_compute_and_nothing_else(can, tmp_path):
    assert can("enclosed") == ["start a thread"]
    assert (tmp_path / "keyring").read_text() == CANARY
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(("made", "keyring2"))] == []


OPENING = {"read a file", "write a file", "make a socket", "make a pipe"}


def test_where_the_kernel_gives_no_filter_nothing_can_be_opened_all_the_same(can):
    assert OPENING & set(can("by limits alone")) == set()


def test_a_process_that_did_not_enclose_itself_could_do_all_that(can):
    assert {*OPENING, "delete", "fork", "signal its parent"} <= set(can())


def test_a_process_that_computes_for_too_long_is_ended_by_the_kernel(instead, started):
    instead(
        f"""
import importlib.util
spec = importlib.util.spec_from_file_location("cleaner", {str(cleaning.SCRIPT)!r})
cleaner = importlib.util.module_from_spec(spec)
spec.loader.exec_module(cleaner)
cleaner.enclose(memory=1 << 30, seconds=1)
while True: pass
"""
    )
    before = time.monotonic()
    assert refusal(b"a picture") == "too_slow"
    assert time.monotonic() - before < 10
    assert [process.returncode for process in started] == [-signal.SIGXCPU]


written = []
is_watched = False


@sys.addaudithook
def _note_writing(event, arguments):
    if (
        is_watched
        and event == "open"
        and not isinstance(arguments[0], int)
        and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    ):
        written.append(arguments[0])


def test_nothing_is_written_to_a_disk(tmp_path, monkeypatch):
    def files():
        return {path for path in Path("/tmp").iterdir() if path.is_file()}

    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setitem(globals(), "is_watched", True)
    content, before = camera_jpeg(), files()
    cleaned(content)
    monkeypatch.setitem(globals(), "is_watched", False)
    new = [path.read_bytes() for path in files() - before if path.exists()]
    assert (written, list(tmp_path.iterdir()), [one for one in new if HIDDEN in one]) == ([], [], [])


def test_neither_what_was_made_nor_why_it_was_not_shows_the_picture():
    made = cleaned(saved(upright(), "PNG"))
    assert repr(made) == "Cleaned(mime='image/jpeg', width=240, height=120)"
    with pytest.raises(CannotClean) as caught:
        cleaned(HIDDEN * 100)
    assert [CANARY in shown for shown in (repr(caught.value), str(caught.value))] == [False, False]
