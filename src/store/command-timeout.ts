import { Cluster, type Command, type Redis } from 'ioredis';

/**
 * Rejects a command whose response has not come in time. ioredis's own `commandTimeout` also rejects if this process
 * was busy while the response waited in the socket; here the socket is read once more first.
 */
export function limitCommands(redis: Redis | Cluster, timeoutMs: number): void {
  if (redis instanceof Cluster) {
    redis.on('+node', (node: Redis) => limitCommands(node, timeoutMs));
    return;
  }
  const send = redis.sendCommand.bind(redis);
  redis.sendCommand = (command: Command, stream) => {
    const end = () => command.reject(new Error('Command timed out'));
    const timer = setTimeout(() => setImmediate(end), timeoutMs);
    const ended = () => clearTimeout(timer);
    command.promise.then(ended, ended);
    return send(command, stream);
  };
}
