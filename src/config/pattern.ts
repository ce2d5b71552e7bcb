import picomatch from 'picomatch';

/** Whether a text matches one of the operator's patterns. */
export type Matches = (patterns: readonly string[], text: string) => boolean;

/**
 * `*` matches any text within one part, `**` any parts. All other glob syntax is off, so that a pattern never matches more
 * than it seems to.
 */
export const matches: Matches = (patterns, text) => createMatches()(patterns, text);

/** The same for many texts: compiling a pattern takes longer than matching it. */
export function createMatches(): Matches {
  const compiled = new Map<string, (text: string) => boolean>();
  const compile = (pattern: string) => {
    const test = picomatch(pattern, options);
    compiled.set(pattern, test);
    return test;
  };
  return (patterns, text) => patterns.some((pattern) => (compiled.get(pattern) ?? compile(pattern))(text));
}

// `windows` depends on the machine by default; `strictSlashes` refuses a trailing slash.
const options: picomatch.PicomatchOptions = {
  dot: true,
  nonegate: true,
  noextglob: true,
  nobrace: true,
  nobracket: true,
  strictSlashes: true,
  windows: false,
};
