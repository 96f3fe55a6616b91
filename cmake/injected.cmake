# Page scripts: TypeScript in drivers/page/injected, bundled by esbuild and embedded as a string. Filled by drivers/page.
