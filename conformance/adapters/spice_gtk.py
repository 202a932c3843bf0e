"""spice-gtk, for the suite to judge: it connects, then speaks the control protocol (conformance/suite/control.ts).

spice_gtk.py URI [PASSWORD]
"""
import ctypes
import json
import os
import resource
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "peers"))

from spice_gtk import Client, Gio, GLib, GObject, Spice, on  # noqa: E402

BUTTONS = {"LEFT": 1, "MIDDLE": 2, "RIGHT": 3, "UP": 4, "DOWN": 5, "SIDE": 6, "EXTRA": 7}
MASKS = {"LEFT": 1, "MIDDLE": 2, "RIGHT": 4, "SIDE": 32, "EXTRA": 64}
MODES = {"server": 1, "client": 2}
TEXT = 1  # VD_AGENT_CLIPBOARD_UTF8_TEXT
# It takes as much memory as a server says. What it takes beyond this would be missed by whatever runs beside it.
MOST_BYTES = 4 << 30


class Unsupported(Exception):
    """The verb means nothing to this client."""


class Judged(Client):
    """A client that is asked by lines on standard input and answers on standard output, at once."""

    def __init__(self, uri, password):
        super().__init__({"uri": uri, **({"password": password} if password else {})})
        self.told = []
        self.open = set()
        self.over = False
        self.buttons = 0
        self.cursors = {}
        self.text = ""

    def event(self, name, **data):
        self.told.append(name)
        if name == "CHANNEL":
            (self.open.add if data["event"] == "opened" else self.open.discard)(data["channel"])
            # What is left of a session without its main channel is the application's to end.
            self.over = self.over or data["channel"] == "main-0" and data["event"] not in ("none", "opened")
        self.over = self.over or name == "DISCONNECTED"

    def new_channel(self, session, channel):
        super().new_channel(session, channel)
        number = channel.get_property("channel-id")
        if isinstance(channel, Spice.MainChannel):
            on(channel, "main-clipboard-selection-request", self.asked_for_text)
        if isinstance(channel, Spice.CursorChannel):
            shown = self.cursors[number] = {"x": 0, "y": 0, "visible": False, "width": 0, "height": 0, "hotX": 0,
                                            "hotY": 0, "pixels": []}
            on(channel, "cursor-set", lambda _c, *shape: self.shape(shown, *shape))
            on(channel, "cursor-move", lambda _c, x, y: shown.update(x=x, y=y))
            on(channel, "cursor-hide", lambda _c: shown.update(visible=False))
            on(channel, "cursor-reset", lambda _c: shown.update(visible=False, width=0, height=0, pixels=[]))

    def shape(self, shown, width, height, hot_x, hot_y, rgba):
        pixels = []
        if rgba:
            data = ctypes.string_at(int(rgba), 4 * width * height)
            pixels = [data[i + 3] << 24 | data[i] << 16 | data[i + 1] << 8 | data[i + 2]
                      for i in range(0, len(data), 4)]
        shown.update(visible=True, width=width, height=height, hotX=hot_x, hotY=hot_y, pixels=pixels)

    def asked_for_text(self, main, selection, kind):
        if kind != TEXT or not self.text:
            return False
        main.clipboard_selection_notify(selection, kind, list(self.text.encode()))
        return True

    def main(self):
        return self.channels["main-0"]

    def opened(self, kind):
        """The inputs channel drops what comes before it is open, without a word."""
        if f"{kind}-0" not in self.open:
            raise RuntimeError(f"the {kind} channel is not open")
        return self.channels[f"{kind}-0"]

    def verb_shot(self, display=0):
        if display not in self.primaries:
            raise RuntimeError("no picture")
        handle, path = tempfile.mkstemp(suffix=".ppm")
        os.close(handle)
        return {**self.do_shot(path, display), "file": path}

    def verb_primary(self, display=0):
        return self.do_primary(display)

    def verb_cursor(self, display=0):
        return self.cursors[display]

    def verb_key(self, scancode, down):
        code = scancode if scancode < 0x100 else 0x100 | scancode & 0x7f
        (self.opened("inputs").key_press if down else self.opened("inputs").key_release)(code)

    def verb_move(self, x, y, display=0):
        self.opened("inputs").position(x, y, display, self.buttons)

    def verb_motion(self, dx, dy):
        self.opened("inputs").motion(dx, dy, self.buttons)

    def verb_button(self, button, down):
        inputs = self.opened("inputs")
        (inputs.button_press if down else inputs.button_release)(BUTTONS[button], self.buttons)
        mask = MASKS.get(button, 0)
        self.buttons = self.buttons | mask if down else self.buttons & ~mask

    def verb_leds(self):
        return self.do_locks()

    def verb_mouse_mode(self, mode=None):
        if mode is not None:
            return self.do_mouse_mode(MODES[mode])
        return {number: name for name, number in MODES.items()}.get(self.main().get_property("mouse-mode"))

    def verb_name(self):
        return self.session.get_property("name")

    def verb_uuid(self):
        try:
            address = self.session.get_property("uuid")
        except TypeError:
            raise Unsupported
        return ctypes.string_at(int(address), 16).hex() if address else None

    def verb_agent(self):
        return self.do_agent()["connected"]

    def verb_clipboard(self, text):
        self.text = text
        self.main().clipboard_selection_grab(0, [TEXT])

    def verb_channels(self):
        return sorted(self.open)

    def verb_ended(self):
        return self.over

    def verb_events(self):
        told, self.told = self.told, []
        return told

    def answer(self, line):
        number = None
        try:
            asked = json.loads(line)
            number = asked.pop("id", None)
            verb = getattr(self, "verb_" + str(asked.pop("do", "")), None)
            if verb is None:
                return {"id": number, "unsupported": True}
            return {"id": number, "ok": verb(**asked)}
        except Unsupported:
            return {"id": number, "unsupported": True}
        except Exception as error:  # whatever it is, the suite must hear of it
            return {"id": number, "error": f"{type(error).__name__}: {error}"}

    def line(self, lines, result):
        text, _length = lines.read_line_finish_utf8(result)
        if text is None:
            return self.loop.quit()
        print(json.dumps(self.answer(text)), flush=True)
        self.read()

    def serve_lines(self):
        self.lines = Gio.DataInputStream.new(Gio.UnixInputStream.new(0, False))
        self.read()
        Spice.Session.connect(self.session)
        self.loop.run()


resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
Judged(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "").serve_lines()
