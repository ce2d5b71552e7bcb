import { expect, it } from 'vitest';
import { sourcesIn } from '../../support/sources.ts';

/**
 * Wall clocks are set, and those of two machines differ. How long something takes within a process is measured with
 * `performance.now`; what is compared between machines is Redis's time, inside a script. What is left is listed here.
 */
const wallClock: [path: RegExp, why: string][] = [
  [/^src\/(cli|dashboard)\//, 'shown to people'],
  [/^src\/forges\//, "compared with a forge's point in time"],
  [/^src\/kube\/client\/(api-error|credentials|fresh-credentials)\.ts$/, 'compared with a point in time'],
  [
    /^src\/(git\/(lock|mirror-folder|mirror-keeper)|render\/reaches)\.ts$/,
    'compared with the times of files on this machine',
  ],
  [
    /^src\/(intake|notifications|release|server|store)\//,
    'stored for people, and compared with what is stored',
  ],
  [/^src\/queue\/worker\.ts$/, 'BullMQ takes a point in time'],
  [/^src\/queue\/suspects\.ts$/, 'shown to people, and compared with a month'],
];

const sources = sourcesIn(['src', 'workers']).filter(
  ({ path, text }) => !path.startsWith('src/render/') && /\bDate\.now\b/.test(text),
);

it('only what needs a point in time reads the wall clock', () => {
  const others = sources.filter(({ path }) => !wallClock.some(([allowed]) => allowed.test(path)));
  expect(others.map(({ path }) => path)).toEqual([]);
});

it('every file that may read the wall clock does', () => {
  const unused = wallClock.filter(([allowed]) => !sources.some(({ path }) => allowed.test(path)));
  expect(unused).toEqual([]);
});
