import type { Command } from 'commander';
import { type ClassifierSizes, classifierSizes } from '../experiments/classifierSizes.js';
import { integer, rate } from './arguments.js';

/** A size's description with its defaults. */
function sized(text: string, size: keyof ClassifierSizes): string {
  const { series, images, tokens } = classifierSizes;
  return `${text} (default: ${series[size]} for series, ${images[size]} for images, ${tokens[size]} for tokens)`;
}

/** Gives a command an option for each of ClassifierSizes, undefined where it is not given. */
export function addSizeOptions(command: Command): Command {
  return command
    .option('--width <n>', sized('width of the encoder', 'width'), integer(1))
    .option('--feed-forward <n>', sized('width inside the feed-forward part', 'feedForward'), integer(1))
    .option('--heads <n>', sized('attention heads; they divide the width', 'heads'), integer(1))
    .option('--layers <n>', sized('encoder layers', 'layers'), integer(1))
    .option('--dropout <x>', sized('rate of every dropout', 'dropout'), rate);
}
