-- Findings, completion, hover and layout for Probity policies. Neovim 0.11 or newer.
vim.filetype.add({ extension = { policy = "probity" } })
vim.lsp.config("probity", { cmd = { "probity", "lsp" }, filetypes = { "probity" } })
vim.lsp.enable("probity")
