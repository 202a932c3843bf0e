"""A spice-gtk client that takes commands on a unix socket, in QMP's form: one JSON value a line.

spice_gtk.py SOCKET PROPERTIES   (PROPERTIES: a JSON object of SpiceSession properties, as {"host": "127.0.0.1"})

Commands: shot {path, channel}, key {scancodes}, press {scancode}, release {scancode}, position {x, y, buttons},
motion {x, y, buttons}, button {button, buttons, down}, mouse_mode {mode}, primary {channel}, resize {sizes}, agent,
locks, set_locks {locks}, compression {compression, channel}, video_codecs {codecs, channel}, quit.
Events: CHANNEL {channel, event}, PRIMARY {channel, width, height}, MARK {channel}, MOUSE_MODE {mode}, CURSOR_SET,
CURSOR_HIDE, CURSOR_MOVE, DISCONNECTED.
"""
import ctypes
import json
import sys

import gi

gi.require_version("SpiceClientGLib", "2.0")
from gi.repository import Gio, GLib, GObject, SpiceClientGLib as Spice  # noqa: E402

# Session.connect and Channel.connect are SPICE's own: signals need the base class's method.
on = GObject.Object.connect


class Client:
    def __init__(self, properties):
        self.loop = GLib.MainLoop()
        self.out = None
        self.early = []
        self.channels = {}
        self.primaries = {}
        self.session = Spice.Session.new()
        for name, value in {"enable-audio": False, "enable-usbredir": False, **properties}.items():
            self.session.set_property(name, value)
        on(self.session, "channel-new", self.new_channel)
        on(self.session, "disconnected", lambda *_: self.event("DISCONNECTED"))

    def event(self, name, **data):
        self.send({"event": name, "data": data})

    def send(self, message):
        if self.out is None:
            self.early.append(message)
        else:
            self.out.write_all((json.dumps(message) + "\n").encode(), None)

    def new_channel(self, _session, channel):
        kind = Spice.Channel.type_to_string(channel.get_property("channel-type"))
        number = channel.get_property("channel-id")
        self.channels[f"{kind}-{number}"] = channel
        on(channel, "channel-event",
           lambda _c, event: self.event("CHANNEL", channel=f"{kind}-{number}", event=event.value_nick))
        if isinstance(channel, Spice.MainChannel):
            on(channel, "notify::mouse-mode",
               lambda c, _p: self.event("MOUSE_MODE", mode=c.get_property("mouse-mode")))
            return
        if isinstance(channel, Spice.DisplayChannel):
            on(channel, "display-primary-create", lambda _c, *primary: self.primary(number, primary))
            on(channel, "display-primary-destroy", lambda _c: self.primaries.pop(number, None))
            on(channel, "display-mark", lambda _c, mark: mark and self.event("MARK", channel=number))
        if isinstance(channel, Spice.CursorChannel):
            on(channel, "cursor-set", lambda _c, w, h, x, y, _rgba: self.event("CURSOR_SET", width=w, height=h, x=x, y=y))
            on(channel, "cursor-hide", lambda _c: self.event("CURSOR_HIDE"))
            on(channel, "cursor-move", lambda _c, x, y: self.event("CURSOR_MOVE", x=x, y=y))
        Spice.Channel.connect(channel)

    def primary(self, number, primary):
        self.primaries[number] = primary
        self.event("PRIMARY", channel=number, width=primary[1], height=primary[2])

    def execute(self, command, arguments):
        return getattr(self, "do_" + command)(**arguments)

    def do_qmp_capabilities(self):
        return {}

    def do_shot(self, path, channel=0):
        _format, width, height, stride, _shm, address = self.primaries[channel]
        data = ctypes.string_at(address, stride * height)
        rows = bytearray()
        for y in range(height):
            row = data[y * stride:y * stride + width * 4]
            rgb = bytearray(width * 3)
            rgb[0::3], rgb[1::3], rgb[2::3] = row[2::4], row[1::4], row[0::4]
            rows += rgb
        with open(path, "wb") as file:
            file.write(b"P6\n%d %d\n255\n" % (width, height) + rows)
        return {"width": width, "height": height}

    def do_primary(self, channel=0):
        primary = self.primaries.get(channel)
        return {"width": primary[1], "height": primary[2]} if primary else None

    def inputs(self):
        return self.channels["inputs-0"]

    def do_key(self, scancodes):
        for scancode in scancodes:
            self.inputs().key_press_and_release(scancode)

    def do_press(self, scancode):
        self.inputs().key_press(scancode)

    def do_release(self, scancode):
        self.inputs().key_release(scancode)

    def do_position(self, x, y, buttons=0, display=0):
        self.inputs().position(x, y, display, buttons)

    def do_motion(self, x, y, buttons=0):
        self.inputs().motion(x, y, buttons)

    def do_button(self, button, buttons, down):
        (self.inputs().button_press if down else self.inputs().button_release)(button, buttons)

    def do_mouse_mode(self, mode):
        self.channels["main-0"].request_mouse_mode(mode)

    def do_resize(self, sizes):
        main = self.channels["main-0"]
        for number, (width, height) in enumerate(sizes):
            main.update_display(number, 0, 0, width, height, False)
            main.update_display_enabled(number, width > 0, False)
        return main.send_monitor_config()

    def do_agent(self):
        main = self.channels["main-0"]
        caps = [number for number in range(18) if main.agent_test_capability(number)]
        return {"connected": bool(main.get_property("agent-connected")), "caps": caps}

    def do_locks(self):
        return int(self.inputs().get_property("key-modifiers"))

    def do_set_locks(self, locks):
        self.inputs().set_key_locks(locks)

    def do_compression(self, compression, channel=0):
        Spice.DisplayChannel.display_channel_change_preferred_compression(self.channels[f"display-{channel}"], compression)

    def do_video_codecs(self, codecs, channel=0):
        change = Spice.DisplayChannel.display_channel_change_preferred_video_codec_types
        return change(self.channels[f"display-{channel}"], codecs)

    def do_quit(self):
        self.session.disconnect()
        GLib.timeout_add(50, self.loop.quit)

    def serve(self, path):
        service = Gio.SocketService.new()
        service.add_address(Gio.UnixSocketAddress.new(path), Gio.SocketType.STREAM, Gio.SocketProtocol.DEFAULT, None)
        service.connect("incoming", self.accept)
        service.start()
        Spice.Session.connect(self.session)
        self.loop.run()

    def accept(self, _service, connection, _source):
        self.connection, self.out = connection, connection.get_output_stream()
        self.lines = Gio.DataInputStream.new(connection.get_input_stream())
        for message in self.early:
            self.send(message)
        self.read()
        return True

    def read(self):
        self.lines.read_line_async(GLib.PRIORITY_DEFAULT, None, self.line)

    def line(self, lines, result):
        text, _length = lines.read_line_finish_utf8(result)
        if text is None:
            return self.loop.quit()
        request = json.loads(text)
        try:
            answer = {"return": self.execute(request["execute"], request.get("arguments", {}))}
        except Exception as error:  # whatever it is, the caller must hear of it
            answer = {"error": {"class": type(error).__name__, "desc": str(error)}}
        self.send({"id": request.get("id"), **answer})
        self.read()


if __name__ == "__main__":
    Client(json.loads(sys.argv[2])).serve(sys.argv[1])
