/**
 * How Node is started for Slipway, everywhere alike (a test compares package.json and the Dockerfile): V8 otherwise lets
 * its heap grow to several times of what is in use before it looks what is garbage
 * (docs/decisions/memory.md).
 */
export const nodeFlags = ['--max-semi-space-size=8', '--heap-growing-percent=40'];
export const nodeEnvironment = { MALLOC_ARENA_MAX: '2' };
