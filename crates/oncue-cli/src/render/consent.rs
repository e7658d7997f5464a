//! Asks for confirmation before something is removed for good.

use std::io::{self, IsTerminal as _, Write as _};

/// Asks on the terminal and returns whether the answer was yes. Without a terminal, as in a script,
/// it does not ask and returns yes.
pub(crate) fn given(question: &str) -> io::Result<bool> {
    let (asked, mut shown) = (io::stdin(), anstream::stderr());
    if !asked.is_terminal() || !io::stderr().is_terminal() {
        return Ok(true);
    }
    write!(shown, "{question} [y/N] ")?;
    shown.flush()?;
    let mut answer = String::new();
    asked.read_line(&mut answer)?;
    let yes = matches!(answer.trim().to_lowercase().as_str(), "y" | "yes");
    if !yes {
        writeln!(shown, "nothing was removed")?;
    }
    Ok(yes)
}
