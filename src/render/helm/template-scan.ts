/** What a template's text says about the render, found without running it. */
export interface TemplateScan {
  /** It may read other files of its chart (`.Files`). */
  readsFiles: boolean;
  /** It may ask what the cluster is (`.Capabilities`). */
  looksAtCluster: boolean;
  /** Functions that answer something else each time. */
  random: { name: string; line: number }[];
  /** Lines that ask the cluster for an object, which a render without a cluster answers with nothing. */
  lookups: number[];
}

/** Functions of Sprig and Helm that are no functions of their input: https://masterminds.github.io/sprig/ */
const randomFunctions =
  /(?<![.\w$])(rand(?:AlphaNum|Alpha|Numeric|Ascii|Bytes|Int)|gen(?:CA|SelfSignedCert|SignedCert)(?:WithKey)?|genPrivateKey|uuidv4|now|ago|shuffle|bcrypt|htpasswd|encryptAES|getHostByName)\b/g;

/** https://helm.sh/docs/chart_template_guide/functions_and_pipelines/#using-the-lookup-function */
const lookup = /(?<![.\w$-])lookup\s/;

const action = /\{\{-?([\s\S]*?)-?\}\}/g;
const texts = /"(?:\\.|[^"\\\n])*"|`[^`]*`/g;

/** Looks into the actions of a template, or of values that are rendered by `tpl`; comments and texts are left out. */
export function scanTemplate(content: string): TemplateScan {
  const scan: TemplateScan = { readsFiles: false, looksAtCluster: false, random: [], lookups: [] };
  for (const match of content.matchAll(action)) {
    const [, body = ''] = match;
    if (body.trimStart().startsWith('/*')) continue;
    if (/\bFiles\b/.test(body)) scan.readsFiles = true;
    if (/\bCapabilities\b/.test(body)) scan.looksAtCluster = true;
    const code = body.replace(texts, '""');
    const line = () => content.slice(0, match.index).split('\n').length;
    for (const [, name = ''] of code.matchAll(randomFunctions)) scan.random.push({ name, line: line() });
    if (lookup.test(code)) scan.lookups.push(line());
  }
  return scan;
}
