import { parseArgs } from 'node:util';
import { startForge } from './forge.ts';

const { values } = parseArgs({ options: { dir: { type: 'string' }, host: { type: 'string' } } });
if (values.dir === undefined) {
  console.error('usage: node sandbox/forge/main.ts --dir DIRECTORY [--host ADDRESS]');
  process.exit(2);
}

const forge = await startForge({
  dir: values.dir,
  ...(values.host === undefined ? {} : { host: values.host }),
});
const { stop, ...address } = forge;
console.log(JSON.stringify(address));

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void stop().then(() => process.exit(0));
  });
}
