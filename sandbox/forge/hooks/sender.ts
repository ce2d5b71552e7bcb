import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { now } from '../clock.ts';
import { ForgeFailure, notFound } from '../failure.ts';
import { activeFaults, takeFault } from '../faults.ts';
import type { Attempt, Delivery } from '../protocol.ts';
import type { ForgeState, Hook, Repository } from '../state.ts';
import { githubHeaders, gitlabHeaders } from './headers.ts';

/** GitHub waits 10 seconds for a receiver. */
const ANSWER_MS = 10_000;
const RESEND_MS = 500;
const KEPT = 5_000;

/** One event of a repository, for every hook that wants it. */
export interface Outgoing {
  event: string;
  action: string | null;
  ref: string | null;
  payload: unknown;
  /** The payload as JSON; it is built before the end of a push is measured. */
  json: string;
}

export const outgoing = (
  event: string,
  payload: unknown,
  details: { action?: string; ref?: string } = {},
): Outgoing => ({
  event,
  payload,
  json: JSON.stringify(payload),
  action: details.action ?? null,
  ref: details.ref ?? null,
});

export interface Sender {
  /** Starts sending to every hook of the repository that listens to the event, or to one hook alone; does not wait. */
  send(repository: Repository, event: Outgoing, pushEndedAt: number | null, only?: Hook): void;
  /** Sends a delivery again under its old id and waits for the response. */
  redeliver(deliveryId: number): Promise<Delivery>;
  /** Sends what the `reorder` fault still holds. */
  releaseHeld(repository: Repository): void;
  /** Resolves when no webhook is being sent. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

interface Job {
  repository: Repository;
  hook: Hook;
  delivery: Delivery;
  json: string;
}

const wants = (hook: Hook, event: string): boolean =>
  hook.events === undefined || hook.events.includes('*') || hook.events.includes(event);

const attempt = async (state: ForgeState, agent: Agent, job: Job): Promise<void> => {
  const { hook, repository, delivery } = job;
  const body = hook.contentType === 'form' ? `payload=${encodeURIComponent(job.json)}` : job.json;
  const headers =
    repository.face === 'github'
      ? githubHeaders(hook, repository, delivery, body)
      : gitlabHeaders(hook, state.faces.gitlab, delivery, body);
  const record: Attempt = { sentAt: now(), respondedAt: null, status: null, body: '', error: null };
  delivery.fate = 'sent';
  delivery.attempts.push(record);
  try {
    const response = await request(hook.url, { method: 'POST', headers, body, dispatcher: agent });
    record.status = response.statusCode;
    record.respondedAt = now();
    record.body = (await response.body.text()).slice(0, 4096);
  } catch (error) {
    record.respondedAt = now();
    record.error = error instanceof Error ? error.message : String(error);
  }
};

/** The state that all webhooks being sent share. */
interface Post {
  state: ForgeState;
  agent: Agent;
  stopping: AbortController;
  underWay: Set<Promise<void>>;
  /** Webhooks that the `reorder` fault holds back. */
  held: Map<Repository, Job[]>;
}

const deliver = async (post: Post, job: Job): Promise<void> => {
  const delayMs = activeFaults(post.state.faces[job.repository.face], job.repository).delayMs ?? 0;
  if (delayMs > 0) await sleep(delayMs, undefined, { signal: post.stopping.signal }).catch(() => undefined);
  while (!post.stopping.signal.aborted) {
    await attempt(post.state, post.agent, job);
    if (!job.hook.resend || job.delivery.attempts.at(-1)?.status !== 503) return;
    await sleep(RESEND_MS, undefined, { signal: post.stopping.signal }).catch(() => undefined);
  }
};

/** Runs jobs one after another, each after the response to the previous one; only `idle` waits for them. */
const start = (post: Post, jobs: readonly Job[]): void => {
  const sent = (async () => {
    for (const job of jobs) await deliver(post, job);
  })();
  post.underWay.add(sent);
  void sent.finally(() => post.underWay.delete(sent));
};

const releaseHeld = (post: Post, repository: Repository): void => {
  const jobs = post.held.get(repository) ?? [];
  post.held.delete(repository);
  start(post, jobs.reverse());
};

/** Starts a webhook, or applies the faults to it. */
const dispatch = (post: Post, job: Job): void => {
  const { repository, delivery } = job;
  const face = post.state.faces[repository.face];
  if (takeFault(face, repository, 'lose')) {
    delivery.fate = 'lost';
    return;
  }
  if (takeFault(face, repository, 'reorder')) {
    delivery.fate = 'held';
    post.held.set(repository, [...(post.held.get(repository) ?? []), job]);
    if ((activeFaults(face, repository).reorder ?? 0) === 0) releaseHeld(post, repository);
    return;
  }
  start(post, [job]);
  if (takeFault(face, repository, 'repeat')) start(post, [job]);
};

const record = (
  state: ForgeState,
  repository: Repository,
  hook: Hook,
  event: Outgoing,
  pushEndedAt: number | null,
): Delivery => {
  const { json: _json, ...said } = event;
  const delivery: Delivery = {
    ...said,
    id: state.nextId(),
    guid: randomUUID(),
    face: repository.face,
    repo: repository.fullName,
    hookId: hook.id,
    pushEndedAt,
    fate: 'sent',
    attempts: [],
  };
  state.deliveries.push(delivery);
  if (state.deliveries.length > KEPT) state.deliveries.splice(0, KEPT / 10);
  return delivery;
};

const redeliver = async (post: Post, deliveryId: number): Promise<Delivery> => {
  const { state, agent } = post;
  const delivery = state.deliveries.find((candidate) => candidate.id === deliveryId);
  if (delivery === undefined) throw notFound();
  const repository = state.faces[delivery.face].repositories.get(delivery.repo.toLowerCase());
  const hook = repository?.hooks.get(delivery.hookId);
  if (repository === undefined || hook === undefined) throw new ForgeFailure(422, 'The hook is gone');
  await attempt(state, agent, { repository, hook, delivery, json: JSON.stringify(delivery.payload) });
  return delivery;
};

/** Sends webhooks as soon as it gets them. */
export const createSender = (state: ForgeState): Sender => {
  const agent = new Agent({ headersTimeout: ANSWER_MS, bodyTimeout: ANSWER_MS, keepAliveTimeout: 60_000 });
  const post: Post = { state, agent, stopping: new AbortController(), underWay: new Set(), held: new Map() };
  return {
    send: (repository, event, pushEndedAt, only) => {
      const hooks = only === undefined ? [...repository.hooks.values()] : [only];
      for (const hook of hooks) {
        if (only === undefined && !wants(hook, event.event)) continue;
        const delivery = record(state, repository, hook, event, pushEndedAt);
        dispatch(post, { repository, hook, delivery, json: event.json });
      }
    },
    redeliver: (deliveryId) => redeliver(post, deliveryId),
    releaseHeld: (repository) => releaseHeld(post, repository),
    idle: async () => {
      while (post.underWay.size > 0) await Promise.all(post.underWay);
    },
    stop: async () => {
      post.stopping.abort();
      await agent.destroy();
      await Promise.all(post.underWay);
    },
  };
};
