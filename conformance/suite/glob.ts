/** Patterns for the addresses of cases: `link/*`, `link/ticket/*`, `**` and `lz`. A pattern that names a folder means all in it. */

/** Whether an address fits a pattern. `*` is any word, `**` any number of them. */
export function fits(address: string, pattern: string): boolean {
  const source = pattern.split("/").map((word) => {
    if (word === "**") return "(?:[^/]+/)*";
    return `${word.replaceAll(/[^\w*-]/g, "\\$&").replaceAll("*", "[^/]*")}/`;
  }).join("");
  return new RegExp(`^${source}(?:.*/)?$`).test(`${address}/`);
}
