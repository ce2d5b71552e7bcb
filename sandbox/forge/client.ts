import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { PATIENCE_MS } from '../until.ts';
import type {
  Comment,
  Committed,
  CreatedRepository,
  Delivery,
  DeliveryFilter,
  Deployment,
  Face,
  Faults,
  ForgeAddress,
  LoggedCommit,
  MergeMethod,
  NewApp,
  NewCommit,
  NewHook,
  NewInstallation,
  NewPull,
  NewRepository,
  NewTag,
  Pull,
  Push,
  RecordedRequest,
  Status,
} from './protocol.ts';

type Query = Record<string, string | number | undefined>;

const POLL_MS = 10;

const at = (...segments: (string | number)[]): string =>
  segments.map((segment) => `/${encodeURIComponent(segment)}`).join('');

const queryString = (query: Query): string => {
  const given = Object.entries(query).filter(
    (entry): entry is [string, string | number] => entry[1] !== undefined,
  );
  return given.length === 0
    ? ''
    : `?${given.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')}`;
};

/** The sandbox forge's admin interface, for tests, the demo and the benchmarks. Every call throws if it is refused. */
export class ForgeClient {
  readonly #url: string;
  readonly #token: string;
  readonly #agent = new Agent({ keepAliveTimeout: 60_000 });

  constructor(address: Pick<ForgeAddress, 'adminUrl' | 'adminToken'>) {
    this.#url = `${address.adminUrl}/_admin`;
    this.#token = address.adminToken;
  }

