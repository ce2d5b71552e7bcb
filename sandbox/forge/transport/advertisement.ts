import { git } from '../git/run.ts';

export type ReadAbilities = (dir: string) => Promise<string>;

/**
 * The response of `info/refs` to a fetch in Git's protocol version 2: the server's capabilities and no refs
 * (https://git-scm.com/docs/protocol-v2). All repositories of the forge have the same settings and so the
 * same response; asking git for it on each fetch would only be one more process.
 */
export const rememberAbilities = (): ReadAbilities => {
  let known: Promise<string> | null = null;
  return (dir) => {
    known ??= git(dir, ['upload-pack', '--http-backend-info-refs', '.'], {
      env: { GIT_PROTOCOL: 'version=2' },
    });
    return known;
  };
};

/** Whether a request asks for this response. */
export const asksAbilities = (url: URL, protocol: string | string[] | undefined): boolean =>
  url.pathname.endsWith('/info/refs') &&
  url.searchParams.get('service') === 'git-upload-pack' &&
  typeof protocol === 'string' &&
  protocol.split(':').includes('version=2');
