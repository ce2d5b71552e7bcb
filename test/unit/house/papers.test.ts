import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { root, type Source, source, sourcesIn } from '../../support/sources.ts';

interface Manifest {
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

const manifest: Manifest = JSON.parse(source('package.json').text);

const papers: Source[] = [
  source('README.md'),
  ...sourcesIn(['src', 'docs', 'sandbox'], '.md').filter(({ path }) => !path.includes('node_modules')),
];

/** The first column of the table of docs/dependencies.md. */
function described(): string[] {
  const rows = source('docs/dependencies.md').text.matchAll(/^\| (`[^|]+) \|/gm);
  return [...rows].flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
}

it('every dependency has its line in docs/dependencies.md, and nothing else has', () => {
  const { dependencies, devDependencies } = manifest;
  const names = Object.keys({ ...dependencies, ...devDependencies });
  const own = described().filter((name) => !name.startsWith('node-'));
  expect(own.toSorted()).toEqual(names.toSorted());
});

it('every dependency is pinned to one version', () => {
  const all = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(all.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});

it('every relative link in the papers leads to a file', () => {
  const dead = papers.flatMap(({ path, text }) =>
    [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)(#[^)]*)?\)/g)]
      .map(([, link = '']) => join(dirname(path), link))
      .filter((link) => !existsSync(join(root, link)))
      .map((link) => `${path}: ${link}`),
  );
  expect(dead).toEqual([]);
});

it('every source file that the papers name exists', () => {
  const folders = ['src', 'workers', 'test', 'bench', 'sandbox'];
  const files = sourcesIn(folders).map(({ path }) => `/${path}`);
  const named = papers.flatMap(({ path, text }) =>
    [...text.matchAll(/`(?:\.\.?\/)*([\w./-]+\.ts)`/g)].map(([, name = '']) => ({ path, name })),
  );
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter(({ name }) => !files.some((file) => file.endsWith(`/${name}`)))).toEqual([]);
});

it('every npm script that the papers name exists', () => {
  const named = papers.flatMap(({ path, text }) =>
    [...text.matchAll(/npm run (?:--silent )?([a-z-]+)/g)].map(([, name = '']) => ({ path, name })),
  );
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter(({ name }) => !Object.hasOwn(manifest.scripts, name))).toEqual([]);
});

it('the map names every folder of src', () => {
  const { text } = source('src/README.md');
  const folders = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  expect(folders.map(({ name }) => name).filter((name) => !text.includes(`\`${name}/\``))).toEqual([]);
});

it('the map names every error', () => {
  const codes = [...source('src/model/error-code.ts').text.matchAll(/^ {2}([A-Z_]+): \{/gm)].map(
    ([, code = '']) => code,
  );
  expect(codes.length).toBeGreaterThan(20);
  const { text } = source('src/README.md');
  expect(codes.filter((code) => !text.includes(`\`${code}\``))).toEqual([]);
});
