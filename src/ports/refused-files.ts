import type { Failure } from '../model/failure.ts';

/** Remembers why files of repositories were refused, so that no process reads such a file again. */
export interface RefusedFiles {
  /** Undefined: not known to be refused. `key` is a hash of the content and of the version that reads it. */
  read(key: string): Promise<Failure | undefined>;
  write(key: string, failure: Failure): Promise<void>;
}
