import { SlipwayError } from '../errors.ts';
import type { RepositoryId } from '../model/target.ts';
import type { GitAccess } from '../ports/forge.ts';
import type { GitEnvironmentOptions } from './git-environment.ts';
import { gitEnvironment } from './git-environment.ts';
import { gitFailure, gitMissing } from './git-failure.ts';
import type { GitResult } from './run-git.ts';
import { runGit } from './run-git.ts';

export interface RemoteOptions {
  repository: RepositoryId;
  program: string;
  environment: GitEnvironmentOptions;
  access: (repository: RepositoryId) => Promise<GitAccess>;
}

export interface RemoteCall {
  /** The attempted action, for errors: `fetch`. */
  verb: string;
  /** Arguments before the address, and those after it. */
  before: string[];
  after: string[];
  timeoutMs: number;
  onSilence?: boolean | undefined;
  signal: AbortSignal;
}

export interface RemoteResponse {
  result: GitResult;
  /** The error of a failed call, to throw. */
  failure(): SlipwayError;
}

/** Calls of git that reach the forge, each with newly computed credentials. */
export class Remote {
  private readonly options: RemoteOptions;

  constructor(options: RemoteOptions) {
    this.options = options;
  }

  /** Throws what `access` throws, GIT_REFUSED for an address git must not be given, INTERNAL without git. */
  async call({ verb, before, after, timeoutMs, onSilence, signal }: RemoteCall): Promise<RemoteResponse> {
    const what = `${verb} ${this.options.repository}`;
    const access = await this.options.access(this.options.repository);
    this.checkAddress(what, access.url);
    const env = gitEnvironment(this.options.environment, access);
    const args = [...before, '--', access.url, ...after];
    const run = { program: this.options.program, args, env, timeoutMs, onSilence, signal };
    const result = await runGit(run).catch((error: unknown) => {
      throw signal.aborted ? signal.reason : gitMissing(what, error);
    });
    return { result, failure: () => gitFailure(what, result, access) };
  }

  /** GIT_ALLOW_PROTOCOL refuses other protocols too; this gives a clear error without starting a process. */
  private checkAddress(what: string, url: string): void {
    const allowed = this.options.environment.allowFile ? /^(https?|ssh|file):\/\// : /^(https?|ssh):\/\//;
    if (allowed.test(url) || /^[\w.-]+@[\w.-]+:[^:]/.test(url)) return;
    throw new SlipwayError('GIT_REFUSED', `${what}: only http, https and ssh addresses are used`);
  }
}
