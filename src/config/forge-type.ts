import { z } from 'zod';
import type { ForgeAuth } from './server-config.ts';
import { fields, file, httpUrl, type SecretSource, secret } from './values.ts';

const webhookSecrets = z
  .array(secret, {
    error:
      'is missing: anybody could send webhooks to a forge without a secret; write webhookSecrets: [{ env: NAME }]',
  })
  .min(1, { error: 'is empty: anybody could send webhooks to a forge without a secret' })
  .describe('Secrets that webhooks may be signed with: several while one is being changed.');

/** What every forge takes in server.yaml beside its `type` and its `url`. */
export const forgeFields = {
  webhookSecrets,
  apiUrl: httpUrl.optional().describe('Address of the REST API, if it is not at the usual place.'),
  token: secret.optional().describe('Access token; see the README of the forge for its scopes.'),
  maxRequests: z
    .int()
    .min(1)
    .default(64)
    .describe('Most requests to the forge and its Git at once, for each process.'),
  ssh: fields({
    key: file.describe('Private key.'),
    knownHosts: file.optional().describe('known_hosts file; default: the first key seen of a host is kept.'),
  })
    .optional()
    .describe('Fetch over SSH with this key instead of HTTPS.'),
};

/** A forge of server.yaml as written. */
export interface ForgeFile extends z.output<z.ZodObject<typeof forgeFields>> {
  type: string;
  url: string;
}

/** Reads a secret; `key` is its place within the forge, for errors. */
export type ReadForgeSecret = (source: SecretSource, ...key: string[]) => Promise<string>;

/** What server.yaml may say of one type of forge. The registry of `forges/` lists them all. */
export interface ForgeType<File extends ForgeFile = ForgeFile> {
  /** The value of `type` in server.yaml. */
  readonly type: string;
  readonly schema: z.ZodType<File> & z.core.$ZodTypeDiscriminable;
  /** The REST API of a forge at this address, unless `apiUrl` is set. Neither has a trailing slash. */
  apiUrlOf(url: string): string;
  /** Credentials that only this type has; undefined: `token`, or none. */
  readAuth?(forge: File, read: ReadForgeSecret): Promise<ForgeAuth | undefined>;
}

/** A forge of any of these types. */
export function forgeSchemaOf([first, ...others]: ForgeTypes) {
  const names = [first, ...others].map(({ type }) => `"${type}"`);
  return z.discriminatedUnion('type', [first.schema, ...others.map(({ schema }) => schema)], {
    error: `must be ${names.join(' or ')}`,
  });
}

/** The types that a server.yaml may use; at least one. */
export type ForgeTypes = readonly [ForgeType, ...ForgeType[]];
