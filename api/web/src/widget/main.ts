/** The script that pages embed: the button; its own address says where the rest is. */
import { define } from "./element";

/** The file name of the panel, which has its content's hash in it. */
declare const __PANEL__: string;

const script = document.currentScript as HTMLScriptElement | null;
define(script, () => import(/* @vite-ignore */ new URL(__PANEL__, script?.src ?? location.href).href));
