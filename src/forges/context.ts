/** The part of the logger that a forge uses. */
export interface ForgeLog {
  warn(fields: object, message: string): void;
}

/** What a forge tells the process. */
export interface ForgeContext {
  log: ForgeLog;
  /** Called with each token that the forge issues, so that it is masked in the log. */
  addSecret(secret: string): void;
}
