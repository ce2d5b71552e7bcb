import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findProgram } from '../../../src/render/process/find-program.ts';
import { type ProgramRun, runProgram } from '../../../src/render/process/run-program.ts';
import { temporaryFolder } from '../../support/mirrors.ts';

async function run(script: string, changed: Partial<ProgramRun> = {}) {
  return runProgram({
    program: '/bin/sh',
    args: ['-c', script],
    cwd: await temporaryFolder(),
    unshare: await findProgram('unshare', process.env.PATH),
    timeoutMs: 10_000,
    memoryBytes: 512 * 1024 * 1024,
    outputBytes: 1000,
    signal: new AbortController().signal,
    ...changed,
  });
}

describe('a program that renders', () => {
  it('sees nothing of the environment of its parent', async () => {
    process.env.SLIPWAY_TEST_SECRET = 'hunter2';

    const { stdout } = await run('env | cut -d= -f1 | sort');

    delete process.env.SLIPWAY_TEST_SECRET;
    expect(stdout.split('\n').filter((name) => name !== '' && name !== '_')).toEqual([
      'GOMEMLIMIT',
      'HELM_PLUGINS',
      'HOME',
      'NO_COLOR',
      'PWD',
      'TMPDIR',
    ]);
  });

  it('has no network, not even the loopback', async () => {
    const server = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const connect = { program: '/bin/bash', args: ['-c', `exec 3<>/dev/tcp/127.0.0.1/${port}`] };

    const [isolated, open] = await Promise.all([
      run('', connect),
      run('', { ...connect, unshare: undefined }),
    ]);

    expect(open.code).toBe(0);
    expect(isolated.code).not.toBe(0);
  });

  it('leaves no child behind when its time is over', async () => {
    const folder = await temporaryFolder();
    const started = Date.now();

    await expect(
      run('(sleep 5; touch late) & sleep 5', { timeoutMs: 200, cwd: folder }),
    ).rejects.toMatchObject({ code: 'RENDER_LIMIT' });

    expect(Date.now() - started).toBeLessThan(3000);
  });

  it('answers its exit code and its words', async () => {
    expect(await run('echo out; echo err >&2; exit 3')).toEqual({
      code: 3,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  it('is not started after its signal', async () => {
    await expect(run('true', { signal: AbortSignal.abort(new Error('late')) })).rejects.toThrow('late');
  });
});
