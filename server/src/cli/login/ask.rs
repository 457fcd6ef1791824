//! A question at the terminal whose answer is not shown.

#[cfg(unix)]
pub(super) use unix::hidden;

#[cfg(unix)]
mod unix {
    use std::io::{Read as _, Write as _, stderr, stdin};

    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

    use crate::cli::Usage;
    use crate::cli::login::MAX_LINE;

    const INTERRUPT: u8 = 0x03;
    const END: u8 = 0x04;
    const KILL_LINE: u8 = 0x15;
    const ESCAPE: u8 = 0x1b;

    /// Asks on standard error, reads standard input, which is a terminal. Ctrl-C is an error: the terminal shows what is
    /// typed again in every case.
    pub(in crate::cli::login) fn hidden(question: &str) -> anyhow::Result<String> {
        // Before the question, so that whoever answers at once is not shown.
        let quiet = Quiet::begin()?;
        write!(stderr(), "{question}")?;
        stderr().flush()?;
        let typed = typed();
        drop(quiet);
        writeln!(stderr())?;
        typed
    }

    /// The terminal without echo and without signals, which would leave it so.
    struct Quiet(Termios);

    impl Quiet {
        fn begin() -> anyhow::Result<Self> {
            let before = tcgetattr(stdin())?;
            let mut modes = before.clone();
            modes.local_modes -= LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG;
            // What was typed too early goes to nobody.
            tcsetattr(stdin(), OptionalActions::Flush, &modes)?;
            Ok(Self(before))
        }
    }

    impl Drop for Quiet {
        fn drop(&mut self) {
            // There is nobody to tell.
            let _ = tcsetattr(stdin(), OptionalActions::Flush, &self.0);
        }
    }

    fn typed() -> anyhow::Result<String> {
        let mut bytes: Vec<u8> = Vec::new();
        let mut input = stdin().lock();
        loop {
            let mut byte = [0];
            if input.read(&mut byte)? == 0 {
                break;
            }
            match byte[0] {
                b'\n' | b'\r' | END => break,
                INTERRUPT => return Err(Usage("cancelled; nothing was asked of the server".to_owned()).into()),
                KILL_LINE => bytes.clear(),
                0x7f | 0x08 => {
                    // A whole character.
                    while bytes.pop().is_some_and(|last| last & 0xc0 == 0x80) {}
                }
                ESCAPE => {
                    let why = "arrow and function keys do not work here; type or paste it again";
                    return Err(Usage(why.to_owned()).into());
                }
                byte if bytes.len() as u64 >= MAX_LINE => {
                    let _ = byte;
                    return Err(Usage("what was typed is too long".to_owned()).into());
                }
                byte => bytes.push(byte),
            }
        }
        String::from_utf8(bytes).map_err(|_| Usage("what was typed is no text".to_owned()).into())
    }
}

/// Without a way to hide what is typed, it is not asked for.
#[cfg(not(unix))]
pub(super) fn hidden(_question: &str) -> anyhow::Result<String> {
    let why = "what is typed cannot be hidden on this system: give it on standard input instead, from a file or another \
               program, with --token-stdin or --user";
    Err(super::Usage(why.to_owned()).into())
}
