/** What a queue needs and nothing else does, so that it is loaded only with one. */
export interface QueuePackages {
  bullmq: typeof import('bullmq');
  Redis: typeof import('ioredis').Redis;
}

/**
 * Loads BullMQ and its Redis client, which users install themselves.
 *
 * @throws Error that says what to install
 */
export async function queuePackages(): Promise<QueuePackages> {
  try {
    const [bullmq, { Redis }] = await Promise.all([import('bullmq'), import('ioredis')]);
    return { bullmq, Redis };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error;
    const [, missing] = /'([^']+)'/.exec(message) ?? [];
    throw new Error(
      `--queue needs the packages bullmq and ioredis, and ${missing ?? 'one of them'} is not installed; ` +
        'install them beside primal-attention: npm install bullmq ioredis',
      { cause: error },
    );
  }
}
