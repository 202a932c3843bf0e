/** Names for the variants of a message: what each shows and others do not. */

/** Words in a name, and characters of one. */
const MOST_WORDS = 4, MOST_CHARACTERS = 72;

/**
 * Names variants.
 *
 * @param variants The facets of each; see `facetsOf`.
 * @returns A name for each, in the same order, all different: `LZ_RGB-RECTS`, or `plain` for one that has no word.
 */
export function variantNames(variants: readonly ReadonlySet<string>[]): string[] {
  const used = new Map<string, number>();
  return variants.map((facets) => {
    const own = [...facets].filter((facet) => !variants.every((other) => other.has(facet)));
    const words = [...new Set(own.map(wordOf))].slice(0, MOST_WORDS);
    const name = words.join("-").slice(0, MOST_CHARACTERS).replace(/-+$/, "") || "plain";
    const times = (used.get(name) ?? 0) + 1;
    used.set(name, times);
    return times === 1 ? name : `${name}-${times}`;
  });
}

/** `clip.shape=RECTS` is RECTS, `data.srcBitmap=absent` is no_srcBitmap. */
function wordOf(facet: string): string {
  const [path, what] = [facet.slice(0, facet.lastIndexOf("=")), facet.slice(facet.lastIndexOf("=") + 1)];
  const field = path.replace(/(\[\]|<\w+>)$/, "").replace(/^.*[.\]>]/, "");
  switch (what) {
    case "absent":
      return `no_${field}`;
    case "present":
      return field;
    case "empty":
    case "filled":
      return `${what}_${field}`;
    default:
      return what.replace(/[^\w.]/g, "_");
  }
}
