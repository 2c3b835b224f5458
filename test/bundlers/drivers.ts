// Browsers by drivers: Chromium, Firefox, WebKitGTK.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import { freePort } from '../support/freePort.js';
import { chromium, openBrowser } from '../browser/chromium.js';
import type { Answer } from './answers.js';
import { answerIn } from './pages.js';

/** A browser that is open. */
export interface Driver {
  /** Opens a page, and waits for what its program has answered. */
  answer(url: string): Promise<Answer>;
  close(): Promise<void>;
}

const firefox = '/usr/bin/firefox-esr';
const webKitDriver = '/usr/bin/WebKitWebDriver';
const miniBrowser = ['4.1', '4.0', '6.0']
  .map(
    (version) =>
      `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/webkit2gtk-${version}/MiniBrowser`,
  )
  .find(existsSync);

/** What of the drivers is used; their types are not installed with the package. */
interface Tabs {
  newPage(): Promise<{
    goto(url: string): Promise<unknown>;
    evaluate(expression: string): Promise<unknown>;
    close(): Promise<void>;
  }>;
  close(): Promise<void>;
}
interface Puppeteer {
  launch: (options: object) => Promise<Tabs>;
}
interface Selenium {
  Builder: new () => {
    usingServer(url: string): InstanceType<Selenium['Builder']>;
    withCapabilities(capabilities: object): InstanceType<Selenium['Builder']>;
    build(): Promise<{
      get(url: string): Promise<void>;
      manage(): { setTimeouts(timeouts: object): Promise<void> };
      executeAsyncScript(script: string): Promise<Answer>;
      quit(): Promise<void>;
    }>;
  };
}

const tool = <T>(name: string) => createRequire(`${inject('project')}/`)(name) as T;
const patience = 60_000;

/** By what Playwright's and Puppeteer's browsers have in common. */
function driverOf(browser: Tabs): Driver {
  return {
    async answer(url) {
      const tab = await browser.newPage();
      await tab.goto(url);
      const answer = await answerIn(tab);
      await tab.close();
      return answer;
    },
    close: () => browser.close(),
  };
}

const openChromium = async (): Promise<Driver> => driverOf(await openBrowser());

/** Stock Firefox speaks WebDriver BiDi itself. */
async function openFirefox(): Promise<Driver> {
  const { launch } = tool<Puppeteer>('puppeteer-core');
  const browser = await launch({
    browser: 'firefox',
    executablePath: firefox,
    headless: true,
    protocolTimeout: patience,
  });
  return driverOf(browser);
}

/** Starts a program, and waits for what it says that fits. */
async function start(command: string, args: string[], env: object, sign: RegExp): Promise<[ChildProcess, string]> {
  const program = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  const found = await new Promise<string>((resolve, reject) => {
    program.on('exit', (code) => reject(new Error(`${command} ended with ${code}`)));
    program.stdout.on('data', (said: Buffer) => {
      const match = sign.exec(said.toString());
      if (match) resolve(match[0]);
    });
  });
  return [program, found];
}

/** WebKitGTK's small browser, which needs a display; it has shared memory only where the environment says so. */
async function openWebKit(): Promise<Driver> {
  const [display, number] = await start('Xvfb', ['-displayfd', '1', '-nolisten', 'tcp'], {}, /\d+/);
  const env = { DISPLAY: `:${number}`, JSC_useSharedArrayBuffer: '1' };
  const port = await freePort();
  const driver = spawn(webKitDriver, [`--port=${port}`], { env: { ...process.env, ...env }, stdio: 'ignore' });
  const end = () => {
    driver.kill();
    display.kill();
  };
  try {
    const { Builder } = tool<Selenium>('selenium-webdriver');
    const session = await new Builder()
      .usingServer(`http://127.0.0.1:${port}`)
      .withCapabilities({
        browserName: 'MiniBrowser',
        'webkitgtk:browserOptions': { binary: miniBrowser, args: ['--automation'] },
      })
      .build();
    await session.manage().setTimeouts({ script: patience, pageLoad: patience });
    return {
      async answer(url) {
        await session.get(url);
        return session.executeAsyncScript(`
        const [done] = arguments;
        const look = () => ('answered' in globalThis ? globalThis.answered.then(done) : setTimeout(look, 50));
        look();`);
      },
      async close() {
        // One that does not answer any more does not quit either.
        await Promise.race([session.quit(), sleep(5000)]).catch(() => undefined);
        end();
      },
    };
  } catch (error) {
    end();
    throw error;
  }
}

/**
 * A browser that is started again, once, where it does not answer: WebKitGTK was seen to stop answering its driver on a busy
 * machine, and of pages whose worker starts threads in Firefox some 1 in 60 never answers.
 */
const patiently = (name: string, open: () => Promise<Driver>) => async (): Promise<Driver> => {
  let driver = await open();
  return {
    async answer(url) {
      const found = await Promise.race([driver.answer(url).catch(String), sleep(patience, 'no answer')]);
      if (typeof found === 'object') return found;
      console.warn(`${name} is started again, as it failed at ${url}: ${found}`);
      // One that does not answer any more may not close either.
      await Promise.race([driver.close(), sleep(5000)]).catch(() => undefined);
      driver = await open();
      return driver.answer(url);
    },
    close: () => driver.close(),
  };
};

/** The browsers, each with what is missing of it. */
export const drivers: Record<string, { missing?: string; open: () => Promise<Driver> }> = {
  Chromium: { missing: chromium ? undefined : 'chromium', open: openChromium },
  Firefox: { missing: existsSync(firefox) ? undefined : 'firefox-esr', open: patiently('Firefox', openFirefox) },
  WebKitGTK: {
    missing:
      miniBrowser && existsSync(webKitDriver) && existsSync('/usr/bin/Xvfb') ? undefined : 'webkit2gtk-driver and xvfb',
    open: patiently('WebKitGTK', openWebKit),
  },
};
for (const [name, { missing }] of Object.entries(drivers)) {
  if (missing) console.warn(`The tests in ${name} are skipped: apt-get install ${missing}.`);
}
