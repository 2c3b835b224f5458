import { nodeModule } from '../../nodeModule.js';

/**
 * Where downloaded data sets are kept: PRIMAL_ATTENTION_CACHE if set, else primal-attention/datasets in XDG_CACHE_HOME
 * or ~/.cache. Node only.
 *
 * @returns the folder's path; it need not exist
 */
export async function cacheFolder(): Promise<string> {
  const [{ homedir }, path] = await Promise.all([nodeModule('node:os'), nodeModule('node:path')]);
  const { PRIMAL_ATTENTION_CACHE, XDG_CACHE_HOME } = process.env;
  if (PRIMAL_ATTENTION_CACHE) return path.resolve(PRIMAL_ATTENTION_CACHE);
  // The specification says to ignore a relative path.
  const base = XDG_CACHE_HOME && path.isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : path.join(homedir(), '.cache');
  return path.join(base, 'primal-attention', 'datasets');
}
