// For Vite: pages with the program in themselves, in a worker, in a service worker, and that worker by its name.

export default {
  build: {
    outDir: 'dist-contexts',
    // It asks for a document, which a worker has not.
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: { index: 'index.html', worker: 'worker.html', servicePage: 'service.html', service: 'service.js' },
      output: { entryFileNames: '[name].js' },
    },
  },
  worker: { format: 'es' },
};
