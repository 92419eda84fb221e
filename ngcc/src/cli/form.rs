//! The flags that describe a form.

use std::path::PathBuf;

use clap::Args;
use ngcc_proto::config::{Field, Form, Object, ObjectKind};
use serde::Deserialize;

use super::object::Describe;

/// `form`.
#[derive(Args, Debug)]
pub(crate) struct FormArgs {
    /// The form as a file (YAML): its label and its fields.
    #[arg(long)]
    file: Option<PathBuf>,
}

/// A form's file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FormFile {
    #[serde(default)]
    label: String,
    fields: Vec<Field>,
}

impl Describe for FormArgs {
    const KIND: ObjectKind = ObjectKind::Form;

    fn fresh(&self, name: &str) -> Result<Object, String> {
        self.file.as_ref().ok_or("--file names the form's file (YAML)")?;
        Ok(Object::Form(Form { name: name.to_owned(), label: String::new(), fields: vec![] }))
    }

    fn apply(self, object: &mut Object) -> Result<(), String> {
        let (Object::Form(form), Some(file)) = (object, self.file) else { return Ok(()) };
        let text = std::fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
        let read: FormFile = serde_saphyr::from_str(&text).map_err(|e| format!("{}: {e}", file.display()))?;
        (form.label, form.fields) = (read.label, read.fields);
        Ok(())
    }
}
