//! The files that are written: units, an autostart entry, and a service file of the session bus.

use std::fmt::Write as _;

use oncue_wire::names::BROKER_INTERFACE;

use super::{Program, ServiceError};

/// Returns the text of `oncue.service`.
pub(super) fn service(program: &Program) -> Result<String, ServiceError> {
    let mut variables = String::new();
    for (name, value) in program.variables()? {
        // Writing to a String cannot fail.
        let _ = writeln!(variables, "Environment={}", unit_word(&format!("{name}={value}")));
    }
    let [first, second] = program.arguments();
    let path = unit_word(program.text()?);
    let condition = condition(program)?;
    // Only the broker itself gets SIGTERM: it cancels its runs, with their grace. An invalid configuration
    // (exit code 3) does not improve by starting again.
    Ok(format!(
        "[Unit]\n\
         Description=Background tasks of this user\n\
         Documentation=man:oncue(1)\n\
         {condition}\
         \n\
         [Service]\n\
         Type=exec\n\
         ExecStart={path} {first} {second}\n\
         {variables}\
         KillMode=mixed\n\
         TimeoutStopSec=30\n\
         Restart=on-failure\n\
         RestartPreventExitStatus=2 3\n\
         \n\
         [Install]\n\
         WantedBy=default.target\n\
         Also=oncue.socket\n"
    ))
}

/// Returns the text of `oncue.socket`.
pub(super) fn socket(program: &Program) -> Result<String, ServiceError> {
    let condition = condition(program)?;
    Ok(format!(
        "[Unit]\n\
         Description=Socket of the broker of background tasks\n\
         Documentation=man:oncue(1)\n\
         {condition}\
         \n\
         [Socket]\n\
         ListenStream=%t/oncue/broker.sock\n\
         SocketMode=0600\n\
         DirectoryMode=0700\n\
         \n\
         [Install]\n\
         WantedBy=sockets.target\n"
    ))
}

/// Returns the condition with which a unit is skipped, and does not fail, once its program was removed: its file
/// in the user's home outlives a package.
fn condition(program: &Program) -> Result<String, ServiceError> {
    Ok(format!("ConditionFileIsExecutable={}\n", program.text()?.replace('%', "%%")))
}

/// Returns the text of the autostart entry.
pub(super) fn entry(program: &Program) -> Result<String, ServiceError> {
    let [first, second] = program.arguments();
    let mut command = String::new();
    for (name, value) in program.variables()? {
        let start = if command.is_empty() { "env " } else { "" };
        let _ = write!(command, "{start}{} ", entry_word(&format!("{name}={value}")));
    }
    let path = entry_word(program.text()?);
    Ok(format!(
        "[Desktop Entry]\n\
         Type=Application\n\
         Name=oncue\n\
         Comment=Background tasks of this user\n\
         Exec={command}{path} {first} {second}\n\
         NoDisplay=true\n"
    ))
}

/// Returns the text of the file with which the session bus starts the broker. A bus that belongs to the systemd
/// user manager starts the unit instead, if there is one.
pub(super) fn bus_service(program: &Program, has_unit: bool) -> Result<String, ServiceError> {
    let [first, second] = program.arguments();
    let mut command = String::new();
    for (name, value) in program.variables()? {
        let start = if command.is_empty() { "/usr/bin/env " } else { "" };
        let _ = write!(command, "{start}{} ", quoted(&format!("{name}={value}"), "%"));
    }
    let path = quoted(program.text()?, "%");
    let unit = if has_unit { "SystemdService=oncue.service\n" } else { "" };
    Ok(format!(
        "[D-BUS Service]\n\
         Name={BROKER_INTERFACE}\n\
         Exec={command}{path} {first} {second}\n\
         {unit}"
    ))
}

/// The text of the note that the user does not want the service.
pub(super) const DECLINED: &str = "Written by `oncue service uninstall`: the broker does not make itself start at log-in.\n\
                                   `oncue service install` removes this file.\n";

/// Returns the text of the note that the portal was asked.
pub(super) fn portal_note() -> String {
    "# The Background portal was asked to start the broker at log-in.\n".into()
}

/// Quotes a word as systemd.syntax(7) has it. `$` is not special in the path of a program, and `Environment=`
/// does not expand it.
fn unit_word(word: &str) -> String {
    format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%"))
}

/// Quotes a word of `Exec=` in a desktop entry, where `%` begins a field code.
fn entry_word(word: &str) -> String {
    quoted(word, "%%")
}

/// Quotes a word of `Exec=`: the Desktop Entry Specification, whose rules the service files of a bus share,
/// applies the rules of strings after those of the command.
fn quoted(word: &str, percent: &str) -> String {
    let mut quoted = String::from("\"");
    for character in word.chars() {
        match character {
            '\\' => quoted.push_str("\\\\\\\\"),
            '"' | '`' | '$' => quoted.extend(["\\\\", character.encode_utf8(&mut [0; 4])]),
            '%' => quoted.push_str(percent),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// Returns the words of a command in a unit or an entry, from the program on: the first word that is not `env`
/// or an assignment.
pub(super) fn command(text: &str) -> Vec<String> {
    words(text).into_iter().skip_while(|word| word == "env" || is_assignment(word)).collect()
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
}

/// Splits a command at spaces outside of quotes, and undoes the escapes of both kinds of files.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '"' | '\'' if quote.is_none() => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            _ if quote == Some(character) => quote = None,
            '\\' => {
                while rest.next_if_eq(&'\\').is_some() {}
                let escaped = rest.next_if(|next| matches!(next, '"' | '`' | '$'));
                word.get_or_insert_default().push(escaped.unwrap_or('\\'));
            }
            '%' => {
                rest.next_if_eq(&'%');
                word.get_or_insert_default().push('%');
            }
            space if space.is_whitespace() && quote.is_none() => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    words
}

#[cfg(test)]
mod tests {
    use super::super::program::Role;
    use super::*;

    #[test]
    fn a_program_is_read_back_from_what_is_written() {
        for path in ["/usr/bin/oncue", "/opt/my apps/100%/on\"cue", "/home/a$b`c/oncue"] {
            for role in [Role::Daemon, Role::Embedded] {
                let program = Program::new(path.into(), role);
                let [first, second] = program.arguments();
                let bus = bus_service(&program, true);
                for (text, key) in
                    [(service(&program), "ExecStart="), (entry(&program), "Exec="), (bus, "Exec=")]
                {
                    let text = text.unwrap();
                    let line = text.lines().find_map(|line| line.strip_prefix(key)).unwrap();
                    assert_eq!(command(line), [path, first, second], "{line}");
                }
            }
        }
    }

    #[test]
    fn what_cannot_be_written_on_one_line_is_refused() {
        let program = Program::new("/opt/a\nb".into(), Role::Daemon);
        assert!(matches!(service(&program), Err(ServiceError::Program { .. })));
        assert!(matches!(entry(&program), Err(ServiceError::Program { .. })));
    }

    #[test]
    fn a_command_may_begin_with_variables() {
        assert_eq!(command("env A=1 B=\"2 3\" oncue daemon"), ["oncue", "daemon"]);
        assert!(command("").is_empty());
    }
}
