/** What a template's text says about the render, found without running it. */
export interface TemplateScan {
  /** It may read other files of its chart (`.Files`). */
  readsFiles: boolean;
  /** It may ask what the cluster is (`.Capabilities`). */
  looksAtCluster: boolean;
  /** Functions that answer something else each time. */
  random: { name: string; line: number }[];
}

/** Functions of Sprig and Helm that are no functions of their input: https://masterminds.github.io/sprig/ */
const randomFunctions =
  /(?<![.\w$])(rand(?:AlphaNum|Alpha|Numeric|Ascii|Bytes|Int)|gen(?:CA|SelfSignedCert|SignedCert)(?:WithKey)?|genPrivateKey|uuidv4|now|ago|shuffle|bcrypt|htpasswd|encryptAES|getHostByName)\b/g;

const action = /\{\{-?([\s\S]*?)-?\}\}/g;
const texts = /"(?:\\.|[^"\\\n])*"|`[^`]*`/g;

/** Looks into the actions of a template, or of values that are rendered by `tpl`; comments and texts are left out. */
export function scanTemplate(content: string): TemplateScan {
  const scan: TemplateScan = { readsFiles: false, looksAtCluster: false, random: [] };
  for (const match of content.matchAll(action)) {
    const [, body = ''] = match;
    if (body.trimStart().startsWith('/*')) continue;
    if (/\bFiles\b/.test(body)) scan.readsFiles = true;
    if (/\bCapabilities\b/.test(body)) scan.looksAtCluster = true;
    for (const [, name = ''] of body.replace(texts, '""').matchAll(randomFunctions)) {
      scan.random.push({ name, line: content.slice(0, match.index).split('\n').length });
    }
  }
  return scan;
}
