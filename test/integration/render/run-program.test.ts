import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PATIENCE_MS } from '../../../sandbox/until.ts';
import { findProgram } from '../../../src/render/process/find-program.ts';
import { type ProgramRun, runProgram } from '../../../src/render/process/run-program.ts';
import { temporaryFolder } from '../../support/mirrors.ts';

async function run(script: string, changed: Partial<ProgramRun> = {}) {
  return runProgram({
    program: '/bin/sh',
    args: ['-c', script],
    cwd: await temporaryFolder(),
    unshare: await findProgram('unshare', process.env.PATH),
    timeoutMs: PATIENCE_MS,
    memoryBytes: 512 * 1024 * 1024,
    outputBytes: 1000,
    signal: new AbortController().signal,
    ...changed,
  });
}

function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
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
    const cwd = await temporaryFolder();
    const program = run('sleep 3600 & echo $! > child; wait', { timeoutMs: 3_000, cwd });

    await expect(program).rejects.toMatchObject({ code: 'RENDER_LIMIT' });

    const child = Number(await readFile(join(cwd, 'child'), 'utf8'));
    await expect.poll(() => isRunning(child)).toBe(false);
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
