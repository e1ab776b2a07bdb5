"use strict";
const js = require("@eslint/js");

/* Scripts of the map run one after another in one page: `lifecircle` is theirs, `L` is Leaflet's. */
const browser = ["window", "document", "performance", "location", "history", "URL", "URLSearchParams", "Blob", "Image", "XMLSerializer", "HTMLCanvasElement", "Node", "CSSPageRule", "console"];

module.exports = [
  js.configs.recommended,
  {
    languageOptions: {
      ecmaVersion: 2020,
      sourceType: "script",
      globals: Object.fromEntries([["L", "readonly"], ["lifecircle", "writable"]].concat(browser.map((name) => [name, "readonly"])))
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      strict: ["error", "global"],
      eqeqeq: "error",
      "no-unused-vars": ["error", { varsIgnorePattern: "^lifecircle$", argsIgnorePattern: "^ignored$", caughtErrorsIgnorePattern: "^ignored$" }],
      "no-redeclare": ["error", { builtinGlobals: false }],
      "no-implicit-globals": "off",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-restricted-properties": [
        "error",
        { property: "innerHTML", message: "words from outside are text: use textContent" },
        { property: "outerHTML", message: "words from outside are text: use textContent" },
        { property: "insertAdjacentHTML", message: "words from outside are text: use textContent" }
      ]
    }
  }
];
