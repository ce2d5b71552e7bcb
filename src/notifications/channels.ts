import type { Channel } from './channel.ts';
import { type CommitStatusPorts, createCommitStatusChannel } from './commit-status/channel.ts';
import { createLogChannel, type LogChannelPorts } from './log/channel.ts';

export type ChannelPorts = CommitStatusPorts & LogChannelPorts;

/** Every channel there is, one line each. */
export function createChannels(ports: ChannelPorts): Channel[] {
  return [createCommitStatusChannel(ports), createLogChannel(ports)];
}
