import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface SlowProxy {
  port: number;
  /** Sets the latency in milliseconds. Call it only while no request is in flight, or bytes may be reordered. */
  delay(latencyMs: number): void;
  /** While it hangs, it accepts connections and swallows everything, as behind a broken firewall. */
  hang(on: boolean): void;
  close(): Promise<void>;
}

/** Forwards connections and delays every byte towards the server, as a distant cluster does. */
export async function slowProxy(target: URL): Promise<SlowProxy> {
  let latencyMs = 0;
  let hangs = false;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect({ host: target.hostname, port: Number(target.port), noDelay: true });
    client.setNoDelay(true);
    client.on('data', (chunk) => {
      if (!hangs) setTimeout(() => upstream.write(chunk), latencyMs);
    });
    client.on('end', () => setTimeout(() => upstream.end(), latencyMs));
    upstream.pipe(client);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => {
        client.destroy();
        upstream.destroy();
      });
      socket.on('close', () => open.delete(socket));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    port: address.port,
    delay(ms) {
      latencyMs = ms;
    },
    hang(on) {
      hangs = on;
      // What was swallowed never arrives: its connections must not be used again.
      if (!on) for (const socket of open) socket.destroy();
    },
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
