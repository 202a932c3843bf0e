"""Prints the pointer that the X screen of $DISPLAY shows now.

One JSON object: width, height, hotX, hotY, pixels (0xAARRGGBB, colours multiplied by alpha, rows from the top).
"""
import ctypes
import json


class XFixesCursorImage(ctypes.Structure):
    """Source: X11/extensions/Xfixes.h."""

    _fields_ = [
        ("x", ctypes.c_short), ("y", ctypes.c_short),
        ("width", ctypes.c_ushort), ("height", ctypes.c_ushort),
        ("xhot", ctypes.c_ushort), ("yhot", ctypes.c_ushort),
        ("cursor_serial", ctypes.c_ulong),
        # One pixel in each unsigned long, whatever its size.
        ("pixels", ctypes.POINTER(ctypes.c_ulong)),
        ("atom", ctypes.c_ulong), ("name", ctypes.c_char_p),
    ]


x11, xfixes = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXfixes.so.3")
x11.XOpenDisplay.argtypes, x11.XOpenDisplay.restype = [ctypes.c_char_p], ctypes.c_void_p
xfixes.XFixesGetCursorImage.argtypes = [ctypes.c_void_p]
xfixes.XFixesGetCursorImage.restype = ctypes.POINTER(XFixesCursorImage)

display = x11.XOpenDisplay(None)
if not display:
    raise SystemExit("Cannot open the display")
image = xfixes.XFixesGetCursorImage(display).contents
print(json.dumps({
    "width": image.width, "height": image.height, "hotX": image.xhot, "hotY": image.yhot,
    "pixels": [pixel & 0xffffffff for pixel in image.pixels[:image.width * image.height]],
}))
