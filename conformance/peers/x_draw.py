"""Draws on the whole screen of DISPLAY, over all windows: a JSON object a line on standard input, a line "done" for each.

{"do": "fill", "left": 0, "top": 0, "right": 8, "bottom": 8, "color": 255}
{"do": "copy", "left": 0, "top": 0, "right": 8, "bottom": 8, "x": 16, "y": 0}
{"do": "paint", "left": 0, "top": 0, "right": 8, "bottom": 8, "seed": 1}, noise
"""
import ctypes
import json
import random
import sys

x = ctypes.CDLL("libX11.so.6")
pointer, number = ctypes.c_void_p, ctypes.c_ulong
x.XOpenDisplay.restype = x.XDefaultVisual.restype = x.XCreateGC.restype = x.XCreateImage.restype = pointer
x.XDefaultRootWindow.restype = number
display = pointer(x.XOpenDisplay(None))
if not display:
    sys.exit("Cannot open the display")
root = number(x.XDefaultRootWindow(display))
gc = pointer(x.XCreateGC(display, root, number(0), None))
x.XSetSubwindowMode(display, gc, 1)  # IncludeInferiors
x.XSetGraphicsExposures(display, gc, 0)


def fill(box, size, color):
    x.XSetForeground(display, gc, number(color))
    x.XFillRectangle(display, root, gc, *box, *size)


def copy(box, size, left, top):
    x.XCopyArea(display, root, root, gc, left, top, *size, *box)


def paint(box, size, seed):
    width, height = size
    data = ctypes.create_string_buffer(random.Random(seed).randbytes(4 * width * height))
    visual, depth = pointer(x.XDefaultVisual(display, 0)), x.XDefaultDepth(display, 0)
    image = pointer(x.XCreateImage(display, visual, depth, 2, 0, data, width, height, 32, 0))
    x.XPutImage(display, root, gc, image, 0, 0, *box, *size)
    x.XFree(image)


for line in sys.stdin:
    asked = json.loads(line)
    box = (asked["left"], asked["top"])
    size = (asked["right"] - asked["left"], asked["bottom"] - asked["top"])
    if asked["do"] == "fill":
        fill(box, size, asked["color"])
    elif asked["do"] == "copy":
        copy(box, size, asked["x"], asked["y"])
    else:
        paint(box, size, asked["seed"])
    x.XSync(display, 0)
    print("done", flush=True)
