import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { SecretSource } from './values.ts';
import type { KeyPath } from './yaml-file.ts';

/** A secret that could not be read; `path` is its key in server.yaml. */
export interface MissingSecret {
  path: KeyPath;
  message: string;
  hint: string;
}

/** Reads the secrets that `{ env }` and `{ file }` name, and collects the missing ones instead of stopping at the first. */
export interface SecretReader {
  /** Trimmed; empty only if the secret is in `missing`, or not needed. */
  read(source: SecretSource, path: KeyPath): Promise<string>;
  /** Absolute; relative paths begin at the folder of server.yaml. */
  absolute(path: string): string;
  readonly missing: MissingSecret[];
}

/** Reads no secret that is not needed: a process need not have those of the others. */
export function createSecretReader(
  serverFile: string,
  env: NodeJS.ProcessEnv,
  isNeeded: (path: KeyPath) => boolean,
): SecretReader {
  const missing: MissingSecret[] = [];
  const absolute = (path: string) => resolve(dirname(serverFile), path);
  const read = async (source: SecretSource, path: KeyPath) => {
    if (!isNeeded(path)) return '';
    const result = 'env' in source ? fromEnv(source.env, env) : await fromFile(absolute(source.file));
    if (typeof result === 'string') return result;
    missing.push({ path, ...result });
    return '';
  };
  return { read, absolute, missing };
}

function fromEnv(name: string, env: NodeJS.ProcessEnv): string | Omit<MissingSecret, 'path'> {
  const value = env[name]?.trim();
  if (value) return value;
  const state = value === undefined ? 'not set' : 'empty';
  return { message: `environment variable ${name} is ${state}`, hint: `Set ${name} before Slipway starts.` };
}

async function fromFile(path: string): Promise<string | Omit<MissingSecret, 'path'>> {
  const hint = 'Put the secret there, readable for the user that Slipway runs as.';
  try {
    const value = (await readFile(path, 'utf8')).trim();
    return value || { message: `secret file ${path} is empty`, hint };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    return { message: `secret file ${path} cannot be read${code}`, hint };
  }
}
