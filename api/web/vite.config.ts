import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import { type Plugin } from "vite";
import { defineConfig } from "vitest/config";

const GATEWAY = process.env.CONSULT_WEB_GATEWAY ?? "http://127.0.0.1:8000";
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * The widget is one classic script with a fixed name, built by its own configuration. While developing,
 * that name answers with a loader for the sources, so that pages keep their real script tag.
 */
const widgetInDevelopment: Plugin = {
  name: "consult-widget-in-development",
  configureServer(server) {
    server.middlewares.use((request, response, next) => {
      if (request.url?.split("?")[0] !== "/widget.js") return next();
      response.setHeader("Content-Type", "text/javascript");
      response.end('import("/src/widget/development.ts");');
    });
  },
};

/** The portal's pages are the gateway's; only the sources come from here. */
const PAGES = String.raw`^/(?!@|src/|node_modules/|console|widget\.js)`;
const proxy = { "/v1": { target: GATEWAY, ws: true }, [PAGES]: { target: GATEWAY } };

export default defineConfig({
  plugins: [vue(), widgetInDevelopment],
  define: { __VUE_OPTIONS_API__: false, __VUE_PROD_DEVTOOLS__: false },
  server: { proxy },
  preview: { proxy },
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    manifest: true, // the gateway renders the portal's pages and looks the names of its files up there
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: {
        portal: here("src/portal/main.ts"),
        console: here("console.html"),
      },
    },
  },
  test: { environment: "happy-dom", include: ["src/**/*.test.ts"] },
});
