/** `npm run demo`: the story of a loan-service on the sandbox. `-- --keep` leaves everything running. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { connectionOf } from '../connection.ts';
import { ForgeClient } from '../forge/client.ts';
import type { Face } from '../forge/protocol.ts';
import { type Sandbox, startSandbox } from '../sandbox.ts';
import { prepareSlipway, type SandboxSlipway } from '../slipway/start-slipway.ts';
import { howToGoOn } from './keep.ts';
import { type Observer, observe } from './observer.ts';
import { createStage, type Stage } from './stage.ts';
import { firstDeploy, mergeBroken, mergeV2, removeFile, type Scene } from './story.ts';

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
const stage = createStage((text) => process.stdout.write(text));
const interrupted = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
});

stage.chapter('The sandbox: Redis, a real Kubernetes control plane, a forge with two faces');
const began = performance.now();
const sandbox = await startSandbox({ log: (line) => stage.detail(line) });
stage.seen(`ready after ${((performance.now() - began) / 1000).toFixed(1)} s`);
const slipway = await prepareSlipway({ sandbox: connectionOf(sandbox), dir: join(sandbox.dir, 'slipway') });
const cluster = observe(sandbox.kubeconfig);
try {
  await Promise.race([tell(sandbox, slipway, cluster, stage), interrupted]);
  if (values.keep) {
    process.stdout.write(await howToGoOn(sandbox, slipway));
    await interrupted;
  }
} catch (error) {
  stage.failed(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
} finally {
  await cluster.close();
  await slipway.stop();
  await sandbox.stop();
}
process.exit();

async function tell(
  sandbox: Sandbox,
  slipway: SandboxSlipway,
  cluster: Observer,
  stage: Stage,
): Promise<void> {
  const { pid } = await slipway.start('run');
  stage.seen(`slipway run (server and workers in one process, pid ${pid}) listens at ${slipway.url}`);
  const scene = (face: Face, suffix: string): Scene => ({
    stage,
    forge: new ForgeClient(sandbox.forge),
    cluster,
    face,
    repo: 'acme/loan-service',
    hook: { url: slipway.webhookUrl(face), secret: slipway.webhookSecret(face) },
    namespaces: { production: `loans${suffix}`, staging: `loans${suffix}-staging` },
  });
  const github = scene('github', '');
  stage.chapter('GitHub: v1 is deployed');
  await firstDeploy(github);
  stage.chapter('GitHub: a developer merges v2 with 3 replicas');
  await mergeV2(github);
  stage.chapter('GitHub: a merge with a broken image');
  await mergeBroken(github);
  stage.chapter('GitHub: a file is removed');
  await removeFile(github);
  const gitlab = scene('gitlab', '-gitlab');
  stage.chapter('GitLab: the same once');
  await firstDeploy(gitlab);
  await mergeV2(gitlab);
  await mergeBroken(gitlab);
  await removeFile(gitlab);
  stage.chapter('Every step was seen on the API server and on the forge.');
}
