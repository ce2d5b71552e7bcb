import { appFiles, slipwayFile, upTo } from '../support/small-apps.ts';
import { hostileFiles } from './hostile.ts';
import type { ForgeName } from './setting.ts';

/** A repository of the soak, and how it is pushed to. */
export interface Actor {
  forge: ForgeName;
  repo: string;
  /** Milliseconds between two pushes. */
  everyMs: number;
  /** The files of the repository's first commit. */
  first: Record<string, string>;
  /** The files of the n-th push after it. */
  push(number: number): Record<string, string>;
  /** Indexes of the apps that the n-th push changes to version n. The content of a hostile push has none. */
  changed(number: number): number[];
  /** What the last status of its newest commit must be; of older ones, `superseded` is right too. */
  end: 'success' | 'failure';
}

export const MANY = 1_000;
const FEW = 3;
const SECOND = 1_000;
/** Of the large repository: each push changes so many apps. */
const SIZES = [1, 1, MANY, 1, 10, 1];

export const namespaceOf = ({ repo }: Pick<Actor, 'repo'>) => repo.replace('/', '-');

const files = (namespace: string, apps: number, cluster?: string) => ({
  'slipway.yaml': slipwayFile(namespace, cluster),
  ...appFiles(upTo(apps), 0),
});

/** Pushes that change these apps. */
const changing = (changed: (number: number) => number[]) => ({
  changed,
  push: (number: number) => appFiles(changed(number), number),
});

const small = (forge: ForgeName, repo: string, everyMs: number, cluster?: string): Actor => ({
  forge,
  repo,
  everyMs,
  first: files(namespaceOf({ repo }), FEW, cluster),
  ...changing((number) => [number % FEW]),
  end: 'success',
});

/** Pushes of 1 and of 1,000 apps in two projects, mixed with what disturbs them. */
export const actors: readonly Actor[] = [
  {
    forge: 'github',
    repo: 'acme/many',
    everyMs: 20 * SECOND,
    first: files('acme-many', MANY),
    ...changing((number) => {
      const size = SIZES[number % SIZES.length] ?? 1;
      const from = (number * 37) % (MANY - size + 1);
      return upTo(size).map((index) => from + index);
    }),
    end: 'success',
  },
  small('github', 'acme/few', 7 * SECOND, 'staging'),
  small('gitlab', 'lending/loans', 5 * SECOND),
  small('limited', 'acme/limited', 15 * SECOND),
  small('hanging', 'lending/hanging', 15 * SECOND),
  { ...small('gitlab', 'lending/away', 45 * SECOND, 'away'), end: 'failure' },
  {
    forge: 'github',
    repo: 'acme/hostile',
    everyMs: 10 * SECOND,
    first: files('acme-hostile', FEW),
    push: hostileFiles,
    changed: () => [],
    end: 'failure',
  },
];
