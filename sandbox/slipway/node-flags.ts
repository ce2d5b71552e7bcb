/**
 * The flags of Node for Slipway, the same everywhere (a test compares package.json and the Dockerfile). Without them, V8
 * lets its heap grow to several times what is in use before it collects garbage (docs/decisions/memory.md).
 */
export const nodeFlags = ['--max-semi-space-size=8', '--heap-growing-percent=40'];
export const nodeEnvironment = { MALLOC_ARENA_MAX: '2' };
