import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sandbox } from '../../support/sandbox.ts';
import { githubPush, githubSignature, type ServerUnderTest, startUnderTest } from './server-under-test.ts';

const MIB = 1024 * 1024;

let server: ServerUnderTest;
let port: number;
let sockets: Socket[];
beforeEach(async () => {
  server = await startUnderTest(sandbox().redisUrl);
  const url = await server.app.listen({ host: '127.0.0.1', port: 0 });
  port = Number(new URL(url).port);
  sockets = [];
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await server.close();
});

/** Sends a request's head and `sent` bytes of its body; resolves to the first line of the response. */
function open(headers: string[], sent: Buffer = Buffer.alloc(0)) {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  socket.write(`POST /webhooks/github HTTP/1.1\r\nhost: slipway\r\n${headers.join('\r\n')}\r\n\r\n`);
  socket.write(sent);
  const response = new Promise<string>((resolve) => {
    socket.on('error', () => {});
    socket.once('data', (data) => resolve(data.toString().split('\r\n', 1)[0] ?? ''));
  });
  return { socket, response };
}

async function untilInFlight(bytes: number): Promise<void> {
  await expect.poll(() => server.composition.metrics.bodies.inFlight).toBe(bytes);
}

function chunked(bytes: number): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.toString(16)}\r\n`), Buffer.alloc(bytes), Buffer.from('\r\n')]);
}

describe('a body of more than 25 MB', () => {
  it('is refused by its announced length, before it is sent', async () => {
    const { response } = open([`content-length: ${25 * MIB + 1}`]);

    expect(await response).toBe('HTTP/1.1 413 Payload Too Large');
  });

  it('is refused by what arrives if no length was announced', async () => {
    const { response, socket } = open(['transfer-encoding: chunked']);
    for (let sent = 0; sent < 26; sent += 1) socket.write(chunked(MIB));

    expect(await response).toBe('HTTP/1.1 413 Payload Too Large');
  });

  it('of exactly 25 MB is read', async () => {
    const payload = Buffer.alloc(25 * MIB, ' ');
    const push = githubPush();
    payload.write(push.payload);
    const response = await fetch(`http://127.0.0.1:${port}/webhooks/github`, {
      method: 'POST',
      headers: { ...push.headers, 'x-hub-signature-256': githubSignature(payload) },
      body: payload,
    });

    expect(response.status).toBe(202);
  });
});

async function pushOnce(): Promise<number> {
  const push = githubPush();
  const { status } = await fetch(`http://127.0.0.1:${port}/webhooks/github`, {
    method: 'POST',
    headers: push.headers,
    body: push.payload,
  });
  return status;
}

describe('bodies in flight', () => {
  it('do not count before they arrive: announcing much keeps nobody out', async () => {
    const idle = Array.from({ length: 20 }, () => open([`content-length: ${25 * MIB}`]));
    await Promise.all(idle.map(({ socket }) => once(socket, 'connect')));

    expect(await pushOnce()).toBe(202);
    expect(server.composition.metrics.bodies.inFlight).toBe(0);
  });

  it('of one address are refused above 50 MiB, and small ones still get by', async () => {
    const large = [1, 2, 3].map(() => open([`content-length: ${20 * MIB}`], Buffer.alloc(20 * MIB - 1)));

    const first = await Promise.race(large.map(({ response }) => response));
    expect(first).toBe('HTTP/1.1 503 Service Unavailable');
    expect(await pushOnce()).toBe(202);

    for (const { socket } of large) socket.destroy();
    await untilInFlight(0);
  });

  it('without an announced length are refused by what arrives', async () => {
    const four = [1, 2, 3, 4].map(() => open(['transfer-encoding: chunked']));
    for (const { socket } of four) {
      for (let sent = 0; sent < 17; sent += 1) socket.write(chunked(MIB));
    }

    const first = await Promise.race(four.map(({ response }) => response));
    expect(first).toBe('HTTP/1.1 503 Service Unavailable');
    for (const { socket } of four) socket.destroy();
    await untilInFlight(0);
  });
});

describe('a client that goes away', () => {
  it('gives its bytes back', async () => {
    const { socket } = open([`content-length: ${10 * MIB}`], Buffer.alloc(2 * MIB));
    await untilInFlight(2 * MIB);

    socket.destroy();

    await untilInFlight(0);
  });

  it('is distinguished from an internal error in the log', async () => {
    const { socket } = open(['content-length: 100'], Buffer.from('{'));
    await untilInFlight(1);

    socket.resetAndDestroy();

    const lines = (message: string) => server.logged.filter(({ msg }) => msg === message);
    await expect.poll(() => lines('webhook refused')).toMatchObject([{ code: 'BODY_INVALID' }]);
    expect(lines('request failed')).toEqual([]);
  });
});

it.each(['text/plain', 'foo', ';;;', 'application/json; charset=koi8-r', ''])(
  'a body is read as bytes whatever its content type says: %j',
  async (contentType) => {
    const push = githubPush();
    const headers = Object.entries({ ...push.headers, 'content-type': contentType });
    const lines = headers.map(([name, value]) => `${name}: ${value}`);
    const length = `content-length: ${Buffer.byteLength(push.payload)}`;

    const { response } = open([...lines, length], Buffer.from(push.payload));

    expect(await response).toBe('HTTP/1.1 202 Accepted');
  },
);

it('a request that does not end is given up after 15 s, its headers included', () => {
  expect(server.app.server).toMatchObject({ requestTimeout: 15_000, headersTimeout: 15_000 });
});
