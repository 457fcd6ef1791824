" A real Vim with ALE and the real server: the diagnostic, the hover, the fix.
" ASPM_LSP_SERVER=… SHOP=… REPORT=… vim -Nu tests/clients/ale.vim -es
set nocompatible hidden noswapfile viminfo= nomore
set rtp^=/usr/share/vim-ale
filetype plugin on
let g:ale_linters_explicit = 1
let g:ale_linters = {'python': ['aspm']}
let g:ale_hover_to_preview = 1
let g:ale_virtualtext_cursor = 0
let s:lines = []
let s:passed = 0
let s:failed = 0

function! It(name, is_so, ...) abort
  if a:is_so
    let s:passed += 1
    call add(s:lines, 'ok - ' . a:name)
  else
    let s:failed += 1
    call add(s:lines, 'not ok - ' . a:name . ': ' . get(a:000, 0, ''))
  endif
endfunction

function! WaitFor(condition) abort
  let l:tries = 0
  while l:tries < 1500 && !eval(a:condition)
    sleep 20m
    let l:tries += 1
  endwhile
  return eval(a:condition)
endfunction

function! Shown() abort
  return map(copy(ale#engine#GetLoclist(bufnr('app.py'))), '[v:val.lnum, v:val.col, v:val.text]')
endfunction

function! Previewed(words) abort
  return !empty(filter(range(1, bufnr('$')), {_, b -> join(getbufline(b, 1, '$'), ' ') =~# a:words}))
endfunction

" Types the number of the fix where ALE asks which action is meant.
function! Typed(question) abort
  let g:asked = a:question
  return matchstr(a:question, '\d\+\ze) [^\n]*safely')
endfunction

function! Run() abort
  call ale#linter#Define('python', {'name': 'aspm', 'lsp': 'stdio', 'executable': $ASPM_LSP_SERVER,
    \ 'command': '%e --stdio', 'project_root': {buffer -> $SHOP}, 'language': 'python'})
  execute 'edit!' fnameescape($SHOP . '/app.py')
  set filetype=python
  ALELint
  call It('both findings are shown where they are now', WaitFor('len(Shown()) == 2'), string(Shown()))
  let l:one = get(Shown(), 0, [0, 0, ''])
  call It('the line, the column, the words', l:one[0] == 8 && l:one[1] == 12 && l:one[2] =~# 'Use of unsafe yaml load',
    \ string(Shown()))

  call cursor(8, 14)
  call ale#hover#Show(bufnr('app.py'), 8, 14, {'called_from_balloonexpr': 0})
  call It('hover tells the rule', WaitFor("Previewed('B506') && Previewed('CWE-20')"))

  execute bufwinnr(bufnr('app.py')) . 'wincmd w'
  call cursor(8, 14)
  runtime autoload/ale/util.vim
  function! ale#util#Input(message, value, ...) abort
    return Typed(a:message)
  endfunction
  call ale#codefix#Execute(0)
  call It('the fix of the tool is offered', WaitFor('exists("g:asked")') && g:asked =~# 'safely', get(g:, 'asked', ''))
  call It('it does what it says', WaitFor("getline(8) ==# '    return yaml.safe_load(stream)'"), getline(8))
  ALELint
  call It('the fixed finding is gone and the other one stays', WaitFor('len(Shown()) == 1'), string(Shown()))
endfunction

try
  runtime! plugin/ale.vim
  call Run()
catch
  call It('nothing was thrown', 0, v:exception . ' at ' . v:throwpoint)
endtry
call add(s:lines, s:passed . ' passed, ' . s:failed . ' failed')
call writefile(s:lines, $REPORT)
if s:failed
  cquit 1
endif
qall!
