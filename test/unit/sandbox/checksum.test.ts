import { expect, test } from 'vitest';
import { findChecksum } from '../../../sandbox/programs/download.ts';

const A = 'a'.repeat(64);
const B = 'b'.repeat(64);

test.each([
  { what: 'a file that holds nothing else', text: `${A}\n`, expected: A },
  { what: 'one line as sha256sum writes it', text: `${A}  helm.tar.gz\n`, expected: A },
  { what: 'one of many lines', text: `${B}  other.tar.gz\n${A}  helm.tar.gz\n`, expected: A },
  { what: 'a line of a binary file', text: `${B} *other.tar.gz\n${A} *helm.tar.gz\n`, expected: A },
  {
    what: 'many lines of other files',
    text: `${B}  other.tar.gz\n${A}  another.tar.gz\n`,
    expected: undefined,
  },
  { what: 'a page that is no checksum', text: '<html>Not found</html>', expected: undefined },
  { what: 'a checksum of another kind', text: `${'a'.repeat(40)}  helm.tar.gz`, expected: undefined },
])('from $what', ({ text, expected }) => {
  expect(findChecksum(text, 'helm.tar.gz')).toBe(expected);
});
