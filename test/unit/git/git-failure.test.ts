import { describe, expect, it } from 'vitest';
import { BROKEN_MIRROR, gitFailure, MISSING_REF, staleLockIn } from '../../../src/git/git-failure.ts';

const failed = (stderr: string) => ({ code: 128, stdout: '', stderr, timedOut: false });

describe('the output of git', () => {
  it.each([
    ["fatal: unable to access 'https://x/': Could not resolve host: x", 'GIT_UNREACHABLE'],
    ["fatal: unable to access 'https://x/': The requested URL returned error: 503", 'GIT_UNREACHABLE'],
    ["fatal: unable to access 'https://x/': The requested URL returned error: 403", 'GIT_REFUSED'],
    ["fatal: could not read Username for 'https://x': terminal prompts disabled", 'GIT_REFUSED'],
    ["remote: Repository not found.\nfatal: repository 'https://x/' not found", 'GIT_REFUSED'],
    ['git@x: Permission denied (publickey).\nfatal: Could not read from remote repository.', 'GIT_REFUSED'],
    ['Host key verification failed.\nfatal: Could not read from remote repository.', 'GIT_REFUSED'],
    ["fatal: transport 'ext' not allowed", 'GIT_REFUSED'],
    ["error: object 1234abcd: hasDotdot: contains '..'\nfatal: fsck error in packed object", 'GIT_INVALID'],
    ['fatal: write error: No space left on device', 'GIT_UNREACHABLE'],
  ])('%s is %s', (stderr, code) => {
    expect(gitFailure('fetch github/acme/web', failed(stderr)).code).toBe(code);
  });

  it('becomes one sentence with the repository and without credentials', () => {
    const access = { url: 'https://x', kind: 'header' as const, header: 'Authorization: Basic aHVudGVyMg==' };
    const stderr =
      "warning: x\nfatal: unable to access 'https://dana:hunter2@x/' with aHVudGVyMg==: timeout\n";

    const { message } = gitFailure('fetch github/acme/web', failed(stderr), access);

    expect(message).toBe("fetch github/acme/web: unable to access 'https://x/' with ***: timeout");
  });

  it('that ends too late means unreachable', () => {
    const error = gitFailure('fetch x', { ...failed(''), timedOut: true });

    expect(error).toMatchObject({
      code: 'GIT_UNREACHABLE',
      message: 'fetch x: git did not end in time, or the forge went silent',
    });
  });

  it.each([
    "fatal: couldn't find remote ref refs/heads/x",
    'fatal: remote error: upload-pack: not our ref 12',
  ])('%s means that the forge does not have it', (stderr) => {
    expect(MISSING_REF.test(stderr)).toBe(true);
  });

  it.each([
    "fatal: not a git repository: '/data/x.git'",
    'error: object file ./objects/12/34 is empty',
    'fatal: bad config line 1 in file /data/x.git/config',
    'fatal: bad object refs/slipway/heads/main',
  ])('%s means that the mirror is broken', (stderr) => {
    expect(BROKEN_MIRROR.test(stderr)).toBe(true);
  });

  it('about a lock names its file', () => {
    const stderr = "error: cannot lock ref 'refs/x': Unable to create '/d/x.git/refs/x.lock': File exists.";

    expect(staleLockIn(stderr)).toBe('/d/x.git/refs/x.lock');
  });
});
