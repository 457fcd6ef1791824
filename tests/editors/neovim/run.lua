-- The Neovim configuration in a real Neovim, with the real server and the three lines of the README.
--   ASPM_LSP_SERVER=/abs/aspm-lsp nvim --clean -l tests/editors/neovim/run.lua
-- This process only steers: the editor under test is a second Neovim with XDG folders of its own, driven over RPC by
-- keys and looked at through its API, so that its end can be tested as well.

local here = vim.fs.dirname(vim.fs.abspath(debug.getinfo(1, 'S').source:sub(2)))
local repository = vim.fs.normalize(here .. '/../../..')
local server = assert(os.getenv('ASPM_LSP_SERVER'), 'set ASPM_LSP_SERVER to the absolute path of aspm-lsp')
local DEADLINE_MS = 30000

local base = vim.fn.tempname()
local workspace = base .. '/shop'
local passed, failed = 0, 0

local function run(command)
  local done = vim.system(command, { text = true }):wait()
  assert(done.code == 0, table.concat(command, ' ') .. ': ' .. (done.stderr or ''))
end

local function write(path, lines)
  vim.fn.mkdir(vim.fs.dirname(path), 'p')
  vim.fn.writefile(lines, path)
end

-- The editor ------------------------------------------------------------------------------------------------------

local editor

local function start_editor(arguments)
  local command = vim.list_extend({ vim.v.progpath, '--embed', '--headless' }, arguments)
  local job = vim.fn.jobstart(command, {
    rpc = true,
    cwd = workspace,
    env = {
      XDG_CONFIG_HOME = base .. '/config',
      XDG_DATA_HOME = base .. '/data',
      XDG_STATE_HOME = base .. '/state',
      XDG_CACHE_HOME = base .. '/cache',
      XDG_RUNTIME_DIR = base,
      NVIM_LOG_FILE = base .. '/nvim.log',
    },
  })
  assert(job > 0, 'Neovim did not start')
  editor = { job = job, pid = vim.fn.jobpid(job) }
end

--- Runs Lua code in the editor under test; `...` in it are the arguments.
local function eval(code, ...)
  return vim.rpcrequest(editor.job, 'nvim_exec_lua', code, { ... })
end

local function keys(text)
  vim.rpcrequest(editor.job, 'nvim_input', text)
end

--- Waits until `probe` answers something true, and returns it.
local function wait_for(what, probe)
  local answer
  if not vim.wait(DEADLINE_MS, function()
    answer = probe()
    return answer
  end, 20) then
    error('waited in vain for ' .. what .. '; last answer: ' .. vim.inspect(answer), 2)
  end
  return answer
end

local function equal(actual, expected)
  if not vim.deep_equal(actual, expected) then
    error('expected ' .. vim.inspect(expected) .. ', got ' .. vim.inspect(actual), 2)
  end
end

local function diagnostics()
  return eval([[
    return vim.tbl_map(function(d)
      return { line = d.lnum + 1, code = d.code, source = d.source, message = d.message,
               text = vim.api.nvim_buf_get_lines(d.bufnr, d.lnum, d.lnum + 1, true)[1] }
    end, vim.diagnostic.get(vim.fn.bufnr('app.py')))
  ]])
end

local function wait_for_finding_on(line)
  return wait_for('one finding, on line ' .. line, function()
    local all = diagnostics()
    return #all == 1 and all[1].line == line and all[1] or nil
  end)
end

local function server_pids()
  return vim.tbl_filter(function(pid)
    local process = vim.api.nvim_get_proc(pid)
    return process and process.name == 'aspm-lsp' -- the name it is started by
  end, vim.api.nvim_get_proc_children(editor.pid))
end

local function has_ended(pid)
  local stat = io.open('/proc/' .. pid .. '/stat')
  if stat then
    -- A zombie has ended; only nobody has asked for its exit code.
    local state = stat:read('a'):match('%) (%a)')
    stat:close()
    return state == 'Z'
  end
  return vim.uv.kill(pid, 0) ~= 0
end

local function attached(name)
  return eval([[
    local buffer = vim.fn.bufnr(...)
    return #vim.lsp.get_clients({ bufnr = buffer, name = 'aspm' })
  ]], name)
end

-- The tests, in the order of one sitting ----------------------------------------------------------------------------

