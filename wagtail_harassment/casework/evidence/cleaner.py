"""Makes a cleaned copy of one picture: its pixels, and nothing else that was in the file.

Runs as a process of its own, started by :mod:`.cleaning` with ``python -I``; imports nothing of this package. The
code that decodes pictures is large and written in C, so it is taken for lost: before the first byte of a picture
is read, the process gives up whatever it could do harm with (:func:`enclose`).

Arguments: bytes of address space, seconds of CPU, most pixels, pixels that are left. The picture comes in on
stdin. On success stdout has four bytes, big-endian, the length of a header in JSON; the header; the cleaned
picture. On failure stdout is empty, the exit code is not 0 and stderr has one word of ``WORDS``: never anything
of the file.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import errno
import importlib
import io
import json
import os
import resource
import struct
import sys
import warnings

from PIL import Image, ImageCms, ImageFilter, ImageOps

try:
    import pillow_heif
except ImportError:
    pillow_heif = None

WORDS = ("unreadable", "too-large", "memory", "broken")

#: Pillow's modules that may see a file. None starts another program, as the one for PostScript does.
PLUGINS = ("Jpeg", "Mpo", "Png", "WebP", "Gif", "Bmp", "Tiff", "Avif")
FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "HEIF", "AVIF"]
MIMES = {"JPEG": "image/jpeg", "PNG": "image/png"}

QUALITY = 88
#: Pixels of the preview's longest side.
PREVIEW = 32

PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 4, 22, 38
#: Kinds of machine: a place in ``CALLS``, and the kernel's number for it.
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
#: All that a decoder needs of the kernel, by its number on either.
CALLS = {
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "brk": (12, 214),
    "mmap": (9, 222),
    "munmap": (11, 215),
    "mremap": (25, 216),
    "mprotect": (10, 226),
    "madvise": (28, 233),
    "futex": (202, 98),
    "membarrier": (324, 283),
    "rseq": (334, 293),
    "set_robust_list": (273, 99),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    "nanosleep": (35, 101),
    "clock_nanosleep": (230, 115),
    "clock_gettime": (228, 113),
    "gettimeofday": (96, 169),
    "getpid": (39, 172),
    "gettid": (186, 178),
    "getrandom": (318, 278),
    "exit": (60, 93),
    "exit_group": (231, 94),
}
#: May start a thread, which is told from a process by a flag.
CLONE, CLONE_THREAD = (56, 220), 0x10000
#: The same, with its flags in memory, where nothing can look at them. Told that there is no such call, libraries
#: take the older one.
CLONE3 = 435
#: Of linux/bpf_common.h and linux/seccomp.h.
LOAD, IF_EQUAL, IF_SET, ANSWER = 0x20, 0x15, 0x45, 0x06
KILL, ALLOW, FAIL = 0x80000000, 0x7FFF0000, 0x00050000

ORIENTATION = 0x0112


class Refused(Exception):
    """There will be no cleaned copy. Its text is one of ``WORDS``."""


def main() -> None:
    """Read a picture, write its cleaned copy or a word, and end the process."""
    memory, seconds, pixels, left = (int(argument) for argument in sys.argv[1:])
    answer, word = own_outputs()
    said = b""
    try:
        warm_up()
        enclose(memory=memory, seconds=seconds)
        write(answer, framed(sys.stdin.buffer.read(), pixels=pixels, left=left))
    except Refused as error:
        said = str(error).encode()
    except MemoryError:
        said = b"memory"
    except BaseException:
        said = b"broken"
    write(word, said)
    # Nothing is left to tidy up, and what is left of a decoder may not survive being tidied up.
    os._exit(1 if said else 0)


def own_outputs() -> tuple[int, int]:
    """Keep stdout and stderr for ourselves, and give the libraries, some of which print, the null device."""
    answer, word = os.dup(1), os.dup(2)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    os.close(null)
    return answer, word


def write(descriptor: int, content: bytes) -> None:
    """Write all of it."""
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]


def warm_up() -> None:
    """Load all that is loaded when it is first used, because afterwards no file can be opened."""
    warnings.simplefilter("ignore")
    for name in PLUGINS:
        with contextlib.suppress(ImportError):
            plugin = importlib.import_module(f"PIL.{name}ImagePlugin")
            # For AVIF; the others have no threads. Where the kernel gives no filter, none could be started.
            plugin.DEFAULT_MAX_THREADS = 1
    if pillow_heif is not None:
        # A thumbnail may show something else than the picture.
        pillow_heif.register_heif_opener(
            thumbnails=False, depth_images=False, aux_images=False, decode_threads=0
        )
    # Pillow looks for other plugins when it is asked for a format that it does not know.
    FORMATS[:] = [name for name in FORMATS if name in Image.OPEN]
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    for mode in ("RGB", "RGBA", "P"):
        for name in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"):
            if (mode, name) in (("RGBA", "JPEG"), ("P", "JPEG")) or name not in Image.SAVE:
                continue
            sample = io.BytesIO()
            Image.new(mode, (2, 1)).save(sample, name, icc_profile=profile, exif=exif)
            framed(sample.getvalue(), pixels=2, left=1)


def enclose(*, memory: int, seconds: int) -> None:
    """Give up, for good: opening anything, starting anything, more than ``memory`` bytes of address space and
    more than ``seconds`` of CPU.

    What is open stays open. Raises ``OSError`` or ``ValueError`` where a limit cannot be set.
    """
    for limit, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    # At the first the process is told SIGXCPU, which says why it died; at the second it is killed.
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    if not compute_only():
        # Not where it can be helped: it forbids threads too, and the decoder of HEIC starts one.
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def compute_only() -> bool:
    """Have the kernel refuse, with ``EPERM``, all that is not computing; whether it will.

    The limits leave much to a decoder that was taken over: the memory of the process that started this one, which
    holds keys, can be read and files be deleted without opening anything, and root can raise a limit again.
    Linux, and the ``MACHINES`` here, only. https://docs.kernel.org/userspace-api/seccomp_filter.html
    """
    machine = os.uname().machine
    if sys.platform != "linux" or machine not in MACHINES or struct.calcsize("P") != 8:
        return False
    place, architecture = MACHINES[machine]
    program = [
        (LOAD, 0, 0, 4),  # the kind of machine that is called
        (IF_EQUAL, 1, 0, architecture),
        (ANSWER, 0, 0, KILL),
        (LOAD, 0, 0, 0),  # the call
        *(step for call in CALLS.values() for step in ((IF_EQUAL, 0, 1, call[place]), (ANSWER, 0, 0, ALLOW))),
        (IF_EQUAL, 0, 1, CLONE3),
        (ANSWER, 0, 0, FAIL | errno.ENOSYS),
        (IF_EQUAL, 0, 3, CLONE[place]),
        (LOAD, 0, 0, 16),  # its flags
        (IF_SET, 0, 1, CLONE_THREAD),
        (ANSWER, 0, 0, ALLOW),
        (ANSWER, 0, 0, FAIL | errno.EPERM),
    ]
    steps = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in program))
    prctl = ctypes.CDLL(None).prctl
    prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    filters = ctypes.create_string_buffer(struct.pack("HP", len(program), ctypes.addressof(steps)))
    return prctl(PR_SET_SECCOMP, 2, ctypes.addressof(filters), 0, 0) == 0


def framed(content: bytes, *, pixels: int, left: int) -> bytes:
    """The answer for the picture in ``content``. Raises ``Refused`` or ``MemoryError``."""
    try:
        picture, frames_dropped = decoded(content, pixels=pixels, left=left)
    except (Refused, MemoryError):
        raise
    except Image.DecompressionBombError:
        raise Refused("too-large") from None
    except Exception as error:
        # Decoders that run out of memory say so in words of their own.
        raise Refused("memory" if "memory" in str(error).lower() else "unreadable") from None
    name = "PNG" if picture.mode == "RGBA" else "JPEG"
    header = {
        "format": name,
        "mime": MIMES[name],
        "width": picture.width,
        "height": picture.height,
        "frames_dropped": frames_dropped,
        "preview": base64.b64encode(preview(picture)).decode(),
    }
    head = json.dumps(header).encode()
    return struct.pack(">I", len(head)) + head + encoded(picture, name)


def decoded(content: bytes, *, pixels: int, left: int) -> tuple[Image.Image, bool]:
    """The first picture in ``content``, upright, in sRGB, RGBA where something shows through and else RGB, of
    at most ``left`` pixels; and whether there are more. Raises whatever decoders raise."""
    Image.MAX_IMAGE_PIXELS = pixels
    image = Image.open(io.BytesIO(content), formats=FORMATS)
    if image.width * image.height > pixels:
        raise Refused("too-large")
    more = bool(getattr(image, "is_animated", False))
    # A JPEG can be decoded at a half, a quarter or an eighth, in as much less memory.
    share = min(1, (left / (image.width * image.height)) ** 0.5)
    size = tuple(max(1, int(side * share)) for side in image.size)
    image.draft(None, size)
    image.load()
    image = scalable(image)
    image.thumbnail(size, Image.Resampling.LANCZOS)
    try:
        ImageOps.exif_transpose(image, in_place=True)
    except MemoryError:
        raise
    except Exception:  # noqa: S110
        # Nothing in the file says which way is up.
        pass
    return in_srgb(image), more


def scalable(image: Image.Image) -> Image.Image:
    """In a mode that can be scaled with care: L, RGB, CMYK or RGBA."""
    if image.mode == "F" or image.mode.startswith("I"):
        low, high = (0, 0xFFFF) if image.mode.startswith("I;16") else image.getextrema()
        scale = 255 / ((high - low) or 1)
        image = image.convert("F").point(lambda value: value * scale + -low * scale).convert("L")
        # A grey of the old scale.
        image.info.pop("transparency", None)
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image if image.mode in ("L", "RGB", "CMYK") else image.convert("RGB")


def in_srgb(image: Image.Image) -> Image.Image:
    """The pixels of ``image`` alone, in sRGB, by its profile when that makes sense."""
    alpha = None
    if image.mode == "RGBA":
        alpha = image.getchannel("A")
        alpha = alpha if alpha.getextrema()[0] < 255 else None
    colours = by_profile(image.convert("RGB") if image.mode == "RGBA" else image)
    bare = Image.new("RGB", colours.size)
    bare.paste(colours)
    if alpha is not None:
        bare.putalpha(alpha)
        # There and back: what nobody sees because nothing of it shows through is then black.
        bare = bare.convert("RGBa").convert("RGBA")
    return bare


def by_profile(image: Image.Image) -> Image.Image:
    """As RGB, converted by the profile that came with the picture, or plainly."""
    profile = image.info.get("icc_profile")
    if profile:
        try:
            return ImageCms.profileToProfile(
                image,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode="RGB",
            )
        except MemoryError:
            raise
        except Exception:  # noqa: S110
            pass
    return image.convert("RGB")


def encoded(picture: Image.Image, name: str) -> bytes:
    """The file's bytes. Colour is kept at full resolution: much of what comes in is screenshots, and red words
    smear without it."""
    made = io.BytesIO()
    if name == "JPEG":
        picture.save(made, "JPEG", quality=QUALITY, subsampling=0)
    else:
        picture.save(made, "PNG")
    return made.getvalue()


def preview(picture: Image.Image) -> bytes:
    """A JPEG of some hundred bytes that shows colours and where they are, and nobody's face."""
    small = picture.copy()
    small.thumbnail((PREVIEW, PREVIEW), Image.Resampling.BOX)
    ground = Image.new("RGB", small.size, "white")
    ground.paste(small, mask=small.getchannel("A") if small.mode == "RGBA" else None)
    made = io.BytesIO()
    ground.filter(ImageFilter.GaussianBlur(2)).save(made, "JPEG", quality=60)
    return made.getvalue()


if __name__ == "__main__":
    main()
