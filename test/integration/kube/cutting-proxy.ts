import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { sandbox } from '../../support/sandbox.ts';

/** A proxy to the sandbox's API server whose connections a test can cut. */
export interface CuttingProxy {
  /** The sandbox's kubeconfig with the proxy's address. */
  kubeconfig: { content: string };
  url: string;
  /** The number of connections so far. */
  connections(): number;
  openConnections(): number;
  /** Cuts all connections; accepts new ones immediately. */
  cut(): void;
  /** Cuts all connections, and accepts no new ones until `open`. */
  shut(): void;
  open(): void;
  close(): Promise<void>;
}

export async function createCuttingProxy(): Promise<CuttingProxy> {
  const { apiServerUrl, kubeconfig } = sandbox();
  const target = new URL(apiServerUrl);
  const sockets = new Set<Socket>();
  let taken = 0;
  let isShut = false;
  const server = createServer((near) => {
    if (isShut) {
      near.destroy();
      return;
    }
    taken += 1;
    const far = connect(Number(target.port), target.hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  const url = `https://127.0.0.1:${address.port}`;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    kubeconfig: {
      content: readFileSync(kubeconfig, 'utf8').replaceAll(target.origin, url),
    },
    url,
    connections: () => taken,
    openConnections: () => sockets.size / 2,
    cut,
    shut() {
      isShut = true;
      cut();
    },
    open() {
      isShut = false;
    },
    async close() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
