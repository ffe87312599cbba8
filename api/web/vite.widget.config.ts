import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import { defineConfig, type Plugin } from "vite";

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

export default defineConfig({
  plugins: [vue(), noGlobalNames],
  define: { __VUE_OPTIONS_API__: false, __VUE_PROD_DEVTOOLS__: false },
  build: {
    target: "es2022",
    emptyOutDir: false,
    copyPublicDir: false,
    modulePreload: false,
    rollupOptions: {
      input: fileURLToPath(new URL("src/widget/main.ts", import.meta.url)),
      output: { format: "iife", entryFileNames: "widget.js" },
    },
  },
});
