import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from './freePort.js';

/** Whether Debian's package `redis-server`, or the like, is installed. */
export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });
}

/** A Redis of a test, which keeps everything in an append-only file. */
export class RedisServer {
  private process?: ChildProcess;

  private constructor(
    private readonly folder: string,
    readonly port: number,
  ) {}

  /** @param folder where its file is */
  static async start(folder: string): Promise<RedisServer> {
    const server = new RedisServer(folder, await freePort());
    await server.begin();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  private async begin(): Promise<void> {
    const args = ['--port', `${this.port}`, '--bind', '127.0.0.1', '--dir', this.folder, '--save', ''];
    this.process = spawn('redis-server', [...args, '--appendonly', 'yes'], { stdio: 'ignore' });
    while (!(await canConnect(this.port))) {
      if (this.process.exitCode !== null) throw new Error(`redis-server ended with status ${this.process.exitCode}`);
      await pause(50);
    }
  }

  /** Kills it. */
  async stop(): Promise<void> {
    const { process } = this;
    if (!process || process.exitCode !== null || process.signalCode !== null) return;
    process.kill('SIGKILL');
    await once(process, 'close');
  }

  /** Kills it and starts it again, some time later. */
  async restart(milliseconds: number): Promise<void> {
    await this.stop();
    await pause(milliseconds);
    await this.begin();
  }
}

/** A network between a client and a server of this machine, which can be cut. */
export class Network {
  private readonly pairs = new Set<[Socket, Socket]>();
  private isCut = false;
  private readonly server = createServer((near) => {
    const far = connect(this.target, '127.0.0.1');
    const pair: [Socket, Socket] = [near, far];
    this.pairs.add(pair);
    for (const [from, to] of [pair, [far, near]]) {
      from.on('data', (bytes) => this.isCut || to.write(bytes));
      from.on('error', () => undefined);
      from.on('close', () => {
        this.pairs.delete(pair);
        to.destroy();
      });
    }
  });

  private constructor(private readonly target: number) {}

  /** @param target port of the server */
  static async to(target: number): Promise<Network> {
    const network = new Network(target);
    network.server.listen(0, '127.0.0.1');
    await once(network.server, 'listening');
    return network;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** From now on nothing arrives, and nobody is told. */
  cut(): void {
    this.isCut = true;
  }

  /** What was connected is not any more, but can connect again. */
  mend(): void {
    for (const [near, far] of this.pairs) {
      near.destroy();
      far.destroy();
    }
    this.isCut = false;
  }

  close(): void {
    this.mend();
    this.server.close();
  }
}
