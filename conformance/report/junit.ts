/** A run as JUnit XML, which CI systems show. */
import type { Run } from "./run.ts";

/** @returns The file. Unimplemented cases are skipped ones; a failed `info` is no failure. */
export function junitReport({ peer, date, results }: Run): string {
  const isFailure = (one: Run["results"][number]) => one.verdict === "failed" && one.level !== "info";
  const cases = results.map((one) => {
    const { address, title, requirement, verdict, reason, ms, level } = one;
    const at = address.lastIndexOf("/");
    const inside = isFailure(one)
      ? `<failure type="${level}" message="${escape(reason)}">${escape(requirement)}</failure>`
      : verdict === "unimplemented"
      ? `<skipped message="${escape(reason)}"/>`
      : "";
    const name = `${address.slice(at + 1)}: ${title}`;
    return `  <testcase classname="${escape(address.slice(0, at))}" name="${escape(name)}" time="${
      ms / 1000
    }">${inside}</testcase>`;
  });
  const failures = results.filter(isFailure).length;
  const skipped = results.filter(({ verdict }) => verdict === "unimplemented").length;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="${
      escape(peer)
    }" timestamp="${date}" tests="${results.length}" failures="${failures}" skipped="${skipped}">`,
    ...cases,
    "</testsuite>\n",
  ].join("\n");
}

function escape(text: string): string {
  // deno-lint-ignore no-control-regex -- what XML 1.0 cannot hold, escaped or not
  return text.replaceAll(/[\x00-\x08\x0b\x0c\x0e-\x1f]/g, "\ufffd").replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
