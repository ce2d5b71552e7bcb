import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('./loan-service', import.meta.url));

/** The files of the demo's repository, by path. */
export async function loanServiceFiles(): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = await Promise.all(
    paths.map(async (path) => [relative(folder, path), await readFile(path, 'utf8')] as const),
  );
  return Object.fromEntries(files);
}

export const DEPLOYMENT_FILE = 'deploy/loan-service/deployment.yaml';

/** The Deployment with another image and, if given, another number of replicas. */
export function withImage(deployment: string, image: string, replicas?: number): string {
  const changed = deployment.replace(/image: \S+/, `image: ${image}`);
  return replicas === undefined ? changed : changed.replace(/replicas: \d+/, `replicas: ${replicas}`);
}
