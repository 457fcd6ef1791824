// Bundles the extension into dist/extension.js. `--minify` for a package; readable, with a source map, without it.
import { build } from "esbuild";

const minify = process.argv.includes("--minify");

await build({
  absWorkingDir: new URL("..", import.meta.url).pathname,
  entryPoints: ["src/extension.ts"],
  outfile: "dist/extension.js",
  bundle: true,
  external: ["vscode"],
  platform: "node",
  format: "cjs",
  target: "node20",
  minify,
  sourcemap: !minify,
  logLevel: "warning",
});
