import picomatch from 'picomatch';

/**
 * Whether a text fits one of the operator's patterns: `*` stands for any text within one part, `**` for any parts.
 * Everything else of glob's language is off, so that a pattern never means more than it says.
 */
export function matches(patterns: readonly string[], text: string): boolean {
  return patterns.some((pattern) => picomatch.isMatch(text, pattern, options));
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
