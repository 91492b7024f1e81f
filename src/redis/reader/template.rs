//! What a record of a table or of JSON becomes: its key, made of its fields, and the type of its value.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A key with places for fields, such as `user:{id}`; `{{` and `}}` stand for braces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Template {
    text: String,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Field(String),
}

impl Template {
    /// The fields that it names.
    pub(super) fn fields(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Field(name) => Some(name.as_str()),
            Part::Literal(_) => None,
        })
    }

    /// The key of a record; else which field is missing, or empty.
    pub(super) fn key<'a>(&self, field: impl Fn(&str) -> Option<&'a [u8]>) -> Result<Vec<u8>, String> {
        let mut key = Vec::new();
        for part in &self.parts {
            match part {
                Part::Literal(text) => key.extend_from_slice(text.as_bytes()),
                Part::Field(name) => match field(name) {
                    Some(value) if !value.is_empty() => key.extend_from_slice(value),
                    Some(_) => {
                        return Err(format!(
                            "the key {self} needs the field \"{name}\", which is empty here"
                        ));
                    }
                    None => {
                        return Err(format!("the key {self} needs the field \"{name}\", which is not here"));
                    }
                },
            }
        }
        Ok(key)
    }
}

impl FromStr for Template {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (mut parts, mut literal) = (Vec::new(), String::new());
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            match c {
                '{' | '}' if rest.peek() == Some(&c) => {
                    rest.next();
                    literal.push(c);
                }
                '{' => {
                    let mut name = String::new();
                    loop {
                        match rest.next() {
                            Some('}') => break,
                            Some(c) => name.push(c),
                            None => {
                                return Err("a { is never closed; a brace of the key is written {{".into());
                            }
                        }
                    }
                    if name.is_empty() {
                        return Err("{} names no field".into());
                    }
                    if !literal.is_empty() {
                        parts.push(Part::Literal(std::mem::take(&mut literal)));
                    }
                    parts.push(Part::Field(name));
                }
                '}' => return Err("a } without its {; a brace of the key is written }}".into()),
                c => literal.push(c),
            }
        }
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        let template = Self { text: text.to_owned(), parts };
        if template.fields().next().is_none() {
            return Err("it names no field, so all records would have the same key; such as user:{id}".into());
        }
        Ok(template)
    }
}

impl TryFrom<String> for Template {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Template> for String {
    fn from(template: Template) -> Self {
        template.text
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The type of the value that a record becomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A hash of its fields
    #[default]
    Hash,
    /// A string: the record as JSON
    String,
}

/// How files are read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// The key of each record of a table or of JSON; none where the files hold commands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Template>,
    /// What each record becomes.
    #[serde(default)]
    pub kind: Kind,
    /// How many wrong lines or records of a file may be left out.
    #[serde(default)]
    pub skip_bad: u64,
}

impl Reading {
    /// Whether files are read as commands, all of which have to be right.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(template: &str, fields: &[(&str, &str)]) -> Result<String, String> {
        let template: Template = template.parse()?;
        let find = |name: &str| fields.iter().find(|(n, _)| *n == name).map(|(_, value)| value.as_bytes());
        template.key(find).map(|key| String::from_utf8(key).unwrap())
    }

    #[test]
    fn a_key_is_made_of_text_and_fields() {
        let fields = [("id", "7"), ("first name", "Zoë"), ("none", "")];
        assert_eq!(key("user:{id}", &fields), Ok("user:7".into()));
        assert_eq!(key("{id}:{first name}{{x}}", &fields), Ok("7:Zoë{x}".into()));
        assert!(key("user:{none}", &fields).unwrap_err().contains("which is empty here"));
        assert!(key("user:{nil}", &fields).unwrap_err().contains("\"nil\", which is not here"));
    }

    #[test]
    fn a_template_that_cannot_be_meant_is_refused() {
        for (text, why) in [
            ("user", "names no field"),
            ("", "names no field"),
            ("a{", "never closed"),
            ("a}b", "without"),
            ("{}", "names no field"),
        ] {
            assert!(text.parse::<Template>().unwrap_err().contains(why), "{text}");
        }
    }
}
