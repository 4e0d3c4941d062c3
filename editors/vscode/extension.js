// Starts `probity lsp` for policies. All it knows is in that program.
const { workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

exports.activate = () => {
  const command = workspace.getConfiguration("probity").get("command");
  client = new LanguageClient("probity", "Probity", { command, args: ["lsp"] }, {
    documentSelector: [{ scheme: "file", language: "probity" }],
  });
  return client.start();
};

exports.deactivate = () => client?.stop();
