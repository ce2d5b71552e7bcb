import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { EngineProcess } from '../../../src/render/engine/engine-process.ts';
import { sandbox } from '../../support/sandbox.ts';

const exec = promisify(execFile);
const engine = join(import.meta.dirname, '..', '..', '..', 'engine');
const env = {
  ...process.env,
  GOTOOLCHAIN: 'local',
  GOWORK: 'off',
  CGO_ENABLED: '0',
  GOFLAGS: '-mod=readonly',
};

it.each([
  ['is formatted', 'gofmt', ['-l', '.']],
  ['has no findings of go vet', 'go', ['vet', './...']],
])('the source of the engine %s', async (_, program, args) => {
  expect((await exec(program, args, { cwd: engine, env })).stdout).toBe('');
});

it('the packages of the engine pass their own tests', async () => {
  const { stdout } = await exec('go', ['test', './...'], { cwd: engine, env, maxBuffer: 16 * 1024 * 1024 });

  expect(stdout).toContain('ok  \tslipway/engine/internal/kustomization');
});

it('the engine is locked, and says the versions that go.mod pins', async () => {
  const started = await EngineProcess.start({
    program: sandbox().programs['slipway-engine'],
    memoryBytes: 512 * 1024 * 1024,
    unlocked: false,
  });
  const pins = await readFile(join(engine, 'go.mod'), 'utf8');

  expect(started.ready).toMatchObject({ locked: true });
  expect(pins).toContain(`helm.sh/helm/v4 ${started.ready?.helm}\n`);
  expect(pins).toContain(`github.com/google/go-jsonnet ${started.ready?.jsonnet}\n`);
  expect(pins).toContain(`sigs.k8s.io/kustomize/api ${started.ready?.kustomize}\n`);
  const status = await readFile(`/proc/${started.pid}/status`, 'utf8');
  started.kill();
  // https://docs.kernel.org/filesystems/proc.html: 2 is a filter.
  expect(status).toMatch(/^Seccomp:\s+2$/m);
  expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
});
