import type { DestinationStream, Logger } from 'pino';
import { pino } from 'pino';
import { MASK } from '../model/masks.ts';
import type { SecretMasker } from './secrets.ts';

export type { Logger } from 'pino';

/**
 * Fields whose name says that they hold credentials, at any depth of a record. They are masked in the finished line: pino's
 * `redact` only knows fixed depths and costs as much as the rest of writing a line.
 */
const credentials =
  /"(authorization|cookie|password|secret|token|privateKey|accessToken|private-token|x-gitlab-token|x-hub-signature-256)":("(?:[^"\\]|\\.)*"|\[[^\]]*\])/gi;

export interface LoggerOptions {
  /** `trace` to `fatal`, or `silent`. */
  level: string;
  /** The role of this process: `server`, `deploy`. */
  name?: string | undefined;
  /** Masks known secrets in the finished line, so that callers need not. */
  masker: SecretMasker;
  /** Default: standard output. */
  stream?: DestinationStream | undefined;
}

/** Writes one JSON object per line. Messages are fixed; variables go into fields: `log.warn({ id }, 'poll failed')`. */
export function createLogger({ level, name, masker, stream }: LoggerOptions): Logger {
  const options = {
    level,
    ...(name === undefined ? {} : { name }),
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    hooks: { streamWrite: (line: string) => masker.mask(line.replace(credentials, `"$1":"${MASK}"`)) },
  };
  return stream ? pino(options, stream) : pino(options);
}
