// Bundles a module with a tool of this folder: node build.mjs TOOL PROJECT ENTRY FOLDER. Nothing is configured but what the
// tool cannot do without.
const [tool, project, entry, folder] = process.argv.slice(2);

const tools = {
  async esbuild() {
    const { build } = await import('esbuild');
    const options = { bundle: true, minify: true, format: 'esm', logLevel: 'error' };
    await build({ ...options, absWorkingDir: project, entryPoints: [entry], outdir: folder });
  },
  async rollup() {
    const { rollup } = await import('rollup');
    const { default: commonjs } = await import('@rollup/plugin-commonjs');
    const { nodeResolve } = await import('@rollup/plugin-node-resolve');
    const plugins = [nodeResolve({ browser: true, rootDir: project }), commonjs()];
    const bundle = await rollup({ input: `${project}/${entry}`, plugins, onwarn: () => undefined });
    await bundle.write({ dir: folder });
  },
  async webpack() {
    const { default: webpack } = await import('webpack');
    const output = { path: folder };
    const options = { mode: 'production', context: project, entry: `./${entry}`, output, performance: false };
    const stats = await new Promise((resolve, reject) =>
      webpack(options, (error, result) => (error ? reject(error) : resolve(result))),
    );
    if (stats.hasErrors()) throw new Error(stats.toString({ all: false, errors: true }));
  },
};

await tools[tool]();