  async #call<T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<T> {
    const response = await request(`${this.#url}${path}`, {
      method,
      dispatcher: this.#agent,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.body.text();
    if (response.statusCode >= 400)
      throw new Error(`forge: ${method} ${path}: ${response.statusCode} ${text}`);
    return JSON.parse(text) as T;
  }

  createRepository(face: Face, repo: string, wanted: NewRepository = {}): Promise<CreatedRepository> {
    return this.#call('POST', at(face, repo), wanted);
  }

  /** Commits to a branch (new ones start from the default branch) and sends webhooks as for a push. */
  commit(face: Face, repo: string, branch: string, commit: NewCommit): Promise<Committed> {
    return this.#call('POST', `${at(face, repo, 'branches', branch)}/commits`, commit);
  }

  createBranch(face: Face, repo: string, branch: string, sha?: string): Promise<Committed> {
    return this.#call('PUT', at(face, repo, 'branches', branch), { sha });
  }

  /** A force push of `sha` to the branch. */
  resetBranch(face: Face, repo: string, branch: string, sha: string): Promise<Committed> {
    return this.#call('PUT', at(face, repo, 'branches', branch), { sha });
  }

  deleteBranch(face: Face, repo: string, branch: string): Promise<Committed> {
    return this.#call('DELETE', at(face, repo, 'branches', branch));
  }

  async head(face: Face, repo: string, branch: string): Promise<string | null> {
    return (await this.#call<{ sha: string | null }>('GET', at(face, repo, 'branches', branch))).sha;
  }

  createTag(face: Face, repo: string, tag: string, wanted: NewTag = {}): Promise<Committed> {
    return this.#call('PUT', at(face, repo, 'tags', tag), wanted);
  }

  deleteTag(face: Face, repo: string, tag: string): Promise<Committed> {
    return this.#call('DELETE', at(face, repo, 'tags', tag));
  }

  log(face: Face, repo: string, ref: string, limit = 50): Promise<LoggedCommit[]> {
    return this.#call('GET', `${at(face, repo, 'log')}${queryString({ ref, limit })}`);
  }

  async switchDefaultBranch(face: Face, repo: string, branch: string): Promise<void> {
    await this.#call('PUT', `${at(face, repo, 'branches', branch)}/default`, {});
  }

  async protectBranch(face: Face, repo: string, branch: string, on = true): Promise<void> {
    await this.#call('PUT', `${at(face, repo, 'branches', branch)}/protection`, { on });
  }

  addHook(face: Face, repo: string, hook: NewHook): Promise<{ id: number }> {
    return this.#call('POST', at(face, repo, 'hooks'), hook);
  }

  async removeHook(face: Face, repo: string, id: number): Promise<void> {
    await this.#call('DELETE', at(face, repo, 'hooks', id));
  }

  openPullRequest(face: Face, repo: string, wanted: NewPull): Promise<Pull> {
    return this.#call('POST', at(face, repo, 'pulls'), wanted);
  }

  mergePullRequest(
    face: Face,
    repo: string,
    number: number,
    options: { method?: MergeMethod } = {},
  ): Promise<Pull> {
    return this.#call('POST', `${at(face, repo, 'pulls', number)}/merge`, options);
  }

  closePullRequest(face: Face, repo: string, number: number): Promise<Pull> {
    return this.#call('POST', `${at(face, repo, 'pulls', number)}/close`);
  }

  pull(face: Face, repo: string, number: number): Promise<Pull> {
    return this.#call('GET', at(face, repo, 'pulls', number));
  }

  /** Every status ever posted to a commit, in order of arrival, in the forge's own words. */
  statuses(face: Face, repo: string, sha: string): Promise<Status[]> {
    return this.#call('GET', at(face, repo, 'statuses', sha));
  }

  comments(face: Face, repo: string, number: number): Promise<Comment[]> {
    return this.#call('GET', at(face, repo, 'comments', number));
  }

  deployments(face: Face, repo: string): Promise<Deployment[]> {
    return this.#call('GET', at(face, repo, 'deployments'));
  }

  pushes(face: Face, repo: string): Promise<Push[]> {
    return this.#call('GET', at(face, repo, 'pushes'));
  }

  requests(face: Face, repo?: string): Promise<RecordedRequest[]> {
    return this.#call('GET', `${at(face, 'requests')}${queryString({ repo })}`);
  }

  deliveries(filter: DeliveryFilter = {}): Promise<Delivery[]> {
    return this.#call('GET', `/deliveries${queryString({ ...filter })}`);
  }

  /** Redelivers a webhook under its old id, as the forge's button does. */
  redeliver(deliveryId: number): Promise<Delivery> {
    return this.#call('POST', `${at('deliveries', deliveryId)}/redeliver`);
  }

  /** Adds faults to a repository, or to the whole face if none is given. */
  async setFaults(face: Face, faults: Faults, repo?: string): Promise<void> {
    await this.#call('PUT', `${at(face, 'faults')}${queryString({ repo })}`, faults);
  }

  /** Ends all faults, and sends what `reorder` still holds. Without a repository, the faults of every repository end. */
  async clearFaults(face: Face, repo?: string): Promise<void> {
    await this.#call('DELETE', `${at(face, 'faults')}${queryString({ repo })}`);
  }

  async addApp(app: NewApp): Promise<void> {
    await this.#call('POST', '/apps', app);
  }

  async addInstallation(installation: NewInstallation): Promise<void> {
    await this.#call('POST', '/installations', installation);
  }

  /** Waits until the last status of a context is the wanted one. Throws with all statuses if it does not arrive. */
  async waitForStatus(
    face: Face,
    repo: string,
    sha: string,
    wanted: { context: string; state: string },
  ): Promise<Status> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const all = await this.statuses(face, repo, sha);
      const last = all.findLast(({ context }) => context === wanted.context);
      if (last?.state === wanted.state) return last;
      if (Date.now() > deadline) {
        const seen = all.map(
          ({ context, state, description }) => `${context}=${state} (${description ?? ''})`,
        );
        throw new Error(
          `no ${wanted.context}=${wanted.state} on ${sha}; seen: ${seen.join(', ') || 'nothing'}`,
        );
      }
      await sleep(POLL_MS);
    }
  }

  /** Waits for the first webhook that matches and has a response. */
  async waitForDelivery(filter: DeliveryFilter): Promise<Delivery> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const found = await this.deliveries(filter);
      const delivery = found.find(({ attempts }) => attempts.some(({ respondedAt }) => respondedAt !== null));
      if (delivery !== undefined) return delivery;
      if (Date.now() > deadline)
        throw new Error(`no webhook that matches ${JSON.stringify(filter)} got a response`);
      await sleep(POLL_MS);
    }
  }

  /** Resolves when no webhook is being sent. */
  async quiet(): Promise<void> {
    await this.#call('POST', '/quiet');
  }

  /** Closes the client's connections. */
  async close(): Promise<void> {
    await this.#agent.close();
  }
}
