import type { DestinationStream, Logger } from 'pino';
import { pino } from 'pino';
import { MASK } from '../model/mask.ts';
import type { SecretMasker } from './secrets.ts';

export type { Logger } from 'pino';

/** Fields that hold credentials by their name, at the top of a record and one level below. */
const credentialFields = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'token',
  'privateKey',
  'accessToken',
  '["private-token"]',
  '["x-gitlab-token"]',
  '["x-hub-signature-256"]',
];

const redactedPaths = credentialFields.flatMap((field) => [
  field,
  field.startsWith('[') ? `*${field}` : `*.${field}`,
  field.startsWith('[') ? `headers${field}` : `headers.${field}`,
  field.startsWith('[') ? `*.headers${field}` : `*.headers.${field}`,
]);

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
    redact: { paths: redactedPaths, censor: MASK },
    hooks: { streamWrite: (line: string) => masker.mask(line) },
  };
  return stream ? pino(options, stream) : pino(options);
}
