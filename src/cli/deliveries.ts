import { Command, Option } from 'commander';
import { apiClient } from './api-client.ts';
import { deliveriesSchema } from './api-schema.ts';
import { age, coloured } from './describe.ts';
import { environmentHelp, print, printJson } from './output.ts';
import { plain, table } from './table.ts';

const examples = `
Examples:
  slipway deliveries                                     the last deliveries, with outcome and reason
  slipway deliveries --repository github/acme/loans --state ignored
${environmentHelp}`;

interface DeliveriesOptions {
  limit: string;
  repository?: string;
  state?: string;
  json?: boolean;
}

/** `slipway deliveries`: deliveries of webhooks and of the poll with their outcome, newest first. */
export function deliveriesCommand(): Command {
  return new Command('deliveries')
    .description('show deliveries of webhooks and of the poll with their outcome, newest first')
    .option('-n, --limit <count>', 'deliveries to show, 1 to 1000', '20')
    .option('--repository <name>', 'only of this repository: <forge>/<owner>/<name>')
    .addOption(
      new Option('--state <state>', 'only deliveries in this state').choices([
        'waiting',
        'done',
        'ignored',
        'failed',
      ]),
    )
    .option('--json', 'print the response of the API')
    .addHelpText('after', examples)
    .action(async ({ limit, repository, state, json }: DeliveriesOptions) => {
      const query = { limit, repository, state };
      const response = await apiClient().get('/api/deliveries', deliveriesSchema, query);
      if (json) return printJson(response);
      if (response.deliveries.length === 0) return print('No delivery matches.');
      const now = Date.now();
      const rows = response.deliveries.map((one) => [
        age(one.receivedAt, now),
        coloured(one.state),
        plain(one.event),
        plain(one.repository ?? ''),
        plain((one.ref ?? '').replace(/^refs\/(heads|tags)\//, '')),
        plain(one.sender ?? ''),
        one.repeats > 0 ? `×${one.repeats + 1}` : '',
        plain(one.outcome ?? ''),
        plain(one.id),
      ]);
      print(table(['AGE', 'STATE', 'EVENT', 'REPOSITORY', 'REF', 'SENDER', '', 'OUTCOME', 'ID'], rows));
    });
}
