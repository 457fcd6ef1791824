// The demo's JavaScript is checked by eslint-plugin-security's recommended rules and nothing else.
import security from "eslint-plugin-security";

export default [
  {
    ...security.configs.recommended,
    files: ["**/*.js"],
    languageOptions: { sourceType: "commonjs" },
  },
];
