/**
 * Compares the declarations in `protocol/messages/` with the reference: `deno task spec <spice.proto> [<enums.h>]`.
 *
 * The first file is the protocol definition of spice-common, the second, which may be left out, the constants of
 * spice-protocol. Exit code: 0 when both say the same as we do, 1 for any difference that `spec_deviations.ts` does not
 * explain, 2 for wrong usage. With `--markdown` the report is that of `docs/spec-comparison.md`; `--reference NAME` and
 * `--header NAME` say in it what the files are.
 */

import { parseArgs } from "node:util";
import { channels } from "../protocol/messages/channels.ts";
import * as enums from "../protocol/messages/enums.ts";
import { compareWithHeader, type HeaderComparison } from "../protocol/schema/compare_with_header.ts";
import { compareWithSpec, type SpecComparison } from "../protocol/schema/compare_with_spec.ts";
import { type Difference, differenceText } from "../protocol/schema/difference.ts";
import { parseSpec } from "../protocol/schema/spec_parser.ts";
import { HEADER_DEVIATIONS, SPEC_DEVIATIONS } from "./spec_deviations.ts";

const USAGE = "Usage: deno task spec [--markdown] [--reference NAME] [--header NAME] <spice.proto> [<enums.h>]";

/** What a run found. */
export interface SpecReport {
  readonly spec: SpecComparison;
  readonly header: HeaderComparison | null;
}

/**
 * Compares everything declared, with the deviations of `spec_deviations.ts` allowed.
 *
 * @param specText Text of `spice.proto`.
 * @param headerText Text of `enums.h`, or `null`.
 * @returns What was compared and what differs.
 * @throws {SyntaxError} A file cannot be read. @throws {TypeError} The definition names what it does not define.
 */
export function compareAll(specText: string, headerText: string | null): SpecReport {
  const enumerations = Object.values(enums);
  const spec = compareWithSpec(channels, enumerations, specText, SPEC_DEVIATIONS);
  const header = headerText === null
    ? null
    : compareWithHeader(channels, enumerations, parseSpec(specText), headerText, HEADER_DEVIATIONS);
  return { spec, header };
}

/** @returns The report for a terminal. */
export function plainReport({ spec, header }: SpecReport): string {
  return [
    `spice.proto: ${counts(spec.compared)}`,
    ...(header === null ? [] : [`enums.h: ${counts(header.compared)}`]),
    ...differencesOf({ spec, header }).map(differenceText),
    `${differencesOf({ spec, header }).length} differences; ${
      SPEC_DEVIATIONS.length + (header === null ? 0 : HEADER_DEVIATIONS.length)
    } deviations on purpose`,
  ].join("\n");
}

/**
 * @param names What the two files are.
 * @returns The report as a page of the documentation.
 */
export function markdownReport({ spec, header }: SpecReport, names: { reference: string; header: string }): string {
  const table = (rows: readonly [string, string | number][]) =>
    rows.map(([what, n]) => `| ${what} | ${n} |`).join("\n");
  const c = spec.compared;
  const differences = differencesOf({ spec, header });
  return `# Our declarations beside the reference

Every declaration in \`protocol/messages/\` is compared with \`spice.proto\` of ${names.reference} by
\`deno task spec <spice.proto> [<enums.h>]\`. Both sides are reduced to what goes over the wire, so that the nesting of
structs, which takes no bytes, does not count. What only one side has is a difference too.

| Compared with \`spice.proto\` | |
| --- | ---: |
${
    table([
      ["Channels: type, name", c.channels],
      ["Messages: id, direction, name (inherited ones count in each channel)", c.messages],
      ["Fields: name, order, kind, width, sign, enumeration", c.fields],
      ["Lengths of arrays and byte fields", c.lengths],
      ["Pointers: whether null is allowed, order of targets", c.pointers],
      ["Cases of switches: selector, members, contents", c.cases],
      ["Enumerations and flag sets: width, kind", c.enumerations],
      ["Members: name, value", c.members],
      ["**Differences**", spec.differences.length],
    ])
  }
${
    header === null ? "" : `
| Compared with \`enums.h\` of ${names.header} | |
| --- | ---: |
${
      table([
        ["Channel types", header.compared.channels],
        ["Message ids", header.compared.messages],
        ["Members: value", header.compared.members],
        ["**Differences**", header.differences.length],
      ])
    }
`
  }
${
    differences.length === 0
      ? ""
      : `## Differences\n\n${differences.map((one) => `- ${differenceText(one)}`).join("\n")}\n`
  }
## Deviations on purpose

${
    [...SPEC_DEVIATIONS, ...(header === null ? [] : HEADER_DEVIATIONS)]
      .map(({ at, kind, reason }) => `- \`${at}\` (${kind}): ${reason}.`).join("\n")
  }

## Nested otherwise, same bytes

${spec.nestings.map((nesting) => `- \`${nesting.replace(" is ", "` here is `")}\` there`).join("\n")}

## What the comparison cannot see

Names of switches, of their cases and of unions, which are no wire names; structs that no message of \`spice.proto\` uses
(the bodies of smartcard messages); and what \`spice.proto\` does not define: the link, the agent, usbredir and migration
data.
`;
}

function differencesOf({ spec, header }: SpecReport): readonly Difference[] {
  return [...spec.differences, ...(header?.differences ?? [])];
}

function counts(compared: object): string {
  return Object.entries(compared).map(([what, n]) => `${n} ${what}`).join(", ");
}

if (import.meta.main) {
  let options;
  try {
    options = parseArgs({
      args: Deno.args,
      options: {
        markdown: { type: "boolean", default: false },
        reference: { type: "string", default: "spice-common" },
        header: { type: "string", default: "spice-protocol" },
      },
      allowPositionals: true,
    });
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
    Deno.exit(2);
  }
  const { values, positionals: [specPath, headerPath] } = options;
  if (specPath === undefined) {
    console.error(USAGE);
    Deno.exit(2);
  }
  const headerText = headerPath === undefined ? null : await Deno.readTextFile(headerPath);
  const report = compareAll(await Deno.readTextFile(specPath), headerText);
  console.log(values.markdown ? markdownReport(report, values) : plainReport(report));
  Deno.exit(differencesOf(report).length === 0 ? 0 : 1);
}
