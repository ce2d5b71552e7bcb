import { Command } from 'commander';
import { startDeployWorker } from '../../workers/deploy.ts';
import { startIntakeWorker } from '../../workers/intake.ts';
import { startNotifyWorker } from '../../workers/notify.ts';
import { startPlanWorker } from '../../workers/plan.ts';
import { type Service, untilSignal } from '../../workers/runtime.ts';
import { startServerService } from '../../workers/server.ts';
import { createParts, type Parts } from '../composition/parts.ts';
import type { Process } from '../composition/process.ts';
import { cliEnvironment } from '../config/cli-env.ts';
import { loadServerConfig } from '../config/load-server.ts';
import type { ProcessName } from '../config/needed-secrets.ts';
import { suggest } from '../config/values.ts';
import { forgeTypes } from '../forges/registry.ts';
import { splitRepository } from '../model/target.ts';
import { startOps } from '../server/ops.ts';
import { isReachable } from '../store/connection.ts';

type ServiceName = Exclude<ProcessName, 'run'>;

/** `run` starts all of them, in this order. */
const serviceNames = ['server', 'intake', 'plan', 'deploy', 'notify'] as const satisfies ServiceName[];

const services: Record<ServiceName, (parts: Parts) => Service | Promise<Service>> = {
  server: ({ process }) => startServerService(process),
  intake: ({ composition }) => startIntakeWorker(composition()),
  plan: ({ composition }) => startPlanWorker(composition()),
  deploy: ({ composition }) => startDeployWorker(composition()),
  notify: startNotifyWorker,
};

interface RunOptions {
  config: string;
  logLevel: string;
  metricsPort?: string;
}

function configured(command: Command): Command {
  const { serverFile } = cliEnvironment(process.env);
  return command
    .option('-c, --config <file>', 'the operator’s server.yaml', serverFile)
    .option('--log-level <level>', 'trace, debug, info, warn or error', 'info')
    .option(
      '--metrics-port <port>',
      'port of /healthz, /readyz and /metrics; overrides server.yaml; 0: any free port',
    );
}

/** `slipway run`: the server and all workers in one process. */
export function runCommand(): Command {
  return configured(new Command('run'))
    .description('run the server and all workers in one process')
    .action((options: RunOptions) => runServices('run', serviceNames, options));
}

/** `slipway server`: webhooks, API and release pages. */
export function serverCommand(): Command {
  return configured(new Command('server'))
    .description('run only the server: webhooks, API and release pages')
    .action((options: RunOptions) => runServices('server', ['server'], options));
}

/** `slipway worker <name>`: on as many machines as needed. */
export function workerCommand(): Command {
  const names = serviceNames.filter((name) => name !== 'server');
  return configured(new Command('worker'))
    .description(`run one kind of worker (${names.join(', ')}), on as many machines as needed`)
    .argument('<name>', names.join(' | '))
    .action((name: string, options: RunOptions, command: Command) => {
      const worker = names.find((one) => one === name);
      if (!worker) return command.error(`error: there is no worker "${name}"${suggest(name, names)}`);
      return runServices(worker, [worker], options);
    });
}

async function runServices(
  name: ProcessName,
  wanted: readonly ServiceName[],
  options: RunOptions,
): Promise<void> {
  const { config: file, logLevel, metricsPort } = options;
  const config = await loadServerConfig(file, process.env, forgeTypes, name);
  // A worker waits while Redis is unreachable; a lone server must respond with 503 at once.
  const role = name === 'server' ? 'producer' : 'worker';
  const parts = createParts(config, { name, role, logLevel }, process.env);
  const own = parts.process;
  const running: Service[] = [];
  for (const one of wanted) running.push(await services[one](parts));
  const ops = await startOps(
    {
      metrics: own.metrics,
      log: own.log,
      checks: {
        redis: () => isReachable(own.redis, 1_000),
        ...Object.fromEntries(running.map((service) => [service.name, async () => service.isRunning()])),
      },
      refusals: () => own.refused.list(),
      collect: () => Promise.all([collectJobs(own), collectRefused(own), collectQuarantined(own)]),
    },
    { ...config.metrics, ...(metricsPort === undefined ? {} : { port: Number(metricsPort) }) },
  );
  own.log.info({ ops: ops.url, services: wanted }, 'slipway is running');
  await untilSignal(running, own.log);
  await ops.close();
  await parts.close();
}

async function collectRefused({ config, refused, metrics }: Process): Promise<void> {
  const refusals = await refused.list();
  for (const forge of Object.keys(config.forges)) {
    const mine = refusals.filter(({ repository }) => splitRepository(repository).forge === forge);
    metrics.refusedReports.set(
      { forge },
      mine.reduce((sum, { reports }) => sum + reports, 0),
    );
  }
}

async function collectQuarantined({ quarantine, metrics }: Process): Promise<void> {
  const jobs = await quarantine.list();
  metrics.quarantined.reset();
  for (const { queue } of jobs) metrics.quarantined.inc({ queue });
}

async function collectJobs({ wakeUps, metrics }: Process): Promise<void> {
  for (const [queue, states] of Object.entries(await wakeUps.counts())) {
    for (const [state, count] of Object.entries(states)) metrics.jobs.set({ queue, state }, count);
  }
}
