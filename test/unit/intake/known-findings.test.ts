import { expect, test } from 'vitest';
import { parseSlipwayConfig } from '../../../src/config/parse-slipway.ts';
import type { BranchFinding } from '../../../src/intake/finding.ts';
import { createKnownFindings } from '../../../src/intake/known-findings.ts';
import type { Target } from '../../../src/model/target.ts';
import { MemoryTree } from '../../support/memory-tree.ts';
import { aTarget } from '../../support/targets.ts';

const text = `
version: 1
environments: { production: { branch: main, cluster: prod, namespace: loans } }
apps: { "*": { path: "apps/{app}" } }
`;
const config = parseSlipwayConfig(text);
const repository = 'github/acme/loans';

/** Apps of plain files; those whose number is divisible by three also reach a base. */
const apps = Array.from({ length: 12 }, (_, index) =>
  aTarget({ app: `app-${index}`, path: `apps/app-${index}` }),
);
const foldersOf = ({ app }: Target) =>
  Number(app.slice('app-'.length)) % 3 === 0 ? [`apps/${app}`, 'base'] : [`apps/${app}`];

function treeOf(files: Record<string, string>): MemoryTree {
  const own = Object.fromEntries(apps.map(({ app }) => [`apps/${app}/web.yaml`, 'v1']));
  return new MemoryTree({ ...own, 'base/all.yaml': 'v1', 'docs/notes.md': 'v1', ...files });
}

/** Keys as the renderer makes them: over everything that the target's folders hold. */
function keysIn(tree: MemoryTree) {
  const asked: string[] = [];
  return {
    asked,
    async keyOf(target: Target) {
      asked.push(target.app);
      const ids = await Promise.all(foldersOf(target).map(async (folder) => (await tree.entry(folder))?.id));
      return ids.join(' ');
    },
    decidedBy: foldersOf,
  };
}

async function findingOf(tree: MemoryTree, commit: string): Promise<BranchFinding> {
  const { keyOf } = keysIn(tree);
  const targets = await Promise.all(
    apps.map(async (target) => ({ target, commit, contentKey: await keyOf(target), policyKey: target.app })),
  );
  return { branch: 'main', commit, environments: ['production'], targets, held: [] };
}

const empty = (commit: string): BranchFinding => ({
  branch: 'main',
  commit,
  environments: ['production'],
  targets: [],
  held: [],
});
const source = (tree: MemoryTree) => ({ repository, environments: config, own: config, tree });

test('carries a finding over that equals a complete look, after any pushes', async () => {
  const known = createKnownFindings();
  const files: Record<string, string> = {};
  const first = treeOf(files);
  known.keep(await findingOf(first, 'c0'), source(first), keysIn(first));
  const paths = [...apps.map(({ app }) => `apps/${app}/web.yaml`), 'base/all.yaml', 'docs/notes.md'];
  // A fixed sequence that looks like chance: some pushes change one file, some several, some none that matters.
  for (let push = 1; push <= 40; push += 1) {
    for (const [index, path] of paths.entries()) {
      if ((push * 7 + index * 13) % 11 === 0) files[path] = `v${push}`;
    }
    const tree = treeOf(files);
    const carried = await known.carryOver(empty(`c${push}`), source(tree), keysIn(tree));
    expect(carried).toEqual(await findingOf(tree, `c${push}`));
  }
});

test('recomputes only the keys that the changed files may affect', async () => {
  const known = createKnownFindings();
  const before = treeOf({});
  known.keep(await findingOf(before, 'c0'), source(before), keysIn(before));
  const askedFor = async (files: Record<string, string>) => {
    const tree = treeOf(files);
    const keys = keysIn(tree);
    await known.carryOver(empty('c1'), source(tree), keys);
    return keys.asked;
  };
  expect(await askedFor({ 'docs/notes.md': 'v2' })).toEqual([]);
  expect(await askedFor({ 'docs/notes.md': 'v2', 'apps/app-4/web.yaml': 'v2' })).toEqual(['app-4']);
  const withBase = { 'docs/notes.md': 'v2', 'apps/app-4/web.yaml': 'v2', 'base/all.yaml': 'v2' };
  expect(await askedFor(withBase)).toEqual(['app-0', 'app-3', 'app-6', 'app-9']);
});

test('recomputes keys that depend on more than files every time', async () => {
  const known = createKnownFindings();
  const before = treeOf({});
  const inconclusive = (target: Target) => (target.app === 'app-7' ? undefined : foldersOf(target));
  known.keep(await findingOf(before, 'c0'), source(before), { decidedBy: inconclusive });
  const tree = treeOf({ 'docs/notes.md': 'v2' });
  const keys = keysIn(tree);
  await known.carryOver(empty('c1'), source(tree), { ...keys, decidedBy: inconclusive });
  expect(keys.asked).toEqual(['app-7']);
});

test('looks at every app after a change of slipway.yaml, environments or folders', async () => {
  const known = createKnownFindings();
  const before = treeOf({});
  known.keep(await findingOf(before, 'c0'), source(before), keysIn(before));
  const other = parseSlipwayConfig(text);
  const same = treeOf({});
  const carry = (change: object, tree = same) =>
    known.carryOver(empty('c1'), { ...source(tree), ...change }, keysIn(tree));
  expect(await carry({ own: other })).toBeUndefined();
  expect(await carry({ environments: other })).toBeUndefined();
  expect(await carry({}, treeOf({ 'apps/new/web.yaml': 'v1' }))).toBeUndefined();
  expect(await carry({ repository: 'github/acme/other' })).toBeUndefined();
  expect(await carry({})).toBeDefined();
});

test('does not carry over what is added to a finding afterwards', async () => {
  const known = createKnownFindings();
  const tree = treeOf({});
  const finding = await findingOf(tree, 'c0');
  known.keep(finding, source(tree), keysIn(tree));
  finding.targets.pop();
  const carried = await known.carryOver(empty('c1'), source(tree), keysIn(tree));
  carried?.targets.pop();
  const again = await known.carryOver(empty('c2'), source(tree), keysIn(tree));
  expect(again?.targets).toHaveLength(apps.length);
});
