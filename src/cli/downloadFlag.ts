import type { Command } from 'commander';

/** What a command that takes `--data` can be told of downloads. */
export interface DownloadOptions {
  /** true if given, undefined if not: see loadDataset. */
  download?: true;
}

/** Gives a command the flag of DownloadOptions. */
export function addDownloadFlag(command: Command): Command {
  return command.option(
    '--download',
    "download a set of timeseriesclassification.com whose name is not on this program's list of them",
  );
}
