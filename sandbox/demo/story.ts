import type { ForgeClient } from '../forge/client.ts';
import type { Delivery, Face, Pull, Status } from '../forge/protocol.ts';
import { configMapPath, deploymentPath, imageOf, type Observer, runs } from './observer.ts';
import { DEPLOYMENT_FILE, loanServiceFiles, withImage } from './repository.ts';
import type { Stage } from './stage.ts';

export interface Scene {
  stage: Stage;
  forge: ForgeClient;
  cluster: Observer;
  face: Face;
  repo: string;
  /** Address and secret of the webhook. */
  hook: { url: string; secret: string };
  namespaces: { production: string; staging: string };
}

const PRODUCTION = 'slipway/production';
const words = {
  github: { success: 'success', failure: 'failure' },
  gitlab: { success: 'success', failure: 'failed' },
};

/** A merge: its commit, its pull request, and the moment at which the forge accepted it. */
interface Merge {
  sha: string;
  pull: Pull;
  pushedAt: number;
}

/** A repository with its webhook; v1 goes to production and to staging. */
export async function firstDeploy(scene: Scene): Promise<void> {
  const { stage, forge, cluster, face, repo, hook, namespaces } = scene;
  const files = await loanServiceFiles();
  files['slipway.yaml'] = (files['slipway.yaml'] ?? '')
    .replace('namespace: loans-staging', `namespace: ${namespaces.staging}`)
    .replace('namespace: loans }', `namespace: ${namespaces.production} }`);
  const { sha } = await forge.createRepository(face, repo, { files });
  await forge.addHook(face, repo, hook);
  stage.act(`a repository ${repo} with deploy/loan-service, and a webhook to Slipway`);
  await forge.createBranch(face, repo, 'staging', sha ?? undefined);
  stage.act('branch main is production, branch staging is staging: both are pushed');
  // The repository existed before its webhook; a push of any branch makes Slipway look at all branches.
  for (const [name, namespace] of Object.entries(namespaces)) {
    await cluster.when(deploymentPath(namespace, 'loan-service'), (live) => runs(live, 'loan-service:v1', 1));
    stage.seen(`${name}: Deployment ${namespace}/loan-service runs loan-service:v1`);
  }
  const status = await forge.waitForStatus(face, repo, sha ?? '', {
    context: PRODUCTION,
    state: words[face].success,
  });
  showStatus(stage, status);
}

/** A pull request that sets `image: loan-service:v2` with 3 replicas is merged. */
export async function mergeV2(scene: Scene): Promise<void> {
  const { stage, forge, cluster, face, repo, namespaces } = scene;
  const path = deploymentPath(namespaces.production, 'loan-service');
  const applied = cluster.when(path, (live) => imageOf(live) === 'loan-service:v2');
  const healthy = cluster.when(path, (live) => runs(live, 'loan-service:v2', 3));
  const merge = await mergeChange(scene, 'Loan service v2', (text) => withImage(text, 'loan-service:v2', 3));
  const reported = await bothStatuses(scene, merge, words[face].success);
  stage.times({
    push: 0,
    delivered: (await deliveredAt(scene, merge)) - merge.pushedAt,
    applied: (await applied) - merge.pushedAt,
    healthy: (await healthy) - merge.pushedAt,
    reported: reported.at - merge.pushedAt,
  });
  stage.seen('the cluster runs loan-service:v2 in 3 healthy pods');
  const live = await cluster.get(path);
  const inGit = await forge.head(face, repo, 'main');
  if (inGit !== merge.sha || !runs(live, 'loan-service:v2', 3))
    throw new Error('the cluster is not what Git says');
  stage.seen(`it matches Git: main is ${merge.sha.slice(0, 12)}, image and replicas are equal`);
  const staging = await cluster.get(deploymentPath(namespaces.staging, 'loan-service'));
  if (imageOf(staging) !== 'loan-service:v1') throw new Error('staging moved, and its branch did not');
  stage.seen('staging still runs loan-service:v1: its branch did not move');
  showStatus(stage, reported);
  stage.seen(`the same status is on the pull request’s head ${merge.pull.headSha.slice(0, 12)}`);
}

