import { Command } from 'commander';
import { startDeployWorker } from '../../workers/deploy.ts';
import { startIntakeWorker } from '../../workers/intake.ts';
import { startNotifyWorker } from '../../workers/notify.ts';
import { startPlanWorker } from '../../workers/plan.ts';
import { type Service, untilSignal } from '../../workers/runtime.ts';
import { startServerService } from '../../workers/server.ts';
import { type Composition, createComposition } from '../composition/composition.ts';
import { cliEnvironment } from '../config/cli-env.ts';
import { loadServerConfig } from '../config/load-server.ts';
import { suggest } from '../config/values.ts';
import { forgeTypes } from '../forges/registry.ts';
import { splitRepository } from '../model/target.ts';
import { startOps } from '../server/ops.ts';
import { isReachable } from '../store/connection.ts';

/** The services of a process; `run` starts all of them. */
const services: Record<string, (composition: Composition) => Service | Promise<Service>> = {
  server: startServerService,
  intake: startIntakeWorker,
  plan: startPlanWorker,
  deploy: startDeployWorker,
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
    .action((options: RunOptions) => runServices('run', Object.keys(services), options));
}

/** `slipway server`: webhooks, API and release pages. */
export function serverCommand(): Command {
  return configured(new Command('server'))
    .description('run only the server: webhooks, API and release pages')
    .action((options: RunOptions) => runServices('server', ['server'], options));
}

/** `slipway worker <name>`: on as many machines as needed. */
export function workerCommand(): Command {
  const names = Object.keys(services).filter((name) => name !== 'server');
  return configured(new Command('worker'))
    .description(`run one kind of worker (${names.join(', ')}), on as many machines as needed`)
    .argument('<name>', names.join(' | '))
    .action((name: string, options: RunOptions, command: Command) => {
      if (!names.includes(name)) command.error(`error: there is no worker "${name}"${suggest(name, names)}`);
      return runServices(name, [name], options);
    });
}

async function runServices(name: string, wanted: string[], options: RunOptions): Promise<void> {
  const { config: file, logLevel, metricsPort } = options;
  const config = await loadServerConfig(file, process.env, forgeTypes);
  // A worker waits while Redis is unreachable; a lone server must respond with 503 at once.
  const role = name === 'server' ? 'producer' : 'worker';
  const composition = createComposition(config, { name, role, logLevel, env: process.env });
  const running: Service[] = [];
  for (const one of wanted) running.push(await startOne(one, composition));
  const ops = await startOps(
    {
      metrics: composition.metrics,
      log: composition.log,
      checks: {
        redis: () => isReachable(composition.redis, 1_000),
        ...Object.fromEntries(running.map((service) => [service.name, async () => service.isRunning()])),
      },
      refusals: () => composition.refused.list(),
      collect: () => Promise.all([collectJobs(composition), collectRefused(composition)]),
    },
    { ...config.metrics, ...(metricsPort === undefined ? {} : { port: Number(metricsPort) }) },
  );
  composition.log.info({ ops: ops.url, services: wanted }, 'slipway is running');
  await untilSignal(running, composition.log);
  await ops.close();
  await composition.close();
}

async function startOne(name: string, composition: Composition): Promise<Service> {
  const start = services[name];
  if (!start) throw new Error(`no service ${name}`);
  return start(composition);
}

async function collectRefused({ config, refused, metrics }: Composition): Promise<void> {
  const refusals = await refused.list();
  for (const forge of Object.keys(config.forges)) {
    const mine = refusals.filter(({ repository }) => splitRepository(repository).forge === forge);
    metrics.refusedReports.set(
      { forge },
      mine.reduce((sum, { reports }) => sum + reports, 0),
    );
  }
}

async function collectJobs({ wakeUps, metrics }: Composition): Promise<void> {
  for (const [queue, states] of Object.entries(await wakeUps.counts())) {
    for (const [state, count] of Object.entries(states)) metrics.jobs.set({ queue, state }, count);
  }
}
