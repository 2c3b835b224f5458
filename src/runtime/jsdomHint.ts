/** How tests in jsdom, which fetches no files, get at the package for Node, for an error; else ''. */
export function jsdomHint(): string {
  const { userAgent = '' } = globalThis.navigator ?? {};
  return userAgent.includes('jsdom')
    ? "; in jsdom, have the test runner take the package for Node: Jest's testEnvironmentOptions: " +
        "{ customExportConditions: ['node'] }"
    : '';
}
