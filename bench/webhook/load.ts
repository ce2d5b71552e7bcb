/**
 * A process that sends signed pushes over persistent connections and prints its result as one line of JSON.
 * Arguments: port, connections, seconds, requests a second (0: each connection sends as soon as it has a response).
 */
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { percentile } from '../report.ts';
import { signedPushes } from './requests.ts';

export interface LoadResult {
  seconds: number;
  accepted: number;
  rejected: number;
  p50: number;
  p99: number;
}

const [port = 0, connections = 1, seconds = 1, rate = 0] = process.argv.slice(2).map(Number);
const pushes = signedPushes(`127.0.0.1:${port}`);
const run = randomUUID();
const latencies: number[] = [];
const idle: (() => void)[] = [];
/** With a fixed rate, latency counts from when a request was due: the server causes the wait for a free connection. */
const due: number[] = [];
let sent = 0;
let accepted = 0;
let rejected = 0;
let stopped = false;

function openConnection(): Promise<() => void> {
  const socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  let started = 0;
  let received = '';

  const send = () => {
    const wanted = rate === 0 ? performance.now() : due.shift();
    if (stopped || wanted === undefined) {
      idle.push(send);
      return;
    }
    started = wanted;
    sent += 1;
    const push = pushes[sent % pushes.length];
    if (!push) return;
    socket.cork();
    socket.write(push.head(`${run}-${sent}`));
    socket.write(push.body);
    socket.uncork();
  };

  socket.on('data', (data) => {
    received += data.toString('latin1');
    const end = received.indexOf('\r\n\r\n');
    if (end < 0) return;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(received)?.[1] ?? 0);
    if (received.length < end + 4 + length) return;
    if (/^HTTP\/1\.1 20[02] /.test(received)) accepted += 1;
    else rejected += 1;
    received = '';
    latencies.push(performance.now() - started);
    send();
  });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', () => resolve(send));
  });
}

const sends = await Promise.all(Array.from({ length: connections }, openConnection));
const start = performance.now();
if (rate === 0) {
  for (const send of sends) send();
} else {
  idle.push(...sends);
  pace();
}
setTimeout(finish, seconds * 1_000);

/** Starts the requests that are due, evenly spaced. */
function pace(): void {
  let planned = 0;
  const timer = setInterval(() => {
    if (stopped) {
      clearInterval(timer);
      return;
    }
    const now = performance.now();
    while (start + (planned / rate) * 1_000 <= now) {
      due.push(start + (planned / rate) * 1_000);
      planned += 1;
    }
    for (let free = Math.min(idle.length, due.length); free > 0; free -= 1) idle.shift()?.();
  }, 1);
}

function finish(): void {
  stopped = true;
  const elapsed = (performance.now() - start) / 1_000;
  const sorted = Float64Array.from(latencies).sort();
  const result: LoadResult = {
    seconds: elapsed,
    accepted,
    rejected,
    p50: percentile(sorted, 0.5),
    p99: percentile(sorted, 0.99),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
}
