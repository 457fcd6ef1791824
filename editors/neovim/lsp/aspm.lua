---@brief
---
--- Security findings of your ASPM on the right line of the code you edit.
--- Needs Neovim 0.11 or newer and `aspm-lsp` on the PATH.

---@type vim.lsp.Config
return {
  cmd = { 'aspm-lsp', '--stdio' },
  -- No `filetypes`: findings come in every language, and in configuration too.

  ---@param bufnr integer
  ---@param on_dir fun(root_dir?: string)
  root_dir = function(bufnr, on_dir)
    local name = vim.api.nvim_buf_get_name(bufnr)
    -- Only files: a buffer such as `fugitive://…` holds another text than the file it is named after.
    if name == '' or name:find('^%a[%w+.-]+://') then
      return
    end
    -- The nearer one wins, so that a submodule is a repository of its own. Findings belong to a repository: without
    -- a root there is nothing to show, and no server is started.
    local root = vim.fs.root(bufnr, { { 'aspm.toml', '.git' } })
    if root then
      on_dir(root)
    end
  end,
}
