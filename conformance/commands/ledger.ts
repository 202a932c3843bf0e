/** `conformance --ledger`: what the protocol offers, and what captures, vectors and cases cover of it. */
import { ledgerCommand } from "../ledger/command.ts";
import type { Command } from "../../cli/command.ts";

/** See {@link Command}. */
export const ledger: Command = {
  name: "ledger",
  summary: "What captures, vectors and cases cover of the protocol; --ledger is the same",
  usage: "",
  examples: ["--ledger", "ledger --area 'display/*' --missing"],
  options: [
    { name: "area", value: "GLOB", about: "only areas that fit, item by item" },
    { name: "missing", about: "item by item, only what nothing covers" },
    { name: "json", about: "for programs" },
  ],
  takes: [0, 0],
  prepare(args) {
    const area = args.text("area");
    const words = [
      ...(area === undefined ? [] : ["--area", area]),
      ...["missing", "json"].filter((name) => args.flag(name)).map((name) => `--${name}`),
    ];
    return async (world) => {
      const lines: string[] = [];
      const code = ledgerCommand(words, { log: (text) => lines.push(text), error: (text) => world.warn(text) });
      for (const text of lines) await world.out(text);
      return code;
    };
  },
};
