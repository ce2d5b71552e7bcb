import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sandbox } from '../sandbox.ts';
import type { SandboxSlipway } from '../slipway/start-slipway.ts';

/** The text after a demo with `--keep`: how to push to it, look at it and stop it. */
export async function howToGoOn(sandbox: Sandbox, slipway: SandboxSlipway): Promise<string> {
  const { github } = sandbox.forge;
  const clone = github.url.replace('://', `://x-access-token:${github.token}@`);
  const envFile = join(sandbox.dir, 'env');
  const variables = { ...slipway.env, KUBECONFIG: sandbox.kubeconfig };
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}='${value}'`);
  await writeFile(envFile, `${lines.join('\n')}\nexport PATH='${sandbox.bin}':"$PATH"\n`, { mode: 0o600 });
  return `
Everything keeps running until Ctrl-C. In another terminal:

  . ${envFile}                        # addresses, tokens, kubectl

push to it
  git clone ${clone}/acme/loan-service.git && cd loan-service
  sed -i 's/v2/v4/' deploy/loan-service/deployment.yaml
  git -c user.name=me -c user.email=me@example.com commit -am 'Loan service v4' && git push

look at it
  kubectl get deployments,pods -n loans
  npm run slipway -- status
  npm run slipway -- history github/acme/loan-service//loan-service@production
  npm run slipway -- deliveries

stop it
  Ctrl-C in this terminal
`;
}
