import { SlipwayError } from '../errors.ts';
import type { ErrorCode } from '../model/error-code.ts';
import type { GitAccess } from '../ports/forge.ts';
import type { GitResult } from './run-git.ts';
import { unsafeContent } from './unsafe.ts';

interface Finding {
  pattern: RegExp;
  code: ErrorCode;
  hint?: string;
}

/** Output of git and ssh (LC_ALL=C) and what it means; the first match counts. */
const findings: Finding[] = [
  {
    pattern: /unable to update url base from redirection|returned error: 30\d/i,
    code: 'GIT_REFUSED',
    hint: 'The forge responds with a redirect: the repository was moved or renamed. Use its new name.',
  },
  {
    pattern:
      /Authentication failed|could not read (Username|Password)|terminal prompts disabled|Access denied|returned error: (401|403|404)|Repository not found|repository '.*' not found|Permission denied \(|does not appear to be a git repository/i,
    code: 'GIT_REFUSED',
  },
  {
    pattern: /Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED/i,
    code: 'GIT_REFUSED',
    hint: "Put the forge's host key into the known_hosts file named in server.yaml.",
  },
  { pattern: /transport '.*' not allowed/i, code: 'GIT_REFUSED' },
  { pattern: /fsck error|^error: object [0-9a-f]+: \w+: /im, code: 'GIT_INVALID' },
  {
    pattern: /No space left on device|Disk quota exceeded|Permission denied|Read-only file system/i,
    code: 'GIT_UNREACHABLE',
    hint: 'Check the space and the rights of the data directory.',
  },
];

/** A ref or a commit that the forge does not have, or no longer has. */
export const MISSING_REF = /couldn't find remote ref|not our ref|unadvertised object|remote error: want/i;

/** Messages of git about its own files, as after a crash or a full disk. */
export const BROKEN_MIRROR =
  /not a git repository|object file .* is empty|loose object .* corrupt|packed object .* corrupt|packfile .*(corrupt|invalid|mismatch)|index file .* (corrupt|is too small)|bad object|bad config|bad pack|unable to (read|parse) (tree|commit|object|sha1)|missing necessary objects|inflate: data stream error|unresolved deltas|bad (tree|commit|blob|ref)/i;

const STALE_LOCK = /Unable to create '(.*\.lock)': File exists/;

/** The lock file that a killed git has left. */
export function staleLockIn(stderr: string): string | undefined {
  return STALE_LOCK.exec(stderr)?.[1];
}

/** A failed git call as one sentence without credentials. `what` reads like `fetch github/acme/web`. */
export function gitFailure(what: string, result: GitResult, access?: GitAccess): SlipwayError {
  if (result.timedOut)
    return new SlipwayError('GIT_UNREACHABLE', `${what}: git did not end in time, or the forge went silent`);
  const finding = findings.find(({ pattern }) => pattern.test(result.stderr));
  const code = finding?.code ?? 'GIT_UNREACHABLE';
  if (code === 'GIT_INVALID') return unsafeContent(result.stderr);
  return new SlipwayError(code, `${what}: ${clean(lastOutput(result.stderr), access)}`, {
    hint: finding?.hint,
  });
}

/** The program could not be started. */
export function gitMissing(what: string, error: unknown): SlipwayError {
  const reason = error instanceof Error ? error.message : String(error);
  return new SlipwayError('INTERNAL', `${what}: git could not be started (${reason})`, {
    hint: 'Install Git 2.38 or newer, or name it in server.yaml under programs.git.',
    cause: error,
  });
}

/** The `error:` and `remote:` lines tell more than git's `fatal:` line, which only tells that it ended. */
function lastOutput(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const reason =
    lines.findLast((line) => line.startsWith('fatal:')) ??
    lines.findLast((line) => line.startsWith('error:')) ??
    lines.at(-1) ??
    'git failed without a word';
  return reason.replace(/^(fatal|error): /, '');
}

function clean(text: string, access: GitAccess | undefined): string {
  const bare = text.replace(/\/\/[^/@\s']+@/g, '//');
  if (access?.kind !== 'header') return bare;
  const secret = access.header.slice(access.header.lastIndexOf(' ') + 1);
  return secret === '' ? bare : bare.replaceAll(secret, '***');
}
