/** `client type`: text through a keyboard layout. */
import { FileError } from "../../cli/file_error.ts";
import { layoutByName } from "../core/keyboard/layout_by_name.ts";
import { textToKeys } from "../core/keyboard/type_text.ts";
import type { Command } from "./command.ts";
import { KEY_OPTIONS, readKeyOptions } from "./key.ts";

/** See {@link Command}. */
export const type: Command = {
  name: "type",
  summary: "Type text",
  usage: "<target> <text|->",
  details: [
    "Presses the keys that a person with the layout would press, dead keys included. - reads the text from the standard",
    "input. A text that begins with - goes behind --.",
  ],
  examples: [
    'type spice://127.0.0.1:5930 "root" --enter',
    'type spice://127.0.0.1:5930 "déjà vu à Noël" --layout fr',
    "type spice://127.0.0.1:5930 - < script.sh",
  ],
  options: [...KEY_OPTIONS, { name: "enter", about: "press Enter at the end" }],
  takes: [2, 2],
  prepare(args) {
    const options = readKeyOptions(args);
    const layout = layoutByName(options.layout ?? "us");
    const end = args.flag("enter") ? "\n" : "";
    const word = args.positionals[1]!;
    const text = word === "-" ? null : word + end;
    if (text !== null) textToKeys(text, layout);
    return async (world) => {
      const typed = text ?? decode(await world.stdin()) + end;
      if (text === null) textToKeys(typed, layout);
      const session = await world.connect(["inputs"]);
      await session.keyboard.type(typed, options);
    };
  },
};

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new FileError("the standard input", "read", "it is no text in UTF-8");
  }
}
