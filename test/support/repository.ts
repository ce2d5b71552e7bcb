import { expect } from 'vitest';
import type { ForgeClient } from '../../sandbox/forge/client.ts';
import type { Pull, Status } from '../../sandbox/forge/protocol.ts';
import type { SandboxSlipway } from '../../sandbox/slipway/start-slipway.ts';
import type { Delivery } from '../../src/model/delivery.ts';
import type { Release } from '../../src/model/release.ts';
import { uniqueNamespace } from './sandbox.ts';
import { eventually, type Face, type TestSlipway } from './slipway.ts';

/** The state of a context in each forge's own words. */
const words = {
  github: { pending: 'pending', success: 'success', failure: 'failure' },
  gitlab: { pending: 'pending', success: 'success', failure: 'failed' },
} as const;

type Word = keyof (typeof words)['github'];

/** One repository on a forge, with its hook to a Slipway. The repositories of a test file share its Slipway. */
export class TestRepository {
  readonly slipway: TestSlipway;
  readonly face: Face;
  /** `acme/<unique>` */
  readonly name: string;
  /** A namespace of this repository alone, named like it. */
  readonly namespace: string;

  constructor(slipway: TestSlipway, face: Face, namespace: string) {
    this.slipway = slipway;
    this.face = face;
    this.namespace = namespace;
    this.name = `acme/${namespace}`;
  }

  get forge(): ForgeClient {
    return this.slipway.forge;
  }

  /** `<forge>/acme/<unique>` */
  get id(): string {
    return `${this.face}/${this.name}`;
  }

  target(app: string, environment = 'production'): string {
    return `${this.id}//${app}@${environment}`;
  }

  async push(files: Record<string, string | null>, branch = 'main'): Promise<string> {
    return (await this.forge.commit(this.face, this.name, branch, { files })).sha;
  }

  async merge(head: string, method: 'merge' | 'squash' | 'rebase', base = 'main'): Promise<Pull> {
    const pull = await this.forge.openPullRequest(this.face, this.name, { title: head, head, base });
    return this.forge.mergePullRequest(this.face, this.name, pull.number, { method });
  }

  /** Waits until the last status of the context on the commit is this one. */
  reported(commit: string, word: Word, context = 'slipway/production'): Promise<Status> {
    const wanted = { context, state: words[this.face][word] };
    return this.forge.waitForStatus(this.face, this.name, commit, wanted);
  }

  /** The last status of every context on the commit. */
  async lastStatuses(commit: string): Promise<Record<string, Status>> {
    const all = await this.forge.statuses(this.face, this.name, commit);
    return Object.fromEntries(all.map((status) => [status.context, status]));
  }

  history(app: string, environment = 'production'): Promise<Release[]> {
    return this.slipway.history(this.target(app, environment));
  }

  async deliveries(): Promise<Delivery[]> {
    const path = `/api/deliveries?limit=200&repository=${encodeURIComponent(this.id)}`;
    return (await this.slipway.api<{ deliveries: Delivery[] }>(path)).deliveries;
  }

  /** Waits until a delivery that matches has ended. */
  delivered(what: string, fits: (delivery: Delivery) => boolean): Promise<Delivery> {
    return eventually(`the end of ${what}`, async () =>
      (await this.deliveries()).find((delivery) => delivery.state !== 'waiting' && fits(delivery)),
    );
  }

  /** Waits until the newest release of the app is in one of the states. */
  reached(app: string, states: Release['state'][], environment = 'production'): Promise<Release> {
    return eventually(`${app} ${states.join(' or ')}`, async () => {
      const [newest] = await this.history(app, environment);
      return newest && states.includes(newest.state) ? newest : undefined;
    });
  }
}

/**
 * Creates a repository with these files as its first commit; its webhooks reach the Slipway. A webhook that Slipway is too
 * busy to accept is sent again, because tests have no poll that would find the push.
 */
export async function testRepository(
  slipway: TestSlipway,
  files: (namespace: string) => Record<string, string>,
  face: Face = 'github',
  { resend = true } = {},
): Promise<TestRepository> {
  const repository = new TestRepository(slipway, face, uniqueNamespace('loans'));
  await slipway.forge.createRepository(face, repository.name, { files: files(repository.namespace) });
  await slipway.forge.addHook(face, repository.name, {
    url: slipway.webhookUrl(face),
    secret: slipway.webhookSecret(face),
    resend,
  });
  return repository;
}

/** Expects one release at a time: each began after the previous one had ended. */
export function expectNoOverlap(history: Release[]): void {
  const inOrder = history.toSorted((a, b) => a.number - b.number);
  for (const [i, release] of inOrder.entries()) {
    const before = inOrder[i - 1];
    if (before) expect(release.startedAt).toBeGreaterThanOrEqual(before.endedAt ?? Number.POSITIVE_INFINITY);
  }
}

/** The log lines that report an error, except those that a test expects. */
export function errorsIn(slipway: SandboxSlipway, expected: RegExp[] = []): string[] {
  return slipway
    .logs()
    .split('\n')
    .filter((line) => line !== '' && !/^\{"level":"(trace|debug|info|warn)"/.test(line))
    .filter((line) => !expected.some((pattern) => pattern.test(line)));
}

/** The names of the secrets of the Slipway that the text contains. */
export function secretsIn({ env }: SandboxSlipway, text: string): string[] {
  const names = Object.keys(env).filter((name) => /SECRET|TOKEN/.test(name));
  return names.filter((name) => text.includes(env[name] ?? ''));
}
