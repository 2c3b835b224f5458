// Chromium without a window, if it is installed.

import { existsSync } from 'node:fs';
import { type Browser, chromium as driver } from 'playwright-core';

/** The program; undefined where there is none. */
export const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);

if (!chromium) console.warn('No Chromium is installed: the tests in a browser are skipped.');

const flags = [
  ...['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  ...['--disable-quic', '--no-first-run'],
];

export function openBrowser(): Promise<Browser> {
  return driver.launch({ executablePath: chromium, headless: true, args: flags });
}
