"""Files that a reporter might have, made for tests: with something in each that must not come through, or must."""

from __future__ import annotations

import base64
import hashlib
import io
from pathlib import Path

from PIL import Image
from PIL.TiffImagePlugin import IFDRational
from playwright.sync_api import Page

from tests.clamd import EICAR

#: Stands in the hidden details of the photograph.
CAMERA = "Canary Camera 5000"

RECORD = """
async () => {
  const canvas = document.createElement("canvas")
  canvas.width = 160; canvas.height = 120
  const pen = canvas.getContext("2d")
  let turn = 0
  const timer = setInterval(() => {
    pen.fillStyle = `hsl(${turn += 20} 80% 50%)`
    pen.fillRect(0, 0, 160, 120)
  }, 40)
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: "video/webm;codecs=vp8" })
  const parts = []
  recorder.ondataavailable = (event) => parts.push(event.data)
  const done = new Promise((resolve) => { recorder.onstop = resolve })
  recorder.start()
  await new Promise((resolve) => setTimeout(resolve, 1500))
  recorder.stop()
  clearInterval(timer)
  await done
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer())
  return btoa(String.fromCharCode(...bytes))
}
"""


def photograph(folder: Path) -> Path:
    """A photograph with its place and its camera inside."""
    picture = Image.radial_gradient("L").resize((900, 600)).convert("RGB")
    exif = picture.getexif()
    exif[0x0110] = CAMERA
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2] = "N", (IFDRational(54), IFDRational(58), IFDRational(41))
    gps[3], gps[4] = "W", (IFDRational(1), IFDRational(36), IFDRational(53))
    path = folder / "from the stairs.jpg"
    picture.save(path, "JPEG", exif=exif)
    return path


def video(folder: Path, page: Page) -> Path:
    """A second and a half of moving picture, recorded by the browser itself."""
    path = folder / "corridor.webm"
    path.write_bytes(base64.b64decode(page.evaluate(RECORD)))
    return path


def letter(folder: Path) -> Path:
    """A page as a PDF."""
    path = folder / "letter.pdf"
    Image.new("RGB", (600, 800), "white").save(path, "PDF")
    return path


def text_named_jpg(folder: Path) -> Path:
    """Words that call themselves a picture."""
    path = folder / "picture.jpg"
    path.write_text("This is no picture.\n" * 20)
    return path


def virus_test_file(folder: Path) -> Path:
    """What every scanner has to find."""
    path = folder / "invoice.txt"
    path.write_bytes(EICAR)
    return path


def two_gigabytes(folder: Path) -> Path:
    """More than is taken. A hole in the disk: it takes no room here."""
    path = folder / "everything.mp4"
    with path.open("wb") as stream:
        stream.write(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom")
        stream.truncate(2 * 2**30)
    return path


def sha256(path: Path) -> str:
    """A file's hash, as anybody can work it out."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def hidden_details(content: bytes) -> dict:
    """What a picture says beside what it shows."""
    picture = Image.open(io.BytesIO(content))
    return dict(picture.getexif()) | dict(picture.getexif().get_ifd(0x8825))
