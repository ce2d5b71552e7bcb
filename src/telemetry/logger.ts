import type { DestinationStream, Logger } from 'pino';
import { pino } from 'pino';
import { MASK } from '../model/masks.ts';
import type { SecretMasker } from './secrets.ts';

export type { Logger } from 'pino';

/**
 * Fields that hold credentials by their name, at any depth of a record. In the finished line rather than by pino's
 * `redact`, which knows only fixed depths and costs as much as the whole rest of writing a line.
 */
const credentials =
  /"(authorization|cookie|password|secret|token|privateKey|accessToken|private-token|x-gitlab-token|x-hub-signature-256)":("(?:[^"\\]|\\.)*"|\[[^\]]*\])/gi;

export interface LoggerOptions {
  /** `trace` to `fatal`, or `silent`. */
  level: string;
  /** What this process is: `server`, `deploy`. */
  name?: string | undefined;
  /** Known secrets are masked in the finished line, so no caller has to think of it. */
  masker: SecretMasker;
  /** Default: standard output. */
  stream?: DestinationStream | undefined;
}

/** One JSON object a line. Messages are fixed words; what varies goes into fields: `log.warn({ id }, 'ring failed')`. */
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
