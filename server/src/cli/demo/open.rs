//! How to see the example in an editor.

use std::io::Write;
use std::path::Path;

use super::unpack::write;
use crate::cli::terminal::Terminal;

/// Below the example's folder; beside the logs, which git does not see.
const NEOVIM: &str = ".aspm/nvim.lua";

/// Writes what starts this very binary in Neovim, without anything to install.
pub(super) fn write_neovim(dir: &Path) -> anyhow::Result<()> {
    let exe = std::env::current_exe()?;
    let text = format!(
        "-- Neovim 0.11 or newer: the findings of this folder as diagnostics.\n\
         vim.lsp.config('aspm', {{ cmd = {{ {}, '--stdio' }}, root_markers = {{ 'aspm.toml', '.git' }} }})\n\
         vim.lsp.enable('aspm')\n\
         vim.diagnostic.config({{ virtual_text = true, severity_sort = true }})\n",
        lua(&exe.to_string_lossy())
    );
    write(&dir.join(NEOVIM), text.as_bytes())
}

fn lua(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n"))
}

pub(super) fn tell(dir: &Path, terminal: &Terminal, out: &mut dyn Write) -> std::io::Result<()> {
    let paint = terminal.paint;
    let dir = shell(&dir.to_string_lossy());
    writeln!(out, "{}", paint.bold("See it in an editor, and edit: the findings follow"))?;
    writeln!(out, "  cd {dir}")?;
    writeln!(out, "  nvim --cmd 'luafile {NEOVIM}' api/orders.py")?;
    writeln!(out, "      {}", paint.dim("# Neovim 0.11 or newer: K explains, gra acts"))?;
    writeln!(out, "  code .")?;
    writeln!(out, "      {}", paint.dim("# VS Code with the ASPM extension"))?;
    writeln!(out, "The same in the terminal, there: aspm-lsp list, show ID, doctor")
}

fn shell(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+:@~\\".contains(c);
    if text.chars().all(is_plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_quoted_where_they_need_it() {
        assert_eq!(shell("/home/a/b"), "/home/a/b");
        assert_eq!(shell("/home/it's here"), r"'/home/it'\''s here'");
        assert_eq!(lua(r"C:\it's"), r"'C:\\it\'s'");
    }
}
