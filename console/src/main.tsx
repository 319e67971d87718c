import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import "./app/console.css";

import { App } from "./app/App";
import { startSpeaking } from "./language/setup";

const root = document.getElementById("root");
if (!root) throw new Error("the page has no root");
await startSpeaking();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
