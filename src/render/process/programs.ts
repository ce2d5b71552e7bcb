import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { SlipwayError } from '../../errors.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { findProgram, needProgram } from './find-program.ts';

const exec = promisify(execFile);
const PROBE_TIMEOUT_MS = 10_000;

export interface ProgramsOptions {
  helm: string;
  kustomize: string;
  /** Where they and `unshare` are looked for. */
  path: string | undefined;
  log: Logger;
}

export type RenderProgram = 'helm' | 'kustomize';

/** The programs of this host, each looked for and asked for its version once, when first needed. */
export class Programs {
  private readonly options: ProgramsOptions;
  private readonly paths = new Map<RenderProgram, Promise<string>>();
  private readonly versions = new Map<RenderProgram, Promise<string>>();
  private isolation: Promise<string | undefined> | undefined;

  constructor(options: ProgramsOptions) {
    this.options = options;
  }

  path(name: RenderProgram): Promise<string> {
    return remember(this.paths, name, () => needProgram(this.options[name], this.options.path));
  }

  /** As the program says it: `v5.8.1`, `v4.3.1`. Part of every content key. */
  version(name: RenderProgram): Promise<string> {
    const args = name === 'helm' ? ['version', '--template', '{{.Version}}'] : ['version'];
    return remember(this.versions, name, async () => {
      const program = await this.path(name);
      const env = { HOME: '/nonexistent' };
      const { stdout } = await exec(program, args, { env, timeout: PROBE_TIMEOUT_MS }).catch(
        (error: unknown) => {
          throw new SlipwayError('INTERNAL', `${name} does not tell its version`, { cause: error });
        },
      );
      return stdout.trim();
    });
  }

  /** `unshare` where the kernel allows a process without a network; said once where it does not. */
  unshare(): Promise<string | undefined> {
    this.isolation ??= this.probe();
    return this.isolation;
  }

  private async probe(): Promise<string | undefined> {
    const program = await findProgram('unshare', this.options.path);
    const works =
      program !== undefined &&
      (await exec(program, ['-rn', '--', 'true'], { timeout: PROBE_TIMEOUT_MS }).then(
        () => true,
        () => false,
      ));
    if (works) return program;
    this.options.log.warn(
      'renders run with a network: unshare is missing or the kernel allows no user namespaces; what an app reaches is still limited by the walk',
    );
    return undefined;
  }
}

/** A failure is not remembered: the program may be installed meanwhile. */
function remember<K, V>(known: Map<K, Promise<V>>, key: K, make: () => Promise<V>): Promise<V> {
  const found = known.get(key);
  if (found) return found;
  const made = make();
  known.set(key, made);
  made.catch(() => known.delete(key));
  return made;
}
