import type { FastifyError, FastifyInstance } from 'fastify';
import { SlipwayError, toSlipwayError } from '../../../errors.ts';
import type { WebhookEvent } from '../../../model/delivery.ts';
import type { Accepted, NewDelivery } from '../../../ports/deliveries.ts';
import type { Forge } from '../../../ports/forge.ts';
import { batchPerTick } from '../../intake-batch.ts';
import { newDelivery } from '../../new-delivery.ts';
import { sendError } from '../../plugins/errors.ts';
import { readRawBodies } from '../../plugins/raw-body.ts';
import type { ServerPorts } from '../../ports.ts';

interface WebhookRoute {
  Params: { forge: string };
}

export interface WebhookResponse {
  delivery: string;
  state: Accepted['state'];
  outcome: string;
}

/** A forge gives up after ten seconds; a webhook is refused within one if Redis is unreachable. */
const DEADLINE_MS = 750;
/** One batch being recorded while the next one fills. */
const PARALLEL_BATCHES = 2;

/** `POST /webhooks/<forge>`: verify the raw bytes, record, enqueue, 202. */
export async function webhookRoute(app: FastifyInstance, ports: ServerPorts): Promise<void> {
  const { forges, metrics, log } = ports;
  const submit = batchPerTick(ports.deliveries, ports.wakeUps, {
    deadlineMs: DEADLINE_MS,
    parallel: PARALLEL_BATCHES,
  });

  app.addHook<WebhookRoute>('onRequest', async (request) => {
    findForge(forges, request.params.forge);
  });
  readRawBodies(app, metrics);
  countRefusals(app, ports);

  app.post<WebhookRoute>('/:forge', async (request, reply): Promise<WebhookResponse> => {
    const forge = findForge(forges, request.params.forge);
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const event = await forge.readWebhook({ headers: request.sentHeaders ?? request.headers, body });
    refuseUnheard(event, ports);
    const delivery = newDelivery(forge.name, event, ports.refusal, Date.now());
    const accepted = await submit(delivery);
    const { id, repository, ref } = delivery;
    const { state, repeated } = accepted;
    const outcome = outcomeOf(delivery, accepted);
    metrics.webhooks.inc({ forge: forge.name, result: resultOf(accepted) });
    metrics.webhookSeconds.observe({ forge: forge.name }, reply.elapsedTime / 1_000);
    log.info(
      { delivery: id, event: event.event, repository, ref, state, repeated, outcome },
      'delivery recorded',
    );
    void reply.code(202);
    return { delivery: id, state, outcome };
  });
}

/** A project's secret must not speak for the repositories of another one. Throws SIGNATURE_INVALID. */
function refuseUnheard({ repository, signer }: WebhookEvent, { unheard }: ServerPorts): void {
  const reason = repository === undefined ? undefined : unheard(repository, signer);
  if (reason === undefined) return;
  throw new SlipwayError('SIGNATURE_INVALID', reason, {
    hint: 'Sign the webhook with one of projects.<name>.webhookSecrets of server.yaml, if the project has any.',
  });
}

/** A refused request leaves a number and a line, nothing else: its sender is not known to be a forge. */
function countRefusals(app: FastifyInstance, { forges, metrics, log }: ServerPorts): void {
  app.setErrorHandler<FastifyError | SlipwayError, WebhookRoute>((error, request, reply) => {
    const forge = forges.has(request.params.forge) ? request.params.forge : 'unknown';
    const { code, message } = toSlipwayError(error);
    metrics.webhooks.inc({ forge, result: code });
    log.warn({ forge, code, reason: message, from: request.ip }, 'webhook refused');
    return sendError(error, request, reply, log);
  });
}

function findForge(forges: ServerPorts['forges'], name: string): Forge {
  const forge = forges.get(name);
  if (forge) return forge;
  throw new SlipwayError('NOT_FOUND', `no forge is called "${name}"`, {
    hint: 'Use the name of the forge in server.yaml: /webhooks/<name>.',
  });
}

function resultOf({ repeated, state }: Accepted): string {
  if (repeated) return 'repeated';
  return state === 'ignored' ? 'ignored' : 'accepted';
}

function outcomeOf({ repository }: NewDelivery, { repeated, state, outcome }: Accepted): string {
  const said = state === 'waiting' ? `the intake looks at ${repository}` : (outcome ?? 'recorded');
  return repeated ? `repeated; ${said}` : said;
}
