/** Migration: the ways that a session can go, as messages that follow each other, and what servers hand over. */
import {
  decodeMigrateData,
  MigrateDataDisplay,
  MigrateDataDisplayLossy,
  MigrateDataInputs,
  MigrateDataMain,
  MigrateDataSmartcard,
  MigrateDataSpicevmc,
} from "../../protocol/messages/migration_data.ts";
import type { Sender } from "../../protocol/schema/message.ts";
import type { Node } from "../../protocol/schema/wire.ts";
import { facetsOf } from "./facets.ts";
import { mark } from "./mark.ts";

const CONTENTS = {
  MAIN: MigrateDataMain,
  DISPLAY: MigrateDataDisplay,
  DISPLAY_LOSSY: MigrateDataDisplayLossy,
  INPUTS: MigrateDataInputs,
  SPICEVMC: MigrateDataSpicevmc,
  SMARTCARD: MigrateDataSmartcard,
} as const;

/** Each path: messages of one connection in this order, others between them or not; `>` from the client. */
const PATHS: Readonly<Record<string, readonly string[]>> = {
  "semi-seamless/connected": ["<MAIN_MIGRATE_BEGIN", ">MAIN_MIGRATE_CONNECTED"],
  "semi-seamless/connect-error": ["<MAIN_MIGRATE_BEGIN", ">MAIN_MIGRATE_CONNECT_ERROR"],
  "semi-seamless/cancel": ["<MAIN_MIGRATE_BEGIN", "<MAIN_MIGRATE_CANCEL"],
  "semi-seamless/end": ["<MAIN_MIGRATE_BEGIN", ">MAIN_MIGRATE_CONNECTED", "<MAIN_MIGRATE_END"],
  "seamless/asked": [">MAIN_MIGRATE_DST_DO_SEAMLESS"],
  "seamless/accepted": [">MAIN_MIGRATE_DST_DO_SEAMLESS", "<MAIN_MIGRATE_DST_SEAMLESS_ACK"],
  "seamless/refused": [">MAIN_MIGRATE_DST_DO_SEAMLESS", "<MAIN_MIGRATE_DST_SEAMLESS_NACK"],
  "seamless/connected": ["<MAIN_MIGRATE_BEGIN_SEAMLESS", ">MAIN_MIGRATE_CONNECTED_SEAMLESS"],
  "seamless/fell-back": ["<MAIN_MIGRATE_BEGIN_SEAMLESS", ">MAIN_MIGRATE_CONNECTED"],
  "seamless/connect-error": ["<MAIN_MIGRATE_BEGIN_SEAMLESS", ">MAIN_MIGRATE_CONNECT_ERROR"],
  "seamless/cancel": ["<MAIN_MIGRATE_BEGIN_SEAMLESS", "<MAIN_MIGRATE_CANCEL"],
  "seamless/state-left": ["<MIGRATE", ">MIGRATE_FLUSH_MARK", "<MIGRATE_DATA"],
  "seamless/state-arrived": [">MIGRATE_DATA"],
  "arrived": [">MAIN_MIGRATE_END"],
  "switch-host": ["<MAIN_MIGRATE_SWITCH_HOST"],
};

/** The items of migration, as `migration/semi-seamless/cancel` and `migrate-data/MAIN`. */
export function migrationItems(): string[] {
  return [
    ...Object.keys(PATHS).map((path) => `migration/${path}`),
    ...Object.entries(CONTENTS).flatMap(([is, wire]) => {
      const at = `migrate-data/${is}`;
      return [at, ...facetsOf(wire).map((facet) => `${at}/${facet}`)];
    }),
  ];
}

/** Follows the messages of one connection. */
export class MigrationMarker {
  readonly #reached = new Map<string, number>();

  /** @returns The items of the paths that this message ends. */
  receive(from: Sender, message: string): string[] {
    const said = `${from === "client" ? ">" : "<"}${message}`;
    return Object.entries(PATHS).flatMap(([path, steps]) => {
      const at = this.#reached.get(path) ?? 0;
      if (steps[at] !== said) return [];
      this.#reached.set(path, at + 1);
      return at + 1 === steps.length ? [`migration/${path}`] : [];
    });
  }
}

/**
 * The items of a MIGRATE_DATA body.
 *
 * @throws {ProtocolError} It has no magic that is known, or does not decode.
 */
export function markMigrateData(body: Uint8Array): string[] {
  const { is, value } = decodeMigrateData(body), at = `migrate-data/${is}`;
  const wire: Node = CONTENTS[is];
  return [at, ...[...mark(wire, value)].map((facet) => `${at}/${facet}`)];
}