/** A merge with an image that does not exist fails with its reason, and the next merge repairs it. */
export async function mergeBroken(scene: Scene): Promise<void> {
  const { stage, cluster, face, namespaces } = scene;
  const broken = await mergeChange(scene, 'Loan service v3', (text) =>
    withImage(text, 'loan-service:missing', 3),
  );
  const status = await bothStatuses(scene, broken, words[face].failure);
  showStatus(stage, status);
  stage.times({ push: 0, reported: status.at - broken.pushedAt });
  stage.seen(`the page behind the status says more: ${await pageTitle(status)}`);
  const path = deploymentPath(namespaces.production, 'loan-service');
  const healthy = cluster.when(path, (live) => runs(live, 'loan-service:v2', 3));
  const fix = await mergeChange(scene, 'Back to v2', (text) => withImage(text, 'loan-service:v2', 3));
  const fixed = await bothStatuses(scene, fix, words[face].success);
  stage.times({ push: 0, healthy: (await healthy) - fix.pushedAt, reported: fixed.at - fix.pushedAt });
  stage.seen('the next merge repairs it: the broken release does not block it');
}

/** A file is removed, and its object with it. */
export async function removeFile(scene: Scene): Promise<void> {
  const { stage, cluster, face, namespaces } = scene;
  const path = configMapPath(namespaces.production, 'legacy-report');
  if ((await cluster.get(path)) === undefined) throw new Error('legacy-report is not there to be pruned');
  const pruned = cluster.when(path, (live) => live === undefined);
  const merge = await mergeChange(
    scene,
    'No more reports',
    undefined,
    'deploy/loan-service/legacy-report.yaml',
  );
  const status = await bothStatuses(scene, merge, words[face].success);
  stage.times({ push: 0, pruned: (await pruned) - merge.pushedAt, reported: status.at - merge.pushedAt });
  stage.seen('ConfigMap legacy-report is gone from the cluster');
  showStatus(stage, status);
}

async function mergeChange(
  { stage, forge, face, repo }: Scene,
  title: string,
  change: ((deployment: string) => string) | undefined,
  removed?: string,
): Promise<Merge> {
  const branch = title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  const files: Record<string, string | null> = removed === undefined ? {} : { [removed]: null };
  if (change) files[DEPLOYMENT_FILE] = change((await loanServiceFiles())[DEPLOYMENT_FILE] ?? '');
  await forge.commit(face, repo, branch, { files, message: title });
  const opened = await forge.openPullRequest(face, repo, { title, head: branch });
  const what = face === 'github' ? `pull request #${opened.number}` : `merge request !${opened.number}`;
  stage.act(`${what} “${title}” is opened and merged`);
  const pull = await forge.mergePullRequest(face, repo, opened.number);
  const sha = pull.mergeCommitSha ?? '';
  const push = (await forge.pushes(face, repo)).findLast(({ refs }) =>
    refs.some(({ after }) => after === sha),
  );
  return { sha, pull, pushedAt: push?.endedAt ?? Date.now() };
}

/** Waits for the status on the merge commit and on the pull request's head; returns the later one. */
async function bothStatuses(
  { forge, face, repo }: Scene,
  { sha, pull }: Merge,
  state: string,
): Promise<Status> {
  const wanted = { context: PRODUCTION, state };
  const onMerge = await forge.waitForStatus(face, repo, sha, wanted);
  const onHead = await forge.waitForStatus(face, repo, pull.headSha, wanted);
  return onMerge.at > onHead.at ? onMerge : onHead;
}

async function deliveredAt({ forge, face, repo }: Scene, { sha }: Merge): Promise<number> {
  const deliveries = await forge.deliveries({ face, repo });
  const of = (delivery: Delivery) => JSON.stringify(delivery.payload).includes(sha);
  const responses = deliveries
    .filter(of)
    .flatMap(({ attempts }) => attempts.flatMap((one) => one.respondedAt ?? []));
  return Math.min(...responses);
}

function showStatus(stage: Stage, status: Status): void {
  stage.seen(
    `status on ${status.sha.slice(0, 12)}: ${status.context} ${status.state}: ${status.description}`,
  );
  if (status.targetUrl) stage.detail(status.targetUrl);
}

async function pageTitle({ targetUrl }: Status): Promise<string> {
  const page = await (await fetch(targetUrl ?? '')).text();
  const title = /<title>([^<]*)<\/title>/.exec(page)?.[1];
  if (!title) throw new Error('the release page did not open');
  return title;
}
