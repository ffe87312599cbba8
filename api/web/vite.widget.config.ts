import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import { defineConfig, type Plugin, type UserConfig } from "vite";

/**
 * Vue announces itself to its developer tools through names on the global object. A page that embeds the
 * widget must not find any name of ours there, so those announcements go to a private object instead.
 */
const noGlobalNames: Plugin = {
  name: "consult-no-global-names",
  transform(code, id) {
    if (!/@vue\/shared\/.*\.js/.test(id)) return null;
    const body = /const getGlobalThis = \(\) => \{[\s\S]*?\n\};/;
    if (!body.test(code)) this.error("getGlobalThis has changed its form: the widget would leak global names");
    return code.replace(body, "const getGlobalThis = () => _globalThis || (_globalThis = {});");
  },
};

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const shared: UserConfig = {
  plugins: [vue(), noGlobalNames],
  define: { __VUE_OPTIONS_API__: false, __VUE_PROD_DEVTOOLS__: false },
};

/** Built first: a module whose name changes with its content, so that it can be kept for ever. */
const panel: UserConfig = {
  ...shared,
  build: {
    target: "es2022",
    emptyOutDir: false,
    copyPublicDir: false,
    modulePreload: false,
    rollupOptions: {
      input: here("src/widget/panel.ts"),
      preserveEntrySignatures: "strict",
      output: { format: "es", entryFileNames: "assets/widget-panel-[hash].js" },
    },
  },
};

/** Then the classic script with a fixed name, which has to know the panel's. */
function button(): UserConfig {
  const name = readdirSync(here("dist/assets")).find((file) => file.startsWith("widget-panel-"));
  if (!name) throw new Error("the panel is built first: npm run build");
  return {
    ...shared,
    define: { ...shared.define, __PANEL__: JSON.stringify(`assets/${name}`) },
    build: {
      target: "es2022",
      emptyOutDir: false,
      copyPublicDir: false,
      modulePreload: false,
      rollupOptions: { input: here("src/widget/main.ts"), output: { format: "iife", entryFileNames: "widget.js" } },
    },
  };
}

export default defineConfig(({ mode }) => (mode === "panel" ? panel : button()));
