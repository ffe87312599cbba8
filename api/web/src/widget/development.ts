/** The same from the sources. As a module the script cannot ask the browser which tag it came from, so it looks. */
import { define } from "./element";

define(document.querySelector<HTMLScriptElement>('script[src$="widget.js"]'), () => import("./panel"));
