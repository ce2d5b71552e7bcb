import { Cluster, type Command, type Redis } from 'ioredis';

/**
 * Rejects a command that Redis has not answered in time. ioredis's own `commandTimeout` does so too where this process
 * stood still, with the answer waiting in the socket; here the socket is read once more first.
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
    const answered = () => clearTimeout(timer);
    command.promise.then(answered, answered);
    return send(command, stream);
  };
}
