/** NOTIFY and DISCONNECTING: words of a server to its client's user. */
import { Disconnecting, Notify } from "../../../protocol/messages/base.ts";
import { LinkErr, NotifySeverity, NotifyVisibility } from "../../../protocol/messages/enums.ts";
import { nameOf } from "../../../protocol/schema/enumeration.ts";
import type { ValueOf } from "../../../protocol/schema/message.ts";
import { mustAnswer } from "../../suite/alive.ts";
import { group } from "../../suite/case.ts";
import { eventually } from "../../suite/eventually.ts";

const SOURCE = "spice-gtk channel-base.c spice_channel_handle_notify; spice-server main_channel_marshall_notify";
const NUL = new Uint8Array(1), NONE = new Uint8Array(0);

export const notify = group("base/notify", "Notifications")
  .client("severities", {
    title: "takes a NOTIFY of each severity and visibility",
    requirement: "The client MUST take NOTIFY on main, as the reference sends it: the text, and a NUL behind it",
    source: SOURCE,
    level: "must",
    covers: ["main/server/NOTIFY"],
    run: async (peer) => {
      const main = await peer.main();
      for (const severity of Object.values(NotifySeverity)) {
        for (const visibility of Object.values(NotifyVisibility)) {
          await main.send(Notify, notice({ severity, visibility, terminator: NUL }));
          await mustAnswer(peer, main, `a NOTIFY ${nameOf(NotifySeverity, severity)}`);
        }
      }
    },
  })
  .client("unterminated", {
    title: "takes a NOTIFY without a NUL",
    requirement: "The client SHOULD read message_len bytes, whether or not a NUL follows",
    source: "spice.proto BaseChannel.notify",
    level: "should",
    run: async (peer) => {
      const main = await peer.main();
      await main.send(Notify, notice({ terminator: NONE }));
      await mustAnswer(peer, main, "a NOTIFY without a NUL");
      await main.send(Notify, notice({ message: NONE, terminator: NONE }));
      await mustAnswer(peer, main, "a NOTIFY without a text");
    },
  })
  .client("long", {
    title: "takes a NOTIFY of 60 kB, and one that is no UTF-8",
    requirement: "The client SHOULD take any text in NOTIFY",
    source: SOURCE,
    level: "should",
    run: async (peer) => {
      const main = await peer.main();
      await main.send(Notify, notice({ message: new Uint8Array(60_000).fill(0x41), terminator: NUL }));
      await mustAnswer(peer, main, "a NOTIFY of 60000 bytes");
      await main.send(
        Notify,
        notice({ message: new Uint8Array([0xff, 0xfe, 0x25, 0x73, 0x25, 0x6e]), terminator: NUL }),
      );
      await mustAnswer(peer, main, "a NOTIFY that is no UTF-8");
    },
  })
  .client("unknown", {
    title: "takes a NOTIFY of an unknown severity",
    requirement: "The client SHOULD take a severity and visibility that it does not know",
    source: SOURCE,
    level: "should",
    run: async (peer) => {
      const main = await peer.main();
      await main.send(Notify, notice({ severity: 77, visibility: 99, terminator: NUL }));
      await mustAnswer(peer, main, "a NOTIFY of severity 77");
    },
  })
  .client("channels", {
    title: "takes a NOTIFY on every channel",
    requirement: "The client SHOULD take NOTIFY on display, cursor and inputs channels",
    source: "spice.proto BaseChannel.notify",
    level: "should",
    covers: ["*/server/NOTIFY"],
    run: async (peer) => {
      await peer.main();
      for (const name of ["display", "cursor", "inputs"] as const) {
        const talk = await peer.channel(name);
        await talk.send(Notify, notice({ terminator: NUL }));
        await mustAnswer(peer, talk, `a NOTIFY on ${name}`);
      }
    },
  })
  .client("disconnecting", {
    title: "takes DISCONNECTING, and the end of the session after it",
    requirement: "The client SHOULD take DISCONNECTING with any reason, and then the end of the connection",
    source: "spice-gtk channel-base.c spice_channel_handle_disconnect",
    level: "should",
    covers: ["main/server/DISCONNECTING"],
    run: async (peer) => {
      const main = await peer.main();
      await peer.channel("inputs");
      for (const reason of [LinkErr.OK, LinkErr.ERROR, 4711]) {
        await main.send(Disconnecting, { timeStamp: 1n, reason });
      }
      main.wire.close();
      await eventually("whether its session is over", () => peer.control.ask("ended"), true);
    },
  });

function notice(part: Partial<ValueOf<typeof Notify>>): ValueOf<typeof Notify> {
  return {
    timeStamp: 1n,
    severity: NotifySeverity.WARN,
    visibility: NotifyVisibility.HIGH,
    what: 0,
    message: new TextEncoder().encode("a word to the user"),
    terminator: NUL,
    ...part,
  };
}
