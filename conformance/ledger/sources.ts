/** What covers items: captures of real peers, message vectors, cases. */
import { tablesOf } from "../../_tools/markdown.ts";
import type { Sender } from "../../protocol/schema/message.ts";
import { captureNames, CAPTURES } from "../capture.ts";
import { fits } from "../suite/glob.ts";
import { captureReads, markCapture } from "./capture_marks.ts";
import type { Origin, Source } from "./coverage.ts";
import type { Item } from "./items.ts";
import { markVector, type MessageVector } from "./vector_marks.ts";

/** Folder of the message vectors. */
const MESSAGES = new URL("../vectors/messages/", import.meta.url);

/** Ends of a capture that are none of others' making: what they send is derived from the specification. */
const OUR_OWN = /^(saffron|scripted)\b/i;

/** Who was at the two ends of a capture. */
export type Peers = Readonly<Record<Sender, string>>;

/** Something that says what it covers by patterns of addresses. */
export interface Claim {
  readonly address: string;
  readonly covers?: readonly string[];
  /** Default: derived. */
  readonly origin?: Origin;
}

/**
 * The captures that are kept with the source.
 *
 * @returns Two sources for each, one for what each end sent.
 * @throws {RangeError} The page beside a capture does not say who made it.
 */
export function captureSources(): Source[] {
  const peers = peersOf(Deno.readTextFileSync(new URL("README.md", CAPTURES)));
  return captureNames().flatMap((by) => {
    const ends = peers.get(by);
    if (ends === undefined) throw new RangeError(`Cannot count ${by}: no row of the README beside it says who made it`);
    const { marks } = markCapture(captureReads(new URL(`${by}.tar.gz`, CAPTURES).pathname));
    return (["client", "server"] as const).map((side): Source => ({
      by,
      origin: OUR_OWN.test(ends[side]) ? "derived" : "captured",
      peer: ends[side],
      addresses: marks.filter(({ from }) => from === side).map(({ address }) => address),
    }));
  });
}

/**
 * Who made captures.
 *
 * @param page The page beside them: a table with the columns `name` and `client and server`.
 */
export function peersOf(page: string): Map<string, Peers> {
  const rows = tablesOf(page).flatMap(({ head, rows }) => {
    const name = head.indexOf("name"), ends = head.indexOf("client and server");
    return name < 0 || ends < 0 ? [] : rows.map(({ cells }) => [cells[name] ?? "", cells[ends] ?? ""] as const);
  });
  return new Map(rows.map(([name, ends]) => {
    // Behind the name may stand what lies beside the capture; behind a peer, in brackets, how it was started.
    const [, client = "", server = ""] = /^(.*?), (.*)$/.exec(ends) ?? [];
    return [name.split(" ")[0]!, { client, server }];
  }));
}

/**
 * The message vectors that are kept with the source.
 *
 * @param folder Where they are; none when it does not exist.
 * @throws {RangeError} A vector is of a message that there is not.
 */
export function vectorSources(folder: URL = MESSAGES): Source[] {
  return filesIn(folder).map((url) => {
    // Vectors have a checked schema of their own.
    const vector = JSON.parse(Deno.readTextFileSync(url)) as MessageVector;
    return { by: url.href.slice(folder.href.length), origin: vector.origin.kind, addresses: markVector(vector) };
  });
}

/**
 * What cases claim to cover.
 *
 * @param claims Cases with patterns of addresses, as `link/*` for one word or all that lies below it.
 * @param items What there is to cover. A pattern that fits none of them becomes a stray.
 */
export function claimSources(claims: readonly Claim[], items: readonly Item[]): Source[] {
  return claims.filter(({ covers }) => covers !== undefined).map((
    { address: by, covers = [], origin = "derived" },
  ) => ({
    by,
    origin,
    addresses: covers.flatMap((glob) => {
      const found = items.map(({ address }) => address).filter((address) => fits(address, glob));
      return found.length > 0 ? found : [glob];
    }),
  }));
}

function filesIn(folder: URL): URL[] {
  try {
    return [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1).flatMap(({ name, isDirectory }) => {
      if (isDirectory) return filesIn(new URL(`${name}/`, folder));
      return name.endsWith(".json") ? [new URL(name, folder)] : [];
    });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