local tests = {
  {
    'a file given on the command line gets the server, through vim.lsp.enable',
    function()
      start_editor({ 'app.py' })
      local client = wait_for('the client', function()
        local found = eval([[
          local client = vim.lsp.get_clients({ bufnr = 0, name = 'aspm' })[1]
          return client and client.initialized
            and { server = client.server_info and client.server_info.name, root = client.root_dir }
        ]])
        return found ~= vim.NIL and found or nil
      end)
      equal(client, { server = 'aspm-lsp', root = vim.uv.fs_realpath(workspace) })
    end,
  },
  {
    'the finding stands where its code is now, not where it was scanned, and the fixed one is not shown',
    function()
      local finding = wait_for_finding_on(12)
      equal({ finding.source, finding.code }, { 'Bandit', 'B602' })
      assert(finding.text:find('shell=True', 1, true), finding.text)
    end,
  },
  {
    'its message is on the screen, behind the line',
    function()
      wait_for('virtual text', function()
        return eval([[
          for _, namespace in pairs(vim.api.nvim_get_namespaces()) do
            for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, namespace, 0, -1, { details = true })) do
              if mark[4].virt_text then
                return mark[2] == 11
              end
            end
          end
          return false
        ]])
      end)
    end,
  },
  {
    'typing a line above moves it along',
    function()
      keys('ggOimport logging<Esc>')
      wait_for_finding_on(13)
    end,
  },
  {
    'K opens an explanation: the rule, and how to fix it',
    function()
      keys('13G0fsK')
      local text = wait_for('a float with text', function()
        local shown = eval([[
          for _, window in ipairs(vim.api.nvim_list_wins()) do
            if vim.api.nvim_win_get_config(window).relative ~= '' then
              return table.concat(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, false), '\n')
            end
          end
          return ''
        ]])
        return shown ~= '' and shown or nil
      end)
      assert(text:find('B602', 1, true), text)
      assert(text:find('Pass the arguments as a list', 1, true), text)
      eval([[vim.cmd.fclose({ bang = true })]])
    end,
  },
  {
    'gra lists what can be done about it, each entry with a title',
    function()
      eval([[
        vim.ui.select = function(items, options, choose)
          _G.offered = vim.tbl_map(function(item) return item.action.title end, items)
          choose(nil)
        end
      ]])
      keys('gra')
      local titles = wait_for('the list', function()
        local offered = eval('return _G.offered')
        return offered ~= vim.NIL and #offered > 0 and offered or nil
      end)
      for _, title in ipairs(titles) do
        assert(type(title) == 'string' and title ~= '', vim.inspect(titles))
      end
    end,
  },
  {
    'deleting the code ends the finding, undo brings it back to its line',
    function()
      keys('13Gdd')
      wait_for('no finding', function()
        return #diagnostics() == 0
      end)
      keys('u')
      wait_for_finding_on(13)
    end,
  },
  {
    'undoing everything restores the first place',
    function()
      eval([[vim.cmd('silent earlier 1000f')]])
      wait_for_finding_on(12)
    end,
  },
  {
    'only files of a repository are served: no scratch, no plugin and no stray buffers',
    function()
      local stray = base .. '/stray.py'
      write(stray, { 'import subprocess' })
      eval([[
        vim.cmd.edit({ ..., mods = { noswapfile = true } })
        for _, name in ipairs({ 'scratch.py', 'fugitive://' .. vim.fn.getcwd() .. '/.git//0/app.py' }) do
          local buffer = vim.api.nvim_create_buf(true, name == 'scratch.py')
          vim.api.nvim_buf_set_name(buffer, name)
          vim.bo[buffer].filetype = 'python'
        end
        vim.cmd.edit(vim.fn.getcwd() .. '/other.py')
      ]], stray)
      wait_for('another file of the repository to be served', function()
        return attached('other.py') == 1
      end)
      equal({ attached('stray.py'), attached('scratch.py'), attached('fugitive://') }, { 0, 0, 0 })
      equal(#server_pids(), 1)
    end,
  },
  {
    'stopping the client ends the server, and opening a file again starts one',
    function()
      local pid = assert(server_pids()[1])
      eval([[vim.lsp.get_clients({ name = 'aspm' })[1]:stop()]])
      wait_for('the server to end', function()
        return has_ended(pid)
      end)
      eval([[vim.cmd('edit app.py | edit!')]]) -- A file read again gets a new one.
      wait_for_finding_on(12)
    end,
  },
  {
    'leaving the editor leaves no process behind',
    function()
      local pid = assert(server_pids()[1])
      vim.rpcnotify(editor.job, 'nvim_command', 'qall!')
      equal(vim.fn.jobwait({ editor.job }, DEADLINE_MS), { 0 })
      wait_for('the server to end', function()
        return has_ended(pid)
      end)
    end,
  },
  {
    'killing the editor leaves no process behind',
    function()
      start_editor({ 'app.py' })
      wait_for_finding_on(12)
      local pid = assert(server_pids()[1])
      vim.uv.kill(editor.pid, 'sigkill')
      vim.fn.jobwait({ editor.job }, DEADLINE_MS)
      wait_for('the server to end', function()
        return has_ended(pid)
      end)
    end,
  },
}

run({ here .. '/../workspace.sh', workspace })
write(base .. '/config/nvim/init.lua', {
  ("vim.opt.runtimepath:prepend('%s/editors/neovim')"):format(repository),
  'vim.diagnostic.config({ virtual_text = true, severity_sort = true })',
  "vim.lsp.enable('aspm')",
})
-- The configuration says `aspm-lsp`, so that is what the server under test is called on the PATH.
vim.fn.mkdir(base .. '/bin')
assert(vim.uv.fs_symlink(server, base .. '/bin/aspm-lsp'))
vim.env.PATH = base .. '/bin:' .. vim.env.PATH

for _, test in ipairs(tests) do
  local ok, problem = xpcall(test[2], debug.traceback)
  if ok then
    passed = passed + 1
    io.stdout:write('ok - ', test[1], '\n')
  else
    failed = failed + 1
    io.stdout:write('not ok - ', test[1], '\n', problem, '\n')
    if passed == 0 then
      break -- Without a server there is nothing more to see.
    end
  end
end

if editor then
  vim.fn.jobstop(editor.job)
end
if failed == 0 then
  vim.fn.delete(base, 'rf')
else
  io.stdout:write('kept for inspection: ', base, '\n')
end
io.stdout:write(('%d passed, %d failed\n'):format(passed, failed))
os.exit(failed == 0 and 0 or 1)
