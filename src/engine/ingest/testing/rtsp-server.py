"""A real RTSP server on loopback, of GStreamer. argv[1] says as JSON what it serves: see rtsp-server.ts.

Prints its port once it listens. A line {"path", "units"} on its standard input shows something else from then on; it
ends when its standard input is closed.
"""

import json
import struct
import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

Gst.init(None)

CAPS = {
    "h264": "video/x-h264,stream-format=byte-stream,alignment=au",
    "h265": "video/x-h265,stream-format=byte-stream,alignment=au",
    "mjpeg": "image/jpeg",
}
# Parameter sets are sent again with every keyframe, so that a stream may change in the middle.
REST = {
    "h264": "h264parse config-interval=-1 ! rtph264pay name=pay0 pt=96 config-interval=-1",
    "h265": "h265parse config-interval=-1 ! rtph265pay name=pay0 pt=96 config-interval=-1",
    "mjpeg": "jpegparse ! rtpjpegpay name=pay0 pt=26",
}
TRANSPORTS = {"tcp": GstRtsp.RTSPLowerTrans.TCP, "udp": GstRtsp.RTSPLowerTrans.UDP}


def read_units(file):
    """Access units, each behind its length as four bytes, big-endian."""
    with open(file, "rb") as opened:
        data = opened.read()
    units, at = [], 0
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        units.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return units


class Mount:
    """One path: pushes its access units at their rate, round and round, to all who watch it."""

    def __init__(self, wanted):
        self.units = read_units(wanted["units"])
        self.next = 0
        self.interval_ms = round(1000 / wanted["fps"])
        self.phase_ms = round(wanted.get("phaseMs", 0))
        self.factory = GstRtspServer.RTSPMediaFactory()
        codec = wanted["codec"]
        self.factory.set_launch(
            f"( appsrc name=units is-live=true do-timestamp=true format=time caps={CAPS[codec]} ! {REST[codec]} )"
        )
        self.factory.set_shared(True)
        transports = GstRtsp.RTSPLowerTrans(0)
        for name in wanted["transports"]:
            transports |= TRANSPORTS[name]
        self.factory.set_protocols(transports)
        self.factory.connect("media-configure", self.configure)

    def show(self, file):
        self.units, self.next = read_units(file), 0

    def configure(self, _factory, media):
        source = media.get_element().get_child_by_name("units")
        self.next = 0
        state = {"watched": True}

        def push():
            if not state["watched"]:
                return False
            unit = self.units[self.next % len(self.units)]
            self.next += 1
            source.emit("push-buffer", Gst.Buffer.new_wrapped(unit))
            return True

        def unprepared(_media):
            state["watched"] = False

        media.connect("unprepared", unprepared)
        # The payloader tells the session its parameters only after a first access unit.
        push()

        def begin():
            GLib.timeout_add(self.interval_ms, push)
            return False

        GLib.timeout_add(self.phase_ms, begin)


def ask_for_login(server, factories, login):
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, "viewer")
    if login["method"] == "basic":
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.BASIC)
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(login["user"], login["password"]), token)
    else:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(login["user"], login["password"], token)
    server.set_auth(auth)
    role = "viewer, media.factory.access=(boolean)true, media.factory.construct=(boolean)true"
    for factory in factories:
        factory.add_role_from_structure(Gst.Structure.from_string(role)[0])


def main():
    wanted = json.loads(sys.argv[1])
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(wanted["port"]))
    mounts = {mount["path"]: Mount(mount) for mount in wanted["mounts"]}
    if wanted["login"] is not None:
        ask_for_login(server, [mount.factory for mount in mounts.values()], wanted["login"])
    for path, mount in mounts.items():
        server.get_mount_points().add_factory(path, mount.factory)
    if server.attach(None) == 0:
        sys.exit("the port cannot be listened on")
    loop = GLib.MainLoop()

    def follow_parent():
        for line in sys.stdin:
            change = json.loads(line)
            GLib.idle_add(mounts[change["path"]].show, change["units"])
        loop.quit()

    threading.Thread(target=follow_parent, daemon=True).start()
    print(json.dumps({"port": server.get_bound_port()}), flush=True)
    loop.run()


main()
