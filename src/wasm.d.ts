declare module '*.wasm?module' {
  const module: WebAssembly.Module;
  export default module;
}
declare module '*.wasm' {
  const path: string;
  export default path;
}
