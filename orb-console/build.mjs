// Builds the console and fetches what else comes from npm; does nothing when nothing changed.
import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "target/classes/orb/console");
const stamp = join(here, "target/console.stamp");
const installed = join(here, "node_modules/.orb-lock");

function filesUnder(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((e) => (e.isDirectory() ? filesUnder(join(folder, e.name)) : [join(folder, e.name)]))
    .sort();
}

function digest(files) {
  const hash = createHash("sha256");
  for (const file of files) {
    hash.update(file.slice(here.length)).update("\0").update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex");
}

function holds(file, text) {
  return existsSync(file) && readFileSync(file, "utf8") === text;
}

function run(what, command, ...args) {
  const done = spawnSync(command, args, { cwd: here, stdio: ["ignore", "inherit", "inherit"] });
  if (done.error || done.status !== 0) {
    console.error(`orb-console: ${what} failed: ${done.error?.message ?? `exit ${done.status}`}`);
    process.exit(1);
  }
}

const lock = digest([join(here, "package-lock.json"), join(here, "package.json")]);
const inputs = digest([
  join(here, "package-lock.json"),
  join(here, "tsconfig.json"),
  join(here, "build.mjs"),
  ...filesUnder(join(here, "src/main/web")),
]);
const wanted = ["static/app.js", "static/index.html", "quickjs.wasm"].map((f) => join(out, f));
if (holds(stamp, inputs) && wanted.every((f) => existsSync(f))) {
  console.log("orb-console: up to date");
  process.exit(0);
}

if (!holds(installed, lock)) {
  run("npm ci (needs the network to the npm registry)", "npm", "ci", "--ignore-scripts");
  writeFileSync(installed, lock);
}
rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, "static"), { recursive: true });
run("type check", join(here, "node_modules/.bin/tsc"), "--project", "tsconfig.json");
run(
  "bundle",
  join(here, "node_modules/.bin/esbuild"),
  "src/main/web/app.ts",
  "--bundle",
  "--minify",
  "--format=esm",
  "--target=es2022",
  "--legal-comments=linked",
  "--log-level=warning",
  `--outfile=${join(out, "static/app.js")}`,
);
for (const page of ["index.html", "style.css"]) {
  copyFileSync(join(here, "src/main/web", page), join(out, "static", page));
}
const quickjs = join(here, "node_modules/quickjs-wasi");
copyFileSync(join(quickjs, "quickjs.wasm"), join(out, "quickjs.wasm"));
copyFileSync(join(quickjs, "LICENSE"), join(out, "quickjs.LICENSE.txt"));
copyFileSync(join(here, "node_modules/lit/LICENSE"), join(out, "static/lit.LICENSE.txt"));
writeFileSync(stamp, inputs);
