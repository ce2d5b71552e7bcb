import picomatch from 'picomatch';

/** Whether a text fits one of the operator's patterns. */
export type Matches = (patterns: readonly string[], text: string) => boolean;

/**
 * `*` stands for any text within one part, `**` for any parts. Everything else of glob's language is off, so that a
 * pattern never means more than it says.
 */
export const matches: Matches = (patterns, text) => createMatches()(patterns, text);

/** The same for many questions: compiling a pattern takes longer than asking it. */
export function createMatches(): Matches {
  const compiled = new Map<string, (text: string) => boolean>();
  const compile = (pattern: string) => {
    const test = picomatch(pattern, options);
    compiled.set(pattern, test);
    return test;
  };
  return (patterns, text) => patterns.some((pattern) => (compiled.get(pattern) ?? compile(pattern))(text));
}

// `windows` is looked up from the machine by default, `strictSlashes` refuses a trailing slash.
const options: picomatch.PicomatchOptions = {
  dot: true,
  nonegate: true,
  noextglob: true,
  nobrace: true,
  nobracket: true,
  strictSlashes: true,
  windows: false,
};
