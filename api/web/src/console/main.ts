import { createApp } from "vue";
import "../shared/theme.css";
import App from "./App.vue";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/talk.css";
import "./styles/side.css";

createApp(App).mount("#app");
