import { Command } from 'commander';
import { apiClient } from './api-client.ts';
import { quarantineSchema, retriedSchema } from './api-schema.ts';
import { age } from './describe.ts';
import { environmentHelp, print, printJson } from './output.ts';
import { plain, table } from './table.ts';

const examples = `
Examples:
  slipway quarantine                                     jobs that are not run, because their workers died
  slipway quarantine retry deploy github/acme/loans//web@production
${environmentHelp}`;

/** `slipway quarantine`: lists jobs that killed their workers; `retry` tries one again. */
export function quarantineCommand(): Command {
  return new Command('quarantine')
    .description('show jobs that are not run any more, because the workers that ran them died')
    .option('--json', 'print the response of the API')
    .addHelpText('after', examples)
    .addCommand(retryCommand())
    .action(async ({ json }: { json?: boolean }) => {
      const response = await apiClient().get('/api/quarantine', quarantineSchema);
      if (json) return printJson(response);
      if (response.jobs.length === 0) return print('No job is in quarantine.');
      const now = Date.now();
      const rows = response.jobs.map((job) => [
        age(job.since, now),
        plain(job.queue),
        String(job.deaths),
        plain(job.name),
      ]);
      print(table(['AGE', 'QUEUE', 'DEATHS', 'NAME'], rows));
    });
}

function retryCommand(): Command {
  return new Command('retry')
    .description('try a job in quarantine again')
    .argument('<queue>', 'intake, plan, deploy or notify')
    .argument('<name>', 'as slipway quarantine shows it')
    .action(async (queue: string, name: string) => {
      const retried = await apiClient().post('/api/quarantine/retry', retriedSchema, { queue, name });
      print(`${plain(retried.name)} is tried again.`);
    });
}
